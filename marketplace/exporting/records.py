"""Postings as plain objects for other programs, and the check of a record they want to bring."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.exporting.public import exchange_of, public_rows
from marketplace.records import FIELDS, Fault, TermBook, check_record
from marketplace.store import PostingRow
from matching import Side, to_exchange


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of a list: exchange objects with the key of each beside."""

    total: int
    page: int
    pages: int
    records: tuple[tuple[int, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """What a record would become, None while ``faults`` keep it out."""

    record: Mapping[str, Any] | None
    faults: tuple[Fault, ...]


def record_page(rows: list[PostingRow], *, page: int, size: int) -> RecordPage:
    """Return one page of rows that may go out; a page past the end is the last one."""
    pages = max(1, math.ceil(len(rows) / size))
    page = min(max(1, page), pages)
    shown = public_rows(rows[(page - 1) * size : page * size])
    return RecordPage(len(rows), page, pages, tuple((row.key, exchange_of(row)) for row in shown))


def checked_record(side: Side, values: Mapping[str, Any], terms: TermBook) -> CheckedRecord:
    """Return what the form and the import would make of these values."""
    record, faults = check_record(side, values, terms)
    if record is None:
        return CheckedRecord(None, faults)
    return CheckedRecord(to_exchange(record.to_posting(posting_id=record.id or "未编号")), faults)


def described(side: Side, terms: TermBook) -> list[dict[str, Any]]:
    """Return every field of a record: name, label, kind, whether it is required, and the allowed terms."""
    return [
        {
            "name": spec.name, "label": spec.label, "kind": spec.kind, "required": spec.required, "note": spec.note,
            "example": spec.example, "max_length": spec.max_length,
            "allowed": list(terms.labels(spec.taxonomy)) if spec.strict and spec.taxonomy else None,
        }
        for spec in FIELDS[side] if spec.public
    ]  # fmt: skip
