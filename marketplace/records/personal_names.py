"""Finds the names of persons where a text says that one follows: behind a label, before a title or a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from marketplace.records.personal_numbers import Span

_COMPOUND = (
    "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|东方|東方|皇甫|尉迟|公孙|公孫|令狐|慕容|司徒|夏侯|端木|南宫|长孙|宇文|轩辕"
)
_SURNAMES = (
    "赵趙钱錢孙孫李周吴吳郑鄭王冯馮陈陳褚卫衛蒋蔣沈韩韓杨楊朱秦许許何吕呂施张張孔曹严嚴华華金魏陶姜戚谢謝邹鄒喻柏窦竇章苏蘇潘葛"
    "范彭鲁魯韦韋马馬苗凤鳳方俞任袁柳鲍鮑史唐费費廉岑薛雷贺賀倪汤湯滕殷罗羅毕畢郝邬鄔安常乐樂于傅皮卞齐齊康伍余元顾顧孟黄黃穆萧蕭"
    "尹姚邵湛汪祁毛禹狄米贝貝臧计計伏成戴谈談宋茅庞龐熊纪紀舒屈项項祝董梁杜阮蓝藍闵閔席季贾賈路娄婁江童颜顏郭梅盛林刁钟鐘鍾徐邱骆駱"
    "高夏蔡田樊胡凌霍虞万萬支柯管卢盧莫房解应應宗丁宣邓鄧单單杭洪包诸石崔吉龚龔程邢裴陆陸荣榮翁荀甄曲封芮储靳段富巫乌焦牧谷车車侯"
    "宓全班仰秋仲伊宫宮宁寧仇栾甘厉厲祖武符刘劉景詹龙龍叶葉司韶黎薄白怀蒲鄂索赖賴卓蔺屠蒙池乔喬双闻聞莘党翟谭譚贡劳姬"
    "申冉桑桂牛寿边扈燕冀尚农温溫庄莊晏柴瞿阎閻连習习艾鱼容向古易慎戈廖庾衡步耿满滿匡寇广欧殴沃利蔚越隆师巩厍聂聶"
    "晁敖冷辛那简饶饒曾沙鞠丰关關蒯查荆游竺权涂塗闫肖代付岳邸佘文尤左兰覃靳佟缪郁裘谌鄢粟邝苑檀辜芦苟仝茹戎冼"
)
# What follows a title in (?!…) makes it a longer word: 主任务, 处长期, 主管部门, 总部.
_TITLE = (
    r"(?:副?[总總]?工程[师師]|副?[总總][经經]理|董事[长長]|副?主任(?!务)|[经經]理(?!论)|主管(?!部门|单位|机关|[区局])"
    r"|副?[处處科局部所院站队校会會][长長](?![期遠远效城江沙度短时])|秘[书書][长長]|[副总總]?[书書][记記](?!录)|[总總][监監]"
    r"|[专專][员員]|秘[书書]|助理|老[师師]|教授(?!课)|研究[员員]|院士|博士|律[师師]|[医醫]生|先生(?![产态活])|女士|小姐|同志"
    r"|[总總]工(?!会)|工(?![业程作厂会商信人地具委车艺种序区段期友行])|[总總](?![部局站体量工公书監监计数控结包面会之共的]))"
)
_HAN = r"[\u4e00-\u9fff]"
_SURNAME = rf"(?:{_COMPOUND}|[{_SURNAMES}])"
_KNOWN = rf"(?:(?:{_COMPOUND}){_HAN}{{1,2}}|[{_SURNAMES}]{_HAN}{{1,2}})"
_SHORTEST = rf"(?P<name>{_SURNAME}{_HAN}{{0,2}}?)"
_ANY_NAME = re.compile(rf"{_HAN}{{2,4}}|{_HAN}{{1,6}}·{_HAN}{{1,8}}")
_KNOWN_NAME = re.compile(_KNOWN)
_A_TITLE = re.compile(_TITLE)
_LAST_TITLES = re.compile(rf"(?:{_TITLE})+$")
_CALLED = re.compile(rf"[{_SURNAMES}][处處科局队隊所部院总總工董]")
# Words that begin like a surname: 施工主管, 车间主任, 班主任, 管理员.
_WORDS = re.compile(
    "安[全排装监保检置防徽卓心庆陆定慰]|白[天名色血]|班[主組组长長次]|毕业|边[检防]|包[括装含保干村联户工总围]|蔡甸|查[看询处验实勘找收]|柴油|常[务務用见态規规州年驻设住委德常言有]"
    "|车[间間辆主队企管务站号路载型程流上行]|陈[述列]|成[立果都本功员品绩效熟长交为分就问]|程[序度控]|池州|代[表理办课维建码为管]|党[委组员支政工群校总建中内代外]|段[长落]"
    "|范[围本例]|方[案便式面向法言位舱程圆针]|房[产东屋管间源子中地县]|费[用率]|樊城|付[款费出]|甘肃|高[新校级速度中等温危频层架空铁压端效质标位分清职管企血考德于性纬原低山]|葛店"
    "|古[镇城建籍树筝典代墓迹]|谷城|顾[客问]|巩固|贡献|关[于键注系联怀节爱工口闭心]|管[理委控道家护网廊线制床养片]|广[东州播告电场西大工泛角联]|韩国|杭州|何[时处种人为以必况不]"
    "|洪[山水涝湖]|华[为科师农东中南北夏容侨]|怀[疑里着孕]|黄[石冈陂牛州河浦梅色]|霍山|季[节度]|计[划算量价时数生分]|纪[委检念律要监录]|简[单要称易直介历]"
    "|江[夏汉西苏岸城北南大陵]|焦[化点急]|金[融属银额蝶山钱牌税]|荆[州门江]|景[区观点象]|康[复养]|孔[板隙]|劳[动务工]|乐[队器园]|雷[达电锋州]|冷[链库却静空]|利[用率川]"
    "|连[续锁片接带夜连忙同]|梁[场柱板子]|林[业区场长地草]|凌晨|柳州|龙头|鲁班|陆[续上地]|罗[马田列]|路[长口边线况面灯段网政桥基演队上]|马[上路拉达力鞍铃耳]|满[足意]"
    "|毛[坯利病]|梅州|蒙古|苗[木圃]|穆斯|那[么个些里样时位边儿天种]|牧[民场业]|宁[波夏大]|牛[肉奶场]|农[业村户民场机技资委田药]|欧[盟洲元]|皮肤|祁连|钱包|乔木|秦淮"
    "|全[部局体国市省区县科程员队年]|权[限利益属威]|任[务何意职命期免课选教]|沙[盘漠洋市]|尚[未无有且]|邵阳|韶关|沈阳|申[请报领诉]|师[范资生傅]|施[工救肥药行策用展]"
    "|石[化油材大家首膏]|史[料志学]|司[法机库令长]|苏[州宁大联格丹]|舒[适服城]|索[道赔引]|谈[判话心到论不]|唐[代山]|陶[瓷艺器]|田[间地块径]|滕州"
    "|万[元名人家户吨亩件条台個个科达美一公多千里余分]|温[度州室控差馨暖和]|巫山|武[汉昌警装大理术器当夷陵]|吴中|席位|习[惯近]|夏[季天令]|向[其我您你各上前外社企本该来下着往日导]|萧山"
    "|项[目链]|邢台|許可|许[多可]|徐州|宣[传講讲恩布告]|严[格重禁密肃峻]|叶片|伊朗|易[于用发]|应[急当當该用具及为届答付邀城]|游[客戏泳]|于[是会每次当本各收接此该周月年节办]"
    "|余[杭热量额款下万种]|元[件素旦年]|岳阳|越[来发是南]|曾经|湛江|张[贴家掖]|章程|郑[州大]|支[付持部撑队行局]|钟[祥点]|周[边期末围一二三四五六日年刊]|卓越|宗[旨教]|祖国"
    "|卫[生健星校]|双[方向创]|储[备能运]|封[闭控]|解[决答释除读放开剖]|单[位个独方元]|薄弱|步[骤兵]|诸多|文[化件旅明本字物体创案教书档职]|尤[其为]|左[右侧岸边]|兰州"
)
# A person may be called 方向东 but hardly 方向员.
_ROLES = frozenset("员員师人方商部科办處处室组岗站工长長主者队会委户")
# Without a label before them these are words, and what ends so is none of a person.
_RARE = frozenset("代全单双管计項项应應支满利权索符储封农容师游边")
_NO_LAST = frozenset("人员員商者户厂店馆社端网岗点会會湾村乡街坝们等大")
_OFFICE = re.compile(
    r"(?:[科处處室办辦局厅廳委站所队隊院组組部司区區县縣镇鎮市省路园園楼樓号號]|中心|公司|集团|单位|平台|专班|窗口|热线|前台|大道|街道|人员|科技|协会|学院|大学|医院|银行|企业|政府|联盟|商会|物业)$"
    r"|^(?:[联聯][系繫絡络]|对接|经办|负责|电话|手机|邮箱|详见|见附|见公|另行|同上|待定|暂无|不详|无|略|保密|招商|客服|值班|综合|统一|公示|同手机|如下)"
    r"|^(?:方式|地址|时间|职务|姓名|名称|武汉|黄石|黄冈|江夏|安徽|江苏|江西|常州|温州|广州|成都|有限|高新|高级|工作|上午|下午|周[一二三四五六日]|请)"
)
# The next label may follow a name without a break: 张三电话138….
_NEXT_LABEL = re.compile(r"(?<=..)(?:[电電][话話]|手[机機]|[联聯][系繫絡络]|邮箱|郵箱|座机|办公|微信|职务|[和及与])")
_LABEL = (
    r"(?:(?:[联聯][系繫絡络]|[对對]接|[经經][办辦]|承[办辦])(?:人?[人员員]|老[师師]|同志)|(?:跟进|接口)人)(?:姓名)?"
)
_OTHER_LABEL = (
    r"(?:负责人|負責人|责任人|牵头人|填[报表]人|报送人|申报人|审核人|姓名|法定代表人|法人代表|法人|收件人|咨询人|负责同志"
    r"|项目经理|技术经理人?)"
)
_LINK = r"\s*(?:[(\[【|\-]|[是为為])"
_LABELLED = re.compile(
    rf"(?:{_LABEL}(?:(?P<colon>\s*:)|(?P<link>{_LINK}))?|{_OTHER_LABEL}(?P<other>\s*:|{_LINK}))(?P<space>\s{{0,3}})"
)
_OFFICE_END = r"(?:[科处處室局办辦部委站所队隊院镇鎮]|中心|公司|集团|集團|单位|單位|街道)"
_BEHIND_OFFICE = re.compile(rf"(?:{_OFFICE_END}|{_TITLE})(?P<name>{_KNOWN})(?:{_TITLE})?$")
_RUN_ON = re.compile(
    rf"{_SHORTEST}(?:(?P<title>{_TITLE})|(?=负责|处理|[对對]接|[联聯][系繫]|洽谈|咨询|办理|报名|沟通))"
)
_VERB = r"(?:[联聯][系繫絡络]|(?<![查寻尋])找|咨询|諮詢|致[电電]|拜访|洽|[对對]接|[请請][与與和向跟])"
_NUMBER_AHEAD = (
    r"(?=\s?[,(:]?\s?(?:的?(?:办公|[联聯][系繫])?(?:手[机機]|[电電][话話]|座机|微信|邮箱)|qq|(?:\+?86[ \-]?)?1[3-9]\d"
    r"|0\d{2,3}[ \-]?\d{4}|[2-8]\d{6,7}(?!\d)))"
)
_ASKED = re.compile(
    rf"{_VERB}\s?:?\s?(?P<office>{_HAN}{{1,14}}?{_OFFICE_END})??{_SHORTEST}(?:(?P<title>{_TITLE})|{_NUMBER_AHEAD})",
    re.IGNORECASE,
)
_ASKED_PLAINLY = re.compile(
    rf"(?:(?:[请請可]|直接|及时|尽快)(?:[联聯][系繫絡络]|找|咨询|致[电電])|[对對]接:)\s?"
    rf"(?P<name>(?:{_COMPOUND}){_HAN}{{1,2}}|[{_SURNAMES}]{_HAN}{{2}})(?=[,;.。!)、\s]|$)"
    rf"|(?:[联聯][系繫絡络]|咨询|[经經][办辦]):\s?(?P<short>{_KNOWN})(?=[,;.。!)、\s]|$)"
    rf"|[请請][与與和跟](?P<other>{_SURNAME}{_HAN}{{1,2}}?)(?=直接?[联聯][系繫]|[联聯][系繫]|沟通|接洽)"
)
_BESIDE = re.compile(rf"(?:[与與和跟]|由(?!于)|经(?![济验营常过费理由])){_SHORTEST}(?P<title>{_TITLE})")
# One character and one of these may be any word: 和高工, 由于工程师….
_LOOSE_TITLE = re.compile(r"副?[总總]?工程[师師]|[总總]工|主管|助理|[专專][员員]|秘[书書]|同志|.")
# What a star follows was masked before.
CHUNK = re.compile(rf"(?:{_HAN}|·){{1,16}}+(?!\*)")
_AND = re.compile(r"(?:\([^()\n]{0,12}\))?\s?(?:(?P<list>[和及与]?[、/]|[和及与])|[,;])\s?")
_APART = re.compile(r"[ \-/·,、]{1,2}")
_BEFORE_NUMBER = re.compile(
    rf"(?<!{_HAN})(?P<chunk>{_HAN}{{2,12}})(?:\([^()\n]{{0,12}}\))?[\s:,、/\-(]{{0,4}}(?:\+?86[\s\-]?)?$"
)
_MASKED_MOBILE = re.compile(r"1[3-9]\d\*{4}\d{4}")
LABEL_WORDS = re.compile(
    rf"{_LABEL}|{_OTHER_LABEL}|(?:手机|手機|移动|办公|联系|聯繫|咨询|固定|单位|值班)?(?:电话|電話)|手机号?码?|手機|座机|固话|传真"
    r"|(?:电子)?(?:邮箱|邮件|郵箱)|联系方式|微信(?:同号)?|热线|总机|(?<![A-Za-z])(?:e-?mail|tel|mobile|phone|fax)(?![A-Za-z])|\+?86(?=\D|$)",
    re.IGNORECASE,
)


class _Hits:
    """A pattern whose matches all begin with one of a few characters: it is tried only where one stands."""

    def __init__(self, first: str, pattern: re.Pattern[str]) -> None:
        self._first, self._pattern = re.compile(f"[{first}]"), pattern

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Yield what the pattern's own ``finditer`` would."""
        at = 0
        while start := self._first.search(text, at):
            hit = self._pattern.match(text, start.start())
            if hit:
                yield hit
            at = hit.end() if hit else start.end()


_LABELS = _Hits("联聯对對经經承跟接负負责責牵填报申审姓法收咨项技", _LABELLED)
_ASKINGS = _Hits("联聯找咨諮致拜洽对對请請", _ASKED)
_PLAIN_ASKINGS = _Hits("请請可直及尽对對联聯咨经經", _ASKED_PLAINLY)
_ESCORTS = _Hits("与與和跟由经", _BESIDE)


def find_names(narrow: str, numbers: Iterable[int]) -> Iterator[Span]:
    """Yield the places of names, in no order; ``numbers`` are the places where mobiles and accounts begin."""
    for hit in _LABELS.finditer(narrow):
        sure = bool(hit["colon"] or hit["link"] or hit["other"] or hit["space"])
        yield from _listed_names(narrow, hit.end(), any_name=bool(hit["colon"]), sure=sure)
    yield from _asked_names(narrow)
    for start in [*numbers, *(hit.start() for hit in _MASKED_MOBILE.finditer(narrow))]:
        if before := _BEFORE_NUMBER.search(narrow, max(0, start - 40), start):
            word = re.search(rf"{_HAN}+", LABEL_WORDS.sub(blank, before["chunk"]))
            if word and (place := name_place(word.group(), any_name=False)):
                at = before.start("chunk") + word.start()
                yield at + place[0], at + place[1]


def blank(hit: re.Match[str]) -> str:
    """Return line ends in the place of a match: nothing reaches across them, and all places stay."""
    return "\n" * len(hit.group())


def _asked_names(narrow: str) -> Iterator[Span]:
    """Names in a sentence: 请联系水务局王建国主任, 由李伟经理负责."""
    for hit in _ASKINGS.finditer(narrow):
        single = len(hit["name"]) == 1
        # 医院方工程师 is the hospital's, not Mr Fang.
        if _is_name(hit["name"], narrow, hit.start("name")) and not (
            single and (hit["title"] is None or (hit["office"] and hit["name"] == "方"))
        ):
            yield hit.start("name"), hit.end("title" if single else "name")
    for hit in _PLAIN_ASKINGS.finditer(narrow):
        group = hit.lastgroup or ""
        if _is_name(hit[group], narrow, hit.start(group)):
            yield hit.span(group)
    for hit in _ESCORTS.finditer(narrow):
        single = len(hit["name"]) == 1
        loose = len(hit["title"]) == 1 or (single and _LOOSE_TITLE.fullmatch(hit["title"]))
        if not loose and _is_name(hit["name"], narrow, hit.start("name")):
            yield hit.start("name"), hit.end("title" if single else "name")


def _is_name(name: str, text: str, at: int) -> bool:
    """Whether what stands at ``at`` in a sentence can be a name and begins no word known to be none."""
    if name[0] in _RARE or _WORDS.match(text, at):
        return False
    return len(name) == 1 or not (name[-1] in _NO_LAST or _OFFICE.search(name))


def _is_word(name: str, chunk: str) -> bool:
    """Whether a name behind a label is a word known to be none; there a longer one may begin like a word."""
    return bool(_WORDS.match(chunk)) and (len(name) < 3 or name[-1] in _ROLES)


def _listed_names(narrow: str, at: int, *, any_name: bool, sure: bool) -> Iterator[Span]:
    """The names from ``at`` on: 张三、李四（主任）、王工, or 信息科 王建国."""
    office = False
    while chunk := CHUNK.match(narrow, at):
        place = name_place(chunk.group(), any_name=any_name, sure=sure)
        if place is None:
            apart = _APART.match(narrow, chunk.end())
            if office or not sure or apart is None or not _OFFICE.search(chunk.group()):
                return
            at, any_name, sure, office = apart.end(), False, False, True
            continue
        yield at + place[0], at + place[1]
        end = at + place[1]
        title = _A_TITLE.match(narrow, end)
        link = _AND.match(narrow, title.end() if title else end)
        if link is None:
            return
        at, any_name = link.end(), any_name and bool(link["list"])


def name_place(chunk: str, *, any_name: bool, sure: bool = True) -> Span | None:
    """Return where in a run of Chinese characters a person's name stands, None when it holds none.

    ``any_name`` accepts names whose surname is not among the known ones; ``sure`` means that something
    beside the name says that one follows: a colon, a space, a number.
    """
    if cut := _NEXT_LABEL.search(chunk):
        chunk = chunk[: cut.start()]
    name = _LAST_TITLES.sub("", chunk)
    if _CALLED.fullmatch(chunk) or (len(name) == 1 and name != chunk and re.match(_SURNAME, name)):
        # 王工: without the title no name would be left.
        return None if _WORDS.match(chunk) else (0, len(chunk))
    if _OFFICE.search(chunk) or _OFFICE.search(name):
        return None
    if (_ANY_NAME if any_name else _KNOWN_NAME).fullmatch(name):
        good = not _is_word(name, chunk) if sure else _is_name(name, chunk, 0)
        return (0, len(name)) if good else None
    return _name_inside(chunk, sure=sure)


def _name_inside(chunk: str, *, sure: bool) -> Span | None:
    """The place of a name that runs on (王建国负责对接) or stands behind its office (信息科王建国)."""
    on = _RUN_ON.match(chunk)
    if on and _is_name(on["name"], chunk, 0) and (on["title"] or len(on["name"]) > 1):
        return 0, on.end("name" if len(on["name"]) > 1 else "title")
    behind = _BEHIND_OFFICE.search(chunk) if sure else None
    if behind and _is_name(behind["name"], chunk, behind.start("name")):
        return behind.span("name")
    return None
