"""Reads and writes saved searches, subscriptions and which digests were written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now
from matching import Side

AT_ONCE, WEEKLY, NEVER = "at_once", "weekly", "never"


@dataclass(frozen=True, slots=True)
class SavedSearchRow:
    """A list as filtered, kept under a name; ``query`` is JSON text."""

    key: int
    account_key: int
    side: Side
    name: str
    query: str
    created_at: str


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """What one account wants to be told; postings with a key up to ``since_key`` are not news.

    ``updated_at`` is when it was made or its frequency last changed.
    """

    key: int
    account_key: int
    subject: str
    subject_key: int
    frequency: str
    since_key: int
    stamp: int
    created_at: str
    updated_at: str


def load_searches(db: Database, account_key: int) -> list[SavedSearchRow]:
    """Return the saved searches of an account, by name."""
    rows = db.query("select * from saved_search where account_key = ? order by name", [account_key])
    return list(map(_search, rows))


def load_search(db: Database, key: int) -> SavedSearchRow | None:
    """Return one saved search."""
    return next(map(_search, db.query("select * from saved_search where key = ?", [key])), None)


def insert_search(db: Database, account_key: int, side: Side, name: str, query: str) -> int:
    """Write a saved search inside a transaction; return its key. The name must be free."""
    key, moment = _free_key(db, "saved_search"), now()
    db.table("saved_search").insert(
        {"key": key, "account_key": account_key, "kind": str(side), "name": name, "query": query,
         "created_at": moment, "updated_at": moment}
    )  # fmt: skip
    return key


def rename_search(db: Database, key: int, name: str) -> None:
    """Give a saved search another name inside a transaction; the name must be free."""
    db.table("saved_search").update(key, {"name": name, "updated_at": now()})


def delete_search(db: Database, key: int) -> None:
    """Delete a saved search with its subscription inside a transaction."""
    for raw in list(db.query("select key from subscription where subject = 'search' and subject_key = ?", [key])):
        delete_subscription(db, raw["key"])
    db.table("saved_search").delete_where("key = ?", [key])


def load_subscriptions(db: Database, account_key: int) -> list[SubscriptionRow]:
    """Return the subscriptions of an account, oldest first."""
    return list(map(_row, db.query("select * from subscription where account_key = ? order by key", [account_key])))


def load_subscription(db: Database, key: int) -> SubscriptionRow | None:
    """Return one subscription."""
    return next(map(_row, db.query("select * from subscription where key = ?", [key])), None)


def find_subscription(db: Database, account_key: int, subject: str, subject_key: int) -> SubscriptionRow | None:
    """Return an account's subscription to a subject."""
    where = "account_key = ? and subject = ? and subject_key = ?"
    found = db.query(f"select * from subscription where {where}", [account_key, subject, subject_key])
    return next(map(_row, found), None)


def subscriptions_of(db: Database, frequency: str) -> list[SubscriptionRow]:
    """Return every subscription of a frequency, by account."""
    sql = "select * from subscription where frequency = ? order by account_key, key"
    return list(map(_row, db.query(sql, [frequency])))


def insert_subscription(db: Database, account_key: int, subject: str, subject_key: int, frequency: str) -> int:
    """Write a subscription inside a transaction; return its key. What is published from now on is news."""
    key, moment = _free_key(db, "subscription"), now()
    db.table("subscription").insert(
        {"key": key, "account_key": account_key, "subject": subject, "subject_key": subject_key,
         "frequency": frequency, "since_key": newest_posting(db), "stamp": 1, "created_at": moment,
         "updated_at": moment}
    )  # fmt: skip
    return key


def change_frequency(db: Database, row: SubscriptionRow, frequency: str) -> bool:
    """Set the frequency inside a transaction; False when the subscription was changed since it was read."""
    # Who comes back from pause is not told of everything that came meanwhile.
    since = newest_posting(db) if frequency == AT_ONCE and row.frequency != AT_ONCE else row.since_key
    done = db.conn.execute(
        "update subscription set frequency = ?, since_key = ?, stamp = stamp + 1, updated_at = ? "
        "where key = ? and stamp = ?",
        [frequency, since, now(), row.key, row.stamp],
    )
    return bool(done.rowcount)


def delete_subscription(db: Database, key: int) -> bool:
    """Delete a subscription inside a transaction; False when there is none."""
    return bool(db.conn.execute("delete from subscription where key = ?", [key]).rowcount)


def newest_posting(db: Database) -> int:
    """Return the key of the newest posting: keys grow with time."""
    return int(db.conn.execute("select coalesce(max(key), 0) from posting").fetchone()[0])


def has_subscriptions(db: Database, frequency: str) -> bool:
    """Whether anyone is told this often."""
    return db.conn.execute("select 1 from subscription where frequency = ? limit 1", [frequency]).fetchone() is not None


def move_since(db: Database, key: int, since_key: int) -> None:
    """Note inside a transaction that a subscription has told of everything up to a posting."""
    db.table("subscription").update(key, {"since_key": since_key})


def move_all_since(db: Database, since_key: int) -> None:
    """Note inside a transaction that there was nothing to tell up to a posting for all who are told at once."""
    sql = "update subscription set since_key = ? where frequency = ? and since_key < ?"
    db.conn.execute(sql, [since_key, AT_ONCE, since_key])


def digests_of(db: Database, week: str) -> set[tuple[int, str]]:
    """Return account and kind of every digest written for a week."""
    rows = db.query("select account_key, kind from digest where week = ?", [week])
    return {(row["account_key"], row["kind"]) for row in rows}


def has_digest(db: Database, account_key: int, week: str, kind: str) -> bool:
    """Whether an account's digest of a kind was written for a week."""
    sql = "select 1 from digest where account_key = ? and week = ? and kind = ?"
    return db.conn.execute(sql, [account_key, week, kind]).fetchone() is not None


def insert_digest(db: Database, account_key: int, week: str, kind: str, items: int) -> None:
    """Note inside a transaction that a digest was written; fails when it was before."""
    db.table("digest").insert({"account_key": account_key, "week": week, "kind": kind, "items": items, "at": now()})


def last_digest_before(db: Database, account_key: int, kind: str, week: str) -> str:
    """Return the week of an account's newest digest of a kind before a week, empty when there was none."""
    sql = "select coalesce(max(week), '') from digest where account_key = ? and kind = ? and week < ?"
    return str(db.conn.execute(sql, [account_key, kind, week]).fetchone()[0])


def overdue_pairings(db: Database, account_key: int, today: str, stages: Sequence[str]) -> list[dict[str, Any]]:
    """Return the open pairings of a matchmaker whose limit or next step lies before ``today``, by limit."""
    marks = ",".join("?" * len(stages))
    sql = (
        "select key, opportunity_key, capability_key, stage, next_step, next_on, due_on from pairing "
        f"where matchmaker_key = ? and stage in ({marks}) "
        "and ((due_on <> '' and due_on < ?) or (next_on <> '' and next_on < ?)) order by due_on, key"
    )
    return list(db.query(sql, [account_key, *stages, today, today]))


def _free_key(db: Database, table: str) -> int:
    newest = db.conn.execute(f"select coalesce(max(key), 0) from [{table}]").fetchone()[0]
    return max(new_key(), int(newest) + 1)


def _search(raw: dict[str, Any]) -> SavedSearchRow:
    return SavedSearchRow(
        raw["key"], raw["account_key"], Side(raw["kind"]), raw["name"], raw["query"], raw["created_at"] or ""
    )


def _row(raw: dict[str, Any]) -> SubscriptionRow:
    return SubscriptionRow(**raw)
