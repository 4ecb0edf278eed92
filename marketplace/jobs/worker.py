"""The worker: one process that takes jobs one at a time and starts what is due by itself."""

from __future__ import annotations

import logging
import signal
import threading
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

from marketplace.access import Viewer
from marketplace.jobs.queue import JobQueue
from marketplace.jobs.running import beating, perform
from marketplace.jobs.starting import start_job
from marketplace.jobs.state import FRESH_AT, LOST_S, moments_ago
from marketplace.matchkeeper import MATCHED
from marketplace.store.answers import holds_due_answers
from marketplace.store.changes import read_value
from marketplace.store.database import transaction
from marketplace.store.jobs import (
    FAILED,
    QUEUED,
    RUNNING,
    drop_old_jobs,
    newest_job,
    oldest_change_after,
    queued_keys,
    requeue_lost,
)
from marketplace.subscribing.due import due_work

if TYPE_CHECKING:
    from marketplace.commands import Workshop

log = logging.getLogger(__name__)
SYSTEM = Viewer(name="系统", login="system")
ATTEMPTS = 3
GAVE_UP = f"任务中断了 {ATTEMPTS} 次，没有完成；已保存的部分不会丢失。可再试一次，仍不行请联系系统管理员。"
IDLE_S, TEND_S = 0.3, 2.0
FRESH_EVERY = timedelta(days=1)
CHANGES_REST = timedelta(seconds=60)
AFTER_FAILURE = timedelta(minutes=15)
KEPT = timedelta(days=30)


class Worker:
    """Takes jobs until it is told to stop; the encoder of its workshop is loaded by the first that needs it."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._stop = threading.Event()
        self._queue = JobQueue(workshop.settings.queue, lambda key: perform(workshop, key, self._stop.is_set))

    def stop(self) -> None:
        """Let the running job stop at its next word, and end."""
        self._stop.set()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; call it in the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        log.info("the worker begins")
        tended = 0.0
        with beating(self._workshop.settings, None):
            while not self._stop.is_set():
                if time.monotonic() >= tended + TEND_S:
                    self._tend_or_log()
                    tended = time.monotonic()
                if not self._queue.take():
                    self._stop.wait(IDLE_S)
        self._queue.close()
        log.info("the worker ends")

    def run_waiting(self) -> int:
        """Run what waits now, and return how many jobs that were."""
        self._queue_unqueued()
        count = 0
        while self._queue.take():
            count += 1
        return count

    def _tend_or_log(self) -> None:
        """A database that is busy for long, or is just being replaced, must not end the worker."""
        try:
            self.tend()
        except Exception:
            log.exception("the worker could not look after the jobs; it tries again")

    def tend(self) -> None:
        """Find what was lost, queue what waits, and start what is due."""
        db = self._workshop.db
        lost = moments_ago(timedelta(seconds=LOST_S))
        with transaction(db):
            again = requeue_lost(db, lost, attempts=ATTEMPTS, sentence=GAVE_UP)
            drop_old_jobs(db, moments_ago(KEPT))
            self._start_due()
        if again:
            log.warning("%s interrupted jobs go on", again)
        self._queue_unqueued()

    def _queue_unqueued(self) -> None:
        queued = self._queue.waiting()
        for key in queued_keys(self._workshop.db):
            if key not in queued:
                self._queue.put(key)

    def _start_due(self) -> None:
        """Inside a transaction, so that two workers do not start the same."""
        db = self._workshop.db
        if (read_value(db, FRESH_AT) or "") < moments_ago(FRESH_EVERY):
            self._start("keep_fresh", "检查清单是否仍然有效")
        if holds_due_answers(db, date.today().isoformat()):
            self._start("open_answers", "打开已截止的答复")
        waiting = oldest_change_after(db, int(read_value(db, MATCHED) or 0))
        if waiting is not None and waiting < moments_ago(CHANGES_REST):
            self._start("renew_matches", "更新匹配")
        for kind, title in due_work(db):
            self._start(kind, title)

    def _start(self, kind: str, title: str) -> None:
        """Start a job of the program's own, unless one is under way or has just failed."""
        last = newest_job(self._workshop.db, kind)
        if last is not None:
            failed = last.state == FAILED and (last.finished_at or "") > moments_ago(AFTER_FAILURE)
            if failed or last.state in (QUEUED, RUNNING):
                return
        start_job(self._workshop.db, kind, title=title, arguments={}, viewer=SYSTEM)


def run_worker(workshop: Workshop) -> None:
    """Log to standard error and work until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s [worker] %(levelname)s %(message)s")
    Worker(workshop).run()
