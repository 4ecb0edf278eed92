"""Makes workbook sheets: text stays text, a styled header, widths that can be read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from marketplace.exporting.public import xml_text
from marketplace.exporting.table import Cell, Table

# What one cell of a workbook holds.
MAX_CELL = 32_767
CUT = "…（超出单元格容量，此处截断；完整内容见 JSON 或 CSV 文件）"
HEADER_FONT = Font(bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="0B4F9E")
REQUIRED_FILL = PatternFill("solid", fgColor="A3121C")
WRAP = Alignment(vertical="top", wrap_text=True)
HEADER_ALIGNMENT = Alignment(vertical="center", wrap_text=True)
LINE = Border(*(Side(style="thin", color="C9D3DF"),) * 4)
NARROW, WIDE = 8, 48
_SAMPLE = 200
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def table_workbook(table: Table, title: str) -> bytes:
    """Return a workbook whose one sheet ``title`` holds the table."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, width in enumerate(_widths(table), 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([header_cell(sheet, text) for text in table.header])
    for line in table.rows:
        sheet.append([body_cell(sheet, value) for value in line])
    last = f"{get_column_letter(len(table.header))}{len(table.rows) + 1}"
    sheet.auto_filter.ref = f"A1:{last}"
    return saved(book)


def saved(book: Workbook) -> bytes:
    """Return a workbook as the bytes of its file."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def header_cell(sheet: Any, text: str) -> Any:
    """Return a styled header cell of a sheet being written."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.font, cell.fill, cell.alignment = HEADER_FONT, HEADER_FILL, HEADER_ALIGNMENT
    return cell


def body_cell(sheet: Any, value: Cell) -> Any:
    """Return a cell of a sheet being written; text is stored as text, also when it begins like a formula."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=plain_text(value))
    cell.data_type = "s"
    if "\n" in value or len(value) > WIDE // 2:
        cell.alignment = WRAP
    return cell


def plain_text(value: str) -> str:
    """Return text as a cell takes it: escapes written out, what does not fit cut with a word about it."""
    # Spreadsheets read _x000D_ as a control character; its underscore is escaped by the format's own rule.
    text = _ESCAPED.sub("_x005F_", xml_text(value))
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - len(CUT)] + CUT


def _widths(table: Table) -> Iterable[int]:
    for place, name in enumerate(table.header):
        cells = (line[place] for line in table.rows[:_SAMPLE])
        yield min(WIDE, max(NARROW, _width(name) + 3, *(_width(cell) + 1 for cell in cells), 0))


def _width(cell: Cell) -> int:
    """Columns a cell takes up: a Chinese character is two wide."""
    lines: Sequence[str] = str("" if cell is None else cell)[:400].split("\n")
    return max(sum(2 if ord(char) > 0x2E7F else 1 for char in line[: WIDE + 1]) for line in lines)
