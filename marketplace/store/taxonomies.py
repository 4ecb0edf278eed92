"""Reads and writes the terms of controlled lists; ``updated_at`` is empty until a person changes a term."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from marketplace.errors import NotFoundError, RefusedError
from marketplace.keys import new_key
from marketplace.store.changes import read_value, write_value
from marketplace.store.database import Database, now
from marketplace.taxonomies.terms import TAXONOMIES, Term, first_fault, is_day

_TABLE = "taxonomy_term"
_VERSION = "taxonomy_version"


def all_terms(db: Database, taxonomy: str) -> list[Term]:
    """Return every term of a list in its order, ended and future ones too.

    Raises NotFoundError when there is no list of that name.
    """
    return [_term(row) for row in _rows(db, taxonomy)]


def load_terms(db: Database, taxonomy: str, on: str | None = None) -> list[Term]:
    """Return the terms of a list that hold on the day ``on`` (ISO), today when None.

    Raises NotFoundError when there is no list of that name, RefusedError when ``on`` is no day.
    """
    day = date.today().isoformat() if on is None else _day(on)
    return [term for term in all_terms(db, taxonomy) if term.valid_on(day)]


def term_counts(db: Database, on: str) -> dict[str, tuple[int, int, int]]:
    """Return for each list with terms how many there are, ended before ``on``, and in use but unverified.

    ``on`` is a day (ISO); a list without terms is missing.
    """
    sql = (
        f"select taxonomy, count(*) as terms, sum(case when valid_to < ? then 1 else 0 end) as ended, "
        f"sum(case when verified = 0 and (valid_to is null or valid_to >= ?) then 1 else 0 end) as unverified "
        f"from {_TABLE} group by taxonomy"
    )
    return {row["taxonomy"]: (row["terms"], row["ended"], row["unverified"]) for row in db.query(sql, [on, on])}


def terms_version(db: Database) -> int:
    """Return a number that grows with every change of a term, whichever process made it."""
    return int(read_value(db, _VERSION) or 0)


def sync_terms(db: Database, terms: Iterable[Term]) -> tuple[int, int]:
    """Bring shipped terms into the database, inside a transaction; return how many were added and changed.

    A term that a person saved or ended is left as it is, and no term is taken away.
    """
    added: list[dict[str, Any]] = []
    changed = 0
    stored: dict[str, dict[str, dict[str, Any]]] = {}
    key = _free_key(db)
    for term in terms:
        if term.taxonomy not in stored:
            stored[term.taxonomy] = {row["code"]: row for row in _rows(db, term.taxonomy)}
        row = stored[term.taxonomy].get(term.code)
        values = _columns(term)
        if row is None:
            added.append(values | {"key": key + len(added), "updated_at": None})
        elif row["updated_at"] is None and any(row[name] != value for name, value in values.items()):
            db.table(_TABLE).update(row["key"], values)
            changed += 1
    if added:
        db.table(_TABLE).insert_all(added)
    if added or changed:
        _count_change(db)
    return len(added), changed


def save_term(db: Database, term: Term) -> None:
    """Write a term by hand, inside a transaction: replaces the one of its code or is added at the end.

    A term of position 0 keeps its place. Raises RefusedError when the list would contradict itself.
    """
    rows = {row["code"]: row for row in _rows(db, term.taxonomy)}
    others = [_term(row) for code, row in rows.items() if code != term.code]
    # The new term comes last, so that a clash of two names is said of it.
    fault = first_fault([*others, term])
    if fault:
        raise RefusedError(f"{TAXONOMIES[term.taxonomy]}的条目没有保存：{fault[1]}。")
    values = _columns(term) | {"updated_at": now()}
    if term.code in rows:
        row = rows[term.code]
        db.table(_TABLE).update(row["key"], values | {"position": term.position or row["position"]})
    else:
        last = max((row["position"] for row in rows.values()), default=0)
        db.table(_TABLE).insert(values | {"key": _free_key(db), "position": term.position or last + 1})
    _count_change(db)


def end_term(db: Database, taxonomy: str, code: str, day: str) -> None:
    """Make ``day`` (ISO) the last day of a term, inside a transaction; the term itself stays.

    Raises NotFoundError when there is no such term, RefusedError when the day cannot be its last.
    """
    last = _day(day)
    row = next((row for row in _rows(db, taxonomy) if row["code"] == code), None)
    if row is None:
        raise NotFoundError(f"{TAXONOMIES[taxonomy]}中没有代码为“{code}”的条目。")
    if row["valid_from"] and last < row["valid_from"]:
        raise RefusedError(f"“{row['label']}”的截止日期为 {last}；应不早于它的生效日期 {row['valid_from']}。")
    db.table(_TABLE).update(row["key"], {"valid_to": last, "updated_at": now()})
    _count_change(db)


def _count_change(db: Database) -> None:
    write_value(db, _VERSION, str(terms_version(db) + 1))


def _rows(db: Database, taxonomy: str) -> list[dict[str, Any]]:
    if taxonomy not in TAXONOMIES:
        raise NotFoundError(f"没有名为“{taxonomy}”的分类表；现有：{'、'.join(TAXONOMIES)}。")
    return list(db.table(_TABLE).rows_where("taxonomy = ?", [taxonomy], order_by="position, code"))


def _free_key(db: Database) -> int:
    """Return a key above every stored one: another process may have counted in the same millisecond."""
    newest = db.conn.execute(f"select coalesce(max(key), 0) from {_TABLE}").fetchone()[0]
    return max(new_key(), int(newest) + 1)


def _day(text: str) -> str:
    if not is_day(text):
        raise RefusedError(f"日期为“{text}”；应为 2026-01-01 这样的日期。")
    return text


def _columns(term: Term) -> dict[str, Any]:
    return {
        "taxonomy": term.taxonomy, "code": term.code, "label": term.label, "parent": term.parent,
        "position": term.position, "verified": int(term.verified), "note": term.note,
        "synonyms": ";".join(term.synonyms), "valid_from": term.valid_from, "valid_to": term.valid_to,
    }  # fmt: skip


def _term(row: dict[str, Any]) -> Term:
    return Term(
        row["taxonomy"],
        row["code"],
        row["label"],
        parent=row["parent"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        verified=bool(row["verified"]),
        note=row["note"] or "",
        position=row["position"],
        synonyms=tuple(synonym for synonym in (row["synonyms"] or "").split(";") if synonym),
    )
