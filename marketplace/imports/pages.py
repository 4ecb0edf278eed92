"""What the pages of an import show, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.records import Fault, FieldSpec
from marketplace.workbooks.columns import Header
from marketplace.workbooks.twins import Twin
from matching import Side

UPLOADED, CHECKING, CHECKED = "uploaded", "checking", "checked"
IMPORTING, SETTLING = "importing", "settling"
DONE, UNDONE, DROPPED = "done", "undone", "dropped"
RUN_STATES = {
    UPLOADED: "待核对列",
    CHECKING: "正在检查",
    CHECKED: "待确认",
    IMPORTING: "正在导入",
    SETTLING: "有疑似重复待决定",
    DONE: "已导入",
    UNDONE: "已撤销",
    DROPPED: "已放弃",
}
ADDED, CHANGED, UNCHANGED, DRAFTED, MERGED, PASSED = "added", "changed", "unchanged", "drafted", "merged", "passed"
OUTCOMES = {
    ADDED: "新增",
    CHANGED: "更新",
    UNCHANGED: "未变",
    DRAFTED: "送审",
    MERGED: "并入同文件的另一行",
    PASSED: "跳过",
}
PUBLISH, DRAFTS = "publish", "drafts"


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """What a person said about a sheet; None leaves the guess.

    ``fields`` maps column index to field name (empty for none), ``kept`` are the columns that go along.
    """

    sheet: int | None = None
    side: Side | None = None
    header_row: int | None = None
    fields: Mapping[int, str] = field(default_factory=dict)
    kept: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class RunView:
    """One import in a list; counts are rows by state or outcome.

    ``own`` says that the viewer uploaded it or belongs to its organisation, and may have the file back.
    """

    key: int
    side: Side
    state: str
    state_label: str
    file_name: str
    sheet: str
    organisation: str
    counts: Mapping[str, int]
    job_key: int
    created_at: str
    finished_at: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class ImportListPage:
    """The viewer's imports, newest first; ``organisations`` are (key, name) it may import for."""

    runs: tuple[RunView, ...]
    organisations: tuple[tuple[int, str], ...]
    sides: tuple[Side, ...]
    for_any: bool


@dataclass(frozen=True, slots=True)
class SheetView:
    """One sheet of the file by its place; ``rows`` are its filled rows."""

    index: int
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnsPage:
    """How the columns of a sheet are understood, to be corrected.

    ``header_row`` counts from 0 within the sheet, ``header_number`` as the user's program counts.
    ``sides`` holds both lists when the columns do not tell. ``missing`` is the sentence of a column
    without which the file is refused, ``failed`` why the last check came to nothing (empty when none did).
    ``fields`` are what a column may be taken for. ``aside`` says that so many rows are checked by a job.
    """

    run: RunView
    sheets: tuple[SheetView, ...]
    sheet: int
    side: Side
    sides: tuple[Side, ...]
    header_row: int
    header_number: int
    headers: tuple[Header, ...]
    fields: tuple[FieldSpec, ...]
    notices: tuple[str, ...]
    missing: str | None
    failed: str
    aside: bool


@dataclass(frozen=True, slots=True)
class CellView:
    """One field of a row as text, with what is wrong in it."""

    field: str
    label: str
    text: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the file; ``cells`` are its filled and faulty fields, ``updates`` the posting it will update."""

    position: int
    row_number: int
    title: str
    state: str
    state_label: str
    cells: tuple[CellView, ...]
    faults: tuple[Fault, ...]
    twins: tuple[Twin, ...]
    decision: str
    updates: int
    posting_key: int
    reason: str
    has_contact: bool


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The checked rows of an import, one page of those in ``state`` (all when empty); ``page`` counts from 1.

    ``updates`` says how many good rows update a stored posting, ``decided`` how many rows that resemble
    others got each decision. ``may_publish`` says that the viewer may publish at once instead of handing in
    for review.
    """

    run: RunView
    notices: tuple[str, ...]
    counts: Mapping[str, int]
    updates: int
    undecided: int
    state: str
    rows: tuple[RowView, ...]
    page: int
    pages: int
    may_publish: bool
    decided: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ResultPage:
    """What an import did; ``obstacle`` says why it cannot be taken back, None when it can."""

    run: RunView
    notices: tuple[str, ...]
    counts: Mapping[str, int]
    rows: tuple[RowView, ...]
    page: int
    pages: int
    undecided: int
    may_undo: bool
    obstacle: str | None
