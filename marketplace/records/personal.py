"""Finds and masks personal data in texts, and takes a 联系方式 cell apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from marketplace.records.values import BLANK, Cell, UnreadableError, as_text, half_width, quoted

Kind = Literal["mobile", "email", "identity", "person"]

# What may stand inside a number written in groups, line ends excepted.
_GAP = r"[ \-.·\u200b-\u200f\u2060\ufeff]{0,3}"
_MOBILE = re.compile(
    # Not the tail of a model number (SN138…), of a longer run, of a decimal or of a sum of money.
    r"(?:(?<![0-9A-Za-z¥$])|(?<=tel)|(?<=Tel)|(?<=TEL)|(?<=phone)|(?<=(?<![0-9A-Za-z])86)|(?<=0086))"
    r"(?<![A-Za-z][-_#])(?<!0\.)(?<!\d\d\.)"
    rf"1[3-9]\d(?:{_GAP}\d{{4}}{_GAP}\d{{4}}|{_GAP}\d{{3}}{_GAP}\d{{5}}"
    rf"|(?:[ \-]\d\d){{4}}|\d{_GAP}\d{{4}}{_GAP}\d{{3}})"
    r"(?![0-9A-Za-z]|\.\d|-[A-Za-z]|\s*(?:元|亿|万元|吨|千瓦|平方米|立方米|米|次|套|台(?![州湾])|%))"
)
_EMAIL = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._%+\-]{0,63} ?@ ?[A-Za-z0-9\-]{1,63}(?:[.。][A-Za-z0-9\-]{1,63}){0,6}[.。][A-Za-z]{2,24}"
)
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{5})[ \-]?(\d{8})[ \-]?(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_WEIGHTS, _CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"

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
    "晁敖冷辛那简饶饒曾沙鞠丰关關蒯查荆游竺权涂塗闫肖代付岳邸佘"
)
_TITLE = (
    r"(?:总工程师|副?总经理|董事长|副?主任|副?[处處科局部所院站队][长長]|副?书记|工程师|[经經]理|主管|专员|秘书|助理|老师|教授|博士"
    r"|先生|女士|小姐|同志|总工|工(?![业程作厂会商信人地具])|[总總](?![部局站体量工公]))"
)
_HAN = r"[\u4e00-\u9fff]"
_TITLED = re.compile(rf"(?P<name>(?:{_COMPOUND}|[{_SURNAMES}]){_HAN}{{0,2}}?)(?P<title>{_TITLE})")
_KNOWN_NAME = re.compile(rf"(?:{_COMPOUND}){_HAN}{{1,2}}|[{_SURNAMES}]{_HAN}{{1,2}}")
_ANY_NAME = re.compile(rf"{_HAN}{{2,4}}|{_HAN}{{1,6}}·{_HAN}{{1,8}}")
_LAST_TITLE = re.compile(rf"{_TITLE}$")
_CALLED = re.compile(rf"[{_SURNAMES}][处處科局队隊所部院总總工董]")
_OFFICE = re.compile(
    r"(?:[科处處室办辦局厅廳委站所队隊院组組部司区區县縣镇鎮市省路园園楼樓号號]|中心|公司|集团|单位|平台|专班|窗口|热线|前台|大道|街道|人员|科技|协会|学院|大学|医院|银行|企业|政府|联盟|商会|物业)$"
    r"|^(?:[联聯][系繫絡络]|对接|经办|负责|电话|手机|邮箱|详见|见附|见公|另行|同上|待定|暂无|不详|无|略|保密|招商|客服|值班|综合|统一|公示|同手机|如下)"
    r"|^(?:方式|地址|时间|职务|姓名|名称|武汉|黄石|黄冈|江夏|安徽|江苏|江西|常州|温州|广州|成都|有限|高新|高级|工作|上午|下午|周[一二三四五六日]|请)"
)
# The next label may follow a name without a break: 张三电话138….
_NEXT_LABEL = re.compile(r"(?<=..)(?:[电電][话話]|手[机機]|[联聯][系繫絡络]|邮箱|郵箱|座机|办公|微信|职务|[和及与])")
_LABEL = r"(?:[联聯][系繫絡络][人员員]|对接人|對接人|经办人|經辦人|跟进人)(?:姓名)?"
_OTHER_LABEL = r"(?:负责人|負責人|姓名|法定代表人|法人代表|法人|收件人|咨询人|技术经理人?)"
_LABELLED = re.compile(rf"(?:{_LABEL}(?P<colon>\s*:)?|{_OTHER_LABEL}\s*:)\s{{0,3}}")
_ASKED = re.compile(r"(?:请找|請找|请联系|請聯繫|请与|请咨询|可联系|洽)\s?")
_CHUNK = re.compile(rf"(?:{_HAN}|·){{1,16}}")
_AND = re.compile(r"(?:\([^()\n]{0,12}\))?\s?(?:(?P<list>[、/和及与])|[,;])\s?")
_BEFORE_MOBILE = re.compile(
    rf"(?<!{_HAN})(?P<chunk>{_HAN}{{2,12}})(?:\([^()\n]{{0,12}}\))?[\s:,、/\-(]{{0,4}}(?:\+?86[\s\-]?)?$"
)
# A chat account is neither a landline nor public; it stays with the rest.
_ACCOUNT = re.compile(r"(?:qq|微信)号?[\s:]{0,3}\d{5,12}", re.IGNORECASE)
_MASKED_MOBILE = re.compile(r"1[3-9]\d\*{4}\d{4}")
_LABEL_WORDS = re.compile(
    rf"{_LABEL}|{_OTHER_LABEL}|(?:手机|手機|移动|办公|联系|聯繫|咨询|固定|单位|值班)?(?:电话|電話)|手机号?码?|手機|座机|固话|传真"
    r"|(?:电子)?(?:邮箱|邮件|郵箱)|联系方式|微信(?:同号)?|热线|总机|(?<![A-Za-z])(?:e-?mail|tel|mobile|phone|fax)(?![A-Za-z])|\+?86(?=\D|$)",
    re.IGNORECASE,
)
_AREA = r"0(?:10|2\d|[3-9]\d{2})"
_NUMBER = r"\d{3,4}[ \-]?\d{4}"
_EXTENSION = r"(?: ?(?:[转轉\-#]|ext\.?|分机) ?(?P<extension>\d{1,6}))?(?!\d)"
_PHONE = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?:(?:\+|00)86[ \-]?)?\(?(?P<area>{_AREA})\)?[ \-]{{0,3}}(?P<number>{_NUMBER}){_EXTENSION}"
    rf"|(?:\+|00)86[ \-]?(?P<bare_area>10|2\d|[3-9]\d{{2}})[ \-]?(?P<bare_number>{_NUMBER})(?!\d)"
    r"|(?P<toll>[48]00(?:[ \-]?\d){7})(?!\d)|(?P<hotline>1[012]\d{3}|9[56]\d{3,4})(?![\d\-])"
    rf"|(?P<local>[1-9]\d{{6,7}})(?![\d\-]))"
)


@dataclass(frozen=True, slots=True)
class Personal:
    """One piece of personal data in a text: its kind, its place and its words."""

    kind: Kind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class ContactParts:
    """A 联系方式 cell taken apart; several of a kind are joined by 、, what is none of them is ``rest``."""

    office_phone: str
    person: str
    mobile: str
    email: str
    rest: str


def find_personal(text: str) -> tuple[Personal, ...]:
    """Return the mobiles, e-mails, identity numbers and named contacts in ``text``, in order, not overlapping.

    Names are found only where the text itself says that a contact follows, or right before a mobile.
    """
    narrow = _narrow(text)
    mobiles = [(hit.start(), hit.end()) for hit in _MOBILE.finditer(narrow)]
    found: list[tuple[int, int, int, Kind]] = [
        (hit.start(), 0, hit.end(), "identity") for hit in _IDENTITY.finditer(narrow) if _is_identity(hit)
    ]
    found += [(hit.start(), 1, hit.end(), "email") for hit in _EMAIL.finditer(narrow)]
    found += [(start, 2, end, "mobile") for start, end in mobiles]
    found += [(start, 3, end, "person") for start, end in _persons(narrow, [start for start, _ in mobiles])]
    kept: list[Personal] = []
    for start, _, end, kind in sorted(found):
        if not kept or start >= kept[-1].end:
            kept.append(Personal(kind, start, end, text[start:end]))
    return tuple(kept)


def _narrow(text: str) -> str:
    """``text`` with every sign at its place: half-width, plain dashes and spaces, figures as 0–9."""
    if text.isascii():
        return text
    return half_width(text).translate(_NARROW)


class _Narrow(dict[int, int]):
    """What each sign is read as, looked up once in the character tables."""

    def __missing__(self, code: int) -> int:
        char, read = chr(code), code
        category = unicodedata.category(char)
        if category == "Nd":
            read = ord("0") + unicodedata.digit(char)
        elif category == "Zs":
            read = ord(" ")
        elif category == "Pd" or char == "−":
            read = ord("-")
        elif char == "￥":
            read = ord("¥")
        self[code] = read
        return read


_NARROW = _Narrow()


def _is_identity(hit: re.Match[str]) -> bool:
    """Whether region, birth date and check figure can be those of an identity number."""
    number = (hit[1] + hit[2] + hit[3]).upper()
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return 1900 <= born.year < 2100 and _CHECKS[total % 11] == number[17]


def _persons(narrow: str, mobiles: list[int]) -> Iterator[tuple[int, int]]:
    """Places of names: behind a label, behind 请找 with a title, before a mobile."""
    for hit in _LABELLED.finditer(narrow):
        yield from _listed_names(narrow, hit.end(), any_name=bool(hit["colon"]))
    for hit in _ASKED.finditer(narrow):
        if titled := _TITLED.match(narrow, hit.end()):
            yield titled.start(), titled.end("name" if len(titled["name"]) > 1 else "title")
    for start in [*mobiles, *(hit.start() for hit in _MASKED_MOBILE.finditer(narrow))]:
        if before := _BEFORE_MOBILE.search(narrow, max(0, start - 40), start):
            word = re.search(rf"{_HAN}+", _LABEL_WORDS.sub(_blank, before["chunk"]))
            if word and (length := _name_length(word.group(), any_name=False)):
                at = before.start("chunk") + word.start()
                yield at, at + length


def _listed_names(narrow: str, at: int, *, any_name: bool) -> Iterator[tuple[int, int]]:
    """The names from ``at`` on: 张三、李四（主任）、王工."""
    while chunk := _CHUNK.match(narrow, at):
        length = _name_length(chunk.group(), any_name=any_name)
        if not length:
            return
        yield at, at + length
        title = re.compile(_TITLE).match(narrow, at + length)
        link = _AND.match(narrow, title.end() if title else at + length)
        if link is None:
            return
        at, any_name = link.end(), any_name and bool(link["list"])


def _name_length(chunk: str, *, any_name: bool) -> int:
    """How much of a run of Chinese characters is a person's name, 0 when it is none.

    ``any_name`` accepts names whose surname is not among the known ones.
    """
    if cut := _NEXT_LABEL.search(chunk):
        chunk = chunk[: cut.start()]
    if _CALLED.fullmatch(chunk):
        return len(chunk)
    if _OFFICE.search(chunk):
        return 0
    titled = _TITLED.fullmatch(chunk)
    if titled and len(titled["name"]) == 1:  # 王工: without the title no name would be left
        return len(chunk)
    name = _LAST_TITLE.sub("", chunk)
    if _OFFICE.search(name):
        return 0
    return len(name) if (_ANY_NAME if any_name else _KNOWN_NAME).fullmatch(name) else 0


def mask_personal(text: str) -> str:
    """Return ``text`` with every find covered (138****8000, l***@example.cn, 张**); unchanged without finds."""
    while found := find_personal(text):
        parts, at = [], 0
        for one in found:
            parts += [text[at : one.start], _masked(one)]
            at = one.end
        text = "".join(parts) + text[at:]
    return text


def _masked(one: Personal) -> str:
    narrow = _narrow(one.text)
    match one.kind:
        case "mobile":
            digits = re.sub(r"\D", "", narrow)
            return f"{digits[:3]}****{digits[-4:]}"
        case "email":
            return f"{narrow[0]}***@{narrow.rpartition('@')[2].strip()}"
        case "identity":
            return f"{narrow[:2]}{'*' * 14}{narrow[-2:]}"
        case _:
            return f"{one.text[0]}**"


def read_contact(value: Cell) -> ContactParts:
    """Return the parts of a cell such as 张三 13800000000 / 027-87654321 z@example.cn; raises nothing.

    ``office_phone`` holds a number without area code as written; mobiles come as eleven figures.
    """
    text = as_text(value)
    if text in BLANK:
        return ContactParts("", "", "", "", "")
    narrow, finds = _narrow(text), find_personal(text)
    parts: dict[str, list[str]] = {"mobile": [], "email": []}
    persons = [(one.start, one.text) for one in finds if one.kind == "person"]
    for one in finds:
        if one.kind == "mobile":
            parts["mobile"].append(re.sub(r"\D", "", narrow[one.start : one.end]))
        elif one.kind == "email":
            parts["email"].append(narrow[one.start : one.end].replace(" ", "").replace("。", "."))
        if one.kind != "identity":
            narrow = narrow[: one.start] + "\n" * (one.end - one.start) + narrow[one.end :]
    rest = [hit.group() for hit in _ACCOUNT.finditer(narrow)]
    narrow = _ACCOUNT.sub(_blank, narrow)
    parts["phone"] = [_written_phone(hit) for hit in _PHONE.finditer(narrow)]
    narrow = _LABEL_WORDS.sub(_blank, _PHONE.sub(_blank, narrow))
    for word in re.finditer(r"[^\s/、,;|():]+", narrow):
        length = _bare_name(word.group(), any_name=bool(parts["mobile"]))
        if length:
            persons.append((word.start(), word.group()[:length]))
        if left := word.group()[length:].strip("-+.。"):
            rest.append(left)
    parts["person"] = [name for _, name in sorted(persons)]
    joined = {name: "、".join(dict.fromkeys(found)) for name, found in parts.items()}
    return ContactParts(joined["phone"], joined["person"], joined["mobile"], joined["email"], " ".join(rest))


def _blank(hit: re.Match[str]) -> str:
    return "\n" * len(hit.group())


def _bare_name(word: str, *, any_name: bool) -> int:
    """How much of a word standing alone in a contact cell is a name; beside a mobile also a rare one."""
    if not _CHUNK.fullmatch(word):
        return 0
    return _name_length(word, any_name=any_name and len(word) < 4)


def _written_phone(hit: re.Match[str]) -> str:
    if hit["toll"]:
        digits = re.sub(r"\D", "", hit["toll"])
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    if short := hit["hotline"] or hit["local"]:
        return short
    area, number = hit["area"] or f"0{hit['bare_area']}", hit["number"] or hit["bare_number"]
    extension = f"转{hit['extension']}" if hit["extension"] else ""
    return f"{area}-{re.sub(r'[ -]', '', number)}{extension}"


def read_office_phone(value: Cell) -> str:
    """Return the landlines and hotlines of a cell as 027-87654321, several joined by 、, empty for a blank one.

    Raises UnreadableError for a mobile, for a number without area code and for anything else.
    """
    text = as_text(value)
    narrow = _narrow(text)
    if narrow in BLANK:
        return ""
    if any(one.kind == "mobile" for one in find_personal(text)):
        raise UnreadableError(f"{_covered(text)}是手机号，不能作为公开电话；应写固定电话", "填入受保护的联系方式")
    if re.fullmatch(r"1\d{2}", narrow):
        return narrow
    hits = list(_PHONE.finditer(narrow))
    left = re.sub(r"[\s/、,;|():。或和]+", "", _LABEL_WORDS.sub("", _PHONE.sub("", narrow)))
    if not hits or left:
        # A workbook drops the leading zero of 027… when it takes it for a number.
        lost = _PHONE.fullmatch(f"0{narrow}") if narrow.isdigit() else None
        known = [hit for hit in ([lost] if lost else hits) if not hit["local"]]
        suggestion = "、".join(map(_written_phone, known)) or None
        raise UnreadableError(f"{_covered(text)}不是固定电话；应写成 027-87654321 的样子", suggestion)
    if any(hit["local"] for hit in hits):
        area = next((hit["area"] for hit in hits if hit["area"]), None)
        full = [f"{area}-{hit['local']}" if hit["local"] else _written_phone(hit) for hit in hits]
        suggestion = "、".join(full) if area else None
        raise UnreadableError(f"{quoted(text)}没有区号；应写成 027-87654321 的样子", suggestion)
    return "、".join(dict.fromkeys(_written_phone(hit) for hit in hits))


def _covered(text: str) -> str:
    """What was found, for a sentence that may be logged: also bare names are covered."""
    for name in filter(None, read_contact(text).person.split("、")):
        text = text.replace(name, f"{name[0]}**")
    return quoted(mask_personal(text))
