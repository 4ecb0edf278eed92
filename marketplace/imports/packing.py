"""Checked rows as the database keeps them, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from marketplace.records import Fault
from marketplace.store.imports import ImportRow
from marketplace.workbooks.checking import SKIPPED, CheckedRow
from marketplace.workbooks.twins import Twin

Seal = Callable[[str], str]


def pack_row(import_key: int, row: CheckedRow, seal: Seal, *, decision: str = "", sealed: str = "") -> ImportRow:
    """Return a checked row for the database; its contact goes sealed, or stays as ``sealed`` when it has none."""
    values = json.loads(json.dumps(dict(row.values), ensure_ascii=False, default=list))
    record = {
        "values": values,
        "id": row.posting_id,
        "target": row.target,
        "cells": [asdict(fault) for fault in row.cell_faults],
        "reason": row.reason,
    }
    contact = seal(row.contact) if row.contact else sealed
    problems = [asdict(fault) for fault in row.faults]
    twins = [asdict(twin) for twin in row.twins]
    return ImportRow(
        import_key, row.position, row.row_number, row.state, row.title[:200], record, contact, problems, twins,
        decision if row.state != SKIPPED else "", 0, "", 0,
    )  # fmt: skip


def unpack_row(row: ImportRow) -> CheckedRow:
    """Return a kept row as it was checked, without its record and contact."""
    return CheckedRow(
        row.position,
        row.row_number,
        row.record.get("values") or {},
        row.state,
        None,
        faults_in(row.problems),
        "",
        str(row.record.get("id") or ""),
        twins_in(row.twins),
        int(row.record.get("target") or 0),
        str(row.record.get("reason") or ""),
        faults_in(row.record.get("cells") or []),
    )


def faults_in(kept: list[dict[str, Any]]) -> tuple[Fault, ...]:
    """Return kept faults."""
    return tuple(Fault(**one) for one in kept)


def twins_in(kept: list[dict[str, Any]]) -> tuple[Twin, ...]:
    """Return kept twins."""
    return tuple(Twin(**one) for one in kept)
