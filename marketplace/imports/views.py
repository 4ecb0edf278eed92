"""Kept runs and rows as their pages show them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.imports.packing import unpack_row
from marketplace.imports.pages import OUTCOMES, RUN_STATES, CellView, RowView, RunView
from marketplace.records import FIELDS
from marketplace.store import Database
from marketplace.store.imports import ImportRow, RunRow, count_states, load_import_rows, organisation_of
from marketplace.workbooks.checking import STATES
from matching import Side

PAGE = 50
ROW_STATES = STATES | OUTCOMES


def run_view(db: Database, run: RunRow) -> RunView:
    """Return one import as lists show it."""
    return RunView(
        run.key, run.side, run.state, RUN_STATES[run.state], run.file_name, run.sheet,
        organisation_of(db, run.organisation_key)[0], count_states(db, run.key), run.job_key, run.created_at,
        run.finished_at,
    )  # fmt: skip


def rows_page(
    db: Database, run: RunRow, counts: Mapping[str, int], *, states: Sequence[str], page: int
) -> tuple[tuple[RowView, ...], int, int]:
    """Return one page of rows in some states (all when empty), the page shown and how many there are."""
    total = sum(count for state, count in counts.items() if not states or state in states)
    pages = max(1, math.ceil(total / PAGE))
    shown = min(max(1, page), pages)
    rows = load_import_rows(db, run.key, states=states, limit=PAGE, offset=(shown - 1) * PAGE)
    return tuple(row_view(row, run.side) for row in rows), shown, pages


def row_view(row: ImportRow, side: Side) -> RowView:
    """Return one row with its filled and faulty fields."""
    checked = unpack_row(row)
    cells = []
    for spec in FIELDS[side]:
        faults = tuple(fault for fault in checked.faults if fault.field == spec.name)
        value = checked.values.get(spec.name)
        if faults or value not in (None, "", []):
            cells.append(CellView(spec.name, spec.label, cell_text(value), faults))
    for name, value in (checked.values.get("other") or {}).items():
        faults = tuple(fault for fault in checked.faults if fault.field == f"other.{name}")
        cells.append(CellView(f"other.{name}", name, cell_text(value), faults))
    return RowView(
        row.position, row.row_number, checked.title, row.state, ROW_STATES.get(row.state, row.state), tuple(cells),
        checked.faults, checked.twins, row.decision, checked.target, row.posting_key, checked.reason, bool(row.sealed),
    )  # fmt: skip


def cell_text(value: Any) -> str:
    """Return a raw value as a form field would hold it; lists one item a line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
