"""Reads which needs were taken care of by a moment, and the best candidates of those that were not."""

from __future__ import annotations

from collections.abc import Collection

from marketplace.stages import LANDED, MISTAKEN, PAUSED
from marketplace.store.database import Database
from marketplace.store.matches import ordered_pairs
from matching import Band

_CHUNK = 300


def needs_cared_for(db: Database, until: str) -> set[int]:
    """Return the opportunities with a pairing that was under way, or had landed, at a moment (ISO-8601 UTC).

    What was put aside then was not under way. A step that was taken back later still stood.
    """
    stood = (
        "select e.to_stage from pairing_event e where e.pairing_key = p.key and e.to_stage <> '' and e.at <= ? "
        "and (e.undone_at = '' or e.undone_at > ?) order by e.key desc limit 1"
    )
    sql = (
        "select distinct opportunity_key from pairing p where created_at <= ? and "
        "((stage = ? and closed_at <= ?) or "
        f"((closed_at = '' or closed_at > ?) and coalesce(({stood}), p.stage) <> ?))"
    )
    values = [until, LANDED, until, until, until, until, PAUSED]
    return {key for (key,) in db.conn.execute(sql, values)}


def attempts(db: Database, until: str) -> dict[tuple[int, int], int]:
    """Return the pairs whose follow-up had come to nothing by a moment, with how often; undone openings are none."""
    sql = (
        "select opportunity_key, capability_key, count(*) from pairing where created_at <= ? and closed_at <> '' "
        "and closed_at <= ? and stage <> ? and coalesce(reason_code, '') <> ? group by opportunity_key, capability_key"
    )
    return {(need, offer): count for need, offer, count in db.conn.execute(sql, [until, until, LANDED, MISTAKEN])}


def best_pairs(db: Database, opportunity_keys: Collection[int], depth: int) -> dict[int, list[tuple[int, Band]]]:
    """Return the capabilities and bands of the first ``depth`` stored pairs of each opportunity, best first."""
    wanted, found = sorted(opportunity_keys), dict[int, list[tuple[int, Band]]]()
    for start in range(0, len(wanted), _CHUNK):
        for need, offer, band in ordered_pairs(db, wanted[start : start + _CHUNK], depth):
            found.setdefault(need, []).append((offer, band))
    return found
