"""Request arguments cleaned once into a ListQuery, and ListQueries written back as URL arguments."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from marketplace import ListQuery
from matching import Side

MAX_TEXT = 200
MAX_PAGE = 100_000
MAX_VALUE = 64
MAX_VALUES = 50
MAX_TOP = 50
DEFAULT_TOP = 10
FACETS: dict[Side, tuple[str, ...]] = {
    Side.OPPORTUNITY: ("domain", "region", "publisher_type", "state", "budget", "deadline", "benchmark"),
    Side.CAPABILITY: ("domain", "region", "trl", "state", "benchmark"),
}
ORDERS: dict[Side, tuple[str, ...]] = {
    Side.OPPORTUNITY: ("relevance", "newest", "deadline", "confirmed"),
    Side.CAPABILITY: ("relevance", "newest", "confirmed"),
}


@dataclass(frozen=True, slots=True)
class CleanText:
    """A search text as it will be used, with what the reader should know about it."""

    text: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListArgs:
    """What one list request asks for, with notices on what was changed."""

    query: ListQuery
    notices: tuple[str, ...] = ()


def clean_text(raw: str) -> CleanText:
    """The search text without control characters, single-spaced, at most MAX_TEXT characters."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in raw)
    text = " ".join(visible.split())
    if len(text) > MAX_TEXT:
        return CleanText(text[:MAX_TEXT].rstrip(), (f"搜索词超过 {MAX_TEXT} 字，已按前 {MAX_TEXT} 字检索。",))
    return CleanText(text)


def whole_number(raw: str | None, *, default: int, low: int, high: int) -> int:
    """A whole number kept within its bounds; anything else is the default."""
    text = (raw or "").strip()
    if not text.isascii() or not text.isdigit():
        return default
    return max(low, min(high, int(text[:10])))


def page_number(args: MultiDict[str, str]) -> int:
    """The page of a list that is asked for, counted from 1; anything that is none is the first."""
    return whole_number(args.get("page"), default=1, low=1, high=MAX_PAGE)


def parse_list(args: MultiDict[str, str], side: Side) -> ListArgs:
    """The list that ``args`` ask for; unknown names and useless values are dropped."""
    clean = clean_text(args.get("q", ""))
    query = ListQuery(
        side=side,
        text=clean.text,
        facets=_facets(args, side),
        order=_order(args.get("order", ""), clean.text, side),
        page=page_number(args),
    )
    return ListArgs(query, clean.notices)


def parse_top(args: MultiDict[str, str]) -> int:
    """How many counterparts a detail page shows: 10 unless asked, at most 50."""
    return whole_number(args.get("top"), default=DEFAULT_TOP, low=1, high=MAX_TOP)


def default_order(text: str) -> str:
    """The order of a list when none is chosen: by relevance when something is searched."""
    return "relevance" if text else "newest"


def _order(raw: str, text: str, side: Side) -> str:
    if raw not in ORDERS[side] or (raw == "relevance" and not text):
        return default_order(text)
    return raw


def _facets(args: MultiDict[str, str], side: Side) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in FACETS[side]:
        values = (clean_text(value).text for value in args.getlist(name)[:MAX_VALUES])
        kept = tuple(dict.fromkeys(value for value in values if 0 < len(value) <= MAX_VALUE))
        if kept:
            found[name] = kept
    return found


def url_args(query: ListQuery) -> dict[str, str | list[str]]:
    """The arguments that ask for ``query`` again; what is at its default is left out."""
    args: dict[str, str | list[str]] = {}
    if query.text:
        args["q"] = query.text
    args.update({name: list(values) for name, values in query.facets.items() if values})
    if query.order != default_order(query.text):
        args["order"] = query.order
    if query.page > 1:
        args["page"] = str(query.page)
    return args


def on_page(query: ListQuery, page: int) -> ListQuery:
    """The same list, turned to another page."""
    return replace(query, page=page)


def without_value(query: ListQuery, name: str, value: str) -> ListQuery:
    """The same list from its first page without one facet value."""
    kept = tuple(v for v in query.facets.get(name, ()) if v != value)
    facets = {n: values for n, values in query.facets.items() if n != name}
    if kept:
        facets[name] = kept
    return replace(query, facets=facets, page=1)


def without_facet(query: ListQuery, name: str) -> ListQuery:
    """The same list from its first page without any value of one facet."""
    return replace(query, facets={n: v for n, v in query.facets.items() if n != name}, page=1)


def without_text(query: ListQuery) -> ListQuery:
    """The same list from its first page without the search text."""
    order = "newest" if query.order == "relevance" else query.order
    return replace(query, text="", order=order, page=1)


def without_facets(query: ListQuery) -> ListQuery:
    """The same search from its first page without any filter."""
    return replace(query, facets={}, page=1)
