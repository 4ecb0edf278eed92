"""Reads figures with unit and direction out of Chinese text: ≥95%, 15分钟内, -20~55℃, 1.44亿条."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.text.fold import fold

AT_LEAST, AT_MOST, PLAIN = "≥", "≤", ""

# Unit as folded text → (dimension, factor to the dimension's base unit).
_UNITS: dict[str, tuple[str, float]] = {
    "%": ("percent", 1), "个百分点": ("percent", 1), "‰": ("percent", 0.1),
    "ms": ("time", 0.001), "秒": ("time", 1), "s": ("time", 1), "分钟": ("time", 60), "min": ("time", 60),
    "小时": ("time", 3600), "h": ("time", 3600), "天": ("time", 86400), "日": ("time", 86400),
    "个工作日": ("time", 86400), "周": ("time", 604800), "个月": ("time", 2_592_000),
    "年": ("time", 31_536_000),
    "微米": ("length", 1e-6), "μm": ("length", 1e-6), "um": ("length", 1e-6), "毫米": ("length", 1e-3),
    "mm": ("length", 1e-3), "厘米": ("length", 0.01), "cm": ("length", 0.01), "米": ("length", 1),
    "m": ("length", 1), "千米": ("length", 1000), "km": ("length", 1000),
    "平方米": ("area", 1), "亩": ("area", 666.67), "公顷": ("area", 10000), "平方千米": ("area", 1e6),
    "立方米": ("volume", 1), "升": ("volume", 0.001), "l": ("volume", 0.001), "ml": ("volume", 1e-6),
    "mg": ("mass", 1e-6), "克": ("mass", 1e-3), "g": ("mass", 1e-3), "千克": ("mass", 1), "kg": ("mass", 1),
    "吨": ("mass", 1000), "t": ("mass", 1000),
    "°c": ("temperature", 1), "w": ("power", 1), "瓦": ("power", 1), "kw": ("power", 1e3),
    "千瓦": ("power", 1e3), "mw": ("power", 1e6), "兆瓦": ("power", 1e6),
    "kwh": ("energy", 1), "千瓦时": ("energy", 1), "度电": ("energy", 1), "mwh": ("energy", 1e3),
    "mb": ("bytes", 1e6), "gb": ("bytes", 1e9), "tb": ("bytes", 1e12), "mbps": ("rate", 1), "gbps": ("rate", 1e3),
    "db": ("sound", 1), "分贝": ("sound", 1), "mpa": ("pressure", 1), "hz": ("frequency", 1),
    "元": ("money", 1e-4), "帧": ("frames", 1), "fps": ("frames", 1), "级": ("grade", 1),
    "倍": ("times", 1),
}  # fmt: skip
_COUNTERS = (
    "台", "套", "个", "路", "条", "人", "户", "家", "次", "点", "项", "所", "座", "辆", "艘", "架", "页", "类",
    "种", "例", "份", "名", "处", "栋", "张", "只", "头", "株", "床", "车次", "架次", "线程", "并发",
    "终端", "节点", "学生", "人次", "井", "站", "门", "间", "批", "件", "组", "吨级", "公里",
)  # fmt: skip
_FACTORS = {"万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2}
_HAN_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_MIN_BEFORE = r"≥|>|不低于|不少于|不小于|不得低于|不得少于|至少|大于等于|大于|超过|高于|多于|达到?|提升至?"
_MAX_BEFORE = r"≤|<|不超过|不高于|不大于|不多于|不得超过|不得高于|小于等于|小于|低于|少于|至多|最多|控制在|缩短至|降至"
_MIN_AFTER = r"及?以上|起"
_MAX_AFTER = r"及?以内|之内|及?以下|内"
_UNIT = "|".join(re.escape(unit) for unit in sorted({*_UNITS, *_COUNTERS}, key=lambda u: (-len(u), u)))
_NUMBER = r"[-+]?\d+(?:,\d{3})*(?:\.\d+)?"
_QUANTITY = re.compile(
    rf"(?P<before>{_MAX_BEFORE}|{_MIN_BEFORE})?\s*(?P<near>约|近|为|在|于)?\s*(?:正负|±)?"
    rf"(?P<low>{_NUMBER}|(?:[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])(?=个?(?:小时|分钟|秒|天|年|个月|周|工作日)))"
    rf"(?P<lowunit>{_UNIT})?(?:\s*(?:~|—|–|-|至|到)\s*(?P<high>{_NUMBER}))?"
    rf"(?P<factor>[百千]?[万亿]|千(?![瓦米克]))?\s*(?P<unit>{_UNIT})?(?P<per>/[a-z\u4e00-\u9fff]{{1,3}})?"
    rf"\s*(?P<after>{_MIN_AFTER}|{_MAX_AFTER})?"
)
_NAME_LIKE = re.compile(r"[a-z](?=$)|[-/]$")
_BORDER = re.compile(r"[,;。:、()]")
_CIRCLED = re.compile("[\u2460-\u2473\u2776-\u277f]")
_BEFORE, _AFTER = 14, 8
_PERCENT_WORD = re.compile(rf"%之(百|{_NUMBER}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])")
_CALENDAR_YEARS = range(1900, 2100)
_GENERATION = re.compile(r"[2-6]g(?![a-z/])")  # mobile networks, not grams


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure: its value range in the dimension's base unit, its direction and its words.

    ``direction`` is ≥, ≤ or empty; ``dimension`` compares only with itself; ``text`` is as
    written wherever folding kept the length; ``context`` is the folded text around the figure,
    which says what is measured.
    """

    low: float
    high: float
    dimension: str
    direction: str
    text: str
    context: str


def read_quantities(text: str) -> list[Quantity]:
    """Return the figures of ``text`` in order; names such as gb/t 22239 or 5g are no figures."""
    # "③4毫米" is point three, four millimetres; folding would read thirty-four.
    text = _CIRCLED.sub("、", text)
    folded = _PERCENT_WORD.sub(lambda hit: f"{_number(hit[1]):g}%", fold(text))
    written = text if len(text) == len(folded) else folded
    found = []
    for match in _QUANTITY.finditer(folded):
        quantity = _build(folded, written, match)
        if quantity is not None:
            found.append(quantity)
    return found


def _build(folded: str, written: str, match: re.Match[str]) -> Quantity | None:
    start = match.start("low")
    if start and _NAME_LIKE.search(folded[max(0, start - 1) : start]) and not match["before"]:
        return None
    if _GENERATION.match(folded, start):
        return None
    after = folded[match.end() : match.end() + 1]
    unit, factor = match["unit"] or match["lowunit"] or "", match["factor"] or ""
    if unit == "年" and match["low"].isdigit() and int(match["low"]) in _CALENDAR_YEARS:
        return None
    # "20 tops" is no weight: a Latin unit ends where its word ends.
    if unit.isascii() and match.end() == _unit_end(match) and after.isascii() and after.isalpha():
        return None
    if not unit and ((after.isascii() and after.isalpha()) or not (factor or match["before"])):
        return None
    scale = 1.0
    for char in factor:
        scale *= _FACTORS[char]
    dimension, base = _UNITS.get(unit, (f"count:{unit}", 1.0))
    if match["per"]:
        dimension += match["per"]
    low = _number(match["low"]) * scale * base
    high = _number(match["high"]) * scale * base if match["high"] else low
    # "3-5年": the minus of the upper bound is a dash.
    low, high = min(low, high), max(low, high)
    context = _BORDER.split(folded[max(0, match.start() - _BEFORE) : match.start()])[-1]
    context += " " + _BORDER.split(folded[match.end() : match.end() + _AFTER])[0]
    words = written[match.start() : match.end()].strip()
    return Quantity(low, high, dimension, _direction(match), words, context)


def _unit_end(match: re.Match[str]) -> int:
    return max(match.end("unit"), match.end("lowunit"))


def _number(text: str) -> float:
    if text == "百":
        return 100.0
    if text[0] in "一二两三四五六七八九十":
        tens, _, ones = text.partition("十")
        if "十" not in text:
            return float(_HAN_DIGITS[text[0]])
        return float((_HAN_DIGITS[tens] if tens else 1) * 10 + (_HAN_DIGITS[ones] if ones else 0))
    return float(text.replace(",", ""))


def _direction(match: re.Match[str]) -> str:
    before, after = match["before"] or "", match["after"] or ""
    if before and re.fullmatch(_MAX_BEFORE, before):
        return AT_MOST
    if after and re.fullmatch(_MAX_AFTER, after):
        return AT_MOST
    if before or after:
        return AT_LEAST
    return PLAIN
