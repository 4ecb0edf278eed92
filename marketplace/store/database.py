"""Opens the database file, brings it up to date and wraps transactions."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlite_utils

from marketplace.store.migrations import migrations

Database = sqlite_utils.Database


def open_database(path: Path) -> Database:
    """Open ``path`` for this thread, creating and migrating it as needed.

    WAL lets readers go on while one writer writes; FULL makes a commit survive a power cut.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute("pragma foreign_keys=on")
    database = Database(connection)
    if migrations.pending(database):
        migrations.apply(database)
    return database


@contextlib.contextmanager
def transaction(database: Database) -> Iterator[Database]:
    """Run a block as one write transaction; any error takes all of it back."""
    database.conn.execute("begin immediate")
    try:
        yield database
    except BaseException:
        database.conn.execute("rollback")
        raise
    database.conn.execute("commit")


@contextlib.contextmanager
def snapshot_read(database: Database) -> Iterator[Database]:
    """Run a block of reads against one state of the database."""
    database.conn.execute("begin")
    try:
        yield database
    finally:
        database.conn.execute("commit")


def data_version(database: Database) -> int:
    """Return a number that changes when another connection has committed."""
    return int(database.conn.execute("pragma data_version").fetchone()[0])


def count_rows(database: Database, table: str) -> int:
    """Return how many rows a table holds."""
    return int(database.table(table).count)


def now() -> str:
    """Return the present moment as ISO-8601 UTC text."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
