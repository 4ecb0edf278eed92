"""The benchmark page: landed pairs of a year, gate by gate."""

from __future__ import annotations

from datetime import date
from typing import Any

from marketplace.benchmarks import YearRules, examine, status_of
from marketplace.benchmarks.gates import effects_of
from marketplace.cards import card_of
from marketplace.desk import Desk, Landing
from marketplace.errors import NotFoundError
from marketplace.pages import BenchmarkPage, Candidate
from marketplace.records import mask_personal

_ORDER = {"candidate": 0, "incomplete": 1, "failed": 2}


def benchmark_page(desk: Desk, year: int, candidates_only: bool) -> BenchmarkPage:
    """Return the landings of a year's round, candidates first, then by acceptance date.

    Raises NotFoundError for a year without a round.
    """
    if year not in desk.years:
        known = "、".join(map(str, desk.years)) or "暂无"
        raise NotFoundError(f"{year} 年度没有标杆候选数据；已有年度：{known}。")
    rules = YearRules(year)
    taken = [one for one in desk.landings if rules.takes(date.fromisoformat(one[2]["accepted_on"]))]
    candidates = sorted(
        (_candidate(desk, one, rules) for one in taken), key=lambda c: (_ORDER[c.status], c.accepted_on, c.landing_id)
    )
    if candidates_only:
        candidates = [one for one in candidates if one.status == "candidate"]
    return BenchmarkPage(year, str(rules.cutoff), tuple(candidates), desk.years, rules.sentences())


def _candidate(desk: Desk, landing: Landing, rules: YearRules) -> Candidate:
    need, offer, stored = landing
    # Who wrote a landing may have named a person; the page is for everyone.
    raw = _masked(stored)
    gates = examine(raw, rules)
    report = raw.get("user_report") or {}
    return Candidate(
        landing_id=stored["id"],
        opportunity=card_of(desk.postings[need], desk.key_years),
        capability=card_of(desk.postings[offer], desk.key_years),
        accepted_on=raw["accepted_on"],
        status=status_of(gates),
        gates=gates,
        effects=effects_of(raw),
        user_report=report.get("text"),
        innovation=raw.get("innovation"),
        replications=tuple(raw.get("replications") or ()),
        safety=raw.get("safety"),
    )


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_personal(value)
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list) else value
