"""The queue file: the order in which the worker takes jobs; the job table stays the truth."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from huey import SqliteHuey

# The worker says itself what it runs and how that ended.
logging.getLogger("huey").setLevel(logging.WARNING)


class JobQueue:
    """Job keys in the order they were queued; ``perform`` is what taking one means."""

    def __init__(self, path: Path, perform: Callable[[int], object] = lambda key: None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._huey = SqliteHuey(name="scenematch", filename=str(path), results=False, strict_fifo=True)

        def run_job(key: int) -> None:
            perform(key)

        self._task = self._huey.task()(run_job)

    def put(self, key: int) -> None:
        """Queue a job."""
        self._task(key)

    def waiting(self) -> set[int]:
        """Return the keys in the queue."""
        return {task.args[0] for task in self._huey.pending()}

    def take(self) -> bool:
        """Perform the next job here and now; False when there is none."""
        task = self._huey.dequeue()
        if task is None:
            return False
        self._huey.execute(task)
        return True

    def close(self) -> None:
        """Let go of the file in this thread."""
        self._huey.storage.close()
