"""Reads a text being written as far as it goes, for the checks that run while it is not finished."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.records import FIELDS, RECORDS, PostingRecord, TermBook, check_record
from matching import Side

_NAMELESS = "（未填写）"
ORGANISATION_FIELD = {Side.OPPORTUNITY: "publisher", Side.CAPABILITY: "company"}
DISTRICT_FIELD = {Side.OPPORTUNITY: "district", Side.CAPABILITY: "district_or_city"}
# Set when a text is published, not written by anyone.
ASSIGNED = ("batch", "index_number", "last_confirmed")


def known_values(side: Side, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that stand under a field of the record, and the additional ones it carries along."""
    names = {*(spec.name for spec in FIELDS[side]), "other"}
    return {name: value for name, value in values.items() if name in names}


def read_so_far(side: Side, values: Mapping[str, Any], terms: TermBook | None) -> PostingRecord:
    """Return the record of what can be read; faulty fields are left out, missing names stand as （未填写）."""
    kept = known_values(side, values)
    record, faults = check_record(side, kept, terms)
    if record is not None:
        return record
    wrong = {fault.field for fault in faults}
    named = {"title": _NAMELESS, ORGANISATION_FIELD[side]: _NAMELESS}
    rest = {name: value for name, value in kept.items() if name not in wrong}
    record, _ = check_record(side, {**named, **rest}, terms)
    return record if record is not None else RECORDS[side].model_validate(named)
