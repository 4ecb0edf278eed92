"""What is to be written for each row: which rows become one posting, and what it says then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marketplace.imports.intake import recheck
from marketplace.imports.packing import twins_in
from marketplace.records import Fault, PostingRecord, TermBook, to_values
from marketplace.store import Database, PostingRow
from marketplace.store.imports import ImportRow
from marketplace.store.postings import content_hash, load_rows
from marketplace.workbooks.checking import GOOD, TWIN
from marketplace.workbooks.twins import KEEP, MERGE
from matching import Posting, Side


@dataclass(frozen=True, slots=True)
class Unit:
    """Rows that become one posting: ``row`` first, ``merged`` add what they have to it."""

    row: ImportRow
    merged: tuple[ImportRow, ...]
    target: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A unit worked out. ``posting`` is None when ``faults`` keep it out; ``stored`` is what it replaces."""

    unit: Unit
    values: Mapping[str, Any]
    record: PostingRecord | None
    posting: Posting | None
    stored: PostingRow | None
    faults: tuple[Fault, ...]

    @property
    def unchanged(self) -> bool:
        """Whether the stored posting already says all this."""
        if self.posting is None or self.stored is None:
            return False
        return content_hash(self.posting) == content_hash(self.stored.posting)


def gather_units(rows: Sequence[ImportRow]) -> list[Unit]:
    """Return what is to be written of the rows of a file, in its order.

    ``rows`` are all rows of the run: a row may be merged into one that was written before.
    """
    written = {row.row_number: row.posting_key for row in rows if row.posting_key}
    open_rows = [row for row in rows if row.state == GOOD or (row.state == TWIN and row.decision in (MERGE, KEEP))]
    into: dict[int, list[ImportRow]] = {}
    alone: list[tuple[ImportRow, int]] = []
    numbers = {row.row_number for row in open_rows if not (row.state == TWIN and row.decision == MERGE)}
    for row in open_rows:
        target = int(row.record.get("target") or 0)
        twin = twins_in(row.twins)[0] if row.state == TWIN and row.decision == MERGE and row.twins else None
        if twin is not None and twin.posting_key:
            target = twin.posting_key
        elif twin is not None and twin.row_number in written:
            target = written[twin.row_number]
        elif twin is not None and twin.row_number in numbers:
            into.setdefault(twin.row_number, []).append(row)
            continue
        alone.append((row, target))
    return [Unit(row, tuple(into.get(row.row_number, ())), target) for row, target in alone]


def plan_units(
    db: Database, units: Sequence[Unit], side: Side, *, mapped: frozenset[str], terms: TermBook | None
) -> list[Plan]:
    """Return what each unit writes; ``mapped`` are the fields the file has columns for."""
    stored = {row.key: row for row in load_rows(db, [unit.target for unit in units if unit.target])}
    return [_plan(unit, stored.get(unit.target), side, mapped, terms) for unit in units]


def _plan(unit: Unit, stored: PostingRow | None, side: Side, mapped: frozenset[str], terms: TermBook | None) -> Plan:
    values = dict(unit.row.record["values"])
    if stored is not None:
        values = _over(stored.posting, values, mapped if unit.row.record.get("target") else frozenset())
    for row in unit.merged:
        values = _added(values, row.record["values"])
    record, faults = recheck(side, values, terms)
    if record is None:
        return Plan(unit, values, None, None, stored, faults)
    posting_id = stored.posting.id if stored else str(unit.row.record["id"])
    posting = record.to_posting(posting_id=posting_id)
    if stored is not None:
        # The state is the marketplace's own affair: no file sets it.
        posting = replace(posting, listing=replace(posting.listing, state=stored.posting.listing.state))
    return Plan(unit, values, record, posting, stored, ())


def _over(posting: Posting, values: Mapping[str, Any], mapped: frozenset[str]) -> dict[str, Any]:
    """A stored posting with new values over it: columns of the file say all there is, others leave it alone."""
    base, other = to_values(posting)
    kept = {name: value for name, value in base.items() if name not in mapped}
    return _added({**kept, "other": other}, values)


def _added(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    filled = {name: value for name, value in more.items() if value not in (None, "", [], ()) and name != "other"}
    other = {**(base.get("other") or {}), **(more.get("other") or {})}
    return {**base, **filled, "other": other}
