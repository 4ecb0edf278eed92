"""Any file an office sends, read safely into sheets of plain cells; what it means is decided elsewhere."""

from marketplace.workbooks.reading.copies import pack_workbook, unpack_workbook
from marketplace.workbooks.reading.file import read_workbook
from marketplace.workbooks.reading.limits import MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS
from marketplace.workbooks.reading.refusal import FileRefusedError
from marketplace.workbooks.reading.workbook import Cell, Sheet, Workbook

__all__ = [
    "MAX_COLUMNS",
    "MAX_FILE_BYTES",
    "MAX_ROWS",
    "Cell",
    "FileRefusedError",
    "Sheet",
    "Workbook",
    "pack_workbook",
    "read_workbook",
    "unpack_workbook",
]
