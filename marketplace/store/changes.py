"""The change log: one number for each write, read by every worker before it answers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.store.database import Database, now, rows_of
from matching import Side


@dataclass(frozen=True, slots=True)
class Change:
    """The latest change of one posting after some number."""

    key: int
    side: Side
    op: str


def append_change(db: Database, key: int, side: Side, op: str) -> int:
    """Log a change inside the caller's transaction; return its number.

    The write transaction is exclusive, so the highest number plus one is free and in order.
    """
    number = last_change(db) + 1
    db.table("change").insert({"seq": number, "posting_key": key, "kind": str(side), "op": op, "at": now()})
    return number


def last_change(db: Database) -> int:
    """Return the number of the newest change, 0 when there is none."""
    return int(db.conn.execute("select coalesce(max(seq), 0) from change").fetchone()[0])


def last_change_of(db: Database, key: int) -> int:
    """Return the number of a posting's newest change, 0 when it never changed."""
    sql = "select coalesce(max(seq), 0) from change where posting_key = ?"
    return int(db.conn.execute(sql, [key]).fetchone()[0])


def changes_after(db: Database, number: int) -> list[Change]:
    """Return the last change of each posting touched after ``number``, in order."""
    sql = (
        "select c.posting_key, c.kind, c.op from change c join "
        "(select posting_key, max(seq) as newest from change where seq > ? group by posting_key) n "
        "on n.newest = c.seq order by c.seq"
    )
    return [Change(row["posting_key"], Side(row["kind"]), row["op"]) for row in rows_of(db, sql, [number])]


def last_change_at(db: Database) -> str | None:
    """Return when the newest change was made."""
    row = db.conn.execute("select max(at) from change").fetchone()
    return row[0] if row else None


def read_value(db: Database, name: str) -> str | None:
    """Return a small named value."""
    row = db.conn.execute("select value from meta where name = ?", [name]).fetchone()
    return row[0] if row else None


def installation_number(db: Database) -> UUID:
    """Return the number this database was given when it was made, or brought up to date."""
    return UUID(read_value(db, "installation"))


def write_value(db: Database, name: str, value: str) -> None:
    """Set a small named value inside the caller's transaction."""
    done = db.conn.execute("update meta set value = ? where name = ?", [value, name])
    if not done.rowcount:
        db.table("meta").insert({"name": name, "value": value})
