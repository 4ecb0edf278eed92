"""What reading a file yields: sheets of plain cells, and what the user should know about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | date | datetime | None
Area: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet or table; row `rows[i]` is row `first_row + i` of the user's file.

    Empty rows in between are kept as `()`, so that numbers stay true; empty cells and rows at the end are cut.
    Of a joined table the rows are counted on; the header of a JSON Lines file is row 0, before line 1.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    first_row: int = 1
    # (top, left, bottom, right), inclusive, counted from 0 in `rows`; the areas are already filled.
    merged: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """Everything read from one file: `format` is xlsx, xls, csv, docx or jsonl; `notices` are Chinese sentences."""

    format: str
    sheets: tuple[Sheet, ...]
    notices: tuple[str, ...]
