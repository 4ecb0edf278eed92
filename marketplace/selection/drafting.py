"""What candidates would be under the sheet of a year in preparation; only those who set years up see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from marketplace.benchmarks.gates import MISSING, examine, status_of
from marketplace.benchmarks.provisional import read_points, total_of
from marketplace.benchmarks.sheet import Sheet
from marketplace.flagging import award_years, facts_digest, facts_of, years_of_landing
from marketplace.store import Database
from marketplace.store.benchmark_flags import FlagRow, LandedFacts, landed_facts, load_flags


def drafted_flags(db: Database, sheet: Sheet) -> list[FlagRow]:
    """Return the flags of a year as its sheet would make them, by landing; nothing is stored."""
    stored = {one.landing_id: one for one in load_flags(db, year=sheet.year)}
    awards = award_years(db)
    return [
        _flag(one, awards.get(one.landing["id"], ()), sheet, stored.get(one.landing["id"]))
        for one in landed_facts(db)
        if sheet.year in years_of_landing(one.landing)
        and sheet.rules.takes(date.fromisoformat(one.landing["accepted_on"]))
    ]


def _flag(one: LandedFacts, awarded: Sequence[int], sheet: Sheet, stored: FlagRow | None) -> FlagRow:
    facts = facts_of(one, {one.landing["id"]: awarded})
    gates, points = examine(facts, sheet.rules), read_points(facts)
    total = total_of(points, sheet.weights)
    missing = [f"{gate.label}：{gate.fact}" for gate in gates if gate.result == MISSING]
    missing += [text for criterion in points for text in criterion.missing]
    content = {
        "gates": [asdict(gate) for gate in gates], "points": [asdict(criterion) for criterion in points],
        "missing": list(dict.fromkeys(missing)), "accepted_on": facts["accepted_on"],
        # How near an earlier benchmark lies follows from no sheet.
        "hint": stored.content["hint"] if stored else None,
    }  # fmt: skip
    return FlagRow(
        sheet.year, one.landing["id"], one.opportunity_key, one.capability_key, status_of(gates), total.low, total.high,
        content, facts_digest(facts), sheet.scoring_digest, stored.at if stored else "",
    )  # fmt: skip
