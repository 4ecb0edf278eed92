"""Keeps the flags of landed pairs in step with their facts; people decide, the machine only points.

A flag is a pure function of the facts of its pair and of the year's rules. Both digests are stored beside it, so that
only the pair whose facts changed is looked at again, and ``check`` can tell a flag that no longer fits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from marketplace.benchmarks.canonical import canonical, digest_of
from marketplace.benchmarks.gates import examine, status_of
from marketplace.benchmarks.provisional import CriterionPoints, read_points, total_of
from marketplace.benchmarks.sheet import Sheet, default_sheet, sheet_of
from marketplace.pages import Gate
from marketplace.selection_states import DRAFT
from marketplace.store import Database
from marketplace.store.benchmark_flags import (
    LandedFacts,
    drop_flags,
    flag_digests,
    landed_facts,
    landings_of_capabilities,
    replace_flags,
)
from marketplace.store.benchmark_years import load_results, load_year
from marketplace.store.changes import read_value
from marketplace.store.database import transaction
from marketplace.store.landings import find_landing_keys
from marketplace.store.matches import load_snapshot
from marketplace.store.postings import load_vectors
from matching import PostingVectors, Side

_ENCODER = "encoder"
_KEPT = ("id", "accepted_on", "revisit_on", "user_report", "test_report", "effects", "replications", "credit_clear",
         "secret_or_ip_dispute", "previous_award_year", "innovation", "safety", "sources", "contract_wan")  # fmt: skip


def refresh_flags(db: Database, landing_ids: Iterable[str]) -> int:
    """Look at these landings again inside a transaction, and at others of the same capability; return how many.

    Of the others only those are written whose facts changed: a further place makes a capability more reused.
    """
    wanted = tuple(dict.fromkeys(landing_ids))
    keys = find_landing_keys(db, wanted)
    for gone in set(wanted) - keys.keys():
        drop_flags(db, gone)
    near = landings_of_capabilities(db, (offer for _, offer in keys.values()))
    known = flag_digests(db, near)
    facts = landed_facts(db, tuple(dict.fromkeys([*keys, *near])))
    awards = award_years(db)
    moved = [one for one in facts if one.landing["id"] in keys or _differs(one, awards, known)]
    return _write(db, moved, awards)


def refresh_all_flags(db: Database) -> int:
    """Look at every landing again in a transaction of its own; return how many."""
    with transaction(db):
        return _write(db, landed_facts(db), award_years(db))


def refresh_year_flags(db: Database, year: int) -> int:
    """Look inside a transaction at the landings that a year's round takes; return how many."""
    facts = [one for one in landed_facts(db) if year in years_of_landing(one.landing)]
    return _write(db, facts, award_years(db))


def refresh_frozen_flags(db: Database, year: int, chosen_from: Iterable[str]) -> int:
    """Look inside a transaction at what a frozen result bears on; return how many landings.

    Those it is about have a title now; those of later years are compared in meaning with its benchmarks.
    """
    about = set(chosen_from)
    facts = [one for one in landed_facts(db)
             if one.landing["id"] in about or max(years_of_landing(one.landing)) > year]  # fmt: skip
    return _write(db, facts, award_years(db))


def refresh_stale_flags(db: Database) -> int:
    """Look again at the landings whose flags do not fit, in a transaction of its own; return how many.

    A new year, a posting that moved to another district, or a database brought up to date leave such flags.
    """
    stale = stale_flags(db)
    if stale:
        with transaction(db):
            _write(db, landed_facts(db, stale), award_years(db))
    return len(stale)


def stale_flags(db: Database) -> list[str]:
    """Return the landings whose flags do not fit their facts and rules; empty when all do."""
    known, awards, sheets = flag_digests(db), award_years(db), _Sheets(db)
    found = []
    for one in landed_facts(db):
        digest = facts_digest(facts_of(one, awards))
        for year in years_of_landing(one.landing):
            if not sheets.of(year).rules.takes(date.fromisoformat(one.landing["accepted_on"])):
                continue
            if known.get((year, one.landing["id"])) != (digest, sheets.of(year).scoring_digest):
                found.append(str(one.landing["id"]))
                break
    return found


def facts_of(one: LandedFacts, awards: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """Return everything a flag is made from."""
    facts = {name: one.landing.get(name) for name in _KEPT}
    return facts | {
        "files": one.files, "revisits": one.revisits, "landed_elsewhere": one.elsewhere,
        "stopped_on": one.stopped_on, "award_years": list(awards.get(one.landing["id"], ())),
    }  # fmt: skip


def facts_digest(facts: Mapping[str, Any]) -> str:
    """Return the hash of the facts of a pair."""
    return digest_of(canonical(facts))[:16]


def years_of_landing(landing: Mapping[str, Any]) -> tuple[int, int]:
    """Return the rounds a landing belongs to: that of its year and the next."""
    accepted = date.fromisoformat(landing["accepted_on"])
    return accepted.year, accepted.year + 1


def award_years(db: Database) -> dict[str, tuple[int, ...]]:
    """Return the years in which each landing was chosen, as frozen."""
    found: dict[str, tuple[int, ...]] = {}
    for row in load_results(db):
        for one in json.loads(row.content)["result"]:
            if one["outcome"] == "selected":
                found[one["landing"]] = (*found.get(one["landing"], ()), row.year)
    return found


def public_sheet(db: Database, year: int) -> Sheet:
    """Return the sheet of a year as everyone may know it: the default one until its call is opened."""
    row = load_year(db, year)
    return sheet_of(row.sheet) if row and row.state != DRAFT else default_sheet(year)


class _Sheets:
    """The sheet of each year as everyone may know it: flags stand on public pages."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[int, Sheet] = {}

    def of(self, year: int) -> Sheet:
        if year not in self._known:
            self._known[year] = public_sheet(self._db, year)
        return self._known[year]


class Novelty:
    """How near a pair is in meaning to benchmarks of earlier years: a hint, never points.

    Vectors are compared after the mean of their side was taken away, as everywhere.
    """

    def __init__(self, db: Database, facts: Sequence[LandedFacts]) -> None:
        self._db = db
        self._past = _winners(db)
        snapshot = load_snapshot(db)
        self._means = snapshot[3].means if snapshot else {}
        keys = {key for one in facts for key in (one.opportunity_key, one.capability_key)}
        keys |= {key for past in self._past for key in past[2:4]}
        ready = bool(self._past and self._means)
        self._vectors = load_vectors(db, read_value(db, _ENCODER) or "", sorted(keys)) if ready else {}
        own = [(past, self._of(past[2], past[3])) for past in self._past]
        self._known = [past for past, vector in own if vector is not None]
        self._own = np.array([vector for _, vector in own if vector is not None])

    def hints(self, one: LandedFacts, years: Sequence[int]) -> dict[int, dict[str, Any] | None]:
        """Return for each year the nearest benchmark of an earlier one with its closeness, None when there is none."""
        found: dict[int, dict[str, Any] | None] = dict.fromkeys(years)
        own = self._of(one.opportunity_key, one.capability_key) if self._known else None
        if own is None:
            return found
        # Best first: what comes earlier in the list wins between equals.
        near = sorted(
            ((round(closeness, 3), past) for past, closeness in
             zip(self._known, (self._own @ own).tolist(), strict=True) if past[1] != one.landing["id"]),
            key=lambda pair: -pair[0],
        )  # fmt: skip
        for year in years:
            for closeness, past in near:
                if past[0] < year:
                    found[year] = {"year": past[0], "title": past[4], "closeness": closeness}
                    break
        return found

    def _of(self, need: int, offer: int) -> Any:
        parts = []
        for key, side in ((need, Side.OPPORTUNITY), (offer, Side.CAPABILITY)):
            vectors: PostingVectors | None = self._vectors.get(key)
            if vectors is None:
                return None
            centred = (vectors.title + vectors.body) / 2 - self._means[str(side)]["whole"]
            parts.append(centred / (np.linalg.norm(centred) or 1))
        return np.concatenate(parts) / np.sqrt(2)


def _winners(db: Database) -> list[tuple[int, str, int, int, str]]:
    """Return year, landing, both postings and title of every benchmark there has been."""
    won = [
        (row.year, one["landing"], one["title"])
        for row in load_results(db)
        for one in json.loads(row.content)["result"]
        if one["outcome"] == "selected"
    ]
    keys = find_landing_keys(db, [landing for _, landing, _ in won])
    return [(year, landing, *keys[landing], title) for year, landing, title in won if landing in keys]


def _differs(one: LandedFacts, awards: Mapping[str, Sequence[int]], known: Mapping[tuple[int, str], Any]) -> bool:
    digest = facts_digest(facts_of(one, awards))
    stored = [known[year, one.landing["id"]][0] for year in years_of_landing(one.landing)
              if (year, one.landing["id"]) in known]  # fmt: skip
    return not stored or any(one != digest for one in stored)


def _write(db: Database, found: Sequence[LandedFacts], awards: Mapping[str, Sequence[int]]) -> int:
    sheets, novelty, rows = _Sheets(db), Novelty(db, found), list[dict[str, Any]]()
    for one in found:
        accepted = date.fromisoformat(one.landing["accepted_on"])
        years = [year for year in years_of_landing(one.landing) if sheets.of(year).rules.takes(accepted)]
        facts, hints = facts_of(one, awards), novelty.hints(one, years)
        # Facts are the same for both years: what follows from them alone is made once.
        digest, points = facts_digest(facts), read_points(facts)
        for year in years:
            shown = _flag(facts, points, sheets.of(year), hints[year])
            rows.append(
                shown | {"landing_id": one.landing["id"], "opportunity_key": one.opportunity_key,
                         "capability_key": one.capability_key, "facts_digest": digest}
            )  # fmt: skip
    replace_flags(db, [one.landing["id"] for one in found], rows)
    return len(found)


def _flag(
    facts: dict[str, Any], points: Sequence[CriterionPoints], sheet: Sheet, hint: dict[str, Any] | None
) -> dict[str, Any]:
    gates, total = examine(facts, sheet.rules), total_of(points, sheet.weights)
    missing = [f"{gate.label}：{gate.fact}" for gate in gates if gate.result == "missing"]
    missing += [text for criterion in points for text in criterion.missing]
    content = {
        "gates": [_plain_gate(gate) for gate in gates], "points": [_plain_points(criterion) for criterion in points],
        "missing": list(dict.fromkeys(missing)), "hint": hint, "accepted_on": facts["accepted_on"],
    }  # fmt: skip
    return {
        "year": sheet.year, "status": status_of(gates), "low": total.low, "high": total.high,
        "content": json.dumps(content, ensure_ascii=False), "rules_digest": sheet.scoring_digest,
    }  # fmt: skip


# By hand: ``asdict`` copies every value of a hundred thousand small objects and took half the time.
def _plain_gate(gate: Gate) -> dict[str, str]:
    return {"name": gate.name, "label": gate.label, "result": gate.result, "fact": gate.fact, "source": gate.source}


def _plain_points(one: CriterionPoints) -> dict[str, Any]:
    points = {"low": one.points.low, "high": one.points.high} if one.points else None
    return {"code": one.code, "points": points, "facts": one.facts, "missing": one.missing}
