"""Where a posting comes from is in no score: swapping places and organisations in the fields changes nothing."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from matching import Capability, Engine, Opportunity, Posting, compose
from matching.text.places import without_names

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_locality.py"
# Who and where; what is asked or offered stays.
NEED_FIELDS = ("district", "publisher", "publisher_type")
OFFER_FIELDS = ("district_or_city", "company")


@pytest.fixture(scope="module")
def check() -> ModuleType:
    """The script that swaps names inside the texts."""
    spec = importlib.util.spec_from_file_location("check_locality", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_locality"] = module
    spec.loader.exec_module(module)
    return module


def turned(postings: Sequence[Posting], names: Sequence[str], step: int) -> list[Posting]:
    """Postings each with the fields of another."""
    return [
        replace(one, **{name: getattr(postings[(place + step) % len(postings)], name) for name in names})
        for place, one in enumerate(postings)
    ]


@pytest.mark.parametrize("step", [1, 5])
def test_swapped_fields_move_no_score_no_band_and_no_verdict(
    engine: Engine, needs: tuple[Posting, ...], offers: tuple[Posting, ...], step: int
) -> None:
    some, others = needs[:10], offers[:24]
    before = engine.match(engine.prepare(some), engine.prepare(others))
    for left, right in (
        (turned(some, NEED_FIELDS, step), list(others)),
        (list(some), turned(others, OFFER_FIELDS, step)),
        (turned(some, NEED_FIELDS, step), turned(others, OFFER_FIELDS, step)),
    ):
        assert (left, right) != (list(some), list(others))
        after = engine.match(engine.prepare(left), engine.prepare(right))
        assert np.array_equal(before.table.score, after.table.score)
        assert np.array_equal(before.table.features, after.table.features)
        for need in range(len(some)):
            for offer in range(0, len(others), 7):
                assert before.verdicts(need, offer) == after.verdicts(need, offer)
                assert before.ranker.pair(need, offer).band is after.ranker.pair(need, offer).band


def test_no_field_of_place_or_organisation_is_among_the_texts() -> None:
    told = {
        Opportunity: {"id", "title", "background", "requirements"},
        Capability: {"id", "title", "summary", "features", "cases"},
    }
    for kind, own in told.items():
        marked = {one.name: f"〔{one.name}〕" for one in fields(kind) if one.type == "str"}
        texts = compose(kind(**(marked | {"title": "题目", "id": "X"})))
        said = "\n".join([texts.title, texts.body, *(passage.text for passage in texts.passages)])
        assert [name for name in marked if name not in own and f"〔{name}〕" in said] == []


def test_names_are_swapped_at_once_and_come_back(check: ModuleType) -> None:
    swap = check.make_swap([["武汉市", "黄石市", "鄂州市"], ["武汉", "黄石", "鄂州"]], 3)
    text = "武汉市与黄石的供水管网，鄂州市除外"
    other = swap(text)
    assert other != text
    assert swap(swap(other)) == text  # a circle of three
    assert swap.count(text) == 3
    assert "供水管网" in other


def test_the_lists_of_names_hold_the_nine_cities_and_their_districts(check: ModuleType) -> None:
    cities, districts = check.place_names(SCRIPT.parents[1] / "data" / "taxonomies")
    assert {"武汉市", "黄石市", "鄂州市", "孝感市", "黄冈市", "咸宁市", "仙桃市", "天门市", "潜江市"} <= set(cities)
    assert {"江夏区", "硚口区", "东湖高新区"} <= set(districts)
    assert not set(cities) & set(districts)


def test_movement_is_measured_on_the_touched_pairs(check: ModuleType, engine: Engine) -> None:
    limit = engine.model.bands["good"]
    before = np.array([[limit + 0.001, 0.9], [0.3, 0.01]])
    after = np.array([[limit - 0.001, 0.9], [0.35, 0.01]])
    whole = check.compare(engine, before, after, np.ones((2, 2), dtype=bool))
    assert whole["max"] == pytest.approx(0.05)
    assert whole["bands_equal"] == 0.75
    assert whole["within"] == 0.75
    none = check.compare(engine, before, after, np.zeros((2, 2), dtype=bool))
    assert (none["pairs"], none["max"], none["bands_equal"]) == (0, 0.0, 1.0)


def test_swapping_encodes_only_what_changed(check: ModuleType, engine: Engine, needs: tuple[Posting, ...]) -> None:
    some = [replace(needs[0], background="武汉市的管网。"), *needs[1:4]]
    before = engine.prepare(some)
    after, touched = check.swapped(engine, before, some, check.make_swap([["武汉市", "黄石市"]], 1))
    assert list(touched) == [True, False, False, False]
    assert after[1] is before[1]
    assert "黄石市" in after[0].posting.background


def test_places_told_in_every_text_move_no_score(
    check: ModuleType, engine: Engine, needs: tuple[Posting, ...], offers: tuple[Posting, ...]
) -> None:
    cities, districts = check.place_names(SCRIPT.parents[1] / "data" / "taxonomies")
    swap = check.make_swap([cities, districts], 5)

    def placed(posting: Posting) -> Posting:
        if isinstance(posting, Opportunity):
            return replace(posting, background=f"项目地处{posting.district}。{posting.background}")
        assert isinstance(posting, Capability)
        return replace(posting, summary=f"公司位于{posting.district_or_city}。{posting.summary}")

    some, others = [*map(placed, needs[:8])], [*map(placed, offers[:16])]
    assert sum(swap.count(check.texts(one)) for one in [*some, *others]) >= len(some) + len(others)
    left, right = engine.prepare(some), engine.prepare(others)
    snapshot = engine.measure(left, right)
    before = engine.match(left, right, snapshot).table.score
    for rows, columns in (
        (check.swapped(engine, left, some, swap)[0], right),
        (left, check.swapped(engine, right, others, swap)[0]),
    ):
        assert np.array_equal(engine.match(rows, columns, snapshot).table.score, before)


def test_a_new_name_of_the_own_organisation_moves_no_score(
    engine: Engine, needs: tuple[Posting, ...], offers: tuple[Posting, ...]
) -> None:
    def named(posting: Posting, name: str) -> Posting:
        assert isinstance(posting, Capability)
        return replace(posting, company=f"{name}（示例）", summary=f"{name}成立十年。{posting.summary}")

    rows = engine.prepare(needs[:8])
    tables = []
    for name in ("江城智慧水务科技有限公司", "楚光医疗影像有限公司"):
        others = engine.prepare([named(one, name) for one in offers[:12]])
        tables.append(engine.match(rows, others).table.score)
    assert np.array_equal(*tables)


def test_other_organisations_told_in_every_text_move_no_score(
    check: ModuleType, engine: Engine, needs: tuple[Posting, ...], offers: tuple[Posting, ...]
) -> None:
    groups = [names for side in (needs, offers) for names in check.by_writing(check.organisations(side))]
    swap = check.make_swap(groups, 5)
    some, others = [*map(check.planted, needs[:8])], [*map(check.planted, offers[:16])]
    left, right = engine.prepare(some), engine.prepare(others)
    snapshot = engine.measure(left, right)
    before = engine.match(left, right, snapshot).table.score
    for rows, columns in (
        (check.swapped(engine, left, some, swap)[0], right),
        (left, check.swapped(engine, right, others, swap)[0]),
    ):
        assert [row.posting for row in [*rows, *columns]] != [row.posting for row in [*left, *right]]
        assert np.array_equal(engine.match(rows, columns, snapshot).table.score, before)


def test_the_share_of_names_found_counts_each_name_once(check: ModuleType) -> None:
    assert check.found_share(["武汉烁晶热控材料有限公司", "武汉烁晶热控材料有限公司", "烁晶热控"]) == (1, 2)


def test_places_and_organisations_of_the_check_are_all_taken_out(check: ModuleType) -> None:
    cities, districts = check.place_names(SCRIPT.parents[1] / "data" / "taxonomies")
    for name in [*cities, *districts]:
        assert without_names(f"位于{name}。") == "位于本地。"
        assert without_names(f"位于黄石市{name}。") == "位于本地。"


def test_names_in_traditional_characters_are_swapped_among_themselves(check: ModuleType) -> None:
    names = ["武汉市中心血站", "武漢江漢漆木器博物館"]
    assert check.by_writing(names) == [names[:1], names[1:]]
