"""The one door to calamine, which reads xlsx and xls; whatever it stumbles over is a damaged file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, load_workbook

from marketplace.workbooks.reading.cells import plain
from marketplace.workbooks.reading.refusal import DAMAGED, ENCRYPTED, Unreadable
from marketplace.workbooks.reading.workbook import Area, Cell


@contextmanager
def _stumbling() -> Iterator[None]:
    """Turn errors of the library into Unreadable, also its panics, which are no Exception in Python."""
    try:
        yield
    except PasswordError as error:
        raise Unreadable(ENCRYPTED) from error
    except (CalamineError, ValueError, OverflowError) as error:
        raise Unreadable(DAMAGED) from error
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise Unreadable(DAMAGED) from error


def open_calamine(file: io.BytesIO) -> CalamineWorkbook:
    """The workbook of a clean copy; raises Unreadable."""
    with _stumbling():
        file.seek(0)
        return load_workbook(file)


def rows_of(book: CalamineWorkbook, name: str, errors: Mapping[tuple[int, int], str]) -> dict[int, list[Cell]]:
    """The rows with content by their number counted from 1, columns from A on; raises Unreadable.

    `errors` names the error values by row and column, since calamine shows them as empty.
    """
    rows: dict[int, list[Cell]] = {}
    with _stumbling():
        sheet = book.get_sheet_by_name(name)
        before: list[Cell] = [None] * (sheet.start[1] if sheet.start else 0)
        for number, values in enumerate(sheet.iter_rows() if sheet.start else (), 1):
            cells = [plain(value) for value in values]
            if any(cell is not None for cell in cells):
                rows[number] = before + cells
    for (row, column), text in errors.items():
        cells = rows.setdefault(row, [])
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = text
    return rows


def areas_of(book: CalamineWorkbook, name: str) -> list[Area]:
    """The merged areas of a sheet: rows counted from 1, columns from 0; raises Unreadable."""
    with _stumbling():
        merged = book.get_sheet_by_name(name).merged_cell_ranges or []
    return [(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in merged]
