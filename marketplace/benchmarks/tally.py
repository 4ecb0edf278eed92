"""The arithmetic of a year: experts' marks into totals, ranks and a selection.

Marks are decimals from 0 to 100. A mark sheet counts as the weighted mean of its marks. From so many sheets on, the
highest and the lowest are left out. The total is the mean of the rest; it is rounded once, half up, to two places, and
ranks follow the rounded figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

SELECTED, BELOW, FIELD_FULL, TOTAL_FULL, REMOVED = "selected", "below", "field_full", "total_full", "removed"
OUTCOMES = {
    SELECTED: "入选",
    BELOW: "未达分数线",
    FIELD_FULL: "领域名额已满",
    TOTAL_FULL: "总名额已满",
    REMOVED: "取消资格",
}


@dataclass(frozen=True, slots=True)
class Marks:
    """One expert's sheet for one case; ``number`` is the expert's number in the year, ``scores`` go by criterion."""

    number: int
    scores: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A case as it is ranked: its number in the year, its field, the sheets that count, whether it was removed."""

    number: int
    domain: str
    marks: tuple[Marks, ...]
    removed: bool = False


@dataclass(frozen=True, slots=True)
class TallyRules:
    """What the arithmetic depends on; ``weights`` are percents by criterion, in the order of the sheet."""

    weights: Mapping[str, int]
    tie_order: tuple[str, ...]
    threshold: int
    quota_field: int
    quota_total: int
    drop_from: int
    field_quotas: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to; ``dropped`` are the numbers of the sheets left out, ``tied`` that the rank is shared."""

    number: int
    domain: str
    total: Decimal
    means: Mapping[str, Decimal]
    spread: Decimal
    dropped: tuple[int, ...]
    rank: int
    tied: bool
    outcome: str


def round_half_up(value: Fraction) -> Decimal:
    """Return a fraction that is not negative with two places, exactly halves up."""
    hundredths = (value.numerator * 200 + value.denominator) // (value.denominator * 2)
    return Decimal(hundredths).scaleb(-2)


def weighted(scores: Mapping[str, Decimal], weights: Mapping[str, int]) -> Fraction:
    """Return the weighted mean of one sheet, exactly."""
    return sum((Fraction(scores[code]) * weight for code, weight in weights.items()), Fraction(0)) / 100


def spread_of(marks: Sequence[Marks], weights: Mapping[str, int]) -> Decimal:
    """Return how far the highest sheet lies above the lowest."""
    totals = [weighted(one.scores, weights) for one in marks]
    return round_half_up(max(totals) - min(totals)) if totals else Decimal("0.00")


def counted(marks: Sequence[Marks], rules: TallyRules) -> tuple[tuple[Marks, ...], tuple[int, ...]]:
    """Return the sheets that count and the numbers of those left out.

    Of equal sheets the one with the higher marks in the order of the criteria counts as the higher, then the lower
    number: who gave which sheet never decides anything else.
    """
    if len(marks) < rules.drop_from:
        return tuple(marks), ()
    ordered = sorted(
        marks,
        key=lambda one: (weighted(one.scores, rules.weights), *(one.scores[code] for code in rules.weights),
                         -one.number),
    )  # fmt: skip
    left_out = (ordered[0].number, ordered[-1].number)
    return tuple(one for one in marks if one.number not in left_out), tuple(sorted(left_out))


def tally(entrants: Sequence[Entrant], rules: TallyRules) -> list[Outcome]:
    """Return what every case came to, best first; removed cases come last and have rank 0.

    Ranks go by total, then by the criteria of the tie rule; what is still equal shares a rank. Cases are chosen by
    rank while they reach the threshold and their field and the whole have places left; cases that share a rank are
    chosen together, also where that exceeds the places. A removed case still holds the place it would have had: what
    was not published cannot move up into it.
    """
    figures = [_figures(one, rules) for one in entrants]
    standing = sorted(figures, key=lambda one: (_key(one, rules), -one[0].number), reverse=True)
    groups: list[list[_Figures]] = []
    for one in standing:
        if groups and _key(groups[-1][0], rules) == _key(one, rules):
            groups[-1].append(one)
        else:
            groups.append([one])
    found: list[Outcome] = []
    taken: dict[str, int] = {}
    for group in groups:
        rank, chosen = len(found) + 1, dict(taken)
        tied = sum(not one[0].removed for one in group) > 1
        for one in group:
            outcome = _chosen(one, rules, taken)
            if not one[0].removed:
                found.append(_outcome(one, rank, tied, outcome))
            if outcome == SELECTED:
                chosen[one[0].domain] = chosen.get(one[0].domain, 0) + 1
        taken = chosen
    removed = sorted((one for one in figures if one[0].removed), key=lambda one: one[0].number)
    return found + [_outcome(one, 0, False, REMOVED) for one in removed]


_Figures = tuple[Entrant, Decimal, Mapping[str, Decimal], Decimal, tuple[int, ...]]


def _figures(one: Entrant, rules: TallyRules) -> _Figures:
    kept, dropped = counted(one.marks, rules)
    size = max(1, len(kept))
    total = sum((weighted(marks.scores, rules.weights) for marks in kept), Fraction(0)) / size
    means = {
        code: round_half_up(sum((Fraction(marks.scores[code]) for marks in kept), Fraction(0)) / size)
        for code in rules.weights
    }
    return one, round_half_up(total), means, spread_of(one.marks, rules.weights), dropped


def _key(one: _Figures, rules: TallyRules) -> tuple[Decimal, ...]:
    return (one[1], *(one[2][code] for code in rules.tie_order))


def _chosen(one: _Figures, rules: TallyRules, taken: Mapping[str, int]) -> str:
    domain = one[0].domain
    if one[1] < rules.threshold:
        return BELOW
    if sum(taken.values()) >= rules.quota_total:
        return TOTAL_FULL
    return SELECTED if taken.get(domain, 0) < rules.field_quotas.get(domain, rules.quota_field) else FIELD_FULL


def _outcome(one: _Figures, rank: int, tied: bool, outcome: str) -> Outcome:
    entrant, total, means, spread, dropped = one
    return Outcome(entrant.number, entrant.domain, total, means, spread, dropped, rank, tied, outcome)
