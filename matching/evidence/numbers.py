"""Compares the figures of a requirement with those of a passage."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from matching.evidence.measures import alike_in_kind, change_of, flaws_of, pairs_of, to_one_rate
from matching.records import NumberCheck
from matching.text.numbers import AT_LEAST, AT_MOST, CADENCE, PLAIN, Quantity

# Share of word pairs around two figures that must agree before they are said to measure the same.
SAME_MEASURE = 0.3
# A bare figure of these dimensions is a wish for at least that much (20万台, 98%).
_WISH_AT_LEAST = ("percent", "count", "times")
_ABOUT, _ABOUT_SLACK = ("约", "近"), 0.05
_DEVIATION = re.compile(r"(?:误差|偏差|公差|精度|分辨率)[^,;。\d]{0,3}$|±|正负")
_DEVIATING = ("length", "time", "temperature", "angle", "mass", "volume", "mass/volume")
_OUTPUT, _SPENT = re.compile("能力|产能|产量|处理|效率|产出|供水|供热|输送"), re.compile("耗|费|成本|重")
_WITHIN, _COVERING = "within", "range"
_KEPT = re.compile("控制|维持|保持|稳定|恒[定温]|落在")
_CEILING = re.compile("最多|至多")
# "最多支持5台" tells how much there is; "最多15分钟" of a time or an error rate does not.
_CAPACITY = ("count", "money", "mass", "volume", "bytes", "rate", "energy", "area")
# Whether counted per the same, how alike the words, whether it suffices, which figure.
_Option = tuple[bool, float, bool, Quantity]


def compare(required: Sequence[Quantity], offered: Sequence[Quantity]) -> list[NumberCheck]:
    """Return one check for each required figure that has a comparable figure on offer.

    Of several comparable figures the one whose words just before it are most alike is taken, one
    that is counted per the same before others; equally alike ones count in favour of the offer.
    """
    checks = []
    for wanted in required:
        options = _options(wanted, offered)
        if not options:
            continue
        _, alike, holds, best = max(options, key=_rank(wanted))
        checks.append(NumberCheck(wanted.text, best.text, holds, alike >= SAME_MEASURE))
    return checks


def _rank(wanted: Quantity) -> Callable[[_Option], tuple[bool, float, bool, bool]]:
    # Who is to stay within bounds shows it by a range, or by the figure that strays farthest.
    strict = _direction(wanted) == _WITHIN
    return lambda option: (*option[:2], strict and option[3].low != option[3].high, option[2] != strict)


def falls_short(required: Sequence[Quantity], offered: Sequence[Quantity]) -> bool:
    """Return whether a figure of the same measure misses the need and no other figure meets it."""
    told = [check for check in compare(required, offered) if check.same_measure]
    if not told or any(check.holds for check in told):
        return False
    return not any(holds for wanted in required for _, _, holds, _ in _options(wanted, offered))


def _options(wanted: Quantity, offered: Sequence[Quantity]) -> list[_Option]:
    """Return the comparable figures: whether counted per the same, how alike, whether it suffices, which."""
    direction = _direction(wanted)
    options: list[_Option] = []
    if direction is None:
        return options
    for figure in offered:
        if figure.dimension != wanted.dimension:
            continue
        holds = _holds(wanted, direction, figure)
        if holds is not None:
            same_rate = (wanted.per_s is None) == (figure.per_s is None)
            options.append((same_rate, _alike(wanted.context, figure.context), holds, figure))
    return options


def _direction(wanted: Quantity) -> str | None:
    if wanted.low != wanted.high and wanted.dimension != CADENCE:
        return _WITHIN if _KEPT.search(wanted.context + wanted.text) else _COVERING
    if wanted.direction != PLAIN:
        return wanted.direction
    if wanted.dimension == CADENCE:
        return AT_MOST if re.search("[每次回遍轮]", wanted.text) else None
    if not wanted.dimension.startswith(_WISH_AT_LEAST):
        return _wish(wanted)
    # "误差5%" is a wish for no more, "投诉下降50%" for at least that fall.
    is_flaw = wanted.dimension == "percent" and flaws_of(wanted.context) and not change_of(wanted.context)
    return AT_MOST if is_flaw else AT_LEAST


def _wish(wanted: Quantity) -> str | None:
    """Return what a bare figure with a unit asks for, where the words before it say so."""
    said = wanted.context.partition("\n")[0]
    if wanted.dimension in _DEVIATING and (_DEVIATION.search(said) or _DEVIATION.search(wanted.text)):
        return AT_MOST
    if wanted.dimension == "time" and said.endswith("提前"):
        return AT_LEAST
    if wanted.per_s and _OUTPUT.search(said) and not _SPENT.search(said):
        return AT_LEAST
    return None


def _holds(wanted: Quantity, direction: str, found: Quantity) -> bool | None:
    """Return whether ``found`` suffices, or None if the two do not compare."""
    figure = alike_in_kind(wanted, found)
    rated = to_one_rate(wanted, figure) if figure else None
    if rated is None:
        return None
    figure, slack = rated
    slack = max(slack, _ABOUT_SLACK) if wanted.text.startswith(_ABOUT) else slack
    if direction == _WITHIN:
        return figure.low >= wanted.low * (1 - slack) and figure.high <= wanted.high * (1 + slack)
    if direction == _COVERING:
        covers = figure.low <= wanted.low and figure.high >= wanted.high
        return covers if figure.low != figure.high else None
    # "误差≤5%" and "精度≥98%" measure different things although both are per cent.
    if figure.direction not in (PLAIN, direction) and not _is_capacity(figure, direction):
        return None
    # Of a range the worse end counts: 24–48 hours is not "within 24 hours".
    if direction == AT_LEAST:
        return figure.low >= wanted.low * (1 - slack)
    return figure.high <= wanted.high * (1 + slack)


def _is_capacity(figure: Quantity, direction: str) -> bool:
    return (
        direction == AT_LEAST
        and figure.dimension.startswith(_CAPACITY)
        and _CEILING.match(figure.text) is not None
    )  # fmt: skip


def _alike(first: str, second: str) -> float:
    pairs_first, pairs_second = pairs_of(first), pairs_of(second)
    if not pairs_first or not pairs_second:
        return 0.0
    return len(pairs_first & pairs_second) / min(len(pairs_first), len(pairs_second))
