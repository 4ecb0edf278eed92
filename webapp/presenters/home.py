"""The start page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import HomePage
from webapp.presenters import figures
from webapp.presenters.cards import Card, present_cards
from webapp.presenters.page import Context, Head
from webapp.presenters.tilemap import Tile, present_tiles


@dataclass(frozen=True, slots=True)
class CountTile:
    """One large number with what it counts; some lead to a list."""

    label: str
    value: str
    note: str
    url: str | None = None


@dataclass(frozen=True)
class HomeContext(Context):
    """Search, counts, newest postings, needs without supply, cities."""

    template: ClassVar[str] = "home/index.html"

    counts: tuple[CountTile, ...]
    newest_opportunities: tuple[Card, ...]
    newest_capabilities: tuple[Card, ...]
    unmatched: tuple[Card, ...]
    tiles: tuple[Tile, ...]
    search_url: str
    opportunities_url: str
    capabilities_url: str
    benchmark_text: str
    benchmark_url: str | None


def present_home(page: HomePage, site_name: str) -> HomeContext:
    """The context of the start page."""
    year = page.benchmark_year
    benchmark = f"{year} 年度标杆候选 {page.benchmark_candidates} 项" if year else ""
    return HomeContext(
        head=Head("首页", f"{site_name}：场景机会与场景能力双向匹配，逐条给出依据。", section="home"),
        counts=_counts(page),
        newest_opportunities=present_cards(page.newest_opportunities),
        newest_capabilities=present_cards(page.newest_capabilities),
        unmatched=present_cards(page.unmatched),
        tiles=present_tiles(page.cities),
        search_url=url_for("search.index"),
        opportunities_url=url_for("opportunities.index"),
        capabilities_url=url_for("capabilities.index"),
        benchmark_text=benchmark,
        benchmark_url=url_for("benchmarks.detail", year=year) if year else None,
    )


def _counts(page: HomePage) -> tuple[CountTile, ...]:
    return (
        CountTile("场景机会", figures.count(page.opportunities), "已发布的需求", url_for("opportunities.index")),
        CountTile("场景能力", figures.count(page.capabilities), "已发布的能力", url_for("capabilities.index")),
        CountTile("高度匹配", figures.count(page.strong_pairs), "需求与能力的组合数"),
        CountTile("已有合适能力", figures.count(page.needs_with_good_match), "较匹配以上的需求数"),
    )
