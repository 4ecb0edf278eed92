"""Fields of forms as the macros draw them, and the summary of what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from marketplace import FieldSpec


class FaultLike(Protocol):
    """A problem of one field."""

    @property
    def field(self) -> str:
        """Name of the field, empty for the whole form."""

    @property
    def sentence(self) -> str:
        """What was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: ``kind`` chooses the macro; ``options`` are (value, label); lists are one item a line."""

    id: str
    name: str
    label: str
    value: str = ""
    kind: str = "text"
    required: bool = False
    hint: str = ""
    error: str = ""
    options: tuple[tuple[str, str], ...] = ()
    chosen: tuple[str, ...] = ()
    example: str = ""
    max_length: int = 200
    autocomplete: str = "off"
    input_type: str = "text"
    rows: int = 4

    @property
    def described_by(self) -> str:
        """Ids of hint and error, for ``aria-describedby``."""
        parts = [f"{self.id}-hint"] if self.hint or self.example else []
        return " ".join([*parts, *([f"{self.id}-error"] if self.error else [])])


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One line of the summary with the address of its field on the page."""

    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class FormSection:
    """Fields under one heading."""

    title: str
    fields: tuple[FormField, ...]


def fault_lines(faults: Iterable[FaultLike], prefix: str = "f-") -> tuple[FaultLine, ...]:
    """The summary of faults, each leading to its field; a fault of the whole form leads to its top."""
    return tuple(FaultLine(one.sentence, f"#{prefix}{one.field}" if one.field else "#main") for one in faults)


def text_of(value: Any) -> str:
    """A raw value as the text of its field: one item a line."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return str(value)


def draw(
    spec: FieldSpec,
    values: Mapping[str, Any],
    errors: Mapping[str, str],
    options: Sequence[str] = (),
    *,
    prefix: str = "f-",
) -> FormField:
    """The form field of a record's field, with the value typed so far and its error."""
    value = values.get(spec.name)
    kind = {
        "long": "area", "lines": "area", "cases": "area", "protected": "text", "money": "text", "day": "text",
        "division": "text", "phone": "text", "whole": "text",
    }.get(spec.kind, spec.kind)  # fmt: skip
    chosen = tuple(map(str, value)) if isinstance(value, list | tuple) else tuple(filter(None, [text_of(value)]))
    if kind == "choice" and not (spec.strict and options):
        kind = "suggest"
    if kind == "choices" and not options:
        kind = "text"
    return FormField(
        id=f"{prefix}{spec.name}",
        name=spec.name,
        label=spec.label,
        value="、".join(chosen) if kind == "text" and isinstance(value, list | tuple) else text_of(value),
        kind=kind,
        required=spec.required,
        hint=spec.note,
        error=errors.get(spec.name, ""),
        options=tuple((one, one) for one in dict.fromkeys([*options, *(chosen if kind == "choices" else ())])),
        chosen=chosen,
        example=spec.example,
        max_length=spec.max_length,
        rows=8 if spec.kind in ("long", "lines") else 4,
    )


def errors_by_field(faults: Iterable[FaultLike]) -> dict[str, str]:
    """The first fault of each field."""
    found: dict[str, str] = {}
    for one in faults:
        found.setdefault(one.field, one.sentence)
    return found
