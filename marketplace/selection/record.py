"""What a year comes to, as plain values: the same record is ranked, exported, frozen and recomputed.

Names of people are in none of it: experts are numbers, objections too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from marketplace.benchmarks.sheet import Sheet
from marketplace.benchmarks.tally import Entrant, Marks, Outcome, TallyRules, tally
from marketplace.selection.cases import Case, cases_with_pairs
from marketplace.selection.masking import masked_deep
from marketplace.selection.rights import Year
from marketplace.selection_states import CHECKED, REMOVED
from marketplace.store import Database
from marketplace.store.benchmark_cases import cases_of, objections_of
from marketplace.store.benchmark_panel import ReviewRow, experts_of, reviews_of
from marketplace.store.benchmark_years import load_notice
from marketplace.store.organisations import organisation_names

VERSION = 1


def rules_of(sheet: Sheet) -> TallyRules:
    """Return what the arithmetic of a year depends on."""
    numbers = sheet.numbers
    return TallyRules(
        sheet.weights, sheet.tie_order, numbers["threshold"], numbers["quota_field"], numbers["quota_total"],
        numbers["drop_from"], sheet.field_quotas,
    )  # fmt: skip


def counting_sheets(db: Database, year: int, cases: Sequence[Case]) -> dict[int, list[ReviewRow]]:
    """Return the sheets that count for each case: those handed in, of its latest round."""
    latest = {case.row.key: case.row.round for case in cases}
    found: dict[int, list[ReviewRow]] = defaultdict(list)
    for one in reviews_of(db, year=year):
        if one.state == "sent" and one.round == latest.get(one.case_key):
            found[one.case_key].append(one)
    return found


def ranked_cases(db: Database, year: int) -> list[Case]:
    """Return the cases that are ranked: those that passed all checks, and those removed afterwards."""
    return [one for one in cases_with_pairs(db, cases_of(db, year)) if one.row.state in (CHECKED, REMOVED)]


def outcomes_of(db: Database, year: Year) -> tuple[list[Outcome], list[Case]]:
    """Return what every case comes to, best first, and the cases."""
    cases = ranked_cases(db, year.number)
    sheets = counting_sheets(db, year.number, cases)
    numbers = {one.account_key: one.number for one in experts_of(db, year.number)}
    entrants = [
        Entrant(
            case.row.number, case.row.domain,
            tuple(Marks(numbers[one.account_key], _decimals(one.scores)) for one in sheets[case.row.key]),
            case.row.state == REMOVED,
        )
        for case in cases
    ]  # fmt: skip
    return tally(entrants, rules_of(year.sheet)), cases


def record_of(db: Database, year: Year, evidence: Mapping[int, str] | None = None) -> dict[str, Any]:
    """Return everything of a year that is decided: sheet, cases, all marks of all rounds, result, publication.

    ``evidence`` are the hashes of what was kept of each case as the year is frozen, by number.
    """
    outcomes, cases = outcomes_of(db, year)
    by_number = {case.row.number: case for case in cases}
    experts = {one.account_key: one.number for one in experts_of(db, year.number)}
    keys = {case.row.key: case.row.number for case in cases}
    names = organisation_names(db, [case.row.organisation_key for case in cases])
    notice = load_notice(db, year.number)
    return {
        "version": VERSION,
        "year": year.number,
        "sheet": year.sheet.plain(),
        "cases": [
            _case(case, names) | ({"evidence": evidence[case.row.number]} if evidence is not None else {})
            for case in cases
        ],
        "marks": [
            {"case": keys[one.case_key], "round": one.round, "expert": experts[one.account_key],
             "scores": dict(sorted(one.scores.items()))}
            for one in sorted(reviews_of(db, year=year.number),
                              key=lambda one: (keys.get(one.case_key, 0), one.round, experts[one.account_key]))
            if one.state == "sent" and one.case_key in keys
        ],
        "result": [_result(one, by_number[one.number]) for one in outcomes],
        "notice": {"starts_on": notice.starts_on, "ends_on": notice.ends_on} if notice else None,
        "objections": [
            {"number": one.number, "case": keys.get(one.case_key, 0), "state": one.state}
            for one in objections_of(db, year.number)
        ],
    }  # fmt: skip


def _case(case: Case, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "number": case.row.number, "title": case.title, "landing": case.row.landing_id, "domain": case.row.domain,
        "need": getattr(case.need.posting, "publisher", ""), "offer": getattr(case.offer.posting, "company", ""),
        "offer_title": case.offer.posting.title, "city": case.need.region, "way": case.row.way,
        "applicant": names.get(case.row.organisation_key, ""), "round": case.row.round,
        "removed": case.row.state == REMOVED, "effects": masked_deep(case.landing.get("effects") or []),
        "accepted_on": case.landing.get("accepted_on", ""), "contract_wan": case.landing.get("contract_wan"),
    }  # fmt: skip


def _result(one: Outcome, case: Case) -> dict[str, Any]:
    return {
        "case": one.number, "title": case.title, "landing": case.row.landing_id, "domain": one.domain,
        "total": str(one.total), "means": {code: str(mean) for code, mean in one.means.items()},
        "spread": str(one.spread), "dropped": list(one.dropped), "rank": one.rank, "tied": one.tied,
        "outcome": one.outcome,
    }  # fmt: skip


def _decimals(scores: Mapping[str, str]) -> dict[str, Decimal]:
    return {code: Decimal(text) for code, text in scores.items()}
