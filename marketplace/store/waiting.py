"""Reads which needs were taken care of by a moment, and the best candidates of those that were not."""

from __future__ import annotations

from collections.abc import Collection

from marketplace.stages import LANDED, MISTAKEN, PAUSED
from marketplace.store.database import Database
from marketplace.store.matches import MatchRow, ordered_matches

_CHUNK = 300


def needs_cared_for(db: Database, until: str) -> set[int]:
    """Return the opportunities with a pairing that was under way, or had landed, at a moment (ISO-8601 UTC).

    One that is put aside since then is not under way, as in the caps. When one was put aside before, and taken up
    again, no longer counts.
    """
    sql = (
        "select distinct opportunity_key from pairing where created_at <= ? "
        "and (closed_at = '' or closed_at > ? or stage = ?) and not (stage = ? and stage_since <= ?)"
    )
    return {key for (key,) in db.conn.execute(sql, [until, until, LANDED, PAUSED, until])}


def attempts(db: Database, until: str) -> dict[tuple[int, int], int]:
    """Return the pairs whose follow-up had come to nothing by a moment, with how often; undone openings are none."""
    sql = (
        "select opportunity_key, capability_key, count(*) from pairing where created_at <= ? and closed_at <> '' "
        "and closed_at <= ? and stage <> ? and coalesce(reason_code, '') <> ? group by opportunity_key, capability_key"
    )
    return {(need, offer): count for need, offer, count in db.conn.execute(sql, [until, until, LANDED, MISTAKEN])}


def best_matches(db: Database, opportunity_keys: Collection[int], depth: int) -> dict[int, list[MatchRow]]:
    """Return the first ``depth`` stored pairs of each opportunity, in the order of its own page."""
    wanted, found = sorted(opportunity_keys), dict[int, list[MatchRow]]()
    for start in range(0, len(wanted), _CHUNK):
        for row in ordered_matches(db, wanted[start : start + _CHUNK], depth):
            found.setdefault(row.opportunity_key, []).append(row)
    return found
