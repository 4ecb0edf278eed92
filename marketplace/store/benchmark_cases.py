"""Reads and writes the cases of a year: what was applied for, what happened to it, and objections to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.selection_states import LIVE
from marketplace.store.database import Database, now

_TEXTS = ("domain", "formal", "facts", "created_at", "updated_at", "sent_at")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case; ``number`` is 0 until it is sent, ``record`` what was written, ``round`` the round of marks.

    ``draft`` is what its organisation writes anew after it was sent back, for nobody else to read until it is sent.
    """

    key: int
    year: int
    landing_id: str
    opportunity_key: int
    capability_key: int
    organisation_key: int
    way: str
    number: int
    domain: str
    state: str
    record: Mapping[str, str]
    formal: str
    facts: str
    round: int
    stamp: int
    author_key: int
    created_at: str
    updated_at: str
    sent_at: str
    draft: Mapping[str, str]

    @property
    def sent(self) -> bool:
        """Whether it was ever put in; until then it is its organisation's alone."""
        return bool(self.sent_at)


@dataclass(frozen=True, slots=True)
class CaseEventRow:
    """One thing that happened to a case."""

    key: int
    year: int
    case_key: int
    action: str
    note: str
    account_key: int
    at: str


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """An objection; who made it is sealed."""

    key: int
    year: int
    number: int
    case_key: int
    sealed: str
    text: str
    file_name: str
    file_size: int
    stored_as: str
    state: str
    answer: str
    account_key: int
    at: str
    answered_at: str


def insert_case(db: Database, year: int, landing_id: str, columns: Mapping[str, Any]) -> int:
    """Add a case inside a transaction; return its key. The pair must have none that stands in this year."""
    key, moment = _free_key(db, "benchmark_case"), now()
    empty = dict.fromkeys(_TEXTS, "") | {"number": 0, "round": 1, "stamp": 1, "state": "begun", "record": "{}"}
    db.table("benchmark_case").insert(
        empty | dict(columns)
        | {"key": key, "year": year, "landing_id": landing_id, "created_at": moment, "updated_at": moment,
           "live_mark": f"{year}:{landing_id}"}
    )  # fmt: skip
    return key


def update_case(db: Database, row: CaseRow, **columns: Any) -> bool:
    """Change a case inside a transaction; return False when somebody changed it since it was read."""
    for name in ("record", "draft"):
        if name in columns:
            columns[name] = json.dumps(dict(columns[name]), ensure_ascii=False)
    if "state" in columns:
        standing = columns["state"] in LIVE
        columns["live_mark"] = f"{row.year}:{row.landing_id}" if standing else str(row.key)
    columns |= {"stamp": row.stamp + 1, "updated_at": now()}
    sets = ", ".join(f"[{name}] = ?" for name in columns)
    sql = f"update benchmark_case set {sets} where key = ? and stamp = ?"
    return bool(db.conn.execute(sql, [*columns.values(), row.key, row.stamp]).rowcount)


def next_number(db: Database, year: int) -> int:
    """Return the number a case gets when it is sent."""
    sql = "select coalesce(max(number), 0) from benchmark_case where year = ?"
    return int(db.conn.execute(sql, [year]).fetchone()[0]) + 1


def load_case(db: Database, key: int) -> CaseRow | None:
    """Return one case, None when there is none."""
    return next((_case(raw) for raw in db.query("select * from benchmark_case where key = ?", [key])), None)


def standing_case(db: Database, year: int, landing_id: str) -> CaseRow | None:
    """Return the case of a pair that stands in a year."""
    sql = "select * from benchmark_case where live_mark = ?"
    return next((_case(raw) for raw in db.query(sql, [f"{year}:{landing_id}"])), None)


def cases_of(db: Database, year: int) -> list[CaseRow]:
    """Return every case of a year by number, those not sent yet last."""
    sql = "select * from benchmark_case where year = ? order by number = 0, number, key"
    return [_case(raw) for raw in db.query(sql, [year])]


def cases_of_organisations(db: Database, organisation_keys: Mapping[int, Any] | set[int] | frozenset[int]
                           ) -> list[CaseRow]:  # fmt: skip
    """Return the cases these organisations made, newest first."""
    keys = sorted(organisation_keys)
    marks = ",".join("?" * len(keys))
    sql = f"select * from benchmark_case where organisation_key in ({marks}) order by key desc"
    return [_case(raw) for raw in db.query(sql, keys)] if keys else []


def count_sent(db: Database, year: int, organisation_key: int, way: str, states: tuple[str, ...]) -> int:
    """Return how many cases an organisation has put in for a year by one way."""
    marks = ",".join("?" * len(states))
    sql = (
        "select count(*) from benchmark_case where year = ? and organisation_key = ? and way = ? "
        f"and number > 0 and state in ({marks})"
    )
    return int(db.conn.execute(sql, [year, organisation_key, way, *states]).fetchone()[0])


def write_case_event(db: Database, row: CaseRow, action: str, account_key: int, note: str = "") -> None:
    """Append inside a transaction what happened to a case."""
    db.table("benchmark_case_event").insert(
        {"key": _free_key(db, "benchmark_case_event"), "year": row.year, "case_key": row.key, "action": action,
         "note": note, "account_key": account_key, "at": now()}
    )  # fmt: skip


def case_events(db: Database, case_key: int) -> list[CaseEventRow]:
    """Return what happened to a case, oldest first."""
    sql = "select * from benchmark_case_event where case_key = ? order by key"
    return [CaseEventRow(**raw) for raw in db.query(sql, [case_key])]


def insert_objection(db: Database, year: int, **columns: Any) -> int:
    """Add an objection inside a transaction; return its number in the year."""
    sql = "select coalesce(max(number), 0) from benchmark_objection where year = ?"
    number = int(db.conn.execute(sql, [year]).fetchone()[0]) + 1
    empty = {"file_name": "", "file_size": 0, "stored_as": "", "answer": "", "account_key": 0, "answered_at": ""}
    own = {"key": _free_key(db, "benchmark_objection"), "year": year, "number": number, "state": "received"}
    db.table("benchmark_objection").insert(empty | columns | own | {"at": now()})
    return number


def answer_objection(db: Database, key: int, **columns: Any) -> bool:
    """Answer an objection inside a transaction; return False when it was answered already."""
    columns |= {"answered_at": now()}
    sets = ", ".join(f"[{name}] = ?" for name in columns)
    sql = f"update benchmark_objection set {sets} where key = ? and state = 'received'"
    return bool(db.conn.execute(sql, [*columns.values(), key]).rowcount)


def objections_of(db: Database, year: int) -> list[ObjectionRow]:
    """Return the objections of a year by number."""
    sql = "select * from benchmark_objection where year = ? order by number"
    return [ObjectionRow(**raw) for raw in db.query(sql, [year])]


def objection_files(db: Database) -> dict[str, int]:
    """Return the name in the folder and the size of every file that came with an objection."""
    sql = "select stored_as, file_size from benchmark_objection where stored_as <> ''"
    return dict(db.conn.execute(sql).fetchall())


def _case(raw: Mapping[str, Any]) -> CaseRow:
    values = {name: raw[name] for name in CaseRow.__dataclass_fields__}
    values |= {name: raw[name] or "" for name in _TEXTS}
    return CaseRow(**values | {name: json.loads(raw[name] or "{}") for name in ("record", "draft")})


def _free_key(db: Database, table: str) -> int:
    newest = db.conn.execute(f"select coalesce(max(key), 0) from [{table}]").fetchone()[0]
    return max(new_key(), int(newest) + 1)
