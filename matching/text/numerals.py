"""Reads one numeral, in Arabic or Chinese writing, into its value: 1.5万, 三百五十, 九十九点五, 十六七, 九成七."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
POWERS = {"十": 10.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_D = "[一二两三四五六七八九]"
_SMALL = rf"(?:{_D}{{1,2}}千)?零?(?:{_D}{{1,2}}百)?零?(?:{_D}{{0,2}}十)?(?:{_D}{{1,2}})?"
_WHOLE = rf"(?=[一二两三四五六七八九十])(?:{_SMALL}[万亿]){{0,2}}亿?{_SMALL}"
_ARABIC = r"[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:万亿|[百千]?[万亿]|百(?!分)|千(?![瓦米克兆帕卡伏]))?"
# 九成七 is 97 per cent, 成品 and 五成员 are words; the last digit must not begin another figure.
_TENTHS = rf"(?:{_D}|半|\d(?:\.\d)?)成(?![员本果功立熟像品型效分长交])(?:{_D}(?![十百千万家个台条种类项名人]))?"
NUMERAL = (
    rf"(?:{_TENTHS}|{_ARABIC}"
    rf"|零点[零〇一二三四五六七八九]+|{_WHOLE}(?:点[零〇一二三四五六七八九]+(?!十))?)"
)
_ARABIC_PARTS = re.compile(r"([-+]?[\d,]+(?:\.\d+)?)(.*)")
_PAIR = re.compile(rf"({_D})({_D})")
# 十六七, 三五天: neighbours, or three to five.
_FAR_PAIRS = {(3, 5)}


@dataclass(frozen=True, slots=True)
class Numeral:
    """A value with its upper reading (十六七 is 16 to 17), its last power and whether it is in tenths (成).

    ``power`` is what the lower end of a range may borrow: 3 to 5万 means 3万.
    """

    low: float
    high: float
    power: float = 1.0
    tenths: bool = False


def read_numeral(token: str) -> Numeral | None:
    """Return the value of a text that ``NUMERAL`` matched, or None if its digits make no number."""
    if "成" in token:
        whole, _, last = token.partition("成")
        tens = 0.5 if whole == "半" else float(whole) if whole[0].isdigit() else float(_DIGITS[whole])
        value = tens * 10 + (_DIGITS[last] if last else 0)
        return Numeral(value, value, tenths=True)
    arabic = _ARABIC_PARTS.fullmatch(token)
    if arabic:
        power = _power(arabic[2])
        value = float(arabic[1].replace(",", "")) * power
        return Numeral(value, value, power)
    return _read_han(token)


def _read_han(token: str) -> Numeral | None:
    whole, _, decimals = token.partition("点")
    pairs = [(_DIGITS[first], _DIGITS[second]) for first, second in _PAIR.findall(whole)]
    if any(second != first + 1 and (first, second) not in _FAR_PAIRS for first, second in pairs):
        return None
    part = float("0." + "".join(str(_DIGITS[one]) for one in decimals)) if decimals else 0.0
    low, high = (_integer(_PAIR.sub(side, whole)) + part for side in (r"\1", r"\2"))
    last = re.search("[百千万亿]+$", whole)
    return Numeral(low, high, _power(last.group()) if last and not decimals else 1.0)


def _power(signs: str) -> float:
    power = 1.0
    for sign in signs:
        power *= POWERS[sign]
    return power


def _integer(text: str) -> float:
    total = section = 0.0
    digit, last, zero = 0, 1.0, False
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
            zero = zero or digit == 0
            continue
        power = POWERS[sign]
        if power < POWERS["万"]:
            section += (digit or 1) * power
        else:
            # 一万亿 has nothing of its own before 亿.
            total = total + (section + digit) * power if section + digit else total * power
            section = 0.0
        digit, last, zero = 0, power, False
    # 七万六 leaves out its 千, 一百零五 does not.
    return total + section + digit * (last / 10 if last > 10 and not zero else 1)
