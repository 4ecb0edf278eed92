"""Takes years in from a file: those decided elsewhere, or the samples; years that are there stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from marketplace.benchmarks.canonical import canonical, digest_of
from marketplace.benchmarks.sheet import CALENDAR, CRITERIA, Sheet, default_sheet
from marketplace.benchmarks.sheet_reading import SheetReader, written
from marketplace.benchmarks.tally import SELECTED
from marketplace.errors import RefusedError
from marketplace.flagging import refresh_frozen_flags, refresh_year_flags
from marketplace.publicity import masked
from marketplace.selection.cases import TEXTS, code_of, domain_of
from marketplace.selection.marking import read_mark
from marketplace.selection.record import outcomes_of, record_of
from marketplace.selection.rights import find_year
from marketplace.selection_states import AFTERMATHS, CHECKED, FROZEN, NOTICE, OPEN, SENT, WAYS
from marketplace.store import Database
from marketplace.store.benchmark_cases import insert_case
from marketplace.store.benchmark_panel import add_expert, save_assignment, save_review
from marketplace.store.benchmark_years import (
    insert_aftermath,
    insert_notice,
    insert_result,
    insert_year,
    load_year,
    update_year,
)
from marketplace.store.database import now, transaction
from marketplace.store.landings import find_landing_keys
from marketplace.store.postings import load_rows
from matching import read_objects


def looks_like_rounds(objects: Sequence[tuple[int, dict[str, Any]]]) -> bool:
    """Whether a file holds years of the benchmark."""
    return bool(objects) and all({"year", "calendar", "cases"} <= raw.keys() for _, raw in objects)


def import_rounds(db: Database, path: Path) -> list[int]:
    """Write the years of a file that are not there yet; return them. Each year is one transaction.

    Raises RefusedError naming the line and what is wrong; then that year is not written.
    """
    written_years = []
    for number, raw in read_objects(path):
        where = f"{path} 第 {number} 行"
        sheet = _sheet(raw, where)
        if load_year(db, sheet.year) is not None:
            continue
        with transaction(db):
            _write(db, raw, sheet, where)
        written_years.append(sheet.year)
    return written_years


def _sheet(raw: Mapping[str, Any], where: str) -> Sheet:
    year = raw.get("year")
    if not isinstance(year, int) or not 2000 <= year <= 2100:
        raise RefusedError(f"{where} 字段“year”：应为 2000 到 2100 之间的年份。没有写入。")
    days = raw.get("calendar")
    if not isinstance(days, dict) or set(days) != set(CALENDAR):
        raise RefusedError(f"{where} 字段“calendar”：应有这些日期：{'、'.join(CALENDAR)}。没有写入。")
    reader = SheetReader(year, written(default_sheet(year)) | {name: str(day) for name, day in days.items()})
    sheet = reader.read()
    if reader.faults:
        raise RefusedError(f"{where}：{reader.faults[0].sentence}没有写入。")
    return sheet


def _write(db: Database, raw: Mapping[str, Any], sheet: Sheet, where: str) -> None:
    year, frozen = sheet.year, bool(raw.get("frozen"))
    insert_year(db, year, sheet.plain(), 0)
    _move(db, year, OPEN, opened_at=f"{sheet.calendar['opens_on']}T00:00:00Z")
    experts = int(raw.get("experts") or 0)
    for number in range(1, experts + 1):
        # Experts of years decided elsewhere have no account here; they are numbers only.
        add_expert(db, year, -number, 0)
    landings = find_landing_keys(db, [one.get("landing", "") for one in raw["cases"]])
    for number, one in enumerate(raw["cases"], 1):
        if one.get("landing") not in landings:
            raise RefusedError(f"{where} 第 {number} 个案例：没有编号为“{one.get('landing')}”的落地案例。没有写入。")
        _case(db, year, number, one, landings[one["landing"]], where, frozen=frozen)
    if frozen:
        _freeze(db, sheet, raw)
    refresh_year_flags(db, year)


def _case(
    db: Database, year: int, number: int, one: Mapping[str, Any], pair: tuple[int, int], where: str, *, frozen: bool
) -> None:
    rows = {row.key: row for row in load_rows(db, list(pair))}
    need, offer = rows[pair[0]], rows[pair[1]]
    way = one.get("way", "self_applied")
    if way not in WAYS:
        raise RefusedError(f"{where} 第 {number} 个案例 字段“way”：应为：{'、'.join(WAYS)}之一。没有写入。")
    organisation = offer.organisation_key if way == "self_applied" else need.organisation_key
    texts = {name: str(one.get("texts", {}).get(name, "")) for name in TEXTS} | {"declared": "1"}
    key = insert_case(
        db, year, one["landing"],
        {"opportunity_key": pair[0], "capability_key": pair[1], "organisation_key": organisation, "way": way,
         "number": number, "domain": domain_of(need), "state": CHECKED if frozen else SENT, "sent_at": now(),
         "record": canonical(texts), "author_key": 0, "facts": str(one.get("facts", ""))},
    )  # fmt: skip
    for expert, marks in enumerate(one.get("marks") or (), 1):
        if len(marks) != len(CRITERIA) or any(read_mark(str(mark)) is None for mark in marks):
            raise RefusedError(f"{where} 第 {number} 个案例 字段“marks”：每位专家应有五项 0 到 100 的分数。没有写入。")
        scores = {code: str(mark) for code, mark in zip(CRITERIA, marks, strict=True)}
        save_assignment(db, key, -expert, year)
        save_review(
            db, None, key, -expert, 1, year=year, scores=scores, comment="", state="sent", sent_at=now()
        )  # fmt: skip


def _freeze(db: Database, sheet: Sheet, raw: Mapping[str, Any]) -> None:
    """Publish and freeze a year by its own days."""
    year = sheet.year
    found = find_year(db, year)
    outcomes, cases = outcomes_of(db, found)
    by_number = {case.row.number: case for case in cases}
    lines = []
    for one in outcomes:
        if one.outcome == SELECTED:
            need, offer = masked(by_number[one.number].need.posting), masked(by_number[one.number].offer.posting)
            lines.append(
                {"code": code_of(year, one.number), "number": one.number, "title": need.title, "rank": one.rank,
                 "need": getattr(need, "publisher", ""), "offer": getattr(offer, "company", ""),
                 "domain": one.domain, "total": str(one.total)}
            )  # fmt: skip
    days = sheet.calendar
    insert_notice(
        db, year, starts_on=days["notice_from"], ends_on=days["notice_until"], content={"lines": lines}, account_key=0
    )
    _move(db, year, NOTICE)
    _move(db, year, FROZEN, frozen_at=f"{days['freeze_on']}T00:00:00Z")
    text = canonical(record_of(db, find_year(db, year)))
    insert_result(db, year, text, digest_of(text), 0, at=f"{days['freeze_on']}T01:00:00Z")
    for one in raw.get("aftermath") or ():
        if one.get("kind") in AFTERMATHS:
            insert_aftermath(
                db, year=year, case_number=int(one["case"]), kind=one["kind"], on_day=one["on"], text=one["text"],
                account_key=0,
            )  # fmt: skip
    refresh_frozen_flags(db, year, [one["landing"] for one in raw["cases"]])


def _move(db: Database, year: int, state: str, **columns: Any) -> None:
    update_year(db, find_year(db, year).row, state=state, **columns)
