"""Page dataclasses become words, addresses and marked text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from markupsafe import Markup
from posting_factory import make_capability, make_card, make_opportunity

from marketplace import CityFigures, Facet, FacetValue, ListPage, ListQuery
from matching import Band, Side, VerdictKind
from webapp.presenters import (
    figures,
    labels,
    list_url,
    present_list,
)
from webapp.presenters.cards import present_card
from webapp.presenters.marking import mark, paragraphs
from webapp.presenters.tilemap import present_tiles


@pytest.fixture(autouse=True)
def request_of(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def make_list(**overrides: object) -> ListPage:
    base: dict[str, object] = {
        "query": ListQuery(Side.OPPORTUNITY, facets={"domain": ("智慧水利",)}),
        "cards": (make_card(),),
        "total": 1,
        "pages": 1,
        "facets": (Facet("domain", "领域", (FacetValue("智慧水利", "智慧水利", 1, True),)),),
        "semantic": True,
    }
    return ListPage(**(base | overrides))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wan", "text"),
    [
        (None, "未注明"),
        (0.0, "0 万元"),
        (23.5, "23.5 万元"),
        (680.0, "680 万元"),
        (9999.0, "9,999 万元"),
        (10_000.0, "1 亿元"),
        (12_345.0, "1.23 亿元"),
        (1350.0, "1,350 万元"),
    ],
)
def test_money(wan: float | None, text: str) -> None:
    assert figures.money(wan) == text


@pytest.mark.parametrize(("value", "text"), [(0.52, "+0.52"), (-0.31, "−0.31"), (0.0, "0.00"), (-0.001, "0.00")])
def test_signed(value: float, text: str) -> None:
    assert figures.signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.00"), (0.001, "0.01"), (0.8649, "0.86"), (0.9999, "0.99"), (1.0, "1.00")]
)
def test_score_is_never_rounded_to_certainty(value: float, text: str) -> None:
    assert figures.score(value) == text


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("漏点定位", (), "漏点定位"),
        ("漏点定位", ("漏点",), "<mark>漏点</mark>定位"),
        ("漏点漏点定位", ("漏点定位", "漏点"), "<mark>漏点</mark><mark>漏点定位</mark>"),
        ("<script>", ("script",), "&lt;<mark>script</mark>&gt;"),
        ("AI 与 ai", ("ai",), "<mark>AI</mark> 与 <mark>ai</mark>"),
        ("1.8%（月）", ("1.8%（",), "<mark>1.8%（</mark>月）"),
        ("文字", ("", "  "), "文字"),
        ("a & b", ("&",), "a <mark>&amp;</mark> b"),
        ("12分钟内，2分钟上报", ("2分钟",), "12分钟内，<mark>2分钟</mark>上报"),
        ("1.2万座、2万座", ("2万座",), "1.2万座、<mark>2万座</mark>"),
        ("IP68、IP6", ("IP6",), "IP68、<mark>IP6</mark>"),
        ("TRL 8，共8.5", ("8",), "TRL <mark>8</mark>，共8.5"),
    ],
)
def test_mark_escapes_and_marks(text: str, words: tuple[str, ...], marked: str) -> None:
    assert mark(text, words) == Markup(marked)


def test_paragraphs() -> None:
    assert paragraphs("一\r\n\n 二 \n") == ("一", "二")
    assert paragraphs("") == ()


def test_every_word_has_its_label() -> None:
    assert set(labels.BANDS) == set(Band)
    assert set(labels.VERDICTS) == set(VerdictKind)


@pytest.mark.parametrize(
    ("source", "index", "words"),
    [
        ("feature", 2, "能力要点 3"),
        ("summary", None, "简介"),
        ("case", 0, "案例 1"),
        ("title", None, "标题"),
        (None, None, "—"),
    ],
)
def test_place(source: str | None, index: int | None, words: str) -> None:
    assert labels.place(source, index) == words


def test_card_of_a_bare_posting() -> None:
    card = present_card(
        make_card(make_opportunity(publisher="", district="", domain="", budget_wan=None, deadline=None))
    )
    assert card.organisation == "未注明"
    assert [fact.value for fact in card.facts] == [*["未注明"] * 4, "尚未确认"]
    assert not any(fact.day for fact in card.facts)


def test_card_escapes_what_people_wrote() -> None:
    card = present_card(make_card(make_capability(title="<b>传感</b>"), hits=("传感",)))
    assert card.title == Markup("&lt;b&gt;<mark>传感</mark>&lt;/b&gt;")


def test_chips_lead_to_the_list_without_them() -> None:
    context = present_list(make_list(), ())
    assert [(chip.label, chip.url) for chip in context.chips] == [("领域：智慧水利", "/opportunities")]


def test_relax_names_the_filters_to_drop() -> None:
    query = ListQuery(Side.OPPORTUNITY, "井盖", {"domain": ("智慧水利",)}, order="relevance")
    page = make_list(query=query, cards=(), total=0, relax=("domain", "q", "unknown"))
    context = present_list(page, ())
    assert [chip.label for chip in context.relax] == ["领域：智慧水利", "搜索词“井盖”"]
    assert present_list(replace(page, total=1, cards=(make_card(),)), ()).relax == ()


@pytest.mark.parametrize(
    ("page", "pages", "words"),
    [
        (1, 1, None),
        (1, 2, ["1", "2"]),
        (1, 9, ["1", "2", "3", "…", "8", "9"]),
        (5, 9, ["1", "2", "3", "4", "5", "6", "7", "8", "9"]),
        (50, 99, ["1", "2", "…", "48", "49", "50", "51", "52", "…", "98", "99"]),
        (9, 9, ["1", "2", "…", "7", "8", "9"]),
    ],
)
def test_paging(page: int, pages: int, words: list[str] | None) -> None:
    context = present_list(make_list(query=ListQuery(Side.OPPORTUNITY, page=page), pages=pages), ())
    if words is None:
        assert context.paging is None
        return
    assert context.paging is not None
    assert [link.label for link in context.paging.links] == words
    assert (context.paging.previous is None, context.paging.following is None) == (page == 1, page == pages)


def test_a_long_facet_folds_and_opens_for_a_chosen_value() -> None:
    values = [FacetValue(str(n), str(n), 1, chosen=n == 19) for n in range(20)]
    panel = present_list(make_list(facets=(Facet("domain", "领域", tuple(values)),)), ()).facets[0]
    assert (len(panel.shown), len(panel.folded), panel.unfolded) == (9, 11, True)


def test_option_ids_do_not_move_with_counts() -> None:
    one, two = FacetValue("甲 乙", "甲", 2, False), FacetValue("丙", "丙", 1, False)
    first = present_list(make_list(facets=(Facet("domain", "领域", (one, two)),)), ()).facets[0].shown
    second = present_list(make_list(facets=(Facet("domain", "领域", (two, one)),)), ()).facets[0].shown
    assert {o.value: o.id for o in first} == {o.value: o.id for o in second}
    assert all(" " not in o.id for o in first)


def test_list_url_repeats_values() -> None:
    query = ListQuery(Side.CAPABILITY, "激光 雷达", {"trl": ("7", "8")}, order="relevance", page=2)
    assert list_url(query) == "/capabilities?q=%E6%BF%80%E5%85%89+%E9%9B%B7%E8%BE%BE&trl=7&trl=8&page=2"


@pytest.mark.parametrize(("days", "word"), [(-1, "已截止"), (0, None), (1, None), (-400, "已截止"), (None, None)])
def test_a_past_deadline_is_said(days: int | None, word: str | None) -> None:
    deadline = None if days is None else str(date.today() + timedelta(days=days))
    card = present_card(make_card(make_opportunity(deadline=deadline)))
    assert (card.closed.word if card.closed else None) == word
    assert card.state.word == "征集中"


def test_a_capability_has_no_deadline() -> None:
    assert present_card(make_card(make_capability())).closed is None


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        ("2026-11-22T00:48:59Z", "2026-11-22 08:48（北京时间）"),
        ("2026-12-31T20:00:00+00:00", "2027-01-01 04:00（北京时间）"),
        ("2026-11-21 09:30", "2026-11-21 09:30"),
        ("", ""),
        ("无", "无"),
    ],
)
def test_moments_are_told_in_beijing_time(stamp: str, text: str) -> None:
    assert figures.moment(stamp) == text


def test_tiles_are_tinted_by_share() -> None:
    tiles = present_tiles(
        (
            CityFigures("武汉", 47, 1),
            CityFigures("黄石市", 7, 1),
            CityFigures("天门", 0, 1),
            CityFigures("北京", 9, 9),
        )
    )
    assert [(tile.city, tile.tint) for tile in tiles] == [("天门", 0), ("武汉", 5), ("黄石", 1)]
    assert present_tiles(()) == ()
