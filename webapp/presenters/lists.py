"""One page of a list: cards, facets, chips, orders, paging and what to do when nothing is found."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import Facet, ListPage, ListQuery
from matching import Side
from webapp import query_args
from webapp.presenters import figures, labels
from webapp.presenters.cards import Card, present_cards
from webapp.presenters.output_links import OutputLinks, output_links
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.paging import Paging, paging

# The nine cities of the circle fit before the fold.
FIRST_SHOWN = 9


@dataclass(frozen=True, slots=True)
class Option:
    """One tick box of a facet; ``id`` stays the same while counts and places change."""

    id: str
    value: str
    label: str
    count: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetPanel:
    """A facet with the options always shown and those behind 更多."""

    name: str
    label: str
    shown: tuple[Option, ...]
    folded: tuple[Option, ...]
    unfolded: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force with the address of the list without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class OrderOption:
    """One order of the list."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class ListContext(Context):
    """What a list page shows; ``relax`` are the filters worth dropping when nothing is found."""

    fragment: ClassVar[str] = "partials/results.html"

    side_label: str
    action: str
    text: str
    example: str
    notices: tuple[str, ...]
    chips: tuple[Chip, ...]
    clear_url: str
    facets: tuple[FacetPanel, ...]
    orders: tuple[OrderOption, ...]
    total_text: str
    place_text: str
    cards: tuple[Card, ...]
    paging: Paging | None
    relax: tuple[Chip, ...]
    semantic: bool
    outputs: OutputLinks


@dataclass(frozen=True)
class OpportunityListContext(ListContext):
    """The list of opportunities."""

    template: ClassVar[str] = "opportunities/index.html"


@dataclass(frozen=True)
class CapabilityListContext(ListContext):
    """The list of capabilities."""

    template: ClassVar[str] = "capabilities/index.html"


_KINDS = {
    Side.OPPORTUNITY: (OpportunityListContext, "opportunities", "如：漏点定位、老人跌倒"),
    Side.CAPABILITY: (CapabilityListContext, "capabilities", "如：图像识别、边缘计算"),
}


def list_url(query: ListQuery) -> str:
    """The address that shows ``query`` again."""
    endpoint = _KINDS[query.side][1]
    # url_for repeats an argument given as a list.
    return url_for(f"{endpoint}.index", _external=False, **query_args.url_args(query))  # type: ignore[arg-type]


def present_list(page: ListPage, notices: tuple[str, ...]) -> ListContext:
    """The context of one list page."""
    query = page.query
    kind, section, example = _KINDS[query.side]
    label = labels.SIDES[query.side]
    return kind(
        head=_head(label, section),
        side_label=label,
        action=url_for(f"{section}.index"),
        text=query.text,
        example=example,
        notices=notices,
        chips=_chips(page),
        clear_url=list_url(query_args.without_facets(query)),
        facets=tuple(_panel(facet) for facet in page.facets if facet.values),
        orders=_orders(query),
        total_text=figures.count(page.total),
        place_text=f"第 {query.page} / {page.pages} 页" if page.pages > 1 else "",
        cards=present_cards(page.cards),
        paging=paging(lambda place: list_url(query_args.on_page(query, place)), query.page, page.pages),
        relax=_relax(page) if not page.total else (),
        semantic=page.semantic,
        outputs=output_links(query),
    )


def _head(label: str, section: str) -> Head:
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(f"{label}清单"))
    return Head(f"{label}清单", f"{label}清单：按关键词、领域、区域等条件查找。", crumbs, section)


def _panel(facet: Facet) -> FacetPanel:
    options = tuple(
        Option(
            # The value itself may hold spaces, which an id may not.
            id=f"f-{facet.name}-{zlib.crc32(value.value.encode()):08x}",
            value=value.value,
            label=value.label,
            count=figures.count(value.count),
            chosen=value.chosen,
        )
        for value in facet.values
    )
    # One option alone is not worth a fold.
    cut = FIRST_SHOWN if len(options) > FIRST_SHOWN + 1 else len(options)
    folded = options[cut:]
    return FacetPanel(facet.name, facet.label, options[:cut], folded, any(o.chosen for o in folded))


def _chips(page: ListPage) -> tuple[Chip, ...]:
    return tuple(
        Chip(
            f"{facet.label}：{value.label}",
            list_url(query_args.without_value(page.query, facet.name, value.value)),
        )
        for facet in page.facets
        for value in facet.values
        if value.chosen
    )


def _orders(query: ListQuery) -> tuple[OrderOption, ...]:
    return tuple(
        OrderOption(order, labels.ORDERS[order], order == query.order)
        for order in query_args.ORDERS[query.side]
        if order != "relevance" or query.text
    )


def _relax(page: ListPage) -> tuple[Chip, ...]:
    facets = {name: facet for facet in page.facets for name in (facet.name, facet.label)}
    chips = []
    for name in page.relax:
        if name in ("q", "text"):
            chips.append(Chip(f"搜索词“{page.query.text}”", list_url(query_args.without_text(page.query))))
        elif name in facets:
            facet = facets[name]
            words = "、".join(value.label for value in facet.values if value.chosen)
            label = f"{facet.label}：{words}" if words else facet.label
            chips.append(Chip(label, list_url(query_args.without_facet(page.query, facet.name))))
    return tuple(chips)
