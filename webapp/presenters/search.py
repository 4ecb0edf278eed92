"""Both lists searched at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import ListPage, SearchPage
from webapp.presenters import figures, labels
from webapp.presenters.cards import Card, present_cards
from webapp.presenters.lists import list_url
from webapp.presenters.page import Context, Crumb, Head


@dataclass(frozen=True, slots=True)
class Section:
    """The first cards of one list and the address of all of them."""

    name: str
    label: str
    total: int
    total_text: str
    semantic: bool
    cards: tuple[Card, ...]
    url: str


@dataclass(frozen=True)
class SearchContext(Context):
    """The search box and, once something is asked, one section for each list."""

    template: ClassVar[str] = "search/index.html"

    text: str
    notices: tuple[str, ...]
    sections: tuple[Section, ...]


def present_search(page: SearchPage | None, notices: tuple[str, ...]) -> SearchContext:
    """The context of the search page; ``page`` is None while nothing is asked."""
    crumbs = (Crumb("首页", url_for("home.index")), Crumb("综合搜索"))
    title = f"“{page.text}”的搜索结果" if page else "综合搜索"
    return SearchContext(
        head=Head(title, "同时搜索场景机会和场景能力。", crumbs, "search"),
        text=page.text if page else "",
        notices=notices,
        sections=(_section(page.opportunities), _section(page.capabilities)) if page else (),
    )


def _section(page: ListPage) -> Section:
    side = page.query.side
    return Section(
        side.value,
        labels.SIDES[side],
        page.total,
        figures.count(page.total),
        page.semantic,
        present_cards(page.cards),
        list_url(page.query),
    )
