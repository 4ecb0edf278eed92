"""Reads the sums people write, in figures or in words, and shows them again in one form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from matching import fold

Cell = str | int | float | bool | date | datetime | None

BLANK = frozenset({"", "/", "-", "--", "—", "——", "–", "无"})
_WAN, _YI = Decimal(10_000), Decimal(100_000_000)
_COLUMN_UNITS = {"万元": Decimal(1), "元": 1 / _WAN, "亿元": _WAN, "千元": Decimal("0.1")}
_LIMIT_WAN = Decimal(10) ** 9
_LONGEST, _SHOWN = 200, 24
_ALLOWED = "应写金额（如 300万元、3000–5000万元）或面议、自筹、待定"

_DIGITS = dict(zip("零〇○一二两三四五六七八九壹贰叁肆伍陆柒捌玖参", "00012234567891234567893", strict=True))
_TEN, _HUNDRED, _THOUSAND = Decimal(10), Decimal(100), Decimal(1000)
_SCALES = {
    "十": _TEN, "拾": _TEN, "百": _HUNDRED, "佰": _HUNDRED, "千": _THOUSAND, "仟": _THOUSAND, "万": _WAN, "亿": _YI,
}  # fmt: skip
_HAN = "".join(_DIGITS)
_NUMERAL = rf"(?=[\d{_HAN}十拾])(?:\d|(?<=\d)[,.](?=\d)|[{_HAN}点{''.join(_SCALES)}])+"
_TOKEN = re.compile(
    rf"(?P<figure>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)|(?P<han>[{_HAN}]+(?:点[{_HAN}]+)?)"
    rf"|(?P<scale>[{''.join(_SCALES)}])"
)

_SMALL = rf"(?:零?(?P<jiao%s>[\d{_HAN}])角)?(?:零?(?P<fen%s>[\d{_HAN}])分)?"
_AMOUNT = (
    r"(?:(?P<sign%s>¥)|人民币|rmb|cny)*\s*(?P<number%s>" + _NUMERAL + ")"
    r"\s*(?:(?P<yuan%s>[元圆]|块钱?)" + _SMALL + r")?\s*[整正]?"
)
_MAX_BEFORE = (
    r"不超过|不高于|不大于|不多于|不得超过|不得高于|小于等于|最高限价|最高|至多|最多|上限|控制在|小于|低于|少于|≤|<"
)
_MIN_BEFORE = r"不低于|不少于|不小于|不得低于|不得少于|大于等于|至少|最低|起码|超过|大于|高于|多于|≥|>"
_MAX_AFTER = r"\(含\)以[内下]|及?以[内下]|之内|内|封顶"
_MIN_AFTER = r"\(含\)以上|及?以上|起|\+"
_DASH = r"\s*(?:-{1,2}|–|—{1,2}|―|−|~|至|到)\s*"
_LEAD = (
    r"(?:项目|计划|预计|拟|估算|概算|预算|总|投资|投入|资金|财政|自筹|金额|额|经费|费用|额度|规模|合计|共计|共|大约|大概|约"
    r"|近|为|是|[:\s])*"
)
_TRAIL = r"(?:左右|上下|人民币|rmb|cny|不?含税|预算|投资|资金|经费|[\s。;,])*"


def _amount(suffix: str) -> str:
    return _AMOUNT.replace("%s", suffix)


_CLAUSE = re.compile(
    rf"{_LEAD}(?:(?P<max>{_MAX_BEFORE})|(?P<min>{_MIN_BEFORE}))?{_LEAD}{_amount('_a')}(?:{_DASH}{_amount('_b')})?"
    rf"{_TRAIL}(?:(?P<upto>{_MAX_AFTER})|(?P<from>{_MIN_AFTER}))?{_TRAIL}"
)
_ANY_AMOUNT = re.compile(_amount("_a"))
_OVER = re.compile(rf"(?<=[\d{_HAN}{''.join(_SCALES)}])\s*[余多](?=\s*(?:[千万亿元圆]|$))")
_TWO_BOUNDS = re.compile(r"(?<!\d),|,(?!\d{3})|[;、]|且|并|(?<=以上)")
_BRACKETS = re.compile(r"\([^()]*\)")
_NEGATIVE = re.compile(rf"(?:^|[:约¥])\s*(?:负|[-−–])\s*¥?(?=[\d{_HAN}十百千])")
_FOREIGN = re.compile(
    r"[美欧日韩港澳台加]元|[美日港澳台]币|[美港]金|英镑|法郎|卢布|泰铢|usd|eur|gbp|jpy|hkd|us\$|hk\$|[$€£]"
)
_RATE = re.compile(r"每|单价|年均|月均|/\s*(?:年|月|季|天|日|次|人|台|套|个|家|户|件|项|亩|平方|公里|千米|吨)")
_COLLOQUIAL = re.compile(r"(\d+(?:\.\d+)?)\s*(w|k)(?![a-z])")
_GAP = re.compile(r"(?<=\d)\s+(?=\d)")
_TOTAL = re.compile(r"(?:总|合计|共)[^,;。\d]{0,8}$")
# Words that stand for a sum, the more telling first.
_WORDS = (
    ("面议", r"面议|面谈|面洽|协商|洽谈|可谈"), ("另议", r"另议|另行|一事一议|再议"),
    ("自筹", r"自筹|自有资金|企业出资|企业投资|社会资本"),
    ("财政资金", r"财政|政府投资|政府出资|专项资金|上级资金|拨款|专项债"),
    ("不涉及资金", r"不涉及|无需|不需要|免费|无偿"), ("暂无", r"^暂?无"),
    ("待定", r"待[定核]|待[确明测论评][定确算证估]|未定|未确定|尚未|未明确|暂定|视.{0,8}情况|据实|按实际|tbd"),
)  # fmt: skip


class UnreadableError(ValueError):
    """What was written cannot be read; the message is one Chinese clause, without the field's name.

    ``suggestion`` is a value that can be read and is probably meant, None when there is no telling.
    """

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in 万元, either end open when None; ``note`` is the word written instead of a sum.

    ``text`` is as written, stripped. A blank mark such as / or 无 gives both ends None and no text.
    """

    low_wan: float | None
    high_wan: float | None
    note: str
    text: str


def as_text(value: Cell) -> str:
    """Return a cell as the text a person would see in it, stripped; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        # Twelve digits: what a workbook shows, without the noise of binary fractions.
        return format(Decimal(f"{value:.12g}"), "f")
    return str(value).strip()


def comparable(text: str) -> str:
    """Return ``text`` folded, without invisible characters and without a list mark such as ③ in front.

    Elsewhere such a mark becomes 、: folding alone would join it to the figure behind it.
    """
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf").strip()
    seen = re.sub(r"^[\u2460-\u24ff\u2776-\u2793]\s*", "", seen)
    return fold("".join("、" if unicodedata.category(char) == "No" else char for char in seen))


_HALF = {code: code - 0xFEE0 for code in range(ord("！"), ord("～") + 1)}


# One line of a cell is looked at once for every kind of list mark.
@lru_cache(maxsize=1024)
def half_width(text: str) -> str:
    """Return ``text`` with full-width signs, letters and figures made half-width, each at its place."""
    return text.translate(_HALF)


def quoted(text: str) -> str:
    """Return what was found, short enough for a sentence, with any mobile number covered."""
    shown = re.sub(r"(1[3-9]\d)\d{4}(\d{4})", r"\1****\2", " ".join(text.split()))
    return f"“{shown}”" if len(shown) <= _SHOWN else f"“{shown[: _SHOWN - 1]}…”"


def read_numeral(text: str) -> Decimal | None:
    """Return the number written in figures, in Chinese or in both (3,000、三百、1亿2千万、叁佰), else None."""
    total, section, number, scale = Decimal(0), Decimal(0), None, Decimal(0)
    at, token = 0, None
    for token in _TOKEN.finditer(text):
        if token.start() != at:
            return None
        at = token.end()
        if token["scale"] is None:
            if number is not None:
                return None
            number = _plain_number(token)
            continue
        before, scale = scale, _SCALES[token["scale"]]
        if not _may_follow(scale, number, section, total):
            return None
        if scale < _WAN:
            if section and before <= scale:
                return None
            section += (1 if number is None else number) * scale
        elif scale == _WAN:
            section, total = Decimal(0), total + (section + (number or 0)) * scale
        else:
            section, total = Decimal(0), (total + section + (number or 0)) * scale
        number = None
    if token is None or at != len(text):
        return None
    if number is None or not scale:
        return total + section + (number or 0)
    if token["figure"]:
        return None  # 3万5: thousands or single ones, there is no telling
    # 一万五 leaves out the next lower unit; 一万零五 and 三百五十 do not.
    skipped = len(token["han"]) == 1 and scale > 10
    return total + section + number * (scale / 10 if skipped else 1)


def _may_follow(scale: Decimal, number: Decimal | None, section: Decimal, total: Decimal) -> bool:
    """Whether a unit fits behind what was read: 百万 lacks its number, 300万500万 are two sums."""
    if scale < _WAN:
        return number is not None or scale == 10
    if scale == _WAN:
        return total % _YI == 0 and (number is not None or section > 0)
    # 1万亿 and 1万2千亿 are one number, 1亿2亿 and 1万1亿 are two.
    return total < _YI and (number is None or total == 0) and (number is not None or section + total > 0)


def _plain_number(token: re.Match[str]) -> Decimal:
    if token["figure"]:
        return Decimal(token["figure"].replace(",", ""))
    return Decimal("".join("." if char == "点" else _DIGITS[char] for char in token["han"]))


def read_money(value: Cell, *, unit: str = "万元") -> Money:
    """Return the sum in a cell; a bare number counts in ``unit`` (万元, 元, 亿元 or 千元).

    Raises UnreadableError for what is no single sum in yuan, KeyError for another ``unit``.
    """
    column, text = _COLUMN_UNITS[unit], as_text(value)
    if len(text) > _LONGEST:
        raise UnreadableError(f"写了 {len(text)} 个字；{_ALLOWED}")
    plain = comparable(text)
    if plain in BLANK:
        return Money(None, None, "", "")
    plain, over = _OVER.subn("", plain)
    _refuse_other_sums(plain, text)
    bounds = _bounds(plain.replace(" ", ""), column, text)
    if bounds is None:
        amounts = _amounts(plain)
        if not amounts and not re.search(r"\d", plain):
            return Money(None, None, _word(plain, text), text)
        raise _unclear(amounts, text)
    low, high = bounds
    if over and low == high:
        high = None
    if max(low or 0, high or 0) > _LIMIT_WAN:
        raise UnreadableError(f"{quoted(text)}超过 10 万亿元；请核对单位")
    return Money(_rounded(low), _rounded(high), "", text)


def _rounded(wan: Decimal | None) -> float | None:
    return None if wan is None else float(round(wan, 6))


def _refuse_other_sums(plain: str, text: str) -> None:
    if _FOREIGN.search(plain):
        raise UnreadableError(f"{quoted(text)}是外币；应折成人民币填写")
    if _NEGATIVE.search(plain):
        raise UnreadableError(f"{quoted(text)}是负数；金额应不小于 0")
    if _RATE.search(plain):
        raise UnreadableError(f"{quoted(text)}是单价或每年的金额；应写总金额")
    if short := _COLLOQUIAL.search(plain):
        suggestion = f"{short[1]}{'万元' if short[2] == 'w' else '千元'}"
        raise UnreadableError(f"{quoted(text)}用了字母作单位；应写万元或元", suggestion)
    if _GAP.search(plain):
        joined = _GAP.sub("", plain) if re.search(r"\d(?: \d{3})+(?!\d)", text) else None
        raise UnreadableError(f"{quoted(text)}的数字中间有空格；应连着写", joined)


_Bounds = tuple[Decimal | None, Decimal | None]


def _bounds(plain: str, column: Decimal, text: str) -> _Bounds | None:
    """Both ends in 万元, None when the whole is no clause of one sum."""
    if clause := _CLAUSE.fullmatch(plain):
        return _clause_bounds(clause, column, text)
    outside = _BRACKETS.sub("", plain).strip()
    if clause := _CLAUSE.fullmatch(outside) if outside != plain else None:
        found = _clause_bounds(clause, column, text)
        # What stands in brackets may repeat the sum in capitals, never add another one.
        if found and all(wan in found for wan, _ in _amounts("".join(_BRACKETS.findall(plain)))):
            return found
        return None
    parts = [_CLAUSE.fullmatch(part) for part in _TWO_BOUNDS.split(plain) if part and part.strip()]
    if len(parts) == 2 and parts[0] and parts[1]:
        first, second = (_clause_bounds(part, column, text) for part in parts if part)
        if first and second and first[1] is None and second[0] is None and (first[0] or 0) <= (second[1] or 0):
            return first[0], second[1]
    return None


def _clause_bounds(clause: re.Match[str], column: Decimal, text: str) -> _Bounds | None:
    if clause["number_b"]:
        return _range_bounds(clause, column, text)
    wan, upper, lower = _wan(clause, "_a", column), clause["max"] or clause["upto"], clause["min"] or clause["from"]
    if wan is None or (upper and lower):
        return None
    return None if lower is None and upper else wan, None if lower else wan


def _range_bounds(clause: re.Match[str], column: Decimal, text: str) -> _Bounds | None:
    low, high = _wan(clause, "_a", column, like="_b"), _wan(clause, "_b", column, like="_a")
    if low is None or high is None or clause["min"] or clause["from"]:
        return None
    if low > high:
        own = _wan(clause, "_a", column)
        # 3000-1亿: the first figure has the unit of the column, not 亿.
        ordered = (own, high) if own is not None and own <= high else (high, low)
        money = Money(_rounded(ordered[0]), _rounded(ordered[1]), "", "")
        raise UnreadableError(f"{quoted(text)}的下限大于上限；应先小后大", format_money(money))
    return low, high


def _wan(found: re.Match[str], side: str, column: Decimal, *, like: str | None = None) -> Decimal | None:
    """The amount of one side in 万元; a bare one takes the unit of the side ``like``."""
    number, explicit = found[f"number{side}"], _explicit(found, side)
    if like and not explicit and _explicit(found, like):
        unit = re.search(rf"[{''.join(_SCALES)}]*$", found[f"number{like}"])
        number, explicit = number + (unit.group() if unit else ""), True
    value = read_numeral(number)
    if value is None:
        return None
    for name, size in (("jiao", Decimal("0.1")), ("fen", Decimal("0.01"))):
        if digit := found[f"{name}{side}"]:
            value += size * int(_DIGITS.get(digit, digit))
    return value / _WAN if explicit else value * column


def _explicit(found: re.Match[str], side: str) -> bool:
    return bool(found[f"sign{side}"] or found[f"yuan{side}"] or re.search("[万亿]", found[f"number{side}"]))


def _amounts(plain: str) -> list[tuple[Decimal, re.Match[str]]]:
    """Every amount with a unit of its own, in 万元, and where it stands."""
    found = ((_wan(one, "_a", Decimal(1)), one) for one in _ANY_AMOUNT.finditer(plain) if _explicit(one, "_a"))
    return [(wan, one) for wan, one in found if wan is not None]


def _unclear(amounts: list[tuple[Decimal, re.Match[str]]], text: str) -> UnreadableError:
    if not amounts:
        return UnreadableError(f"{quoted(text)}看不出金额；{_ALLOWED}")
    total = next((one for one in amounts if _TOTAL.search(one[1].string[: one[1].start()])), None)
    suggestion = (total or max(amounts, key=lambda one: one[0]))[1].group().strip()
    count = len({wan for wan, _ in amounts})
    if count > 1:
        return UnreadableError(f"{quoted(text)}有 {count} 个金额，看不出哪个是总额；应只写一个", suggestion)
    return UnreadableError(f"{quoted(text)}除金额外还有别的话；应只写金额", suggestion)


def _word(plain: str, text: str) -> str:
    for note, pattern in _WORDS:
        if re.search(pattern, plain):
            return note
    raise UnreadableError(f"{quoted(text)}看不出金额；{_ALLOWED}")


def format_money(money: Money) -> str:
    """Return the sum for showing (3000–5000 万元, 1.44 亿元, 50 万元以上), its note, or nothing."""
    low, high = money.low_wan, money.high_wan
    if low is None and high is None:
        return money.note
    if low is None or high is None or low == high:
        one = low if high is None else high
        figure, name = _in_unit(one or 0.0)
        return f"{figure} {name}" + ("以内" if low is None else "以上" if high is None else "")
    (first, first_name), (last, last_name) = _in_unit(low), _in_unit(high)
    if first_name == last_name or low == 0:
        return f"{first}–{last} {last_name}"
    return f"{first} {first_name}–{last} {last_name}"


def _in_unit(wan: float) -> tuple[str, str]:
    exact = Decimal(repr(wan))
    size, name = (1 / _WAN, "亿元") if exact >= _WAN else (_WAN, "元") if 0 < exact < 1 else (Decimal(1), "万元")
    figure = format(exact * size, "f")
    return figure.rstrip("0").rstrip(".") if "." in figure else figure, name
