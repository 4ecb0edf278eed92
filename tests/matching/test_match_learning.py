"""Training groups: reading, thinning, pools, and what a held-out file is measured by."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from matching import Engine, InputError
from matching.evaluation.ways import MIX, untrained_mix
from matching.learning import Group, HeldOut, Reading, judged_of, measure_held_out, read_groups
from matching.learning.folds import LENGTH, measure_ways, pool, untrained_ways
from matching.learning.groups import thinned
from matching.records import Capability

ROOT = Path(__file__).resolve().parents[2]
LEAK = {
    "need": {
        "title": "老城区供水管网漏点定位", "background": "夜间漏失量偏高。",
        "requirements": ["定位误差≤1米", "夜间自动巡检"],
    },
    "fits": [{
        "title": "听漏阵列", "summary": "声学定位。覆盖全城。",
        "features": ["误差0.8米", "夜里自己跑"], "covers": {"0": 0, "1": 1},
    }],
    "partial": [
        {"title": "漏损分析平台", "summary": "按分区算账。", "features": ["夜间最小流量分析"], "covers": {"1": 0}},
    ],
    "traps": [{"title": "燃气管网泄漏报警", "summary": "", "features": ["可燃气体浓度报警"], "why": "对象是燃气"}],
}  # fmt: skip
LAMP = {
    "need": {"title": "路灯单灯控制", "background": "", "requirements": ["按车流调光"]},
    "fits": [{"title": "单灯控制器", "summary": "按车流调光。", "features": [], "covers": {"0": "summary"}}],
    "partial": [],
    "traps": [{"title": "舞台灯光控制台", "summary": "场景编程。", "features": ["按节拍调光"], "why": "舞台"}],
}


@pytest.fixture
def groups(tmp_path: Path) -> tuple[Group, ...]:
    (tmp_path / "a_city.jsonl").write_text(
        "\n".join(json.dumps(one, ensure_ascii=False) for one in (LEAK, LAMP)), encoding="utf-8"
    )
    return read_groups(tmp_path)["a_city"]


def test_the_shipped_files_are_read_whole() -> None:
    files = read_groups(ROOT / "data" / "training")
    assert list(files) == ["a_city", "b_transport", "c_industry", "d_health", "e_green", "f_life"]
    assert sum(map(len, files.values())) == 769
    assert len({offer.capability.id for part in files.values() for one in part for offer in one.offers}) == 3193


def test_a_line_that_lacks_a_part_is_named(tmp_path: Path) -> None:
    broken = {key: value for key, value in LEAK.items() if key != "traps"}
    (tmp_path / "a.jsonl").write_text(json.dumps(LAMP) + "\n" + json.dumps(broken), encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.jsonl.*第 2 行"):
        read_groups(tmp_path)
    with pytest.raises(InputError, match="没有训练组文件"):
        read_groups(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("capability", "reading", "summary"),
    [
        (Capability("c", "听漏阵列", summary="声学定位。全城。", features=("误差",)), Reading.FIRST_LINE, "声学定位。"),
        (Capability("c", "听漏阵列", features=("误差0.8米", "夜里自己跑")), Reading.FIRST_LINE, "误差0.8米"),
        (Capability("c", "听漏阵列"), Reading.FIRST_LINE, ""),
        (Capability("c", "听漏阵列", summary="声学定位。", cases=("某区",)), Reading.TITLE, ""),
    ],
)
def test_thinned_offers_keep_their_name_and_a_line(capability: Capability, reading: Reading, summary: str) -> None:
    thin = thinned(capability, reading)
    assert (thin.title, thin.summary, thin.features, thin.cases) == (capability.title, summary, (), ())
    assert thinned(capability, Reading.WHOLE) is capability


def test_a_pool_holds_every_offer_of_the_file(groups: tuple[Group, ...]) -> None:
    judged = judged_of("a_city", groups)
    assert len(judged.capabilities) == 5
    assert judged.grades == {
        ("a_city-000", "a_city-000-f0"): 3, ("a_city-000", "a_city-000-p0"): 1, ("a_city-001", "a_city-001-f0"): 3,
    }  # fmt: skip
    assert judged.hard_negatives == (("a_city-000", "a_city-000-t0"), ("a_city-001", "a_city-001-t0"))
    first = judged.coverage[0]
    assert (first.covered, first.places) == ((True, True), (0, 1))
    assert judged.coverage[2].places == ("summary",)
    assert judged_of("a_city", groups, Reading.TITLE).coverage == ()


def test_traps_above_fits_are_counted_need_by_need(groups: tuple[Group, ...]) -> None:
    judged = judged_of("a_city", groups)
    ids = sorted(one.id for one in judged.capabilities)
    columns = {one: place for place, one in enumerate(ids)}
    grades = np.array([[judged.grades.get((group.need.id, one), 0) for one in ids] for group in groups])
    scores = np.where(grades == 3, 0.9, 0.1)
    right = measure_held_out(groups, scores, grades, columns)
    assert (right.ndcg, right.top1, right.traps_above) == ((pytest.approx(1.0), 1.0), (1.0, 1.0), (0.0, 0.0))
    wrong = measure_held_out(groups, -scores, grades, columns)
    assert wrong.traps_above == (1.0, 1.0)
    assert wrong.top1 == (0.0, 0.0)
    assert measure_held_out(groups, scores * 0, grades, columns).traps_above == (0.5, 0.5)
    both = right + wrong
    assert both.intervals()["trap above fit"].mean == 0.5
    assert both.intervals()["top-1"].count == 4


def test_a_group_without_traps_says_nothing_about_them() -> None:
    assert HeldOut((1.0,), (1.0,), (None,)).intervals()["trap above fit"].count == 0


def test_untrained_ways_rank_a_pool_and_length_tells_nothing_of_the_need(
    engine: Engine, groups: tuple[Group, ...]
) -> None:
    match, grades = pool(engine, "a_city", groups, Reading.WHOLE)
    ways = untrained_ways(match)
    assert set(ways) == {MIX, LENGTH}
    assert (ways[LENGTH][0] == ways[LENGTH][1]).all()
    forth, back = untrained_mix(match)
    assert forth.shape == back.shape == grades.shape
    assert forth.mean(axis=1) == pytest.approx(np.zeros(2), abs=1e-9)
    assert back.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-9)
    measured = measure_ways(groups, match, grades, ways)
    assert all(len(found.ndcg) == 2 for found in measured.values())
