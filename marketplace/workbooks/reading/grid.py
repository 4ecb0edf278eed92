"""From rows of cells and merged areas to a sheet: areas filled, empty edges cut, limits kept."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.workbooks.reading.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from marketplace.workbooks.reading.refusal import TOO_MANY_CELLS, Unreadable, too_many_columns, too_many_rows
from marketplace.workbooks.reading.workbook import Area, Cell, Sheet


def cut(cells: list[Cell]) -> list[Cell]:
    """The same list without the empty cells at its end."""
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def build_sheet(name: str, rows: dict[int, list[Cell]], merged: Sequence[Area] = ()) -> Sheet | None:
    """The sheet of some rows by their number in the user's file; None when they hold nothing.

    `merged` counts rows by the same numbers and columns from 0. An area is filled with its top-left value as far
    as the sheet has content. Raises Unreadable beyond the limits.
    """
    rows = {number: cells for number, row in rows.items() if (cells := cut(row))}
    if not rows:
        return None
    filled = fill(rows, merged)
    wide = next((number for number, cells in rows.items() if len(cells) > MAX_COLUMNS), None)
    if wide is not None:
        raise too_many_columns(name, f"第 {wide} 行第 {len(rows[wide])} 列")
    if len(rows) > MAX_ROWS:
        raise too_many_rows(name)
    first, last = min(rows), max(rows)
    inside = tuple((top - first, left, bottom - first, right) for top, left, bottom, right in filled)
    return Sheet(name, tuple(tuple(rows.get(number, ())) for number in range(first, last + 1)), first, inside)


def fill(rows: dict[int, list[Cell]], merged: Sequence[Area]) -> list[Area]:
    """Give every cell of a merged area its top-left value; the areas as far as the content reaches."""
    last_row, width, budget = max(rows), max(map(len, rows.values())), MAX_CELLS
    filled = []
    for top, left, bottom, right in merged:
        bottom, right = min(bottom, last_row), min(right, width - 1)
        corner = rows.get(top, [])
        value = corner[left] if left < len(corner) else None
        if value is None or (top, left) == (bottom, right):
            continue
        budget -= (bottom - top + 1) * (right - left + 1)
        if budget < 0:
            raise Unreadable(TOO_MANY_CELLS)
        for number in range(top, bottom + 1):
            cells = rows.setdefault(number, [])
            cells.extend([None] * (right + 1 - len(cells)))
            cells[left : right + 1] = [value] * (right - left + 1)
        filled.append((top, left, bottom, right))
    return filled
