"""Reads and writes organisations and finds them by code, folded name or part of a name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.accounts import contains
from marketplace.store.changes import read_value, write_value
from marketplace.store.database import Database, now

# Grows when what desks show of organisations may have changed.
VERSION = "organisations_version"
_CHUNK = 500
# No chain of merges is longer; a longer one is a ring and leads nowhere.
_STEPS = 50
# What a list can be narrowed to, as column and value.
STATES = {
    "claimed": ("claimed", 1), "unclaimed": ("claimed", 0), "verified": ("verified", 1), "unverified": ("verified", 0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A stored organisation; ``merged_into`` is 0 unless another one stands for it now."""

    key: int
    name: str
    folded: str
    kind: str
    credit_code: str
    district: str
    size: str
    qualifications: tuple[str, ...]
    verified: bool
    claimed: bool
    merged_into: int
    revision: int
    created_at: str
    updated_at: str


def load_organisation(db: Database, key: int) -> OrganisationRow | None:
    """Return the organisation of a key, or the one it was merged into."""
    for _ in range(_STEPS):
        row = load_exact(db, key)
        if row is None or not row.merged_into:
            return row
        key = row.merged_into
    return None


def load_exact(db: Database, key: int) -> OrganisationRow | None:
    """Return the organisation of a key also when it was merged into another."""
    return next(iter(_rows(db, "key = ?", [key])), None)


def merged_keys(db: Database) -> dict[int, int]:
    """Return for each merged organisation the one that stands for it now."""
    into = dict(db.conn.execute("select key, merged_into from organisation where merged_into <> 0").fetchall())
    found = {}
    for key in into:
        last = key
        for _ in range(_STEPS):
            last = into.get(last, last)
        found[key] = last
    return found


def organisation_names(db: Database, keys: Iterable[int]) -> dict[int, str]:
    """Return the names of organisations by key."""
    wanted = sorted({key for key in keys if key})
    names: dict[int, str] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        names.update(db.conn.execute(f"select key, name from organisation where key in ({marks})", part).fetchall())
    return names


def find_by_code(db: Database, credit_code: str) -> list[OrganisationRow]:
    """Return the organisations of a credit code, oldest first, merged ones as what they lead to."""
    return _led(db, _rows(db, "credit_code = ?", [credit_code], order_by="key")) if credit_code else []


def find_by_folded(db: Database, folded: str) -> list[OrganisationRow]:
    """Return the organisations of a folded name, oldest first, merged ones as what they lead to."""
    return _led(db, _rows(db, "folded = ?", [folded], order_by="key")) if folded else []


def holder_of_code(db: Database, credit_code: str, other_than: int) -> OrganisationRow | None:
    """Return another organisation in use that has this credit code."""
    rows = _rows(db, "credit_code = ? and merged_into = 0 and key <> ?", [credit_code, other_than], order_by="key")
    return rows[0] if rows and credit_code else None


def live_organisations(db: Database) -> list[OrganisationRow]:
    """Return every organisation that stands for itself, oldest first."""
    return _rows(db, "merged_into = 0", [], order_by="key")


def search_organisations(
    db: Database,
    *,
    text: str = "",
    folded: str = "",
    kind: str = "",
    state: str = "",
    districts: Sequence[str] = (),
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[OrganisationRow], int]:
    """Return one stretch of the organisations in use by name, and how many there are in all.

    ``text`` is part of a credit code or, as ``folded``, of a name; ``state`` is one of STATES;
    ``districts`` are beginnings of districts, and who has no district belongs to all of them.
    """
    clauses: list[str] = ["merged_into = 0"]
    values: list[Any] = []
    if text:
        clauses.append("(folded like ? escape '!' or credit_code like ? escape '!')")
        values += [contains(folded or text), contains(text.upper())]
    if kind:
        clauses.append("kind = ?")
        values.append(kind)
    if state:
        column, wanted = STATES[state]
        clauses.append(f"{column} = ?")
        values.append(wanted)
    if districts:
        starts = " or ".join(["district like ? escape '!'"] * len(districts))
        clauses.append(f"(district = '' or {starts})")
        values += [contains(one).removeprefix("%") for one in districts]
    where = " and ".join(clauses)
    total = int(db.conn.execute(f"select count(*) from organisation where {where}", values).fetchone()[0])
    return _rows(db, where, values, order_by="name, key", limit=limit, offset=offset), total


def insert_organisation(db: Database, **values: Any) -> int:
    """Write a new organisation inside a transaction; return its key."""
    newest = db.conn.execute("select coalesce(max(key), 0) from organisation").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    at = now()
    blank = {"credit_code": "", "district": "", "size": "", "qualifications": (), "verified": 0, "claimed": 0}
    fixed = {"key": key, "merged_into": 0, "revision": 1, "created_at": at, "updated_at": at}
    db.table("organisation").insert(_columns(blank | values) | fixed)
    return key


def update_organisation(db: Database, key: int, **values: Any) -> None:
    """Write columns of an organisation inside a transaction and count its revision on."""
    row = load_exact(db, key)
    assert row is not None, key
    db.table("organisation").update(key, _columns(values) | {"revision": row.revision + 1, "updated_at": now()})


def renew_desks(db: Database) -> None:
    """Have every worker read the postings anew, inside a transaction; nothing needs to be matched again."""
    write_value(db, VERSION, str(int(read_value(db, VERSION) or 0) + 1))


def postings_of(db: Database, organisation_key: int) -> list[dict[str, Any]]:
    """Return key, kind, title and state of the postings of an organisation, newest first."""
    sql = "select key, kind, title, state, on_behalf from posting where organisation_key = ? order by key desc"
    return list(db.query(sql, [organisation_key]))


def first_poster(db: Database, kind: str) -> OrganisationRow | None:
    """Return the organisation of the first posting of a kind by its id, None when there is none."""
    sql = "select organisation_key from posting where kind = ? and organisation_key > 0 order by external_id limit 1"
    found = db.conn.execute(sql, [kind]).fetchone()
    return load_organisation(db, found[0]) if found else None


def count_postings(db: Database, keys: Sequence[int]) -> dict[int, int]:
    """Return how many postings each organisation has; one without is missing."""
    counts: dict[int, int] = {}
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        sql = f"select organisation_key, count(*) from posting where organisation_key in ({marks}) group by 1"
        counts.update(db.conn.execute(sql, part).fetchall())
    return counts


def confirm_postings(db: Database, organisation_key: int) -> int:
    """Take the word 代填 off what was entered for an organisation, inside a transaction; return how many."""
    done = db.conn.execute(
        "update posting set on_behalf = 0 where organisation_key = ? and on_behalf = 1", [organisation_key]
    )
    db.conn.execute("update draft set on_behalf = 0 where organisation_key = ? and on_behalf = 1", [organisation_key])
    renew_desks(db)
    return int(done.rowcount)


def orphan_postings(db: Database) -> list[dict[str, Any]]:
    """Return the postings that belong to no organisation yet, oldest first."""
    sql = (
        "select key, kind, organisation, organisation_type, district, record from posting "
        "where organisation_key is null or organisation_key = 0 order by key"
    )
    return [row | {"record": json.loads(row["record"])} for row in db.query(sql)]


def give_posting(db: Database, posting_key: int, organisation_key: int) -> None:
    """Write whose posting it is, inside a transaction."""
    db.table("posting").update(posting_key, {"organisation_key": organisation_key})


def _led(db: Database, rows: list[OrganisationRow]) -> list[OrganisationRow]:
    led = (load_organisation(db, row.key) for row in rows)
    return list({row.key: row for row in led if row is not None}.values())


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    if "qualifications" in values:
        values["qualifications"] = json.dumps(list(values["qualifications"]), ensure_ascii=False)
    return {name: int(value) if isinstance(value, bool) else value for name, value in values.items()}


def _rows(db: Database, where: str, values: Sequence[Any], **options: Any) -> list[OrganisationRow]:
    return [
        OrganisationRow(
            row["key"], row["name"], row["folded"], row["kind"], row["credit_code"] or "", row["district"] or "",
            row["size"] or "", tuple(json.loads(row["qualifications"] or "[]")), bool(row["verified"]),
            bool(row["claimed"]), row["merged_into"] or 0, row["revision"], row["created_at"] or "",
            row["updated_at"] or "",
        )
        for row in db.table("organisation").rows_where(where, values, **options)
    ]  # fmt: skip
