"""Reads and writes who asked to speak for which organisation, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now

ASKED, APPROVED, REFUSED = "asked", "approved", "refused"


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim; the fields of the decision are empty while it is open."""

    key: int
    organisation_key: int
    account_key: int
    credit_code: str
    note: str
    state: str
    at: str
    decided_by: int
    decided_at: str
    reason: str


def insert_claim(db: Database, organisation_key: int, account_key: int, credit_code: str, note: str) -> int:
    """Write a new claim inside a transaction; return its key."""
    newest = db.conn.execute("select coalesce(max(key), 0) from claim").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    db.table("claim").insert(
        {"key": key, "organisation_key": organisation_key, "account_key": account_key, "credit_code": credit_code,
         "note": note, "state": ASKED, "at": now(), "decided_by": 0, "decided_at": "", "reason": ""}
    )  # fmt: skip
    return key


def load_claim(db: Database, key: int) -> ClaimRow | None:
    """Return one claim."""
    return next(iter(_claims(db, "key = ?", [key])), None)


def open_claims(db: Database) -> list[ClaimRow]:
    """Return the claims nobody has decided, oldest first."""
    return _claims(db, "state = ?", [ASKED])


def claims_by(db: Database, account_key: int) -> list[ClaimRow]:
    """Return the claims of an account, newest first."""
    return _claims(db, "account_key = ?", [account_key])[::-1]


def settle_claim(db: Database, key: int, *, state: str, decided_by: int, reason: str) -> None:
    """Write the decision on a claim inside a transaction."""
    db.table("claim").update(key, {"state": state, "decided_by": decided_by, "decided_at": now(), "reason": reason})


def _claims(db: Database, where: str, values: Sequence[Any]) -> list[ClaimRow]:
    return [
        ClaimRow(
            row["key"], row["organisation_key"], row["account_key"], row["credit_code"] or "", row["note"] or "",
            row["state"], row["at"] or "", row["decided_by"] or 0, row["decided_at"] or "", row["reason"] or "",
        )
        for row in db.table("claim").rows_where(where, values, order_by="key")
    ]  # fmt: skip
