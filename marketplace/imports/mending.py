"""Corrects cells of checked rows and looks again at every row this concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from marketplace.errors import BadRequestError, NotFoundError, RefusedError
from marketplace.imports.intake import Owner, compare
from marketplace.imports.packing import Seal, pack_row, unpack_row
from marketplace.imports.views import cell_text
from marketplace.records import FIELDS, TermBook
from marketplace.store import Database
from marketplace.store.imports import ImportRow, load_import_rows
from marketplace.workbooks.checking import BAD, GOOD, TWIN, CheckedRow, RowChecker, id_text, settle_ids
from matching import Side

OPEN = (GOOD, BAD, TWIN)


def mended_rows(
    db: Database,
    import_key: int,
    side: Side,
    *,
    position: int,
    field: str,
    value: str,
    alike: bool,
    owner: Owner,
    terms: TermBook | None,
    seal: Seal,
) -> list[tuple[ImportRow, ImportRow]]:
    """Return the rows that change when one cell is corrected, or with ``alike`` every cell that says the same.

    Each comes as it was read and as it is to be written.

    Raises NotFoundError for a row that is no record, BadRequestError for a field there is none of.
    """
    stored = load_import_rows(db, import_key)
    places = {row.position: place for place, row in enumerate(stored)}
    if position not in places or stored[places[position]].state not in OPEN:
        raise NotFoundError("没有这一行，或这一行已经导入。")
    if field not in {spec.name for spec in FIELDS[side]} and not field.startswith("other."):
        raise BadRequestError(f"没有名为“{field}”的项。")
    rows = [unpack_row(row) for row in stored]
    chosen = _places_alike(rows, places[position], field) if alike else [places[position]]
    checker = RowChecker(side, terms, organisation=owner.name)
    ids = set()
    for place in chosen:
        ids.add(id_text(rows[place].values.get("id")))
        rows[place] = _with_value(checker, rows[place], field, value, contact=value if field == "contact" else "")
        ids.add(id_text(rows[place].values.get("id")))
    touched = set(chosen)
    if field == "id":
        touched |= _recheck_ids(checker, rows, ids - {""}, touched)
    settled = settle_ids(rows, side)
    for place in touched:
        rows[place] = settled[place]
    compared = compare(db, rows, side, owner=owner, only=touched)
    return [
        (
            stored[place],
            replace(pack_row(import_key, compared[place], seal, sealed=stored[place].sealed), decision=""),
        )
        for place in sorted(touched)
    ]


def mended_detail(
    rows: Sequence[tuple[ImportRow, ImportRow]], side: Side, *, position: int, field: str, alike: bool
) -> dict[str, Any]:
    """Say for the audit log which cells ``mended_rows`` corrected: row, field and how many."""
    labels = {spec.name: spec.label for spec in FIELDS[side]}
    number = next(row.row_number for _, row in rows if row.position == position)
    return {"行": number, "项": labels.get(field, field.removeprefix("other.")), "处数": len(rows) if alike else 1}


def _with_value(checker: RowChecker, row: CheckedRow, field: str, value: str, *, contact: str) -> CheckedRow:
    values: dict[str, Any] = dict(row.values)
    if field.startswith("other."):
        other = dict(values.get("other") or {})
        other[field.removeprefix("other.")] = value.strip()
        values["other"] = {name: one for name, one in other.items() if one not in ("", None)}
    elif field != "contact":
        values[field] = value.strip()
        if not values[field]:
            del values[field]
    cells = [fault for fault in row.cell_faults if fault.field != field]
    return checker.check_values(values, row.position, row.row_number, contact=contact, faults=cells)


def _places_alike(rows: Sequence[CheckedRow], place: int, field: str) -> list[int]:
    if field.startswith("other.") or field in ("id", "contact"):
        raise RefusedError("这一项每行不同，不能一并修改。")
    said = cell_text(rows[place].values.get(field))
    return [at for at, row in enumerate(rows) if row.state in OPEN and cell_text(row.values.get(field)) == said]


def _recheck_ids(checker: RowChecker, rows: list[CheckedRow], ids: set[str], done: set[int]) -> set[int]:
    """Check rows again that have one of these ids: the clash that kept them out may be gone, or new."""
    again = {
        at for at, row in enumerate(rows)
        if at not in done and row.state in OPEN and id_text(row.values.get("id")) in ids
    }  # fmt: skip
    for at in again:
        row = rows[at]
        rows[at] = checker.check_values(dict(row.values), row.position, row.row_number, faults=row.cell_faults)
    return again
