"""Writes the open-data SQLite file: one table, full-text search enabled, no personal data."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import sqlite_utils

from matching import Side


def write_open_data(records: list[dict[str, Any]], side: Side, target: Path) -> None:
    """Write the records of one list to a new SQLite file at ``target``."""
    name = "opportunities" if side is Side.OPPORTUNITY else "capabilities"
    with contextlib.closing(sqlite3.connect(target)) as connection:
        db = sqlite_utils.Database(connection)
        db.table(name).insert_all([_flat(raw) for raw in records], pk="id", alter=True)
        if records:
            text = "background" if side is Side.OPPORTUNITY else "summary"
            db.table(name).enable_fts(["title", text], tokenize="trigram")
        connection.commit()


def _flat(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        key: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | tuple) else value
        for key, value in raw.items()
    }
