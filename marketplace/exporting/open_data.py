"""Open data: what may be downloaded, what its columns mean, and files built once for each state of the data."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from marketplace.exporting.files import HALF
from marketplace.exporting.table import OTHER, STATE, public_fields
from marketplace.records import RECORDS, SIDE_NAMES, FieldSpec, batch_order, shown_batch
from marketplace.store import PostingRow
from matching import Side

FORMATS = ("csv", "jsonl", "sqlite")
_ABANDONED_S = 3600
_DAYS = frozenset({"deadline", "valid_until", "last_confirmed"})
_KINDS = {
    "text": "文字", "long": "长文字", "lines": "文字列表", "cases": "文字列表", "money": "金额", "day": "日期",
    "choice": "文字（固定选项）", "choices": "文字列表", "whole": "整数", "division": "文字（行政区划）",
    "phone": "文字（固定电话）", "switch": "是／否",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenColumn:
    """One column: its header in csv, its name in JSON and SQLite, what it holds, an example."""

    label: str
    name: str
    kind: str
    note: str
    example: str


@dataclass(frozen=True, slots=True)
class OpenList:
    """One list as open data: its columns, its batches with their size, the formats it can be downloaded in."""

    side: Side
    name: str
    count: int
    columns: tuple[OpenColumn, ...]
    batches: tuple[tuple[str, int], ...] = ()
    formats: tuple[str, ...] = FORMATS


@dataclass(frozen=True, slots=True)
class OpenDataPage:
    """What the open-data page tells; ``changed_at`` is ISO-8601 UTC, None before the first change."""

    lists: tuple[OpenList, ...]
    changed_at: str | None


def open_list(rows: Sequence[PostingRow], side: Side) -> OpenList:
    """Return what is told of a list of public rows; its batches by name."""
    batches = Counter(batch for row in rows if (batch := shown_batch(row.posting, row.published_on)))
    ordered = sorted(batches.items(), key=lambda item: batch_order(item[0]))
    return OpenList(side, SIDE_NAMES[side], len(rows), open_columns(side), tuple(ordered))


def open_columns(side: Side) -> tuple[OpenColumn, ...]:
    """Return the columns of a list as open data, in the order of the csv file."""
    columns = [
        OpenColumn(spec.label, _name(side, spec), _KINDS[spec.kind], _note(spec), spec.example)
        for spec in public_fields(side)
    ]
    state = OpenColumn(STATE, "state", "文字", f"{SIDE_NAMES[side]}的状态；没有写明即为已发布", "已发布")
    other = OpenColumn(OTHER, "extra", "JSON 对象", "没有专门一列的其他内容；没有时 CSV 不含此列", "")
    return (*columns, state, other)


def _name(side: Side, spec: FieldSpec) -> str:
    """Fields the exchange format has no key for are kept in its ``extra`` object."""
    if spec.name == "budget":
        return "budget_wan"
    return spec.name if spec.name in _DAYS or spec.name in RECORDS[side].exchanged else f"extra.{spec.name}"


def _note(spec: FieldSpec) -> str:
    if spec.name == "budget":
        return "CSV 为原文；budget_wan 为万元数，写有范围时取上限，其余在 extra.budget"
    if spec.kind == "day":
        return "年-月-日；没有具体日期的按原文"
    return spec.note if spec.name not in ("batch", "index_number") else ""


class Shelf:
    """Files in a folder, each built once for one ``mark`` of the data; older ones are removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def take(self, name: str, ending: str, mark: str, build: Callable[[Path], None]) -> BinaryIO:
        """Return the open file ``<name>-<mark>.<ending>``, building it when it is not there.

        It can be read to the end also when a newer one replaces it meanwhile. Several processes may
        build the same file: each puts a whole one in place.
        """
        path = self._folder / f"{name}-{mark}.{ending}"
        with contextlib.suppress(FileNotFoundError):
            return path.open("rb")
        with self._lock:
            if not path.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                build(path)
            stream = path.open("rb")
            self._tidy(name, ending, path)
        return stream

    def _tidy(self, name: str, ending: str, path: Path) -> None:
        """Remove what ``path`` replaces, and what a process that was killed left half written."""
        for old in self._folder.glob(f"{name}-*.{ending}"):
            if old != path:
                old.unlink(missing_ok=True)
        for half in self._folder.glob(f"*{HALF}"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - half.stat().st_mtime > _ABANDONED_S:
                    half.unlink()
