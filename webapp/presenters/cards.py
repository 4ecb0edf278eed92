"""A posting as a card: title, snippet, organisation, facts, badges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import url_for
from markupsafe import Markup

from marketplace import PostingCard, shown_budget, shown_day
from matching import Capability, Opportunity, Side
from webapp.presenters import figures, labels
from webapp.presenters.marking import mark

# How many of the facts a short list shows.
_SHORT = {Side.OPPORTUNITY: 4, Side.CAPABILITY: 3}


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value; ``day`` says that the value is an ISO date."""

    label: str
    value: str
    day: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """What the card macros show of a posting."""

    key: int
    side: str
    side_label: str
    url: str
    title: Markup
    snippet: Markup
    organisation: str
    facts: tuple[Fact, ...]
    short_facts: int
    state: labels.Label
    closed: labels.Label | None
    badges: tuple[str, ...]


def posting_url(card: PostingCard) -> str:
    """The address of a posting's own page."""
    endpoint = "opportunities" if card.posting.side is Side.OPPORTUNITY else "capabilities"
    return url_for(f"{endpoint}.detail", key=card.key)


def pair_url(one: PostingCard, other: PostingCard, position: int = 0) -> str:
    """The address of the page that sets two postings side by side, with the place on the list that led to it."""
    first, second = (one, other) if one.posting.side is Side.OPPORTUNITY else (other, one)
    return url_for("pairs.detail", o=first.key, c=second.key, at=position or None)


def organisation(card: PostingCard) -> str:
    """The publishing body of an opportunity, the company of a capability."""
    posting = card.posting
    name = posting.publisher if isinstance(posting, Opportunity) else posting.company
    return name or figures.UNSTATED


def badges(years: tuple[int, ...]) -> tuple[str, ...]:
    """The benchmark flags of a card or a pair."""
    return tuple(f"{year} 年度标杆候选" for year in years)


def is_story(card: PostingCard) -> bool:
    """Whether this is a need that lists no requirements, so that its sentences are judged."""
    return isinstance(card.posting, Opportunity) and not any(card.posting.requirements)


def closed(card: PostingCard) -> labels.Label | None:
    """已截止 for a need whose deadline has passed; the last day itself still counts."""
    posting = card.posting
    deadline = posting.deadline if isinstance(posting, Opportunity) else None
    return labels.CLOSED if deadline and deadline < date.today().isoformat() else None


def present_card(card: PostingCard) -> Card:
    """The card of one posting."""
    posting = card.posting
    own = _need_facts(posting) if isinstance(posting, Opportunity) else _offer_facts(posting)
    confirmed = (Fact("最近确认", card.last_confirmed or "尚未确认", day=card.last_confirmed is not None),)
    return Card(
        key=card.key,
        side=posting.side.value,
        side_label=labels.SIDES[posting.side],
        url=posting_url(card),
        title=mark(posting.title, card.hits),
        snippet=mark(card.snippet, card.hits),
        organisation=organisation(card),
        facts=own + confirmed,
        short_facts=_SHORT[posting.side],
        state=labels.Label(card.state_label, labels.state_tone(card.state)),
        closed=closed(card),
        badges=badges(card.benchmark_years),
    )


def present_cards(cards: tuple[PostingCard, ...]) -> tuple[Card, ...]:
    """The cards of several postings, in their order."""
    return tuple(present_card(card) for card in cards)


def _need_facts(need: Opportunity) -> tuple[Fact, ...]:
    return (
        Fact("区域", need.district or figures.UNSTATED),
        Fact("领域", need.domain or figures.UNSTATED),
        Fact("预算", shown_budget(need) or figures.UNSTATED),
        Fact(
            "截止",
            need.deadline or shown_day(need, "deadline") or figures.UNSTATED,
            day=need.deadline is not None,
        ),
    )


def _offer_facts(offer: Capability) -> tuple[Fact, ...]:
    return (
        Fact("区域", offer.district_or_city or figures.UNSTATED),
        Fact("领域", "、".join(offer.domains) or figures.UNSTATED),
        Fact("成熟度", figures.trl(offer.maturity)),
        Fact("案例", f"{len(offer.cases)} 个"),
    )
