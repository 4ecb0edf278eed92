"""Finds names of organisations by how they are built: a place or a head, a body, and what kind it is."""

from __future__ import annotations

import re
from functools import cache

# Regions and nicknames that names of organisations begin with; by themselves they are words like any other.
_HEADS = "华中|华东|华南|华北|江城|荆楚|楚天|长江"
_COMPANY = "(?:集团)?(?:股份|控股)?有限(?:责任)?公司|股份公司|集团公司"
# Kinds that need nothing between the place and themselves: 武汉大学, 武汉银行.
_STRONG = (
    f"{_COMPANY}|(?:职业)?(?:技术)?学院(?!派)|大学(?!生|城|堂)|管(?:理)?委(?:员)?会|委员会|人民政府(?:办公室)?"
    "|人民法院|人民检察院|(?:博物|图书|档案|科技|美术|文化|纪念)馆"
)
# Kinds that are everyday words, too, and make a name only with a body of two characters or more. What may not
# follow them keeps 中心城区, 局部 and 集团化 whole; what may not stand before them 布局, 大厅 and 指挥中心.
_WEAK = (
    "集团(?![化军内成式])|研究院|研究所|设计院|测绘院|规划院|检(?:验|测)院|医院|卫生院|福利院|检(?:验|测)所|管理所|监督所"
    "|事务所|派出所|勘测所|银行|商会|协会|学会|合作社|(?<![布格结全大僵终时])局(?![部面限域势长点])"
    "|(?<![大餐客展舞事])厅|办公室|管理处|办事处|管理站|总站|血站|推广站|(?:大|支|总)队(?![长伍员])"
    "|陈列馆|学校|中学|小学"
    "|中心(?![城区线点化位距轴商主]|医院|血站|小学|中学|学校)"
)
# A place before one of these says what there is at the place and not who: 武汉数据中心, 武汉三甲医院.
_KINDS = (
    "(?:(?:大|云|公共)?数据|(?:应急|综合)?指挥(?:调度)?|调度|控制|监控|监测|研发|创新|物流|仓储|配送|商业|会展|呼叫|客服|客户服务"
    "|运营|运维|运行|服务|政务(?:服务)?|便民(?:服务)?|购物|体育|文化|活动|算力|智算|超算|计算|灾备|备份|培训|体验|展示|医疗|急救"
    "|分拨|转运|处理|城运|城市运行|技术服务|售后(?:服务)?|区域|交付|交易|检测|实验|结算|分析|集散|养老|托育|党群(?:服务)?|社区卫生服务)中心"
    "|(?:三甲|二甲|三级|二级|公立|大型|基层|社区|县级|市级|区级|试点|合作|专科|综合|民营|乡镇|互联网|智慧)(?:医院|卫生院)"
    "|(?:试点|中小|重点|职业|民办|公办|城区|乡镇)(?:学校|中学|小学)|(?:城市|商业|国有|合作)银行|(?:社区|街道|社会)(?:学院|大学)"
)
# What no name holds: particles, and verbs that put a body of another sort between place and kind.
_NOT_IN_NAMES = (
    "本地|本单位|未(?!来)|(?<!国)有(?![限色机])|委托|设立|设置|建立|建成|新建|组建|成立|开设|落户|布局|开展|提供|搭建|打造|引进|共建|部署|上线|试点"
    "|覆盖|须|应为|供方|甲方|乙方|投标人|注册|选定|选取|征集|调研|负责|配合|发布|采购|使用|安装|接入|对接|出具|承担|所(?:有|在|属|需)|多家|全(?:市|省|区|县)|市(?:内|区|属)|以及"
)
_PARTICLES = "的了在是与及由把对将从被让向往但而也已不每该此这那我你他它们其某各两几"
_LETTER = f"(?:(?!{_NOT_IN_NAMES})(?![{_PARTICLES}])[\u4e00-\u9fffa-z])"
_BODY = f"(?:(?!和){_LETTER})"
# 和 joins two tasks of one office (水利和湖泊局); in other names it is the word between two of them.
_TASKS = f"{_BODY}{{2,8}}和{_BODY}{{2,8}}(?:局|厅|委员会|中心)"
_BRANCH = f"(?:{_LETTER}{{0,6}}?(?:{_COMPANY}|分局|管理局|分公司|支行|分行|分院|附属医院|人民医院|中心医院))?"
_SAMPLE = "(?:\\(示例\\))?"
_BORDER = "(?:^|(?<=[^\u4e00-\u9fffa-z0-9])|(?<=[与和及由向给被对是]))"
_FOREIGN = f"{_BORDER}(?!(?:本|我|该|贵|各|一|两|多|家|个|名|所))"


@cache
def led_by(place: str) -> re.Pattern[str]:
    """Return the pattern of names that begin with a place, given the pattern of places, or with a head.

    The rule reads the text alone: whom the lists name must not matter, as a posting is encoded once, when it arrives,
    and its vector kept.
    """
    start = f"(?>{place}|(?:{_HEADS})(?!{_STRONG}))(?!{_KINDS})"
    named = f"{start}(?:{_BODY}{{0,16}}?(?:{_STRONG})|{_BODY}{{2,16}}?(?:{_WEAK})|{_TASKS})"
    return re.compile(f"{named}{_BRANCH}{_SAMPLE}")


@cache
def companies() -> re.Pattern[str]:
    """Return the pattern of companies' names that follow a border without any place (华为技术有限公司)."""
    site = f"(?:\\({_LETTER}{{2,6}}\\))?"
    named = f"{_FOREIGN}(?=.{{4,40}}公司){_LETTER}{{2,16}}?{site}{_LETTER}{{0,10}}?(?:{_COMPANY})"
    return re.compile(f"{named}{_BRANCH}{_SAMPLE}")
