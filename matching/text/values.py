"""Reads the values of one figure: its numerals, range, halves and smaller units, not the words around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.text.numerals import NUMERAL, POWERS, Numeral, read_numeral
from matching.text.units import MEASURES, MONEY, PERCENT, TIME, UNIT, measure

START = re.compile(r"%之|[十百千]?[千万]分之|[-+]?\d|[半零一二两三四五六七八九十]")
_PARTS = rf"%之|[十百千]?[千万]分之|{NUMERAL}分之"
FIGURE = re.compile(
    rf"(?P<parts>{_PARTS})?(?P<low>(?<=%之)百|{NUMERAL}|半(?=(?:{UNIT})))"
    rf"(?P<more>[余多来几])?(?P<half>个半(?=小时|钟头|月|星期))?"
    rf"\s*(?P<lowunit>(?<=个半)月|{UNIT})?"
    rf"(?:\s*(?P<dash>~|—+|–|-|至|到|±)\s*(?:{_PARTS})?(?P<high>{NUMERAL})[余多来]?\s*(?P<unit>{UNIT})?)?"
    rf"(?P<halfunit>半(?![小年月天径自个钟数成]))?"
    rf"(?:(?P<tail>{NUMERAL})(?P<tailunit>分钟|分|秒|角|毛|厘(?![米升])|两|克|厘米|个月|天))?"
)
# The smaller unit of a compound figure; 分 is of time or of money, as what stands before it.
_TAILS = {"角": (MONEY, 1e-5), "毛": (MONEY, 1e-5), "厘": (MONEY, 1e-7), "两": ("mass", 0.05)}
_COMPOUND = (TIME, MONEY, "mass", "length")
_CHANGE = re.compile(r"(?:提升|提高|增加|增长|上升|降低|下降|减少|缩短|节约|节省|压缩)了?$")


@dataclass(frozen=True, slots=True)
class Value:
    """What a match says by itself: its span of values, unit, dimension and end."""

    low: float
    high: float
    unit: str
    dimension: str
    end: int


def read_value(match: re.Match[str], before: str, after: str) -> Value | None:
    """Return what a match of ``FIGURE`` says, or None if it is no figure.

    ``before`` and ``after`` are the words around it, for units of several meanings.
    """
    low = _read_token(match["low"])
    if low is None or match["more"] == "几" or match.string.startswith("分之", match.end("low")):
        return None
    end, unit, high = match.end(), match["lowunit"] or "", None
    if match["high"]:
        high = read_numeral(match["high"])
        if high is None or (match["dash"] in "至到" and _CHANGE.search(before)):
            # 提升6个百分点至91%: the rise is one figure, what it led to the next.
            high, end = None, max(match.end(group) for group in ("low", "more", "half", "lowunit"))
        else:
            unit = match["unit"] or unit
    first, last = _bounds(match, low, high)
    tenths = low.tenths or bool(high and high.tenths)
    if match["parts"] or tenths:
        factor = 1.0 if tenths else 100 / _denominator(match["parts"])
        end = max(match.end("low"), match.end("high")) if high else match.end("low")
        return Value(min(first, last) * factor, max(first, last) * factor, "%", PERCENT, end)
    if match["half"] or match["halfunit"]:
        first, last = first + 0.5, last + 0.5
    unit = "个月" if unit == "月" else unit
    if re.fullmatch("[一二两三四五六七八九]千", match["low"]) and unit in ("米", "克", "瓦"):
        first, last, unit = first / 1000, last / 1000, "千" + unit
    measured = measure(unit, before, after) if unit else ("", 1.0)
    if measured is None:
        return None
    dimension, factor = measured
    first, last = first * factor, last * factor
    more, end = _tail(match, unit, dimension, factor, end)
    return Value(min(first, last) + more, max(first, last) + more, unit, dimension, end)


def _read_token(token: str) -> Numeral | None:
    if token in ("百", "半"):
        value = 100.0 if token == "百" else 0.5
        return Numeral(value, value)
    return read_numeral(token)


def _bounds(match: re.Match[str], low: Numeral, high: Numeral | None) -> tuple[float, float]:
    if high is None:
        return low.low, low.high
    first, last = low.low, high.high
    # "3-5万" and "八到九成" say the power once.
    if low.power == 1 and high.power > 1 and first * high.power <= last and not low.tenths:
        first *= high.power
    if high.tenths and not low.tenths:
        first *= 10
    if match["dash"] == "±":
        return first - last, first + last
    # 30°c至3.9°c and 由22%至81% end at the second figure.
    fell = match["dash"] in "至到" and (first > last or match.string[: match.start()].endswith("由"))
    return (last, last) if fell else (first, last)


def _tail(match: re.Match[str], unit: str, dimension: str, factor: float, end: int) -> tuple[float, int]:
    """Return what a second, smaller unit adds (三小时四十分, 3角5分, 七公斤二两) and where the figure ends."""
    if not match["tail"] or end != match.end():
        return 0.0, end
    name, number = match["tailunit"], read_numeral(match["tail"])
    same, smaller = _TAILS.get(name) or MEASURES.get(name) or (dimension, 60.0 if dimension == TIME else 1e-6)
    fits = unit and same == dimension and dimension in _COMPOUND and smaller < factor
    if number is None or not fits:
        return 0.0, match.start("tail")
    return number.low * smaller, end


def _denominator(parts: str) -> float:
    name = parts.removesuffix("分之")
    if parts == "%之":
        return 100.0
    if all(sign in POWERS for sign in name):
        value = 1.0
        for sign in name:
            value *= POWERS[sign]
        return value
    number = read_numeral(name)
    return number.low if number and number.low > 0 else 100.0
