"""Reads and writes notices to people, and finds the people to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now


def insert_notices(db: Database, told: Sequence[dict[str, Any]]) -> int:
    """Write notices, each with its account, in one statement inside a transaction; return how many."""
    newest = int(db.conn.execute("select coalesce(max(key), 0) from notice").fetchone()[0])
    first = max(new_key(), newest + 1)
    moment = now()
    rows = [values | {"key": first + place, "created_at": moment, "read_at": None} for place, values in enumerate(told)]
    if rows:
        db.table("notice").insert_all(rows)
    return len(rows)


def load_notices(db: Database, account_key: int, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """Return notices of an account, unread ones first, newest first."""
    order = "case when read_at is null then 0 else 1 end, key desc"
    where = "account_key = ?"
    return list(db.table("notice").rows_where(where, [account_key], order_by=order, limit=limit, offset=offset))


def count_notices(db: Database, account_key: int) -> int:
    """Return how many notices an account has."""
    return int(db.table("notice").count_where("account_key = ?", [account_key]))


def count_unread(db: Database, account_key: int) -> int:
    """Return how many notices an account has not read: one look into the index."""
    sql = "select count(*) from notice where account_key = ? and read_at is null"
    return int(db.conn.execute(sql, [account_key]).fetchone()[0])


def find_notice(db: Database, account_key: int, key: int) -> dict[str, Any] | None:
    """Return one notice of an account, None when it is not its own."""
    found = list(db.table("notice").rows_where("key = ? and account_key = ?", [key, account_key]))
    return found[0] if found else None


def mark_read(db: Database, account_key: int, key: int | None = None) -> int:
    """Mark one notice, or all, of an account as read inside a transaction; return how many were unread."""
    sql, values = "update notice set read_at = ? where account_key = ? and read_at is null", [now(), account_key]
    if key is not None:
        sql, values = f"{sql} and key = ?", [*values, key]
    return int(db.conn.execute(sql, values).rowcount)


def members_of(db: Database, organisation_key: int, roles: Sequence[str]) -> list[int]:
    """Return the accounts in use that hold any of the roles for an organisation."""
    if not roles:
        return []
    marks = ",".join("?" * len(roles))
    sql = (
        "select distinct m.account_key as account from membership m join account a on a.key = m.account_key "
        f"where m.organisation_key = ? and m.role in ({marks}) and a.state <> 'disabled' order by m.account_key"
    )
    return [row["account"] for row in db.query(sql, [organisation_key, *roles])]


def holders_of(db: Database, role: str) -> list[tuple[int, str]]:
    """Return the accounts in use that hold a role, with the districts they hold it for, as stored."""
    sql = (
        "select m.account_key as account, m.districts as districts from membership m "
        "join account a on a.key = m.account_key where m.role = ? and a.state <> 'disabled' order by m.account_key"
    )
    return [(row["account"], row["districts"] or "") for row in db.query(sql, [role])]
