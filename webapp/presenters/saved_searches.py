"""Saved searches, and the page that a link from a letter opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.subscribing import SearchPageView, StopPage
from webapp import query_args
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import SIDES
from webapp.presenters.lists import list_url
from webapp.presenters.output_links import NAMES
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.subscriptions import SECTION, trail, volume_words


@dataclass(frozen=True)
class SearchFormContext(Context):
    """The name of a saved search."""

    template: ClassVar[str] = "subscriptions/search.html"

    title: str
    side: str
    conditions: tuple[str, ...]
    volume: str
    action: str
    hidden: tuple[tuple[str, str], ...]
    name: FormField
    delete_url: str
    open_url: str
    back_url: str
    faults: tuple[FaultLine, ...]


@dataclass(frozen=True)
class StopContext(Context):
    """What a link from a letter stops."""

    template: ClassVar[str] = "subscriptions/stop.html"

    label: str
    stopped: bool
    action: str
    manage_url: str


def present_search_form(page: SearchPageView, name: str | None = None, fault: str = "") -> SearchFormContext:
    """The context of a saved search's form; ``name`` was typed and refused with ``fault``."""
    fresh = page.key == 0
    title = "保存这个搜索" if fresh else f"保存的搜索：{page.name}"
    field = FormField(
        "f-name", "name", "名称", page.name if name is None else name, required=True, max_length=80, error=fault,
        hint="1–40 个字，便于识别",
    )  # fmt: skip
    return SearchFormContext(
        head=Head(title, "为这组筛选条件命名。", trail("保存搜索" if fresh else page.name), SECTION),
        title=title,
        side=f"{SIDES[page.query.side]}清单",
        conditions=page.conditions,
        volume=volume_words(page.volume),
        action=url_for("subscriptions.save_search") if fresh else url_for("subscriptions.rename", key=page.key),
        hidden=_asked(page) if fresh else (),
        name=field,
        delete_url="" if fresh else url_for("subscriptions.delete_search", key=page.key),
        open_url=list_url(page.query),
        back_url=list_url(page.query) if fresh else url_for("subscriptions.index"),
        faults=(FaultLine(fault, "#f-name"),) if fault else (),
    )


def _asked(page: SearchPageView) -> tuple[tuple[str, str], ...]:
    """The list as its address has it, to go along with the name."""
    found = [("kind", NAMES[page.query.side])]
    for name, value in query_args.url_args(query_args.on_page(page.query, 1)).items():
        found += [(name, one) for one in (value if isinstance(value, list) else [value])]
    return tuple(found)


def present_stop(page: StopPage, action: str) -> StopContext:
    """The context of the page that a link from a letter opens."""
    return StopContext(
        head=Head("停止发送", "停止发送一类通知。", (Crumb("首页", url_for("home.index")), Crumb("停止发送"))),
        label=page.label,
        stopped=page.stopped,
        action=action,
        manage_url=url_for("subscriptions.index"),
    )
