"""How much the order of candidates depends on the weights: Kendall's tau under small changes, always the same ones."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from marketplace.benchmarks.provisional import CriterionPoints

CHANGE, DRAWS, TOP = 0.2, 200, 20
_SEED = 20260101


@dataclass(frozen=True, slots=True)
class Stability:
    """Kendall's tau of the top list over ``draws`` sets of changed weights: the lowest and the middle one."""

    candidates: int
    draws: int
    lowest: float
    middle: float


def kendall(one: Sequence[float], other: Sequence[float]) -> float:
    """Return Kendall's tau-b of two rankings of the same things.

    Where both hold everything equal it is 1, where only one does 0: nothing speaks for the other's order.
    """
    agree = against = tied_one = tied_other = 0
    for place in range(len(one)):
        for second in range(place):
            left, right = one[place] - one[second], other[place] - other[second]
            tied_one += left == 0
            tied_other += right == 0
            agree += left * right > 0
            against += left * right < 0
    pairs = len(one) * (len(one) - 1) // 2
    below = ((pairs - tied_one) * (pairs - tied_other)) ** 0.5
    return (agree - against) / below if below else float(tied_one == tied_other)


def stability(rows: Sequence[Sequence[CriterionPoints]], weights: Mapping[str, int]) -> Stability | None:
    """Return how stable the order of certain candidates is, None for fewer than two.

    Every weight is multiplied by a number between 0.8 and 1.2 and all are brought to a hundred again; the numbers
    come from a fixed seed, so that the same candidates have the same figure.
    """
    plain = [_values(row) for row in rows]
    base = [_total(row, weights) for row in plain]
    best = sorted(range(len(plain)), key=lambda place: -base[place])[:TOP]
    if len(best) < 2:
        return None
    draw, found = random.Random(_SEED), []
    ranked = [base[place] for place in best]
    for _ in range(DRAWS):
        changed = {code: weight * draw.uniform(1 - CHANGE, 1 + CHANGE) for code, weight in weights.items()}
        scale = 100 / (sum(changed.values()) or 1)
        moved = {code: weight * scale for code, weight in changed.items()}
        found.append(kendall(ranked, [_total(plain[place], moved) for place in best]))
    return Stability(len(best), DRAWS, round(min(found), 3), round(median(found), 3))


def _values(row: Sequence[CriterionPoints]) -> dict[str, float]:
    return {one.code: one.points.low for one in row if one.points is not None}


def _total(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return round(sum(points * weights.get(code, 0) for code, points in values.items()) / 100, 9)
