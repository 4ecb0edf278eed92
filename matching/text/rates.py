"""Reads what a figure is counted per: 每分钟25个人, 1500册/小时, 日均, 时速, 3000元/台, 每平方米."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.text.numerals import NUMERAL, POWERS, read_numeral
from matching.text.units import COUNTERS, DAY, MEASURES, MONTH, TIME, UNIT, YEAR

# Periods that are no units of time by themselves.
_PERIODS = {
    "月": MONTH, "季": 3 * MONTH, "季度": 3 * MONTH, "晚": DAY, "夜": DAY, "分": 60.0, "时": 3600.0, "个工作日": DAY,
}  # fmt: skip
_TIMES = {unit: factor for unit, (dimension, factor) in MEASURES.items() if dimension == TIME} | _PERIODS
_TIME = "|".join(sorted(map(re.escape, _TIMES), key=lambda unit: (-len(unit), unit)))
_PER_TIME = re.compile(rf"每(?:隔)?(?P<n>{NUMERAL})?(?P<unit>{_TIME})(?![a-z末初])")
# 日处理, 年培训 – but neither 今年培训 nor 3年服务 nor 日常.
_NAMED = re.compile(
    r"(?P<hour>时速|小时均)|(?P<day>日均|每日|单日|当日"
    r"|(?<![\d今当次昨明近前后节假工生几半十百个平本每一至])日(?![常志期前后内底初末光程本落历夜记报]))"
    r"|(?P<week>周均|单周|(?<![\d个一本上下每四圆])周(?=[产检处均]))"
    r"|(?P<quarter>一季度?(?!节)|单季|季均)"
    r"|(?P<month>月均|单月|(?<![\d个近当本上每])月(?![底初末度内前后份]))"
    r"|(?P<year>年均|全年|一整年|整年"
    r"|(?<![\d今去前近当本每后两半几十百一二三四五六七八九多历往常老少青成童逐])年(?![龄度限底初末内前后份代轻级]))"
)
_SURE = ("时速", "小时均", "日均", "每日", "周均", "月均", "年均")
_NAMED_SECONDS = {"hour": 3600.0, "day": DAY, "week": 7 * DAY, "quarter": 3 * MONTH, "month": MONTH, "year": YEAR}
# 吨水成本, 亩均 say what the cost is for without 每.
_BARE_EACH = re.compile(
    r"(?<![\d一二两三四五六七八九十百千万亿余多来几每单公英])(?P<unit>[吨亩])(?=[\u4e00-\u9fff])(?![级位以])"
)
_EACH = re.compile(rf"(?:每|(?<![简名菜清订])单)(?P<n>{NUMERAL}|[百千万])?(?P<unit>{UNIT})")
_SUFFIX = re.compile(
    rf"/\s*(?P<n>{NUMERAL})?(?P<unit>{UNIT}|{_TIME}|[a-z]{{1,3}}|[\u4e00-\u9fff])|[每一](?P<time>{_TIME})(?=$|[^a-z\d\u4e00-\u9fff]|以|之|内|左右|上下)"
    rf"|每(?P<every>{_TIME})(?![\d一-十])"
)
_DIVISORS = ("length", "area", "volume", "mass", "energy", "heat")
_DIVISOR = "|".join(
    sorted((re.escape(u) for u, (d, _) in MEASURES.items() if d in _DIVISORS), key=lambda u: (-len(u), u))
)
_EACH_SUFFIX = re.compile(rf"每({_DIVISOR})(?=$|[^a-z\d\u4e00-\u9fff]|以|之|内|左右|上下)")


@dataclass(frozen=True, slots=True)
class Per:
    """What a figure is counted per: a time in seconds, a measure as (dimension, amount), a counted thing.

    ``sure`` is false where the time is only named (日处理, 全年).
    """

    seconds: float | None = None
    measure: tuple[str, float] | None = None
    thing: str = ""
    sure: bool = True


def per_before(clause: str) -> Per:
    """Return what the words before a figure say it is counted per."""
    seconds, end, sure = None, -1, True
    for hit in _PER_TIME.finditer(clause):
        amount = _amount(hit["n"])
        if amount:
            seconds, end = amount * _TIMES[hit["unit"]], hit.start()
    for hit in _NAMED.finditer(clause):
        if hit.start() > end:
            seconds, end, sure = _NAMED_SECONDS[hit.lastgroup or ""], hit.start(), hit[0] in _SURE
    bare = _BARE_EACH.search(clause)
    measured, thing = MEASURES[bare["unit"]] if bare else None, ""
    for hit in _EACH.finditer(clause):
        unit, amount = hit["unit"], _amount(hit["n"])
        dimension, factor = MEASURES.get(unit, ("", 1.0))
        if dimension in _DIVISORS and amount:
            measured = (dimension, amount * factor)
        elif unit in COUNTERS:
            thing = COUNTERS[unit]
    return Per(seconds, measured, thing, sure)


def per_after(text: str, start: int) -> tuple[Per, int]:
    """Return what the words that follow a unit say it is counted per, and where they end."""
    hit = _EACH_SUFFIX.match(text, start)
    if hit:
        return Per(measure=MEASURES[hit[1]]), hit.end()
    hit = _SUFFIX.match(text, start)
    if hit is None:
        return Per(), start
    unit, amount = hit["time"] or hit["every"] or hit["unit"], _amount(hit["n"])
    if unit in _TIMES and amount:
        return Per(seconds=_TIMES[unit] * amount), hit.end()
    if unit in MEASURES and amount:
        dimension, factor = MEASURES[unit]
        return Per(measure=(dimension, factor * amount)), hit.end()
    return Per(thing=COUNTERS.get(unit, unit)), hit.end()


def _amount(token: str | None) -> float | None:
    if not token:
        return 1.0
    if token in POWERS:
        return POWERS[token]
    numeral = read_numeral(token)
    return numeral.low if numeral and numeral.low > 0 else None
