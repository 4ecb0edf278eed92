"""A market over the sample postings that answers like the real one, without model or database."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from fake_landings import RULES, candidates
from fake_lists import LABELS, city_of, facet_names, facet_of, holds, value_of
from posting_factory import make_card, make_pair

from marketplace import (
    BadRequestError,
    BenchmarkPage,
    CapabilityPage,
    CityFigures,
    Contribution,
    ForbiddenError,
    GapView,
    GoneError,
    HomePage,
    ListPage,
    ListQuery,
    MatchView,
    NotFoundError,
    OpportunityPage,
    PairPage,
    PostingCard,
    SearchPage,
    Sight,
    StatusPage,
    TeamView,
    VerdictView,
)
from matching import Band, Capability, NumberCheck, Opportunity, Side, VerdictKind, compose
from matching.records import Listing

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
WITHDRAWN = 9001
BROKEN = 9002
REFUSED = 9003
CAPABILITY_BASE = 1000
CITIES = ("武汉市", "黄石市", "鄂州市", "孝感市", "黄冈市", "咸宁市", "仙桃市", "天门市", "潜江市")
_BANDS = (Band.STRONG, Band.STRONG, Band.GOOD, Band.GOOD, Band.POSSIBLE, Band.POSSIBLE, Band.NONE)
_KINDS = (VerdictKind.MET, VerdictKind.PARTIAL, VerdictKind.MET, VerdictKind.UNCLEAR, VerdictKind.CONFLICT)


def _load(name: str, kind: type[Any]) -> list[Any]:
    own = {field.name for field in fields(kind)}
    listing = {field.name for field in fields(Listing)}
    found = []
    for line in (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(line).items()}
        mine = {k: v for k, v in row.items() if k in own}
        found.append(kind(**mine, listing=Listing(**{k: v for k, v in row.items() if k in listing})))
    return found


class FakeYears:
    """No year's call was ever opened."""

    def public(self, year: int) -> None:
        return None


class FakeMarket:
    """Answers every question of the front door from lists in memory."""

    def __init__(self, *, empty: bool = False, ready: bool = True) -> None:
        self.ready, self.warmed, self.queries = ready, 0, []  # type: ignore[var-annotated]
        needs = [] if empty else _load("opportunities", Opportunity)
        offers = [] if empty else _load("capabilities", Capability)
        self.needs = [make_card(n, key=i, last_confirmed=n.listing.last_confirmed) for i, n in enumerate(needs, 1)]
        self.offers = [
            make_card(o, key=i, last_confirmed=o.listing.last_confirmed)
            for i, o in enumerate(offers, CAPABILITY_BASE + 1)
        ]
        if self.needs:
            self.needs[0] = replace(self.needs[0], benchmark_years=(2026,))
            self.offers[0] = replace(self.offers[0], benchmark_years=(2026,))

    def warm_up(self) -> None:
        """Count the calls."""
        self.warmed += 1

    def _find(self, cards: list[PostingCard], key: int) -> PostingCard:
        if key == WITHDRAWN:
            raise GoneError("gone")
        if key == BROKEN:
            raise RuntimeError("broken on purpose")
        if key == REFUSED:
            raise BadRequestError("编号的写法不对，请检查。")
        for card in cards:
            if card.key == key:
                return card
        raise NotFoundError("nothing")

    def home(self) -> HomePage:
        """The start page."""
        per_city = Counter(city_of(card) for card in self.needs)
        offers = Counter(city_of(card) for card in self.offers)
        return HomePage(
            opportunities=len(self.needs),
            capabilities=len(self.offers),
            strong_pairs=187,
            needs_with_good_match=71,
            unmatched=tuple(self.needs[40:44]),
            newest_opportunities=tuple(self.needs[:5]),
            newest_capabilities=tuple(self.offers[:5]),
            cities=tuple(CityFigures(city, per_city[city], offers[city]) for city in CITIES),
            benchmark_year=2026 if self.needs else None,
            benchmark_candidates=8,
        )

    def list_postings(self, query: ListQuery) -> ListPage:
        """A list with facets counted over the hits."""
        self.queries.append(query)
        cards = self.needs if query.side is Side.OPPORTUNITY else self.offers
        hits = [card for card in cards if holds(card, query.text)]
        kept = [card for card in hits if all(value_of(card, n) in v for n, v in query.facets.items())]
        if query.text:
            kept = [replace(card, hits=(query.text,)) for card in kept]
        start = (query.page - 1) * query.page_size
        relax = tuple(LABELS[name] for name in query.facets) if not kept else ()
        return ListPage(
            query=query,
            cards=tuple(kept[start : start + query.page_size]),
            total=len(kept),
            pages=max(1, -(-len(kept) // query.page_size)),
            facets=tuple(facet_of(name, hits, query) for name in facet_names(query.side)),
            semantic=self.ready,
            relax=relax,
        )

    def search(self, text: str) -> SearchPage:
        """Five cards of each list."""
        pages = [self.list_postings(ListQuery(side, text, order="relevance", page_size=5)) for side in Side]
        return SearchPage(text, *pages)

    def opportunity_page(self, key: int, sight: Sight, *, top: int = 10) -> OpportunityPage:
        """One need with made-up matches."""
        card = self._find(self.needs, key)
        need = card.posting
        assert isinstance(need, Opportunity)
        matches = tuple(self._match(card, offer, rank) for rank, offer in enumerate(self.offers[:top], 1))
        if key == 2:
            matches = tuple(replace(match, band=Band.NONE) for match in matches[:3])
        team = TeamView(((self.offers[0], (0, 1)), (self.offers[3], (2, 3))), (0, 1, 2, 3), (4,))
        return OpportunityPage(
            card,
            need,
            matches if sight.anything else None,
            37,
            key == 3,
            team if sight.public and key == 1 else None,
        )

    def capability_page(self, key: int, sight: Sight, *, top: int = 10) -> CapabilityPage:
        """One capability with made-up matches."""
        card = self._find(self.offers, key)
        offer = card.posting
        assert isinstance(offer, Capability)
        matches = tuple(self._match(need, card, rank, of_offer=True) for rank, need in enumerate(self.needs[:top], 1))
        cross = tuple(self._match(need, card, rank, of_offer=True) for rank, need in enumerate(self.needs[30:32], 1))
        gaps = (
            GapView("运维服务不少于3年", self.needs[1], VerdictKind.UNCLEAR),
            GapView("数据不出域", self.needs[2], VerdictKind.CONFLICT),
        )
        return CapabilityPage(
            card,
            offer,
            matches if sight.anything else None,
            cross if sight.anything else None,
            gaps if sight.public else (),
            25,
            False,
        )

    def pair_page(self, opportunity_key: int, capability_key: int, sight: Sight) -> PairPage:
        """One pair with every kind of verdict."""
        if not sight.anything:
            raise ForbiddenError("本站在采购前不公开具名单位的匹配判断。")
        need, offer = self._find(self.needs, opportunity_key), self._find(self.offers, capability_key)
        match = self._match(need, offer, 1)
        return make_pair(
            opportunity=need,
            capability=offer,
            band=match.band,
            score=match.score,
            verdicts=match.verdicts,
            contributions=(
                Contribution("coverage", "条目覆盖", 1.92, "6 条需求中 4 条有依据"),
                Contribution("meaning", "整体意思", 0.81, "两段文字说的是相近的事"),
                Contribution("words", "共用词语", 0.22, "共用“漏点”“声学”等少见词"),
                Contribution("conflict", "数字不符", -0.74, "1 处数字未达到要求"),
            ),
            intercept=-0.41,
            ask_first=("电池能用多少年？", "数据能否存放在本单位机房？"),
            benchmark_years=(2026,) if opportunity_key == 1 else (),
            band_limits=((Band.STRONG, 0.5), (Band.GOOD, 0.2), (Band.POSSIBLE, 0.06)),
        )

    def _match(self, need: PostingCard, offer: PostingCard, rank: int, *, of_offer: bool = False) -> MatchView:
        posting, supply = need.posting, offer.posting
        assert isinstance(posting, Opportunity)
        assert isinstance(supply, Capability)
        judged = posting.requirements or tuple(passage.text for passage in compose(posting).passages)
        verdicts = tuple(_verdict(place, text, supply, rank) for place, text in enumerate(judged))
        return MatchView(
            rank=rank,
            score=max(0.05, 0.95 - rank * 0.07),
            band=_BANDS[min(rank - 1, len(_BANDS) - 1)],
            counterpart=need if of_offer else offer,
            verdicts=verdicts,
            ask_first=("运维服务年限是多少？", "能否对接现有GIS？", "有没有同类案例？"),
            benchmark_years=(2026,) if rank == 1 and need.key == 1 else (),
        )

    def benchmark_page(self, year: int, *, candidates_only: bool = False) -> BenchmarkPage:
        """Landed pairs of the samples, or those that passed; only one year has a round."""
        if year not in self.benchmark_years():
            raise NotFoundError(f"{year} 年度没有标杆候选数据。")
        cards = {card.posting.id: card for card in (*self.needs, *self.offers)}
        found = tuple(c for c in candidates(cards) if c.status == "candidate" or not candidates_only)
        return BenchmarkPage(year, "2026-12-31", found, (2026, 2025), RULES)

    @property
    def year_book(self) -> FakeYears:
        return FakeYears()

    def benchmark_years(self) -> tuple[int, ...]:
        """The years with a round."""
        return (2026,) if self.needs else ()

    def status(self) -> StatusPage:
        """What is running."""
        return StatusPage(
            encoder="e5-small-zh",
            fingerprint="sha256:3f9c1a7b6d20",
            recipe_version=3,
            weights_version="2026-11-20",
            opportunities=len(self.needs),
            capabilities=len(self.offers),
            vectors=2417,
            matches=6210,
            changes=342,
            matched_through=340,
            index_seen=342,
            snapshot_number=2,
            snapshot_created="2026-11-21 09:30",
            last_change="2026-11-21 10:02",
            encoder_ready=self.ready,
            database_bytes=18_400_000,
            problems=() if self.ready else ("模型还没有载入。",),
        )


def _verdict(place: int, text: str, supply: Capability, rank: int) -> VerdictView:
    kind = _KINDS[(place + rank - 1) % len(_KINDS)]
    if kind is VerdictKind.UNCLEAR or not supply.features:
        return VerdictView(place, text, VerdictKind.UNCLEAR, None, None, None, score=0.1)
    feature = place % len(supply.features)
    quote = supply.features[feature]
    wanted, offered = re.search(r"[≥≤]?[\d.]+\S?", text), re.search(r"[≥≤]?[\d.]+\S?", quote)
    numbers = ()
    if wanted and offered:
        numbers = (NumberCheck(wanted.group(), offered.group(), kind is not VerdictKind.CONFLICT),)
    limit = quote[-8:] if kind is VerdictKind.CONFLICT and not numbers else None
    return VerdictView(place, text, kind, "feature", feature, quote, numbers, limit, 0.9 - place / 20)
