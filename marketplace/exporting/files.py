"""Writes a list as exchange lines, csv, workbook or open-data SQLite file."""

from __future__ import annotations

import csv
import io
import json
import os
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from marketplace.errors import RefusedError
from marketplace.exporting.public import exchange_of, public_rows
from marketplace.exporting.sheets import table_workbook
from marketplace.exporting.table import list_table
from marketplace.records import SIDE_NAMES
from marketplace.records.written import guard_formula
from marketplace.store import Database, PostingRow
from marketplace.store.opendata import write_open_data
from marketplace.store.postings import load_rows
from matching import Side

# The ending of a file that is still being written.
HALF = ".new"


def export_list(db: Database, side: Side, kind: str, target: Path) -> int:
    """Write the public postings of a list to ``target``; return how many.

    ``kind`` is jsonl, csv, xlsx or sqlite. Raises RefusedError when the folder does not exist or the
    target is one.
    """
    if not target.parent.is_dir():
        raise RefusedError(f"文件夹 {target.parent} 不存在；没有导出。")
    if target.is_dir():
        raise RefusedError(f"{target} 是文件夹，应为文件名；没有导出。")
    rows = public_rows(load_rows(db, side=side))
    write_list(rows, side, kind, target)
    return len(rows)


def write_list(rows: Sequence[PostingRow], side: Side, kind: str, target: Path) -> None:
    """Write public rows to ``target`` in one go: it is there whole or not at all."""
    aside = target.with_name(f"{target.name}.{uuid.uuid4().hex[:12]}{HALF}")
    try:
        WRITERS[kind](rows, side, aside)
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)


def lines_text(rows: Sequence[PostingRow]) -> str:
    """Return public rows as exchange lines."""
    return "".join(json.dumps(exchange_of(row), ensure_ascii=False) + "\n" for row in rows)


def csv_text(rows: Sequence[PostingRow], side: Side) -> str:
    """Return public rows as comma-separated text, harmless to spreadsheets."""
    table = list_table(rows, side)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(table.header)
    # One apostrophe keeps a spreadsheet from running text that begins like a formula.
    writer.writerows([guard_formula(cell) if isinstance(cell, str) else cell for cell in line] for line in table.rows)
    return stream.getvalue()


def workbook_bytes(rows: Sequence[PostingRow], side: Side) -> bytes:
    """Return public rows as a workbook with one sheet."""
    return table_workbook(list_table(rows, side), SIDE_NAMES[side])


def _write_lines(rows: Sequence[PostingRow], _: Side, target: Path) -> None:
    target.write_text(lines_text(rows), encoding="utf-8", newline="")


def _write_csv(rows: Sequence[PostingRow], side: Side, target: Path) -> None:
    # The byte order mark is what makes Excel and WPS read the file as UTF-8.
    target.write_text(csv_text(rows, side), encoding="utf-8-sig", newline="")


def _write_workbook(rows: Sequence[PostingRow], side: Side, target: Path) -> None:
    target.write_bytes(workbook_bytes(rows, side))


def _write_sqlite(rows: Sequence[PostingRow], side: Side, target: Path) -> None:
    write_open_data([exchange_of(row) for row in rows], side, target)


WRITERS: dict[str, Callable[[Sequence[PostingRow], Side, Path], None]] = {
    "jsonl": _write_lines,
    "csv": _write_csv,
    "xlsx": _write_workbook,
    "sqlite": _write_sqlite,
}
