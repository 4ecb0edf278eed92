"""Workbooks of Excel 97 and before: the one stream that matters is taken out, made harmless, and only it is read."""

from __future__ import annotations

from pathlib import Path

from python_calamine import SheetTypeEnum, SheetVisibleEnum

from marketplace.workbooks.reading import notices
from marketplace.workbooks.reading.biff import OldBook
from marketplace.workbooks.reading.calamine import areas_of, open_calamine, rows_of
from marketplace.workbooks.reading.compound import read_compound, write_compound
from marketplace.workbooks.reading.grid import build_sheet
from marketplace.workbooks.reading.refusal import DAMAGED, Unreadable
from marketplace.workbooks.reading.workbook import Workbook


def read_xls(path: Path) -> Workbook:
    """The visible sheets of an old workbook; raises Unreadable."""
    stream_name, stream, macros = read_compound(path)
    old = OldBook(stream)
    del stream
    book = open_calamine(write_compound(stream_name, bytes(old.stream)))
    scanned = old.sheets()
    if len(scanned) != len(book.sheets_metadata):
        raise Unreadable(DAMAGED)
    sheets, hidden = [], []
    for known, scan in zip(book.sheets_metadata, scanned, strict=True):
        if known.typ != SheetTypeEnum.WorkSheet:
            macros = macros or known.typ in (SheetTypeEnum.MacroSheet, SheetTypeEnum.Vba)
            continue
        if known.visible != SheetVisibleEnum.Visible:
            hidden.append(known.name)
            continue
        rows = rows_of(book, known.name, scan.errors)
        sheet = build_sheet(known.name, rows, areas_of(book, known.name)) if rows else None
        if sheet:
            sheets.append(sheet)
    said = notices.about_formulas(old.totals.formulas, 0, 0, ()) + notices.about_hidden(hidden)
    if macros:
        said.append(notices.MACROS)
    return Workbook("xls", tuple(sheets), tuple(said))
