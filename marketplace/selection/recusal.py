"""Standing aside: interests found in the records are stored where they come up, and experts who drop out let go."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.errors import FaultyError, NotFoundError, RefusedError
from marketplace.followup.facts import read_note
from marketplace.notices import notify
from marketplace.selection.cases import KIND, SUBJECT, Case, cases_with_pairs, code_of, find_sent_case
from marketplace.selection.interests import Interests
from marketplace.selection.rights import (
    find_open_year,
    require_neutral,
    require_organiser,
    require_state,
)
from marketplace.selection_states import ASSIGNED, GROUNDS, OPEN, RECUSED, SCORING
from marketplace.store import Database
from marketplace.store.benchmark_cases import cases_of
from marketplace.store.benchmark_panel import (
    AssignmentRow,
    ExpertRow,
    assignments_of,
    drop_assignment,
    drop_open_reviews,
    drop_reviews,
    expert_of,
    experts_of,
    restore_reviews,
    reviews_of,
    save_assignment,
    set_reviews_aside,
)
from marketplace.store.benchmark_years import load_years
from marketplace.store.database import transaction

DECLARED, RELEASED = "declared", "released"
_BY_GROUP = (RECUSED, "same_group")


def ground_of(db: Database, expert: ExpertRow, case: Case) -> str:
    """Return why the records keep an expert from a case, empty when they do not."""
    return Interests(db, [expert], [case]).ground(expert, case)


def recuse(db: Database, case: Case, account_key: int, ground: str, note: str) -> None:
    """Let an expert stand aside inside a transaction; sheets given before count for nothing.

    Who declares an interest takes the sheets back; what the records say may be wrong, so those are put aside.
    """
    if ground == DECLARED:
        drop_reviews(db, case.row.key, account_key)
    else:
        set_reviews_aside(db, case.row.key, account_key)
    save_assignment(db, case.row.key, account_key, case.row.year, state=RECUSED, ground=ground, note=note)


def bar_interested(db: Database, viewer: Viewer, year: int, case_key: int = 0) -> None:
    """Store inside a transaction every interest the records show of who sits at a case of a year, or at one case."""
    experts = {one.account_key: one for one in experts_of(db, year)}
    seats = [one for one in assignments_of(db, year=year, case_key=case_key) if one.state == ASSIGNED]
    cases = _cases_at(db, year, seats)
    interests = Interests(db, experts.values(), cases.values())
    for seat in seats:
        case, expert = cases.get(seat.case_key), experts.get(seat.account_key)
        ground = interests.ground(expert, case) if case is not None and expert is not None else ""
        if ground and case is not None and expert is not None:
            recuse(db, case, seat.account_key, ground, "")
            record_action(
                db, viewer, "benchmark.interest_found", SUBJECT, case.row.key, 评审号=expert.number,
                原因=GROUNDS[ground],
            )  # fmt: skip


def _cases_at(db: Database, year: int, seats: Sequence[AssignmentRow]) -> dict[int, Case]:
    """Return the cases of a year that these seats are at, by key."""
    wanted = {seat.case_key for seat in seats}
    rows = [row for row in cases_of(db, year) if row.key in wanted]
    return {case.row.key: case for case in cases_with_pairs(db, rows)}


def bar_everywhere(db: Database, viewer: Viewer) -> None:
    """Store inside a transaction what a new tie shows, in every year that is not scored yet."""
    for one in load_years(db):
        if one.state in (OPEN, SCORING):
            bar_interested(db, viewer, one.year)


def readmit_everywhere(db: Database, viewer: Viewer) -> None:
    """Seat again inside a transaction whom only a tie kept out that is gone, with their sheets.

    Where others have taken all places meanwhile the expert is free to be seated later.
    """
    for one in load_years(db):
        if one.state not in (OPEN, SCORING):
            continue
        most = find_open_year(db, one.year).sheet.numbers["experts_max"]
        experts = {expert.account_key: expert for expert in experts_of(db, one.year)}
        seats = [seat for seat in assignments_of(db, year=one.year) if (seat.state, seat.ground) == _BY_GROUP]
        cases = _cases_at(db, one.year, seats)
        interests = Interests(db, experts.values(), cases.values())
        for seat in seats:
            expert, case = experts.get(seat.account_key), cases.get(seat.case_key)
            if expert is None or case is None or interests.ground(expert, case):
                continue
            held = sum(other.state == ASSIGNED for other in assignments_of(db, case_key=seat.case_key))
            if held < most:
                save_assignment(db, seat.case_key, seat.account_key, one.year)
                restore_reviews(db, seat.case_key, seat.account_key)
            else:
                drop_assignment(db, seat.case_key, seat.account_key)
            record_action(
                db, viewer, "benchmark.interest_gone", SUBJECT, seat.case_key, 评审号=expert.number,
                结果="恢复分案" if held < most else "名额已满，未恢复分案",
            )  # fmt: skip


def release_expert(db: Database, viewer: Viewer, key: int, account_key: int, reason: str) -> None:
    """Let an expert who drops out go from a case: a sheet begun is gone, one handed in for the present round stays.

    Raises ForbiddenError for all but neutral organisers, FaultyError without the reason, RefusedError for an expert
    whose sheet is in: an organiser takes no marks away.
    """
    with transaction(db):
        case = find_sent_case(db, key)
        year = case.row.year
        require_organiser(db, viewer, year)
        require_neutral(viewer, case.need, case.offer, case.row.organisation_key)
        require_state(find_open_year(db, year), OPEN, SCORING)
        seat = next((one for one in assignments_of(db, case_key=key) if one.account_key == account_key), None)
        expert = expert_of(db, year, account_key)
        if seat is None or expert is None or seat.state != ASSIGNED:
            raise NotFoundError("没有找到这位专家的分案，可能刚刚已有改动。")
        sheets = reviews_of(db, case_key=key, account_key=account_key)
        if any(one.state == "sent" and one.round == case.row.round for one in sheets):
            raise RefusedError(f"“评审专家”：{expert.number} 号专家已提交本轮评分，不能退出；没有改动。")
        said, faults = read_note(reason, "退出原因", "reason", required=True)
        if faults:
            raise FaultyError(faults[0].sentence, faults)
        drop_open_reviews(db, key, account_key)
        save_assignment(db, key, account_key, year, state=RECUSED, ground=RELEASED, note=said)
        record_action(db, viewer, "benchmark.released", SUBJECT, key, 评审号=expert.number, 原因=said[:200])
        notify(
            db, [account_key], kind=KIND, title=f"您不再评审标杆案例 {code_of(year, case.row.number)}",
            link="/scoring", body=said, reason="您曾是这个案例的评审专家。",
        )  # fmt: skip
