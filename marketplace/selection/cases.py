"""One case with its pair: loading it, naming it, changing it with its history, audit and notices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from marketplace.access import COMPANY, PUBLISHER, Viewer
from marketplace.audit import record_action
from marketplace.errors import NotFoundError, StaleError
from marketplace.notices import accounts_of, notify
from marketplace.publicity import masked
from marketplace.selection_states import CASE_ACTIONS
from marketplace.store import Database, PostingRow
from marketplace.store.benchmark_cases import CaseRow, load_case, update_case, write_case_event
from marketplace.store.landings import find_landings
from marketplace.store.organisations import organisation_names
from marketplace.store.postings import load_rows
from matching import Opportunity

KIND = "benchmark"
SUBJECT = "benchmark_case"
NO_CASE = "没有找到这个申报，可能是链接有误。"
# What is written in an application: label, most characters, whether it must be there.
TEXTS = {
    "story": ("案例概述", 1500, True),
    "innovation": ("创新点", 800, True),
    "replication": ("复制推广情况", 800, True),
    "benefit": ("经济社会效益", 800, True),
    "safety": ("安全合规与持续运行", 800, True),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A case with both postings, without personal data, and the landing it is about."""

    row: CaseRow
    need: PostingRow
    offer: PostingRow
    landing: dict[str, Any]

    @property
    def title(self) -> str:
        """What people call it."""
        return self.need.posting.title

    @property
    def code(self) -> str:
        """Its number in the year as written on paper, empty until it is sent."""
        return code_of(self.row.year, self.row.number)


def code_of(year: int, number: int) -> str:
    """Return the number of a case as written on paper."""
    return f"{year}-{number:03}" if number else ""


def find_case(db: Database, key: int) -> Case:
    """Return a case; raises NotFoundError when there is none or its pair is gone."""
    row = load_case(db, key)
    if row is None:
        raise NotFoundError(NO_CASE)
    return case_of(db, row)


def find_sent_case(db: Database, key: int) -> Case:
    """Return a case that was put in; raises NotFoundError for one its organisation has not sent yet."""
    case = find_case(db, key)
    if not case.row.sent:
        raise NotFoundError(NO_CASE)
    return case


def case_of(db: Database, row: CaseRow) -> Case:
    """Return a stored case with its pair."""
    return cases_with_pairs(db, [row])[0]


def cases_with_pairs(db: Database, rows: Iterable[CaseRow]) -> list[Case]:
    """Return stored cases with their pairs; raises NotFoundError when a posting is gone."""
    wanted = list(rows)
    keys = {key for row in wanted for key in (row.opportunity_key, row.capability_key)}
    found = {one.key: replace(one, posting=masked(one.posting)) for one in load_rows(db, sorted(keys))}
    if keys - found.keys():
        raise NotFoundError(NO_CASE)
    landings = find_landings(db, [row.landing_id for row in wanted])
    return [
        Case(row, found[row.opportunity_key], found[row.capability_key], landings.get(row.landing_id, {}))
        for row in wanted
    ]  # fmt: skip


def domain_of(need: PostingRow) -> str:
    """Return the field whose quota a case counts for."""
    return need.posting.domains[0] if need.posting.domains else "未注明领域"


def place_of(need: PostingRow) -> tuple[str, str]:
    """Return city and district of the need."""
    return need.region, need.posting.district if isinstance(need.posting, Opportunity) else ""


def change_case(
    db: Database, viewer: Viewer, case: Case, action: str, *, note: str = "", stamp: int | None = None, **columns: Any
) -> None:
    """Write a change of a case with its history and audit entry inside a transaction.

    Raises StaleError when it was changed since it was shown.
    """
    if (stamp is not None and case.row.stamp != stamp) or not update_case(db, case.row, **columns):
        raise StaleError(f"“{case.title}”的申报刚刚由别人改动，您的这次操作没有保存；请看过现在的内容再办理。")
    write_case_event(db, case.row, action, viewer.account_key, note)
    record_action(
        db, viewer, f"benchmark.{action}", SUBJECT, case.row.key, 年度=case.row.year, 案例=case.title, 说明=note[:200]
    )  # fmt: skip


def tell_applicant(db: Database, viewer: Viewer, case: Case, action: str, note: str = "") -> None:
    """Tell the people of the organisation that made the case what happened to it."""
    people = accounts_of(db, case.row.organisation_key, (PUBLISHER, COMPANY))
    name = organisation_names(db, [case.row.organisation_key]).get(case.row.organisation_key, "")
    notify(
        db, [one for one in people if one != viewer.account_key], kind=KIND,
        title=f"“{case.title}”的标杆申报：{CASE_ACTIONS[action]}", body=note, link=f"/applications/{case.row.key}",
        reason=f"您是申报单位“{name}”的成员。",
    )  # fmt: skip
