"""Scores pairs of two shelves and orders them from both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from matching.evidence import Judge
from matching.ranking.candidates import candidate_mask
from matching.ranking.model import FEATURES, LISTED, UNLISTED, RankingModel
from matching.records import Opportunity, ScoredPair
from matching.shelf import Shelf, WordSpace
from matching.statistics import Snapshot

CANDIDATES = 200
FEW_ITEMS = 2


@dataclass(frozen=True, slots=True)
class PairTable:
    """Scores of all considered pairs: ``score`` and ``considered`` have shape (needs, offers).

    ``features`` has one more axis in the order of FEATURES. Higher scores are better, 0..1.
    """

    score: Any
    considered: Any
    features: Any

    def offers_for(self, need: int) -> list[int]:
        """Return the considered offers of a need, best first, ties by position."""
        return _ordered(self.score[need], self.considered[need])

    def needs_for(self, offer: int) -> list[int]:
        """Return the considered needs of an offer, best first, ties by position."""
        return _ordered(self.score[:, offer], self.considered[:, offer])


def _ordered(scores: Any, considered: Any) -> list[int]:
    places = np.flatnonzero(considered)
    # Six decimals are what is written and shown, so they are what decides a tie.
    order = np.argsort(-np.round(scores[places], 6), kind="stable")
    return [int(place) for place in places[order]]


class Ranker:
    """Compares two shelves under one snapshot and one model; rows must be sorted by id."""

    def __init__(self, needs: Shelf, offers: Shelf, snapshot: Snapshot, model: RankingModel) -> None:
        self.needs, self.offers, self.model = needs, offers, model
        words = WordSpace(snapshot, needs, offers)
        self.judge = Judge(needs, offers, words, snapshot, model.evidence)
        need_words = [row.tokens for row in needs.rows]
        bm25 = (words.queries(need_words) @ words.documents([row.tokens for row in offers.rows]).T).toarray()
        self._wording = bm25 / words.mass(need_words)[:, None]
        self._topic = snapshot.scaled("topic", needs.whole.astype(np.float64) @ offers.whole.T.astype(np.float64))
        self._meaning = snapshot.scaled("meaning", needs.raw.astype(np.float64) @ offers.raw.T.astype(np.float64))

    def table(self, candidates: int = CANDIDATES) -> PairTable:
        """Score every candidate pair; ``candidates`` per posting and signal, 0 for all pairs."""
        considered = candidate_mask([self._meaning, self._topic, self._wording], candidates)
        shape = (*considered.shape, len(FEATURES))
        features, score = np.zeros(shape), np.zeros(considered.shape)
        for need in range(shape[0]):
            offers = np.flatnonzero(considered[need])
            if len(offers):
                features[need, offers] = self.features(need, offers)
                score[need, offers] = self.score(need, features[need, offers])
        return PairTable(score, considered, features)

    def features(self, need: int, offers: Any) -> Any:
        """Return the pair features of one need with some offers, shape (offers, features)."""
        best = self.judge.best(need, offers)
        # One listed point says less about the whole than six do.
        trust = len(best) / (len(best) + FEW_ITEMS)
        coverage = trust * (best.mean(axis=0) - self.model.evidence.partial)
        columns = (coverage, self._meaning[need, offers], self._topic[need, offers], self._wording[need, offers])
        return np.stack(columns, axis=1)

    def score(self, need: int, features: Any) -> Any:
        """Return the scores in 0..1 for features of one need's pairs."""
        regime = self.model.regimes[self.regime(need)]
        weights = np.array([regime.weights[name] for name in FEATURES])
        return expit(regime.intercept + features @ weights)

    def regime(self, need: int) -> str:
        """Return which set of weights the need is scored with."""
        posting = self.needs.rows[need].posting
        return LISTED if isinstance(posting, Opportunity) and any(posting.requirements) else UNLISTED

    def pair(self, need: int, offer: int, features: Any | None = None) -> ScoredPair:
        """Return one pair with what each feature contributed to the log-odds of its score."""
        values = self.features(need, np.array([offer]))[0] if features is None else features
        score = float(self.score(need, values[None])[0])
        regime = self.model.regimes[self.regime(need)]
        contributions = {"intercept": regime.intercept} | {
            name: float(regime.weights[name] * value) for name, value in zip(FEATURES, values, strict=True)
        }
        own, other = self.needs.rows[need].id, self.offers.rows[offer].id
        return ScoredPair(own, other, score, self.model.band(round(score, 6)), contributions)
