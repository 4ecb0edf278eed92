"""Needs, pairings and journals written straight into the store, and the funnel counted the slow and obvious way."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from factories import make_opportunity

from marketplace.stages import OPEN_STAGES
from marketplace.store import Database
from marketplace.store.database import transaction
from matching import to_exchange

STEPS = ("published", "viewed", "contacted", "met", "signed", "landed", "running")
OF_STAGE = {"contacted": 2, "meeting": 3, "signed": 4, "building": 4, "landed": 5}
COUNTED = ("published", "recheck", "off_shelf", "expired", "failed")


@dataclass(frozen=True)
class Pairing:
    """One pairing; ``moves`` are (stage, moment in UTC, whether it was undone)."""

    stage: str = "recommended"
    moves: tuple[tuple[str, str, bool], ...] = ()
    maker: int = 0
    due_on: str = ""
    signed_on: str = ""
    accepted_on: str = ""
    use_confirmed_on: str = ""
    out_of_use_on: str = ""


@dataclass(frozen=True)
class Need:
    """One need as published."""

    published_on: str = "2026-01-10"
    viewed_on: str = ""
    city: str = "武汉市"
    domain: str = "智慧城市"
    organisation: int = 0
    state: str = "published"
    pairings: tuple[Pairing, ...] = field(default_factory=tuple)


def stock(db: Database, needs: Iterable[Need]) -> None:
    """Write the needs in place of whatever is there; a need's key is its place, counted from 1."""
    with transaction(db):
        for table in ("posting", "posting_domain", "view_count", "pairing", "pairing_event", "revisit", "account",
                      "organisation"):  # fmt: skip
            db.table(table).delete_where()
        for key, name in ((11, "江夏区水务局（示例）"), (12, "潜江市水务局（示例）")):
            db.table("organisation").insert(
                {"key": key, "name": name, "folded": name, "kind": "government", "qualifications": "[]",
                 "verified": 1, "claimed": 1, "revision": 1}
            )  # fmt: skip
        for key in (21, 22):
            db.table("account").insert(
                {"key": key, "login": f"maker{key}", "password_hash": "-", "name": f"撮合员{key}", "state": "active",
                 "must_change": 0, "failures": 0, "session_number": 1}
            )  # fmt: skip
        pairings = events = 0
        for key, need in enumerate(needs, 1):
            posting = make_opportunity(id=f"JH-{key}", title=f"需求{key}", domain=need.domain, district=need.city)
            db.table("posting").insert(
                {"key": key, "kind": "opportunity", "external_id": posting.id, "title": posting.title,
                 "organisation": "未登记的单位", "district": need.city, "region": need.city, "state": need.state,
                 "published_on": need.published_on, "revision": 1,
                 "record": json.dumps(to_exchange(posting), ensure_ascii=False),
                 "organisation_key": need.organisation or None}
            )  # fmt: skip
            db.table("posting_domain").insert({"posting_key": key, "position": 0, "domain": need.domain})
            if need.viewed_on:
                db.table("view_count").insert({"posting_key": key, "day": need.viewed_on, "views": 2})
                db.table("view_count").insert({"posting_key": key, "day": "2030-01-01", "views": 1})
            for one in need.pairings:
                pairings += 1
                db.table("pairing").insert(
                    {"key": pairings, "opportunity_key": key, "capability_key": 900 + pairings, "stage": one.stage,
                     "matchmaker_key": one.maker, "due_on": one.due_on, "signed_on": one.signed_on,
                     "accepted_on": one.accepted_on, "use_confirmed_on": one.use_confirmed_on,
                     "open_mark": str(pairings), "stamp": 1}
                )  # fmt: skip
                for place, (day, running) in enumerate(((one.use_confirmed_on, 1), (one.out_of_use_on, 0), ("", 0))):
                    db.table("revisit").insert(
                        {"key": 3 * pairings + place, "pairing_key": pairings, "due_on": "2026-03-01", "done_on": day,
                         "running": running, "note": "", "told_on": ""}
                    )  # fmt: skip
                for stage, at, undone in one.moves:
                    events += 1
                    db.table("pairing_event").insert(
                        {"key": events, "pairing_key": pairings, "action": "move", "from_stage": "",
                         "to_stage": stage, "facts": "{}", "note": "", "account_key": 0, "at": at,
                         "undone_at": "2026-09-01T00:00:00Z" if undone else ""}
                    )  # fmt: skip


def beijing_day(at: str) -> date:
    """The day a moment in UTC falls on in Beijing."""
    return (datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ") + timedelta(hours=8)).date()


def days_of(pairing: Pairing) -> dict[int, date]:
    """The day of each step a pairing came to."""
    found: dict[int, date] = {}
    entered: dict[str, date] = {}
    for stage, at, undone in pairing.moves:
        if not undone and stage in OF_STAGE:
            entered[stage] = min(entered.get(stage, date.max), beijing_day(at))
    for stage, day in entered.items():
        step = OF_STAGE[stage]
        found[step] = min(found.get(step, date.max), day)
    if 4 in found and pairing.signed_on:
        found[4] = date.fromisoformat(pairing.signed_on)
    if 5 in found:
        if pairing.accepted_on:
            found[5] = date.fromisoformat(pairing.accepted_on)
        if pairing.use_confirmed_on > pairing.out_of_use_on:
            found[6] = date.fromisoformat(pairing.use_confirmed_on)
    return found


def facts_of(need: Need, today: date, maker: int | None = None) -> dict[str, Any]:
    """Days by step, farthest step, whether the need stands still; only the pairings of ``maker`` when given."""
    own = [one for one in need.pairings if maker is None or one.maker == maker]
    days: dict[int, date] = {}
    for one in own:
        for step, day in days_of(one).items():
            days[step] = min(days.get(step, date.max), day)
    days[0] = date.fromisoformat(need.published_on)
    if need.viewed_on:
        days[1] = date.fromisoformat(need.viewed_on)
    reach = max(days)
    overdue = any(one.stage in OPEN_STAGES and one.due_on and one.due_on < today.isoformat() for one in own)
    busy = any(one.stage in OPEN_STAGES for one in own)
    waiting = need.state in ("published", "recheck") and days[0] < today - timedelta(days=30) and not busy
    return {"days": days, "reach": reach, "stale": (overdue or waiting) and reach < 5, "overdue": overdue}


def plain_steps(needs: Iterable[Need], today: date) -> list[dict[str, Any]]:
    """What the funnel tells of each step, need by need."""
    facts = [facts_of(need, today) for need in needs if need.state in COUNTED]
    found = []
    for step, code in enumerate(STEPS):
        waits, elapsed = [], []
        for one in facts:
            if step and step in one["days"]:
                before = max(other for other in one["days"] if other < step)
                waits.append(max(0, (one["days"][step] - one["days"][before]).days))
                elapsed.append(max(0, (one["days"][step] - one["days"][0]).days))
        found.append({
            "code": code,
            "needs": sum(one["reach"] >= step for one in facts),
            "median_days": float(median(waits)) if waits else None,
            "days_from_start": float(median(elapsed)) if elapsed else None,
            "resting": sum(one["reach"] == step for one in facts),
            "stale": sum(one["reach"] == step and one["stale"] for one in facts),
        })  # fmt: skip
    return found


def plain_rows(needs: Iterable[Need], group: Any, today: date) -> dict[str, tuple[int, ...]]:
    """Per group: how many reached each step, how many stand still."""
    found: dict[str, list[int]] = defaultdict(lambda: [0] * 8)
    for need in needs:
        if need.state in COUNTED:
            one = facts_of(need, today)
            line = found[group(need)]
            for step in range(one["reach"] + 1):
                line[step] += 1
            line[7] += one["stale"]
    return {name: tuple(line) for name, line in found.items()}


def plain_makers(needs: Iterable[Need], today: date) -> Mapping[int, tuple[int, ...]]:
    """Per matchmaker: needs that person was given a pairing of, by the farthest of these pairings."""
    found: dict[int, list[int]] = defaultdict(lambda: [0] * 8)
    for need in needs:
        if need.state not in COUNTED:
            continue
        for maker in {one.maker for one in need.pairings}:
            one = facts_of(need, today, maker)
            for step in range(one["reach"] + 1):
                found[maker][step] += 1
            found[maker][7] += one["overdue"] and one["reach"] < 5
    return {maker: tuple(line) for maker, line in found.items()}
