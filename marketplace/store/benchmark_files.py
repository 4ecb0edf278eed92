"""Reads and writes which documents were attached to a case; the files themselves lie in the folder of attachments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now

ADDED, REMOVED = "added", "removed"


@dataclass(frozen=True, slots=True)
class CaseFileRow:
    """A file of a case; ``document`` is which of those asked for it is.

    ``pending`` is ADDED or REMOVED while a case that was sent back is not sent again, for its organisation alone.
    """

    key: int
    year: int
    case_key: int
    document: str
    name: str
    size: int
    digest: str
    stored_as: str
    account_key: int
    at: str
    pending: str


def insert_case_file(db: Database, year: int, case_key: int, columns: Mapping[str, Any]) -> None:
    """Add a file to a case inside a transaction."""
    newest = db.conn.execute("select coalesce(max(key), 0) from benchmark_file").fetchone()[0]
    own = {"key": max(new_key(), int(newest) + 1), "year": year, "case_key": case_key, "at": now()}
    db.table("benchmark_file").insert(dict(columns) | own)


def drop_case_file(db: Database, key: int) -> None:
    """Take a file off its case inside a transaction; the folder is swept later."""
    db.table("benchmark_file").delete_where("key = ?", [key])


def mark_case_file(db: Database, key: int, pending: str) -> None:
    """Write inside a transaction what becomes of a file with the next sending; empty lets it stay."""
    db.table("benchmark_file").update(key, {"pending": pending})


def settle_case_files(db: Database, case_key: int) -> None:
    """Let inside a transaction what was attached and taken off since a case was sent back hold: it is sent again."""
    db.table("benchmark_file").delete_where("case_key = ? and pending = ?", [case_key, REMOVED])
    db.conn.execute("update benchmark_file set pending = '' where case_key = ? and pending <> ''", [case_key])


def case_files(db: Database, case_key: int) -> list[CaseFileRow]:
    """Return the files of a case in the order they came."""
    sql = "select * from benchmark_file where case_key = ? order by key"
    return [CaseFileRow(**raw) for raw in db.query(sql, [case_key])]


def case_file_names(db: Database) -> dict[str, int]:
    """Return the name in the folder and the size of every file of a case."""
    return dict(db.conn.execute("select stored_as, size from benchmark_file").fetchall())
