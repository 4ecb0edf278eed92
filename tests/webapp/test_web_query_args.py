"""Request arguments are cleaned once, whatever is typed into the address bar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from matching import Side
from webapp import query_args
from webapp.query_args import (
    clean_text,
    parse_list,
    parse_top,
    url_args,
    without_facet,
    without_text,
    without_value,
)

NEED, OFFER = Side.OPPORTUNITY, Side.CAPABILITY


@pytest.mark.parametrize(
    ("raw", "page"),
    [
        (None, 1),
        ("", 1),
        ("0", 1),
        ("-1", 1),
        ("abc", 1),
        ("1.5", 1),
        ("1e3", 1),
        ("１２", 1),
        ("²", 1),
        ("1_0", 1),
        ("7", 7),
        (" 7 ", 7),
        ("007", 7),
        ("1000000000", 100_000),
        ("9" * 5000, 100_000),
    ],
)
def test_page_is_kept_within_bounds(raw: str | None, page: int) -> None:
    args = MultiDict([] if raw is None else [("page", raw)])
    assert parse_list(args, NEED).query.page == page


@pytest.mark.parametrize(("raw", "top"), [("", 10), ("0", 1), ("50", 50), ("51", 50), ("-5", 10), ("many", 10)])
def test_top_is_kept_within_bounds(raw: str, top: int) -> None:
    assert parse_top(MultiDict([("top", raw)])) == top


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", ""),
        ("   ", ""),
        ("井盖", "井盖"),
        ("  井盖\t 丢失\n", "井盖 丢失"),
        ("a\x00b", "a b"),
        ("５Ｇ", "５Ｇ"),
        ("😀", "😀"),
        ("%' OR 1=1 --", "%' OR 1=1 --"),
        ("<b>", "<b>"),
        ("\ud800井", "井"),
        ("a\u2028b", "a b"),
    ],
)
def test_text_is_cleaned(raw: str, text: str) -> None:
    assert clean_text(raw) == query_args.CleanText(text)


def test_long_text_is_cut_and_said() -> None:
    clean = clean_text("水" * 10_000)
    assert len(clean.text) == query_args.MAX_TEXT
    assert "200" in clean.notices[0]
    assert clean_text("水" * query_args.MAX_TEXT).notices == ()


def test_unknown_names_are_dropped() -> None:
    query = parse_list(
        MultiDict([("sort", "x"), ("trl", "7"), ("domain", "智慧水利"), ("utm_source", "a")]), NEED
    ).query
    assert query.facets == {"domain": ("智慧水利",)}


def test_values_repeat_once_and_have_a_length() -> None:
    args = MultiDict([("domain", "a"), ("domain", "b"), ("domain", "a"), ("domain", ""), ("domain", "x" * 65)])
    assert parse_list(args, OFFER).query.facets == {"domain": ("a", "b")}


def test_values_are_at_most_fifty() -> None:
    args = MultiDict([("domain", str(n)) for n in range(200)])
    assert len(parse_list(args, OFFER).query.facets["domain"]) == query_args.MAX_VALUES


@pytest.mark.parametrize(
    ("raw", "text", "side", "order"),
    [
        ("", "", NEED, "newest"),
        ("", "水", NEED, "relevance"),
        ("newest", "水", NEED, "newest"),
        ("relevance", "", NEED, "newest"),
        ("deadline", "", NEED, "deadline"),
        ("deadline", "", OFFER, "newest"),
        ("confirmed", "", OFFER, "confirmed"),
        ("DROP TABLE", "", NEED, "newest"),
    ],
)
def test_order_is_one_the_list_has(raw: str, text: str, side: Side, order: str) -> None:
    assert parse_list(MultiDict([("order", raw), ("q", text)]), side).query.order == order


def test_url_args_leave_defaults_out() -> None:
    assert url_args(parse_list(MultiDict([("q", ""), ("order", "newest"), ("page", "1")]), NEED).query) == {}


def test_dropping_one_value_keeps_the_others() -> None:
    query = parse_list(MultiDict([("domain", "a"), ("domain", "b"), ("region", "武汉"), ("page", "3")]), NEED).query
    less = without_value(query, "domain", "a")
    assert (less.facets, less.page) == ({"domain": ("b",), "region": ("武汉",)}, 1)
    assert without_facet(query, "domain").facets == {"region": ("武汉",)}


def test_dropping_the_text_drops_its_order() -> None:
    query = parse_list(MultiDict([("q", "水")]), NEED).query
    assert (without_text(query).text, without_text(query).order) == ("", "newest")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["q", "domain", "region", "trl", "state", "budget", "order", "page", "x"]),
            st.text(max_size=30) | st.sampled_from(["newest", "relevance", "deadline", "3", "武汉"]),
        ),
        max_size=12,
    ),
    st.sampled_from(Side),
)
def test_an_address_asks_for_the_same_list_again(pairs: list[tuple[str, str]], side: Side) -> None:
    query = parse_list(MultiDict(pairs), side).query
    again = [(n, v) for n, value in url_args(query).items() for v in ([value] if isinstance(value, str) else value)]
    assert parse_list(MultiDict(again), side).query == query
