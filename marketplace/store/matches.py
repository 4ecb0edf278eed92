"""Reads and writes scored pairs, teams and statistics snapshots."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.store.database import Database, now, rows_of
from marketplace.store.matchmaking import CorrectionRow, corrected, overridden_bands
from matching import Band, NumberCheck, Passage, Side, Snapshot, Verdict, VerdictKind

_INSERT = (
    "insert into match (opportunity_key, capability_key, score, band, features, verdicts, fingerprint) "
    "values (?, ?, ?, ?, ?, ?, ?)"
)
_CHUNK = 200
# Where a pair stands: by the band a matchmaker gave it, else by the machine's.
_OVERRIDDEN = (
    "left join rank_override o on o.opportunity_key = m.opportunity_key and o.capability_key = m.capability_key "
    "and o.live_mark is not null"
)
_PLACE = (
    "case coalesce(o.band, m.band) "
    + " ".join(f"when '{band}' then {place}" for place, band in enumerate(Band))
    + " end"
)
_COLUMN = {Side.OPPORTUNITY: "opportunity_key", Side.CAPABILITY: "capability_key"}


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A stored pair: score in 0..1, band, contributions to the log-odds, verdicts in order.

    Read back, band and verdicts are as matchmakers left them; ``corrections`` say where that is not the machine's.
    """

    opportunity_key: int
    capability_key: int
    score: float
    band: Band
    contributions: dict[str, float]
    verdicts: tuple[Verdict, ...]
    fingerprint: str
    corrections: tuple[CorrectionRow, ...] = ()


def keep_match(db: Database, row: MatchRow) -> None:
    """Write one scored pair inside a transaction unless it is stored."""
    db.table("match").insert(_columns(row), ignore=True)


def replace_matches(db: Database, keys: Sequence[int], side: Side, rows: Iterable[MatchRow]) -> None:
    """Delete every pair of ``keys`` and write ``rows`` instead, inside a transaction."""
    for key in keys:
        db.table("match").delete_where(f"{_COLUMN[side]} = ?", [key])
    db.table("match").insert_all(map(_columns, rows))


def pack_matches(rows: Iterable[MatchRow]) -> list[tuple[Any, ...]]:
    """Return rows as ``replace_all`` writes them: a million take half a minute to pack, so before the transaction."""
    return [tuple(_columns(row).values()) for row in rows]


def replace_all(db: Database, packed: Sequence[tuple[Any, ...]]) -> None:
    """Write packed rows in place of everything stored, inside a transaction."""
    db.table("match").delete_where()
    db.conn.executemany(_INSERT, packed)


def _columns(row: MatchRow) -> dict[str, Any]:
    return {
        "opportunity_key": row.opportunity_key,
        "capability_key": row.capability_key,
        "score": round(row.score, 6),
        "band": str(row.band),
        "features": json.dumps({name: round(value, 6) for name, value in row.contributions.items()}),
        "verdicts": json.dumps([_pack(verdict) for verdict in row.verdicts], ensure_ascii=False),
        "fingerprint": row.fingerprint,
    }


def _pack(verdict: Verdict) -> dict[str, Any]:
    passage = verdict.passage
    return {
        "requirement": verdict.requirement,
        "kind": str(verdict.kind),
        "score": round(verdict.score, 6),
        "passage": [passage.source, passage.index, passage.text] if passage else None,
        "numbers": [[check.required, check.offered, check.holds, check.same_measure] for check in verdict.numbers],
        "limit": verdict.limit,
    }


def _unpack(raw: dict[str, Any]) -> Verdict:
    return Verdict(
        raw["requirement"],
        VerdictKind(raw["kind"]),
        raw["score"],
        Passage(*raw["passage"]) if raw["passage"] else None,
        tuple(NumberCheck(*check) for check in raw["numbers"]),
        raw["limit"],
    )


def _row(raw: dict[str, Any]) -> MatchRow:
    return MatchRow(
        raw["opportunity_key"],
        raw["capability_key"],
        raw["score"],
        Band(raw["band"]),
        json.loads(raw["features"]),
        tuple(_unpack(verdict) for verdict in json.loads(raw["verdicts"])),
        raw["fingerprint"],
    )


def count_torn(db: Database) -> int:
    """Return how many stored pairs cannot be read back."""
    torn = 0
    for raw in db.table("match").rows:
        try:
            _row(raw)
        except (ValueError, KeyError, TypeError):
            torn += 1
    return torn


def matches_of(db: Database, key: int, side: Side, limit: int | None = None) -> list[MatchRow]:
    """Return the stored pairs of a posting, best band first, then by score, ties by the counterpart's own id.

    A band follows from the score, so only a pair whose band a matchmaker overrode stands elsewhere.
    """
    own, other = _COLUMN[side], _COLUMN[side.other]
    sql = (
        f"select m.* from match m join posting p on p.key = m.{other} {_OVERRIDDEN} where m.{own} = ? "
        f"order by {_PLACE}, m.score desc, p.external_id"
    )
    values: list[Any] = [key]
    if limit is not None:
        sql, values = sql + " limit ?", [key, limit]
    return corrected(db, [_row(raw) for raw in db.query(sql, values)])


def matches_of_pairs(db: Database, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], MatchRow]:
    """Return those of some pairs (opportunity, capability) that are stored."""
    found: list[MatchRow] = []
    for start in range(0, len(pairs), _CHUNK):
        part = pairs[start : start + _CHUNK]
        where = " or ".join(["(opportunity_key = ? and capability_key = ?)"] * len(part))
        keys = [key for pair in part for key in pair]
        found += map(_row, rows_of(db, f"select * from match where {where}", keys))
    return {(row.opportunity_key, row.capability_key): row for row in corrected(db, found)}


def ordered_pairs(db: Database, opportunity_keys: Sequence[int], depth: int) -> list[tuple[int, int, Band]]:
    """Return (opportunity, capability, band as matchmakers left it) of the first ``depth`` stored pairs of each.

    The best come first as in ``matches_of``; verdicts are not read.
    """
    marks = ",".join("?" * len(opportunity_keys))
    ranked = (
        "select m.opportunity_key, m.capability_key, coalesce(o.band, m.band) as band, row_number() over "
        f"(partition by m.opportunity_key order by {_PLACE}, m.score desc, p.external_id) as place from match m "
        f"join posting p on p.key = m.capability_key {_OVERRIDDEN} where m.opportunity_key in ({marks})"
    )
    sql = f"select opportunity_key, capability_key, band from ({ranked}) where place <= ? order by 1, place"
    return [(need, offer, Band(band)) for need, offer, band in db.conn.execute(sql, [*opportunity_keys, depth])]


def find_match(db: Database, opportunity_key: int, capability_key: int) -> MatchRow | None:
    """Return one stored pair, None when it is not among the best of either side."""
    found = list(
        db.table("match").rows_where("opportunity_key = ? and capability_key = ?", [opportunity_key, capability_key])
    )
    return corrected(db, [_row(found[0])])[0] if found else None


def lowest_kept(db: Database, side: Side, depth: int, leaving: Collection[int] = ()) -> dict[int, float]:
    """Return for each posting of a side the score a new pair must reach to be among its best.

    Pairs with the counterparts ``leaving``, which are about to be replaced, do not count.
    """
    own, other = _COLUMN[side], _COLUMN[side.other]
    scores: dict[int, list[float]] = {}
    for raw in db.query(f"select {own} as own, {other} as other, score from match order by score desc"):
        if raw["other"] not in leaving:
            scores.setdefault(raw["own"], []).append(raw["score"])
    return {key: values[depth - 1] if len(values) >= depth else 0.0 for key, values in scores.items()}


def count_matches(db: Database, key: int, side: Side) -> int:
    """Return how many pairs of a posting are stored."""
    return int(db.table("match").count_where(f"{_COLUMN[side]} = ?", [key]))


def rank_of(db: Database, row: MatchRow, side: Side) -> tuple[int, int]:
    """Return (place, of how many stored) of a pair on the list of its ``side`` posting."""
    own, other = _COLUMN[side], _COLUMN[side.other]
    key = row.opportunity_key if side is Side.OPPORTUNITY else row.capability_key
    counterpart = row.capability_key if side is Side.OPPORTUNITY else row.opportunity_key
    sql = (
        f"select count(*) from match m join posting p on p.key = m.{other} {_OVERRIDDEN} where m.{own} = ? "
        f"and ({_PLACE} < ? or ({_PLACE} = ? and (m.score > ? or "
        "(m.score = ? and p.external_id < (select external_id from posting where key = ?)))))"
    )
    place = list(Band).index(row.band)
    before = db.conn.execute(sql, [key, place, place, row.score, row.score, counterpart]).fetchone()[0]
    return int(before) + 1, count_matches(db, key, side)


def band_counts(db: Database) -> dict[str, int]:
    """Return how many stored pairs lie in each band, as matchmakers left them."""
    counts = {raw["band"]: raw["n"] for raw in db.query("select band, count(*) as n from match group by band")}
    for _, _, now_band, machine in overridden_bands(db):
        if machine:
            counts[machine] -= 1
            counts[now_band] = counts.get(now_band, 0) + 1
    return counts


def best_bands(db: Database) -> dict[int, float]:
    """Return the best stored score of each opportunity."""
    sql = "select opportunity_key, max(score) as best from match group by opportunity_key"
    return {raw["opportunity_key"]: raw["best"] for raw in db.query(sql)}


def needs_with_good(db: Database, lowest: float) -> set[int]:
    """Return the opportunities with a pair worth recommending: a score of at least ``lowest``, or a matchmaker's word.

    A pair that a matchmaker took out of the good bands does not count, one put there does; a pair that is not stored
    is of no list, because one of its sides is not.
    """
    found = {key for key, best in best_bands(db).items() if best >= lowest}
    good = (str(Band.STRONG), str(Band.GOOD))
    marks = ",".join("?" * len(good))
    sql = f"select 1 from match m {_OVERRIDDEN} where m.opportunity_key = ? and coalesce(o.band, m.band) in ({marks})"
    said = overridden_bands(db)
    for need in {need for need, _, now_band, _ in said if now_band not in good} & found:
        if db.conn.execute(f"{sql} limit 1", [need, *good]).fetchone() is None:
            found.discard(need)
    return found | {need for need, _, now_band, machine in said if now_band in good and machine}


def save_teams(db: Database, teams: dict[int, tuple[list[int], list[int], list[int]]]) -> None:
    """Write the consortium proposals of some opportunities, inside a transaction."""
    for key, (members, covered, uncovered) in teams.items():
        db.table("team").delete_where("opportunity_key = ?", [key])
        db.table("team").insert(
            {"opportunity_key": key, "members": json.dumps(members), "covered": json.dumps(covered),
             "uncovered": json.dumps(uncovered)}
        )  # fmt: skip


def load_team(db: Database, key: int) -> tuple[list[int], list[int], list[int]] | None:
    """Return members (lead first), covered and uncovered requirements of an opportunity's team."""
    found = list(db.table("team").rows_where("opportunity_key = ?", [key]))
    if not found:
        return None
    raw = found[0]
    return json.loads(raw["members"]), json.loads(raw["covered"]), json.loads(raw["uncovered"])


def teams_with(db: Database, capability_keys: Sequence[int]) -> set[int]:
    """Return the opportunities whose proposed team holds any of these capabilities."""
    wanted = set(capability_keys)
    rows = db.table("team").rows if wanted else ()
    return {raw["opportunity_key"] for raw in rows if wanted & set(json.loads(raw["members"]))}


def forget(db: Database, key: int, side: Side) -> bool:
    """Take a posting out of every stored pair, inside a transaction; return whether a team lacks it now.

    Such a team stays stored, unseen, until it is composed anew: it tells which needs to look at.
    """
    replace_matches(db, [key], side, [])
    if side is Side.OPPORTUNITY:
        db.table("team").delete_where("opportunity_key = ?", [key])
        return False
    return bool(teams_with(db, [key]))


def save_snapshot(db: Database, snapshot: Snapshot, postings: int) -> int:
    """Store a new numbered snapshot inside a transaction; return its number."""
    number = int(db.conn.execute("select coalesce(max(number), 0) from snapshot").fetchone()[0]) + 1
    db.table("snapshot").insert(
        {"number": number, "created_at": now(), "fingerprint": snapshot.fingerprint, "postings": postings,
         "content": snapshot.to_bytes()}
    )  # fmt: skip
    # Older snapshots explain nothing that is still stored.
    db.table("snapshot").delete_where("number < ?", [number - 1])
    return number


def load_snapshot(db: Database) -> tuple[int, str, int, Snapshot] | None:
    """Return number, creation time, posting count and content of the current snapshot."""
    found = list(db.table("snapshot").rows_where(order_by="number desc", limit=1))
    if not found:
        return None
    raw = found[0]
    return raw["number"], raw["created_at"], raw["postings"], Snapshot.from_bytes(raw["content"])
