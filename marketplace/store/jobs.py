"""Reads and writes the jobs: what waits, who works on it, how far it is, how it ended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.changes import read_value, write_value
from marketplace.store.database import Database, now, transaction

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
BEAT = "worker_beat"


@dataclass(frozen=True, slots=True)
class JobRow:
    """A stored job; times are ISO-8601 UTC texts, ``total`` is 0 while nobody knows it."""

    key: int
    kind: str
    title: str
    state: str
    done: int
    total: int
    message: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    account_key: int
    attempts: int
    created_at: str
    started_at: str | None
    beat_at: str | None
    finished_at: str | None


def insert_job(db: Database, kind: str, *, title: str, arguments: Mapping[str, Any], account_key: int) -> int:
    """Write a waiting job inside a transaction; return its key."""
    newest = db.conn.execute("select coalesce(max(key), 0) from job").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    db.table("job").insert(
        {
            "key": key, "kind": kind, "title": title, "state": QUEUED, "done": 0, "total": 0, "message": "",
            "arguments": _packed(arguments), "result": "{}", "account_key": account_key, "attempts": 0,
            "created_at": now(), "started_at": None, "beat_at": None, "finished_at": None,
        }
    )  # fmt: skip
    return key


def load_job(db: Database, key: int) -> JobRow | None:
    """Return one job."""
    found = list(db.table("job").rows_where("key = ?", [key]))
    return _row(found[0]) if found else None


def jobs_of(db: Database, account_key: int | None, limit: int) -> list[JobRow]:
    """Return the newest jobs of an account, of everyone when None."""
    where, values = ("account_key = ?", [account_key]) if account_key is not None else ("1 = 1", [])
    return [_row(raw) for raw in db.table("job").rows_where(where, values, order_by="key desc", limit=limit)]


def queued_keys(db: Database) -> list[int]:
    """Return the waiting jobs, oldest first."""
    return [row["key"] for row in db.query("select key from job where state = ? order by key", [QUEUED])]


def count_jobs(db: Database, state: str) -> int:
    """Return how many jobs are in a state."""
    return int(db.table("job").count_where("state = ?", [state]))


def newest_job(db: Database, kind: str) -> JobRow | None:
    """Return the latest job of a kind."""
    found = list(db.table("job").rows_where("kind = ?", [kind], order_by="key desc", limit=1))
    return _row(found[0]) if found else None


def claim_job(db: Database, key: int) -> bool:
    """Take a waiting job for this process inside a transaction; False when another was first."""
    moment = now()
    done = db.conn.execute(
        "update job set state = ?, started_at = ?, beat_at = ?, attempts = attempts + 1 where key = ? and state = ?",
        [RUNNING, moment, moment, key, QUEUED],
    )
    return bool(done.rowcount)


def release_job(db: Database, key: int, message: str) -> None:
    """Put a running job back among the waiting inside a transaction; the attempt does not count."""
    db.conn.execute(
        "update job set state = ?, message = ?, attempts = attempts - 1 where key = ? and state = ?",
        [QUEUED, message, key, RUNNING],
    )


def retry_job(db: Database, key: int) -> bool:
    """Let a failed job wait again, inside a transaction; False when it had not failed."""
    done = db.conn.execute(
        "update job set state = ?, message = '', attempts = 0, finished_at = null where key = ? and state = ?",
        [QUEUED, key, FAILED],
    )
    return bool(done.rowcount)


def write_progress(db: Database, key: int, done: int, total: int, message: str) -> None:
    """Note how far a job is, inside a transaction."""
    db.table("job").update(key, {"done": done, "total": total, "message": message, "beat_at": now()})


def finish_job(db: Database, key: int, state: str, *, message: str, result: Mapping[str, Any]) -> None:
    """Note how a job ended, inside a transaction; a job that is done has reached its total."""
    db.conn.execute(
        "update job set state = ?, message = ?, result = ?, finished_at = ?, "
        "done = case when ? = 'done' then total else done end where key = ?",
        [state, message, _packed(result), now(), state, key],
    )


def requeue_lost(db: Database, before: str, *, attempts: int, sentence: str) -> int:
    """Let jobs without a beat since ``before`` wait again, inside a transaction; return how many.

    Those that were tried ``attempts`` times fail with ``sentence``.
    """
    lost = "where state = ? and beat_at < ?"
    db.conn.execute(
        f"update job set state = ?, message = ?, finished_at = ? {lost} and attempts >= ?",
        [FAILED, sentence, now(), RUNNING, before, attempts],
    )
    return int(db.conn.execute(f"update job set state = ? {lost}", [QUEUED, RUNNING, before]).rowcount)


def drop_old_jobs(db: Database, before: str) -> int:
    """Delete the program's own ended jobs of before ``before``, inside a transaction; people's jobs stay."""
    done = db.conn.execute(
        "delete from job where account_key = 0 and state in (?, ?) and finished_at < ?", [DONE, FAILED, before]
    )
    return int(done.rowcount)


def beat(db: Database, key: int | None) -> bool:
    """Note that the worker, or with a key whoever runs that job, is alive; False when the database was busy."""
    try:
        with transaction(db):
            if key is None:
                write_value(db, BEAT, now())
            else:
                db.conn.execute("update job set beat_at = ? where key = ? and state = ?", [now(), key, RUNNING])
    except sqlite3.OperationalError:
        return False
    return True


def last_beat(db: Database) -> str | None:
    """Return when the worker last said that it is alive."""
    return read_value(db, BEAT)


def oldest_change_after(db: Database, number: int) -> str | None:
    """Return when the oldest change after ``number`` was made, None when there is none."""
    found: str | None = db.conn.execute("select min(at) from change where seq > ?", [number]).fetchone()[0]
    return found


def in_transaction(db: Database) -> bool:
    """Whether this connection is inside a transaction."""
    return bool(db.conn.in_transaction)


def _packed(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), ensure_ascii=False)


def _row(raw: dict[str, Any]) -> JobRow:
    read = {"arguments": json.loads(raw["arguments"]), "result": json.loads(raw["result"])}
    return JobRow(**(raw | read))
