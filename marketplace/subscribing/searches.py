"""Saved searches: a list as filtered, packed as text, and what of it a posting must hold to be news."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from marketplace import lists
from marketplace.desk import Desk
from marketplace.finder import Finder
from marketplace.pages import ListQuery
from marketplace.store import PostingRow
from matching import Side

MAX_NAME = 40


def pack_query(query: ListQuery) -> str:
    """Return the words, filters and order of a list as text; the page one was on is nobody's interest."""
    facets = {name: sorted(values) for name, values in sorted(query.facets.items()) if values}
    return json.dumps({"text": query.text.strip(), "facets": facets, "order": query.order}, ensure_ascii=False)


def unpack_query(side: Side, packed: str) -> ListQuery:
    """Return the list that was packed."""
    kept = json.loads(packed)
    order = kept["order"] if kept["order"] in lists.ORDERS else "newest"
    return ListQuery(side, kept["text"], {name: tuple(values) for name, values in kept["facets"].items()}, order)


def found_rows(desk: Desk, finder: Finder, query: ListQuery, news: Callable[[PostingRow], bool]) -> list[PostingRow]:
    """Return the public postings of a search that are news, newest first.

    On the list page a posting is found by any of the words and by meaning; to be told of, it must hold every word.
    """
    rows = [row for row in desk.side(query.side) if news(row)]
    if rows and query.text.strip():
        held = finder.holding(query.side, query.text)
        rows = [row for row in rows if row.key in held]
    return lists.ordered(lists.keep(rows, query, date.today()), "newest", None)


def conditions_of(desk: Desk, query: ListQuery) -> tuple[str, ...]:
    """Return the words and filters of a search as a person reads them."""
    return lists.conditions(desk.side(query.side), query, date.today())


def suggested_name(conditions: tuple[str, ...], side_name: str) -> str:
    """Return a name for a search that has none yet."""
    words = "、".join(one.partition("：")[2] for one in conditions)
    return (words or f"全部{side_name}")[:MAX_NAME]
