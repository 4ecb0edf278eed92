"""Reads what outputs need beside the postings: whose import, which postings, when they changed."""

from __future__ import annotations

from collections.abc import Iterable

from marketplace.store.database import Database
from matching import Side

_CHUNK = 500


def last_import_of(db: Database, organisation_key: int, side: Side) -> int:
    """Return the newest finished import of an organisation's list by key, 0 when it has none."""
    sql = (
        "select key from import_run where organisation_key = ? and kind = ? and state = 'done' "
        "order by finished_at desc, key desc limit 1"
    )
    row = db.conn.execute(sql, [organisation_key, str(side)]).fetchone()
    return int(row[0]) if row else 0


def import_posting_keys(db: Database, import_key: int) -> list[int]:
    """Return the postings an import wrote or found unchanged, in the order of its rows."""
    # Rows handed in for review name a draft there.
    sql = (
        "select posting_key from import_row where import_key = ? and posting_key > 0 "
        "and state in ('added', 'changed', 'unchanged', 'merged') order by position"
    )
    return list(dict.fromkeys(row["posting_key"] for row in db.query(sql, [import_key])))


def organisation_posting_keys(db: Database, organisation_key: int, side: Side) -> list[int]:
    """Return an organisation's postings of one list, by id."""
    sql = "select key from posting where organisation_key = ? and kind = ? order by external_id"
    return [row["key"] for row in db.query(sql, [organisation_key, str(side)])]


def changed_at(db: Database, keys: Iterable[int]) -> dict[int, str]:
    """Return when each posting was last written, ISO-8601 UTC, by key."""
    wanted, found = list(keys), {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        sql = f"select key, updated_at from posting where key in ({marks})"
        found.update({row["key"]: row["updated_at"] or "" for row in db.query(sql, part)})
    return found
