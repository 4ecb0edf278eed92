"""Pure measures of rankings and judgements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

DEPTH = 10
RESAMPLES = 2000


def ndcg(grades: Sequence[int], ideal: Sequence[int], depth: int = DEPTH) -> float:
    """Return nDCG with gain 2^grade - 1; ``grades`` in ranked order, ``ideal`` all grades of the need."""
    best = _dcg(sorted(ideal, reverse=True)[:depth])
    return _dcg(grades[:depth]) / best if best else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return float(sum((2.0**grade - 1) / np.log2(place + 2) for place, grade in enumerate(grades)))


def recall(grades: Sequence[int], relevant: int, depth: int = DEPTH, lowest: int = 2) -> float | None:
    """Return the share of relevant postings within ``depth``; None when there are none."""
    return sum(grade >= lowest for grade in grades[:depth]) / relevant if relevant else None


def reciprocal_rank(grades: Sequence[int], lowest: int = 2) -> float | None:
    """Return 1 / place of the first relevant posting; None when the list holds none."""
    return next((1 / place for place, grade in enumerate(grades, 1) if grade >= lowest), None)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % bootstrap interval over needs and the number of needs."""

    mean: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def interval(values: Sequence[float | None], seed: int = 7) -> Interval:
    """Return the mean of the values that are not None, resampled 2,000 times from a fixed seed."""
    known = np.array([value for value in values if value is not None], float)
    if not len(known):
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    draws = np.random.default_rng(seed).integers(0, len(known), (RESAMPLES, len(known)))
    low, high = np.quantile(known[draws].mean(axis=1), (0.025, 0.975))
    return Interval(float(known.mean()), float(low), float(high), len(known))


def paired(ours: Sequence[float], other: Sequence[float]) -> Interval:
    """Return the mean difference ours - other with its paired bootstrap interval."""
    return interval([a - b for a, b in zip(ours, other, strict=True)])


def balanced_accuracy(truth: Sequence[bool], guess: Sequence[bool]) -> float:
    """Return the mean of the hit rates on covered and uncovered; yes to everything scores 0.5."""
    both = np.array(truth, bool), np.array(guess, bool)
    rates = [float((both[1][both[0] == side] == side).mean()) for side in (True, False) if (both[0] == side).any()]
    return float(np.mean(rates)) if rates else float("nan")


def macro_f1(truth: Sequence[bool], guess: Sequence[bool]) -> float:
    """Return the mean F1 of the classes covered and uncovered."""
    a, b = np.array(truth, bool), np.array(guess, bool)
    scores = []
    for side in (True, False):
        hit = int(((a == side) & (b == side)).sum())
        total = int((a == side).sum() + (b == side).sum())
        scores.append(2 * hit / total if total else 0.0)
    return float(np.mean(scores))


def kappa(first: Sequence[int], second: Sequence[int], levels: int = 4) -> float:
    """Return quadratically weighted Cohen's kappa of two graders; nan when chance alone would agree."""
    table = np.zeros((levels, levels))
    for a, b in zip(first, second, strict=True):
        table[a, b] += 1
    weight: Any = (np.arange(levels)[:, None] - np.arange(levels)[None]) ** 2
    expected = np.outer(table.sum(1), table.sum(0)) / max(1.0, table.sum())
    by_chance = (weight * expected).sum()
    return float(1 - (weight * table).sum() / by_chance) if by_chance else float("nan")
