"""The places of a long list: which pages are offered around the current one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageLink:
    """One place in the paging; without an address it is the current page or a gap."""

    label: str
    url: str | None
    current: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """The pages of a list around the current one."""

    previous: str | None
    following: str | None
    links: tuple[PageLink, ...]


def paging(url_of: Callable[[int], str], now: int, pages: int) -> Paging | None:
    """The pages around the current one, the first and the last two, counted from 1; None for a single page."""
    if pages <= 1:
        return None
    places = sorted({1, 2, pages - 1, pages, *range(now - 2, now + 3)} & set(range(1, pages + 1)))
    links: list[PageLink] = []
    for before, place in zip([0, *places], places, strict=False):
        if place - before > 1:
            links.append(PageLink("…", None))
        links.append(PageLink(str(place), None if place == now else url_of(place), current=place == now))
    return Paging(url_of(now - 1) if now > 1 else None, url_of(now + 1) if now < pages else None, tuple(links))
