"""Compares the figures of a requirement with those of a passage."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matching.records import NumberCheck
from matching.text.numbers import AT_LEAST, AT_MOST, PLAIN, Quantity

# Share of word pairs around two figures that must agree before they are said to measure the same.
SAME_MEASURE = 0.3
_HAN_PAIR = re.compile(r"[a-z\u3400-\u9fff]{2}")
# A month is 30 days here and a twelfth of a year there: 36个月 is 3年, 180天 is 6个月.
_LONG_S, _CALENDAR_SLACK = 28 * 86400, 0.015
# A bare figure of these dimensions is a wish for at least that much (20万台, 98%).
_WISH_AT_LEAST = ("percent", "count")


def compare(required: Sequence[Quantity], offered: Sequence[Quantity]) -> list[NumberCheck]:
    """Return one check for each required figure that has a comparable figure on offer.

    Of several comparable figures the one whose words just before it are most alike is taken;
    equally alike ones count in favour of the offer.
    """
    checks = []
    for wanted in required:
        direction = _direction(wanted)
        if direction is None:
            continue
        options = [figure for figure in offered if _comparable(wanted, direction, figure)]
        if not options:
            continue
        best = max(options, key=lambda f: (_alike(wanted.context, f.context), _holds(wanted, direction, f)))
        same = _alike(wanted.context, best.context) >= SAME_MEASURE
        checks.append(NumberCheck(wanted.text, best.text, _holds(wanted, direction, best), same))
    return checks


def falls_short(required: Sequence[Quantity], offered: Sequence[Quantity]) -> bool:
    """Return whether a figure of the same measure misses the need and no other figure meets it."""
    told = [check for check in compare(required, offered) if check.same_measure]
    if not told or any(check.holds for check in told):
        return False
    return not any(
        _holds(wanted, direction, figure)
        for wanted in required
        if (direction := _direction(wanted)) is not None
        for figure in offered
        if _comparable(wanted, direction, figure)
    )


def _direction(wanted: Quantity) -> str | None:
    if wanted.low != wanted.high:
        return "range"
    if wanted.direction != PLAIN:
        return wanted.direction
    return AT_LEAST if wanted.dimension.startswith(_WISH_AT_LEAST) else None


def _comparable(wanted: Quantity, direction: str, figure: Quantity) -> bool:
    if figure.dimension != wanted.dimension:
        return False
    if direction == "range":
        return figure.low != figure.high
    # "误差≤5%" and "精度≥98%" measure different things although both are per cent.
    return figure.direction in (PLAIN, direction)


def _holds(wanted: Quantity, direction: str, figure: Quantity) -> bool:
    # Of a range the worse end counts: 24–48 hours is not "within 24 hours".
    slack = _CALENDAR_SLACK if wanted.dimension == "time" and wanted.low >= _LONG_S else 1e-9
    if direction == AT_LEAST:
        return figure.low >= wanted.low * (1 - slack)
    if direction == AT_MOST:
        return figure.high <= wanted.high * (1 + slack)
    return figure.low <= wanted.low and figure.high >= wanted.high


def _alike(first: str, second: str) -> float:
    pairs_first, pairs_second = (
        {pair for i in range(len(text) - 1) if _HAN_PAIR.fullmatch(pair := text[i : i + 2])} for text in (first, second)
    )
    if not pairs_first or not pairs_second:
        return 0.0
    return len(pairs_first & pairs_second) / min(len(pairs_first), len(pairs_second))
