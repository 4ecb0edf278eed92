"""The page of one opportunity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import OpportunityPage
from webapp.presenters import figures, labels
from webapp.presenters.cards import Card, Fact, present_card
from webapp.presenters.marking import paragraphs
from webapp.presenters.matches import Ranking, Team, present_ranking, present_team
from webapp.presenters.page import Context, Crumb, Head
from webapp.query_args import MAX_TOP


@dataclass(frozen=True, slots=True)
class NumberedItem:
    """A requirement or a feature with its name: R1, 要点 1."""

    name: str
    text: str


@dataclass(frozen=True)
class OpportunityContext(Context):
    """One need on the left, its ranked capabilities on the right."""

    template: ClassVar[str] = "opportunities/detail.html"

    card: Card
    paragraphs: tuple[str, ...]
    requirements: tuple[NumberedItem, ...]
    facts: tuple[Fact, ...]
    pending: bool
    ranking: Ranking
    total_text: str
    more_url: str | None
    team: Team | None


def present_opportunity(page: OpportunityPage) -> OpportunityContext:
    """The context of one opportunity's page."""
    need = page.opportunity
    ranking = present_ranking(page.card, page.matches, total=page.total_matches)
    more_url = url_for("opportunities.detail", key=page.card.key, top=MAX_TOP, _anchor=f"m-{ranking.shown + 1}")
    return OpportunityContext(
        head=_head(page),
        card=present_card(page.card),
        paragraphs=paragraphs(need.background),
        requirements=tuple(
            NumberedItem(figures.requirement(place), text) for place, text in enumerate(need.requirements)
        ),
        facts=_facts(page),
        pending=page.pending,
        ranking=ranking,
        total_text=figures.count(page.total_matches),
        more_url=more_url if ranking.more else None,
        team=present_team(page.team),
    )


def _head(page: OpportunityPage) -> Head:
    need = page.opportunity
    crumbs = (
        Crumb("首页", url_for("home.index")),
        Crumb("场景机会清单", url_for("opportunities.index")),
        Crumb(need.title),
    )
    return Head(
        title=f"{need.title} - 场景机会",
        description=(need.background or need.title)[:120],
        crumbs=crumbs,
        section="opportunities",
        published=page.card.published_on,
        source=need.publisher,
    )


def _facts(page: OpportunityPage) -> tuple[Fact, ...]:
    need, listing = page.opportunity, page.opportunity.listing
    rows = (
        Fact("发布单位", need.publisher),
        Fact("单位类型", labels.publisher_type(need.publisher_type)),
        Fact("区域", need.district),
        Fact("领域", need.domain),
        Fact("预算", figures.money(need.budget_wan)),
        Fact("截止日期", need.deadline or "", day=True),
        Fact("批次", listing.batch or ""),
        Fact("索引号", listing.index_number or ""),
        Fact("发布日期", page.card.published_on or "", day=True),
        Fact("有效期至", listing.valid_until or "", day=True),
        Fact("最近确认", page.card.last_confirmed or "", day=True),
        Fact("编号", need.id),
    )
    return tuple(row if row.value else Fact(row.label, figures.UNSTATED) for row in rows)
