"""A list as a table: a column for each public field, cells as the records read them back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.records import FIELDS, PUBLISHER_TYPES, FieldSpec, to_values
from marketplace.records.listed import read_choices, read_lines
from marketplace.records.written import write_exact_lines
from marketplace.states import SHOWN_STATES
from marketplace.store import PostingRow
from matching import Side

Cell = str | int | None
STATE, OTHER = "状态", "其他信息"
# What reading may take for a mark, a separator or padding; items without any need not be tried.
_RISKY = re.compile(
    r"[^\S ]|^[\s\d–—-]|[；;，,、 ]$|[\d一二三四五六七八九十][.．、,，:：)）]"
    "|[\u2460-\u27bf\u3251-\u32bf•●○◦▪▫►☆※*·∙‣⁃]"
)


@dataclass(frozen=True, slots=True)
class Table:
    """Header and rows of equal width; a cell is text, a whole number or None."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class CellRow:
    """One posting as cells by field name, its state in words, and what no column can hold.

    ``values`` are the field values the cells were made of, lists as tuples.
    """

    cells: dict[str, Cell]
    state: str
    other: dict[str, Any]
    values: dict[str, Any]


def public_fields(side: Side) -> tuple[FieldSpec, ...]:
    """Return the fields anyone may read, in the order of form and workbook."""
    return tuple(spec for spec in FIELDS[side] if spec.public)


def list_table(rows: Iterable[PostingRow], side: Side) -> Table:
    """Return the table of a list; the last column 其他信息 is there when any posting has some."""
    specs = public_fields(side)
    found = [cells_of(row) for row in rows]
    some_other = any(one.other for one in found)
    header = (*(spec.label for spec in specs), STATE, *((OTHER,) if some_other else ()))
    lines = []
    for one in found:
        line = (*(one.cells.get(spec.name) for spec in specs), one.state)
        lines.append((*line, other_text(one.other)) if some_other else line)
    return Table(header, tuple(lines))


def cells_of(row: PostingRow) -> CellRow:
    """Return the cells of one posting with the state it has now."""
    values, other = to_values(row.posting)
    cells: dict[str, Cell] = {}
    for spec in public_fields(row.posting.side):
        value = values.get(spec.name)
        if value is None:
            continue
        if _writable(spec, value):
            cells[spec.name] = _cell(spec, value)
        else:
            # Kept under its name in extra without being what the field holds: only JSON says it exactly.
            other[spec.name] = value
    return CellRow(cells, SHOWN_STATES.get(row.shown_state, row.shown_state), other, values)


def other_text(other: dict[str, Any]) -> str | None:
    """Return further information as JSON text, None when there is none."""
    return json.dumps(other, ensure_ascii=False) if other else None


def numbered(items: Sequence[str]) -> str:
    """Return a list as one cell, an item a line, with one layer of numbers.

    Items that reading would cut or trim, such as those of several lines, are written in the exact form.
    """
    plain = "\n".join(f"{place}. {item}" for place, item in enumerate(items, 1))
    if not any(map(_RISKY.search, items)) or read_lines(plain) == tuple(items):
        return plain
    return write_exact_lines(items)


def _writable(spec: FieldSpec, value: Any) -> bool:
    match spec.kind:
        case "lines" | "cases":
            return _texts(value)
        case "choices":
            # A name with a separator in it would come back as two.
            return _texts(value) and read_choices("、".join(value)) == value
        case "whole":
            return isinstance(value, int) and not isinstance(value, bool)
        case "switch":
            return isinstance(value, bool)
        case _:
            return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _cell(spec: FieldSpec, value: Any) -> Cell:
    match spec.kind:
        case "lines" | "cases":
            return numbered(value)
        case "choices":
            return "、".join(value)
        case "switch":
            return "是" if value else "否"
        case "whole":
            return int(value)
        case _:
            return PUBLISHER_TYPES.get(value, value) if spec.name == "publisher_type" else str(value)
