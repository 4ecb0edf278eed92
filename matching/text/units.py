"""Units and counting words: which dimension a unit measures, and how many base units it is."""

from __future__ import annotations

import re

TIME, PERCENT, MONEY = "time", "percent", "money"
DAY, MONTH, YEAR = 86400.0, 2_592_000.0, 31_536_000.0

# Unit as folded text → (dimension, factor to the dimension's base unit).
MEASURES: dict[str, tuple[str, float]] = {
    "%": (PERCENT, 1), "个百分点": (PERCENT, 1), "百分点": (PERCENT, 1), "‰": (PERCENT, 0.1), "ppm": ("ppm", 1),
    "ms": (TIME, 0.001), "μs": (TIME, 1e-6), "微秒": (TIME, 1e-6), "秒": (TIME, 1), "秒钟": (TIME, 1),
    "s": (TIME, 1), "分钟": (TIME, 60), "min": (TIME, 60), "小时": (TIME, 3600), "个小时": (TIME, 3600),
    "钟头": (TIME, 3600), "个钟头": (TIME, 3600), "h": (TIME, 3600), "天": (TIME, DAY), "日": (TIME, DAY),
    "个工作日": (TIME, DAY), "工作日": (TIME, DAY), "周": (TIME, 7 * DAY), "个星期": (TIME, 7 * DAY),
    "星期": (TIME, 7 * DAY), "刻钟": (TIME, 900), "昼夜": (TIME, DAY), "个礼拜": (TIME, 7 * DAY),
    "旬": (TIME, 10 * DAY), "周年": (TIME, YEAR), "个月": (TIME, MONTH), "个季度": (TIME, 3 * MONTH),
    "年": (TIME, YEAR), "nm": ("length", 1e-9), "纳米": ("length", 1e-9), "微米": ("length", 1e-6),
    "μm": ("length", 1e-6), "um": ("length", 1e-6), "毫米": ("length", 1e-3), "mm": ("length", 1e-3),
    "厘米": ("length", 0.01), "cm": ("length", 0.01), "分米": ("length", 0.1), "米": ("length", 1),
    "m": ("length", 1), "千米": ("length", 1000), "km": ("length", 1000), "里路": ("length", 500),
    "里地": ("length", 500), "寸": ("length", 1 / 30), "丝": ("length", 1e-5), "埃": ("length", 1e-10),
    "英尺": ("length", 0.3048), "英里": ("length", 1609.34), "开尔文": ("temperature", 1), "厘升": ("volume", 1e-5),
    "英寸": ("length", 0.0254), "尺": ("length", 1 / 3), "华里": ("length", 500), "海里": ("length", 1852),
    "平方米": ("area", 1), "平米": ("area", 1), "m2": ("area", 1), "亩": ("area", 666.67), "公顷": ("area", 10000),
    "平方千米": ("area", 1e6), "平方厘米": ("area", 1e-4), "立方米": ("volume", 1), "立方": ("volume", 1),
    "m3": ("volume", 1), "升": ("volume", 0.001), "l": ("volume", 0.001), "毫升": ("volume", 1e-6),
    "ml": ("volume", 1e-6), "微升": ("volume", 1e-9), "μl": ("volume", 1e-9), "μg": ("mass", 1e-9),
    "微克": ("mass", 1e-9), "毫克": ("mass", 1e-6), "mg": ("mass", 1e-6), "克": ("mass", 1e-3), "g": ("mass", 1e-3),
    "斤": ("mass", 0.5), "千克": ("mass", 1), "kg": ("mass", 1), "吨": ("mass", 1000), "t": ("mass", 1000),
    "°c": ("temperature", 1), "w": ("power", 1), "瓦": ("power", 1), "kw": ("power", 1e3), "千瓦": ("power", 1e3),
    "mw": ("power", 1e6), "兆瓦": ("power", 1e6), "gw": ("power", 1e9), "wh": ("energy", 1e-3),
    "瓦时": ("energy", 1e-3), "kwh": ("energy", 1), "千瓦时": ("energy", 1), "度电": ("energy", 1),
    "mwh": ("energy", 1e3), "兆瓦时": ("energy", 1e3), "焦": ("heat", 1e-9), "千焦": ("heat", 1e-6),
    "kj": ("heat", 1e-6), "兆焦": ("heat", 1e-3), "mj": ("heat", 1e-3), "吉焦": ("heat", 1), "gj": ("heat", 1),
    "kb": ("bytes", 1e3), "mb": ("bytes", 1e6), "gb": ("bytes", 1e9), "tb": ("bytes", 1e12), "pb": ("bytes", 1e15),
    "kbps": ("rate", 1e-3), "mbps": ("rate", 1), "gbps": ("rate", 1e3), "tbps": ("rate", 1e6), "字节": ("bytes", 1),
    "兆字节": ("bytes", 1e6), "bps": ("rate", 1e-6), "万兆": ("rate", 1e4), "db": ("sound", 1),
    "分贝": ("sound", 1), "pa": ("pressure", 1e-6), "kpa": ("pressure", 1e-3), "mpa": ("pressure", 1),
    "帕": ("pressure", 1e-6), "千帕": ("pressure", 1e-3), "兆帕": ("pressure", 1), "hz": ("frequency", 1),
    "khz": ("frequency", 1e3), "mhz": ("frequency", 1e6), "ghz": ("frequency", 1e9), "赫": ("frequency", 1),
    "赫兹": ("frequency", 1), "千赫": ("frequency", 1e3), "兆赫": ("frequency", 1e6), "ntu": ("ntu", 1),
    "lx": ("light", 1), "lux": ("light", 1), "勒克斯": ("light", 1), "v": ("voltage", 1), "kv": ("voltage", 1e3),
    "伏": ("voltage", 1), "千伏": ("voltage", 1e3), "ma": ("current", 1e-3), "毫安": ("current", 1e-3),
    "安培": ("current", 1), "mah": ("charge", 1e-3), "毫安时": ("charge", 1e-3), "ah": ("charge", 1),
    "安时": ("charge", 1), "n立方米": ("volume", 1), "kn": ("force", 1e3), "牛": ("force", 1),
    "千牛": ("force", 1e3), "°": ("angle", 1), "元": (MONEY, 1e-4), "块钱": (MONEY, 1e-4), "元钱": (MONEY, 1e-4),
    "角": (MONEY, 1e-5), "角钱": (MONEY, 1e-5), "毛钱": (MONEY, 1e-5), "分钱": (MONEY, 1e-6), "厘": (MONEY, 1e-7),
    "帧": ("frames", 1), "fps": ("frames", 1), "级": ("grade", 1), "倍": ("times", 1),
}  # fmt: skip
# Counting words of one class count the same things; the first names the class.
_CLASSES = (
    ("人", "名", "个人"), ("个", "只"), ("次", "回", "遍", "轮"), ("册", "本"), ("笔",), ("台",), ("套",), ("路",),
    ("条",), ("户",), ("家",), ("点",), ("项",), ("所",), ("座",), ("辆",), ("艘",), ("架",), ("页",), ("类",),
    ("种",), ("例",), ("份",), ("处",), ("栋",), ("张",), ("头",), ("株",), ("床",), ("车次",), ("架次",),
    ("线程",), ("并发",), ("终端",), ("节点",), ("学生",), ("人次",), ("井",), ("站",), ("门",), ("间",), ("批",),
    ("件",), ("组",), ("吨级",), ("单",), ("字",), ("滴",), ("枚",), ("箱",), ("格",), ("转",), ("车",),
    ("个周期",), ("像素",), ("颗",), ("粒",), ("道",), ("行",), ("炉",), ("课时", "学时"), ("桶",), ("袋",),
    ("瓶",), ("盒",), ("支",), ("棵",), ("羽",), ("尾",), ("匹",), ("幅",), ("篇",), ("款",), ("趟",), ("场",),
    ("根",), ("片",), ("束",), ("封",), ("幢",), ("床位",), ("车位",), ("泊位",), ("账号",), ("用户",),
)  # fmt: skip
COUNTERS = {word: words[0] for words in _CLASSES for word in words}
FOREIGN = ("美元", "欧元", "港元", "日元", "英镑", "澳元", "港币")
# Their meaning hangs on the words around them.
_HINTED = ("度", "方", "分", "里", "兆", "千兆", "位", "个点", "块")
# A unit followed by one of these characters is part of another word: 升级, 元素, 5人机.
_UNLESS = {
    "元": "素件器数年", "人": "工机脸像形", "条": "款形码例", "次": "数要生品性", "位": "数置移于编字",
    "分": "之类析布别级期开辨钟贝米公", "升": "级降至到高温值起学", "方": "面案向式法便位可针程阵言圆块",
    "单": "位元个独一价据", "组": "织成", "张": "力", "门": "诊店槛户禁", "间": "隔接", "级": "别联",
    "类": "别似型", "种": "植子", "家": "庭", "户": "外", "台": "账阶", "天": "然线气", "年": "级龄代轻",
    "周": "边期", "克": "服", "度": "量", "里": "程面", "角": "度色落", "份": "额", "秒": "杀", "日": "志常",
    "只": "要有能是", "本": "地身次", "例": "如", "所": "有需", "座": "舱", "路": "径由口线段", "头": "部",
    "处": "理置", "帧": "率", "回": "路收传归", "倍": "率", "块": "状屏", "字": "段符节", "点": "击",
    "车": "间道次辆", "厘": "米升", "兆": "瓦赫帕焦", "千兆": "以", "转": "移换化型", "滴": "灌", "粒": "度径",
    "道": "路闸口具", "行": "业政程为动走车", "炉": "膛体渣", "丝": "绸网杆印袋", "格": "式", "焦": "点",
    "站": "点", "轮": "询胎椅班值渡船毂流播",
}  # fmt: skip


def _source(unit: str) -> str:
    # "20 tops" is no weight: a Latin unit ends where its word ends.
    unless = "[a-z0-9]" if unit.isascii() and unit.isalnum() else f"[{_UNLESS[unit]}]" if unit in _UNLESS else ""
    return re.escape(unit) + (f"(?!{unless})" if unless else "")


UNIT = "|".join(
    _source(unit)
    for unit in sorted({*MEASURES, *COUNTERS, *FOREIGN, *_HINTED}, key=lambda unit: (-len(unit), unit))
)  # fmt: skip

_WARM = re.compile("温|热|冷|暖|烧|炉|燃|冰|冻|零下|箱内|°c")
_ELECTRIC = re.compile("电|耗能|能耗")
_NETWORK = re.compile("带宽|宽带|网速|网络|光纤|链路|上行|下行|推流|码率|专线|端口|网口|速率|传输")
_STORE = re.compile("存储|容量|硬盘|内存|显存|磁盘|闪存")
_TURNED = re.compile("角|转|旋|视|俯|仰|倾|坡|经度|纬|水平|垂直|全景|环绕")
_PRICED = re.compile("价|费|元|钱|成本|角")
_ROUTED = re.compile("走|跑|续航|里程|距离|航程")
_SHARED = re.compile("占比?|率|比例|比重|百分|浮动|波动")
_LETTERS = {"m": ("rate", 1.0), "g": ("rate", 1e3), "k": ("rate", 1e-3)}
_LETTER_STORES = {"g": ("bytes", 1e9), "t": ("bytes", 1e12), "m": ("bytes", 1e6)}


def measure(unit: str, before: str, after: str) -> tuple[str, float] | None:
    """Return the dimension of ``unit`` and its factor, or None where the words around leave it open."""
    if unit in FOREIGN:
        return f"{MONEY}:{unit}", 1e-4
    if unit in _HINTED:
        return _hinted(unit, before, after)
    if unit in _LETTER_STORES and "算力" in before:
        return None
    if unit in _LETTERS and _NETWORK.search(before):
        return _LETTERS[unit]
    if unit in _LETTER_STORES and _STORE.search(before):
        return _LETTER_STORES[unit]
    if unit in COUNTERS:
        return f"count:{COUNTERS[unit]}", 1.0
    return MEASURES.get(unit)


def _hinted(unit: str, before: str, after: str) -> tuple[str, float] | None:
    words = before + after
    if unit == "度":
        if _TURNED.search(words):
            return "angle", 1.0
        return ("temperature", 1.0) if _WARM.search(words) else ("energy", 1.0) if _ELECTRIC.search(words) else None
    if unit in ("兆", "千兆"):
        return ("rate", 1.0 if unit == "兆" else 1e3) if _NETWORK.search(words) else None
    if unit == "分":
        return (MONEY, 1e-6) if _PRICED.search(before) else ("count:分", 1.0)
    if unit == "块":
        return (MONEY, 1e-4) if not after.strip() or _PRICED.search(before) else ("count:块", 1.0)
    if unit == "里":
        return ("length", 500.0) if _ROUTED.search(before) else None
    if unit == "个点":
        return (PERCENT, 1.0) if _SHARED.search(before) else ("count:个", 1.0)
    return ("volume", 1.0) if unit == "方" else ("count:人", 1.0)
