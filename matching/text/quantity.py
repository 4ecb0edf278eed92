"""A figure as read out of a text."""

from __future__ import annotations

from dataclasses import dataclass

CADENCE = "cadence"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure: its value range in the dimension's base unit, its direction and its words.

    ``direction`` is ≥, ≤ or empty; ``dimension`` compares only with itself; ``text`` is as
    written wherever folding kept the length; ``context`` is the folded text before and, on a
    second line, after the figure, which says what is measured. ``per_s`` is the time in seconds
    the figure is counted within, ``per_sure`` false where only a time stands nearby; ``each`` is
    the counted thing it is meant for. The dimension ``cadence`` is the seconds from one time to
    the next.
    """

    low: float
    high: float
    dimension: str
    direction: str
    text: str
    context: str
    per_s: float | None = None
    per_sure: bool = True
    each: str = ""
