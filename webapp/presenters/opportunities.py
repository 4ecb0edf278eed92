"""The page of one opportunity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import OpportunityPage, shown_batch, shown_budget, shown_day, shown_facts
from matching import compose
from webapp.presenters import figures, labels, verdicts
from webapp.presenters.answering import AnsweringPart, present_answering
from webapp.presenters.cards import Card, Fact, is_story, present_card
from webapp.presenters.marking import paragraphs
from webapp.presenters.matches import Ranking, Team, present_ranking, present_team
from webapp.presenters.page import Context, Crumb, Head
from webapp.query_args import MAX_TOP


@dataclass(frozen=True, slots=True)
class NumberedItem:
    """A requirement or a sentence of the story with its name: R1, 描述句1."""

    name: str
    text: str


@dataclass(frozen=True)
class OpportunityContext(Context):
    """One need on the left, its ranked capabilities on the right.

    ``story`` are the sentences judged where no requirements are listed, with ``story_note`` above.
    """

    template: ClassVar[str] = "opportunities/detail.html"

    card: Card
    paragraphs: tuple[str, ...]
    requirements: tuple[NumberedItem, ...]
    story: tuple[NumberedItem, ...]
    story_note: str
    facts: tuple[Fact, ...]
    pending: bool
    ranking: Ranking
    more_url: str | None
    contact_url: str | None
    edit_url: str | None
    answering: AnsweringPart
    follow_url: str | None
    team: Team | None
    rotation: str


def present_opportunity(page: OpportunityPage) -> OpportunityContext:
    """The context of one opportunity's page."""
    need = page.opportunity
    ranking = present_ranking(page.card, page.matches, total=page.total_matches, own_only=page.own_only,
                              may_judge=page.may_judge)  # fmt: skip
    story = _story(page) if page.matches is not None else ()
    more_url = url_for("opportunities.detail", key=page.card.key, top=MAX_TOP, _anchor=f"m-{ranking.shown + 1}")
    return OpportunityContext(
        head=_head(page),
        card=present_card(page.card),
        # The numbered sentences are the same words.
        paragraphs=() if story else paragraphs(need.background),
        requirements=_numbered(need.requirements, story=False),
        story=story,
        story_note=verdicts.STORY_NOTE,
        facts=_facts(page),
        pending=page.pending,
        ranking=ranking,
        more_url=more_url if ranking.more else None,
        contact_url=url_for("contacts.detail", key=page.card.key) if page.may_contact else None,
        edit_url=url_for("my.posting", key=page.card.key) if page.may_edit else None,
        answering=present_answering(page.card.key, page.answering),
        follow_url=url_for("subscriptions.new", subject="opportunity", key=page.card.key) if page.may_edit else None,
        team=present_team(page.team, story=bool(story)),
        rotation=_rotation(page),
    )


def _rotation(page: OpportunityPage) -> str:
    rule = page.rotation
    if rule is None or not page.matches:
        return ""
    return (
        f"匹配度相差不超过 {rule.width:.2f} 且同档的能力，展示次序每天轮换；名次、匹配度不变。"
        f"日期 {rule.day}，种子 {rule.seed}。"
    )


def _story(page: OpportunityPage) -> tuple[NumberedItem, ...]:
    if not is_story(page.card):
        return ()
    return _numbered(tuple(passage.text for passage in compose(page.opportunity).passages), story=True)


def _numbered(texts: tuple[str, ...], *, story: bool) -> tuple[NumberedItem, ...]:
    return tuple(NumberedItem(figures.item_name(place, story=story), text) for place, text in enumerate(texts) if text)


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
        Fact("预算", shown_budget(need)),
        Fact("截止日期", need.deadline or shown_day(need, "deadline"), day=need.deadline is not None),
        Fact("批次", shown_batch(need, page.card.published_on)),
        Fact("索引号", listing.index_number or ""),
        Fact("发布日期", page.card.published_on or "", day=True),
        Fact("有效期至", listing.valid_until or shown_day(need, "valid_until"), day=listing.valid_until is not None),
        Fact("最近确认", page.card.last_confirmed or "", day=True),
        Fact("编号", need.id),
    )
    told = tuple(row if row.value else Fact(row.label, figures.UNSTATED) for row in rows)
    return told + tuple(Fact(label, value) for label, value in shown_facts(need))
