"""Rows that say what is said already: by name, by wording, by meaning; and what only looks so."""

from __future__ import annotations

import random

import numpy as np
import pytest
from market_tools import sample_lines

from marketplace.workbooks.twins import (
    BY_TEXT,
    BY_TITLE,
    LIKE_MEANING,
    Entry,
    Twin,
    find_twins,
    near_in_meaning,
    title_key,
)

TEXT = "雨后积水时看不见井口，去年有两起非机动车摔伤，巡查员每周走一遍仍有漏报，夜间尤其难以发现。"


def row(number: int, title: str, organisation: str = "水局（示例）", text: str = "") -> Entry:
    return Entry(None, number, title, organisation, text)


def stored(key: int, title: str, organisation: str = "水局（示例）", text: str = "") -> Entry:
    return Entry(key, None, title, organisation, text)


@pytest.mark.parametrize(
    ("title", "organisation"),
    [
        ("窨井盖移位自动发现", "水局（示例）"),
        ("窨井蓋移位自動發現", "水局(示例)"),
        ("窨井盖移位 自动发现（二期）", "水局（示例）"),
        ("窨井盖移位自动发现", ""),
    ],
)
def test_one_name_and_one_organisation(title: str, organisation: str) -> None:
    found = find_twins([row(2, title, organisation, "甲乙丙丁")], [stored(9, "窨井盖移位自动发现", text=TEXT)])
    assert found == {0: (Twin(9, None, "窨井盖移位自动发现", "水局（示例）", 1.0, BY_TITLE),)}


def test_one_name_of_two_organisations_needs_like_words() -> None:
    known = [stored(9, "智慧停车", "甲区（示例）", TEXT)]
    assert (
        find_twins([row(2, "智慧停车", "乙区（示例）", "路侧泊位周转慢，商圈周末尤其拥堵，车主绕行找车位。")], known)
        == {}
    )
    (twin,) = find_twins([row(2, "智慧停车", "乙区（示例）", TEXT.replace("巡查员", "巡查人员"))], known)[0]
    assert (twin.how, twin.posting_key) == (BY_TEXT, 9)


def test_rows_are_compared_with_those_above() -> None:
    rows = [
        row(2, "湖泊蓝藻早期预警", text=TEXT),
        row(3, "泵站值守", text="轴承坏了才知道。"),
        row(4, "湖泊蓝藻的早期预警", text=TEXT),
    ]
    found = find_twins(rows, [])
    assert [(place, twin.row_number) for place, twins in found.items() for twin in twins] == [(2, 2)]
    assert find_twins(rows, [], {0})[0][0].row_number == 4


def test_many_rows_looked_at_again_find_what_the_whole_file_does() -> None:
    copies = [row(place, f"湖泊蓝藻早期预警第{place % 50}号", text=f"{TEXT}第{place % 50}处。") for place in range(100)]
    chance = random.Random(5)
    words = ["".join(map(chr, chance.sample(range(0x4E00, 0x9000), 30))) for _ in range(900)]
    strangers = [row(200 + place, word[:8], text=word[8:]) for place, word in enumerate(words)]
    rows = [*copies, *strangers]
    whole, again = find_twins(rows, []), find_twins(rows, [], range(1000))
    assert {place for place in whole if place >= 50} == set(range(50, 100))
    assert all(again[place][0].row_number == (place + 50) % 100 for place in range(100))
    assert set(again) == set(range(100))


def test_rows_of_one_firm_with_one_introduction_are_different() -> None:
    intro = "低功耗感知终端研发企业，产品覆盖市政、水务、应急等领域，服务全国三十余个城市。"
    names = ("窨井状态感知终端", "积水点水位监测终端", "燃气泄漏探测终端", "地下管廊巡检机器人")
    assert find_twins([row(place, name, "甲公司（示例）", intro) for place, name in enumerate(names)], []) == {}


@pytest.mark.parametrize("name", ["opportunities", "capabilities"])
def test_the_samples_hold_no_twins_and_their_copies_are_found(name: str) -> None:
    organisation, text = ("publisher", "background") if name == "opportunities" else ("company", "summary")
    known = [
        stored(key, raw["title"], raw.get(organisation, ""), raw.get(text, ""))
        for key, raw in enumerate(sample_lines(name), 1)
    ]
    rows = [Entry(None, one.key, one.title, one.organisation, one.text) for one in known]
    assert find_twins(rows, []) == {}
    chance = random.Random(3)
    copies = [
        Entry(None, one.key, _reworded(one.title, chance), "别的单位（示例）", _reworded(one.text, chance))
        for one in known
    ]
    found = find_twins(copies, known)
    hits = sum(any(twin.posting_key == place + 1 for twin in found.get(place, ())) for place in range(len(known)))
    assert hits >= 0.95 * len(known)
    strangers = {twin.posting_key for place, twins in found.items() for twin in twins if twin.posting_key != place + 1}
    assert not strangers


def _reworded(text: str, chance: random.Random) -> str:
    """The text with one sign in twenty left out and another put in now and then."""
    kept = (char for char in text if chance.random() > 0.05)
    return "".join(char + ("的" if chance.random() < 0.03 else "") for char in kept)


@pytest.mark.parametrize("titles", [[], ["甲"], ["", ""], ["甲", "乙"], ["甲乙丙", "丁戊己"]])
def test_little_to_compare_is_no_trouble(titles: list[str]) -> None:
    assert find_twins([row(place, title, "") for place, title in enumerate(titles)], []) == {}


def test_many_copies_of_one_row_are_all_found() -> None:
    rows = [row(place, "湖泊蓝藻早期预警", text=TEXT) for place in range(300)]
    found = find_twins(rows, [])
    assert found.keys() == set(range(1, 300))
    assert all(1 <= len(twins) <= 3 for twins in found.values())


def test_names_are_compared_without_what_says_nothing() -> None:
    assert title_key("智慧停车（二期）") == title_key("智慧停車") == "智慧停车"
    assert title_key("（二期）") == "二期"


def test_meaning_is_the_cosine_of_centred_vectors() -> None:
    chance = np.random.default_rng(1)
    common = np.full(32, 2.0, np.float32)
    others = (common + chance.normal(size=(40, 32))).astype(np.float32)
    rows = np.stack([others[7] + 0.05, common + chance.normal(size=32)]).astype(np.float32)
    ((place, other, likeness),) = near_in_meaning(rows, others)
    assert (place, other) == (0, 7)
    assert LIKE_MEANING <= likeness <= 1
    # Few vectors have no centre worth the name: only copies count then.
    assert [pair[:2] for pair in near_in_meaning(rows, others[5:9])] == [(0, 2)]
    assert near_in_meaning(rows, others[:0]) == []
    assert {pair[:2] for pair in near_in_meaning(others, others, triangle=True)} == set()
