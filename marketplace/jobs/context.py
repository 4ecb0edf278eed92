"""What a running job is given, and how it says how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marketplace.access import Viewer
from marketplace.settings import MarketSettings
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.jobs import in_transaction, write_progress

if TYPE_CHECKING:
    from marketplace.commands import Workshop

PAUSE_S = 0.5


class JobStoppedError(Exception):
    """The process is asked to end: the job waits for the next one and goes on where it stopped."""


@dataclass(slots=True)
class JobContext:
    """One run of a job: connection, settings, the workshop with its encoder, and what was asked by whom.

    ``result`` is kept with the job when it is done; what the function returns is added to it.
    """

    db: Database
    settings: MarketSettings
    workshop: Workshop
    job_key: int
    arguments: Mapping[str, Any]
    viewer: Viewer
    result: dict[str, Any] = field(default_factory=dict)
    attempt: int = 1
    stopping: Callable[[], bool] = lambda: False
    _next: float = 0.0

    def say(self, done: int, total: int, message: str) -> None:
        """Note the progress in a transaction of its own, at most twice a second except at the end.

        Call it between transactions: what is said inside one waits. ``total`` 0 means unknown.
        Raises JobStoppedError when the process is asked to end, so that nothing is left half done.
        """
        if in_transaction(self.db):
            return
        if self.stopping():
            raise JobStoppedError
        moment = time.monotonic()
        if moment < self._next and not (total and done >= total):
            return
        self._next = moment + PAUSE_S
        with transaction(self.db):
            write_progress(self.db, self.job_key, done, total, message)
