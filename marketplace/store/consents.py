"""Reads and writes who agreed, for what, to give a contact away, and who took that back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now

ASK, PASS, AGREE, DECLINE = "ask", "pass", "agree", "decline"


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One step of giving contacts away; it holds while ``withdrawn_at`` is empty."""

    key: int
    pairing_key: int
    side: str
    act: str
    purpose: str
    account_key: int
    at: str
    withdrawn_at: str
    withdrawn_by: int


def insert_consent(db: Database, pairing_key: int, side: str, act: str, *, purpose: str, account_key: int) -> int:
    """Write a step inside a transaction; return its key. A second live step of one side breaks the index."""
    newest = db.conn.execute("select coalesce(max(key), 0) from consent").fetchone()[0]
    key, moment = max(new_key(), int(newest) + 1), now()
    over = act == DECLINE  # a no holds nothing open
    db.table("consent").insert(
        {
            "key": key, "pairing_key": pairing_key, "side": side, "act": act, "purpose": purpose,
            "account_key": account_key, "at": moment, "withdrawn_at": moment if over else "",
            "withdrawn_by": account_key if over else 0, "live_mark": str(key) if over else f"{pairing_key}:{side}",
        }
    )  # fmt: skip
    return key


def end_consents(db: Database, pairing_key: int, account_key: int, side: str = "") -> list[int]:
    """End every step of a pairing, or of one side, that still holds, inside a transaction; return their keys."""
    live = [row.key for row in load_consents(db, pairing_key) if not row.withdrawn_at and side in ("", row.side)]
    for key in live:
        values = {"withdrawn_at": now(), "withdrawn_by": account_key, "live_mark": str(key)}
        db.table("consent").update(key, values)
    return live


def make_wish(db: Database, key: int) -> None:
    """Let what agreed to a wish that was taken back stand as a wish of its own, inside a transaction."""
    db.table("consent").update(key, {"act": ASK})


def load_consents(db: Database, pairing_key: int) -> list[ConsentRow]:
    """Return every step of a pairing, oldest first."""
    rows = db.table("consent").rows_where("pairing_key = ?", [pairing_key], order_by="key")
    return [_consent(row) for row in rows]


def _consent(row: dict[str, Any]) -> ConsentRow:
    return ConsentRow(
        row["key"], row["pairing_key"], row["side"], row["act"], row["purpose"] or "", row["account_key"] or 0,
        row["at"] or "", row["withdrawn_at"] or "", row["withdrawn_by"] or 0,
    )  # fmt: skip
