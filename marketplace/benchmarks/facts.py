"""What a landing must look like before the gates and the pages may read it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

# What people note on the site beside a landing, and under which name its source is kept.
NOTED = {
    "credit_clear": "credit", "secret_or_ip_dispute": "secrets", "user_report": "user_proof",
    "test_report": "test_report", "replications": "replications", "innovation": "innovation", "safety": "safety",
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def find_fault(landing: dict[str, Any]) -> tuple[str, str] | None:
    """Return the first field that cannot be used and what it should be, None when all can."""
    for field, fits, allowed in _RULES:
        if not fits(landing.get(field)):
            return field, allowed
    return None


def keep_noted(raw: dict[str, Any], known: dict[str, Any] | None) -> dict[str, Any]:
    """Return a landing as a file has it, with what people had noted of it on the site and where they had it from."""
    # Only the site says who noted what; a file has no say in it.
    fresh = {name: value for name, value in raw.items() if name != "sources"}
    sources = (known or {}).get("sources") or {}
    if known is None or not sources:
        return fresh
    noted = {column: known.get(column) for column, name in NOTED.items() if name in sources}
    return fresh | noted | {"sources": sources}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_report(value: Any) -> bool:
    return isinstance(value, dict) and all(_or_null(_is_text)(value.get(key)) for key in ("unit", "date", "text"))


def _is_effect(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_filled(value.get("name"))
        and all(_or_null(_is_text)(value.get(key)) for key in ("unit", "method"))
        and all(_or_null(_is_number)(value.get(key)) for key in ("planned", "measured"))
    )


def _or_null(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return _or_null(lambda value: isinstance(value, list) and all(map(fits, value)))


_RULES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    *((field, _is_filled, "非空文本") for field in ("id", "opportunity_id", "capability_id")),
    ("accepted_on", _is_date, "YYYY-MM-DD 格式的真实日期"),
    ("revisit_on", _or_null(_is_date), "YYYY-MM-DD 格式的真实日期或 null"),
    ("user_report", _or_null(_is_report), "含 unit、date、text 文本的对象或 null"),
    ("effects", _list_of(_is_effect), "对象的列表，每项有 name 文本，planned、measured 为数字或 null"),
    ("replications", _list_of(_is_text), "文本的列表或 null"),
    ("credit_clear", _or_null(lambda value: isinstance(value, bool)), "true、false 或 null"),
    ("secret_or_ip_dispute", _or_null(lambda value: isinstance(value, bool)), "true、false 或 null"),
    ("previous_award_year", _or_null(lambda value: type(value) is int), "年份（整数）或 null"),
    ("innovation", _or_null(_is_text), "文本或 null"),
    ("safety", _or_null(_is_text), "文本或 null"),
)
