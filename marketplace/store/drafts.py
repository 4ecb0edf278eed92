"""Reads and writes texts being written; each save is made against the stamp that was read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now
from matching import Side

# Beside the values, which are as typed: who saved them last.
_SAVED_BY = "_saved_by"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A stored draft. ``values`` are raw values by field name; ``posting_key`` is 0 for a new posting."""

    key: int
    posting_key: int
    side: Side
    external_id: str
    organisation_key: int
    title: str
    state: str
    values: Mapping[str, Any]
    sealed: str
    stamp: int
    author_key: int
    import_key: int
    on_behalf: bool
    secrecy_by: int
    secrecy_at: str
    first_reviewer: int
    approved_by: int
    submitted_at: str
    created_at: str
    updated_at: str
    saved_by: int


def insert_draft(
    db: Database,
    *,
    side: Side,
    values: Mapping[str, Any],
    title: str = "",
    external_id: str = "",
    posting_key: int = 0,
    organisation_key: int = 0,
    sealed: str = "",
    author_key: int = 0,
    import_key: int = 0,
    on_behalf: bool = False,
    state: str = "draft",
    key: int = 0,
    **review: Any,
) -> int:
    """Add a draft inside a transaction; return its key.

    ``values`` are raw values by field name. ``key`` gives an old draft its key back; ``review`` are
    the columns of a review that has already been (secrecy_by, secrecy_at, first_reviewer, approved_by).
    """
    own = key or _free_key(db)
    at = now()
    row = {
        "key": own, "posting_key": posting_key, "kind": str(side), "external_id": external_id,
        "organisation_key": organisation_key, "title": title or str(values.get("title") or ""), "state": state,
        "record": _pack(values, author_key), "sealed": sealed, "stamp": 1, "author_key": author_key,
        "import_key": import_key, "on_behalf": int(on_behalf), "secrecy_by": 0, "secrecy_at": "",
        "first_reviewer": 0, "approved_by": 0, "submitted_at": "" if state == "draft" else at,
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    db.table("draft").insert(row | review)
    return own


def _free_key(db: Database) -> int:
    """Return a key above every stored one: another process may have counted in the same millisecond."""
    newest = db.conn.execute("select coalesce(max(key), 0) from draft").fetchone()[0]
    return max(new_key(), int(newest) + 1)


def _pack(values: Mapping[str, Any], saved_by: int) -> str:
    return json.dumps({**values, _SAVED_BY: saved_by}, ensure_ascii=False, default=str)


def load_draft(db: Database, key: int) -> DraftRow | None:
    """Return one draft, None when there is none of that key."""
    found = load_drafts(db, keys=[key])
    return found[0] if found else None


def load_drafts(
    db: Database,
    *,
    keys: Iterable[int] | None = None,
    states: Sequence[str] = (),
    organisations: Collection[int] | None = None,
    entered_by: int = 0,
) -> list[DraftRow]:
    """Return drafts by key, or longest waiting first those in some states, of some organisations, entered by someone.

    ``entered_by`` is an account that wrote them on behalf of others.
    """
    if keys is not None:
        wanted, found = list(keys), {}
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            found.update({row["key"]: _row(row) for row in db.table("draft").rows_where(f"key in ({marks})", part)})
        return [found[key] for key in wanted if key in found]
    clauses, values = ["1 = 1"], []
    for column, allowed in (("state", states or None), ("organisation_key", organisations)):
        if allowed is not None:
            clauses.append(f"{column} in ({','.join('?' * len(allowed))})")
            values += list(allowed)
    if entered_by:
        clauses.append("author_key = ? and on_behalf = 1")
        values.append(entered_by)
    where = " and ".join(clauses)
    return [_row(row) for row in db.table("draft").rows_where(where, values, order_by="submitted_at, key")]


def _row(raw: dict[str, Any]) -> DraftRow:
    values = json.loads(raw["record"])
    saved_by = int(values.pop(_SAVED_BY, 0) or raw["author_key"] or 0)
    return DraftRow(
        key=raw["key"],
        posting_key=raw["posting_key"] or 0,
        side=Side(raw["kind"]),
        external_id=raw["external_id"] or "",
        organisation_key=raw["organisation_key"] or 0,
        title=raw["title"] or "",
        state=raw["state"],
        values=values,
        sealed=raw["sealed"] or "",
        stamp=raw["stamp"],
        author_key=raw["author_key"] or 0,
        import_key=raw["import_key"] or 0,
        on_behalf=bool(raw["on_behalf"]),
        secrecy_by=raw["secrecy_by"] or 0,
        secrecy_at=raw["secrecy_at"] or "",
        first_reviewer=raw["first_reviewer"] or 0,
        approved_by=raw["approved_by"] or 0,
        submitted_at=raw["submitted_at"] or "",
        created_at=raw["created_at"] or "",
        updated_at=raw["updated_at"] or "",
        saved_by=saved_by,
    )


def draft_of_posting(db: Database, posting_key: int) -> int:
    """Return the draft that revises a posting, 0 when there is none."""
    row = db.conn.execute("select key from draft where posting_key = ?", [posting_key]).fetchone()
    return int(row[0]) if row else 0


def drafts_of_postings(db: Database, posting_keys: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Return key and state of the open draft by the posting it revises."""
    found = {}
    for start in range(0, len(posting_keys), _CHUNK):
        part = posting_keys[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        for row in db.query(f"select key, posting_key, state from draft where posting_key in ({marks})", part):
            found[row["posting_key"]] = (row["key"], row["state"])
    return found


def save_values(db: Database, row: DraftRow, values: Mapping[str, Any], *, sealed: str, account_key: int) -> bool:
    """Write the values of a draft inside a transaction; False when its stamp has moved on."""
    done = db.conn.execute(
        "update draft set record = ?, sealed = ?, title = ?, stamp = stamp + 1, updated_at = ? "
        "where key = ? and stamp = ?",
        [_pack(values, account_key), sealed, str(values.get("title") or ""), now(), row.key, row.stamp],
    )
    return bool(done.rowcount)


def move_draft(db: Database, row: DraftRow, state: str, **columns: Any) -> bool:
    """Change the state of a draft inside a transaction; False when someone has changed it meanwhile."""
    values = {"state": state, **columns}
    settings = ", ".join(f"{name} = ?" for name in values)
    done = db.conn.execute(
        f"update draft set {settings}, stamp = stamp + 1 where key = ? and stamp = ?",
        [*values.values(), row.key, row.stamp],
    )
    return bool(done.rowcount)


def delete_draft(db: Database, row: DraftRow) -> bool:
    """Delete a draft inside a transaction; False when someone has changed it meanwhile."""
    return bool(db.conn.execute("delete from draft where key = ? and stamp = ?", [row.key, row.stamp]).rowcount)


def account_names(db: Database, keys: Collection[int]) -> dict[int, str]:
    """Return the names of accounts by key."""
    return _names(db, "account", keys)


def organisation_names(db: Database, keys: Collection[int]) -> dict[int, str]:
    """Return the names of organisations by key."""
    return _names(db, "organisation", keys)


def _names(db: Database, table: str, keys: Collection[int]) -> dict[int, str]:
    wanted, found = sorted(set(keys) - {0}), {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        found.update({row["key"]: row["name"] for row in db.query(
            f"select key, name from [{table}] where key in ({marks})", part)})  # fmt: skip
    return found


def import_files(db: Database, keys: Collection[int]) -> dict[int, str]:
    """Return the names of the files that imports read, by the import's key."""
    wanted, found = sorted(set(keys) - {0}), {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        rows = db.query(f"select key, file_name from import_run where key in ({marks})", part)
        found.update({row["key"]: row["file_name"] or "" for row in rows})
    return found


def organisation_facts(db: Database, key: int) -> tuple[str, str, str] | None:
    """Return name, kind and district of an organisation that has not been merged into another."""
    sql = "select name, kind, district from organisation where key = ? and coalesce(merged_into, 0) = 0"
    row = db.conn.execute(sql, [key]).fetchone()
    return (row[0], row[1], row[2] or "") if row else None
