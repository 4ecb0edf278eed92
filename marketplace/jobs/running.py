"""Runs one job: takes it, beats while it lasts, and writes down how it ended."""

from __future__ import annotations

import contextlib
import importlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from marketplace.errors import MarketError
from marketplace.jobs.context import JobContext, JobStoppedError
from marketplace.jobs.starting import WORK, viewer_of
from marketplace.jobs.state import BEAT_S
from marketplace.settings import MarketSettings
from marketplace.store.database import open_database, transaction
from marketplace.store.jobs import DONE, FAILED, JobRow, beat, claim_job, finish_job, load_job, release_job
from matching import MatchingError

if TYPE_CHECKING:
    from marketplace.commands import Workshop

log = logging.getLogger(__name__)
Work = Callable[[JobContext], Mapping[str, Any] | None]
UNEXPECTED = "处理时出现意外错误，已写入日志；可再试一次，仍不行请联系系统管理员。"
WAITS = "后台任务进程正在重启，随后从停下的地方继续。"


def find_work(kind: str) -> Work:
    """Return the function that does a kind of work.

    Raises KeyError for a kind nobody does.
    """
    module, _, name = WORK[kind].partition(":")
    work: Work = getattr(importlib.import_module(module), name)
    return work


def run_job_now(workshop: Workshop, key: int) -> Mapping[str, Any]:
    """Run a waiting job here, for the command line and for tests; return its result.

    Raises what the job raised, after noting it; nothing happens to a job that is not waiting.
    """
    return _run(workshop, key, lambda: False) or {}


def perform(workshop: Workshop, key: int, stopping: Callable[[], bool]) -> None:
    """Run a waiting job in the worker: never raises; the job's row says how it ended."""
    try:
        _run(workshop, key, stopping)
    except JobStoppedError:
        log.info("job %s stops and waits", key)
    except (MarketError, MatchingError) as error:
        log.warning("job %s was refused: %s", key, error)
    except Exception:
        log.exception("job %s failed", key)


def _run(workshop: Workshop, key: int, stopping: Callable[[], bool]) -> Mapping[str, Any] | None:
    db = workshop.db
    with transaction(db):
        claimed = claim_job(db, key)
    row = load_job(db, key)
    if not claimed or row is None:
        return None
    log.info("job %s (%s) begins, attempt %s", key, row.kind, row.attempts)
    context = _context(workshop, row, stopping)
    try:
        with beating(workshop.settings, key):
            given = find_work(row.kind)(context)
    except JobStoppedError:
        with transaction(db):
            release_job(db, key, WAITS)
        raise
    except Exception as error:
        known = isinstance(error, MarketError | MatchingError)
        with transaction(db):
            finish_job(db, key, FAILED, message=str(error) if known else UNEXPECTED, result=context.result)
        raise
    result = context.result | dict(given or {})
    with transaction(db):
        finish_job(db, key, DONE, message=str(result.get("message", "")), result=result)
    log.info("job %s (%s) is done", key, row.kind)
    return result


def _context(workshop: Workshop, row: JobRow, stopping: Callable[[], bool]) -> JobContext:
    kept = row.arguments
    return JobContext(
        workshop.db, workshop.settings, workshop, row.key, kept["given"], viewer_of(kept["viewer"]),
        attempt=row.attempts, stopping=stopping,
    )  # fmt: skip


@contextlib.contextmanager
def beating(settings: MarketSettings, key: int | None) -> Iterator[None]:
    """Say every ten seconds, from a thread and connection of its own, that the job or the worker lives."""
    ended = threading.Event()

    def run() -> None:
        # Most jobs end before their first beat: then no connection is opened.
        if key is not None and ended.wait(BEAT_S):
            return
        database = open_database(settings.database)
        with contextlib.closing(database.conn):
            while True:
                beat(database, key)
                if ended.wait(BEAT_S):
                    return

    thread = threading.Thread(target=run, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
