"""The room of matchmakers: what to begin today, what is overdue, all pairings by stage or as a list."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta

from marketplace.access import MATCHMAKER, Viewer, require
from marketplace.audit import record_action
from marketplace.cards import card_of, correction_views, override_of
from marketplace.desk import Desk, DeskKeeper
from marketplace.followup import open_pairing
from marketplace.followup.rights import require_neutral
from marketplace.matched import MatchedPages
from marketplace.matchmaking.cards import desk_card, questions_of, tally_of
from marketplace.matchmaking.pages import (
    BoardColumn,
    BoardPage,
    DeskCard,
    DeskChoices,
    DeskListPage,
    DeskPage,
    DeskQuery,
    Suggestion,
)
from marketplace.matchmaking.rights import served_pair
from marketplace.matchmaking.suggesting import RULES, DayFacts, Picked, Suggester, day_facts
from marketplace.regions import CITIES
from marketplace.settings import MarketSettings
from marketplace.stages import FAILED, STAGES, UNASSIGNED
from marketplace.store import MatchRow
from marketplace.store.database import transaction
from marketplace.store.desk_lists import (
    DeskFilter,
    DeskRow,
    Served,
    board_rows,
    due_rows,
    list_rows,
    role_holders,
    tallies,
)
from marketplace.store.matches import matches_of_pairs
from marketplace.store.matchmaking import overridden_bands
from marketplace.store.suggestions import dismiss, promising_pairs, recall_dismissed

SOON = timedelta(days=7)
DUE_CARDS, BOARD_DEPTH, PAGE = 15, 10, 50
MINE, FREE, ALL = "mine", "free", "all"
LATE, WEEK = "late", "week"
Pair = tuple[int, int]


class Workbench:
    """The desk, its board and its list; within the districts a matchmaker serves, and where it is neutral."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings
        self._facts: DayFacts | None = None

    def page(self, viewer: Viewer) -> DeskPage:
        """Return today's desk: suggestions, then what is overdue, then what is due within a week."""
        require(viewer, MATCHMAKER)
        db, desk, today = self._keeper.db, self._keeper.desk(), date.today()
        served, soon = _served(viewer), (today + SOON).isoformat()
        counts = tallies(db, viewer.account_key, served, today.isoformat(), soon)
        picked = self._pick(viewer, desk, today)
        due = due_rows(db, viewer.account_key, served, soon, DUE_CARDS)
        pairs = [one.pair for one in picked] + [(row.opportunity_key, row.capability_key) for row in due]
        found = matches_of_pairs(db, list(dict.fromkeys(pairs)))
        cards = [self._card(row, viewer, today, desk, found) for row in due]
        mine, free = counts["mine"], counts["free"]
        return DeskPage(
            today.isoformat(),
            tuple(_suggestion(desk, one, found[one.pair]) for one in picked),
            tuple(card for card in cards if card.act_on < today.isoformat()),
            tuple(card for card in cards if card.act_on >= today.isoformat()),
            mine[0] + free[0], mine[1] + free[1], sum(mine), sum(free), RULES,
        )  # fmt: skip

    def board(self, viewer: Viewer, query: DeskQuery) -> BoardPage:
        """Return the pairings by stage, the first of each; those that came to nothing are in the list."""
        asked = self._filter(viewer, query)
        rows, totals = board_rows(self._keeper.db, asked, BOARD_DEPTH)
        today, rules = date.today(), self._settings.followup
        cards = [desk_card(row, viewer, rules, today) for row in rows]
        columns = tuple(
            BoardColumn(stage, label, rules.days_of(stage), totals.get(stage, 0),
                        tuple(card for card in cards if card.stage == stage))
            for stage, label in STAGES.items()
            if stage != FAILED and (not query.stage or stage == query.stage)
        )  # fmt: skip
        return BoardPage(query, self._choices(), columns, sum(column.total for column in columns))

    def list_page(self, viewer: Viewer, query: DeskQuery) -> DeskListPage:
        """Return one page of the pairings as filtered; a page past the end is the last one."""
        asked, db = self._filter(viewer, query), self._keeper.db
        offset = (max(1, query.page) - 1) * PAGE
        rows, total = list_rows(db, asked, limit=PAGE, offset=offset)
        pages = max(1, math.ceil(total / PAGE))
        if query.page > pages:
            rows, total = list_rows(db, asked, limit=PAGE, offset=(pages - 1) * PAGE)
        today, rules = date.today(), self._settings.followup
        cards = tuple(desk_card(row, viewer, rules, today) for row in rows)
        choices = self._choices()
        return DeskListPage(query, choices, cards, total, pages, tuple(role_holders(db, MATCHMAKER).items()))

    def begin(self, viewer: Viewer, pair: Pair) -> int:
        """Open the pairing of a suggested pair; return its key, the open one's when there is one already.

        Raises NotFoundError outside the districts served, ForbiddenError for who is not neutral there, CapError when
        a limit is reached.
        """
        require_neutral(viewer, *served_pair(self._keeper.desk(), viewer, pair))
        with transaction(self._keeper.db) as db:
            return open_pairing(db, self._settings, viewer, *pair, origin="match")

    def put_aside(self, viewer: Viewer, pair: Pair) -> None:
        """Do not suggest a pair to this matchmaker any more today.

        Raises NotFoundError outside the districts served.
        """
        need, offer = (row.posting.title for row in served_pair(self._keeper.desk(), viewer, pair))
        with transaction(self._keeper.db) as db:
            if dismiss(db, viewer.account_key, date.today().isoformat(), pair):
                record_action(db, viewer, "suggestion.dismissed", "posting", pair[0], 场景机会=need, 场景能力=offer)

    def bring_back(self, viewer: Viewer) -> int:
        """Suggest again what was put aside today; return how many pairs that were."""
        require(viewer, MATCHMAKER)
        with transaction(self._keeper.db) as db:
            count = recall_dismissed(db, viewer.account_key, date.today().isoformat())
            if count:
                record_action(db, viewer, "suggestion.recalled", 条数=count)
        return count

    def _pick(self, viewer: Viewer, desk: Desk, today: date) -> list[Picked]:
        db, facts = self._keeper.db, self._facts_of(desk)
        bands = {(need, offer): band for need, offer, band, _ in overridden_bands(db)}
        limits = MatchedPages.model(self._settings.matching).bands
        pairs = promising_pairs(db, viewer.account_key, today.isoformat(), limits)
        return Suggester(desk, viewer, today, bands, facts).pick(pairs)

    def _facts_of(self, desk: Desk) -> DayFacts:
        """Return who has as many pairings as allowed; counted anew only when a pairing has changed its stage."""
        facts = self._facts
        if facts is None or facts.desk is not desk:
            facts = self._facts = day_facts(desk, self._settings.followup)
        return facts

    def _card(self, row: DeskRow, viewer: Viewer, today: date, desk: Desk, found: Mapping[Pair, MatchRow]) -> DeskCard:
        match = found.get((row.opportunity_key, row.capability_key))
        questions = questions_of(desk.postings.get(row.opportunity_key), match)
        return desk_card(row, viewer, self._settings.followup, today, questions)

    def _filter(self, viewer: Viewer, query: DeskQuery) -> DeskFilter:
        require(viewer, MATCHMAKER)
        today = date.today()
        who = {MINE: viewer.account_key, FREE: 0, ALL: None}
        chosen = who[query.who] if query.who in who else int(query.who)
        return DeskFilter(
            stages=(query.stage,) if query.stage in STAGES else (),
            matchmaker=chosen,
            before=today.isoformat() if query.due == LATE else "",
            until=(today + SOON).isoformat() if query.due == WEEK else "",
            text=query.text,
            region=query.region,
            served=_served(viewer),
        )

    def _choices(self) -> DeskChoices:
        people = role_holders(self._keeper.db, MATCHMAKER)
        return DeskChoices(
            (
                (ALL, "全部"),
                (MINE, "我的"),
                (FREE, UNASSIGNED),
                *((str(key), name) for key, name in people.items()),
            ),
            tuple(STAGES.items()),
            tuple((city, city) for city in CITIES),
        )


def _served(viewer: Viewer) -> Served:
    """Who stands for a company is neutral in no pairing, who stands for an agency not in its own."""
    apart = tuple(sorted(viewer.publisher_of))
    return Served(viewer.districts.get(MATCHMAKER, ()), apart, nothing=bool(viewer.company_of))


def _suggestion(desk: Desk, one: Picked, match: MatchRow) -> Suggestion:
    return Suggestion(
        card_of(one.need, desk.key_years), card_of(one.offer, desk.key_years), match.band,
        override_of(correction_views(match)), one.factors, one.worth, tally_of(match), questions_of(one.need, match),
    )  # fmt: skip
