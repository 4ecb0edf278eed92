"""Appends to the audit table, chained by hashes, and reads it; nothing is ever changed there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from marketplace.store.changes import read_value, write_value
from marketplace.store.database import Database, now

_HEAD = "audit_head"
_SIGNED = (
    "seq", "at", "account_key", "actor", "role", "action", "subject", "subject_key", "detail", "address",
    "request_id", "previous",
)  # fmt: skip


def append_entries(db: Database, entries: Sequence[dict[str, Any]]) -> int:
    """Add entries, each chained to the one before, inside the caller's transaction; return the number of the last."""
    last = db.conn.execute("select seq, digest from audit order by seq desc limit 1").fetchone()
    number, digest = (int(last[0]), last[1]) if last else (0, "")
    rows, moment = [], now()
    for entry in entries:
        number += 1
        row = entry | {"seq": number, "at": moment, "previous": digest}
        row["digest"] = digest = digest_of(row)
        rows.append(row)
    if rows:
        db.table("audit").insert_all(rows)
        write_value(db, _HEAD, f"{number}:{digest}")
    return number


def digest_of(row: dict[str, Any]) -> str:
    """Return the hash of an entry and, through ``previous``, of all before it."""
    text = json.dumps([row.get(name) for name in _SIGNED], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def find_chain_fault(db: Database) -> str | None:
    """Return the first place where the chain does not hold, as a sentence; None when it does."""
    previous, count = "", 0
    for row in db.table("audit").rows_where(order_by="seq"):
        count += 1
        if row["seq"] != count:
            return f"审计记录缺少第 {count} 条"
        if row["previous"] != previous or row["digest"] != digest_of(row):
            return f"审计记录第 {count} 条与其校验值不符，可能被改动"
        previous = row["digest"]
    head = read_value(db, _HEAD) or "0:"
    if head != f"{count}:{previous}":
        return f"审计记录应有 {head.split(':')[0]} 条，现有 {count} 条"
    return None


def load_entries(
    db: Database, where: dict[str, Any], *, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Return entries newest first; ``where`` holds exact values by column, ``since``/``until`` days among them."""
    clauses, values = ["1 = 1"], []
    for column, value in where.items():
        if column == "since":
            clauses.append("at >= ?")
        elif column == "until":
            clauses.append("at <= ?")
            value = value if "T" in value else f"{value}T23:59:59Z"
        else:
            clauses.append(f"[{column}] = ?")
        values.append(value)
    if before is not None:
        clauses.append("seq < ?")
        values.append(before)
    rows = db.table("audit").rows_where(" and ".join(clauses), values, order_by="seq desc", limit=limit)
    return [row | {"detail": json.loads(row["detail"])} for row in rows]


def all_entries(db: Database) -> Iterator[dict[str, Any]]:
    """Yield every entry in order, for an export."""
    yield from db.table("audit").rows_where(order_by="seq")
