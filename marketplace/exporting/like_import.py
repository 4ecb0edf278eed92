"""Writes postings under the columns an office's own file had: its headers, its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.exporting.public import public_rows
from marketplace.exporting.sheets import table_workbook
from marketplace.exporting.table import Cell, CellRow, Table, cells_of, list_table, numbered, other_text
from marketplace.records import SIDE_NAMES
from marketplace.store import Database, PostingRow
from marketplace.store.imports import load_run
from marketplace.workbooks.headers import COUNTERS, header_key
from marketplace.workbooks.headers import OTHER as OTHER_FIELD
from matching import Side


@dataclass(frozen=True, slots=True)
class LikeColumn:
    """One column of an office's file: its header, the field it was read as, whether it was kept as it stood."""

    text: str
    field: str | None = None
    keep: bool = False


def export_like_import(
    db: Database, side: Side, columns: int | Sequence[LikeColumn], rows: Sequence[PostingRow]
) -> bytes:
    """Return a workbook with the columns of an import (by its key) or with ``columns``, a line for each posting.

    Only visible postings are written, personal data masked; protected contacts and columns that were
    dropped at the import stay empty. Without any columns known, the usual ones are written.
    """
    chosen = columns_of_import(db, columns) if isinstance(columns, int) else tuple(columns)
    public = public_rows(rows, every_disclosure=True)
    if not chosen:
        return table_workbook(list_table(public, side), SIDE_NAMES[side])
    lines = tuple(_line(chosen, cells_of(row), place) for place, row in enumerate(public, 1))
    return table_workbook(Table(tuple(column.text for column in chosen), lines), SIDE_NAMES[side])


def columns_of_import(db: Database, import_key: int) -> tuple[LikeColumn, ...]:
    """Return the columns of an import's file in its order, none when there is no such import or none were chosen."""
    run = load_run(db, import_key)
    if run is None:
        return ()
    return like_columns(run.mapping) or like_columns(run.columns)


def like_columns(stored: Any) -> tuple[LikeColumn, ...]:
    """Return columns as an import stored them: a list of objects with text, field and keep; none of anything else."""
    found = [one for one in stored if isinstance(one, dict)] if isinstance(stored, list) else []
    return tuple(
        LikeColumn(str(one.get("text") or ""), one.get("field") or None, bool(one.get("keep"))) for one in found
    )


def _line(columns: Sequence[LikeColumn], row: CellRow, place: int) -> tuple[Cell, ...]:
    shared: dict[str, list[str]] = {}
    for column in columns:
        if column.field in row.cells:
            shared.setdefault(str(column.field), []).append(column.text)
    parts = {
        name: _parts(row.values[name], headers, str(row.cells[name]))
        for name, headers in shared.items()
        if len(headers) > 1
    }
    return tuple(_cell(column, row, place, parts) for column in columns)


def _cell(column: LikeColumn, row: CellRow, place: int, parts: Mapping[str, Mapping[str, Cell]]) -> Cell:
    if column.field in parts:
        return parts[str(column.field)].get(column.text)
    if column.field == OTHER_FIELD:
        return other_text(row.other)
    if column.field:
        return row.cells.get(column.field)
    if column.keep:
        value = row.other.get(column.text)
        return value if isinstance(value, str | int) or value is None else str(value)
    return place if header_key(column.text) in COUNTERS else None


def _parts(value: Any, headers: Sequence[str], cell: str) -> dict[str, Cell]:
    """Give each of several columns its part of a field the import joined; the rest goes to the first.

    The import put a column's header before its text: 技术难点：…
    """
    if isinstance(value, tuple):
        items: dict[str, list[str]] = {header: [] for header in headers}
        for item in value:
            header, text = _led(item, headers)
            items[header or headers[0]].append(text)
        return {header: numbered(own) if own else None for header, own in items.items()}
    lines: dict[str, list[str]] = {header: [] for header in headers}
    current = headers[0]
    for line in cell.split("\n"):
        header, text = _led(line, headers)
        current = header or current
        lines[current].append(text)
    return {header: "\n".join(own) or None for header, own in lines.items()}


def _led(text: str, headers: Sequence[str]) -> tuple[str, str]:
    """Return the header a text begins with and what follows it; no header and the text when there is none."""
    for header in headers:
        if text.startswith(f"{header}："):
            return header, text[len(header) + 1 :]
    return "", text
