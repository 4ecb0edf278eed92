"""The market's pages over a stocked database, with the hashing encoder in place of the model."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity
from market_tools import Shop

from marketplace import (
    BadRequestError,
    GoneError,
    ListQuery,
    Market,
    MarketSettings,
    NotFoundError,
    PairPage,
    Sight,
    matchkeeper,
    open_market,
)
from marketplace.matched import CROSS_FIELD, GAPS, LABELS
from marketplace.store.matches import load_snapshot
from marketplace.store.postings import load_rows, load_vectors
from matching import Band, Engine, MatchingError, Side, VerdictKind, prepare, score_pair

NEED, OFFER = Side.OPPORTUNITY, Side.CAPABILITY
NOBODY = 1
OPEN, CLOSED = Sight(public=True), Sight()


def problems(market: Market) -> tuple[str, ...]:
    """What the status page complains of, but for the worker, which no test of this file starts."""
    return tuple(one for one in market.status().problems if "后台任务" not in one)


def statements(market: Market, ask: Callable[[], Any]) -> int:
    """How many SQL statements a page takes on this thread's connection."""
    seen: list[str] = []
    market._keeper.db.conn.set_trace_callback(seen.append)
    try:
        ask()
    finally:
        market._keeper.db.conn.set_trace_callback(None)
    return len(seen)


def test_empty_installation_has_every_page(market_settings: MarketSettings) -> None:
    market = open_market(market_settings)
    home = market.home()
    assert (home.opportunities, home.capabilities, home.strong_pairs, home.benchmark_year) == (0, 0, 0, None)
    assert len(home.cities) == 9
    for side in Side:
        page = market.list_postings(ListQuery(side, text="井盖", page=7))
        assert (page.cards, page.total, page.pages, page.relax) == ((), 0, 1, ())
    assert market.search("").opportunities.total == 0
    assert market.benchmark_years() == ()
    assert problems(market) == ()
    assert market.status().encoder == "尚未导入清单"


def test_home_counts_what_is_stored(market: Market, stocked_shop: Shop) -> None:
    home, limits = market.home(), market.pair_page(*first_pair(market), OPEN).band_limits
    scores = [(raw["opportunity_key"], raw["score"]) for raw in stocked_shop.db.table("match").rows]
    good = dict(limits)[Band.GOOD]
    assert (home.opportunities, home.capabilities) == (22, 24)
    assert home.strong_pairs == sum(score >= dict(limits)[Band.STRONG] for _, score in scores)
    assert home.needs_with_good_match == len({key for key, score in scores if score >= good})
    assert len(home.unmatched) == min(5, 22 - home.needs_with_good_match)
    assert [len(cards) for cards in (home.newest_opportunities, home.newest_capabilities)] == [5, 5]
    wuhan = next(city for city in home.cities if city.city == "武汉市")
    rows = load_rows(stocked_shop.db, side=NEED)
    assert wuhan.opportunities == sum(row.posting.district.startswith("武汉") for row in rows)  # type: ignore[union-attr]
    assert sum(city.capabilities for city in home.cities) <= 24
    assert home.benchmark_year in market.benchmark_years()


def first_pair(market: Market) -> tuple[int, int]:
    need, offer = (market.list_postings(ListQuery(side)).cards[0].key for side in Side)
    return need, offer


def test_list_is_cut_into_pages_and_ends_on_the_last(market: Market) -> None:
    pages = [market.list_postings(ListQuery(NEED, page=n, page_size=8)) for n in (1, 2, 3, 99, 0, -1)]
    assert [len(page.cards) for page in pages] == [8, 8, 6, 6, 8, 8]
    assert {(page.total, page.pages) for page in pages} == {(22, 3)}
    assert pages[3].cards == pages[2].cards
    keys = [card.key for page in pages[:3] for card in page.cards]
    assert len(set(keys)) == 22


def test_facets_narrow_the_list_and_its_total(market: Market) -> None:
    everything = market.list_postings(ListQuery(OFFER, page_size=100))
    domain = everything.facets[0].values[0]
    narrowed = market.list_postings(ListQuery(OFFER, facets={"domain": (domain.value,)}, page_size=100))
    assert narrowed.total == domain.count == len(narrowed.cards) < everything.total
    assert all(domain.value in (card.posting.domains or ("none",)) for card in narrowed.cards)
    nothing = market.list_postings(ListQuery(OFFER, facets={"domain": ("没有",), "region": ("武汉市",)}))
    assert (nothing.total, nothing.relax) == (0, ("领域",))


def test_unknown_order_is_refused(market: Market) -> None:
    with pytest.raises(BadRequestError, match=r"price.*可选"):
        market.list_postings(ListQuery(NEED, order="price"))


@pytest.mark.parametrize("words", ["供水管网漏点", "供水管網漏點", "供水  管网", "漏点定位"])
def test_search_by_words_and_with_meaning(market: Market, stocked: MarketSettings, words: str) -> None:
    query = ListQuery(NEED, text=words, order="relevance")
    by_words, with_meaning = Market(stocked).list_postings(query), market.list_postings(query)
    assert (by_words.semantic, with_meaning.semantic) == (False, True)
    assert by_words.cards[0].posting.id == with_meaning.cards[0].posting.id == "JH-2026-001"
    assert {card.key for card in by_words.cards} <= {card.key for card in with_meaning.cards}
    assert any(hit in with_meaning.cards[0].posting.title for hit in with_meaning.cards[0].hits)


def test_search_by_publisher_and_company(stocked: MarketSettings, stocked_shop: Shop) -> None:
    shop = stocked_shop
    shop.take(make_opportunity(publisher="梁子湖生态管理局"), make_opportunity(id="JH-002"))
    shop.take(make_capability(company="凤凰山仪表"), make_capability(id="NL-002"))
    page = Market(stocked).search("梁子湖")
    assert [card.posting.id for card in page.opportunities.cards] == ["JH-001"]
    assert "NL-001" in {card.posting.id for card in Market(stocked).search("凤凰山仪表").capabilities.cards}


@pytest.mark.parametrize("text", ["", " ", "　", "\n"])
def test_nothing_typed_lists_everything(market: Market, text: str) -> None:
    page = market.search(text)
    assert (page.opportunities.total, page.capabilities.total) == (22, 24)
    assert not page.opportunities.semantic


@pytest.mark.parametrize("text", ["zzzz", "🛰️", "的", "'\" or 1=1", "title:井盖 AND (", "长" * 10_000])
def test_odd_searches_answer(stocked: MarketSettings, market: Market, text: str) -> None:
    by_words = Market(stocked).search(text)
    assert by_words.opportunities.total <= 22
    assert market.search(text).opportunities.semantic


def test_words_without_a_find_name_no_filter(stocked: MarketSettings) -> None:
    page = Market(stocked).list_postings(ListQuery(NEED, text="zzzz", facets={"region": ("武汉市",)}))
    assert (page.total, page.relax) == (0, ())


@pytest.mark.parametrize("side", Side)
def test_detail_ranks_counterparts_on_both_sides(market: Market, side: Side) -> None:
    key = first_pair(market)[0 if side is NEED else 1]
    ask = market.opportunity_page if side is NEED else market.capability_page
    page, short, closed = (
        ask(key, OPEN), ask(key, OPEN, top=3), ask(key, CLOSED),
    )  # fmt: skip
    assert page.matches is not None
    assert [view.rank for view in page.matches] == list(range(1, 11))
    order = [(-view.score, view.counterpart.posting.id) for view in page.matches]
    assert order == sorted(order)
    assert short.matches == page.matches[:3]
    assert closed.matches is None
    assert (closed.total_matches, page.total_matches) == (0, 24 if side is NEED else 22)
    assert not page.pending
    assert all(view.counterpart.posting.side is side.other for view in page.matches)


def test_verdicts_quote_the_counterpart_verbatim(market: Market) -> None:
    need = first_pair(market)[0]
    page = market.opportunity_page(need, OPEN)
    assert page.matches is not None
    for view in page.matches:
        offer = view.counterpart.posting
        assert [v.requirement_text for v in view.verdicts] == list(page.opportunity.requirements)
        texts = {"feature": offer.features, "case": offer.cases}  # type: ignore[union-attr]
        for verdict in view.verdicts:
            if verdict.text is None:
                assert verdict.kind is VerdictKind.UNCLEAR
            elif verdict.source in texts:
                assert verdict.index is not None
                assert verdict.text in texts[verdict.source][verdict.index]
            else:
                assert verdict.text in {"summary": offer.summary, "title": offer.title}[verdict.source or ""]  # type: ignore[union-attr]


def test_closed_capability_page_names_nobody(market: Market) -> None:
    page = market.capability_page(first_pair(market)[1], CLOSED)
    assert (page.matches, page.cross_field, page.gaps) == (None, None, ())


def test_cross_field_and_gaps_of_a_capability(stocked: MarketSettings, stocked_shop: Shop, market: Market) -> None:
    shop = stocked_shop
    requirement = "井盖移位后5分钟内告警到手机"
    shop.take(*(make_opportunity(id=f"JH-{n}", domain=domain, requirements=(requirement, "提供十年质保"))
                for n, domain in enumerate(("智慧城市", "文化旅游", ""))))  # fmt: skip
    shop.take(make_capability(domains=("智慧城市",)))
    page = market.capability_page(shop.key("NL-001"), OPEN)
    assert page.cross_field is not None
    assert len(page.cross_field) <= CROSS_FIELD
    for view in page.cross_field:
        assert view.band is not Band.NONE
        assert "智慧城市" not in view.counterpart.posting.domains
    assert len(page.gaps) <= GAPS
    assert all(gap.kind is not VerdictKind.MET for gap in page.gaps)


def test_team_is_shown_with_what_each_member_covers(stocked_shop: Shop, market: Market) -> None:
    shop = stocked_shop
    shop.take(make_opportunity(requirements=("井盖移位后5分钟内告警到手机", "部署在区政务云，数据不出域")))
    shop.take(
        make_capability(summary="", features=("井盖移位后5分钟内告警到手机",), cases=()),
        make_capability(id="NL-002", title="政务云", summary="", features=("部署在区政务云，数据不出域",), cases=()),
    )
    key = shop.key("JH-001")
    team = market.opportunity_page(key, OPEN).team
    assert team is not None
    assert {card.key for card, _ in team.members} >= {shop.key("NL-001"), shop.key("NL-002")}
    assert (team.covered, team.uncovered) == ((0, 1), ())
    assert {place for _, places in team.members for place in places} == {0, 1}
    assert market.opportunity_page(key, CLOSED).team is None
    shop.withdraw("NL-002")
    team = market.opportunity_page(key, OPEN).team
    assert team is None or shop.key("NL-002") not in {card.key for card, _ in team.members}


def assert_adds_up(page: PairPage) -> None:
    log_odds = page.intercept + sum(part.value for part in page.contributions)
    assert 1 / (1 + math.exp(-log_odds)) == pytest.approx(page.score, abs=3e-6)
    assert all(part.label and part.explanation for part in page.contributions)


def test_pair_page_explains_its_score(market: Market, stocked_shop: Shop) -> None:
    need, offer = stocked_shop.key("JH-2026-001"), stocked_shop.key("NL-2026-070")
    page = market.pair_page(need, offer, OPEN)
    assert_adds_up(page)
    best = market.opportunity_page(need, OPEN, top=50).matches
    assert best is not None
    view = next(view for view in best if view.counterpart.key == offer)
    assert page.rank_for_opportunity == (view.rank, 24)
    assert (page.score, page.band, page.verdicts, page.ask_first) == (
        view.score, view.band, view.verdicts, view.ask_first,
    )  # fmt: skip
    assert page.rank_for_capability is not None
    assert page.rank_for_capability[1] == 22
    assert page.band is next((band for band, low in page.band_limits if page.score >= low), Band.NONE)
    assert page.benchmark_years == view.benchmark_years != ()


def test_pair_outside_the_stored_best_is_scored_on_demand(
    stocked: MarketSettings, stocked_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, market = stocked_shop, Market(stocked)
    stored = {(raw["opportunity_key"], raw["capability_key"]): raw["score"] for raw in shop.db.table("match").rows}
    monkeypatch.setattr(matchkeeper, "DEPTH", 2)
    shop.work.match()
    kept = {(raw["opportunity_key"], raw["capability_key"]) for raw in shop.db.table("match").rows}
    outside = sorted(stored.keys() - kept)
    assert outside
    for pair in outside[:5]:
        page = market.pair_page(*pair, OPEN)
        assert (page.rank_for_opportunity, page.rank_for_capability) == (None, None)
        assert page.score == pytest.approx(stored[pair], abs=1.01e-6)
        assert {part.name for part in page.contributions} == LABELS.keys()
        assert_adds_up(page)


def test_pair_on_demand_equals_the_engine_alone(stocked_shop: Shop, market: Market) -> None:
    shop, need, offer = stocked_shop, *first_pair(market)
    shop.db.table("match").delete_where()
    page = market.pair_page(need, offer, OPEN)
    engine = Engine.open(shop.settings.matching, shop.encoder)
    vectors, current = load_vectors(shop.db, shop.encoder.fingerprint, [need, offer]), load_snapshot(shop.db)
    assert current is not None
    rows = {row.key: row.posting for row in load_rows(shop.db, [need, offer])}
    left, right = (prepare([rows[key]], [vectors[key]], engine.segmenter)[0] for key in (need, offer))
    pair, verdicts = score_pair(engine.model, left, right, current[3])
    assert (page.score, page.band) == (pair.score, pair.band)
    assert [v.kind for v in page.verdicts] == [v.kind for v in verdicts]


def test_pair_that_was_never_matched_is_refused_politely(stocked: MarketSettings, market: Market) -> None:
    shop = Shop(stocked)
    need, offer = first_pair(market)
    shop.db.table("match").delete_where()
    shop.db.table("snapshot").delete_where()
    with pytest.raises(BadRequestError, match="稍后"):
        market.pair_page(need, offer, OPEN)


def test_withdrawn_posting_is_gone_everywhere(market: Market, stocked_shop: Shop) -> None:
    shop, (need, offer) = stocked_shop, first_pair(market)
    posting = next(row.posting for row in load_rows(shop.db, [offer]))
    shop.withdraw(posting.id)
    with pytest.raises(GoneError, match="撤回"):
        market.capability_page(offer, OPEN)
    with pytest.raises(GoneError):
        market.pair_page(need, offer, OPEN)
    page = market.opportunity_page(need, OPEN, top=50)
    assert page.matches is not None
    assert (page.total_matches, offer in {v.counterpart.key for v in page.matches}) == (23, False)
    assert offer not in {card.key for card in market.search(posting.title).capabilities.cards}
    assert market.home().capabilities == 23
    shop.withdraw(posting.id, undo=True)
    assert market.capability_page(offer, OPEN).total_matches == 22


def test_unknown_key_and_wrong_side(market: Market) -> None:
    need, offer = first_pair(market)
    asks: list[Callable[[], Any]] = [
        lambda: market.opportunity_page(NOBODY, OPEN),
        lambda: market.capability_page(NOBODY, OPEN),
        lambda: market.opportunity_page(offer, OPEN),
        lambda: market.capability_page(need, OPEN),
        lambda: market.pair_page(offer, need, OPEN),
        lambda: market.pair_page(need, NOBODY, OPEN),
        lambda: market.pair_page(NOBODY, offer, OPEN),
    ]
    for ask in asks:
        with pytest.raises(NotFoundError, match="没有这条"):
            ask()


def test_change_not_yet_matched_is_pending(stocked: MarketSettings, market: Market) -> None:
    shop = Shop(stocked)
    work, need = shop.work, first_pair(market)[0]
    posting = load_rows(shop.db, [need])[0].posting

    def break_off(line: str) -> None:
        if "新增" in line:
            raise KeyboardInterrupt

    work.say = break_off
    with pytest.raises(KeyboardInterrupt):
        shop.take(replace(posting, title="改过的标题"))
    assert market.opportunity_page(need, OPEN).pending
    assert not market.opportunity_page(first_other(market, need), OPEN).pending
    (problem,) = problems(market)
    assert "1 条变更" in problem
    assert "marketplace match" in problem
    work.say = shop.said.append
    shop.take(replace(posting, title="改过的标题"))
    assert problems(market) == ()


def first_other(market: Market, key: int) -> int:
    return next(card.key for card in market.list_postings(ListQuery(NEED)).cards if card.key != key)


def test_status_tells_what_runs(market: Market, stocked_shop: Shop) -> None:
    page = market.status()
    assert (page.encoder, page.fingerprint, page.encoder_ready) == ("hashing", "hashing-1", True)
    assert (page.opportunities, page.capabilities, page.vectors, page.matches) == (22, 24, 46, 22 * 24)
    assert page.changes == page.matched_through == page.index_seen == 46
    assert page.snapshot_number == 1
    assert page.database_bytes > 0
    assert problems(market) == ()


def test_status_names_a_foreign_encoder_and_search_goes_by_words(stocked: MarketSettings) -> None:
    market = Market(stocked, HashingEncoder(fingerprint="hashing-2"))
    assert any("另一个编码模型" in problem for problem in problems(market))
    assert not market.search("供水管网漏点").opportunities.semantic
    Shop(stocked, HashingEncoder(fingerprint="hashing-2")).work.match()
    assert problems(market) == ()
    assert market.search("供水管网漏点").opportunities.semantic


def test_encoder_that_cannot_load_is_a_problem_not_a_crash(
    stocked: MarketSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: object) -> None:
        raise MatchingError("编码模型不在。")

    monkeypatch.setattr("marketplace.finder.load_encoder", missing)
    market = Market(stocked)
    market._finder._loading.acquire()
    market._finder._load()
    assert problems(market) == ("编码模型不在。",)
    assert not market.status().encoder_ready
    assert market.search("供水管网漏点").opportunities.total > 0


def test_warm_up_brings_meaning(stocked: MarketSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.finder.load_encoder", lambda _: HashingEncoder())
    market = Market(stocked)
    assert not market.search("供水").opportunities.semantic
    market.warm_up()
    with market._finder._loading:  # held until the thread has loaded
        pass
    assert market.search("供水").opportunities.semantic


def test_benchmark_page_shows_candidates_first(market: Market, stocked_shop: Shop) -> None:
    year = market.benchmark_years()[0]
    for year in market.benchmark_years():
        page = market.benchmark_page(year)
        places = [("candidate", "incomplete", "failed").index(one.status) for one in page.candidates]
        assert places == sorted(places)
        assert (page.year, page.cutoff, page.years) == (year, f"{year}-12-31", market.benchmark_years())
        only = market.benchmark_page(year, candidates_only=True)
        assert only.candidates == tuple(one for one in page.candidates if one.status == "candidate")
    page = market.benchmark_page(2026)
    first = next(one for one in page.candidates if one.landing_id == "LD-2026-01")
    assert first.status == "candidate"
    assert [effect.reached for effect in first.effects] == [True] * 3
    assert 2026 in first.opportunity.benchmark_years
    assert 2026 in market.opportunity_page(first.opportunity.key, CLOSED).card.benchmark_years
    assert len(first.replications) == 2
    assert first.user_report


def test_year_without_a_round(market: Market) -> None:
    with pytest.raises(NotFoundError, match=r"1999.*2026"):
        market.benchmark_page(1999)


def test_withdrawn_posting_takes_its_landing_along(market: Market, stocked_shop: Shop) -> None:
    before = len(market.benchmark_page(2026).candidates)
    stocked_shop.withdraw("NL-2026-070")
    assert len(market.benchmark_page(2026).candidates) == before - 1


PAGES: dict[str, Callable[[Market, int, int], Any]] = {
    "home": lambda market, need, offer: market.home(),
    "list": lambda market, need, offer: market.list_postings(ListQuery(NEED, page_size=100)),
    "searched list": lambda market, need, offer: market.list_postings(ListQuery(OFFER, text="终端", order="relevance")),
    "search": lambda market, need, offer: market.search("终端"),
    "opportunity": lambda market, need, offer: market.opportunity_page(need, OPEN, top=50),
    "capability": lambda market, need, offer: market.capability_page(offer, OPEN, top=50),
    "pair": lambda market, need, offer: market.pair_page(need, offer, OPEN),
    "benchmark": lambda market, need, offer: market.benchmark_page(market.benchmark_years()[0]),
    "status": lambda market, need, offer: market.status(),
}


@pytest.mark.parametrize("name", PAGES)
def test_statements_of_a_page_are_few_and_do_not_grow_with_the_rows(
    market: Market, market_settings: MarketSettings, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    small = Shop(MarketSettings(tmp_path_factory.mktemp("small") / "market.db", market_settings.matching))
    small.take(make_opportunity())
    small.take(make_capability())
    small.take({"id": "LD-1", "opportunity_id": "JH-001", "capability_id": "NL-001", "accepted_on": "2025-12-19"})
    few, counts = Market(small.settings, HashingEncoder()), {}
    for size, one in (("few", few), ("many", market)):
        pair = first_pair(one)
        PAGES[name](one, *pair)  # the desk is laid, the indexes have caught up
        counts[size] = statements(one, lambda one=one, pair=pair: PAGES[name](one, *pair))  # type: ignore[misc]
    assert counts["many"] == counts["few"] <= (30 if name == "status" else 15)


@pytest.mark.parametrize("name", ["list", "opportunity", "pair"])
def test_statements_right_after_a_change_are_few(market: Market, stocked_shop: Shop, name: str) -> None:
    pair = first_pair(market)
    stocked_shop.take(make_opportunity(), make_opportunity(id="JH-002"))
    assert statements(market, lambda: PAGES[name](market, *pair)) <= 30  # the desk is laid anew
