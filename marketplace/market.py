"""The marketplace as one object: every page and command asks here."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from datetime import date

from marketplace import lists
from marketplace.cards import card_of
from marketplace.desk import Desk, DeskKeeper
from marketplace.errors import BadRequestError, GoneError, NotFoundError
from marketplace.finder import Finder
from marketplace.flagging import public_sheet
from marketplace.landed import benchmark_page
from marketplace.matched import MatchedPages
from marketplace.pages import (
    BenchmarkPage,
    CapabilityPage,
    CityFigures,
    HomePage,
    ListPage,
    ListQuery,
    OpportunityPage,
    PairPage,
    PostingCard,
    SearchPage,
    StatusPage,
)
from marketplace.regions import CITIES
from marketplace.reporting import status_page
from marketplace.rooms import Rooms
from marketplace.settings import MarketSettings
from marketplace.sight import Sight
from marketplace.store import PostingRow
from marketplace.store.benchmark_flags import load_flags
from marketplace.store.matches import band_counts, needs_with_good
from marketplace.store.postings import load_rows
from matching import Band, Encoder, Side

SHORT_LIST = 5


class Market(Rooms):
    """One installation, opened in one process and used from many threads."""

    def __init__(self, settings: MarketSettings, encoder: Encoder | None = None) -> None:
        self.settings = settings
        self._keeper = DeskKeeper(settings)
        self._finder = Finder(settings, self._keeper, encoder)

    def warm_up(self) -> None:
        """Begin loading the encoder; searches go by words until it is there."""
        self._finder.warm_up()

    def home(self) -> HomePage:
        """Return the start page's figures and short lists."""
        desk, db = self._keeper.desk(), self._keeper.db
        needs, offers = desk.side(Side.OPPORTUNITY), desk.side(Side.CAPABILITY)
        matched, bands = needs_with_good(db, self._lowest(Band.GOOD)), band_counts(db)
        unmatched = [row for row in needs if row.key not in matched]
        counts = {side: Counter(row.region for row in desk.side(side)) for side in Side}
        year = desk.years[0] if desk.years else None
        return HomePage(
            opportunities=len(needs),
            capabilities=len(offers),
            strong_pairs=bands.get(str(Band.STRONG), 0),
            needs_with_good_match=len(needs) - len(unmatched),
            unmatched=self._cards(desk, unmatched[:SHORT_LIST]),
            newest_opportunities=self._cards(desk, lists.ordered(needs, "newest", None)[:SHORT_LIST]),
            newest_capabilities=self._cards(desk, lists.ordered(offers, "newest", None)[:SHORT_LIST]),
            cities=tuple(
                CityFigures(city, counts[Side.OPPORTUNITY][city], counts[Side.CAPABILITY][city]) for city in CITIES
            ),
            benchmark_year=year,
            benchmark_candidates=sum(year in years for years in desk.pair_years.values()),
        )

    def list_postings(self, query: ListQuery) -> ListPage:
        """Return one page of a list; a page past the end is the last one."""
        if query.order not in lists.ORDERS:
            raise BadRequestError(f"排序方式“{query.order}”不存在；可选：相关度、最新、截止日期、最近确认。")
        desk, today = self._keeper.desk(), date.today()
        rows = desk.side(query.side)
        places, semantic = None, False
        hits: tuple[str, ...] = ()
        if query.text.strip():
            places, semantic = self._finder.search(query.side, query.text)
            rows = [row for row in rows if row.key in places]
            hits = self._hits(query.text)
        kept = lists.keep(rows, query, today)
        ordered = lists.ordered(kept, query.order, places)
        pages = max(1, math.ceil(len(ordered) / query.page_size))
        page = min(max(1, query.page), pages)
        start = (page - 1) * query.page_size
        return ListPage(
            query,
            self._cards(desk, ordered[start : start + query.page_size], hits),
            len(kept),
            pages,
            lists.facets(rows, query, today),
            semantic,
            () if kept else lists.relaxations(rows, query, today),
        )

    def search(self, text: str) -> SearchPage:
        """Return the first finds of both lists."""
        queries = (ListQuery(side, text, order="relevance" if text.strip() else "newest", page_size=SHORT_LIST)
                   for side in Side)  # fmt: skip
        return SearchPage(text, *(self.list_postings(query) for query in queries))

    def opportunity_page(self, key: int, sight: Sight, *, top: int = 10) -> OpportunityPage:
        """Return an opportunity with the ranked capabilities this viewer may see."""
        desk = self._keeper.desk()
        row = self._find(desk, key, Side.OPPORTUNITY, sight)
        width = self.settings.fairness.rotation_width
        page = MatchedPages(self._keeper.db, desk, sight).opportunity(row, top, width)
        return replace(
            page, may_contact=self.contacts.revealable(sight.viewer, row), may_edit=_own(sight, row),
            matches=self.feedback.worded(sight.viewer, page.card, page.matches), may_judge=sight.viewer.signed_in,
            answering=self.answer_desk.brief(sight.viewer, row),
        )  # fmt: skip

    def capability_page(self, key: int, sight: Sight, *, top: int = 10) -> CapabilityPage:
        """Return a capability with the ranked opportunities this viewer may see, 跨界机会 and gaps."""
        desk = self._keeper.desk()
        row = self._find(desk, key, Side.CAPABILITY, sight)
        page = MatchedPages(self._keeper.db, desk, sight).capability(row, top)
        words = self.feedback.worded
        return replace(
            page, may_contact=self.contacts.revealable(sight.viewer, row), may_edit=_own(sight, row),
            matches=words(sight.viewer, page.card, page.matches), may_judge=sight.viewer.signed_in,
            cross_field=words(sight.viewer, page.card, page.cross_field),
        )  # fmt: skip

    def pair_page(self, opportunity_key: int, capability_key: int, sight: Sight) -> PairPage:
        """Return one pair; one outside the stored best is scored on demand.

        Raises ForbiddenError when this viewer may not see it.
        """
        desk = self._keeper.desk()
        need = self._find(desk, opportunity_key, Side.OPPORTUNITY, sight)
        offer = self._find(desk, capability_key, Side.CAPABILITY, sight)
        page = MatchedPages(self._keeper.db, desk, sight).pair(need, offer, self.settings.matching)
        said = self.feedback.of(sight.viewer, [(need.key, offer.key)])
        return replace(
            page, feedback=said.get((need.key, offer.key)), may_judge=sight.viewer.signed_in,
            answer_way=self.answer_desk.way(sight.viewer, need, offer),
            pairing=self.pairings.beside(sight.viewer, need, offer),
        )  # fmt: skip

    def benchmark_page(self, year: int, *, candidates_only: bool = False) -> BenchmarkPage:
        """Return the landings of one year's round, or only those that passed every gate.

        Raises NotFoundError for a year without a round.
        """
        db = self._keeper.db
        flags = {one.landing_id: one for one in load_flags(db, year=year)}
        return benchmark_page(
            self._keeper.desk(),
            flags,
            public_sheet(db, year).rules,
            self.benchmark_years(),
            candidates_only=candidates_only,
        )

    def benchmark_years(self) -> tuple[int, ...]:
        """Return the years with a round, newest first."""
        return tuple(sorted({*self._keeper.desk().years, *self.year_book.public_years()}, reverse=True))

    def status(self) -> StatusPage:
        """Return what is running and whether it fits together."""
        return status_page(self._keeper.db, self.settings, self._finder, self._keeper.desk())

    def _lowest(self, band: Band) -> float:
        return MatchedPages.model(self.settings.matching).bands[band]

    def _cards(self, desk: Desk, rows: list[PostingRow], hits: tuple[str, ...] = ()) -> tuple[PostingCard, ...]:
        return tuple(card_of(row, desk.key_years, hits) for row in rows)

    def _hits(self, text: str) -> tuple[str, ...]:
        """Words to mark: as typed and as segmented, longest first."""
        words = {*text.split(), *self._finder.words(text)}
        return tuple(sorted((word for word in words if len(word) > 1), key=lambda word: (-len(word), word)))

    def _find(self, desk: Desk, key: int, side: Side, sight: Sight) -> PostingRow:
        row = desk.postings.get(key)
        if row is not None and row.posting.side is side and sight.posting(row):
            return row
        name = "场景机会" if side is Side.OPPORTUNITY else "场景能力"
        if row is None and any(stored.posting.side is side for stored in load_rows(self._keeper.db, [key])):
            raise GoneError(f"这条{name}已撤回或下架，不再公开。")
        raise NotFoundError(f"没有这条{name}，可能是链接有误。")


def _own(sight: Sight, row: PostingRow) -> bool:
    return sight.viewer.owns(row.organisation_key)
