"""The progress of work done aside, and the list of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import JobPage
from webapp.presenters import figures
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

MAX_WAIT_S = 5
REFRESH_S = 5
_TITLE = "后台任务"
_TONES = {"queued": "quiet", "running": "info", "done": "good", "failed": "poor"}
# What a person calls the things counted, and where a kind of work leads.
_UNITS = {"import_rows": "行", "check_rows": "行"}
_ONWARD = {
    "import_rows": "查看导入结果",
    "check_rows": "查看检查结果",
    "publish_batch": "查看发布结果",
    "restore_posting": "查看这条清单",
}


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is; without a ``total`` the bar only says that something moves."""

    done: int
    total: int
    percent: int


@dataclass(frozen=True)
class JobPageContext(Context):
    """One job; ``poll_url`` is empty when nothing more will happen, ``retry_url`` unless it failed."""

    template: ClassVar[str] = "jobs/detail.html"
    fragment: ClassVar[str] = "partials/job.html"

    title: str
    state: Label
    state_name: str
    words: str
    advice: str
    progress: JobProgress | None
    poll_url: str
    wait: int
    refresh: int
    onward_url: str
    onward_label: str
    retry_url: str


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job in the list."""

    url: str
    title: str
    state: Label
    words: str
    created: str


@dataclass(frozen=True)
class JobsContext(Context):
    """The newest jobs."""

    template: ClassVar[str] = "jobs/index.html"

    lines: tuple[JobLine, ...]


def present_job(page: JobPage, waited: int = 0) -> JobPageContext:
    """The context of a job; ``waited`` are the seconds the page let pass before it asked this time."""
    moving = not page.ended
    return JobPageContext(
        head=Head(page.title, f"{page.title}：{page.state_label}。", _crumbs(page.title), "jobs"),
        title=page.title,
        state=_state(page),
        state_name=page.state,
        words=_words(page),
        advice=_advice(page),
        progress=_progress(page) if moving else None,
        poll_url=url_for("jobs.detail", key=page.key, waited=min(waited + 1, MAX_WAIT_S)) if moving else "",
        wait=min(waited + 1, MAX_WAIT_S),
        refresh=REFRESH_S if moving else 0,
        onward_url=page.link if page.ended else "",
        onward_label="返回" if page.state == "failed" else _ONWARD.get(page.kind, "继续"),
        retry_url=url_for("jobs.retry", key=page.key) if page.state == "failed" else "",
    )


def present_jobs(pages: Sequence[JobPage]) -> JobsContext:
    """The context of the list of jobs."""
    lines = tuple(
        JobLine(url_for("jobs.detail", key=page.key), page.title, _state(page), _words(page),
                figures.moment(page.created_at))
        for page in pages
    )  # fmt: skip
    return JobsContext(head=Head(_TITLE, "最近的任务与进度。", _crumbs(), "jobs"), lines=lines)


def _crumbs(title: str = "") -> tuple[Crumb, ...]:
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(_TITLE, url_for("jobs.index")), Crumb(title)) if title else (home, Crumb(_TITLE))


def _state(page: JobPage) -> Label:
    return Label(page.state_label, _TONES.get(page.state, "quiet"))


def _words(page: JobPage) -> str:
    if page.state == "queued":
        return page.message or (f"前面还有 {page.ahead} 项任务。" if page.ahead else "即将开始。")
    if page.state == "running" and page.total:
        unit = _UNITS.get(page.kind, "条")
        counted = f"已处理 {figures.count(page.done)} / {figures.count(page.total)} {unit}"
        return f"{counted}，{page.message}" if page.message else counted
    return page.message or page.state_label


def _advice(page: JobPage) -> str:
    if page.state == "failed":
        return "已经保存的部分不会丢失；再试一次会从停下的地方继续。"
    if page.ended:
        return ""
    if not page.worker.alive:
        return "后台任务进程没有运行，任务会一直等待；请联系系统管理员启动。"
    return "可以离开本页，处理不会中断；随时可从“后台任务”回到这里。"


def _progress(page: JobPage) -> JobProgress:
    percent = min(100, page.done * 100 // page.total) if page.total else 0
    return JobProgress(page.done, page.total, percent)
