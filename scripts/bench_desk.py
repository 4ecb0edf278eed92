#!/usr/bin/env python3
"""Print what opening a matchmaker's desk costs with ten thousand pairings: CPU milliseconds and SQL statements.

Everything is made up from a fixed seed in a temporary database. The page is asked for as a browser does, signed in,
from the session to the finished HTML. The last line holds all figures as JSON; the exit code is 1 when the desk
takes more statements or, in the median, more CPU than allowed: when nothing changed since the last look, right after
a pairing changed its stage, after one landed, and at the first look of a day.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flask.testing import FlaskClient

from marketplace import Market, MarketSettings
from marketplace.stages import FAILED, LANDED, MEETING, STAGE_LIMIT_DAYS, STAGES
from marketplace.store import Database, MatchRow
from marketplace.store.accounts import MembershipRow, insert_account, save_membership, update_account
from marketplace.store.database import now, open_database, transaction
from marketplace.store.landings import save_landing
from marketplace.store.matches import pack_matches, replace_all
from marketplace.store.pairings import insert_pairing, load_pairing, update_pairing
from marketplace.store.postings import save_posting
from matching import (
    Band,
    Capability,
    Listing,
    Opportunity,
    Passage,
    PostingVectors,
    Verdict,
    VerdictKind,
    load_settings,
)
from webapp import WebSettings, create_app

PAIRINGS, POSTINGS, MAKERS, REPEATS = 10_000, 800, 20, 21
LIMIT_STATEMENTS, LIMIT_MS = 12, 60.0
BANDS = ((0.5, Band.STRONG), (0.2, Band.GOOD), (0.06, Band.POSSIBLE), (0.0, Band.NONE))
PLACES = ("武汉市江夏区", "武汉市洪山区", "黄石市铁山区", "鄂州市鄂城区", "孝感市孝南区", "咸宁市咸安区", "潜江市")
DEPTH = 50


@dataclass(frozen=True)
class Stock:
    """What was made: the accounts of matchmakers, the first of them serving everything."""

    makers: tuple[int, ...]
    needs: tuple[int, ...]
    offers: tuple[int, ...]


def stock(db: Database, pairings: int, postings: int = POSTINGS, makers: int = MAKERS, seed: int = 11) -> Stock:
    """Write postings of both lists, their matches, matchmakers and pairings."""
    chance = random.Random(seed)
    with transaction(db):
        needs = [_save(db, _need(number, chance)) for number in range(postings)]
        offers = [_save(db, _offer(number, chance)) for number in range(postings)]
        people = [_maker(db, number) for number in range(makers)]
    rows = (_match(need, offer, chance) for need in needs for offer in chance.sample(offers, min(DEPTH, postings)))
    packed = pack_matches(rows)
    with transaction(db):
        replace_all(db, packed)
        _pairings(db, pairings, needs, offers, people, chance)
    return Stock(tuple(people), tuple(needs), tuple(offers))


def _need(number: int, chance: random.Random) -> Opportunity:
    confirmed = (date.today() - timedelta(days=chance.randrange(120))).isoformat()
    points = tuple(f"第{point}项指标不低于{chance.randrange(60, 99)}%" for point in range(1, 4))
    return Opportunity(
        f"JH-{number:05}", f"第{number}号场景监测需求", f"第{number % 200}号单位（示例）", "government",
        chance.choice(PLACES), "智慧城市", "现在靠人工巡查，发现不及时。", points,
        chance.choice((None, 30.0, 120.0, 480.0, 2600.0)), None, date.today().year, Listing(last_confirmed=confirmed),
    )  # fmt: skip


def _offer(number: int, chance: random.Random) -> Capability:
    confirmed = (date.today() - timedelta(days=chance.randrange(120))).isoformat()
    return Capability(
        f"NL-{number:05}", f"第{number}号监测能力", f"第{number % 300}号企业（示例）", chance.choice(PLACES),
        ("智慧城市",), "自动监测，及时上报。", ("识别率98%", "可部署在政务云"), 8, ("某区已用一年",), date.today().year,
        Listing(last_confirmed=confirmed),
    )  # fmt: skip


def _save(db: Database, posting: Opportunity | Capability) -> int:
    part = np.zeros(8, np.float32)
    items = np.zeros((1, 8), np.float32)
    return save_posting(db, posting, PostingVectors(part, part, items), "bench")


def _maker(db: Database, number: int) -> int:
    key = insert_account(db, f"maker{number}", f"第{number}撮合岗", "no password")
    save_membership(db, MembershipRow(key, "matchmaker", 0, () if number % 2 == 0 else (PLACES[number % 7],)))
    update_account(db, key, must_change=0)
    return key


def _match(need: int, offer: int, chance: random.Random) -> MatchRow:
    score = chance.betavariate(0.6, 2.4)
    band = next(band for low, band in BANDS if score >= low)
    kinds = chance.choices(list(VerdictKind), k=3)
    passage = Passage("feature", 0, "识别率98%")
    verdicts = tuple(Verdict(place, kind, 0.5, passage, (), None) for place, kind in enumerate(kinds))
    features = dict.fromkeys(("coverage", "meaning", "topic", "wording", "intercept"), 0.5)
    return MatchRow(need, offer, score, band, features, verdicts, "bench")


def _pairings(
    db: Database, count: int, needs: Sequence[int], offers: Sequence[int], people: Sequence[int], chance: random.Random
) -> None:
    today, taken = date.today(), set[tuple[int, int]]()
    stages = [*STAGES, LANDED, FAILED]
    while len(taken) < count:
        pair = chance.choice(needs), chance.choice(offers)
        if pair in taken:
            continue
        taken.add(pair)
        stage = chance.choice(stages)
        since = today - timedelta(days=chance.randrange(1, 90))
        limit = STAGE_LIMIT_DAYS.get(stage, 0)
        key = insert_pairing(db, *pair, {
            "stage": stage, "origin": "match", "acting": "matchmaker", "next_step": "电话核实",
            "next_on": (today + timedelta(days=chance.randrange(-20, 60))).isoformat() if limit else "",
            "stage_since": since.isoformat(), "matchmaker_key": chance.choice((0, *people)),
            "due_on": (since + timedelta(days=limit)).isoformat() if limit else "",
        })  # fmt: skip
        if not limit:
            db.table("pairing").update(key, {"open_mark": str(key), "closed_at": now()})


def client_of(market: Market, account: int) -> FlaskClient:
    """Return a browser in which this account is signed in."""
    client = create_app(WebSettings(public_matches=False), market).test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{account}.1", True
    return client


def statements_of(market: Market, client: FlaskClient, path: str) -> list[str]:
    """Return the SQL of one request, in order; fails unless the page is there."""
    said: list[str] = []
    connection = market._keeper.db.conn
    connection.set_trace_callback(said.append)
    answer = client.get(path)
    connection.set_trace_callback(None)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return said


def move_one(market: Market, stage: str) -> None:
    """Let one pairing that is in touch reach a stage, as the office would; one that lands has its landing."""
    db = market._keeper.db
    key = db.conn.execute("select key from pairing where stage = 'contacted' limit 1").fetchone()[0]
    row = load_pairing(db, key)
    assert row is not None
    with transaction(db):
        update_pairing(db, row, stage=stage, accepted_on=date.today().isoformat())
        if stage == LANDED:
            raw = {"id": f"DJ-{key}", "accepted_on": date.today().isoformat()}
            save_landing(db, raw, row.opportunity_key, row.capability_key)


def turn_day(market: Market) -> None:
    """Let what this process knows be of yesterday."""
    keeper = market._keeper
    keeper._desk = replace(keeper.desk(), day=(date.today() - timedelta(days=1)).isoformat())


# What happened right before the desk is opened.
CASES: dict[str, Callable[[Market], object]] = {
    "无变化": lambda market: None,
    "刚推进一个对接": lambda market: move_one(market, MEETING),
    "刚落地一个对接": lambda market: move_one(market, LANDED),
    "当天第一次打开": turn_day,
}


def measure(
    client: FlaskClient, path: str, repeats: int, before_each: Callable[[], object] = lambda: None
) -> tuple[float, float, float]:
    """Return least, middle and most CPU milliseconds of one request, each time right after something."""
    client.get(path)
    spent = []
    for _ in range(repeats):
        before_each()
        before = time.process_time()
        client.get(path)
        spent.append((time.process_time() - before) * 1000)
    return min(spent), statistics.median(spent), max(spent)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the desk and its other pages; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairings", type=int, default=PAIRINGS, help=f"how many pairings ({PAIRINGS})")
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help=f"CPU milliseconds allowed ({LIMIT_MS:g})")
    asked = parser.parse_args(arguments)
    here = f"{platform.machine()}，{os.cpu_count()} 核，负载 {os.getloadavg()[0]:.1f}"
    print(f"{here}，Python {platform.python_version()}")
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = MarketSettings(Path(folder) / "bench.db", load_settings())
        made = stock(open_database(settings.database), asked.pairings)
        market = Market(settings)
        for who, account in (("全部区域", made.makers[0]), ("一个区域", made.makers[1])):
            client = client_of(market, account)
            for case, happen in CASES.items():
                low, middle, high = measure(client, "/desk", REPEATS, lambda happen=happen: happen(market))  # type: ignore[misc]
                happen(market)
                count = len(statements_of(market, client, "/desk"))
                print(f"{who} /desk {case:10} {low:8.1f} {middle:8.1f} {high:8.1f} ms CPU   {count:3} 条 SQL")
                figures[f"/desk {who} {case}"] = {
                    "min_ms": low, "median_ms": middle, "max_ms": high, "statements": count,
                }  # fmt: skip
            for path in ("/desk/board", "/desk/list", "/desk/workload", "/waiting"):
                low, middle, high = measure(client, path, REPEATS)
                count = len(statements_of(market, client, path))
                print(f"{who} {path:16} {low:8.1f} {middle:8.1f} {high:8.1f} ms CPU   {count:3} 条 SQL")
                figures[f"{path} {who}"] = {"min_ms": low, "median_ms": middle, "max_ms": high, "statements": count}
    print(json.dumps({"pairings": asked.pairings, "figures": figures}, ensure_ascii=False))
    desks = [one for name, one in figures.items() if name.startswith("/desk ")]
    slow = [one for one in desks if one["statements"] > LIMIT_STATEMENTS or one["median_ms"] > asked.limit]
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
