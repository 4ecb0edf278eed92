"""Cells as the readers give them, made plain; and the names of their places."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from typing import Any

from marketplace.workbooks.reading.workbook import Cell

# Control characters but tab and newline, lone surrogates, and the byte order mark: nothing a form would show.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_LAST_EXACT = 2**53


def plain_text(text: str) -> str | None:
    """The text without control characters, newlines as `\\n`; None when nothing but white space is left."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNSEEN.sub("", text)
    return text if text and not text.isspace() else None


def plain(value: Any) -> Cell:
    """A reader's value as a cell: whole numbers as int, midnight as a date, times of day as text."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, float):
        if value.is_integer() and abs(value) <= _LAST_EXACT:
            return int(value)
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() and value.tzinfo is None else value
    if value is None or isinstance(value, bool | int | date):
        return value
    if isinstance(value, time):
        return value.isoformat("minutes" if not value.second else "seconds")
    if isinstance(value, timedelta):
        return _hours(value)
    return plain_text(str(value))


def _hours(length: timedelta) -> str:
    """A length of time as Excel shows it: hours may pass 24."""
    seconds = round(length.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def column_letters(column: int) -> str:
    """The letters Excel gives a column counted from 0: A … Z, AA …."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """The name of a cell, such as B3, from its row counted from 1 and its column counted from 0."""
    return f"{column_letters(column)}{row}"
