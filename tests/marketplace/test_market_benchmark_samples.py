"""The sample years: two with results, a running one with pairs failing each gate, and years brought in from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from factories import write_lines
from market_tools import Shop, sample_lines

from marketplace import Market, RefusedError
from marketplace.benchmarks.sheet import CALENDAR
from marketplace.records.personal import find_personal
from marketplace.selection.freezing import find_result_faults

ROUNDS = sample_lines("rounds")
CASE: dict[str, Any] = {"landing": "LD-2024-01", "marks": [["80", "80", "80", "80", "80"]]}
AFTER: dict[str, Any] = {"case": 1, "kind": "revisited", "on": "2025-02-20", "text": "仍在使用（示例）。"}


@pytest.fixture
def sampled(shop: Shop) -> Shop:
    """The lists of the sample rounds alone, with all their landings and years."""
    landings = [*sample_lines("landings"), *sample_lines("past_landings")]
    for name, field in (("opportunities", "opportunity_id"), ("capabilities", "capability_id")):
        wanted = {one[field] for one in landings}
        shop.take(*(raw for raw in sample_lines(name) if raw["id"] in wanted))
    shop.take(*landings, kind="landings")
    shop.take(*ROUNDS, kind="rounds")
    return shop


def test_the_sample_years_are_whole(sampled: Shop) -> None:
    market = Market(sampled.settings)
    assert market.year_book.public_years() == (2026, 2025, 2024)
    for year in (2024, 2025):
        page = market.results.page(year)
        assert page.sound
        assert sum(one["outcome"] == "selected" for one in page.record["result"]) >= 5
    assert [one.year for one in market.dossiers.history()] == [2025, 2024]
    assert find_result_faults(sampled.db) == []
    assert sampled.work.check() == 0
    rows = list(sampled.db.query("select status, content from benchmark_flag where year = 2026"))
    assert len(rows) >= 25
    gates = [gate for raw in rows for gate in json.loads(raw["content"])["gates"]]
    assert {(gate["name"], gate["result"]) for gate in gates} >= {
        ("running", "failed"), ("credit", "failed"), ("secrets", "failed"), ("not_repeated", "failed"),
        ("user_proof", "missing"), ("running", "missing"), ("credit", "missing"), ("secrets", "missing"),
    }  # fmt: skip
    assert {raw["status"] for raw in rows} == {"candidate", "failed", "incomplete"}


def test_the_same_file_again_changes_nothing_and_the_hash_is_the_same_everywhere(sampled: Shop) -> None:
    before = [dict(raw) for raw in sampled.db.table("benchmark_result").rows]
    sampled.take(*ROUNDS)
    assert [dict(raw) for raw in sampled.db.table("benchmark_result").rows] == before
    assert sampled.said[-1].endswith("无（已有的年度不变）")
    # The record depends on nothing but the files.
    assert {raw["year"]: raw["digest"][:8] for raw in before} == {2024: "f36942ce", 2025: "f6815a32"}


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"year": 12}, "2000 到 2100"),
        ({"calendar": {}}, "应有这些日期"),
        ({"calendar": dict.fromkeys(CALENDAR, "2024-09-01")}, "公示期只有"),
        ({"cases": [{"landing": "LD-none"}]}, "没有编号为“LD-none”"),
        ({"cases": [{"landing": "LD-2024-01", "way": "bought"}]}, "self_applied"),
        ({"cases": None}, "2024 年度 字段“cases”"),
        ({"cases": ["LD-2024-01"]}, "第 1 个案例：应为一个对象"),
        ({"cases": [{}]}, "没有编号为“None”"),
        ({"cases": [{"landing": ["LD-2024-01"]}]}, "没有编号为"),
        ({"cases": [{"landing": "LD-2024-01", "way": ["self_applied"]}]}, "self_applied"),
        ({"cases": [CASE | {"texts": ["概述"]}]}, "第 1 个案例 字段“texts”"),
        ({"cases": [CASE | {"texts": {"story": 1}}]}, "第 1 个案例 字段“texts”"),
        ({"cases": [CASE | {"facts": 1}]}, "第 1 个案例 字段“facts”"),
        ({"cases": [CASE, CASE]}, "第 2 个案例 字段“landing”：“LD-2024-01”在本年度重复"),
        ({"frozen": "yes"}, "字段“frozen”"),
        ({"frozen": False, "cases": [CASE], "aftermath": None}, "只有已公布的年度带评分"),
        ({"frozen": False, "cases": []}, "字段“aftermath”"),
        ({"experts": "five"}, "字段“experts”"),
        ({"cases": [CASE], "experts": 0}, "有 1 位专家的评分，字段“experts”写的是 0 位"),
        ({"cases": [CASE], "aftermath": [{"case": "first"}]}, "第 1 条后续 字段“case”"),
        ({"cases": [CASE], "aftermath": [AFTER | {"kind": "lost"}]}, "revisited、stripped之一"),
        ({"cases": [CASE], "aftermath": [AFTER | {"on": "2025-02-30"}]}, "第 1 条后续 字段“on”"),
        ({"cases": [CASE], "aftermath": [{"case": 1, "kind": "revisited", "on": "2025-02-20"}]}, "字段“text”"),
        ({"cases": [CASE | {"marks": [["10"] * 5]}], "aftermath": [AFTER]}, "第 1 个案例没有入选"),
    ],
)
def test_a_year_that_cannot_be_read_is_refused_whole(
    shop: Shop, tmp_path: Path, change: dict[str, Any], part: str
) -> None:
    take_first_landing(shop)
    with pytest.raises(RefusedError, match=part):
        shop.work.take(write_lines(tmp_path / "rounds.jsonl", [ROUNDS[0] | change]), "rounds")
    assert shop.db.table("benchmark_year").count == 0
    assert shop.db.table("benchmark_case").count == 0


@pytest.mark.parametrize(
    ("marks", "part"),
    [
        (None, "2024 年度 第 1 个案例 字段“marks”：没有评分"),
        ([], "2024 年度 第 1 个案例 字段“marks”：没有评分"),
        ("80", "第 1 个案例 字段“marks”：应为列表"),
        ([["80", "80", "80", "80", "80"], None], "第 1 个案例第 2 位专家 字段“marks”：应为五项分数"),
        ([["80", "80", "80"]], "2024 年度 第 1 个案例第 1 位专家：“经济社会效益”没有评分"),
        ([["80", None, "80", "80", "80"]], "2024 年度 第 1 个案例第 1 位专家：“创新性”没有评分"),
        ([["80", "80", "", "80", "80"]], "“可复制推广性”没有评分"),
        ([["80", "80", "80", "80", "101"]], "“安全合规与可持续”发现“101”；应为 0 到 100"),
        ([["80", "80", "80", "八十", "80"]], "“经济社会效益”发现“八十”"),
        ([[{"mark": 80}, "80", "80", "80", "80"]], "第 1 位专家：“应用成效”发现"),
        ([["80"] * 6], "应为五项分数"),
    ],
)
def test_missing_and_malformed_marks_are_refused_by_round_case_and_criterion(
    shop: Shop, tmp_path: Path, marks: Any, part: str
) -> None:
    take_first_landing(shop)
    path = write_lines(tmp_path / "rounds.jsonl", [ROUNDS[0] | {"cases": [CASE | {"marks": marks}]}])
    with pytest.raises(RefusedError, match=part):
        shop.work.take(path, "rounds")
    assert shop.db.table("benchmark_year").count == 0


def take_first_landing(shop: Shop) -> None:
    """The lists of the first past landing, and that landing."""
    landing = sample_lines("past_landings", [1])[0]
    shop.take(*(raw for raw in sample_lines("opportunities") if raw["id"] == landing["opportunity_id"]))
    shop.take(*(raw for raw in sample_lines("capabilities") if raw["id"] == landing["capability_id"]))
    shop.take(landing, kind="landings")


def test_no_sample_names_a_person() -> None:
    text = json.dumps([ROUNDS, sample_lines("past_landings")], ensure_ascii=False)
    assert "示例" in text
    assert find_personal(text) == ()
