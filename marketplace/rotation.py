"""The declared rule by which near-equal capabilities change places on a page from day to day.

Only the order on the page moves. Score, band and rank stay as stored, and the rank is what is shown beside a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from matching import Band

# The first of a group may be above the last by the width and not by what rounding adds.
_GRAIN = 1e-9


class Ranked(Protocol):
    """What the rule looks at."""

    @property
    def capability_key(self) -> int:
        """Whose place it is."""

    @property
    def score(self) -> float:
        """The stored score."""

    @property
    def band(self) -> Band:
        """The band it is shown under."""


Row = TypeVar("Row", bound=Ranked)


@dataclass(frozen=True, slots=True)
class Rotation:
    """The rule as it was applied: ``width`` in probability, the day, and the seed that makes the order again."""

    width: float
    day: str
    seed: str


def rotated(
    rows: Sequence[Row], need_key: int, *, width: float, day: date
) -> tuple[list[tuple[int, Row]], Rotation | None]:
    """Return rows with their ranks (from 1) in the order to show, and the rule; None where it is switched off.

    ``rows`` come best first. A group begins with the best that is left and takes in what follows within ``width`` of
    it and under the same band; what is not recommended keeps its order. Within a group the order is that of
    SHA-256 over seed and capability.
    """
    ranked = list(enumerate(rows, 1))
    if width <= 0:
        return ranked, None
    seed = f"{day.isoformat()}-{need_key}"
    found: list[tuple[int, Row]] = []
    start = 0
    while start < len(ranked):
        first = ranked[start][1]
        end = start + 1
        while end < len(ranked) and _near(first, ranked[end][1], width):
            end += 1
        found += sorted(ranked[start:end], key=lambda pair: _turn(seed, pair[1].capability_key))
        start = end
    return found, Rotation(width, day.isoformat(), seed)


def _near(first: Ranked, other: Ranked, width: float) -> bool:
    return first.band is other.band is not Band.NONE and 0 <= first.score - other.score <= width + _GRAIN


def _turn(seed: str, capability_key: int) -> str:
    return hashlib.sha256(f"{seed}-{capability_key}".encode()).hexdigest()
