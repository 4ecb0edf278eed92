"""The benchmark page: landed pairs of a year, gate by gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.benchmarks import YearRules
from marketplace.benchmarks.gates import effects_of
from marketplace.cards import card_of
from marketplace.desk import Desk, Landing
from marketplace.errors import NotFoundError
from marketplace.pages import BenchmarkPage, Candidate, Gate
from marketplace.records import mask_personal
from marketplace.store.benchmark_flags import FlagRow

_ORDER = {"candidate": 0, "incomplete": 1, "failed": 2}


def benchmark_page(
    desk: Desk, flags: Mapping[str, FlagRow], rules: YearRules, years: tuple[int, ...], *, candidates_only: bool
) -> BenchmarkPage:
    """Return the landings of a year's round as flagged, candidates first, then by acceptance date.

    Raises NotFoundError for a year without a round.
    """
    if rules.year not in years:
        known = "、".join(map(str, years)) or "暂无"
        raise NotFoundError(f"{rules.year} 年度没有标杆候选数据；已有年度：{known}。")
    taken = [one for one in desk.landings if one[2]["id"] in flags]
    candidates = sorted(
        (_candidate(desk, one, flags[one[2]["id"]]) for one in taken),
        key=lambda c: (_ORDER[c.status], c.accepted_on, c.landing_id),
    )
    if candidates_only:
        candidates = [one for one in candidates if one.status == "candidate"]
    return BenchmarkPage(rules.year, str(rules.cutoff), tuple(candidates), years, rules.sentences())


def _candidate(desk: Desk, landing: Landing, flag: FlagRow) -> Candidate:
    need, offer, stored = landing
    # Who wrote a landing may have named a person; the page is for everyone.
    raw = _masked(stored)
    gates = tuple(Gate(**_masked(one)) for one in flag.content["gates"])
    report = raw.get("user_report") or {}
    return Candidate(
        landing_id=stored["id"],
        opportunity=card_of(desk.postings[need], desk.key_years),
        capability=card_of(desk.postings[offer], desk.key_years),
        accepted_on=raw["accepted_on"],
        status=flag.status,
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
