"""Measures rankings of groups that were left out of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.evaluation.measures import measure_direction
from matching.evaluation.metrics import Interval, interval
from matching.learning.groups import FITS, TRAPS, Group


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One value a need, in the order of the groups: nDCG@10, first place right, share of traps above fits.

    ``traps_above`` counts every (trap, fit) pair of the need's own group; None where it has no pair.
    """

    ndcg: tuple[float, ...]
    top1: tuple[float, ...]
    traps_above: tuple[float | None, ...]

    def intervals(self) -> dict[str, Interval]:
        """Return each measure with its 95 % interval over needs."""
        return {
            "nDCG@10": interval(self.ndcg),
            "top-1": interval(self.top1),
            "trap above fit": interval(self.traps_above),
        }

    def __add__(self, other: HeldOut) -> HeldOut:
        """Return both together, the needs of the other after these."""
        return HeldOut(self.ndcg + other.ndcg, self.top1 + other.top1, self.traps_above + other.traps_above)


def measure_held_out(groups: Sequence[Group], scores: Any, grades: Any, columns: dict[str, int]) -> HeldOut:
    """Measure a score matrix whose rows are the needs of ``groups`` in order.

    ``grades`` has the same shape; ``columns`` tells each offer's column. Equal scores of a trap and a fit
    count as half above.
    """
    direction = measure_direction(scores, grades)
    above = [_traps_above(group, scores[row], columns) for row, group in enumerate(groups)]
    return HeldOut(direction.ndcg, direction.top1, tuple(above))


def _traps_above(group: Group, scores: Any, columns: dict[str, int]) -> float | None:
    traps, fits = (
        np.array([scores[columns[offer.capability.id]] for offer in group.of(role)]) for role in (TRAPS, FITS)
    )
    if not len(traps) or not len(fits):
        return None
    higher = (traps[:, None] > fits[None]) + 0.5 * (traps[:, None] == fits[None])
    return float(higher.mean())
