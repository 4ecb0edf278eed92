"""Spreadsheets and documents of offices: what they send is read into plain cells here."""

from marketplace.workbooks.reading import Cell, FileRefusedError, Sheet, Workbook, read_workbook

__all__ = ["Cell", "FileRefusedError", "Sheet", "Workbook", "read_workbook"]
