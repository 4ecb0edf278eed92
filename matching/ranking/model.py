"""The readable scoring model: named weights, calibration and bands, read from one JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matching.errors import ModelError
from matching.evidence import EvidenceWeights
from matching.evidence.weights import FEATURES as EVIDENCE_FEATURES
from matching.records import Band

# coverage: mean over requirements of the best sentence's log-odds above the level of "partial",
# trusted the more the more requirements there are; meaning: cosine of the whole postings; topic:
# the same after each side's mean is removed; wording: BM25 share of rare words.
FEATURES = ("coverage", "meaning", "topic", "wording")
# A need that lists requirements and one that only tells its story are weighed differently.
LISTED, UNLISTED = "listed", "unlisted"


@dataclass(frozen=True, slots=True)
class Regime:
    """Log-odds that a capability serves a need: ``intercept`` + sum of weight x feature."""

    intercept: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RankingModel:
    """Everything fitted: evidence, the two regimes, the lowest score of each band, team price."""

    version: str
    evidence: EvidenceWeights
    regimes: Mapping[str, Regime]
    bands: Mapping[str, float]
    member_price: float

    def band(self, score: float) -> Band:
        """Return the band of a score in 0..1."""
        for band in (Band.STRONG, Band.GOOD, Band.POSSIBLE):
            if score >= self.bands[band]:
                return band
        return Band.NONE


def load_model(path: Path) -> RankingModel:
    """Read the model from ``path``.

    Raises ModelError when the file is missing or a weight is.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        evidence = raw["evidence"]
        regimes = {
            name: Regime(raw["score"][name]["intercept"], {f: raw["score"][name]["weights"][f] for f in FEATURES})
            for name in (LISTED, UNLISTED)
        }
        return RankingModel(
            raw["version"],
            EvidenceWeights(
                evidence["intercept"],
                {name: evidence["weights"][name] for name in EVIDENCE_FEATURES},
                evidence["met"],
                evidence["partial"],
            ),
            regimes,
            {band: raw["bands"][band] for band in (Band.STRONG, Band.GOOD, Band.POSSIBLE)},
            raw["member_price"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"排序权重文件 {path} 读不到或不完整（{error}）；请从发布包恢复该文件。") from error
