"""Reads and writes the experts of a year, who looks at which case, their sheets, and which organisation is whose."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.store.database import Database, now

# What the sheets of who stands aside are called meanwhile: they count for nothing and can be given back.
_ASIDE = "aside_"


@dataclass(frozen=True, slots=True)
class ExpertRow:
    """An expert of a year: the number under which sheets are shown, and where the expert works (0: not told)."""

    year: int
    account_key: int
    number: int
    organisation_key: int
    at: str


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """That an expert looks at a case, or stands aside and why."""

    case_key: int
    account_key: int
    year: int
    state: str
    ground: str
    note: str
    at: str


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One sheet; ``scores`` are decimals as text by criterion, ``state`` is open or sent."""

    case_key: int
    account_key: int
    round: int
    year: int
    state: str
    scores: Mapping[str, str]
    comment: str
    stamp: int
    updated_at: str
    sent_at: str


def add_expert(db: Database, year: int, account_key: int, organisation_key: int) -> int:
    """Add an expert to a year inside a transaction; return the number."""
    known = expert_of(db, year, account_key)
    if known is not None:
        db.conn.execute(
            "update benchmark_expert set organisation_key = ? where year = ? and account_key = ?",
            [organisation_key, year, account_key],
        )
        return known.number
    sql = "select coalesce(max(number), 0) from benchmark_expert where year = ?"
    number = int(db.conn.execute(sql, [year]).fetchone()[0]) + 1
    db.table("benchmark_expert").insert(
        {"year": year, "account_key": account_key, "number": number, "organisation_key": organisation_key, "at": now()}
    )
    return number


def experts_of(db: Database, year: int) -> list[ExpertRow]:
    """Return the experts of a year by number."""
    return [
        ExpertRow(**raw) for raw in db.query("select * from benchmark_expert where year = ? order by number", [year])
    ]


def expert_of(db: Database, year: int, account_key: int) -> ExpertRow | None:
    """Return an account as expert of a year, None when it is none."""
    sql = "select * from benchmark_expert where year = ? and account_key = ?"
    return next((ExpertRow(**raw) for raw in db.query(sql, [year, account_key])), None)


def save_assignment(db: Database, case_key: int, account_key: int, year: int, **columns: Any) -> None:
    """Write inside a transaction that an expert looks at a case or stands aside."""
    values = {"state": "assigned", "ground": "", "note": "", "at": now()} | columns
    sets = ", ".join(f"[{name}] = ?" for name in values)
    sql = f"update benchmark_assignment set {sets} where case_key = ? and account_key = ?"
    if not db.conn.execute(sql, [*values.values(), case_key, account_key]).rowcount:
        db.table("benchmark_assignment").insert(
            {"case_key": case_key, "account_key": account_key, "year": year} | values
        )  # fmt: skip


def drop_assignment(db: Database, case_key: int, account_key: int) -> None:
    """Forget inside a transaction that an expert was to look at a case."""
    db.table("benchmark_assignment").delete_where("case_key = ? and account_key = ?", [case_key, account_key])


def assignments_of(db: Database, *, year: int | None = None, account_key: int = 0, case_key: int = 0
                   ) -> list[AssignmentRow]:  # fmt: skip
    """Return assignments of a year, an account or a case."""
    clauses, values = ["1 = 1"], []
    for column, value in (("year", year), ("account_key", account_key or None), ("case_key", case_key or None)):
        if value is not None:
            clauses.append(f"{column} = ?")
            values.append(value)
    sql = f"select * from benchmark_assignment where {' and '.join(clauses)} order by case_key, account_key"
    return [AssignmentRow(**raw) for raw in db.query(sql, values)]


def save_review(db: Database, row: ReviewRow | None, case_key: int, account_key: int, number: int, **columns: Any
                ) -> bool:  # fmt: skip
    """Write a sheet inside a transaction; return False when it was changed since ``row`` was read."""
    columns["scores"] = json.dumps(columns["scores"], ensure_ascii=False)
    columns |= {"updated_at": now(), "stamp": (row.stamp if row else 0) + 1}
    if row is None:
        db.table("benchmark_review").insert(
            {"case_key": case_key, "account_key": account_key, "round": number, "sent_at": ""} | columns
        )
        return True
    sets = ", ".join(f"[{name}] = ?" for name in columns)
    sql = f"update benchmark_review set {sets} where case_key = ? and account_key = ? and round = ? and stamp = ?"
    return bool(db.conn.execute(sql, [*columns.values(), case_key, account_key, number, row.stamp]).rowcount)


def drop_reviews(db: Database, case_key: int, account_key: int) -> None:
    """Take every sheet of an expert for a case away inside a transaction: who stands aside has not judged."""
    db.table("benchmark_review").delete_where("case_key = ? and account_key = ?", [case_key, account_key])


def set_reviews_aside(db: Database, case_key: int, account_key: int) -> None:
    """Put every sheet of an expert for a case aside inside a transaction: they are read by nobody and count nothing."""
    sql = "update benchmark_review set state = ? || state where case_key = ? and account_key = ? and state not like ?"
    db.conn.execute(sql, [_ASIDE, case_key, account_key, f"{_ASIDE}%"])


def restore_reviews(db: Database, case_key: int, account_key: int) -> None:
    """Give an expert back inside a transaction the sheets for a case that were put aside."""
    sql = "update benchmark_review set state = substr(state, ?) where case_key = ? and account_key = ? and state like ?"
    db.conn.execute(sql, [len(_ASIDE) + 1, case_key, account_key, f"{_ASIDE}%"])


def drop_open_reviews(db: Database, case_key: int, account_key: int) -> None:
    """Take the sheets of an expert that were begun and not handed in away inside a transaction."""
    clause = "case_key = ? and account_key = ? and state <> 'sent'"
    db.table("benchmark_review").delete_where(clause, [case_key, account_key])


def reviews_of(db: Database, *, year: int | None = None, case_key: int = 0, account_key: int = 0) -> list[ReviewRow]:
    """Return sheets of a year, a case or an account, by case, expert and round; not those put aside."""
    clauses: list[str] = ["state not like ?"]
    values: list[int | str] = [f"{_ASIDE}%"]
    for column, value in (("year", year), ("case_key", case_key or None), ("account_key", account_key or None)):
        if value is not None:
            clauses.append(f"{column} = ?")
            values.append(value)
    sql = f"select * from benchmark_review where {' and '.join(clauses)} order by case_key, account_key, round"
    return [ReviewRow(**raw | {"scores": json.loads(raw["scores"])}) for raw in db.query(sql, values)]


def save_parent(db: Database, organisation_key: int, parent_key: int, note: str, account_key: int) -> None:
    """Write inside a transaction to which organisation another one belongs; 0 takes it back."""
    db.table("organisation_parent").delete_where("organisation_key = ?", [organisation_key])
    if parent_key:
        db.table("organisation_parent").insert(
            {"organisation_key": organisation_key, "parent_key": parent_key, "note": note, "account_key": account_key,
             "at": now()}
        )  # fmt: skip


def parents(db: Database) -> dict[int, int]:
    """Return the organisation each one belongs to directly."""
    return dict(db.conn.execute("select organisation_key, parent_key from organisation_parent").fetchall())


def chain_of(known: Mapping[int, int], organisation_key: int) -> list[int]:
    """Return an organisation and all it stands under, from below; a ring ends before it comes round."""
    chain = [organisation_key]
    while (over := known.get(chain[-1])) is not None and over not in chain:
        chain.append(over)
    return chain


def groups_of(ties: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """Return for each organisation that is tied all of its group, rings and two superiors of one included."""
    groups: dict[int, frozenset[int]] = {}
    for own, over in ties:
        whole = groups.get(own, frozenset({own})) | groups.get(over, frozenset({over}))
        groups |= dict.fromkeys(whole, whole)
    return groups
