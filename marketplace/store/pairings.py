"""Reads and writes pairings: the pair, its stage, whose turn it is, and what was agreed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.stages import ACTIVE_STAGES, is_open
from marketplace.store.changes import read_value, write_value
from marketplace.store.database import Database, now

VERSION = "pairings_version"
_CHUNK = 500
_TEXTS = (
    "stage", "origin", "acting", "next_step", "next_on", "stage_since", "due_on", "reason_code", "reason_side",
    "signed_on", "procurement_route", "accepted_on", "use_confirmed_on", "told_on", "created_at", "updated_at",
    "closed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PairingRow:
    """One pairing; days are ISO days or empty, moments ISO-8601 UTC.

    ``acting`` is whose turn it is, ``due_on`` the last day the stage may last, ``told_on`` the day somebody was
    told that it is overdue. ``stamp`` grows with every change. Effects are dictionaries of name, value, unit, and
    ``lower`` where less is better.
    """

    key: int
    opportunity_key: int
    capability_key: int
    stage: str
    origin: str
    matchmaker_key: int
    acting: str
    next_step: str
    next_on: str
    stage_since: str
    due_on: str
    reason_code: str
    reason_side: str
    amount_wan: float | None
    signed_on: str
    procurement_route: str
    accepted_on: str
    planned_effect: tuple[dict[str, Any], ...]
    real_effect: tuple[dict[str, Any], ...]
    use_confirmed_on: str
    told_on: str
    stamp: int
    author_key: int
    created_at: str
    updated_at: str
    closed_at: str


def insert_pairing(db: Database, opportunity_key: int, capability_key: int, columns: dict[str, Any]) -> int:
    """Add an open pairing inside a transaction; return its key. The pair must have no open one."""
    moment = now()
    newest = db.conn.execute("select coalesce(max(key), 0) from pairing").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    empty = dict.fromkeys(_TEXTS, "")
    moved = _count_change(db)
    db.table("pairing").insert(
        empty | {"planned_effect": "[]", "real_effect": "[]", "matchmaker_key": 0, "author_key": 0, "amount_wan": None}
        | columns
        | {"key": key, "opportunity_key": opportunity_key, "capability_key": capability_key, "stamp": 1,
           "open_mark": _mark(opportunity_key, capability_key), "created_at": moment, "updated_at": moment,
           "moved": moved}
    )  # fmt: skip
    return key


def update_pairing(db: Database, row: PairingRow, **columns: Any) -> bool:
    """Change columns inside a transaction; return False when somebody changed the pairing since it was read.

    A change of stage opens or closes the mark of the pair and notes when the pairing was closed.
    """
    moment = now()
    if "stage" in columns:
        opened = is_open(columns["stage"])
        columns["open_mark"] = _mark(row.opportunity_key, row.capability_key) if opened else str(row.key)
        columns["closed_at"] = "" if opened else moment
        columns["moved"] = pairings_version(db) + 1
    for name in ("planned_effect", "real_effect"):
        if name in columns and not isinstance(columns[name], str):
            columns[name] = json.dumps(list(columns[name]), ensure_ascii=False)
    columns |= {"stamp": row.stamp + 1, "updated_at": moment}
    sets = ", ".join(f"[{name}] = ?" for name in columns)
    sql = f"update pairing set {sets} where key = ? and stamp = ?"
    done = db.conn.execute(sql, [*columns.values(), row.key, row.stamp])
    if done.rowcount and "stage" in columns:
        _count_change(db)
    return bool(done.rowcount)


def hand_over(db: Database, rows: Sequence[PairingRow], matchmaker_key: int) -> bool:
    """Give pairings to a matchmaker inside a transaction; return False when one of them was changed since it was read.

    The caller then rolls back.
    """
    done = 0
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        marks = ",".join("(?, ?)" for _ in part)
        done += db.conn.execute(
            "update pairing set matchmaker_key = ?, stamp = stamp + 1, updated_at = ? "
            f"where (key, stamp) in (values {marks})",
            [matchmaker_key, now(), *(value for row in part for value in (row.key, row.stamp))],
        ).rowcount
    return done == len(rows)


def load_pairings(db: Database, keys: Iterable[int]) -> list[PairingRow]:
    """Return the pairings of these keys, oldest first; keys of none are left out."""
    wanted, found = list(dict.fromkeys(keys)), []
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        found += [pairing_of(raw) for raw in db.query(f"select * from pairing where key in ({marks})", part)]
    return sorted(found, key=lambda row: row.key)


def load_pairing(db: Database, key: int) -> PairingRow | None:
    """Return one pairing, None when there is none."""
    found = load_pairings(db, [key])
    return found[0] if found else None


def open_pairing_of(db: Database, opportunity_key: int, capability_key: int) -> PairingRow | None:
    """Return the open pairing of a pair, None when there is none."""
    mark = _mark(opportunity_key, capability_key)
    found = [pairing_of(raw) for raw in db.query("select * from pairing where open_mark = ?", [mark])]
    return found[0] if found else None


def pairings_between(db: Database, opportunity_key: int, capability_key: int) -> list[PairingRow]:
    """Return every pairing of a pair, open or not, newest first."""
    sql = "select * from pairing where opportunity_key = ? and capability_key = ? order by key desc"
    return [pairing_of(raw) for raw in db.query(sql, [opportunity_key, capability_key])]


def pairings_of_opportunity(db: Database, opportunity_key: int) -> list[PairingRow]:
    """Return every pairing of an opportunity, oldest first."""
    sql = "select * from pairing where opportunity_key = ? order by key"
    return [pairing_of(raw) for raw in db.query(sql, [opportunity_key])]


def pairings_in(db: Database, stages: Sequence[str]) -> list[PairingRow]:
    """Return every pairing that stands at one of these stages, oldest first."""
    marks = ",".join("?" * len(stages))
    return [
        pairing_of(raw)
        for raw in db.query(f"select * from pairing where stage in ({marks}) order by key", list(stages))
    ]


def count_active(db: Database, *, opportunity_key: int = 0, organisation_key: int = 0, capability_key: int = 0) -> int:
    """Return how many pairings are under way (open and not put aside) for an opportunity, a company or a capability."""
    marks = ",".join("?" * len(ACTIVE_STAGES))
    sql = f"select count(*) from pairing p where p.stage in ({marks})"
    values: list[Any] = list(ACTIVE_STAGES)
    if opportunity_key:
        sql, values = f"{sql} and p.opportunity_key = ?", [*values, opportunity_key]
    if organisation_key:
        sql += " and p.capability_key in (select key from posting where organisation_key = ?)"
        values.append(organisation_key)
    if capability_key:
        sql, values = f"{sql} and p.capability_key = ?", [*values, capability_key]
    return int(db.conn.execute(sql, values).fetchone()[0])


def untold_late(db: Database, day: str) -> list[PairingRow]:
    """Return the open pairings whose limit or next step lies before a day and of which nobody was told."""
    sql = (
        "select * from pairing where closed_at = '' and told_on = '' and "
        "((due_on <> '' and due_on < ?) or (next_on <> '' and next_on < ?)) order by due_on, key"
    )
    return [pairing_of(raw) for raw in db.query(sql, [day, day])]


def mark_pairings_told(db: Database, keys: Iterable[int], day: str) -> None:
    """Note inside a transaction that somebody was told that pairings are late; their stamp stays as it is."""
    for key in keys:
        db.conn.execute("update pairing set told_on = ? where key = ?", [day, key])


def stages_of_opportunities(db: Database, keys: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return for each of these opportunities with pairings how many stand at which stage now."""
    wanted, found = list(keys), dict[int, dict[str, int]]()
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        sql = f"select opportunity_key, stage, count(*) from pairing where opportunity_key in ({marks}) group by 1, 2"
        for key, stage, count in db.conn.execute(sql, part):
            found.setdefault(key, {})[stage] = count
    return found


def matchmakers_of_pairs(db: Database, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[int]]:
    """Return for each pair the accounts that are or were in charge of a pairing, or wrote its journal as the office."""
    found: dict[tuple[int, int], set[int]] = {pair: set() for pair in pairs}
    needs = sorted({need for need, _ in pairs})
    for start in range(0, len(needs), _CHUNK):
        part = needs[start : start + _CHUNK]
        where = f"p.opportunity_key in ({','.join('?' * len(part))})"
        sql = f"select p.opportunity_key, p.capability_key, p.matchmaker_key from pairing p where {where}"
        for need, offer, account in db.conn.execute(sql, part):
            found.get((need, offer), set()).add(account)
        sql = (
            "select p.opportunity_key, p.capability_key, e.account_key, e.facts from pairing_event e "
            f"join pairing p on p.key = e.pairing_key where {where}"
        )
        for need, offer, account, raw in db.conn.execute(sql, part):
            facts = json.loads(raw or "{}")
            if facts.get("as") == "matchmaker":
                found.get((need, offer), set()).add(account)
            if str(facts.get("to", "")).isdigit():
                found.get((need, offer), set()).add(int(facts["to"]))
    return {pair: accounts - {0, None} for pair, accounts in found.items()}


def pairings_version(db: Database) -> int:
    """Return a number that grows whenever a pairing is opened or changes its stage, whichever process did it."""
    return int(read_value(db, VERSION) or 0)


def pairing_of(raw: dict[str, Any]) -> PairingRow:
    """Return a stored row as a pairing; further columns of a joined query are left out."""
    texts = {name: raw[name] or "" for name in _TEXTS}
    return PairingRow(
        key=raw["key"], opportunity_key=raw["opportunity_key"], capability_key=raw["capability_key"],
        matchmaker_key=raw["matchmaker_key"] or 0, amount_wan=raw["amount_wan"],
        planned_effect=tuple(json.loads(raw["planned_effect"] or "[]")),
        real_effect=tuple(json.loads(raw["real_effect"] or "[]")), stamp=raw["stamp"],
        author_key=raw["author_key"] or 0, **texts,
    )  # fmt: skip


def _mark(opportunity_key: int, capability_key: int) -> str:
    return f"{opportunity_key}:{capability_key}"


def _count_change(db: Database) -> int:
    number = pairings_version(db) + 1
    write_value(db, VERSION, str(number))
    return number
