"""Facets, counts, orders and relaxations of a list, on rows without a database."""

from __future__ import annotations

from datetime import date

import pytest
from factories import make_capability, make_opportunity
from market_tools import stored

from marketplace import Facet, ListQuery
from marketplace.lists import facets, keep, ordered, relaxations
from marketplace.store import PostingRow
from matching import Side

TODAY = date(2026, 11, 22)
NEED, OFFER = Side.OPPORTUNITY, Side.CAPABILITY


def need(id: str = "JH-1", **values: object) -> PostingRow:
    columns = {name: values.pop(name) for name in ("key", "state", "region", "published_on") if name in values}
    return stored(make_opportunity(id=id, **values), **columns)


def offer(id: str = "NL-1", **values: object) -> PostingRow:
    columns = {name: values.pop(name) for name in ("key", "state", "region") if name in values}
    return stored(make_capability(id=id, **values), **columns)


def facet(rows: list[PostingRow], name: str, side: Side = NEED, **chosen: tuple[str, ...]) -> Facet:
    return next(one for one in facets(rows, ListQuery(side, facets=chosen), TODAY) if one.name == name)


def counts(found: Facet) -> dict[str, int]:
    return {value.value: value.count for value in found.values}


def ids(rows: list[PostingRow]) -> list[str]:
    return [row.posting.id for row in rows]


def test_facets_of_each_side() -> None:
    assert [f.name for f in facets([], ListQuery(NEED), TODAY)] == [
        "domain", "region", "publisher_type", "state", "budget", "deadline", "benchmark",
    ]  # fmt: skip
    assert [f.name for f in facets([], ListQuery(OFFER), TODAY)] == [
        "domain", "region", "trl", "state", "benchmark",
    ]  # fmt: skip
    assert all(f.values == () for side in Side for f in facets([], ListQuery(side), TODAY))


@pytest.mark.parametrize(
    ("budget", "value"),
    [
        (0, "under50"), (49.99, "under50"), (50, "50to200"), (199.9, "50to200"), (200, "200to500"),
        (500, "500to2000"), (2000, "over2000"), (9e9, "over2000"), (None, "none"),
    ],
)  # fmt: skip
def test_budget_facet(budget: float | None, value: str) -> None:
    assert counts(facet([need(budget_wan=budget)], "budget")) == {value: 1}


@pytest.mark.parametrize(
    ("level", "value"), [(1, "1-3"), (3, "1-3"), (4, "4-6"), (6, "4-6"), (7, "7-9"), (9, "7-9"), (None, "none")]
)
def test_trl_facet(level: int | None, value: str) -> None:
    assert counts(facet([offer(maturity=level)], "trl", OFFER)) == {value: 1}


@pytest.mark.parametrize(
    ("deadline", "values"),
    [
        ("2026-11-21", {"past": 1}), ("2026-11-22", {"open": 1, "month": 1}), ("2026-12-22", {"open": 1, "month": 1}),
        ("2026-12-23", {"open": 1}), (None, {"none": 1}),
    ],
)  # fmt: skip
def test_deadline_facet(deadline: str | None, values: dict[str, int]) -> None:
    assert counts(facet([need(deadline=deadline)], "deadline")) == values


def test_domain_region_publisher_and_state_facets() -> None:
    rows = [
        need("JH-1", domain="智慧水利", region="黄石市", publisher_type="soe"),
        need("JH-2", domain="", region="", publisher_type="", state="recheck"),
    ]
    assert counts(facet(rows, "domain")) == {"智慧水利": 1, "none": 1}
    assert counts(facet(rows, "region")) == {"黄石市": 1, "未注明": 1}
    assert counts(facet(rows, "publisher_type")) == {"soe": 1, "none": 1}
    assert counts(facet(rows, "state")) == {"published": 1, "recheck": 1}
    assert {v.value: v.label for v in facet(rows, "publisher_type").values} == {"soe": "国有企业", "none": "未注明"}
    assert counts(facet([offer(domains=("新材料", "低空经济"))], "domain", OFFER)) == {"新材料": 1, "低空经济": 1}
    assert counts(facet([offer(domains=())], "domain", OFFER)) == {"none": 1}


def test_most_frequent_value_first_fixed_orders_stay() -> None:
    rows = [need(f"JH-{n}", domain=d, budget_wan=b, region=r) for n, (d, b, r) in enumerate(
        [("乙", 3000, "天门市"), ("乙", 10, "北京市"), ("甲", None, "武汉市"), ("丙", 10, "北京市")])]  # fmt: skip
    assert [v.value for v in facet(rows, "domain").values] == ["乙", "丙", "甲"]
    assert [v.value for v in facet(rows, "budget").values] == ["under50", "over2000", "none"]
    assert [v.value for v in facet(rows, "region").values] == ["武汉市", "天门市", "北京市"]


def test_own_choice_does_not_narrow_own_counts() -> None:
    rows = [
        need("JH-1", domain="甲", budget_wan=10), need("JH-2", domain="乙", budget_wan=10), need("JH-3", domain="乙"),
    ]  # fmt: skip
    chosen = facet(rows, "domain", domain=("甲",))
    assert counts(chosen) == {"甲": 1, "乙": 2}
    assert [v.chosen for v in chosen.values] == [False, True]
    assert counts(facet(rows, "budget", domain=("乙",))) == {"under50": 1, "50to200": 1}
    assert counts(facet(rows, "budget", domain=("甲",), budget=("50to200",))) == {"under50": 1, "50to200": 0}


def test_chosen_value_without_rows_is_still_shown() -> None:
    value = next(v for v in facet([need()], "domain", domain=("没有",)).values if v.value == "没有")
    assert (value.count, value.chosen, value.label) == (0, True, "没有")


def test_any_within_a_facet_all_across_facets() -> None:
    rows = [
        need("JH-1", domain="甲", region="武汉市"),
        need("JH-2", domain="乙", region="黄石市"),
        need("JH-3", domain="丙"),
    ]

    def left(**chosen: tuple[str, ...]) -> list[str]:
        return ids(keep(rows, ListQuery(NEED, facets=chosen), TODAY))

    assert left(domain=("甲", "乙")) == ["JH-1", "JH-2"]
    assert left(domain=("甲", "乙"), region=("黄石市",)) == ["JH-2"]
    assert left(domain=()) == left(unknown=("x",)) == left() == ["JH-1", "JH-2", "JH-3"]


def test_orders_put_missing_values_last_and_break_ties_by_id() -> None:
    rows = [
        need("JH-3", deadline=None, published_on=None),
        need("JH-2", deadline="2026-12-01", published_on="2026-05-01", last_confirmed="2026-09-01"),
        need("JH-1", deadline="2026-12-01", published_on="2026-05-01", last_confirmed="2026-10-01"),
        need("JH-4", deadline="2026-11-01", published_on="2026-06-01"),
    ]
    assert ids(ordered(rows, "deadline", None)) == ["JH-4", "JH-1", "JH-2", "JH-3"]
    assert ids(ordered(rows, "confirmed", None)) == ["JH-1", "JH-2", "JH-3", "JH-4"]
    assert ids(ordered(rows, "newest", None)) == ["JH-4", "JH-1", "JH-2", "JH-3"]


def test_relevance_follows_the_search_and_falls_back_to_newest() -> None:
    rows = [need("JH-1", key=1), need("JH-2", key=2, published_on="2026-07-01")]
    assert ids(ordered(rows, "relevance", {2: 1, 1: 0})) == ["JH-1", "JH-2"]
    assert ids(ordered(rows, "relevance", None)) == ["JH-2", "JH-1"]


def test_capabilities_have_no_deadline_but_an_order() -> None:
    assert ids(ordered([offer("NL-2"), offer("NL-1")], "deadline", None)) == ["NL-1", "NL-2"]


def test_relaxations_name_what_alone_brings_results_back() -> None:
    rows = [need("JH-1", domain="甲", region="武汉市", budget_wan=10)]
    query = ListQuery(NEED, facets={"domain": ("乙",), "region": ("武汉市",)})
    assert keep(rows, query, TODAY) == []
    assert relaxations(rows, query, TODAY) == ("领域",)
    both = ListQuery(NEED, facets={"domain": ("乙",), "budget": ("over2000",)})
    assert relaxations(rows, both, TODAY) == ()
    assert relaxations([], query, TODAY) == ()
