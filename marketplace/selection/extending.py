"""A longer scoring than the locked calendar says, for late sheets and second rounds: a day, a reason, on record."""

from __future__ import annotations

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.errors import FaultyError
from marketplace.followup.facts import read_day_of, read_note
from marketplace.notices import notify
from marketplace.records import Fault
from marketplace.selection import clock
from marketplace.selection.cases import KIND
from marketplace.selection.rights import find_open_year, require_organiser, require_stamp, require_state
from marketplace.selection_states import ASSIGNED, SCORING
from marketplace.store import Database
from marketplace.store.benchmark_panel import assignments_of
from marketplace.store.benchmark_years import update_year
from marketplace.store.database import transaction

_LABEL = "延长至"


def extend_scoring(db: Database, viewer: Viewer, year: int, until: str, reason: str, stamp: int) -> None:
    """Let experts score until a later day; they are told, and rules and board show it beside the locked calendar.

    Raises FaultyError for a day that is not later or without the reason, RefusedError outside the scoring, StaleError.
    """
    with transaction(db):
        found = find_open_year(db, year)
        require_organiser(db, viewer, year)
        require_state(found, SCORING)
        require_stamp(found, stamp)
        first, last = found.scoring_days
        day, faults = read_day_of(until, _LABEL, "until", today=clock.today())
        if not faults and (day <= last or day < clock.today().isoformat()):
            told = f"“{_LABEL}”：发现“{day or until[:20]}”；应为晚于 {last} 且不早于今天的日期。"
            faults.append(Fault("until", _LABEL, day, told))
        said, told_reason = read_note(reason, "延长原因", "reason", required=True)
        faults += told_reason
        if faults:
            raise FaultyError(f"没有延长：有 {len(faults)} 处需要改正。", faults)
        update_year(db, found.row, scoring_until=day)
        record_action(db, viewer, "benchmark.scoring_extended", "benchmark", year, 延长至=day, 原因=said[:200])
        people = {one.account_key for one in assignments_of(db, year=year) if one.state == ASSIGNED}
        notify(
            db, sorted(people), kind=KIND, title=f"{year} 年度标杆评审期延长至 {day}", link="/scoring",
            body=f"评审期现为 {first} 至 {day}。", reason="您是本年度案例的评审专家。",
        )  # fmt: skip
