"""JSON Lines: one object a line, its keys the columns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from marketplace.workbooks.reading.cells import plain, plain_text
from marketplace.workbooks.reading.grid import build_sheet
from marketplace.workbooks.reading.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from marketplace.workbooks.reading.refusal import TOO_MANY_CELLS, Unreadable, too_many_columns, too_many_rows
from marketplace.workbooks.reading.workbook import Cell, Workbook

NAME = "JSON Lines"


def read_json_lines(lines: Iterable[str]) -> Workbook:
    """The one sheet of a JSON Lines file: the keys as row 0, then the lines by number; raises Unreadable."""
    columns: dict[str, int] = {}
    rows: dict[int, list[Cell]] = {}
    count = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        record = _record(number, line)
        for key in record:
            columns.setdefault(key, len(columns))
        if len(columns) > MAX_COLUMNS:
            raise too_many_columns(NAME, f"第 {number} 行")
        cells: list[Cell] = [None] * len(columns)
        for key, value in record.items():
            cells[columns[key]] = _cell(value)
        rows[number] = cells
        count += len(cells)
        if count > MAX_CELLS:
            raise Unreadable(TOO_MANY_CELLS)
        if len(rows) > MAX_ROWS:
            raise too_many_rows(NAME)
    if any(cell is not None for cells in rows.values() for cell in cells):
        rows[0] = [plain_text(key) for key in columns]
    sheet = build_sheet(NAME, rows)
    return Workbook("jsonl", (sheet,) if sheet else (), ())


def _record(number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"第 {number} 行不是一个完整的 JSON 对象，没有读取，请改成每行一个对象后再上传") from error
    if not isinstance(record, dict):
        raise Unreadable(f"第 {number} 行不是 JSON 对象，没有读取，请改成每行一个对象后再上传")
    return record


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def _cell(value: Any) -> Cell:
    """A value as a cell: lists of texts one below the other, other lists and objects as JSON."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return plain_text("\n".join(value))
    if isinstance(value, list | dict):
        return plain_text(json.dumps(value, ensure_ascii=False))
    return plain(value)
