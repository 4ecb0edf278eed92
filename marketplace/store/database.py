"""Opens the database file, brings it up to date and wraps transactions."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlite_utils

from marketplace.errors import DamagedError, RefusedError
from marketplace.store.migrations import migrations

# Each of these modules adds its steps to the set when it is imported, in this order.
for _room in (
    "followup",
    "matchmaking",
    "answers",
    "subscribing",
    "insight",
    "moves",
    "benchmark",
    "selection",
    "documents",
    "scoring",
    "resending",
):
    import_module(f"marketplace.store.migrations_{_room}")
Database = sqlite_utils.Database
_ATTEMPTS = 100


def open_database(path: Path) -> Database:
    """Open ``path`` for this thread, creating and migrating it as needed.

    WAL lets readers go on while one writer writes; FULL makes a commit survive a power cut.
    Raises DamagedError when the file is no database, RefusedError when it cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _open(path)
    except sqlite3.OperationalError as error:
        raise RefusedError(f"数据库 {path} 打不开（{error}）；没有写入任何数据。") from error
    except sqlite3.DatabaseError as error:
        raise DamagedError(
            f"数据库 {path} 打不开（{error}）；可用 python -m marketplace restore 从备份恢复。"
        ) from error


def _open(path: Path) -> Database:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    _use_write_ahead_log(connection)
    connection.execute("pragma synchronous=full")
    connection.execute("pragma foreign_keys=on")
    database = Database(connection)
    if migrations.pending(database):
        # One process at a time: who waited finds nothing left to do.
        with transaction(database):
            migrations.apply(database)
    return database


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch to WAL; several processes may open a new file at once, and a switch does not wait by itself."""
    for attempt in range(_ATTEMPTS):
        try:
            connection.execute("pragma journal_mode=wal")
            return
        except sqlite3.OperationalError:
            if attempt == _ATTEMPTS - 1:
                raise
            connection.execute("begin immediate")
            connection.execute("commit")


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


def rows_of(database: Database, sql: str, values: Sequence[Any] = ()) -> Iterator[dict[str, Any]]:
    """Yield rows by name as one statement; ``db.query`` puts a savepoint around each, which a busy page feels."""
    cursor = database.conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def data_version(database: Database) -> int:
    """Return a number that changes when another connection has committed."""
    return int(database.conn.execute("pragma data_version").fetchone()[0])


def count_rows(database: Database, table: str) -> int:
    """Return how many rows a table holds."""
    return int(database.table(table).count)


def now() -> str:
    """Return the present moment as ISO-8601 UTC text."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
