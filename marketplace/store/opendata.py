"""Writes the open-data SQLite file: one table, full-text search enabled, no personal data."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlite_utils

from matching import Side

NAMES = {Side.OPPORTUNITY: "opportunities", Side.CAPABILITY: "capabilities"}
_LISTING = {"state": str, "batch": str, "index_number": str, "valid_until": str, "last_confirmed": str, "extra": str}
_COLUMNS: dict[Side, dict[str, type]] = {
    Side.OPPORTUNITY: {
        "id": str, "title": str, "publisher": str, "publisher_type": str, "district": str, "domain": str,
        "background": str, "requirements": str, "budget_wan": float, "deadline": str, "year": int,
    },
    Side.CAPABILITY: {
        "id": str, "title": str, "company": str, "district_or_city": str, "domains": str, "summary": str,
        "features": str, "maturity": int, "cases": str, "year": int,
    },
}  # fmt: skip
_SEARCHED = {Side.OPPORTUNITY: ["title", "background"], Side.CAPABILITY: ["title", "summary"]}


def write_open_data(records: Sequence[dict[str, Any]], side: Side, target: Path) -> None:
    """Write the records of one list to a new SQLite file at ``target``; lists and objects as JSON text.

    The table has all its columns also when the list is empty.
    """
    with contextlib.closing(sqlite3.connect(target)) as connection:
        db = sqlite_utils.Database(connection)
        table = db.table(NAMES[side])
        table.create(_COLUMNS[side] | _LISTING, pk="id")
        table.insert_all(map(_flat, _told_apart(records)))
        table.enable_fts(_SEARCHED[side], tokenize="trigram")
        connection.commit()


def _told_apart(records: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Number ids that are equal: masking may have taken away what told them apart."""
    seen: set[str] = set()
    for raw in records:
        name, place = str(raw["id"]), 2
        while name in seen:
            name, place = f"{raw['id']}-{place}", place + 1
        seen.add(name)
        yield raw | {"id": name}


def _flat(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        key: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | tuple) else value
        for key, value in raw.items()
    }
