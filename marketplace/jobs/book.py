"""Jobs as the people who started them see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.access import ADMIN, REVIEWER, Viewer
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError, RefusedError
from marketplace.jobs.starting import queue_job
from marketplace.jobs.state import WorkerState, worker_state
from marketplace.settings import MarketSettings
from marketplace.store.database import transaction
from marketplace.store.drafts import account_names
from marketplace.store.jobs import DONE, FAILED, QUEUED, RUNNING, JobRow, jobs_of, load_job, queued_keys, retry_job

STATES = {QUEUED: "等待处理", RUNNING: "正在处理", DONE: "已完成", FAILED: "没有完成"}
RECENT = 20


@dataclass(frozen=True, slots=True)
class JobPage:
    """A job as its page shows it; ``total`` 0 means that nobody knows how much there is.

    ``link`` is the path of the page where the person goes on; ``ahead`` how many jobs come before a waiting one.
    """

    key: int
    kind: str
    title: str
    state: str
    state_label: str
    done: int
    total: int
    message: str
    link: str
    result: Mapping[str, Any]
    created_at: str
    started_at: str | None
    finished_at: str | None
    ahead: int
    worker: WorkerState

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in (DONE, FAILED)


class JobBook:
    """Shows jobs to those who started them, and to administrators and reviewers."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings

    def page(self, viewer: Viewer, key: int) -> JobPage:
        """Return one job.

        Raises NotFoundError when there is none, or it is someone else's.
        """
        return self._page(self._find(viewer, key))

    def recent(self, viewer: Viewer) -> tuple[JobPage, ...]:
        """Return the viewer's newest jobs; administrators and reviewers see everyone's."""
        if not viewer.signed_in:
            return ()
        whose = None if viewer.has(ADMIN, REVIEWER) else viewer.account_key
        return tuple(map(self._page, jobs_of(self._keeper.db, whose, RECENT)))

    def retry(self, viewer: Viewer, key: int) -> None:
        """Let a failed job go on where it stopped; who asked for it stands in the audit log.

        Raises RefusedError when it has not failed, NotFoundError when it is someone else's.
        """
        db = self._keeper.db
        row = self._find(viewer, key)
        owner = account_names(db, [row.account_key]).get(row.account_key, "系统")
        with transaction(db):
            if not retry_job(db, key):
                raise RefusedError("这项任务没有失败，不需要再试。")
            record_action(db, viewer, "job.retried", "job", key, 任务=row.title, 发起人=owner)
        queue_job(self._settings, key)

    def _find(self, viewer: Viewer, key: int) -> JobRow:
        row = load_job(self._keeper.db, key)
        own = row is not None and viewer.signed_in and row.account_key == viewer.account_key
        if row is None or not (own or viewer.has(ADMIN, REVIEWER)):
            raise NotFoundError("没有找到这项任务，可能是链接有误。")
        return row

    def _page(self, row: JobRow) -> JobPage:
        db = self._keeper.db
        ahead = sum(key < row.key for key in queued_keys(db)) if row.state == QUEUED else 0
        return JobPage(
            row.key, row.kind, row.title, row.state, STATES[row.state], row.done, row.total, row.message,
            str(row.arguments.get("link", "")), row.result, row.created_at, row.started_at, row.finished_at, ahead,
            worker_state(db),
        )  # fmt: skip
