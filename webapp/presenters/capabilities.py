"""The page of one capability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import CapabilityPage, GapView, shown_batch, shown_day, shown_facts
from webapp.presenters import figures, labels
from webapp.presenters.cards import Card, Fact, is_story, posting_url, present_card
from webapp.presenters.marking import paragraphs
from webapp.presenters.matches import MatchRow, Ranking, present_matches, present_ranking
from webapp.presenters.page import Context, Crumb, Head
from webapp.query_args import MAX_TOP


@dataclass(frozen=True, slots=True)
class GapRow:
    """A requirement this capability leaves open, with the need that asks for it.

    ``source`` says whether it is a listed requirement or a sentence of the need's story.
    """

    text: str
    title: str
    url: str
    source: str
    label: labels.Label


@dataclass(frozen=True)
class CapabilityContext(Context):
    """One capability on the left, the needs it may serve on the right."""

    template: ClassVar[str] = "capabilities/detail.html"

    card: Card
    paragraphs: tuple[str, ...]
    features: tuple[str, ...]
    cases: tuple[str, ...]
    facts: tuple[Fact, ...]
    pending: bool
    ranking: Ranking
    cross_field: tuple[MatchRow, ...]
    gaps: tuple[GapRow, ...]
    more_url: str | None
    contact_url: str | None
    edit_url: str | None
    follow_url: str | None


def present_capability(page: CapabilityPage) -> CapabilityContext:
    """The context of one capability's page."""
    offer = page.capability
    ranking = present_ranking(page.card, page.matches, total=page.total_matches, own_only=page.own_only,
                              may_judge=page.may_judge)  # fmt: skip
    more_url = url_for("capabilities.detail", key=page.card.key, top=MAX_TOP, _anchor=f"m-{ranking.shown + 1}")
    return CapabilityContext(
        head=_head(page),
        card=present_card(page.card),
        paragraphs=paragraphs(offer.summary),
        features=tuple(filter(None, offer.features)),
        cases=tuple(filter(None, offer.cases)),
        facts=_facts(page),
        pending=page.pending,
        ranking=ranking,
        cross_field=present_matches(page.card, page.cross_field, may_judge=page.may_judge),
        gaps=tuple(_gap(gap) for gap in page.gaps),
        more_url=more_url if ranking.more else None,
        contact_url=url_for("contacts.detail", key=page.card.key) if page.may_contact else None,
        edit_url=url_for("my.posting", key=page.card.key) if page.may_edit else None,
        follow_url=url_for("subscriptions.new", subject="capability", key=page.card.key) if page.may_edit else None,
    )


def _gap(gap: GapView) -> GapRow:
    need = gap.opportunity
    source = "需求描述" if is_story(need) else "需求条目"
    return GapRow(gap.text, need.posting.title, posting_url(need), source, labels.VERDICTS[gap.kind])


def _head(page: CapabilityPage) -> Head:
    offer = page.capability
    crumbs = (
        Crumb("首页", url_for("home.index")),
        Crumb("场景能力清单", url_for("capabilities.index")),
        Crumb(offer.title),
    )
    return Head(
        title=f"{offer.title} - 场景能力",
        description=(offer.summary or offer.title)[:120],
        crumbs=crumbs,
        section="capabilities",
        published=page.card.published_on,
        source=offer.company,
    )


def _facts(page: CapabilityPage) -> tuple[Fact, ...]:
    offer, listing = page.capability, page.capability.listing
    level = f"{figures.trl(offer.maturity)}（共 9 级）" if offer.maturity else ""
    rows = (
        Fact("提供单位", offer.company),
        Fact("区域", offer.district_or_city),
        Fact("领域", "、".join(offer.domains)),
        Fact("技术成熟度", level),
        Fact("批次", shown_batch(offer, page.card.published_on)),
        Fact("索引号", listing.index_number or ""),
        Fact("发布日期", page.card.published_on or "", day=True),
        Fact("有效期至", listing.valid_until or shown_day(offer, "valid_until"), day=listing.valid_until is not None),
        Fact("最近确认", page.card.last_confirmed or "", day=True),
        Fact("编号", offer.id),
    )
    told = tuple(row if row.value else Fact(row.label, figures.UNSTATED) for row in rows)
    return told + tuple(Fact(label, value) for label, value in shown_facts(offer))
