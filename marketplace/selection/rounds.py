"""Takes years in from a file: those decided elsewhere, or the samples; years that are there stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from marketplace.benchmarks.canonical import canonical, digest_of
from marketplace.benchmarks.tally import SELECTED
from marketplace.errors import RefusedError
from marketplace.flagging import refresh_frozen_flags, refresh_year_flags
from marketplace.publicity import masked
from marketplace.selection.cases import code_of, domain_of
from marketplace.selection.evidence import keep_evidence
from marketplace.selection.record import outcomes_of, record_of
from marketplace.selection.rights import find_year
from marketplace.selection.round_reading import ReadCase, ReadRound, named_landings, read_round, read_sheet
from marketplace.selection_states import CHECKED, FROZEN, NOTICE, OPEN, SENT
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
        sheet = read_sheet(raw, where)
        if load_year(db, sheet.year) is not None:
            continue
        landings = find_landing_keys(db, named_landings(raw))
        found = read_round(raw, sheet, where, landings)
        with transaction(db):
            _write(db, found, landings, where)
        written_years.append(sheet.year)
    return written_years


def _write(db: Database, found: ReadRound, landings: Mapping[str, tuple[int, int]], where: str) -> None:
    year = found.sheet.year
    insert_year(db, year, found.sheet.plain(), 0)
    _move(db, year, OPEN, opened_at=f"{found.sheet.calendar['opens_on']}T00:00:00Z")
    for number in range(1, found.experts + 1):
        # Experts of years decided elsewhere have no account here; they are numbers only.
        add_expert(db, year, -number, 0)
    for number, one in enumerate(found.cases, 1):
        _case(db, year, number, one, landings[one.landing], frozen=found.frozen)
    refresh_year_flags(db, year)
    if found.frozen:
        _freeze(db, found, where)


def _case(db: Database, year: int, number: int, one: ReadCase, pair: tuple[int, int], *, frozen: bool) -> None:
    rows = {row.key: row for row in load_rows(db, list(pair))}
    need, offer = rows[pair[0]], rows[pair[1]]
    organisation = offer.organisation_key if one.way == "self_applied" else need.organisation_key
    key = insert_case(
        db, year, one.landing,
        {"opportunity_key": pair[0], "capability_key": pair[1], "organisation_key": organisation, "way": one.way,
         "number": number, "domain": domain_of(need), "state": CHECKED if frozen else SENT, "sent_at": now(),
         "record": canonical({**one.texts, "declared": "1"}), "author_key": 0, "facts": one.facts},
    )  # fmt: skip
    for expert, scores in enumerate(one.marks, 1):
        save_assignment(db, key, -expert, year)
        save_review(
            db, None, key, -expert, 1, year=year, scores=scores, comment="", state="sent", sent_at=now()
        )  # fmt: skip


def _freeze(db: Database, read: ReadRound, where: str) -> None:
    """Publish and freeze a year by its own days."""
    sheet = read.sheet
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
    # Without salt: the same file gives the same hash wherever it is taken in.
    text = canonical(record_of(db, found, keep_evidence(db, found, salted=False)))
    insert_result(db, year, text, digest_of(text), 0, at=f"{days['freeze_on']}T01:00:00Z")
    won = {one.number for one in outcomes if one.outcome == SELECTED}
    for number, kind, day, text in read.aftermath:
        if number not in won:
            raise RefusedError(f"{where} {year} 年度：后续情况写的第 {number} 个案例没有入选。没有写入。")
        insert_aftermath(db, year=year, case_number=number, kind=kind, on_day=day, text=text, account_key=0)
    refresh_frozen_flags(db, year, [one.landing for one in read.cases])


def _move(db: Database, year: int, state: str, **columns: Any) -> None:
    update_year(db, find_year(db, year).row, state=state, **columns)
