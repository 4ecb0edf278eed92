"""The engine as one object: lists in, shelves, rankings, verdicts and teams out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import expit

from matching.background import background_for
from matching.encoders.base import Encoder
from matching.prepare import Prepared, encode_postings, prepare
from matching.ranking import FEATURES, PairTable, Ranker, RankingModel, load_model
from matching.records import Posting, ScoredPair, Side, Team, Verdict
from matching.settings import MatchingSettings
from matching.shelf import build_shelf
from matching.statistics import Snapshot, measure
from matching.teams import MAX_MEMBERS, choose_team
from matching.text.segment import Segmenter, shared_segmenter

TEAM_CANDIDATES = 40
# Standard deviations of topic above the background a partner needs; members of the judged tune
# teams start at 1.4.
TEAM_TOPIC = 1.0


@dataclass(frozen=True)
class Engine:
    """Encoder, words and model of one installation; builds a cross-match of two lists."""

    encoder: Encoder
    segmenter: Segmenter
    model: RankingModel
    background: Snapshot

    @classmethod
    def open(cls, settings: MatchingSettings, encoder: Encoder) -> Engine:
        """Return the engine of an installation with an encoder that is already loaded."""
        segmenter = shared_segmenter(settings.data_dir / "lexicon")
        model = load_model(settings.weights)
        return cls(encoder, segmenter, model, background_for(encoder, segmenter, settings))

    def prepare(self, postings: Sequence[Posting]) -> list[Prepared]:
        """Encode and segment postings, in order."""
        return prepare(postings, encode_postings(postings, self.encoder), self.segmenter)

    def measure(self, opportunities: Sequence[Prepared], capabilities: Sequence[Prepared]) -> Snapshot:
        """Return the frozen statistics of two lists."""
        return measure(opportunities, capabilities, self.background)

    def match(
        self,
        opportunities: Sequence[Prepared],
        capabilities: Sequence[Prepared],
        snapshot: Snapshot | None = None,
    ) -> CrossMatch:
        """Set two lists side by side; both must hold at least one posting."""
        own = snapshot or self.measure(opportunities, capabilities)
        return CrossMatch(self.model, list(opportunities), list(capabilities), own)


class CrossMatch:
    """Two lists side by side, sorted by id, under one snapshot."""

    def __init__(
        self,
        model: RankingModel,
        opportunities: list[Prepared],
        capabilities: list[Prepared],
        snapshot: Snapshot,
    ) -> None:
        needs = sorted(opportunities, key=lambda row: row.id)
        offers = sorted(capabilities, key=lambda row: row.id)
        self.snapshot = snapshot
        self.ranker = Ranker(
            build_shelf(Side.OPPORTUNITY, needs, snapshot),
            build_shelf(Side.CAPABILITY, offers, snapshot),
            snapshot,
            model,
        )
        self._need = {row.id: number for number, row in enumerate(needs)}
        self._offer = {row.id: number for number, row in enumerate(offers)}

    @cached_property
    def table(self) -> PairTable:
        """Scores of all candidate pairs."""
        return self.ranker.table()

    @property
    def opportunity_ids(self) -> tuple[str, ...]:
        """Ids of the needs in row order."""
        return self.ranker.needs.ids

    @property
    def capability_ids(self) -> tuple[str, ...]:
        """Ids of the offers in row order."""
        return self.ranker.offers.ids

    def place(self, opportunity_id: str, capability_id: str) -> tuple[int, int]:
        """Return row and column of a pair; raises KeyError for an unknown id."""
        return self._need[opportunity_id], self._offer[capability_id]

    def verdicts(self, need: int, offer: int) -> tuple[Verdict, ...]:
        """Return the judgement of each requirement of a need, or of each sentence of its story."""
        return self.ranker.judge.verdicts(need, offer)

    def has_requirements(self, need: int) -> bool:
        """Whether the need lists requirements."""
        return self.ranker.needs.rows[need].texts.passages[0].source == "requirement"

    def team(self, need: int, max_members: int = MAX_MEMBERS) -> Team:
        """Return the team that serves a need together, chosen among its best offers."""
        row = self.ranker.needs.rows[need]
        requirements = [p for p in row.texts.passages if p.source == "requirement"]
        places = [passage.index or 0 for passage in requirements]
        if not requirements:
            return Team(row.id, (), (), ())
        offers = self._team_candidates(need)
        proof = self._proof(need, offers)
        choice = choose_team(proof, self.ranker.model.member_price, max_members)
        members = tuple(self.capability_ids[offers[place]] for place in choice.members)
        covered = tuple(places[one] for one in choice.covered)
        return Team(row.id, members, covered, tuple(place for place in places if place not in covered))

    def _team_candidates(self, need: int) -> Any:
        """The best offers by score and, for each requirement, the best ones that may prove it."""
        best = self.table.offers_for(need)[:TEAM_CANDIDATES]
        considered = np.flatnonzero(self.table.considered[need])
        log_odds = self.ranker.judge.best(need, considered)
        strong = [considered[np.argsort(-row, kind="stable")[:8]] for row in log_odds]
        offers = np.unique(np.concatenate([np.array(best, int), *strong]))
        # A three-year warranty alone makes nobody a partner: the subject must be near.
        near = self.table.features[need, offers, FEATURES.index("topic")] >= TEAM_TOPIC
        return offers[near] if near.any() else offers

    def _proof(self, need: int, offers: Any) -> Any:
        """How surely each offer proves each requirement, 0 unless the verdict is met."""
        proof = expit(self.ranker.judge.best(need, offers))
        for column, offer in enumerate(offers):
            for row, verdict in enumerate(self.verdicts(need, int(offer))):
                if verdict.kind != "met":
                    proof[row, column] = 0.0
        return proof


def score_pair(
    model: RankingModel, opportunity: Prepared, capability: Prepared, snapshot: Snapshot
) -> tuple[ScoredPair, tuple[Verdict, ...]]:
    """Return score and verdicts of one pair under a snapshot; the same as inside a whole match."""
    match = CrossMatch(model, [opportunity], [capability], snapshot)
    return match.ranker.pair(0, 0), match.verdicts(0, 0)
