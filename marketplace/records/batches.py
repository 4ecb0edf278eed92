"""What a batch is called: one form on every page, however an imported list wrote it."""

from __future__ import annotations

import re
from typing import NamedTuple

from marketplace.records.values import half_width, read_numeral

_BATCH = re.compile(r"(?:(?P<year>\d{4})年度?)?第?(?P<number>[\d零〇一二两三四五六七八九十百]{1,5})批次?")

_MOST = 999


class BatchName(NamedTuple):
    """The number of a batch and its year, 0 where none is written."""

    year: int
    number: int


def batch_label(number: int, year: int) -> str:
    """Return what the batch of a number is called: 2026年第1批."""
    return f"{year}年第{number}批" if year else f"第{number}批"


def read_batch(text: str) -> BatchName | None:
    """Return year and number of a batch as people write it (2026年第一批、第1批), None for anything else."""
    found = _BATCH.fullmatch("".join(half_width(text).split()))
    number = read_numeral(found["number"]) if found else None
    if found is None or number is None or not 1 <= number <= _MOST:
        return None
    return BatchName(int(found["year"] or 0), int(number))


def uniform_batch(text: str, year: int = 0) -> str:
    """Return a written batch in the form of ``batch_label``; ``year`` stands in where none is written.

    What is no number of a batch stays as it is.
    """
    name = read_batch(text)
    return batch_label(name.number, name.year or year) if name else text


def batch_order(label: str) -> tuple[int, int, str]:
    """Return where a batch stands among others: by year, then by number, the unreadable last."""
    name = read_batch(label)
    return (name.year, name.number, "") if name else (9999, 0, label)
