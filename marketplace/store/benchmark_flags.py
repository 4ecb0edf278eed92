"""Reads and writes what the machine says of landed pairs, and gathers the facts it says it from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.store.changes import read_value, write_value
from marketplace.store.database import Database, now, rows_of
from marketplace.store.landings import VERSION

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class FlagRow:
    """What is said of one landed pair for one year; ``content`` holds gates, points and the hint of novelty."""

    year: int
    landing_id: str
    opportunity_key: int
    capability_key: int
    status: str
    low: float
    high: float
    content: dict[str, Any]
    facts_digest: str
    rules_digest: str
    at: str


@dataclass(frozen=True, slots=True)
class LandedFacts:
    """A landing with what else is stored about its pair.

    ``elsewhere`` are the other districts where the same capability has landed; ``stopped_on`` is the day of the latest
    revisit when it found that nobody uses it any more, else empty.
    """

    landing: dict[str, Any]
    opportunity_key: int
    capability_key: int
    files: int
    revisits: int
    elsewhere: int
    stopped_on: str


def landed_facts(db: Database, landing_ids: Sequence[str] | None = None) -> list[LandedFacts]:
    """Return the facts of these landings, or of all, by id."""
    sql = "select id, opportunity_key, capability_key, record from landing"
    rows = list(rows_of(db, f"{sql} order by id")) if landing_ids is None else _chosen(db, sql, landing_ids)
    keys = {_pairing(raw["id"]) for raw in rows} - {0}
    files = _counts(db, "select pairing_key, count(*) from pairing_file", "pairing_key", keys)
    revisits = _counts(db, "select pairing_key, count(*) from revisit", "pairing_key", keys, "done_on <> ''")
    stops = _stops(db, keys)
    places = _places(db, {raw["capability_key"] for raw in rows})
    return [
        LandedFacts(
            json.loads(raw["record"]), raw["opportunity_key"], raw["capability_key"], files.get(_pairing(raw["id"]), 0),
            revisits.get(_pairing(raw["id"]), 0), _elsewhere(places.get(raw["capability_key"], {}), raw["id"]),
            stops.get(_pairing(raw["id"]), ""),
        )
        for raw in rows
    ]  # fmt: skip


def landings_of_capabilities(db: Database, capability_keys: Iterable[int]) -> list[str]:
    """Return the ids of every landing of these capabilities."""
    found: list[str] = []
    wanted = sorted(set(capability_keys))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        sql = f"select id from landing where capability_key in ({','.join('?' * len(part))}) order by id"
        found += [raw["id"] for raw in rows_of(db, sql, part)]
    return found


def replace_flags(db: Database, landing_ids: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the flags of these landings inside a transaction in place of those they had; every desk sees it."""
    moment = now()
    for start in range(0, len(landing_ids), _CHUNK):
        part = list(landing_ids[start : start + _CHUNK])
        db.conn.execute(f"delete from benchmark_flag where landing_id in ({','.join('?' * len(part))})", part)
    columns = ("year", "landing_id", "opportunity_key", "capability_key", "status", "low", "high", "content",
               "facts_digest", "rules_digest")  # fmt: skip
    db.conn.executemany(
        f"insert into benchmark_flag ({', '.join(columns)}, at) values ({', '.join('?' * (len(columns) + 1))})",
        [(*(row[name] for name in columns), moment) for row in rows],
    )
    write_value(db, VERSION, str(int(read_value(db, VERSION) or 0) + 1))


def drop_flags(db: Database, landing_id: str) -> None:
    """Forget the flags of a landing inside a transaction."""
    db.table("benchmark_flag").delete_where("landing_id = ?", [landing_id])


def load_flags(db: Database, *, year: int | None = None, landing_id: str = "") -> list[FlagRow]:
    """Return flags of a year or of a landing, by landing and year."""
    clauses: list[str] = ["1 = 1"]
    values: list[int | str] = []
    if year is not None:
        clauses.append("year = ?")
        values.append(year)
    if landing_id:
        clauses.append("landing_id = ?")
        values.append(landing_id)
    sql = f"select * from benchmark_flag where {' and '.join(clauses)} order by landing_id, year"
    return [FlagRow(**raw | {"content": json.loads(raw["content"])}) for raw in rows_of(db, sql, values)]


def flagged_landings(db: Database, status: str) -> list[tuple[int, int, dict[str, Any], frozenset[int]]]:
    """Return every landing as ``load_landings`` does, with the years in which its flag has this status."""
    sql = (
        "select l.opportunity_key, l.capability_key, l.record, group_concat(f.year) from landing l "
        "left join benchmark_flag f on f.landing_id = l.id and f.status = ? group by l.id order by l.accepted_on, l.id"
    )
    return [
        (need, offer, json.loads(record), frozenset(map(int, years.split(","))) if years else frozenset())
        for need, offer, record, years in db.conn.execute(sql, [status])
    ]


def flag_digests(db: Database, landing_ids: Sequence[str] | None = None) -> dict[tuple[int, str], tuple[str, str]]:
    """Return the digests of facts and rules of flags by year and landing, of these landings or of all."""
    sql = "select year, landing_id, facts_digest, rules_digest from benchmark_flag"
    if landing_ids is None:
        rows = db.conn.execute(sql).fetchall()
    else:
        rows = []
        for start in range(0, len(landing_ids), _CHUNK):
            part = list(landing_ids[start : start + _CHUNK])
            rows += db.conn.execute(f"{sql} where landing_id in ({','.join('?' * len(part))})", part).fetchall()
    return {(year, one): (facts, rules) for year, one, facts, rules in rows}


def _pairing(landing_id: str) -> int:
    """Return the key of the pairing a landing belongs to, 0 for one that was imported."""
    rest = landing_id.removeprefix("DJ-")
    return int(rest) if rest != landing_id and rest.isdigit() else 0


def _chosen(db: Database, sql: str, landing_ids: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for start in range(0, len(landing_ids), _CHUNK):
        part = list(landing_ids[start : start + _CHUNK])
        rows += rows_of(db, f"{sql} where id in ({','.join('?' * len(part))})", part)
    return sorted(rows, key=lambda raw: str(raw["id"]))


def _places(db: Database, capability_keys: set[int]) -> dict[int, dict[str, str]]:
    """Return for each capability the district of each of its landings, by landing."""
    found: dict[int, dict[str, str]] = {}
    wanted = sorted(capability_keys)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        sql = (
            "select l.capability_key, l.id, p.district from landing l join posting p on p.key = l.opportunity_key "
            f"where l.capability_key in ({','.join('?' * len(part))})"
        )
        for key, landing_id, district in db.conn.execute(sql, part):
            found.setdefault(key, {})[landing_id] = district or ""
    return found


def _elsewhere(places: Mapping[str, str], landing_id: str) -> int:
    own = places.get(landing_id, "")
    return len({place for place in places.values() if place and place != own})


def _stops(db: Database, keys: set[int]) -> dict[int, str]:
    """Return the day of the latest revisit of those pairings where it found that the use had ended."""
    latest: dict[int, tuple[str, bool]] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        sql = f"select * from revisit where done_on <> '' and pairing_key in ({','.join('?' * len(part))})"
        for raw in rows_of(db, sql, part):
            # Of two on the same day the one that found it out of use counts.
            found = (raw["done_on"], not raw["running"])
            latest[raw["pairing_key"]] = max(found, latest.get(raw["pairing_key"], found))
    return {key: day for key, (day, ended) in latest.items() if ended}


def _counts(db: Database, sql: str, column: str, keys: set[int], condition: str = "1 = 1") -> dict[int, int]:
    found: dict[int, int] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        found.update(
            db.conn.execute(f"{sql} where {condition} and {column} in ({marks}) group by {column}", part).fetchall()
        )
    return found
