"""Gives a workbook back with a column that says what is wrong in each row, its faulty cells coloured."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marketplace.workbooks.checking import SKIPPED, STATES, CheckedRow
from marketplace.workbooks.columns import ColumnGuess
from marketplace.workbooks.reading import Cell, Sheet, Workbook

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COLUMN = "问题"
# A workbook that unfolds to more than this is given back as plain cells: its formats alone would fill memory.
_LARGEST = 64 * 1024 * 1024
_MISTAKE, _HINT = "FFF4CCCC", "FFFFF2CC"
# What the library raises for workbooks that other readers understand.
_UNOPENED = (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, zipfile.BadZipFile)
_UNPRINTABLE = {code: None for code in (*range(9), 11, 12, *range(14, 32))}


def annotate_workbook(
    path: Path, workbook: Workbook, place: int, guess: ColumnGuess, rows: Iterable[CheckedRow]
) -> bytes:
    """Return the workbook at ``path`` as xlsx with the column 问题 behind its last one.

    A sound xlsx keeps its sheets and formats; formulas become the values they showed, macros go. Any other
    format comes back as a new xlsx with the same cells.
    """
    sheet = workbook.sheets[place]
    book, shift = _own_book(path, sheet.name) if workbook.format == "xlsx" else None, 0
    if book is None:
        book, shift = _new_book(workbook), 1 - min(1, sheet.first_row)
        target = book.worksheets[place]
    else:
        target = book[sheet.name]
    _note(target, sheet, guess, rows, shift)
    book.active = book.worksheets.index(target)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _own_book(path: Path, sheet: str) -> Any:
    """Open the user's workbook for writing; None when it is too large or this library cannot open it."""
    from openpyxl import load_workbook

    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            return None
    try:
        with path.open("rb") as file:
            # The values shown stand in for formulas.
            book = load_workbook(file, data_only=True, keep_vba=False, keep_links=False)
    except _UNOPENED:
        return None
    for cells in (cells for one in book.worksheets for cells in one.iter_rows()):
        for cell in cells:
            if cell.data_type == "f":
                cell.data_type = "s"
    return book if sheet in book.sheetnames else None


def _new_book(workbook: Workbook) -> Any:
    from openpyxl import Workbook as Book

    book = Book()
    book.remove(book.worksheets[0])
    for sheet in workbook.sheets:
        _fill(book.create_sheet(_sheet_name(sheet.name)), sheet)
    return book


def _fill(target: Worksheet, sheet: Sheet) -> None:
    shift = 1 - min(1, sheet.first_row)
    for place, cells in enumerate(sheet.rows):
        for column, value in enumerate(cells, 1):
            if value is not None:
                _put(target, sheet.first_row + place + shift, column, value)


def _put(target: Worksheet, row: int, column: int, value: Cell) -> Any:
    cell = target.cell(row, column)
    cell.value = value.translate(_UNPRINTABLE)[:32_767] if isinstance(value, str) else value
    if isinstance(value, str):
        # Text that begins with = is no formula.
        cell.data_type = "s"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def _note(target: Worksheet, sheet: Sheet, guess: ColumnGuess, rows: Iterable[CheckedRow], shift: int) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    mistake, hint = (PatternFill("solid", start_color=colour) for colour in (_MISTAKE, _HINT))
    width = max((len(cells) for cells in sheet.rows), default=0)
    own = next((header.index for header in guess.headers if header.text == COLUMN), width) + 1
    columns: dict[str, list[int]] = {}
    for header in guess.headers:
        columns.setdefault(header.field or f"other.{header.text}", []).append(header.index + 1)
    head = _put(target, sheet.first_row + guess.header_row + shift, own, COLUMN)
    head.font = Font(bold=True)
    target.column_dimensions[head.column_letter].width = 60
    for row in rows:
        number = row.row_number + shift
        said = [fault.sentence for fault in row.faults]
        said += [f"疑似与“{twin.title}”重复（{twin.how}）。" for twin in row.twins if row.state != "good"]
        if row.state == SKIPPED:
            said.append(f"{STATES[SKIPPED]}：{row.reason}。")
        cell = _put(target, number, own, "\n".join(said) or None)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        for fault in row.faults:
            for column in columns.get(fault.field, ()):
                target.cell(number, column).fill = mistake if fault.blocking else hint


def _sheet_name(name: str) -> str:
    """A name Excel allows: no signs of its own, at most 31 characters."""
    return "".join(" " if char in "[]:*?/\\" else char for char in name)[:31] or "清单"
