"""Counts how often postings were shown and opened, and keeps what people say of a pair."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now

_CHUNK = 500
# Counting gives way to everything else: it waits this long for another writer, then tries again later.
_PATIENCE_S = 0.02


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """What one person says of one pair; ``position`` is the place it was shown at, 0 where there was none."""

    opportunity_key: int
    capability_key: int
    account_key: int
    useful: bool
    reason_code: str = ""
    note: str = ""
    position: int = 0
    place_kind: str = "pair"
    at: str = ""


class Counter:
    """A connection that only counts: it never waits for long, and its commits do not wait for the disk."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
        self._connection.execute("pragma synchronous=normal")

    def add(self, shown: Mapping[tuple[int, str, str], int], views: Mapping[tuple[int, str], int]) -> bool:
        """Add to the counts in one transaction; return False, with nothing written, while another writes.

        ``shown`` is by capability, day and place, ``views`` by posting and day.
        """
        db = self._connection
        try:
            db.execute("begin immediate")
        except sqlite3.OperationalError:
            return False
        try:
            for (capability, day, place), number in shown.items():
                values = (number, capability, day, place)
                sql = "update exposure set shown = shown + ? where capability_key = ? and day = ? and place_kind = ?"
                if not db.execute(sql, values).rowcount:
                    columns = "shown, capability_key, day, place_kind"
                    db.execute(f"insert into exposure ({columns}) values (?, ?, ?, ?)", values)
            for (posting, day), number in views.items():
                sql = "update view_count set views = views + ? where posting_key = ? and day = ?"
                if not db.execute(sql, (number, posting, day)).rowcount:
                    db.execute(
                        "insert into view_count (views, posting_key, day) values (?, ?, ?)", (number, posting, day)
                    )
        except BaseException:
            db.execute("rollback")
            raise
        db.execute("commit")
        return True

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()


def shown_between(db: Database, since: str, until: str) -> list[tuple[int, str, int]]:
    """Return (capability, place, times shown) over the days, both included."""
    sql = (
        "select capability_key, place_kind, sum(shown) from exposure where day >= ? and day <= ? "
        "group by capability_key, place_kind"
    )
    return [(int(key), str(place), int(shown)) for key, place, shown in db.conn.execute(sql, [since, until])]


def first_exposure_day(db: Database) -> str:
    """Return the day counting began, empty while nothing was counted."""
    return str(db.conn.execute("select coalesce(min(day), '') from exposure").fetchone()[0])


def save_feedback(db: Database, row: FeedbackRow) -> None:
    """Write one person's word on a pair inside a transaction, in place of an earlier one."""
    values = (int(row.useful), row.reason_code, row.note, row.position, row.place_kind, row.at or now())
    who = (row.opportunity_key, row.capability_key, row.account_key)
    sql = (
        "update feedback set useful = ?, reason_code = ?, note = ?, position = ?, place_kind = ?, at = ? "
        "where opportunity_key = ? and capability_key = ? and account_key = ?"
    )
    if db.conn.execute(sql, (*values, *who)).rowcount:
        return
    newest = int(db.conn.execute("select coalesce(max(key), 0) from feedback").fetchone()[0])
    db.conn.execute(
        "insert into feedback (useful, reason_code, note, position, place_kind, at, opportunity_key, capability_key, "
        "account_key, key) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, *who, max(new_key(), newest + 1)),
    )


def drop_feedback(db: Database, opportunity_key: int, capability_key: int, account_key: int) -> bool:
    """Take one person's word back inside a transaction; return whether there was one."""
    sql = "delete from feedback where opportunity_key = ? and capability_key = ? and account_key = ?"
    return bool(db.conn.execute(sql, (opportunity_key, capability_key, account_key)).rowcount)


def feedback_of(db: Database, account_key: int, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], FeedbackRow]:
    """Return what one person said of these pairs, by pair."""
    wanted = list(dict.fromkeys(pairs))
    found: dict[tuple[int, int], FeedbackRow] = {}
    for start in range(0, len(wanted), _CHUNK // 2):
        part = wanted[start : start + _CHUNK // 2]
        marks = " or ".join("(opportunity_key = ? and capability_key = ?)" for _ in part)
        values = [account_key, *(key for pair in part for key in pair)]
        rows = map(_feedback, db.query(f"select * from feedback where account_key = ? and ({marks})", values))
        found.update({(row.opportunity_key, row.capability_key): row for row in rows})
    return found


def all_feedback(db: Database) -> list[FeedbackRow]:
    """Return everything that was said, oldest first."""
    return list(map(_feedback, db.query("select * from feedback order by key")))


def _feedback(raw: dict[str, Any]) -> FeedbackRow:
    return FeedbackRow(
        raw["opportunity_key"], raw["capability_key"], raw["account_key"], bool(raw["useful"]),
        raw["reason_code"] or "", raw["note"] or "", raw["position"] or 0, raw["place_kind"] or "pair", raw["at"],
    )  # fmt: skip
