"""Reads what use has taught: how far each pair came, why it ended, what people said and corrected."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.stages import FAILED, furthest
from marketplace.store.database import Database
from marketplace.store.matchmaking import CorrectionRow, live_corrections

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How far the pairings of one pair came, and the coded reasons of those that failed."""

    stage: str
    reasons: tuple[str, ...] = ()


def outcomes(db: Database) -> dict[Pair, OutcomeRow]:
    """Return what became of every pair that was ever followed up; moves taken back do not count."""
    sql = (
        "select distinct g.opportunity_key, g.capability_key, e.to_stage from pairing g join pairing_event e "
        "on e.pairing_key = g.key where coalesce(e.undone_at, '') = '' and e.action <> 'undo' and e.to_stage <> ''"
    )
    stages: dict[Pair, list[str]] = {}
    for need, offer, stage in db.conn.execute(sql):
        stages.setdefault((need, offer), []).append(stage)
    sql = "select opportunity_key, capability_key, reason_code from pairing where stage = ? and reason_code <> ''"
    reasons: dict[Pair, list[str]] = {}
    for need, offer, code in db.conn.execute(f"{sql} order by key", [FAILED]):
        reasons.setdefault((need, offer), []).append(code)
    found = {pair: OutcomeRow(furthest(came), tuple(reasons.get(pair, ()))) for pair, came in stages.items()}
    return {pair: row for pair, row in found.items() if row.stage or row.reasons}


def standing_corrections(db: Database) -> list[CorrectionRow]:
    """Return every correction that stands and still fits its requirement."""
    sql = (
        "select opportunity_key from verdict_correction where live_mark is not null "
        "union select opportunity_key from rank_override where live_mark is not null"
    )
    needs = [row[0] for row in db.conn.execute(sql)]
    return [one for one in live_corrections(db, opportunity_keys=needs) if not one.lapsed] if needs else []
