"""公示: the list as published with its days, objections by name with evidence, answers; who objected stays sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.access import VISITOR, Viewer
from marketplace.audit import record_action
from marketplace.benchmarks.days import NOTICE_DAYS, last_of, working_days
from marketplace.benchmarks.tally import SELECTED
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, RefusedError
from marketplace.followup.attachments import (
    ALLOWED,
    MEDIA_TYPES,
    Upload,
    check_uploads,
    keep_attachment,
    read_attachment,
)
from marketplace.followup.facts import read_day_of, read_note
from marketplace.records import Fault, mask_personal
from marketplace.sealing import Sealer
from marketplace.selection import clock
from marketplace.selection.cases import KIND, change_case, code_of, find_case
from marketplace.selection.record import outcomes_of
from marketplace.selection.rights import (
    Year,
    find_open_year,
    require_neutral,
    require_organiser,
    require_stamp,
    require_state,
)
from marketplace.selection.telling import tell_organisers
from marketplace.selection_states import NOTICE, RANKED, REMOVED
from marketplace.settings import MarketSettings
from marketplace.store.benchmark_cases import answer_objection, cases_of, insert_objection, objections_of
from marketplace.store.benchmark_years import NoticeRow, insert_notice, load_notice, update_year
from marketplace.store.database import transaction

RECEIVED, UPHELD, REJECTED = "received", "upheld", "rejected"
OBJECTION_STATES = {RECEIVED: "已受理", UPHELD: "异议成立", REJECTED: "异议不成立"}
MAX_NAME, MAX_CONTACT = 60, 100


@dataclass(frozen=True, slots=True)
class ObjectionTyped:
    """An objection as typed: who, how to be reached, about which case, why, and the evidence."""

    case_number: str = ""
    name: str = ""
    contact: str = ""
    text: str = ""
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """An objection; ``name`` and ``contact`` are told to organisers only."""

    key: int
    number: int
    code: str
    state: str
    state_label: str
    answer: str
    at: str
    text: str = ""
    name: str = ""
    contact: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class NoticePage:
    """What is published of a year: days, list, rules, objections without who made them."""

    year: int
    state: str
    starts_on: str
    ends_on: str
    lines: tuple[Mapping[str, Any], ...]
    objections: tuple[ObjectionView, ...]
    open: bool
    allowed: str
    before: bool


class NoticeDesk:
    """Publication and objections; reading and objecting is for everyone."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings
        self._sealer = Sealer(settings.keys_dir)

    def publish(self, viewer: Viewer, year: int, ends_on: str, stamp: int) -> None:
        """Publish the ranked list from today on; it lasts five working days or more.

        Raises FaultyError for a last day that is too early.
        """
        db = self._keeper.db
        with transaction(db):
            found = find_open_year(db, year)
            require_organiser(db, viewer, year)
            require_state(found, RANKED)
            require_stamp(found, stamp)
            start = max(clock.today(), date.fromisoformat(found.sheet.calendar["notice_from"]))
            last = _last_day(found, start, ends_on)
            outcomes, cases = outcomes_of(db, found)
            by_number = {case.row.number: case for case in cases}
            lines = [
                {"code": code_of(year, one.number), "number": one.number, "title": by_number[one.number].title,
                 "need": getattr(by_number[one.number].need.posting, "publisher", ""),
                 "offer": getattr(by_number[one.number].offer.posting, "company", ""), "domain": one.domain,
                 "rank": one.rank, "total": str(one.total)}
                for one in outcomes if one.outcome == SELECTED
            ]  # fmt: skip
            insert_notice(
                db, year, starts_on=start.isoformat(), ends_on=last, content={"lines": lines},
                account_key=viewer.account_key,
            )  # fmt: skip
            update_year(db, found.row, state=NOTICE)
            record_action(db, viewer, "benchmark.notice_published", "benchmark", year, 公示=f"{start} 至 {last}")

    def page(self, year: int) -> NoticePage:
        """Return what is published; raises NotFoundError before."""
        found, notice = self._published(year)
        today, db = clock.today().isoformat(), self._keeper.db
        codes = {row.key: code_of(year, row.number) for row in cases_of(db, year)}
        told = tuple(
            ObjectionView(one.key, one.number, codes.get(one.case_key, ""), one.state, OBJECTION_STATES[one.state],
                          mask_personal(one.answer), one.at)
            for one in objections_of(db, year)
        )  # fmt: skip
        running = found.row.state == NOTICE
        return NoticePage(
            year, found.row.state, notice.starts_on, notice.ends_on, tuple(notice.content["lines"]), told,
            running and notice.starts_on <= today <= notice.ends_on, ALLOWED, running and today < notice.starts_on,
        )  # fmt: skip

    def object(self, viewer: Viewer, year: int, typed: ObjectionTyped) -> int:
        """Take an objection in; return its number. Name, a way to be reached, the reason and evidence are asked for.

        Raises RefusedError outside the days of the publication, FaultyError naming every field.
        """
        db = self._keeper.db
        notice = self._require_open(year)
        published = {one["number"] for one in notice.content["lines"]}
        numbers = {code_of(year, row.number): row for row in cases_of(db, year) if row.number in published}
        files, faults = check_uploads(typed.uploads[:1])
        if not typed.uploads:
            faults.append(Fault("files", "证据材料", "", f"“证据材料”：没有上传；应为{ALLOWED}。"))
        faults = _who_faults(typed) + faults
        if typed.case_number not in numbers:
            example = f"，如 {min(numbers)}" if numbers else ""
            told = f"“案例编号”：发现“{typed.case_number[:20]}”；应为公示名单中的编号{example}。"
            faults.append(Fault("case", "案例编号", typed.case_number[:20], told))
        text, told_text = read_note(typed.text, "异议内容", "text", required=True)
        faults += told_text
        if faults:
            raise FaultyError(f"没有提交异议：有 {len(faults)} 处需要改正。", faults)
        keep_attachment(self._settings, files[0])
        who = {"name": typed.name.strip(), "contact": typed.contact.strip()}
        with transaction(db):
            self._require_open(year)
            number = insert_objection(
                db, year, case_key=numbers[typed.case_number].key, text=text, file_name=files[0].name,
                sealed=self._sealer.seal(json.dumps(who, ensure_ascii=False)), file_size=len(files[0].content),
                stored_as=files[0].stored_as,
            )  # fmt: skip
            # Not even the log says who objected.
            record_action(db, VISITOR, "benchmark.objection_received", "benchmark", year, 异议号=number)
            title = f"{year} 年度标杆公示收到第 {number} 号异议"
            tell_organisers(db, VISITOR, year, title, f"/selection/{year}/objections", kind=KIND)
        return number

    def objections(self, viewer: Viewer, year: int) -> tuple[ObjectionView, ...]:
        """Return the objections with who made them; each look is on record."""
        db = self._keeper.db
        find_open_year(db, year)
        require_organiser(db, viewer, year)
        codes = {row.key: code_of(year, row.number) for row in cases_of(db, year)}
        found = []
        for one in objections_of(db, year):
            who = json.loads(self._sealer.open(one.sealed) or "{}")
            found.append(
                ObjectionView(one.key, one.number, codes.get(one.case_key, ""), one.state, OBJECTION_STATES[one.state],
                              one.answer, one.at, one.text, who.get("name", ""), who.get("contact", ""), one.file_name)
            )  # fmt: skip
        if found:
            with transaction(db):
                record_action(db, viewer, "benchmark.objections_read", "benchmark", year, 件数=len(found))
        return tuple(found)

    def evidence(self, viewer: Viewer, year: int, number: int) -> tuple[str, str, bytes]:
        """Return name, media type and content of the evidence of an objection."""
        db = self._keeper.db
        require_organiser(db, viewer, year)
        one = next((one for one in objections_of(db, year) if one.number == number), None)
        if one is None or not one.stored_as:
            raise NotFoundError("没有找到这份证据材料，可能是链接有误。")
        media = MEDIA_TYPES.get(one.stored_as.rpartition(".")[2], "application/octet-stream")
        return one.file_name, media, read_attachment(self._settings, one.stored_as, one.file_name)

    def answer(self, viewer: Viewer, year: int, number: int, decision: str, text: str) -> None:
        """Answer an objection; where it is upheld the case loses its place, and nobody moves up.

        Raises FaultyError without an answer or for one that names a person, RefusedError when it was answered already.
        """
        db = self._keeper.db
        with transaction(db):
            found = find_open_year(db, year)
            require_organiser(db, viewer, year)
            require_state(found, NOTICE)
            one = next((one for one in objections_of(db, year) if one.number == number), None)
            if one is None:
                raise NotFoundError("没有找到这个异议，可能是链接有误。")
            case = find_case(db, one.case_key)
            require_neutral(viewer, case.need, case.offer, case.row.organisation_key)
            said, faults = read_note(text, "答复", "answer", required=True)
            if decision not in (UPHELD, REJECTED):
                told = f"“处理结果”：发现“{decision[:20]}”；应为：异议成立、异议不成立之一。"
                faults.append(Fault("decision", "处理结果", decision[:20], told))
            if faults:
                raise FaultyError(f"没有答复：有 {len(faults)} 处需要改正。", faults)
            if not answer_objection(db, one.key, state=decision, answer=said, account_key=viewer.account_key):
                raise RefusedError("这个异议已经答复，不能再改。")
            if decision == UPHELD and case.row.state != REMOVED:
                change_case(db, viewer, case, "case_removed", note=f"第 {number} 号异议成立", state=REMOVED)
            record_action(
                db,
                viewer,
                "benchmark.objection_answered",
                "benchmark",
                year,
                异议号=number,
                结果=OBJECTION_STATES[decision],
            )

    def _published(self, year: int) -> tuple[Year, NoticeRow]:
        db = self._keeper.db
        found, notice = find_open_year(db, year), load_notice(db, year)
        if notice is None:
            raise NotFoundError(f"{year} 年度还没有公示。")
        return found, notice

    def _require_open(self, year: int) -> NoticeRow:
        found, notice = self._published(year)
        today = clock.today().isoformat()
        if found.row.state != NOTICE or not notice.starts_on <= today <= notice.ends_on:
            told = f"{year} 年度的异议期为 {notice.starts_on} 至 {notice.ends_on}；今天 {today} 不在其中，没有提交。"
            raise RefusedError(told)
        return notice


def _last_day(found: Year, start: date, typed: str) -> str:
    """Return the last day of a publication: as typed, else as the calendar says, five working days at least."""
    text = typed.strip() or found.sheet.calendar["notice_until"]
    day, faults = read_day_of(text, "公示截止", "ends_on", today=start)
    if not faults:
        days = working_days(start, date.fromisoformat(day), found.sheet.holidays) if day >= start.isoformat() else 0
        if days < NOTICE_DAYS:
            least = last_of(start, NOTICE_DAYS, found.sheet.holidays)
            told = f"“公示截止”：发现“{day}”，从 {start} 起只有 {days} 个工作日"
            told = f"{told}；应不少于 {NOTICE_DAYS} 个，最早到 {least}。"
            faults.append(Fault("ends_on", "公示截止", day, told))
    if faults:
        raise FaultyError(faults[0].sentence, faults)
    return day


def _who_faults(typed: ObjectionTyped) -> list[Fault]:
    faults = []
    asked = (("name", "姓名或单位", typed.name, MAX_NAME), ("contact", "联系方式", typed.contact, MAX_CONTACT))
    for name, label, text, most in asked:
        if not text.strip():
            told = f"“{label}”：没有填写；异议须实名，匿名异议不予受理；不对外公开。"
            faults.append(Fault(name, label, "", told))
        elif len(text) > most:
            faults.append(Fault(name, label, str(len(text)), f"“{label}”：写了 {len(text)} 字；最多 {most} 字。"))
    return faults
