"""Judges the requirements of opportunities against the passages of capabilities."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import expit

from matching.evidence.limits import limiting_clause
from matching.evidence.numbers import compare, falls_short
from matching.evidence.weights import FEATURES, EvidenceWeights
from matching.records import Passage, Verdict, VerdictKind
from matching.shelf import Shelf, WordSpace
from matching.statistics import Snapshot
from matching.text.numbers import Quantity, read_quantities

# A limiting clause speaks of a requirement when it holds this share of the rare words of either.
_LIMIT_SHARE = 0.3
_SHORT_CASE = 14


def _is_name(passage: Passage) -> bool:
    """Whether a passage only names something: a title, or a case told in a few characters."""
    return passage.source == "title" or (passage.source == "case" and len(passage.text) < _SHORT_CASE)


class Judge:
    """Compares every requirement of one shelf with chosen capabilities of another."""

    def __init__(
        self, needs: Shelf, offers: Shelf, words: WordSpace, snapshot: Snapshot, weights: EvidenceWeights
    ) -> None:
        self._needs, self._offers, self._weights = needs, offers, weights
        self._words, self._snapshot = words, snapshot
        need_words = [item for row in needs.rows for item in row.item_tokens]
        offer_words = [item for row in offers.rows for item in row.item_tokens]
        mass = words.mass(need_words)
        scaled = sparse.diags(1 / mass) @ words.queries(need_words) @ sparse.diags(words.idf)
        self._need_words = scaled.tocsr()
        self._offer_words = words.queries(offer_words).tocsr()
        self._is_title = np.array([_is_name(p) for row in offers.rows for p in row.texts.passages])

    @cached_property
    def _required(self) -> list[list[Quantity]]:
        return [read_quantities(p.text) for row in self._needs.rows for p in row.texts.passages]

    @cached_property
    def _offered(self) -> list[list[Quantity]]:
        return [read_quantities(p.text) for row in self._offers.rows for p in row.texts.passages]

    @cached_property
    def _dimensions(self) -> list[frozenset[str]]:
        return [frozenset(figure.dimension for figure in figures) for figures in self._offered]

    @cached_property
    def _is_limit(self) -> Any:
        return np.array([clause is not None for clause in self._limits], float)

    @cached_property
    def _limits(self) -> list[str | None]:
        return [limiting_clause(p.text) for row in self._offers.rows for p in row.texts.passages]

    def log_odds(self, need: int, offer: int) -> Any:
        """Return the log-odds that each passage proves each requirement, shape (requirements, passages)."""
        block, _, _ = self._block(need, np.array([offer]))
        return block

    def best(self, need: int, offers: Any) -> Any:
        """Return each requirement's best log-odds per capability, shape (requirements, offers)."""
        block, _, starts = self._block(need, offers)
        return np.maximum.reduceat(block, starts, axis=1)

    def verdicts(self, need: int, offer: int) -> tuple[Verdict, ...]:
        """Return one verdict for each requirement, in order.

        An empty requirement asks nothing and gets no verdict. Where a need lists none, the sentences
        of its story stand in, so that no score is without evidence; ``Verdict.requirement`` then
        counts those.
        """
        block, neutral, _ = self._block(need, np.array([offer]))
        passages = self._needs.rows[need].texts.passages
        return tuple(self._verdict(need, offer, row, block[row], neutral[row]) for row in range(len(passages)))

    def _verdict(self, need: int, offer: int, row: int, log_odds: Any, neutral: Any) -> Verdict:
        weights = self._weights
        place = int(np.argmax(log_odds))
        score = float(expit(log_odds[place]))
        first = int(self._offers.starts[offer])
        against = self._against(need, offer, row, neutral)
        if against is not None and neutral[against] >= log_odds[place]:
            place, kind = against, VerdictKind.CONFLICT
        elif log_odds[place] >= weights.met:
            kind = VerdictKind.MET
        elif log_odds[place] >= weights.partial:
            kind = VerdictKind.PARTIAL
        else:
            return Verdict(self._place(need, row), VerdictKind.UNCLEAR, score)
        required = self._required[self._needs.starts[need] + row]
        checks = tuple(one for one in compare(required, self._offered[first + place]) if one.same_measure)
        if kind is VerdictKind.MET and not all(check.holds for check in checks):
            # The sentence speaks of it, but a figure beside it is too weak for "met".
            kind = VerdictKind.PARTIAL
        limit = self._limits[first + place] if kind is VerdictKind.CONFLICT else None
        passage = self._offers.rows[offer].texts.passages[place]
        return Verdict(self._place(need, row), kind, score, passage, checks, limit)

    def _place(self, need: int, row: int) -> int:
        """Return the place in the list as written of a requirement's row; a story's rows just count."""
        place = self._needs.rows[need].texts.passages[row].index
        return row if place is None else place

    def _against(self, need: int, offer: int, row: int, neutral: Any) -> int | None:
        """Return the passage that speaks of the requirement but falls short or rules it out."""
        first = int(self._offers.starts[offer])
        required = self._required[self._needs.starts[need] + row]
        own = self._needs.rows[need].item_tokens[row]
        for place in np.argsort(-neutral, kind="stable")[:3]:
            if neutral[place] < self._weights.met:
                return None
            if falls_short(required, self._offered[first + place]):
                return int(place)
            clause = self._limits[first + place]
            if clause is not None and self._speaks_of(clause, own):
                return int(place)
        return None

    def _speaks_of(self, clause: str, own: tuple[str, ...]) -> bool:
        shared = [word for word in set(own) if len(word) > 1 and word in clause]
        if not shared:
            return False
        mass = self._words.mass([own, shared])
        return bool(mass[1] >= _LIMIT_SHARE * mass[0])

    def features(self, need: int, offers: Any) -> tuple[Any, Any]:
        """Return evidence features, shape (features, requirements, passages), and each offer's start."""
        shelf = self._offers
        columns, starts, owners = self._columns(offers)
        first, last = int(self._needs.starts[need]), int(self._needs.starts[need + 1])
        scaled = self._snapshot.scaled
        body = self._needs.rows[need].vectors.body
        near = np.array([float(shelf.rows[int(offer)].vectors.body @ body) for offer in offers])
        features = np.zeros((len(FEATURES), last - first, len(columns)))
        features[0] = scaled(
            "alike", self._needs.items[first:last].astype(np.float64) @ shelf.items[columns].T.astype(np.float64)
        )
        features[1] = (self._need_words[first:last] @ self._offer_words[columns].T).toarray()
        features[2:5] = self._number_features(first, last, columns)
        features[5] = self._is_limit[columns]
        features[6] = self._is_title[columns]
        features[7] = scaled("near", near)[owners]
        return features, starts

    def _block(self, need: int, offers: Any) -> tuple[Any, Any, Any]:
        """Return log-odds, the same without the figures' part, and where each offer starts."""
        features, starts = self.features(need, offers)
        weights = np.array([self._weights[name] for name in FEATURES])
        block = self._weights.intercept + np.tensordot(weights, features, 1)
        return block, block - np.tensordot(weights[2:5], features[2:5], 1), starts

    def _columns(self, offers: Any) -> tuple[Any, Any, Any]:
        spans = [np.arange(self._offers.starts[o], self._offers.starts[o + 1]) for o in map(int, offers)]
        lengths = [len(span) for span in spans]
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(int)
        return np.concatenate(spans), starts, np.repeat(np.arange(len(spans)), lengths)

    def _number_features(self, first: int, last: int, columns: Any) -> Any:
        """Return what became of the figures (holds, fails, unanswered), shape (3, rows, columns)."""
        terms = np.zeros((3, last - first, len(columns)))
        for row in range(first, last):
            required = self._required[row]
            if not required:
                continue
            terms[2, row - first] = 1
            wanted = {quantity.dimension for quantity in required}
            for number, column in enumerate(columns):
                if wanted.isdisjoint(self._dimensions[column]):
                    continue
                checks = compare(required, self._offered[column])
                if checks:
                    good = all(check.holds for check in checks)
                    terms[:, row - first, number] = (1, 0, 0) if good else (0, 1, 0)
        return terms
