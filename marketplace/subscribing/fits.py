"""Finds what is news for one person: new needs for a capability, new offers for a need, new finds of a search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from marketplace.access import Viewer
from marketplace.cards import match_views
from marketplace.desk import Desk
from marketplace.finder import Finder
from marketplace.pages import MatchView, VerdictView
from marketplace.records import shown_day
from marketplace.sight import Sight
from marketplace.store import Database, PostingRow
from marketplace.store.matches import matches_of
from marketplace.store.subscriptions import load_search
from marketplace.subscribing.gaps import Gap, most_often_unmet
from marketplace.subscribing.searches import found_rows, unpack_query
from marketplace.subscribing.subjects import (
    CAPABILITIES,
    CAPABILITY,
    GOOD_BANDS,
    OPPORTUNITIES,
    OPPORTUNITY,
    SEARCH,
)
from marketplace.wording import BAND_WORDS, VERDICT_WORDS
from matching import Band, Opportunity, Side, VerdictKind

QUOTED = 60
News = Callable[[PostingRow], bool]
_SIDES = {CAPABILITY: Side.CAPABILITY, CAPABILITIES: Side.CAPABILITY,
          OPPORTUNITY: Side.OPPORTUNITY, OPPORTUNITIES: Side.OPPORTUNITY}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fit:
    """One posting that is news; ``path`` leads to it, or to the pair it makes with the reader's own.

    ``band`` and ``why`` are empty for a find of a search; ``deadline`` for a capability. A score or a place among
    competitors is not in here.
    """

    key: int
    title: str
    organisation: str
    published_on: str
    deadline: str
    path: str
    band: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What is news for one posting of the reader's, or for one search, best first; ``path`` leads to that."""

    key: int
    title: str
    path: str
    fits: tuple[Fit, ...]
    gap: Gap | None = None


class FitFinder:
    """Looks at one state of the database; rights are asked for every pair."""

    def __init__(self, db: Database, desk: Desk, finder: Finder) -> None:
        self._db, self._desk, self._finder = db, desk, finder
        self._today = date.today().isoformat()

    def own_rows(self, viewer: Viewer, subject: str, subject_key: int) -> list[PostingRow]:
        """Return the viewer's own visible postings that a subject is about, by external id."""
        side = _SIDES.get(subject)
        if side is None:
            return []
        if subject in (CAPABILITY, OPPORTUNITY):
            row = self._desk.postings.get(subject_key)
            own = row is not None and row.posting.side is side and viewer.owns(row.organisation_key)
            return [row] if row is not None and own else []
        owned = viewer.company_of | viewer.publisher_of
        rows = [row for key in owned for row in self._by_owner.get(key, ()) if row.posting.side is side]
        return sorted(rows, key=lambda row: row.posting.id)

    def groups(
        self, viewer: Viewer, subject: str, subject_key: int, news: News, *, gaps: bool = False
    ) -> tuple[Group, ...]:
        """Return what is news under a subject, one group for each posting or search that has any.

        With ``gaps`` each capability also tells the requirement it leaves unmet most often.
        """
        if subject == SEARCH:
            found = self._search(viewer, subject_key, news)
            return (found,) if found and found.fits else ()
        groups = (self._group(viewer, row, news, gaps) for row in self.own_rows(viewer, subject, subject_key))
        return tuple(group for group in groups if group.fits)

    @cached_property
    def _by_owner(self) -> dict[int, list[PostingRow]]:
        owned: dict[int, list[PostingRow]] = defaultdict(list)
        for row in self._desk.postings.values():
            if row.organisation_key:
                owned[row.organisation_key].append(row)
        return owned

    def _search(self, viewer: Viewer, key: int, news: News) -> Group | None:
        search = load_search(self._db, key)
        if search is None or search.account_key != viewer.account_key:
            return None
        rows = found_rows(self._desk, self._finder, unpack_query(search.side, search.query), news)
        return Group(search.key, search.name, "", tuple(self._find(row) for row in rows))

    def _group(self, viewer: Viewer, own: PostingRow, news: News, gaps: bool) -> Group:
        views = self._good(viewer, own)
        postings = self._desk.postings
        fits = tuple(
            self._fit(own, view)
            for view in views
            if news(postings[view.counterpart.key]) and not self._closed(postings[view.counterpart.key])
        )
        wanted = gaps and own.posting.side is Side.CAPABILITY and fits
        gap = most_often_unmet(views, self._finder.words) if wanted else None
        return Group(own.key, own.posting.title, _path(own), fits, gap)

    def _good(self, viewer: Viewer, own: PostingRow) -> Sequence[MatchView]:
        """The counterparts in the good bands whose pair the viewer may see, best first."""
        # Whether a site shows rankings to everyone does not matter here: letters tell of one's own.
        sight, postings, side = Sight(viewer), self._desk.postings, own.posting.side
        kept = []
        for row in matches_of(self._db, own.key, side):
            need, offer = postings.get(row.opportunity_key), postings.get(row.capability_key)
            if Band(row.band) in GOOD_BANDS and need and offer and sight.pair(need, offer):
                kept.append(row)
        return match_views(kept, side, postings, {}, {})

    def _closed(self, row: PostingRow) -> bool:
        posting = row.posting
        return isinstance(posting, Opportunity) and bool(posting.deadline) and str(posting.deadline) < self._today

    def _fit(self, own: PostingRow, view: MatchView) -> Fit:
        other = self._desk.postings[view.counterpart.key]
        need, offer = (other, own) if own.posting.side is Side.CAPABILITY else (own, other)
        plain = self._find(other)
        return Fit(
            plain.key, plain.title, plain.organisation, plain.published_on, plain.deadline,
            f"/pairs/{need.key}/{offer.key}", BAND_WORDS[view.band], _why(view.verdicts, need),
        )  # fmt: skip

    def _find(self, row: PostingRow) -> Fit:
        posting = row.posting
        name, deadline = "", ""
        if isinstance(posting, Opportunity):
            name, deadline = posting.publisher, posting.deadline or shown_day(posting, "deadline")
        else:
            name = posting.company
        return Fit(row.key, posting.title, name, row.published_on or "", deadline, _path(row))


def _path(row: PostingRow) -> str:
    kind = "opportunities" if row.posting.side is Side.OPPORTUNITY else "capabilities"
    return f"/{kind}/{row.key}"


def _why(verdicts: Iterable[VerdictView], need: PostingRow) -> str:
    """The verdict that proves most, in one sentence; a corrected one says by whom."""
    proving = [one for one in verdicts if one.text and one.kind in (VerdictKind.MET, VerdictKind.PARTIAL)]
    best = max(
        proving,
        key=lambda one: (one.kind is VerdictKind.MET, any(n.holds for n in one.numbers), one.score, -one.requirement),
        default=None,
    )
    if best is None or best.text is None:
        return "整体内容相近，逐条依据待确认"
    listed = isinstance(need.posting, Opportunity) and bool(need.posting.requirements)
    asked = "需求条目" if listed else "需求描述"
    by = f"（{best.correction.name}更正）" if best.correction else ""
    return f"{asked}“{_cut(best.requirement_text)}”{VERDICT_WORDS[best.kind]}{by}，依据：“{_cut(best.text)}”"


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= QUOTED else f"{plain[:QUOTED]}…"
