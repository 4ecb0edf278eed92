"""The notices of one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import InboxPage, NoticeView
from webapp.presenters import figures
from webapp.presenters.page import Context, Crumb, Head

_TITLE = "通知"


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice; ``read_url`` is empty once it was read, ``link`` when it leads nowhere."""

    key: int
    kind: str
    title: str
    body: tuple[str, ...]
    reason: str
    stop: str
    moment: str
    read: bool
    link: str
    read_url: str
    stop_url: str


@dataclass(frozen=True)
class InboxContext(Context):
    """One page of notices, unread first."""

    template: ClassVar[str] = "inbox/index.html"

    lines: tuple[NoticeLine, ...]
    summary: str
    read_all_url: str
    subscriptions_url: str
    newer_url: str
    older_url: str


def present_inbox(page: InboxPage) -> InboxContext:
    """The context of the inbox."""
    unread = f"{figures.count(page.unread)} 条未读" if page.unread else "没有未读通知"
    place = f"，第 {page.page} / {page.pages} 页" if page.pages > 1 else ""
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(_TITLE))
    return InboxContext(
        head=Head(_TITLE, "发给您的通知，每条注明通知原因。", crumbs, "inbox"),
        lines=tuple(map(_line, page.notices)),
        summary=f"{unread}，共 {figures.count(page.total)} 条{place}。",
        read_all_url=url_for("inbox.read_all") if page.unread else "",
        subscriptions_url=url_for("subscriptions.index"),
        newer_url=url_for("inbox.index", page=page.page - 1) if page.page > 1 else "",
        older_url=url_for("inbox.index", page=page.page + 1) if page.page < page.pages else "",
    )


def _line(view: NoticeView) -> NoticeLine:
    return NoticeLine(
        view.key, view.kind_label, view.title, tuple(view.body.splitlines()), view.reason, view.stop,
        figures.moment(view.created_at), view.read, view.link,
        "" if view.read else url_for("inbox.read", key=view.key),
        url_for("subscriptions.index") if view.chosen else "",
    )  # fmt: skip
