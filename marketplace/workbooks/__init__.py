"""Spreadsheets and documents of offices: what they send is read into plain cells here."""

from marketplace.workbooks.reading import (
    Cell,
    FileRefusedError,
    Sheet,
    Workbook,
    pack_workbook,
    read_workbook,
    unpack_workbook,
)

__all__ = ["Cell", "FileRefusedError", "Sheet", "Workbook", "pack_workbook", "read_workbook", "unpack_workbook"]
