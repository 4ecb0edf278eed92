"""Moves what belongs to one organisation to another, and exactly back again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from marketplace.keys import new_key
from marketplace.store.accounts import MembershipRow, drop_membership, members_of, save_membership
from marketplace.store.database import Database, now

# Tables whose rows name their organisation in one column and have a key of their own.
_KEYED = ("posting", "draft", "import_run", "question")


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge that was made; ``undone_at`` is empty while it holds."""

    key: int
    kept_key: int
    merged_key: int
    moved: dict[str, Any]
    account_key: int
    at: str
    undone_at: str


def move_belongings(db: Database, merged: int, kept: int) -> dict[str, Any]:
    """Move everything of ``merged`` to ``kept`` inside a transaction; return what was moved, as JSON values."""
    moved: dict[str, Any] = {}
    for table in _KEYED:
        rows = db.conn.execute(f"select key from {table} where organisation_key = ? order by key", [merged]).fetchall()
        moved[table] = [key for (key,) in rows]
        db.conn.execute(f"update {table} set organisation_key = ? where organisation_key = ?", [kept, merged])
    asked = "select key from claim where organisation_key = ? and state = 'asked' order by key"
    moved["claim"] = [key for (key,) in db.conn.execute(asked, [merged]).fetchall()]
    for key in moved["claim"]:
        db.table("claim").update(key, {"organisation_key": kept})
    moved["membership"] = _move_members(db, merged, kept)
    moved["contact"] = _move_contact(db, merged, kept)
    moved["column_memory"] = _move_columns(db, merged, kept)
    return moved


def move_back(db: Database, moved: dict[str, Any], merged: int, kept: int) -> None:
    """Undo ``move_belongings`` inside a transaction; what has left ``kept`` since stays where it went."""
    for table in (*_KEYED, "claim"):
        for key in moved.get(table, ()):
            db.conn.execute(
                f"update {table} set organisation_key = ? where key = ? and organisation_key = ?", [merged, key, kept]
            )
    held = {(one.account_key, one.role): one for one in members_of(db, kept)}
    for account, role, districts, at, doubled in moved["membership"]:
        now_held = held.get((account, role))
        # A role taken away since the merge is not given back.
        if now_held is None:
            continue
        if not doubled:
            drop_membership(db, account, role, kept)
        save_membership(db, MembershipRow(account, role, merged, tuple(districts), at))
    if moved["contact"]:
        db.conn.execute(
            "update contact set subject_key = ? where subject = 'organisation' and subject_key = ?", [merged, kept]
        )
    for kind, header in moved["column_memory"]:
        db.conn.execute(
            "update column_memory set organisation_key = ? where organisation_key = ? and kind = ? and header = ?",
            [merged, kept, kind, header],
        )


def _move_members(db: Database, merged: int, kept: int) -> list[list[Any]]:
    own = {(one.account_key, one.role) for one in members_of(db, kept)}
    moved: list[list[Any]] = []
    for one in members_of(db, merged):
        doubled = (one.account_key, one.role) in own
        moved.append([one.account_key, one.role, list(one.districts), one.created_at, doubled])
        drop_membership(db, one.account_key, one.role, merged)
        if not doubled:
            save_membership(db, replace(one, organisation_key=kept))
    return moved


def _move_contact(db: Database, merged: int, kept: int) -> bool:
    """Move the contact unless the kept organisation has its own; then both stay where they are."""
    own = db.conn.execute(
        "select count(*) from contact where subject = 'organisation' and subject_key = ?", [kept]
    ).fetchone()[0]
    if own:
        return False
    done = db.conn.execute(
        "update contact set subject_key = ? where subject = 'organisation' and subject_key = ?", [kept, merged]
    )
    return bool(done.rowcount)


def _move_columns(db: Database, merged: int, kept: int) -> list[list[str]]:
    memory, own = db.table("column_memory"), "organisation_key = ?"
    known = {(row["kind"], row["header"]) for row in memory.rows_where(own, [kept])}
    moved = []
    for row in list(memory.rows_where(own, [merged], order_by="kind, header")):
        if (row["kind"], row["header"]) not in known:
            db.conn.execute(
                "update column_memory set organisation_key = ? where organisation_key = ? and kind = ? and header = ?",
                [kept, merged, row["kind"], row["header"]],
            )
            moved.append([row["kind"], row["header"]])
    return moved


def insert_merge(db: Database, kept: int, merged: int, moved: dict[str, Any], account_key: int) -> int:
    """Write down a merge inside a transaction; return its key."""
    newest = db.conn.execute("select coalesce(max(key), 0) from organisation_merge").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    db.table("organisation_merge").insert(
        {"key": key, "kept_key": kept, "merged_key": merged, "moved": json.dumps(moved, ensure_ascii=False),
         "account_key": account_key, "at": now(), "undone_at": ""}
    )  # fmt: skip
    return key


def load_merge(db: Database, key: int) -> MergeRow | None:
    """Return one merge."""
    return next(iter(_merges(db, "key = ?", [key])), None)


def merges_into(db: Database, kept: int) -> list[MergeRow]:
    """Return the merges into an organisation that hold, newest first."""
    return _merges(db, "kept_key = ? and undone_at = ''", [kept])


def undone_pairs(db: Database) -> set[frozenset[int]]:
    """Return the pairs of organisations that someone has taken apart again."""
    return {frozenset((one.kept_key, one.merged_key)) for one in _merges(db, "undone_at <> ''", [])}


def close_merge(db: Database, key: int) -> None:
    """Write down that a merge was undone, inside a transaction."""
    db.table("organisation_merge").update(key, {"undone_at": now()})


def _merges(db: Database, where: str, values: list[Any]) -> list[MergeRow]:
    return [
        MergeRow(
            row["key"], row["kept_key"], row["merged_key"], json.loads(row["moved"]), row["account_key"] or 0,
            row["at"] or "", row["undone_at"] or "",
        )
        for row in db.table("organisation_merge").rows_where(where, values, order_by="key desc")
    ]  # fmt: skip
