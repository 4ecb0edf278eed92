"""Small postings and views of them; every field can be overridden."""

from __future__ import annotations

from typing import Any

from marketplace import Contribution, PairPage, PostingCard, VerdictView
from matching import Band, Capability, NumberCheck, Opportunity, Side, VerdictKind


def make_opportunity(**overrides: Any) -> Opportunity:
    """A small opportunity."""
    base: dict[str, Any] = {
        "id": "JH-1",
        "title": "窨井盖异动监测",
        "publisher": "某区城管局（示例）",
        "publisher_type": "government",
        "district": "武汉市江夏区",
        "domain": "智慧城市",
        "background": "井盖丢了没人知道。",
        "requirements": ("发现时间≤5分钟", "误报率≤3%"),
        "budget_wan": 120.0,
        "deadline": "2027-01-31",
        "year": 2026,
    }
    return Opportunity(**(base | overrides))


def make_capability(**overrides: Any) -> Capability:
    """A small capability."""
    base: dict[str, Any] = {
        "id": "NL-1",
        "title": "窨井状态感知终端",
        "company": "武汉楚光智感科技有限公司（示例）",
        "district_or_city": "武汉市东湖高新区",
        "domains": ("智慧城市",),
        "summary": "倾角与微震双判据。",
        "features": ("异动2分钟内上报", "月度误报率1.8%"),
        "maturity": 8,
        "cases": ("某区1.2万座井",),
        "year": 2026,
    }
    return Capability(**(base | overrides))


def make_card(posting: Opportunity | Capability | None = None, **overrides: Any) -> PostingCard:
    """A card of a posting."""
    posting = posting or make_opportunity()
    text = posting.background if isinstance(posting, Opportunity) else posting.summary
    base: dict[str, Any] = {
        "key": 1,
        "posting": posting,
        "state": "published",
        "state_label": "征集中" if posting.side is Side.OPPORTUNITY else "已发布",
        "snippet": text[:90],
        "published_on": "2026-09-01",
        "last_confirmed": posting.listing.last_confirmed,
    }
    return PostingCard(**(base | overrides))


def make_verdict(**overrides: Any) -> VerdictView:
    """A met requirement with a number."""
    base: dict[str, Any] = {
        "requirement": 0,
        "requirement_text": "发现时间≤5分钟",
        "kind": VerdictKind.MET,
        "source": "feature",
        "index": 0,
        "text": "异动2分钟内上报",
        "numbers": (NumberCheck("≤5分钟", "2分钟", True),),
        "score": 0.9,
    }
    return VerdictView(**(base | overrides))


def make_pair(**overrides: Any) -> PairPage:
    """A pair with one verdict and one contribution."""
    base: dict[str, Any] = {
        "opportunity": make_card(key=1),
        "capability": make_card(make_capability(), key=1001),
        "score": 0.86,
        "band": Band.STRONG,
        "rank_for_opportunity": (2, 37),
        "rank_for_capability": None,
        "verdicts": (make_verdict(),),
        "contributions": (Contribution("coverage", "条目覆盖", 2.5, "两条均有依据"),),
        "intercept": -0.7,
        "ask_first": ("运维年限是多少？",),
        "band_limits": ((Band.STRONG, 0.5), (Band.GOOD, 0.2), (Band.POSSIBLE, 0.06)),
    }
    return PairPage(**(base | overrides))
