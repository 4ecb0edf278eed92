"""Applications by companies and agencies, and recommendations by departments, within the quotas of the year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marketplace.access import COMPANY, PUBLISHER, Viewer, require
from marketplace.benchmarks.sheet import Sheet
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, RefusedError
from marketplace.followup.facts import read_note
from marketplace.records import Fault, mask_personal
from marketplace.selection.cases import (
    KIND,
    NO_CASE,
    TEXTS,
    Case,
    case_of,
    cases_with_pairs,
    change_case,
    code_of,
    domain_of,
    find_case,
    place_of,
)
from marketplace.selection.documents import DocumentLine, documents_of
from marketplace.selection.flags import FlagView, flag_view
from marketplace.selection.rights import Year, editable, find_open_year, require_call, require_state
from marketplace.selection.telling import tell_organisers
from marketplace.selection_states import (
    BEGUN,
    CASE_ACTIONS,
    CASE_STATES,
    CHECKED,
    FORMAL,
    OPEN,
    RETURNED,
    SENT,
    WAYS,
    WITHDRAWN,
)
from marketplace.store import Database, PostingRow
from marketplace.store.benchmark_cases import (
    case_events,
    cases_of_organisations,
    count_sent,
    insert_case,
    load_case,
    next_number,
    standing_case,
    write_case_event,
)
from marketplace.store.benchmark_files import settle_case_files
from marketplace.store.benchmark_flags import FlagRow, load_flags
from marketplace.store.benchmark_years import load_years
from marketplace.store.database import now, transaction
from marketplace.store.organisations import OrganisationRow, load_organisation, organisation_names
from marketplace.store.postings import load_rows

SELF, RECOMMENDED = "self_applied", "recommended"
# What uses up a quota: everything that was sent and neither taken back nor refused.
_COUNTED = (SENT, RETURNED, FORMAL, CHECKED)


@dataclass(frozen=True, slots=True)
class Applicable:
    """A landed pair this organisation may put in, or has; ``case_key`` is 0 until it is begun."""

    landing_id: str
    year: int
    title: str
    partner: str
    organisation_key: int
    organisation: str
    ways: tuple[str, ...]
    flag: FlagView
    case_key: int = 0
    case_state: str = ""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in a list."""

    key: int
    year: int
    code: str
    title: str
    partner: str
    organisation: str
    way: str
    state: str
    state_label: str
    domain: str


@dataclass(frozen=True, slots=True)
class ApplicationList:
    """The viewer's cases, and what could be put in now."""

    cases: tuple[CaseLine, ...]
    open_years: tuple[tuple[int, str, str], ...]
    applicable: tuple[Applicable, ...]


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """One case as its organisation sees it, with the documents the year asks for."""

    line: CaseLine
    values: Mapping[str, str]
    stamp: int
    editable: bool
    may_withdraw: bool
    documents: tuple[DocumentLine, ...]
    closes_on: str
    history: tuple[tuple[str, str, str], ...]
    flag: FlagView | None
    texts: Mapping[str, tuple[str, int, bool]] = field(default_factory=dict)


class ApplicationBook:
    """Cases as those who make them work with them; every method takes the viewer first."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def list_page(self, viewer: Viewer) -> ApplicationList:
        """Return the cases of the viewer's organisations and the landed pairs they may put in."""
        require(viewer, PUBLISHER, COMPANY)
        db = self._keeper.db
        own = viewer.publisher_of | viewer.company_of
        cases = cases_with_pairs(db, cases_of_organisations(db, own))
        years = [find_open_year(db, row.year) for row in load_years(db) if row.state == OPEN]
        found: list[Applicable] = []
        for year in years:
            found += self._applicable(db, viewer, year)
        opened = tuple((one.number, one.sheet.calendar["opens_on"], one.sheet.calendar["closes_on"]) for one in years)
        return ApplicationList(tuple(line_of(db, case) for case in cases), opened, tuple(found))

    def begin(self, viewer: Viewer, year: int, landing_id: str, organisation_key: int, way: str) -> int:
        """Begin a case of an organisation, or find the one that stands; return its key.

        Raises NotFoundError for a pair the organisation may not put in, RefusedError outside the call.
        """
        require(viewer, PUBLISHER, COMPANY)
        db = self._keeper.db
        with transaction(db):
            found = find_open_year(db, year)
            require_call(found)
            known = standing_case(db, year, landing_id)
            if known is not None and viewer.owns(known.organisation_key):
                return known.key
            flag = next((one for one in load_flags(db, year=year, landing_id=landing_id)), None)
            if flag is None or not viewer.owns(organisation_key):
                raise NotFoundError("没有找到这个已落地的对接，或不属于这个年度。")
            need, offer = _pair(db, flag)
            ways = ways_of(load_organisation(db, organisation_key), need, offer)
            if not ways:
                raise NotFoundError("没有找到这个已落地的对接，或不属于这个年度。")
            if way not in ways:
                allowed = "、".join(WAYS[one] for one in ways)
                raise RefusedError(f"“申报方式”：发现“{way[:20]}”；应为：{allowed}。")
            if known is not None:
                raise RefusedError("这个对接在本年度已有别的单位申报；同一对接一年只能申报一次。")
            landing_text = {"domain": domain_of(need)}
            key = insert_case(
                db, year, landing_id,
                {"opportunity_key": flag.opportunity_key, "capability_key": flag.capability_key,
                 "organisation_key": organisation_key, "way": way, "author_key": viewer.account_key, **landing_text},
            )  # fmt: skip
            row = load_case(db, key)
            assert row is not None
            write_case_event(db, row, "case_begun", viewer.account_key)
        return key

    def page(self, viewer: Viewer, key: int) -> ApplicationPage:
        """Return a case; raises NotFoundError for all but its organisation."""
        db = self._keeper.db
        case = self._own(db, viewer, key)
        year = find_open_year(db, case.row.year)
        flags = load_flags(db, year=case.row.year, landing_id=case.row.landing_id)
        history = tuple((one.at, CASE_ACTIONS[one.action], one.note) for one in case_events(db, key))
        return ApplicationPage(
            line_of(db, case), case.row.draft or case.row.record, case.row.stamp, editable(year, case.row.state),
            year.row.state == OPEN and case.row.state in (BEGUN, *_COUNTED),
            documents_of(db, year.sheet, key, own=True), year.sheet.calendar["closes_on"], history,
            flag_view(flags[0], year.sheet) if flags else None, TEXTS,
        )  # fmt: skip

    def save(self, viewer: Viewer, key: int, typed: Mapping[str, str], stamp: int, *, send: bool = False) -> None:
        """Keep what was written, and with ``send`` put the case in.

        Raises FaultyError, RefusedError outside the call or past the quota, StaleError.
        """
        db = self._keeper.db
        case = self._own(db, viewer, key)
        record, faults = _read(typed, whole=send)
        if faults:
            raise FaultyError(f"没有{'提交' if send else '保存'}：有 {len(faults)} 处需要改正。", faults)
        with transaction(db):
            case = self._own(db, viewer, key)
            year = find_open_year(db, case.row.year)
            if not editable(year, case.row.state):
                raise RefusedError(f"这个申报现在是“{CASE_STATES[case.row.state]}”，不能再改；没有保存。")
            returned = case.row.state == RETURNED
            require_call(year, returned=returned)
            # What was sent stays as the organisers have it until the next sending.
            columns: dict[str, Any] = {"draft": record} if returned and not send else {"record": record, "draft": {}}
            if send:
                _require_quota(db, year.sheet, case)
                columns |= {"state": SENT, "sent_at": now(), "number": case.row.number or next_number(db, year.number)}
            if not send and dict(case.row.draft or case.row.record) == record:
                return
            if send:
                settle_case_files(db, key)
                change_case(db, viewer, case, "case_sent", stamp=stamp, **columns)
                _tell_organisers(db, viewer, case_of(db, case.row))
            else:
                change_case(db, viewer, case, "case_begun", stamp=stamp, **columns)

    def withdraw(self, viewer: Viewer, key: int, stamp: int) -> None:
        """Take a case back while the call and its checks last."""
        db = self._keeper.db
        with transaction(db):
            case = self._own(db, viewer, key)
            year = find_open_year(db, case.row.year)
            require_state(year, OPEN)
            if case.row.state not in (BEGUN, *_COUNTED):
                raise RefusedError(f"这个申报现在是“{CASE_STATES[case.row.state]}”，不能撤回。")
            change_case(db, viewer, case, "case_withdrawn", stamp=stamp, state=WITHDRAWN)

    def _own(self, db: Database, viewer: Viewer, key: int) -> Case:
        case = find_case(db, key)
        if not viewer.owns(case.row.organisation_key):
            raise NotFoundError(NO_CASE)
        return case

    def _applicable(self, db: Database, viewer: Viewer, year: Year) -> list[Applicable]:
        flags = load_flags(db, year=year.number)
        keys = {key for flag in flags for key in (flag.opportunity_key, flag.capability_key)}
        rows = {row.key: row for row in load_rows(db, sorted(keys))}
        own = sorted(viewer.publisher_of | viewer.company_of)
        organisations = [row for row in (load_organisation(db, key) for key in own) if row is not None]
        found = []
        for flag in flags:
            need, offer = rows.get(flag.opportunity_key), rows.get(flag.capability_key)
            if need is None or offer is None:
                continue
            for organisation in organisations:
                ways = ways_of(organisation, need, offer)
                if not ways:
                    continue
                known = standing_case(db, year.number, flag.landing_id)
                mine = known is not None and viewer.owns(known.organisation_key)
                if known is not None and not mine:
                    continue
                found.append(
                    Applicable(
                        flag.landing_id, year.number, mask_personal(need.posting.title),
                        mask_personal(offer.posting.title), organisation.key, organisation.name, ways,
                        flag_view(flag, year.sheet), known.key if known else 0,
                        CASE_STATES[known.state] if known else "",
                    )
                )  # fmt: skip
        return found


def ways_of(organisation: OrganisationRow | None, need: PostingRow, offer: PostingRow) -> tuple[str, ...]:
    """Return how an organisation may put a landed pair in.

    Either side applies for itself; a government department recommends what landed in its own district or for itself.
    """
    if organisation is None:
        return ()
    ways = [SELF] if organisation.key in (need.organisation_key, offer.organisation_key) else []
    if organisation.kind == "government":
        region, district = place_of(need)
        served = organisation.district
        near = bool(served) and (district.startswith(served) or served == region)
        if near or organisation.key == need.organisation_key:
            ways.append(RECOMMENDED)
    return tuple(ways)


def line_of(db: Database, case: Case) -> CaseLine:
    """Return a case as a line of a list."""
    row = case.row
    name = organisation_names(db, [row.organisation_key]).get(row.organisation_key, "")
    return CaseLine(
        row.key, row.year, code_of(row.year, row.number), case.title, case.offer.posting.title, name,
        WAYS[row.way], row.state, CASE_STATES[row.state], row.domain,
    )  # fmt: skip


def _pair(db: Database, flag: FlagRow) -> tuple[PostingRow, PostingRow]:
    rows = {row.key: row for row in load_rows(db, [flag.opportunity_key, flag.capability_key])}
    return rows[flag.opportunity_key], rows[flag.capability_key]


def _require_quota(db: Database, sheet: Sheet, case: Case) -> None:
    row = case.row
    limit = sheet.numbers["self_quota" if row.way == SELF else "recommend_quota"]
    used = count_sent(db, row.year, row.organisation_key, row.way, _COUNTED)
    # One that was sent back holds its place already.
    used -= row.state == RETURNED
    if used >= limit:
        raise RefusedError(f"{row.year} 年度每个单位{WAYS[row.way]}名额为 {limit} 项，已用 {used} 项；没有提交。")


def _read(typed: Mapping[str, str], *, whole: bool) -> tuple[dict[str, str], list[Fault]]:
    record, faults = {}, []
    for name, (label, most, needed) in TEXTS.items():
        text, told = read_note(typed.get(name, "")[: most * 2], label, name, required=whole and needed)
        faults += told
        if len(text) > most and not told:
            faults.append(Fault(name, label, str(len(text)), f"“{label}”：写了 {len(text)} 字；最多 {most} 字。"))
        record[name] = text
    if whole and typed.get("declared") != "1":
        told_word = "“声明”：没有勾选；提交前须声明材料真实、不涉密、无知识产权争议。"
        faults.append(Fault("declared", "声明", "", told_word))
    record["declared"] = "1" if typed.get("declared") == "1" else ""
    return record, faults


def _tell_organisers(db: Database, viewer: Viewer, case: Case) -> None:
    tell_organisers(
        db, viewer, case.row.year, f"标杆申报“{case.title}”等待形式审查", f"/selection/cases/{case.row.key}", kind=KIND,
        sides=(case.need.organisation_key, case.offer.organisation_key, case.row.organisation_key),
    )  # fmt: skip
