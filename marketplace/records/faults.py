"""What is wrong with a record, in sentences that name the field, what was found and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from marketplace.records.fields import FIELDS, FieldSpec
from marketplace.records.personal import mask_personal
from matching import Side

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem of one field. ``blocking`` ones keep a record out; the others are only pointed at.

    ``field`` is empty when the record as a whole is meant. ``suggestion`` is a value to take instead.
    """

    field: str
    label: str
    found: str
    sentence: str
    suggestion: str | None = None
    blocking: bool = True


def cut(value: Any) -> str:
    """Return a value as short text for a sentence."""
    text = "" if value is None else str(value)
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def faults_of(error: ValidationError, side: Side) -> tuple[Fault, ...]:
    """Return the problems pydantic found, one a field, in the order of the fields."""
    specs = {spec.name: spec for spec in FIELDS[side]}
    found: dict[str, Fault] = {}
    for one in error.errors():
        name = str(one["loc"][0]) if one["loc"] else ""
        if name not in found:
            found[name] = _fault(specs.get(name), name, one)  # type: ignore[arg-type]
    order = [*specs, *(name for name in found if name not in specs)]
    return tuple(found[name] for name in order if name in found)


def _fault(spec: FieldSpec | None, name: str, error: dict[str, Any]) -> Fault:
    label = spec.label if spec else name
    context = error.get("ctx") or {}
    # What was found is repeated, but never a telephone number or an address.
    found = mask_personal(cut(error.get("input"))) if error["type"] != "missing" else ""
    clause = context.get("clause") or _clause(
        error["type"], context, spec is not None and spec.kind in ("lines", "cases", "choices")
    )
    # A validator's own clause already says what it found.
    own = "clause" in context
    says = clause if own or not found or error["type"] == "too_long" else f"发现“{found}”；应为：{clause}"
    return Fault(
        name,
        label,
        found,
        f"“{label}”{'：' if own or found or error['type'] == 'too_long' else ''}{says}。",
        context.get("suggestion"),
    )


def _clause(kind: str, context: dict[str, Any], listed: bool) -> str:
    match kind:
        case "missing" | "string_too_short" | "too_short":
            return "没有填写"
        case "string_too_long":
            return f"不超过 {context['max_length']} 个字"
        case "too_long":
            unit = "条" if listed else "个字"
            return f"最多 {context['max_length']} {unit}，现有 {context['actual_length']} {unit}"
        case "extra_forbidden":
            return "本表已有的字段"
        case "greater_than_equal":
            return f"不小于 {context['ge']}"
        case "less_than_equal":
            return f"不大于 {context['le']}"
        case "string_type":
            return "文字"
        case _:
            return "可用的值"
