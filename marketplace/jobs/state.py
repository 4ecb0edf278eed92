"""Whether the worker lives, and what waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from marketplace.store import Database
from marketplace.store.changes import read_value
from marketplace.store.jobs import QUEUED, RUNNING, count_jobs, last_beat

BEAT_S = 10
LOST_S = 30
FRESH_AT = "fresh_at"


@dataclass(frozen=True, slots=True)
class WorkerState:
    """The worker as others see it; times are ISO-8601 UTC, empty when it never happened."""

    alive: bool
    beat_at: str
    queued: int
    running: int
    fresh_at: str

    @property
    def problem(self) -> str:
        """What whoever keeps the site should do, empty when all is well."""
        if self.alive:
            return ""
        waiting = f"，有 {self.queued} 项任务在等待" if self.queued else ""
        return f"后台任务进程没有运行{waiting}；请运行 python -m marketplace work，或用 make run 一并启动。"


def worker_state(db: Database) -> WorkerState:
    """Return whether the worker has said within the last half minute that it is alive, and its queue."""
    beat = last_beat(db) or ""
    return WorkerState(
        alive=beat >= moments_ago(timedelta(seconds=LOST_S)),
        beat_at=beat,
        queued=count_jobs(db, QUEUED),
        running=count_jobs(db, RUNNING),
        fresh_at=read_value(db, FRESH_AT) or "",
    )


def moments_ago(age: timedelta) -> str:
    """Return the moment ``age`` before now, as stored times are written."""
    return (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ")
