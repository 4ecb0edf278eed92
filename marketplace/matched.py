"""Pages that show matches: one opportunity, one capability, one pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import cast

from marketplace.cards import card_of, correction_views, match_views, override_of, verdict_views
from marketplace.desk import Desk
from marketplace.errors import BadRequestError, ForbiddenError
from marketplace.pages import (
    CapabilityPage,
    Contribution,
    GapView,
    MatchView,
    OpportunityPage,
    PairPage,
    TeamView,
)
from marketplace.questions import ask_first
from marketplace.rotation import rotated
from marketplace.sight import Sight
from marketplace.store import Database, MatchRow, PostingRow
from marketplace.store.changes import last_change_of, read_value
from marketplace.store.matches import find_match, load_snapshot, load_team, matches_of, rank_of
from marketplace.store.matchmaking import corrected
from marketplace.store.postings import load_vectors
from matching import (
    Band,
    Capability,
    MatchingSettings,
    Opportunity,
    RankingModel,
    Side,
    VerdictKind,
    load_model,
    prepare,
    score_pair,
    shared_segmenter,
)

CROSS_FIELD = 5
_CLOSED = "为保证公平，本站在采购前不公开具名单位的匹配判断；需求单位和能力单位登录后可查看与本单位有关的匹配。"
GAPS = 5
LABELS = {
    "coverage": ("需求条目覆盖", "逐条需求与最能说明它的那句材料有多吻合，取平均"),
    "meaning": ("整体含义", "两份材料的标题与正文整体上有多接近"),
    "topic": ("主题独特性", "去掉各自清单共有的说法之后，主题还有多接近"),
    "wording": ("关键词重合", "需求里的少见词在能力材料中出现了多少"),
}


class MatchedPages:
    """Builds the pages of one state of the database."""

    def __init__(self, db: Database, desk: Desk, sight: Sight) -> None:
        self._db, self._desk, self._sight = db, desk, sight

    @staticmethod
    @cache
    def model(settings: MatchingSettings) -> RankingModel:
        """Return the shipped ranking model."""
        return load_model(settings.weights)

    def opportunity(self, row: PostingRow, top: int, width: float = 0.0) -> OpportunityPage:
        """Return the page of an opportunity; ``matches`` is None when this viewer may see none.

        Matches whose probabilities lie within ``width`` change places from day to day.
        """
        every = self._present(matches_of(self._db, row.key, Side.OPPORTUNITY))
        whole = self._sight.whole(row)
        rows = [one for one in every if self._seen(one)]
        # Who sees only the own pairs sees no order, so there is none to change.
        ranked, rotation = rotated(rows, row.key, width=width if whole else 0.0, day=date.today())
        shown = ranked[:top]
        views = self._views([one for _, one in shown], Side.OPPORTUNITY, [rank for rank, _ in shown])
        return OpportunityPage(
            card=card_of(row, self._desk.key_years),
            opportunity=cast(Opportunity, row.posting),
            matches=views if self._sight.anything else None,
            total_matches=len(rows),
            pending=self._pending(row.key),
            team=self._team(row, rows) if whole else None,
            own_only=not whole,
            rotation=rotation,
        )

    def capability(self, row: PostingRow, top: int) -> CapabilityPage:
        """Return the page of a capability with its cross-field finds and gaps."""
        every = self._present(matches_of(self._db, row.key, Side.CAPABILITY))
        whole = self._sight.whole(row)
        rows = [one for one in every if self._seen(one)]
        views = self._views(rows, Side.CAPABILITY)
        declared = set(row.posting.domains)
        # A field that is not stated lies outside of none.
        foreign = [
            view for view in views
            if view.band is not Band.NONE and declared and (own := view.counterpart.posting.domains)
            and declared.isdisjoint(own)
        ]  # fmt: skip
        seen = self._sight.anything
        return CapabilityPage(
            card=card_of(row, self._desk.key_years),
            capability=cast(Capability, row.posting),
            matches=views[:top] if seen else None,
            cross_field=tuple(foreign[:CROSS_FIELD]) if seen else None,
            gaps=_gaps(views) if whole else (),
            total_matches=len(rows),
            pending=self._pending(row.key),
            own_only=not whole,
        )

    def pair(self, need: PostingRow, offer: PostingRow, settings: MatchingSettings) -> PairPage:
        """Return the page of one pair, stored or scored on demand.

        Raises ForbiddenError when this viewer may not see it.
        """
        if not self._sight.pair(need, offer):
            raise ForbiddenError(_CLOSED)
        stored = find_match(self._db, need.key, offer.key)
        row = stored or corrected(self._db, [self._score(need, offer, settings)])[0]
        told = correction_views(row)
        verdicts = verdict_views(need.posting, row.verdicts, told)
        contributions = dict(row.contributions)
        intercept = contributions.pop("intercept", 0.0)
        return PairPage(
            card_of(need, self._desk.key_years),
            card_of(offer, self._desk.key_years),
            row.score,
            row.band,
            rank_of(self._db, row, Side.OPPORTUNITY) if stored and self._sight.place(need) else None,
            rank_of(self._db, row, Side.CAPABILITY) if stored and self._sight.whole(offer) else None,
            verdicts,
            tuple(_contribution(name, value) for name, value in contributions.items()),
            intercept,
            ask_first(verdicts),
            self._desk.pair_years.get((need.key, offer.key), ()),
            tuple((Band(band), low) for band, low in self.model(settings).bands.items()),
            override_of(told),
            tuple(one for one in told if one.lapsed),
            self._sight.may_correct(need, offer),
        )

    def _score(self, need: PostingRow, offer: PostingRow, settings: MatchingSettings) -> MatchRow:
        current = load_snapshot(self._db)
        vectors = load_vectors(self._db, read_value(self._db, "encoder") or "", [need.key, offer.key])
        if current is None or need.key not in vectors or offer.key not in vectors:
            raise BadRequestError("这一对还没有完成匹配计算，请稍后再看。")
        segmenter = shared_segmenter(settings.data_dir / "lexicon")
        left, right = (prepare([row.posting], [vectors[row.key]], segmenter)[0] for row in (need, offer))
        pair, verdicts = score_pair(self.model(settings), left, right, current[3])
        return MatchRow(need.key, offer.key, pair.score, pair.band, dict(pair.contributions), verdicts, "")

    def _present(self, rows: Iterable[MatchRow]) -> list[MatchRow]:
        postings = self._desk.postings
        return [row for row in rows if row.opportunity_key in postings and row.capability_key in postings]

    def _seen(self, row: MatchRow) -> bool:
        postings = self._desk.postings
        return self._sight.pair(postings[row.opportunity_key], postings[row.capability_key])

    def _views(self, rows: Sequence[MatchRow], side: Side, ranks: Sequence[int] = ()) -> tuple[MatchView, ...]:
        desk = self._desk
        return match_views(rows, side, desk.postings, desk.key_years, desk.pair_years, ranks)

    def _pending(self, key: int) -> bool:
        return last_change_of(self._db, key) > int(read_value(self._db, "matched_through") or 0)

    def _team(self, row: PostingRow, rows: Sequence[MatchRow]) -> TeamView | None:
        """Return the proposed team when it is more than one, all members still to be seen."""
        found = load_team(self._db, row.key)
        if found is None or len(found[0]) < 2:
            return None
        known = self._desk.postings
        if any(key not in known or not self._sight.posting(known[key]) for key in found[0]):
            return None
        members, covered, uncovered = found
        verdicts = {one.capability_key: one.verdicts for one in rows}
        met = {key: tuple(v.requirement for v in verdicts.get(key, ()) if v.kind is VerdictKind.MET) for key in members}
        cards = tuple((card_of(self._desk.postings[key], self._desk.key_years), met[key]) for key in members)
        return TeamView(cards, tuple(covered), tuple(uncovered))


def _contribution(name: str, value: float) -> Contribution:
    label, explanation = LABELS.get(name, (name, ""))
    return Contribution(name, label, value, explanation)


def _gaps(views: Sequence[MatchView]) -> tuple[GapView, ...]:
    """Return the open requirements of the nearest needs that this capability otherwise suits."""
    near = [view for view in views if view.band in (Band.STRONG, Band.GOOD, Band.POSSIBLE)]
    open_points = [
        GapView(verdict.requirement_text, view.counterpart, verdict.kind)
        for view in near
        for verdict in view.verdicts
        if verdict.kind is not VerdictKind.MET
    ]
    return tuple(open_points[:GAPS])
