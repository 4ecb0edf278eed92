"""Counts requests in a small file of its own that all workers share; safe to throw away at any time."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path

from limits.storage import Storage

SCHEME = "scenematch-rates"


class RateStorage(Storage):
    """A counter for each key and window; the counts of past windows are swept away."""

    STORAGE_SCHEME = [SCHEME]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = Path((uri or "").partition("://")[2])
        self._local = threading.local()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What a broken file raises."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to the count of a key and return it; a window that has ended begins anew."""
        moment, db = time.time(), self._db
        # The write lock comes first: two workers must not read one count and both write the next.
        db.execute("begin immediate")
        try:
            row = db.execute("select number, ends from rate where name = ? and ends >= ?", (key, moment)).fetchone()
            number, ends = (row[0] + amount, row[1]) if row else (amount, moment + expiry)
            if row is None:
                db.execute("delete from rate where ends < ?", (moment,))
            db.execute("insert or replace into rate values (?, ?, ?)", (key, number, ends))
        except BaseException:
            db.execute("rollback")
            raise
        db.execute("commit")
        return int(number)

    def get(self, key: str) -> int:
        """Return the count of a key in its present window."""
        row = self._db.execute("select number from rate where name = ? and ends >= ?", (key, time.time())).fetchone()
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window of a key ends, in seconds since 1970; the present when it has none."""
        row = self._db.execute("select ends from rate where name = ?", (key,)).fetchone()
        return float(row[0]) if row else time.time()

    def check(self) -> bool:
        """Whether the file can be read."""
        return self._db.execute("select 1").fetchone() is not None

    def reset(self) -> int | None:
        """Forget every count; return how many there were."""
        return self._db.execute("delete from rate").rowcount

    def clear(self, key: str) -> None:
        """Forget the count of one key."""
        self._db.execute("delete from rate where name = ?", (key,))

    @property
    def _db(self) -> sqlite3.Connection:
        """The connection of this thread in this process: a fork must not share one."""
        if getattr(self._local, "process", None) != os.getpid():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
            connection.execute("pragma journal_mode=wal")
            connection.execute("pragma synchronous=off")
            connection.execute(
                "create table if not exists rate (name text primary key, number integer, ends real) without rowid"
            )
            self._local.db, self._local.process = connection, os.getpid()
        found: sqlite3.Connection = self._local.db
        return found
