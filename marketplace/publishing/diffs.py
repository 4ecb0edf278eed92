"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from marketplace.records import FIELDS, PUBLISHER_TYPES, shown_batch, to_values
from matching import Posting, Side

SAME, ADDED, REMOVED = "same", "added", "removed"
# A figure with its point, or a Latin word, is one token; a Chinese character is one; so is any other sign.
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*%?|[A-Za-z]+|\s+|.", re.DOTALL)
# Fewer equal signs than this between two changes make the reading harder, not easier.
_ISLAND = 2


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """A piece of text that stayed, was added or was removed."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of two texts beside one another; ``pieces`` is the new one with what it replaced."""

    name: str
    label: str
    before: str
    after: str
    pieces: tuple[DiffPiece, ...]

    @property
    def changed(self) -> bool:
        """Whether the field differs."""
        return self.before != self.after


def diff_text(before: str, after: str) -> tuple[DiffPiece, ...]:
    """Return ``after`` with what was added and removed since ``before``, removed before added."""
    left, right = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[tuple[str, str]] = []
    for op, left_start, left_end, right_start, right_end in _opcodes(left, right):
        if op == "equal":
            pieces.append((SAME, "".join(left[left_start:left_end])))
        else:
            pieces += [(REMOVED, "".join(left[left_start:left_end])), (ADDED, "".join(right[right_start:right_end]))]
    return tuple(DiffPiece(kind, text) for kind, text in pieces if text)


def _opcodes(left: list[str], right: list[str]) -> list[tuple[str, int, int, int, int]]:
    """The steps from left to right, with small islands of sameness drowned in the change around them."""
    steps: list[tuple[str, int, int, int, int]] = []
    raw = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for place, (op, a, b, c, d) in enumerate(raw):
        island = op == "equal" and b - a < _ISLAND and 0 < place < len(raw) - 1
        kind = "replace" if island or op != "equal" else op
        if steps and kind == "replace" and steps[-1][0] == "replace":
            _, start, _, other, _ = steps[-1]
            steps[-1] = ("replace", start, b, other, d)
        else:
            steps.append((kind, a, b, c, d))
    return steps


def field_changes(
    side: Side, before: Mapping[str, Any], after: Mapping[str, Any], *, without: Collection[str] = ()
) -> tuple[FieldChange, ...]:
    """Return the fields that either text fills, in the order of the form, those named ``without`` left out.

    Both are raw values by field name. What stands under other names is left out.
    """
    found = []
    for spec in FIELDS[side]:
        old, new = written(before.get(spec.name)), written(after.get(spec.name))
        if spec.public and spec.name not in without and (old or new):
            found.append(FieldChange(spec.name, spec.label, old, new, diff_text(old, new)))
    return tuple(found)


def written(value: Any) -> str:
    """Return a raw value as the reader sees it: one item a line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return str(value).strip().replace("\r\n", "\n")


def values_of(posting: Posting) -> dict[str, Any]:
    """Return a posting's raw values as its form would give them, the batch as pages name it."""
    values, _ = to_values(posting)
    kind = values.get("publisher_type")
    said = {"publisher_type": PUBLISHER_TYPES.get(kind, kind) if kind else None, "batch": shown_batch(posting)}
    return values | {name: text for name, text in said.items() if text}
