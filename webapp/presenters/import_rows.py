"""The rows of an import one by one: what is wrong, what may be taken instead, what they resemble."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flask import url_for

from marketplace import DECISIONS, FIELDS
from matching import Side
from webapp.presenters import figures
from webapp.presenters.imports import row_state
from webapp.presenters.labels import Label

if TYPE_CHECKING:
    from marketplace import CellView, CheckPage, Fault, RowView, Twin

_DETAIL = {Side.OPPORTUNITY: "opportunities.detail", Side.CAPABILITY: "capabilities.detail"}
_LONG_KINDS = frozenset({"long", "lines", "cases"})
_MUST, _HINT = Label("须改正", "poor"), Label("提示", "info")
# Cells of these differ from row to row.
_OF_ONE_ROW = frozenset({"id", "contact", "title"})
_LONG_TEXT = 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value to take instead; ``alike`` offers to take it wherever the cell says the same."""

    value: str
    label: str
    alike: bool


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A faulty cell; without ``mend_url`` there is nothing to type, ``must`` says that it keeps the row out."""

    id: str
    field: str
    label: str
    found: str
    tone: Label
    sentences: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    must: bool
    long: bool
    alike: bool
    mend_url: str


@dataclass(frozen=True, slots=True)
class TwinLine:
    """What a row resembles."""

    title: str
    organisation: str
    how: str
    url: str


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may become of a row that resembles another."""

    id: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class RowBlock:
    """One row of the file with all that is said about it."""

    anchor: str
    number: str
    title: str
    state: Label
    reason: str
    update_url: str
    problems: tuple[ProblemLine, ...]
    twins: tuple[TwinLine, ...]
    choice_name: str
    options: tuple[Option, ...]
    cells: tuple[tuple[str, str], ...]
    sealed: bool


def present_rows(page: CheckPage, here: Callable[..., str]) -> tuple[RowBlock, ...]:
    """The blocks of a page of rows; a cell that several of them share may be corrected in all at once.

    ``here`` makes addresses of this import that lead back to this page.
    """
    said = Counter((cell.field, cell.text) for row in page.rows for cell in row.cells if cell.faults)
    side = page.run.side
    return tuple(_row(row, side, here, lambda cell: said[cell.field, cell.text] > 1) for row in page.rows)


def _row(row: RowView, side: Side, here: Callable[..., str], shared: Callable[[CellView], bool]) -> RowBlock:
    detail = partial(url_for, _DETAIL[side])
    open_ = row.state in ("good", "bad", "twin")
    mend_url = here("imports.mend", position=row.position) if open_ else ""
    twin = row.state == "twin"
    return RowBlock(
        anchor=f"r{row.position}",
        number=figures.count(row.row_number),
        title=row.title or ("（没有名称）" if open_ else ""),
        state=Label(row.state_label, row_state(row.state).tone),
        reason=row.reason,
        update_url=detail(key=row.updates) if row.updates and row.state == "good" else "",
        problems=(*_cell_problems(row, side, mend_url, shared), *_row_problems(row)) if open_ else (),
        twins=tuple(_twin(one, detail) for one in row.twins) if twin else (),
        choice_name=f"d-{row.position}",
        options=tuple(
            Option(f"d-{row.position}-{value}", value, label, value == row.decision)
            for value, label in DECISIONS.items()
        ) if twin else (),
        cells=tuple((cell.label, cell.text) for cell in row.cells if cell.text),
        sealed=row.has_contact,
    )  # fmt: skip


def _cell_problems(
    row: RowView, side: Side, mend_url: str, shared: Callable[[CellView], bool]
) -> tuple[ProblemLine, ...]:
    kinds = {spec.name: spec.kind for spec in FIELDS[side]}
    lines = []
    for place, cell in enumerate(one for one in row.cells if one.faults):
        must = any(fault.blocking for fault in cell.faults)
        alike = shared(cell) and cell.field not in _OF_ONE_ROW and not cell.field.startswith("other.")
        lines.append(
            ProblemLine(
                id=f"m-{row.position}-{place}",
                field=cell.field,
                label=cell.label,
                found=cell.text,
                tone=_MUST if must else _HINT,
                sentences=tuple(dict.fromkeys(fault.sentence for fault in cell.faults)),
                suggestions=_suggestions(cell.faults, alike),
                must=must,
                long=kinds.get(cell.field) in _LONG_KINDS or len(cell.text) > _LONG_TEXT or "\n" in cell.text,
                alike=alike,
                mend_url=mend_url,
            )
        )
    return tuple(sorted(lines, key=lambda line: not line.must))


def _row_problems(row: RowView) -> tuple[ProblemLine, ...]:
    """What is wrong with the row as a whole."""
    known = {cell.field for cell in row.cells}
    return tuple(
        ProblemLine(
            f"m-{row.position}-{fault.field or 'row'}", "", fault.label or "整行", fault.found,
            _MUST if fault.blocking else _HINT, (fault.sentence,), (), fault.blocking, False, False, "",
        )
        for fault in row.faults
        if fault.field not in known
    )  # fmt: skip


def _suggestions(faults: Sequence[Fault], alike: bool) -> tuple[Suggestion, ...]:
    values = dict.fromkeys(fault.suggestion for fault in faults if fault.suggestion is not None)
    return tuple(Suggestion(value, f"采用“{_short(value)}”" if value else "清空这一格", alike) for value in values)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 24 else f"{line[:23]}…"


def _twin(twin: Twin, detail: Callable[..., str]) -> TwinLine:
    likeness = "" if twin.likeness >= 1 else f" {twin.likeness:.0%}"
    where = "已有条目" if twin.posting_key else f"本文件第 {twin.row_number} 行"
    url = detail(key=twin.posting_key) if twin.posting_key else ""
    return TwinLine(twin.title, twin.organisation, f"与{where}{twin.how}{likeness}", url)
