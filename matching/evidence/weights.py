"""The fitted coefficients of the evidence model, read from data/ranking/weights.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FEATURES = ("alike", "shared", "holds", "fails", "unanswered", "limit", "title", "near")


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """Log-odds that a sentence proves a requirement: ``intercept`` + sum of weight x feature.

    alike: centred cosine of the two sentences; shared: rarity-weighted share of the requirement's
    words found in the sentence; holds / fails / unanswered: what became of its figures; limit: the
    sentence restricts (不含, 仅限); title: the sentence is the title; near: cosine of the bodies.
    ``met`` and ``partial`` are the lowest log-odds of these verdicts.
    """

    intercept: float
    weights: Mapping[str, float]
    met: float
    partial: float

    def __getitem__(self, name: str) -> float:
        return self.weights[name]
