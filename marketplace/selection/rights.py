"""Who may do what in a round: who organises it, who applies, who scores; nobody does two of these for one case."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.access import ADMIN, REVIEWER, Viewer, require
from marketplace.benchmarks.sheet import Sheet, sheet_of
from marketplace.errors import ForbiddenError, NotFoundError, RefusedError, StaleError
from marketplace.selection import clock
from marketplace.selection_states import BEGUN, DRAFT, OPEN, RETURNED, SCORING, YEAR_STATES
from marketplace.store import Database, PostingRow
from marketplace.store.benchmark_panel import expert_of
from marketplace.store.benchmark_years import YearRow, load_year

NO_YEAR = "没有这个年度的评选，可能是链接有误。"
_ORGANISER = "这项操作由负责全部地区的审核员办理。"


@dataclass(frozen=True, slots=True)
class Year:
    """One year as stored, with its sheet read."""

    row: YearRow
    sheet: Sheet

    @property
    def number(self) -> int:
        """The year itself."""
        return self.row.year

    @property
    def state_label(self) -> str:
        """What its state is called."""
        return YEAR_STATES[self.row.state]

    @property
    def scoring_days(self) -> tuple[str, str]:
        """First and last day of the scoring, extended or as the sheet has it."""
        days = self.sheet.calendar
        return days["scoring_from"], self.row.scoring_until or days["scoring_until"]

    @property
    def scores_today(self) -> bool:
        """Whether experts may fill in sheets on the present day."""
        first, last = self.scoring_days
        return self.row.state == SCORING and first <= clock.today().isoformat() <= last


def find_year(db: Database, year: int) -> Year:
    """Return a year; raises NotFoundError when nobody has set it up."""
    row = load_year(db, year)
    if row is None:
        raise NotFoundError(NO_YEAR)
    return Year(row, sheet_of(row.sheet))


def find_open_year(db: Database, year: int) -> Year:
    """Return a year whose call was opened; one in preparation does not exist for those outside."""
    found = find_year(db, year)
    if found.row.state == DRAFT:
        raise NotFoundError(NO_YEAR)
    return found


def require_state(found: Year, *states: str) -> None:
    """Pass while the year is in one of the states; raises RefusedError naming where it is."""
    if found.row.state not in states:
        allowed = "、".join(f"“{YEAR_STATES[state]}”" for state in states)
        raise RefusedError(f"{found.number} 年度现在是“{found.state_label}”；这一步只能在{allowed}时办理。没有改动。")


def require_stamp(found: Year, stamp: int) -> None:
    """Pass when the year is as it was shown; raises StaleError when somebody changed it."""
    if found.row.stamp != stamp:
        raise StaleError(f"{found.number} 年度刚刚由别人改动，您的这次操作没有保存；请看过现在的内容再办理。")


def editable(year: Year, state: str) -> bool:
    """Whether the organisation of a case in this state may still write it."""
    return year.row.state == OPEN and state in (BEGUN, RETURNED)


def require_call(year: Year, *, returned: bool = False) -> None:
    """Pass within the days of the call; what was sent back may still be mended while the checks last."""
    require_state(year, OPEN)
    today, days = clock.today().isoformat(), year.sheet.calendar
    last = days["formal_until"] if returned else days["closes_on"]
    if not days["opens_on"] <= today <= last:
        what = "补正" if returned else "申报"
        raise RefusedError(
            f"{year.number} 年度的{what}期为 {days['opens_on']} 至 {last}；今天 {today} 不在其中，没有保存。"
        )


def require_editor(viewer: Viewer) -> None:
    """Pass for who sets years up: reviewers of all districts, and the system's administrators."""
    require(viewer, ADMIN, REVIEWER)
    if not viewer.has(ADMIN):
        _of_all_districts(viewer)


def edits_years(viewer: Viewer) -> bool:
    """Whether somebody sets years up, and so knows their sheets before the call is opened."""
    return viewer.has(ADMIN) or (viewer.has(REVIEWER) and not viewer.districts.get(REVIEWER))


def require_organiser(db: Database, viewer: Viewer, year: int) -> None:
    """Pass for who carries a round out: a reviewer of all districts who is no expert of that year.

    Raises ForbiddenError: who scores must not see what others gave, nor decide about it.
    """
    require(viewer, REVIEWER)
    _of_all_districts(viewer)
    if expert_of(db, year, viewer.account_key) is not None:
        raise ForbiddenError(f"您是 {year} 年度的评审专家，不能同时组织评选；请由其他审核员办理。")


def require_no_expert(db: Database, viewer: Viewer, year: int) -> None:
    """Pass for who scores nothing in a year; raises ForbiddenError for its experts, whatever else they are."""
    if expert_of(db, year, viewer.account_key) is not None:
        raise ForbiddenError(f"您是 {year} 年度的评审专家，结果公布前不能查看或导出评分。")


def require_neutral(viewer: Viewer, need: PostingRow, offer: PostingRow, applicant: int = 0) -> None:
    """Pass for who belongs to neither side of a case nor to who put it in; raises ForbiddenError for members."""
    if any(viewer.owns(key) for key in (need.organisation_key, offer.organisation_key, applicant)):
        raise ForbiddenError("这个案例涉及您所在的单位，请由其他审核员办理。")


def _of_all_districts(viewer: Viewer) -> None:
    if viewer.districts.get(REVIEWER):
        raise ForbiddenError(_ORGANISER)
