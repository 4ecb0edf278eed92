"""Reads and writes the years of the benchmark, their publication, frozen result, corrections and what came after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store import migrations_documents
from marketplace.store.database import Database, now
from marketplace.store.migrations_benchmark import GUARDS
from marketplace.store.migrations_selection import GUARDS as LATER_GUARDS


@dataclass(frozen=True, slots=True)
class YearRow:
    """One year: its state, its sheet as plain values, and a stamp that grows with every change.

    ``scoring_until`` is the day the scoring was extended to, empty while the sheet's holds.
    """

    year: int
    state: str
    sheet: dict[str, Any]
    stamp: int
    author_key: int
    created_at: str
    updated_at: str
    opened_at: str
    frozen_at: str
    scoring_until: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """The publication of a year with the days it lasts and the list it shows."""

    year: int
    starts_on: str
    ends_on: str
    content: dict[str, Any]
    account_key: int
    at: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """The frozen result: its canonical text and the hash it was given."""

    year: int
    content: str
    digest: str
    account_key: int
    at: str


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A correction appended to a frozen result; its hash is chained to the one before."""

    year: int
    number: int
    text: str
    previous: str
    digest: str
    account_key: int
    at: str


@dataclass(frozen=True, slots=True)
class AftermathRow:
    """What became of a benchmark: a revisit, or that the title was taken away."""

    key: int
    year: int
    case_number: int
    kind: str
    on_day: str
    text: str
    account_key: int
    at: str


def insert_year(db: Database, year: int, sheet: dict[str, Any], author_key: int) -> None:
    """Add a year in preparation inside a transaction."""
    db.table("benchmark_year").insert(
        {"year": year, "state": "draft", "sheet": json.dumps(sheet, ensure_ascii=False), "stamp": 1,
         "author_key": author_key, "created_at": now(), "updated_at": now(), "opened_at": "", "frozen_at": ""}
    )  # fmt: skip


def update_year(db: Database, row: YearRow, **columns: Any) -> bool:
    """Change a year inside a transaction; return False when somebody changed it since it was read."""
    if "sheet" in columns:
        columns["sheet"] = json.dumps(columns["sheet"], ensure_ascii=False)
    columns |= {"stamp": row.stamp + 1, "updated_at": now()}
    sets = ", ".join(f"[{name}] = ?" for name in columns)
    sql = f"update benchmark_year set {sets} where year = ? and stamp = ?"
    return bool(db.conn.execute(sql, [*columns.values(), row.year, row.stamp]).rowcount)


def load_years(db: Database) -> list[YearRow]:
    """Return every year, newest first."""
    return [_year(raw) for raw in db.query("select * from benchmark_year order by year desc")]


def load_year(db: Database, year: int) -> YearRow | None:
    """Return one year, None when there is none."""
    return next((_year(raw) for raw in db.query("select * from benchmark_year where year = ?", [year])), None)


def insert_notice(db: Database, year: int, **columns: Any) -> None:
    """Write the publication of a year inside a transaction."""
    columns["content"] = json.dumps(columns["content"], ensure_ascii=False)
    db.table("benchmark_notice").insert({"year": year, "at": now()} | columns)


def load_notice(db: Database, year: int) -> NoticeRow | None:
    """Return the publication of a year."""
    for raw in db.query("select * from benchmark_notice where year = ?", [year]):
        return NoticeRow(**raw | {"content": json.loads(raw["content"])})
    return None


def insert_result(db: Database, year: int, content: str, digest: str, account_key: int, *, at: str = "") -> None:
    """Write the result of a year inside a transaction; from now on nothing of the year can change."""
    db.table("benchmark_result").insert(
        {"year": year, "content": content, "digest": digest, "account_key": account_key, "at": at or now()}
    )


def load_result(db: Database, year: int) -> ResultRow | None:
    """Return the frozen result of a year."""
    return next((ResultRow(**raw) for raw in db.query("select * from benchmark_result where year = ?", [year])), None)


def load_results(db: Database) -> list[ResultRow]:
    """Return every frozen result, oldest first."""
    return [ResultRow(**raw) for raw in db.query("select * from benchmark_result order by year")]


def frozen_years(db: Database) -> list[int]:
    """Return the years that call themselves frozen."""
    return [raw["year"] for raw in db.query("select year from benchmark_year where state = 'frozen' order by year")]


def logged_digests(db: Database) -> dict[int, str]:
    """Return the hash of every year frozen here as the audit chain has it; years brought in stand in no log."""
    sql = "select subject_key, detail from audit where action = 'benchmark.frozen' order by seq"
    return {raw["subject_key"]: json.loads(raw["detail"]).get("校验值", "") for raw in db.query(sql)}


def missing_guards(db: Database) -> list[str]:
    """Return the triggers that should keep frozen years and are not there, or do nothing."""
    sql = "select name from sqlite_master where type = 'trigger' and sql like '%raise(abort%'"
    known = {raw["name"] for raw in db.query(sql)}
    return [name for name in (*GUARDS, *LATER_GUARDS, *migrations_documents.GUARDS) if name not in known]


def insert_dossier(db: Database, year: int, case_number: int, content: str) -> None:
    """Keep what speaks for a case inside the transaction that freezes its year; it never changes any more."""
    db.table("benchmark_dossier").insert({"year": year, "case_number": case_number, "content": content})


def load_dossiers(db: Database, year: int) -> dict[int, str]:
    """Return what spoke for each case of a year when it was frozen, by number."""
    sql = "select case_number, content from benchmark_dossier where year = ? order by case_number"
    return dict(db.conn.execute(sql, [year]).fetchall())


def insert_correction(db: Database, **columns: Any) -> None:
    """Append a correction inside a transaction."""
    db.table("benchmark_correction").insert({"at": now()} | columns)


def load_corrections(db: Database, year: int) -> list[CorrectionRow]:
    """Return the corrections of a year in order."""
    sql = "select * from benchmark_correction where year = ? order by number"
    return [CorrectionRow(**raw) for raw in db.query(sql, [year])]


def insert_aftermath(db: Database, **columns: Any) -> None:
    """Append what became of a benchmark inside a transaction."""
    newest = db.conn.execute("select coalesce(max(key), 0) from benchmark_aftermath").fetchone()[0]
    db.table("benchmark_aftermath").insert({"key": max(new_key(), int(newest) + 1), "at": now()} | columns)


def load_aftermath(db: Database, year: int | None = None) -> list[AftermathRow]:
    """Return what became of the benchmarks of a year, or of all, oldest first."""
    sql, values = "select * from benchmark_aftermath", []
    if year is not None:
        sql, values = f"{sql} where year = ?", [year]
    return [AftermathRow(**raw) for raw in db.query(f"{sql} order by key", values)]


def _year(raw: dict[str, Any]) -> YearRow:
    texts = {name: raw[name] or "" for name in ("created_at", "updated_at", "opened_at", "frozen_at", "scoring_until")}
    return YearRow(
        raw["year"], raw["state"], json.loads(raw["sheet"]), raw["stamp"], raw["author_key"] or 0, **texts
    )  # fmt: skip
