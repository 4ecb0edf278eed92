"""Verdicts, rankings and pairs become words, marked sentences and an account that adds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fake_market import FakeMarket
from flask import Flask
from markupsafe import Markup
from posting_factory import make_pair, make_verdict

from marketplace import Contribution, Sight
from matching import Band, NumberCheck, VerdictKind
from webapp.presenters import present_opportunity, present_pair, verdicts
from webapp.presenters.matches import present_matches

OPEN, CLOSED = Sight(public=True), Sight()

@pytest.fixture(autouse=True)
def request_of(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def test_verdict_row_marks_the_figure() -> None:
    row = verdicts.rows((make_verdict(),), story=False)[0]
    assert row.text == Markup("发现时间<mark>≤5分钟</mark>")
    assert row.quote == Markup("异动<mark>2分钟</mark>内上报")
    assert (row.name, row.place, row.comparisons[0].label.word) == ("R1", "能力要点 1", "达到")


def test_silent_verdict_has_no_quote() -> None:
    silent = make_verdict(kind=VerdictKind.UNCLEAR, text=None, source=None, index=None, numbers=())
    row = verdicts.rows((silent,), story=False)[0]
    assert (row.quote, row.place, row.label.word) == (None, "—", "待确认")


def test_best_evidence_prefers_met_then_numbers() -> None:
    partial = make_verdict(kind=VerdictKind.PARTIAL, score=0.99)
    plain = make_verdict(requirement=1, numbers=(), score=0.95)
    compared = make_verdict(requirement=2, numbers=(NumberCheck("≤5", "2", True),), score=0.8)
    assert verdicts.best((partial, plain, compared)) is compared
    assert verdicts.best((make_verdict(kind=VerdictKind.CONFLICT),)) is None
    assert verdicts.best(()) is None


def test_pair_account_adds_up() -> None:
    page = make_pair(
        contributions=(Contribution("a", "甲", 1.5, ""), Contribution("b", "乙", -0.25, "")), intercept=-0.5
    )
    context = present_pair(page)
    assert context.total == "+0.75"
    assert [row.value for row in context.contributions] == ["−0.50", "+1.50", "−0.25"]
    assert all(row.bar_start >= 0 and row.bar_start + row.bar_width <= 200 for row in context.contributions)
    assert context.contributions[0].tone == "plain"


@pytest.mark.parametrize(
    ("rank", "words"), [((2, 37), "排第 2"), ((50, 90), "排第 50"), ((51, 90), "以后"), (None, "以后")]
)
def test_only_places_that_are_certain_are_named(rank: tuple[int, int] | None, words: str) -> None:
    context = present_pair(make_pair(rank_for_opportunity=rank))
    assert context.ranks[0].startswith("在这项需求的各项能力中排")
    assert context.ranks[0].endswith(words)


def test_the_limits_of_the_bands_stand_beside_the_score() -> None:
    assert present_pair(make_pair()).limits == "高度匹配 ≥0.50 · 较匹配 ≥0.20 · 可了解 ≥0.06"
    unsorted = ((Band.NONE, 0.0), (Band.GOOD, 0.2), (Band.STRONG, 0.5))
    assert present_pair(make_pair(band_limits=unsorted)).limits == "高度匹配 ≥0.50 · 较匹配 ≥0.20"
    assert present_pair(make_pair(band_limits=())).limits == ""


def test_a_need_without_requirements_is_judged_by_its_sentences(market: FakeMarket) -> None:
    card = next(card for card in market.needs if not getattr(card.posting, "requirements", ()))
    page = market.opportunity_page(card.key, OPEN)
    context = present_opportunity(page)
    assert [item.name for item in context.story] == ["描述句1"]
    assert (context.paragraphs, context.requirements) == ((), ())
    assert "".join(item.text for item in context.story) == page.opportunity.background
    assert context.ranking.rows[0].strip[0].name == "描述句1"
    # The one sentence stands at the top of the page already.
    assert all((row.unclear, row.ask_first) == ((), ()) for row in context.ranking.rows)
    pair = present_pair(market.pair_page(card.key, 1001, OPEN))
    assert (pair.rows[0].name, pair.story_note) == ("描述句1", verdicts.STORY_NOTE)


def test_a_story_is_told_in_full_where_rankings_are_closed(market: FakeMarket) -> None:
    card = next(card for card in market.needs if not getattr(card.posting, "requirements", ()))
    context = present_opportunity(market.opportunity_page(card.key, CLOSED))
    assert context.story == ()
    assert context.paragraphs


def test_on_a_capability_s_page_each_story_is_named_as_such(market: FakeMarket) -> None:
    page = market.capability_page(1001, OPEN, top=50)
    assert page.matches is not None
    notes = {
        bool(getattr(match.counterpart.posting, "requirements", ())): row.note
        for match, row in zip(page.matches, present_matches(page.card, page.matches), strict=True)
    }
    assert notes == {True: "", False: verdicts.STORY_NOTE}


def test_opportunity_without_public_matches(market: FakeMarket) -> None:
    context = present_opportunity(market.opportunity_page(1, CLOSED))
    assert (context.ranking.public, context.ranking.shown, context.ranking.nothing_fits) == (False, 0, False)
    assert (context.team, context.more_url) == (None, None)


def test_what_is_not_recommended_stands_apart_with_its_rank(market: FakeMarket) -> None:
    ranking = present_opportunity(market.opportunity_page(1, OPEN)).ranking
    assert [row.rank for row in ranking.rows] == [1, 2, 3, 4, 5, 6]
    assert [row.rank for row in ranking.rest] == [7, 8, 9, 10]


def test_nothing_fits_is_said(market: FakeMarket) -> None:
    page = market.opportunity_page(2, OPEN)
    assert present_opportunity(page).ranking.nothing_fits
    empty = present_opportunity(replace(page, matches=(), total_matches=0))
    assert empty.ranking.nothing_fits
    assert empty.more_url is None


def test_more_is_offered_while_it_may_be_worth_showing(market: FakeMarket) -> None:
    page = market.opportunity_page(1, OPEN, top=5)
    assert present_opportunity(page).more_url == "/opportunities/1?top=50#m-6"
    assert present_opportunity(replace(page, total_matches=5)).more_url is None
    assert present_opportunity(market.opportunity_page(1, OPEN)).more_url is None


def test_a_match_without_requirements_shows_what_the_other_wrote(market: FakeMarket) -> None:
    page = market.opportunity_page(1, OPEN)
    assert page.matches is not None
    bare = replace(page.matches[0], verdicts=())
    row = present_opportunity(replace(page, matches=(bare,))).ranking.rows[0]
    assert (row.quote, row.snippet) == (None, bare.counterpart.snippet)
