"""The landed pairs of the samples held against made-up gates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marketplace import Candidate, Effect, Gate, PostingCard

LANDINGS = Path(__file__).resolve().parents[2] / "data" / "samples" / "landings.jsonl"
RULES = ("验收满六个月且回访确认仍在使用", "有用户单位出具的报告", "信用无不良记录", "无涉密和知识产权争议")
_ORDER = {"candidate": 0, "incomplete": 1, "failed": 2}


def candidates(cards: Mapping[str, PostingCard]) -> tuple[Candidate, ...]:
    """Every landed pair, flagged ones first."""
    rows = [json.loads(line) for line in LANDINGS.read_text(encoding="utf-8").splitlines()]
    return tuple(sorted((_candidate(row, cards) for row in rows), key=lambda c: _ORDER[c.status]))


def _candidate(row: dict[str, Any], cards: Mapping[str, PostingCard]) -> Candidate:
    gates = _gates(row)
    results = {gate.result for gate in gates}
    status = "failed" if "failed" in results else "incomplete" if "missing" in results else "candidate"
    report = row["user_report"]
    return Candidate(
        landing_id=row["id"],
        opportunity=cards[row["opportunity_id"]],
        capability=cards[row["capability_id"]],
        accepted_on=row["accepted_on"],
        status=status,
        gates=gates,
        effects=tuple(_effect(effect) for effect in row["effects"]),
        user_report=f"{report['unit']}（{report['date']}）：{report['text']}" if report else None,
        innovation=row["innovation"],
        replications=tuple(row["replications"]),
        safety=row["safety"],
    )


def _gates(row: dict[str, Any]) -> tuple[Gate, ...]:
    def judged(value: bool | None) -> str:
        return "missing" if value is None else "passed" if value else "failed"

    old_enough = row["accepted_on"] <= "2026-05-21"
    credit, dispute = row["credit_clear"], row["secret_or_ip_dispute"]
    report = True if row["user_report"] else None
    return (
        Gate("landed", "落地满六个月", judged(old_enough), f"验收日期 {row['accepted_on']}"),
        Gate(
            "running",
            "仍在使用",
            judged(True if row["revisit_on"] else None),
            f"回访 {row['revisit_on'] or '无记录'}",
        ),
        Gate("report", "用户报告", judged(report), "有" if report else "没有用户报告"),
        Gate("credit", "信用", judged(credit), "未见不良记录" if credit else "没有信用核查记录"),
        Gate("dispute", "无涉密和知识产权争议", judged(not dispute), "无争议" if not dispute else "存在争议"),
    )


def _effect(row: dict[str, Any]) -> Effect:
    planned, measured = row["planned"], row["measured"]
    reached = None
    if measured is not None:
        reached = measured >= planned if row["higher_is_better"] else measured <= planned
    return Effect(row["name"], row["unit"], planned, measured, reached, row["method"])
