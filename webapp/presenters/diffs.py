"""Two texts beside one another, field by field, each change said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.publishing import DiffPiece, FieldChange
from webapp.presenters.labels import Label

_SAME, _NEW, _GONE, _OTHER = (
    Label("未变", "quiet"),
    Label("新填", "good"),
    Label("删去", "poor"),
    Label("有改动", "warn"),
)


@dataclass(frozen=True, slots=True)
class DiffField:
    """One field: the former text, and the new one in pieces with what was added and removed."""

    name: str
    label: str
    state: Label
    before: str
    pieces: tuple[DiffPiece, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class DiffTable:
    """The fields that changed, and those that stayed; ``summary`` counts them in words."""

    changed: tuple[DiffField, ...]
    same: tuple[DiffField, ...]
    summary: str


def present_diff(changes: Sequence[FieldChange]) -> DiffTable:
    """The comparison of two texts."""
    fields = tuple(map(_field, changes))
    changed = tuple(one for one in fields if one.changed)
    same = tuple(one for one in fields if not one.changed)
    summary = f"{len(changed)} 项有变化，{len(same)} 项未变" if changed else "两版内容相同"
    return DiffTable(changed, same, summary)


def _field(change: FieldChange) -> DiffField:
    return DiffField(change.name, change.label, _state(change), change.before, change.pieces, change.changed)


def _state(change: FieldChange) -> Label:
    if not change.changed:
        return _SAME
    if not change.before:
        return _NEW
    return _OTHER if change.after else _GONE
