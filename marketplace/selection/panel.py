"""The experts of a year: who they are, who looks at which case, and who must not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.access import EXPERT, Viewer
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import RefusedError
from marketplace.notices import notify
from marketplace.selection.cases import KIND, Case, cases_with_pairs, code_of, find_sent_case
from marketplace.selection.interests import Interests
from marketplace.selection.recusal import bar_interested, ground_of, release_expert
from marketplace.selection.rights import find_open_year, require_neutral, require_organiser, require_state
from marketplace.selection.ties import TieLine, named_organisation, note_tie, ties_of, withdraw_tie
from marketplace.selection_states import ASSIGNED, CHECKED, GROUNDS, OPEN, RECUSED, SCORING
from marketplace.store import Database
from marketplace.store.benchmark_cases import cases_of
from marketplace.store.benchmark_panel import (
    AssignmentRow,
    ExpertRow,
    add_expert,
    assignments_of,
    drop_assignment,
    expert_of,
    experts_of,
    restore_reviews,
    reviews_of,
    save_assignment,
)
from marketplace.store.database import transaction
from marketplace.store.desk_lists import role_holders
from marketplace.store.organisations import organisation_names

SUBJECT = "benchmark"


@dataclass(frozen=True, slots=True)
class ExpertLine:
    """An expert of the year: number, name, where from, how many cases, how many stood aside from."""

    account_key: int
    number: int
    name: str
    organisation: str
    assigned: int
    recused: int


@dataclass(frozen=True, slots=True)
class Seat:
    """One expert beside one case: ``state`` is free, assigned, recused or barred; ``why`` says for what reason."""

    account_key: int
    number: int
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class CaseSeats:
    """A case with all experts of the year beside it."""

    key: int
    code: str
    title: str
    domain: str
    assigned: int
    least: int
    most: int
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class PanelPage:
    """The experts of a year and who looks at what; ``choices`` are expert accounts not on the panel yet."""

    year: int
    state: str
    experts: tuple[ExpertLine, ...]
    cases: tuple[CaseSeats, ...]
    choices: tuple[tuple[int, str], ...]
    ties: tuple[TieLine, ...]


class PanelDesk:
    """Puts the panel together; computed interests are kept out whoever assigns."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def page(self, viewer: Viewer, year: int) -> PanelPage:
        """Return the panel; raises ForbiddenError for all but organisers."""
        db = self._keeper.db
        found = find_open_year(db, year)
        require_organiser(db, viewer, year)
        experts = experts_of(db, year)
        names = role_holders(db, EXPERT)
        places = organisation_names(db, [one.organisation_key for one in experts])
        seats = {(one.case_key, one.account_key): one for one in assignments_of(db, year=year)}
        counts = Counter((one.account_key, one.state) for one in seats.values())
        lines = tuple(
            ExpertLine(one.account_key, one.number, names.get(one.account_key, "已不是专家"),
                       places.get(one.organisation_key, "未登记"), counts[one.account_key, ASSIGNED],
                       counts[one.account_key, RECUSED])
            for one in experts
        )  # fmt: skip
        cases = [case for case in cases_with_pairs(db, cases_of(db, year)) if case.row.state == CHECKED]
        numbers = found.sheet.numbers
        interests, limits = Interests(db, experts, cases), (numbers["experts_min"], numbers["experts_max"])
        shown = tuple(_seats_of(interests, case, experts, seats, limits) for case in cases)
        known = {one.account_key for one in experts}
        choices = tuple((key, name) for key, name in names.items() if key not in known)
        return PanelPage(year, found.row.state, lines, shown, choices, ties_of(db))

    def add(self, viewer: Viewer, year: int, account_key: int, organisation: str) -> None:
        """Put an expert on the panel with the organisation the expert works for.

        Raises RefusedError for an account that is no expert, or an organisation that is not found.
        """
        db = self._keeper.db
        with transaction(db):
            require_organiser(db, viewer, year)
            require_state(find_open_year(db, year), OPEN, SCORING)
            if account_key not in role_holders(db, EXPERT):
                raise RefusedError("“专家”：所选账号没有专家身份；请先由安全管理员授予。")
            place = named_organisation(db, organisation, "所在单位")
            number = add_expert(db, year, account_key, place)
            record_action(db, viewer, "benchmark.expert_added", SUBJECT, year, 评审号=number)
            # Who is on the panel already may be told to work elsewhere.
            bar_interested(db, viewer, year)
            notify(
                db, [account_key], kind=KIND, title=f"您受邀参加 {year} 年度场景创新标杆评审", link="/scoring",
                reason="您的账号有专家身份，已列入本年度评审专家。",
            )  # fmt: skip

    def tie(self, viewer: Viewer, year: int, organisation: str, parent: str) -> None:
        """Note to which group or superior an organisation belongs, so that interests are found."""
        note_tie(self._keeper.db, viewer, year, organisation, parent)

    def untie(self, viewer: Viewer, year: int, organisation_key: int) -> None:
        """Take back to whom an organisation belongs; whom that alone kept out is seated again."""
        withdraw_tie(self._keeper.db, viewer, year, organisation_key)

    def assign(self, viewer: Viewer, key: int, accounts: Sequence[int]) -> None:
        """Let these experts look at a case, and no others who have not begun.

        Raises RefusedError when there are too many, or an interest is on record.
        """
        db = self._keeper.db
        with transaction(db):
            case = find_sent_case(db, key)
            year = case.row.year
            require_organiser(db, viewer, year)
            require_neutral(viewer, case.need, case.offer, case.row.organisation_key)
            found = find_open_year(db, year)
            require_state(found, OPEN, SCORING)
            if case.row.state != CHECKED:
                raise RefusedError("这个申报还没有通过审查，不能安排专家。")
            panel = {one.account_key: one for one in experts_of(db, year)}
            wanted = [account for account in dict.fromkeys(accounts) if account in panel]
            most = found.sheet.numbers["experts_max"]
            if len(wanted) > most:
                raise RefusedError(f"“评审专家”：选了 {len(wanted)} 位；每项最多 {most} 位。")
            bar_interested(db, viewer, year, key)
            fresh = _seat(db, case, panel, wanted)
            record_action(
                db, viewer, "benchmark.assigned", "benchmark_case", key, 评审号="、".join(
                    str(panel[account].number) for account in wanted
                ),
            )  # fmt: skip
            notify(
                db, fresh, kind=KIND, title=f"有标杆案例等待您评审：{code_of(year, case.row.number)}", link="/scoring",
                reason="您是这个案例的评审专家。",
            )  # fmt: skip

    def release(self, viewer: Viewer, key: int, account_key: int, reason: str) -> None:
        """Let an expert who drops out go from a case, with the reason; somebody else may be seated then."""
        release_expert(self._keeper.db, viewer, key, account_key, reason)


def may_score(db: Database, viewer: Viewer, case: Case) -> bool:
    """Whether an expert may see and score a case: on it, not stood aside, and nothing on record against it."""
    panel = expert_of(db, case.row.year, viewer.account_key)
    seats = {one.account_key: one for one in assignments_of(db, case_key=case.row.key)}
    seat = seats.get(viewer.account_key)
    if panel is None or seat is None or seat.state != ASSIGNED or not viewer.has(EXPERT):
        return False
    return not ground_of(db, panel, case)


def _seat(db: Database, case: Case, panel: Mapping[int, ExpertRow], wanted: Sequence[int]) -> list[int]:
    """Seat these experts at a case and take the others off who have not begun; return who is new there."""
    seats = {one.account_key: one for one in assignments_of(db, case_key=case.row.key)}
    begun = {one.account_key for one in reviews_of(db, case_key=case.row.key)}
    interests = Interests(db, panel.values(), [case])
    for account in wanted:
        ground = interests.ground(panel[account], case)
        if account in seats and seats[account].state == RECUSED:
            ground = seats[account].ground
        if ground:
            told = f"“评审专家”：{panel[account].number} 号专家应回避（{GROUNDS[ground]}）；没有安排。"
            raise RefusedError(told)
        if account not in seats:
            save_assignment(db, case.row.key, account, case.row.year)
            # Sheets of who was kept out by a tie that is gone, when there was no place.
            restore_reviews(db, case.row.key, account)
    for account, seat in seats.items():
        if account in wanted or seat.state == RECUSED:
            continue
        if account in begun:
            raise RefusedError(f"“评审专家”：{panel[account].number} 号专家已开始评分，不能撤换；没有改动。")
        drop_assignment(db, case.row.key, account)
    return [account for account in wanted if account not in seats]


def _seats_of(
    interests: Interests, case: Case, experts: Sequence[ExpertRow], seats: Mapping[tuple[int, int], AssignmentRow],
    limits: tuple[int, int],
) -> CaseSeats:  # fmt: skip
    found = []
    for one in experts:
        seat = seats.get((case.row.key, one.account_key))
        state, why = (seat.state, GROUNDS.get(seat.ground, "")) if seat else ("free", "")
        if state != RECUSED:
            ground = interests.ground(one, case)
            state, why = ("barred", GROUNDS[ground]) if ground else (state, why)
        found.append(Seat(one.account_key, one.number, state, why))
    assigned = sum(seat.state == ASSIGNED for seat in found)
    return CaseSeats(case.row.key, case.code, case.title, case.row.domain, assigned, *limits, tuple(found))
