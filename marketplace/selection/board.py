"""The round as its organisers carry it: cases and their checks, scoring, second rounds, ranking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.benchmarks.tally import OUTCOMES, Marks, spread_of
from marketplace.desk import DeskKeeper
from marketplace.errors import RefusedError
from marketplace.notices import notify
from marketplace.selection import clock
from marketplace.selection.applying import CaseLine, line_of
from marketplace.selection.cases import KIND, TEXTS, Case, cases_with_pairs, change_case, find_sent_case
from marketplace.selection.checking import DECISIONS
from marketplace.selection.documents import DocumentLine, documents_of
from marketplace.selection.extending import extend_scoring
from marketplace.selection.flags import FlagView, flag_view
from marketplace.selection.record import counting_sheets, outcomes_of
from marketplace.selection.recusal import bar_interested
from marketplace.selection.rights import (
    Year,
    find_open_year,
    require_neutral,
    require_organiser,
    require_stamp,
    require_state,
)
from marketplace.selection_states import (
    ASSIGNED,
    CASE_ACTIONS,
    CASE_STATES,
    CHECKED,
    FORMAL,
    OPEN,
    RANKED,
    RETURNED,
    SCORING,
    SENT,
    YEAR_STATES,
)
from marketplace.store import Database
from marketplace.store.benchmark_cases import case_events, cases_of
from marketplace.store.benchmark_flags import load_flags
from marketplace.store.benchmark_panel import ReviewRow, assignments_of
from marketplace.store.benchmark_years import load_years, update_year
from marketplace.store.database import transaction

SUBJECT = "benchmark"


@dataclass(frozen=True, slots=True)
class BoardYear:
    """One year on the organisers' list."""

    year: int
    state: str
    state_label: str
    cases: int


@dataclass(frozen=True, slots=True)
class BoardCase:
    """One case on the board; figures are None until the marks may be seen.

    ``sheets`` of ``seats`` have been handed in for the present round; ``wide`` says that they lie too far apart.
    """

    line: CaseLine
    round: int
    seats: int
    sheets: int
    total: Decimal | None = None
    spread: Decimal | None = None
    means: Mapping[str, Decimal] | None = None
    rank: int = 0
    tied: bool = False
    outcome: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One round: where it stands, its cases, how many of each state, and what hinders the next step."""

    year: int
    state: str
    state_label: str
    stamp: int
    cases: tuple[BoardCase, ...]
    counts: tuple[tuple[str, int], ...]
    hindrances: tuple[str, ...]
    criteria: tuple[tuple[str, str, int], ...]
    calendar: Mapping[str, str]
    scoring_days: tuple[str, str]
    spread_limit: int
    threshold: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case as the organisers see it, with what may be decided."""

    line: CaseLine
    stamp: int
    record: Mapping[str, str]
    texts: Mapping[str, tuple[str, int, bool]]
    flag: FlagView | None
    decisions: tuple[tuple[str, bool], ...]
    history: tuple[tuple[str, str, str], ...]
    documents: tuple[DocumentLine, ...]
    landing_id: str
    pair: tuple[int, int]


class SelectionBoard:
    """The organisers' view of a round; every method takes the viewer first."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def years(self, viewer: Viewer) -> tuple[BoardYear, ...]:
        """Return the years whose call was opened, newest first."""
        db = self._keeper.db
        rows = [row for row in load_years(db) if row.state != "draft"]
        require_organiser(db, viewer, 0)
        return tuple(
            BoardYear(row.year, row.state, YEAR_STATES[row.state],
                      sum(case.sent for case in cases_of(db, row.year)))
            for row in rows
        )  # fmt: skip

    def page(self, viewer: Viewer, year: int) -> BoardPage:
        """Return one round; marks are shown once everybody's are in, not before."""
        db = self._keeper.db
        found = find_open_year(db, year)
        require_organiser(db, viewer, year)
        cases = cases_with_pairs(db, [row for row in cases_of(db, year) if row.sent])
        counts = Counter(case.row.state for case in cases)
        sheet = found.sheet
        return BoardPage(
            year, found.row.state, found.state_label, found.row.stamp, self._cases(db, found, cases),
            tuple((label, counts[state]) for state, label in CASE_STATES.items() if counts[state]),
            hindrances(db, found), tuple((one.code, one.label, one.weight) for one in sheet.criteria), sheet.calendar,
            found.scoring_days, sheet.numbers["spread_limit"], sheet.numbers["threshold"],
        )  # fmt: skip

    def case_page(self, viewer: Viewer, key: int) -> CasePage:
        """Return one case that was sent, as it was sent; raises NotFoundError for one that is still being written."""
        db = self._keeper.db
        case = find_sent_case(db, key)
        found = find_open_year(db, case.row.year)
        require_organiser(db, viewer, case.row.year)
        flags = load_flags(db, year=case.row.year, landing_id=case.row.landing_id)
        offered = DECISIONS.get(case.row.state, {}) if found.row.state == OPEN else {}
        return CasePage(
            line_of(db, case), case.row.stamp, case.row.record, TEXTS,
            flag_view(flags[0], found.sheet) if flags else None,
            tuple((decision, needed) for decision, (_, _, needed) in offered.items()),
            tuple((one.at, CASE_ACTIONS[one.action], one.note) for one in case_events(db, key)),
            documents_of(db, found.sheet, key), case.row.landing_id, (case.need.key, case.offer.key),
        )  # fmt: skip

    def start_scoring(self, viewer: Viewer, year: int, stamp: int) -> None:
        """End the call and begin the scoring; raises RefusedError naming what is not done yet."""
        self._go(viewer, year, stamp, OPEN, SCORING, "benchmark.scoring_started")

    def close_scoring(self, viewer: Viewer, year: int, stamp: int) -> None:
        """End the scoring; from now on organisers see marks and ranks."""
        self._go(viewer, year, stamp, SCORING, RANKED, "benchmark.scoring_closed")

    def extend_scoring(self, viewer: Viewer, year: int, until: str, reason: str, stamp: int) -> None:
        """Let experts score until a later day than the calendar says, with the reason."""
        extend_scoring(self._keeper.db, viewer, year, until, reason, stamp)

    def second_round(self, viewer: Viewer, key: int) -> None:
        """Let the experts of a case whose sheets lie too far apart score it once more.

        Raises RefusedError while sheets are missing, where they lie close enough, or in the second round.
        """
        db = self._keeper.db
        with transaction(db):
            case = find_sent_case(db, key)
            require_organiser(db, viewer, case.row.year)
            require_neutral(viewer, case.need, case.offer, case.row.organisation_key)
            found = find_open_year(db, case.row.year)
            require_state(found, SCORING)
            sheets = counting_sheets(db, case.row.year, [case])[key]
            seats = [one for one in assignments_of(db, case_key=key) if one.state == ASSIGNED]
            if case.row.round > 1 or not _wide(found, case, sheets, len(seats)):
                raise RefusedError("这个案例不需要第二轮：评分未齐、分差未超过限度，或已是第二轮。")
            change_case(db, viewer, case, "second_round", round=2)
            notify(
                db, [one.account_key for one in seats], kind=KIND, title=f"案例 {case.code} 需第二轮评分",
                link="/scoring", body="各专家评分相差较大，请各自重新核对材料后再评一次；互不通气。",
                reason="您是这个案例的评审专家。",
            )  # fmt: skip

    def _go(self, viewer: Viewer, year: int, stamp: int, before: str, after: str, action: str) -> None:
        db = self._keeper.db
        with transaction(db):
            require_organiser(db, viewer, year)
            require_state(find_open_year(db, year), before)
            # Apart from the step: what came up stays noted also where the step is refused for want of experts.
            bar_interested(db, viewer, year)
        with transaction(db):
            found = find_open_year(db, year)
            require_organiser(db, viewer, year)
            require_state(found, before)
            require_stamp(found, stamp)
            if told := hindrances(db, found):
                raise RefusedError(f"还不能进入“{YEAR_STATES[after]}”：{'；'.join(told)}。没有改动。")
            update_year(db, found.row, state=after)
            record_action(db, viewer, action, SUBJECT, year)

    def _cases(self, db: Database, found: Year, cases: list[Case]) -> tuple[BoardCase, ...]:
        """Return the cases by number, or by rank once the marks are closed."""
        sheets = counting_sheets(db, found.number, cases)
        seats = Counter(one.case_key for one in assignments_of(db, year=found.number) if one.state == ASSIGNED)
        closed = found.row.state not in (OPEN, SCORING)
        outcomes = {one.number: one for one in outcomes_of(db, found)[0]} if closed else {}
        lines = []
        for case in cases:
            key, own = case.row.key, sheets[case.row.key]
            wide = found.row.state == SCORING and case.row.round == 1 and _wide(found, case, own, seats[key])
            base = BoardCase(line_of(db, case), case.row.round, seats[key], len(own), wide=wide)
            one = outcomes.get(case.row.number)
            if one is not None:
                base = BoardCase(
                    base.line, base.round, base.seats, base.sheets, one.total, one.spread, one.means, one.rank,
                    one.tied, OUTCOMES[one.outcome],
                )  # fmt: skip
            lines.append(base)
        return tuple(sorted(lines, key=lambda one: (one.rank == 0, one.rank, one.line.code)))


def hindrances(db: Database, found: Year) -> tuple[str, ...]:
    """Return what must be done before a round goes on, as sentences; empty when it may."""
    cases, numbers = cases_with_pairs(db, cases_of(db, found.number)), found.sheet.numbers
    if found.row.state == OPEN:
        return _before_scoring(db, found, cases)
    if found.row.state != SCORING:
        return ()
    told = []
    ranked = [case for case in cases if case.row.state == CHECKED]
    sheets = counting_sheets(db, found.number, ranked)
    first, last = found.scoring_days
    if clock.today().isoformat() < first:
        told.append(f"评审期 {first} 才开始")
    seats = Counter(one.case_key for one in assignments_of(db, year=found.number) if one.state == ASSIGNED)
    for case in ranked:
        own, need = len(sheets[case.row.key]), seats[case.row.key]
        if need < numbers["experts_min"]:
            told.append(f"{case.code} 只有 {need} 位专家，至少 {numbers['experts_min']} 位")
        elif own < need:
            told.append(f"{case.code} 第 {case.row.round} 轮还有 {need - own} 位专家没有提交")
        elif case.row.round == 1 and _wide(found, case, sheets[case.row.key], need):
            told.append(f"{case.code} 分差超过 {numbers['spread_limit']}，需第二轮评分")
    if told and clock.today().isoformat() > last:
        told.append(f"评审期 {last} 已截止，专家不能再评分，需要时请先延长评审期")
    return tuple(told)


def _before_scoring(db: Database, found: Year, cases: list[Case]) -> tuple[str, ...]:
    told, closes = [], found.sheet.calendar["closes_on"]
    if clock.today().isoformat() <= closes:
        told.append(f"申报期到 {closes} 才截止")
    waiting = [case for case in cases if case.row.state in (SENT, FORMAL, RETURNED)]
    if waiting:
        told.append(f"还有 {len(waiting)} 项申报没有审查完（{'、'.join(case.code for case in waiting[:5])}）")
    ready = [case for case in cases if case.row.state == CHECKED]
    if not ready:
        told.append("没有通过审查的申报")
    seats = Counter(one.case_key for one in assignments_of(db, year=found.number) if one.state == ASSIGNED)
    least = found.sheet.numbers["experts_min"]
    few = [case for case in ready if seats[case.row.key] < least]
    if few:
        told.append(f"{'、'.join(case.code for case in few[:5])} 等 {len(few)} 项的专家少于 {least} 位")
    return tuple(told)


def _wide(found: Year, case: Case, sheets: list[ReviewRow], seats: int) -> bool:
    """Whether all sheets are in and the highest lies too far above the lowest."""
    if not sheets or len(sheets) < seats:
        return False
    marks = [Marks(place, {code: Decimal(text) for code, text in one.scores.items()})
             for place, one in enumerate(sheets)]  # fmt: skip
    return spread_of(marks, found.sheet.weights) > found.sheet.numbers["spread_limit"]
