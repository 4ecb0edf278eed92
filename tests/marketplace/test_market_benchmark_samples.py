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
    assert {raw["year"]: raw["digest"][:8] for raw in before} == {2024: "cebf5489", 2025: "3e9e6bbf"}


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"year": 12}, "2000 到 2100"),
        ({"calendar": {}}, "应有这些日期"),
        ({"calendar": dict.fromkeys(CALENDAR, "2024-09-01")}, "公示期只有"),
        ({"cases": [{"landing": "LD-none"}]}, "没有编号为“LD-none”"),
        ({"cases": [{"landing": "LD-2024-01", "way": "bought"}]}, "self_applied"),
        ({"cases": [{"landing": "LD-2024-01", "marks": [["101", "1", "1", "1", "1"]]}]}, "0 到 100"),
        ({"cases": [{"landing": "LD-2024-01", "marks": [["80"]]}]}, "五项"),
    ],
)
def test_a_year_that_cannot_be_read_is_refused_whole(
    shop: Shop, tmp_path: Path, change: dict[str, Any], part: str
) -> None:
    landing = sample_lines("past_landings", [1])[0]
    shop.take(*(raw for raw in sample_lines("opportunities") if raw["id"] == landing["opportunity_id"]))
    shop.take(*(raw for raw in sample_lines("capabilities") if raw["id"] == landing["capability_id"]))
    shop.take(landing, kind="landings")
    with pytest.raises(RefusedError, match=part):
        shop.work.take(write_lines(tmp_path / "rounds.jsonl", [ROUNDS[0] | change]), "rounds")
    assert shop.db.table("benchmark_year").count == 0
    assert shop.db.table("benchmark_case").count == 0


def test_no_sample_names_a_person() -> None:
    text = json.dumps([ROUNDS, sample_lines("past_landings")], ensure_ascii=False)
    assert "示例" in text
    assert find_personal(text) == ()
