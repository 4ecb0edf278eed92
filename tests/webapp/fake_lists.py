"""How the made-up market filters, counts and searches its cards."""

from __future__ import annotations

from collections import Counter

from marketplace import Facet, FacetValue, ListQuery, PostingCard
from matching import Capability, Opportunity, Side

LABELS = {
    "domain": "领域",
    "region": "区域",
    "publisher_type": "单位类型",
    "state": "状态",
    "budget": "预算",
    "deadline": "截止",
    "trl": "成熟度",
}


def city_of(card: PostingCard) -> str:
    posting = card.posting
    place = posting.district if isinstance(posting, Opportunity) else posting.district_or_city
    return place.split("市")[0] + "市"


def value_of(card: PostingCard, facet: str) -> str:
    posting = card.posting
    if facet == "domain":
        return (posting.domains or ("",))[0]
    if facet == "region":
        return city_of(card)
    if facet == "state":
        return card.state
    if facet == "publisher_type" and isinstance(posting, Opportunity):
        return posting.publisher_type
    if facet == "trl" and isinstance(posting, Capability):
        return str(posting.maturity or "")
    if facet == "budget" and isinstance(posting, Opportunity):
        return "unknown" if posting.budget_wan is None else "0-100" if posting.budget_wan < 100 else "100-"
    return "open"


def facet_names(side: Side) -> tuple[str, ...]:
    if side is Side.OPPORTUNITY:
        return ("domain", "region", "publisher_type", "state", "budget", "deadline")
    return ("domain", "region", "trl", "state")


_WORDS = {
    "government": "政府机关",
    "institution": "事业单位",
    "soe": "国有企业",
    "published": "征集中",
    "unknown": "未注明",
    "0-100": "100 万元以下",
    "100-": "100 万元以上",
    "open": "三个月内",
}


def facet_of(name: str, hits: list[PostingCard], query: ListQuery) -> Facet:
    chosen = query.facets.get(name, ())
    others = {n: v for n, v in query.facets.items() if n != name}
    pool = [card for card in hits if all(value_of(card, n) in v for n, v in others.items())]
    counts = Counter(value for card in pool if (value := value_of(card, name)))
    counts.update(dict.fromkeys((value for value in chosen if value not in counts), 0))
    values = tuple(FacetValue(v, _WORDS.get(v, v), n, v in chosen) for v, n in counts.most_common())
    return Facet(name, LABELS[name], values)


def holds(card: PostingCard, text: str) -> bool:
    posting = card.posting
    if not text:
        return True
    parts = (
        (posting.title, posting.publisher, posting.background, *posting.requirements)
        if isinstance(posting, Opportunity)
        else (posting.title, posting.company, posting.summary, *posting.features)
    )
    return any(text in part for part in parts)
