"""The arithmetic of a year, held against an independent script for random years, and its rules one by one."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import random
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from marketplace.benchmarks.provisional import CriterionPoints, Interval
from marketplace.benchmarks.sheet import CRITERIA, default_sheet
from marketplace.benchmarks.stability import kendall, stability
from marketplace.benchmarks.tally import Entrant, Marks, Outcome, TallyRules, counted, round_half_up, tally
from marketplace.selection.exporting import marks_csv

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "recompute_benchmark.py"
WEIGHTS = {"effect": 30, "innovation": 25, "replication": 20, "benefit": 15, "safety": 10}
RULES = TallyRules(WEIGHTS, ("effect", "innovation"), 60, 3, 20, 5)
CODES = tuple(WEIGHTS)


def script() -> Any:
    spec = importlib.util.spec_from_file_location("recompute_benchmark", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def marks(number: int, *figures: str) -> Marks:
    whole = figures * 5 if len(figures) == 1 else figures
    return Marks(number, {code: Decimal(one) for code, one in zip(CODES, whole, strict=True)})


def entrant(number: int, *figures: str, domain: str = "智慧城市", removed: bool = False) -> Entrant:
    return Entrant(number, domain, tuple(marks(place, one) for place, one in enumerate(figures, 1)), removed)


def lines(found: list[Outcome]) -> list[tuple[int, int, str, str]]:
    return [(one.rank, one.number, str(one.total), one.outcome) for one in found]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(1, 200), "0.01"), (Fraction(1, 201), "0.00"), (Fraction(80005, 1000), "80.01"),
        (Fraction(800049, 10000), "80.00"), (Fraction(200, 3), "66.67"), (Fraction(0), "0.00"),
        (Fraction(100), "100.00"), (Fraction(2675, 1000), "2.68"),
    ],
)  # fmt: skip
def test_halves_are_rounded_up_to_two_places(value: Fraction, shown: str) -> None:
    assert str(round_half_up(value)) == shown


def test_a_total_is_rounded_once_at_the_end() -> None:
    # Rounding each sheet first would give 70.02.
    (found,) = tally([entrant(1, "70.01", "70.01", "70.02")], RULES)
    assert str(found.total) == "70.01"


def test_from_five_sheets_on_the_highest_and_the_lowest_are_left_out() -> None:
    four, five = tally([entrant(1, "50", "80", "80", "100"), entrant(2, "0", "80", "81", "82", "100")], RULES)[::-1]
    assert (str(four.total), four.dropped) == ("77.50", ())
    assert (str(five.total), five.dropped, str(five.spread)) == ("81.00", (1, 5), "100.00")


def test_of_equal_sheets_two_are_left_out_and_three_count() -> None:
    kept, dropped = counted([marks(number, "80") for number in range(1, 6)], RULES)
    assert (len(kept), len(dropped)) == (3, 2)


def test_ties_go_by_effect_then_by_innovation_then_share_the_rank() -> None:
    # The same total of 80 by different marks.
    by_effect = Entrant(1, "甲", (marks(1, "90", "80", "80", "60", "80"),))
    plain = Entrant(2, "乙", (marks(1, "80", "80", "80", "80", "80"),))
    same = Entrant(3, "丙", (marks(1, "80", "80", "80", "80", "80"),))
    by_innovation = Entrant(4, "丁", (marks(1, "80", "84", "75", "80", "80"),))
    found = tally([same, plain, by_innovation, by_effect], RULES)
    assert {str(one.total) for one in found} == {"80.00"}
    assert [(one.rank, one.number, one.tied) for one in found] == [
        (1, 1, False), (2, 4, False), (3, 2, True), (3, 3, True),
    ]  # fmt: skip


def test_places_are_given_by_rank_within_fields_and_in_all() -> None:
    rules = TallyRules(WEIGHTS, ("effect",), 60, 1, 2, 5, {"智慧水利": 2})
    found = tally(
        [entrant(1, "90"), entrant(2, "85"), entrant(3, "80", domain="智慧水利"),
         entrant(4, "75", domain="智慧水利"), entrant(5, "59.99", domain="新材料"), entrant(6, "95", removed=True)],
        rules,
    )  # fmt: skip
    assert lines(found) == [
        # The removed case keeps the one place of its field.
        (1, 1, "90.00", "field_full"), (2, 2, "85.00", "field_full"), (3, 3, "80.00", "selected"),
        (4, 4, "75.00", "total_full"), (5, 5, "59.99", "below"), (0, 6, "95.00", "removed"),
    ]  # fmt: skip


def test_nobody_moves_up_into_the_place_of_a_removed_case() -> None:
    narrow = replace(RULES, quota_field=1, quota_total=9)
    result = tally([entrant(1, "95", removed=True), entrant(2, "90"), entrant(3, "80", domain="智慧水利")], narrow)
    assert [(one.number, one.rank, one.outcome) for one in result] == [
        (2, 1, "field_full"), (3, 2, "selected"), (1, 0, "removed"),
    ]  # fmt: skip
    # A case that would not have come in takes no place.
    result = tally([entrant(1, "10", removed=True), entrant(2, "90")], narrow)
    assert [(one.number, one.outcome) for one in result] == [(2, "selected"), (1, "removed")]


def test_who_shares_the_last_place_comes_in_together() -> None:
    rules = TallyRules(WEIGHTS, ("effect",), 60, 2, 20, 5)
    found = tally([entrant(1, "90"), entrant(2, "80"), entrant(3, "80"), entrant(4, "70")], rules)
    assert [one.outcome for one in found] == ["selected", "selected", "selected", "field_full"]


MARK = st.integers(0, 10000).map(lambda value: str(Decimal(value) / 100))


@st.composite
def years(draw: st.DrawFn) -> dict[str, Any]:
    """A year as it is exported: weights, quotas, cases, marks of one to seven experts, second rounds."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=4, max_size=4)))
    weights = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    sheet = default_sheet(draw(st.integers(2020, 2030))).plain()
    for one, weight in zip(sheet["criteria"], weights, strict=True):
        one["weight"] = weight
    sheet["numbers"] |= {
        "threshold": draw(st.integers(0, 90)), "quota_field": draw(st.integers(1, 4)),
        "quota_total": draw(st.integers(1, 9)), "drop_from": draw(st.integers(5, 7)),
    }  # fmt: skip
    sheet["tie_order"] = draw(st.permutations(["effect", "innovation"]))
    sheet["field_quotas"] = draw(st.dictionaries(st.sampled_from(["甲", "乙"]), st.integers(0, 3)))
    cases, all_marks = [], []
    # Few different marks, so that ties are met.
    few = draw(st.lists(MARK, min_size=2, max_size=3))
    for number in range(1, draw(st.integers(1, 12)) + 1):
        rounds = draw(st.integers(1, 2))
        cases.append(
            {"number": number, "title": f"案例{number}", "landing": f"L{number}", "round": rounds,
             "domain": draw(st.sampled_from(["甲", "乙", "丙"])), "removed": draw(st.integers(0, 9)) == 0}
        )  # fmt: skip
        pick = draw(st.sampled_from([MARK, st.sampled_from(few)]))
        for expert in range(1, draw(st.integers(1, 7)) + 1):
            for one in range(1, rounds + 1):
                scores = {code: draw(pick) for code in CRITERIA}
                all_marks.append({"case": number, "round": one, "expert": expert, "scores": scores})
    return {"year": sheet["year"], "sheet": sheet, "cases": cases, "marks": all_marks}


def own_result(year: dict[str, Any]) -> list[dict[str, Any]]:
    """The result by the program's own arithmetic, as it is exported."""
    numbers = year["sheet"]["numbers"]
    rules = TallyRules(
        {one["code"]: one["weight"] for one in year["sheet"]["criteria"]}, tuple(year["sheet"]["tie_order"]),
        numbers["threshold"], numbers["quota_field"], numbers["quota_total"], numbers["drop_from"],
        year["sheet"]["field_quotas"],
    )  # fmt: skip
    entrants = [
        Entrant(
            case["number"], case["domain"],
            tuple(Marks(one["expert"], {code: Decimal(text) for code, text in one["scores"].items()})
                  for one in year["marks"] if (one["case"], one["round"]) == (case["number"], case["round"])),
            case["removed"],
        )
        for case in year["cases"]
    ]  # fmt: skip
    titles = {case["number"]: case for case in year["cases"]}
    return [
        {"case": one.number, "title": titles[one.number]["title"], "landing": titles[one.number]["landing"],
         "domain": one.domain, "total": str(one.total), "means": {c: str(m) for c, m in one.means.items()},
         "spread": str(one.spread), "dropped": list(one.dropped), "rank": one.rank, "tied": one.tied,
         "outcome": one.outcome}
        for one in tally(entrants, rules)
    ]  # fmt: skip


@settings(max_examples=10)
@given(years())
def test_an_independent_script_comes_to_the_same_for_random_years(year: dict[str, Any]) -> None:
    whole = json.loads(json.dumps(year | {"result": own_result(year)}))
    assert script().recompute(whole) == whole["result"]


@settings(max_examples=200)
@given(years())
def test_the_same_holds_for_many_more_years_and_any_order_of_lines(year: dict[str, Any]) -> None:
    shuffled = random.Random(7).sample(year["marks"], len(year["marks"]))
    assert script().recompute(year | {"marks": shuffled}) == own_result(year)


def test_the_script_reads_the_csv_and_finds_a_changed_mark(tmp_path: Path) -> None:
    year = {
        "year": 2026, "sheet": default_sheet(2026).plain(),
        "cases": [{"number": 1, "title": "甲", "landing": "L1", "round": 1, "domain": "甲", "removed": False}],
        "marks": [{"case": 1, "round": 1, "expert": one, "scores": dict.fromkeys(CODES, "80.5")} for one in (1, 2, 3)],
    }  # fmt: skip
    year["result"] = own_result(year)
    path, table = tmp_path / "scores.json", tmp_path / "scores.csv"
    path.write_text(json.dumps(year), encoding="utf-8")
    table.write_bytes(marks_csv(year))
    run = [sys.executable, str(SCRIPT), str(path), "--marks", str(table)]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path, encoding="utf-8")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "identical: 1 cases"), done.stderr
    rows = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    rows[1][3] = "99"
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    assert subprocess.run(run, capture_output=True, cwd=tmp_path).returncode == 1


def test_the_script_knows_nothing_of_the_packages() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    names = ("matching", "marketplace", "webapp")
    assert not [name for name in names if f"import {name}" in text or f"from {name}" in text]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=20))
def test_kendall_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert kendall(one, other) == float(len(set(one)) == len(set(other)) == 1)
    else:
        assert kendall(one, other) == pytest.approx(kendalltau(one, other).statistic)


def points(**figures: float) -> tuple[CriterionPoints, ...]:
    return tuple(CriterionPoints(code, Interval(figures.get(code, 50), figures.get(code, 50))) for code in CODES)


def test_stability_is_the_same_each_time_and_falls_where_weights_decide() -> None:
    apart = [points(effect=10.0 * place, safety=10.0 * place) for place in range(10)]
    close = [points(effect=50 + place, innovation=70 - place * 1.1) for place in range(10)]
    assert stability(apart, WEIGHTS) == stability(apart, WEIGHTS)
    steady, shaky = stability(apart, WEIGHTS), stability(close, WEIGHTS)
    assert steady is not None
    assert shaky is not None
    assert (steady.lowest, steady.middle, steady.candidates) == (1.0, 1.0, 10)
    assert shaky.lowest < steady.lowest
    assert stability(apart[:1], WEIGHTS) is None
