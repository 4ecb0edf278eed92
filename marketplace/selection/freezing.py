"""The final list: frozen under one hash, verified whenever it is shown, corrected only by appending."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.benchmarks.canonical import canonical, digest_of
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, MarketError, NotFoundError, RefusedError
from marketplace.flagging import refresh_frozen_flags
from marketplace.followup.facts import read_day_of, read_note
from marketplace.records import Fault
from marketplace.records.personal import mask_personal
from marketplace.selection import clock
from marketplace.selection.evidence import broken_evidence, keep_evidence
from marketplace.selection.record import record_of
from marketplace.selection.rights import NO_YEAR, find_open_year, require_organiser, require_stamp, require_state
from marketplace.selection_states import AFTERMATHS, FROZEN, NOTICE
from marketplace.store import Database
from marketplace.store.benchmark_cases import objections_of
from marketplace.store.benchmark_years import (
    AftermathRow,
    CorrectionRow,
    ResultRow,
    frozen_years,
    insert_aftermath,
    insert_correction,
    insert_result,
    load_aftermath,
    load_corrections,
    load_notice,
    load_result,
    load_results,
    logged_digests,
    missing_guards,
    update_year,
)
from marketplace.store.database import now, transaction

SUBJECT = "benchmark"


@dataclass(frozen=True, slots=True)
class FrozenPage:
    """A frozen result: its record, the hash it was given, the hash its text has now, what was appended since."""

    year: int
    record: Mapping[str, Any]
    content: str
    digest: str
    found_digest: str
    chain_fault: str
    corrections: tuple[CorrectionRow, ...]
    aftermath: tuple[AftermathRow, ...]
    frozen_at: str

    @property
    def sound(self) -> bool:
        """Whether text and corrections are what was hashed."""
        return self.digest == self.found_digest and not self.chain_fault


class ResultBook:
    """Frozen results; reading them is for everyone."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def freeze(self, viewer: Viewer, year: int, stamp: int) -> str:
        """Fix the final list with sheet, weights and all marks; return the hash. Nothing of the year changes any more.

        Raises RefusedError before the publication has ended or while objections wait for their answer.
        """
        db = self._keeper.db
        with transaction(db):
            found = find_open_year(db, year)
            require_organiser(db, viewer, year)
            require_state(found, NOTICE)
            require_stamp(found, stamp)
            notice, today = load_notice(db, year), clock.today().isoformat()
            if notice is None or today <= notice.ends_on:
                until = notice.ends_on if notice else ""
                raise RefusedError(f"公示到 {until} 才结束；之后才能公布结果。没有改动。")
            waiting = [one.number for one in objections_of(db, year) if one.state == "received"]
            if waiting:
                raise RefusedError(
                    f"还有 {len(waiting)} 件异议没有答复（第 {'、'.join(map(str, waiting))} 号）；没有改动。"
                )
            update_year(db, found.row, state=FROZEN, frozen_at=now())
            text = canonical(record_of(db, found, keep_evidence(db, found)))
            digest = digest_of(text)
            insert_result(db, year, text, digest, viewer.account_key)
            refresh_frozen_flags(db, year, [one["landing"] for one in json.loads(text)["result"]])
            record_action(db, viewer, "benchmark.frozen", SUBJECT, year, 校验值=digest)
        return digest

    def correct(self, viewer: Viewer, year: int, text: str) -> None:
        """Append a correction; what was frozen stays beside it as it is. The same words sent twice are one."""
        db = self._keeper.db
        with transaction(db):
            require_organiser(db, viewer, year)
            row = _result(db, year)
            said, faults = read_note(text, "更正内容", "text", required=True)
            if faults:
                raise FaultyError(faults[0].sentence, faults)
            known = load_corrections(db, year)
            if known and (known[-1].account_key, known[-1].text) == (viewer.account_key, said):
                return
            previous = known[-1].digest if known else row.digest
            number = len(known) + 1
            insert_correction(
                db, year=year, number=number, text=said, previous=previous, account_key=viewer.account_key,
                digest=correction_digest(previous, number, said),
            )  # fmt: skip
            record_action(db, viewer, "benchmark.corrected", SUBJECT, year, 序号=number)

    def note_aftermath(self, viewer: Viewer, year: int, case_number: int, kind: str, on_day: str, text: str) -> None:
        """Note what became of a benchmark: a revisit, or that the title was taken away; sent twice it is noted once."""
        db = self._keeper.db
        with transaction(db):
            require_organiser(db, viewer, year)
            record = json.loads(_result(db, year).content)
            won = {one["case"] for one in record["result"] if one["outcome"] == "selected"}
            said, faults = read_note(text, "情况", "text", required=True)
            day, told = read_day_of(on_day, "日期", "on_day", today=clock.today(), future=False)
            faults += told
            if not day and not told:
                faults.append(Fault("on_day", "日期", "", f"“日期”：没有填写；应为日期，如 {clock.today()}。"))
            if kind not in AFTERMATHS:
                faults.append(Fault("kind", "类别", kind[:20], f"“类别”：应为：{'、'.join(AFTERMATHS.values())}之一。"))
            if case_number not in won:
                faults.append(Fault("case", "标杆", str(case_number), "“标杆”：应为本年度入选的案例。"))
            if faults:
                raise FaultyError(f"没有登记：有 {len(faults)} 处需要改正。", faults)
            columns = {"year": year, "case_number": case_number, "kind": kind, "on_day": day, "text": said,
                       "account_key": viewer.account_key}  # fmt: skip
            if any(all(getattr(one, name) == value for name, value in columns.items())
                   for one in load_aftermath(db, year)):  # fmt: skip
                return
            insert_aftermath(db, **columns)
            record_action(db, viewer, "benchmark.aftermath", SUBJECT, year, 案例=case_number, 类别=AFTERMATHS[kind])

    def page(self, year: int) -> FrozenPage:
        """Return a frozen result, verified anew; raises NotFoundError before it is frozen."""
        return frozen_page(self._keeper.db, _result(self._keeper.db, year))

    def pages(self) -> tuple[FrozenPage, ...]:
        """Return every frozen result, newest first."""
        db = self._keeper.db
        return tuple(frozen_page(db, row) for row in reversed(load_results(db)))

    def known(self, year: int) -> bool:
        """Whether a year's result is frozen."""
        return load_result(self._keeper.db, year) is not None


def frozen_page(db: Database, row: ResultRow) -> FrozenPage:
    """Return a frozen result with its hash computed anew."""
    corrections = load_corrections(db, row.year)
    try:
        record = json.loads(row.content)
    except ValueError:
        record = {"year": row.year, "cases": [], "result": [], "marks": [], "sheet": {}}
    return FrozenPage(
        row.year, record, row.content, row.digest, digest_of(row.content), chain_fault(row.digest, corrections),
        tuple(corrections), tuple(load_aftermath(db, row.year)), row.at,
    )  # fmt: skip


def correction_digest(previous: str, number: int, text: str) -> str:
    """Return the hash of a correction, chained to what stands before it."""
    return digest_of(canonical([previous, number, text]))


def chain_fault(digest: str, corrections: Sequence[CorrectionRow]) -> str:
    """Return which correction does not follow from what stands before it, empty when all do."""
    previous = digest
    for place, one in enumerate(corrections, 1):
        whole = (one.number, one.previous, one.digest)
        if whole != (place, previous, correction_digest(previous, place, one.text)):
            return f"第 {one.number} 条更正与其校验值不符"
        previous = one.digest
    return ""


def find_result_faults(db: Database) -> list[str]:
    """Return a sentence for every frozen result that is gone, or is not what was hashed."""
    results, logged = load_results(db), logged_digests(db)
    known = {row.year for row in results}
    lost = sorted({*frozen_years(db), *logged} - known)
    faults = [f"{year} 年度标杆结果：年度已公布，结果不在库中，可能被删除" for year in lost]
    for row in results:
        try:
            told = _result_fault(db, row, logged.get(row.year, ""))
        except (MarketError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            # Whatever was done to one year, the others are still looked at.
            told = f"结果或其依据读不出来，可能被改动（{type(error).__name__}）"
        if told:
            faults.append(f"{row.year} 年度标杆结果：{told}")
    return faults


def find_guard_faults(db: Database) -> list[str]:
    """Return a sentence when triggers that keep frozen years are gone."""
    gone = missing_guards(db)
    return [f"标杆评选：保护已公布结果的触发器缺少 {len(gone)} 个（{'、'.join(gone[:5])}）"] if gone else []


def _result_fault(db: Database, row: ResultRow, logged: str) -> str:
    """Return what is wrong with one frozen result, empty when nothing is."""
    page = frozen_page(db, row)
    if not page.sound:
        return page.chain_fault or "内容与校验值不符，可能被改动"
    # The log keeps every text masked, so the hash is compared as it would stand there.
    if logged and logged != mask_personal(row.digest):
        return "校验值与审计记录中公布时的不一致，可能被替换"
    found = find_open_year(db, row.year)
    if found.row.state != FROZEN or _decided(record_of(db, found)) != _decided(page.record):
        return "评分、申报、公示、异议或评选办法与公布时不一致，可能被改动"
    if lost := broken_evidence(db, page.record):
        return f"第 {'、'.join(map(str, lost))} 号案例的条件与证明与校验值不符，可能被改动"
    notice = load_notice(db, row.year)
    published = {one["number"] for one in notice.content["lines"]} if notice else set()
    if {one["case"] for one in page.record["result"] if one["outcome"] == "selected"} - published:
        return "入选案例不在公示名单中，可能被改动"
    return ""


def _decided(record: Mapping[str, Any]) -> str:
    """Return what was decided: postings may be rewritten later; marks, sheet, cases and publication may not."""
    result = [{name: value for name, value in one.items() if name != "title"} for one in record["result"]]
    kept = ("number", "landing", "domain", "way", "round", "removed")
    cases = [[one[name] for name in kept] for one in record["cases"]]
    return canonical([record["sheet"], record["marks"], result, cases, record["notice"], record["objections"]])


def _result(db: Database, year: int) -> ResultRow:
    row = load_result(db, year)
    if row is None:
        raise NotFoundError(NO_YEAR)
    return row
