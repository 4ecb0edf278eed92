"""Reads and writes what happened to pairings: the journal, attached files, revisits after landing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now


@dataclass(frozen=True, slots=True)
class PairingEventRow:
    """One entry of a pairing's journal; stages are empty unless it changed the stage."""

    key: int
    pairing_key: int
    action: str
    from_stage: str
    to_stage: str
    facts: dict[str, Any]
    note: str
    account_key: int
    at: str
    undone_at: str


@dataclass(frozen=True, slots=True)
class PairingFileRow:
    """One attached file; ``stored_as`` is its name in the folder of attachments."""

    key: int
    pairing_key: int
    event_key: int
    name: str
    size: int
    digest: str
    stored_as: str
    at: str


@dataclass(frozen=True, slots=True)
class RevisitRow:
    """One revisit that is due or done; ``running`` says whether what was built is still in use."""

    key: int
    pairing_key: int
    due_on: str
    done_on: str
    running: bool
    note: str
    account_key: int
    told_on: str


def insert_event(db: Database, pairing_key: int, action: str, **columns: Any) -> int:
    """Write an entry of the journal inside a transaction; return its key."""
    return insert_events(db, [pairing_key], action, **columns)


def insert_events(db: Database, pairing_keys: Sequence[int], action: str, **columns: Any) -> int:
    """Write the same entry into several journals, in one statement inside a transaction; return the first one's key."""
    facts = json.dumps(columns.pop("facts", None) or {}, ensure_ascii=False)
    row = {"from_stage": "", "to_stage": "", "note": "", "account_key": 0, "at": now(), "undone_at": ""} | columns
    row |= {"action": action, "facts": facts}
    first = _free_key(db, "pairing_event")
    db.table("pairing_event").insert_all(
        row | {"key": first + place, "pairing_key": key} for place, key in enumerate(pairing_keys)
    )
    return first


def load_pairing_events(db: Database, pairing_key: int) -> list[PairingEventRow]:
    """Return the journal of a pairing, oldest first."""
    sql = "select * from pairing_event where pairing_key = ? order by key"
    return [_event(raw) for raw in db.query(sql, [pairing_key])]


def mark_undone(db: Database, event_key: int) -> None:
    """Note inside a transaction that an entry was taken back."""
    db.conn.execute("update pairing_event set undone_at = ? where key = ?", [now(), event_key])


def insert_pairing_file(db: Database, pairing_key: int, event_key: int, columns: dict[str, Any]) -> int:
    """Add an attachment inside a transaction, or return the key of the same content attached before."""
    known = db.conn.execute(
        "select key from pairing_file where pairing_key = ? and digest = ?", [pairing_key, columns["digest"]]
    ).fetchone()
    if known:
        return int(known[0])
    key = _free_key(db, "pairing_file")
    row = {"key": key, "pairing_key": pairing_key, "event_key": event_key, "at": now()}
    db.table("pairing_file").insert(row | columns)
    return key


def load_pairing_files(db: Database, pairing_key: int) -> list[PairingFileRow]:
    """Return the attachments of a pairing, oldest first."""
    sql = "select * from pairing_file where pairing_key = ? order by key"
    return [PairingFileRow(**raw) for raw in db.query(sql, [pairing_key])]


def detach_files(db: Database, event_key: int) -> None:
    """Forget inside a transaction the files that came with an entry that is taken back."""
    db.table("pairing_file").delete_where("event_key = ?", [event_key])


def stored_names(db: Database) -> dict[str, int]:
    """Return the name in the folder and the size of every attachment of any pairing."""
    return {raw["stored_as"]: raw["size"] for raw in db.query("select stored_as, size from pairing_file")}


def insert_revisits(db: Database, pairing_key: int, days: Iterable[str]) -> None:
    """Plan revisits inside a transaction."""
    for day in days:
        db.table("revisit").insert(
            {"key": _free_key(db, "revisit"), "pairing_key": pairing_key, "due_on": day, "done_on": "", "running": 0,
             "note": "", "account_key": 0, "told_on": ""}
        )  # fmt: skip


def drop_revisits(db: Database, pairing_key: int) -> None:
    """Take planned revisits back inside a transaction."""
    db.table("revisit").delete_where("pairing_key = ?", [pairing_key])


def write_revisit(db: Database, key: int, **columns: Any) -> bool:
    """Note inside a transaction what a revisit found; return False when it was already noted."""
    sets = ", ".join(f"[{name}] = ?" for name in columns)
    done = db.conn.execute(f"update revisit set {sets} where key = ? and done_on = ''", [*columns.values(), key])
    return bool(done.rowcount)


def load_revisits(db: Database, pairing_key: int) -> list[RevisitRow]:
    """Return the revisits of a pairing by the day they are due."""
    sql = "select * from revisit where pairing_key = ? order by due_on, key"
    return [_revisit(raw) for raw in db.query(sql, [pairing_key])]


def untold_revisits(db: Database, day: str) -> list[RevisitRow]:
    """Return the revisits due by a day that nobody has made or been told of."""
    sql = "select * from revisit where done_on = '' and due_on <= ? and told_on = '' order by due_on, key"
    return [_revisit(raw) for raw in db.query(sql, [day])]


def mark_told(db: Database, keys: Iterable[int], day: str) -> None:
    """Note inside a transaction that somebody was told of revisits."""
    for key in keys:
        db.conn.execute("update revisit set told_on = ? where key = ?", [day, key])


def _event(raw: dict[str, Any]) -> PairingEventRow:
    return PairingEventRow(
        raw["key"], raw["pairing_key"], raw["action"], raw["from_stage"] or "", raw["to_stage"] or "",
        json.loads(raw["facts"] or "{}"), raw["note"] or "", raw["account_key"] or 0, raw["at"], raw["undone_at"] or "",
    )  # fmt: skip


def _revisit(raw: dict[str, Any]) -> RevisitRow:
    return RevisitRow(
        raw["key"], raw["pairing_key"], raw["due_on"], raw["done_on"] or "", bool(raw["running"]), raw["note"] or "",
        raw["account_key"] or 0, raw["told_on"] or "",
    )  # fmt: skip


def _free_key(db: Database, table: str) -> int:
    newest = db.conn.execute(f"select coalesce(max(key), 0) from [{table}]").fetchone()[0]
    return max(new_key(), int(newest) + 1)
