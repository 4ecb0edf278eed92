"""The gates of 年度场景创新标杆, one by one, and the years with a round."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from marketplace.benchmarks import YearRules, examine, status_of, years_of
from marketplace.benchmarks.gates import add_months, effects_of

RULES = YearRules(2026)


def landing(**overrides: Any) -> dict[str, Any]:
    """A landing that passes every gate of 2026."""
    return {
        "id": "LD-1", "accepted_on": "2025-12-19", "revisit_on": "2026-10-13",
        "user_report": {"unit": "武汉江北城区供水有限公司（示例）", "date": "2026-10-15", "text": "一直在用"},
        "credit_clear": True, "secret_or_ip_dispute": False, "previous_award_year": None,
    } | overrides  # fmt: skip


def result(name: str, **overrides: Any) -> str:
    gates = {gate.name: gate for gate in examine(landing(**overrides), RULES)}
    assert all(gate.fact and gate.label for gate in gates.values())
    return gates[name].result


def test_whole_landing_is_a_candidate() -> None:
    gates = examine(landing(), RULES)
    assert [gate.result for gate in gates] == ["passed"] * 5
    assert status_of(gates) == "candidate"


@pytest.mark.parametrize(
    ("gate", "overrides", "expected"),
    [
        ("running", {"accepted_on": "2026-07-01", "revisit_on": "2026-12-31"}, "failed"),
        ("running", {"accepted_on": "2026-06-30", "revisit_on": "2026-12-30"}, "passed"),
        ("running", {"accepted_on": "2026-06-30", "revisit_on": "2026-12-29"}, "missing"),
        ("running", {"accepted_on": "2026-06-30", "revisit_on": "2027-01-01"}, "missing"),
        ("running", {"accepted_on": "2025-08-31", "revisit_on": "2026-02-28"}, "passed"),
        ("running", {"accepted_on": "2025-08-31", "revisit_on": "2026-02-27"}, "missing"),
        ("running", {"revisit_on": None}, "missing"),
        ("running", {"stopped_on": "2026-12-31"}, "failed"),
        # What ended after the last day that counts still ran by then; the later revisit is told beside it.
        ("running", {"stopped_on": "2027-01-01"}, "passed"),
        ("user_proof", {"user_report": None}, "missing"),
        ("user_proof", {"user_report": {"unit": "某单位", "text": ""}}, "missing"),
        ("user_proof", {"user_report": {"text": "好用"}}, "passed"),
        ("credit", {"credit_clear": None}, "missing"),
        ("credit", {"credit_clear": False}, "failed"),
        ("secrets", {"secret_or_ip_dispute": None}, "missing"),
        ("secrets", {"secret_or_ip_dispute": True}, "failed"),
        ("not_repeated", {"previous_award_year": 2025}, "failed"),
        ("not_repeated", {"previous_award_year": 2024}, "passed"),
        ("not_repeated", {"previous_award_year": None}, "passed"),
    ],
)
def test_gate(gate: str, overrides: dict[str, Any], expected: str) -> None:
    assert result(gate, **overrides) == expected


def test_a_failed_gate_outweighs_a_missing_one() -> None:
    assert status_of(examine(landing(credit_clear=None), RULES)) == "incomplete"
    assert status_of(examine(landing(credit_clear=None, secret_or_ip_dispute=True), RULES)) == "failed"


def test_bare_landing_is_incomplete() -> None:
    gates = examine({"accepted_on": "2026-01-05"}, RULES)
    assert [gate.result for gate in gates] == ["missing"] * 4 + ["passed"]
    assert status_of(gates) == "incomplete"


@pytest.mark.parametrize(
    ("day", "later"),
    [
        ("2026-08-31", "2027-02-28"), ("2027-08-31", "2028-02-29"), ("2026-08-29", "2027-02-28"),
        ("2026-12-31", "2027-06-30"), ("2026-06-30", "2026-12-30"), ("2026-07-01", "2027-01-01"),
        ("2028-02-29", "2028-08-29"), ("2026-05-31", "2026-11-30"),
    ],
)  # fmt: skip
def test_six_months_later(day: str, later: str) -> None:
    assert str(add_months(date.fromisoformat(day), 6)) == later


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [("2024-12-31", False), ("2025-01-01", True), ("2026-12-31", True), ("2027-01-01", False)],
)
def test_round_takes_this_year_and_the_last(accepted: str, taken: bool) -> None:
    assert RULES.takes(date.fromisoformat(accepted)) is taken


def test_rules_are_told_in_words() -> None:
    told = "".join(RULES.sentences())
    assert all(part in told for part in ("2025-01-01", "2026-12-31", "6 个月", "2025 年度"))


def test_years_with_a_round() -> None:
    today = date(2026, 11, 22)
    assert years_of([], today) == ()
    assert years_of([date(2025, 12, 19)], today) == (2026, 2025)
    assert years_of([date(2026, 1, 1), date(2026, 9, 9)], today) == (2026,)
    assert years_of([date(2026, 1, 1)], date(2027, 1, 1)) == (2027, 2026)


@pytest.mark.parametrize(
    ("planned", "measured", "higher", "reached"),
    [
        (90, 94.2, True, True), (90, 90, True, True), (90, 89.9, True, False), (12, 10.6, False, True),
        (12, 12, False, True), (12, 12.1, False, False), (None, 5, True, None), (5, None, True, None),
    ],
)  # fmt: skip
def test_effect_reached(planned: float | None, measured: float | None, higher: bool, reached: bool | None) -> None:
    raw = {"name": "准确率", "planned": planned, "measured": measured, "higher_is_better": higher}
    (effect,) = effects_of({"effects": [raw]})
    assert effect.reached is reached
    assert (effect.name, effect.unit, effect.method) == ("准确率", "", None)


def test_no_effects() -> None:
    assert effects_of({}) == effects_of({"effects": None}) == ()
