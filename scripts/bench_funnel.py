#!/usr/bin/env python3
"""Print what the funnel costs over a hundred thousand stage events: CPU milliseconds and SQL statements.

The events are made up from a fixed seed in a temporary database. The last line holds all figures as JSON; the exit
code is 1 when the median of the funnel takes more CPU than ``--limit`` milliseconds.
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
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from marketplace import MarketSettings, Viewer
from marketplace.access import ADMIN, MATCHMAKER
from marketplace.desk import DeskKeeper
from marketplace.insight import FunnelQuery, FunnelRoom
from marketplace.stages import WAY
from marketplace.store import Database
from marketplace.store.database import open_database, transaction
from matching import load_settings

EVENTS, REPEATS, LIMIT_MS = 100_000, 15, 300.0
CITIES = ("武汉市", "黄石市", "鄂州市", "孝感市", "黄冈市", "咸宁市", "仙桃市", "天门市", "潜江市")
DOMAINS = tuple(f"领域{number}" for number in range(16))
START = date(2024, 1, 1)


def stock(db: Database, events: int, seed: int = 7) -> dict[str, int]:
    """Write needs, views and pairings with about ``events`` stage events; return how many of each."""
    chance, made = random.Random(seed), 0
    needs, views, pairings, journal, revisits = [], [], [], [], []
    organisations = [{"key": key, "name": f"单位{key}（示例）", "folded": f"单位{key}", "kind": "government",
                      "qualifications": "[]", "verified": 1, "claimed": 1, "revision": 1}
                     for key in range(1, 201)]  # fmt: skip
    accounts = [{"key": key, "login": f"maker{key}", "password_hash": "-", "name": f"撮合员{key}", "state": "active",
                 "must_change": 0, "failures": 0, "session_number": 1} for key in range(1, 41)]  # fmt: skip
    domains = []
    while made < events:
        key = len(needs) + 1
        published = START + timedelta(days=chance.randrange(900))
        needs.append({"key": key, "kind": "opportunity", "external_id": f"JH-{key}", "title": f"需求{key}",
                      "organisation": "单位", "district": "武汉市江夏区", "region": chance.choice(CITIES),
                      "state": "published", "published_on": published.isoformat(), "revision": 1, "record": "{}",
                      "organisation_key": chance.randrange(1, 201)})  # fmt: skip
        domains.append({"posting_key": key, "position": 0, "domain": chance.choice(DOMAINS)})
        if chance.random() < 0.8:
            first = published + timedelta(days=chance.randrange(20))
            views.append({"posting_key": key, "day": first.isoformat(), "views": chance.randrange(1, 9)})
        for _ in range(chance.choice((0, 1, 2, 3, 4))):
            number, depth = len(pairings) + 1, chance.choice((1, 2, 3, 4, 5, 6))
            at = published + timedelta(days=chance.randrange(30))
            for place, stage in enumerate(WAY[:depth]):
                at += timedelta(days=chance.randrange(1, 40))
                made += 1
                undone = "2026-01-01T00:00:00Z" if chance.random() < 0.02 else ""
                journal.append({"key": made, "pairing_key": number, "action": "move" if place else "open",
                                "from_stage": WAY[place - 1] if place else "", "to_stage": stage, "facts": "{}",
                                "note": "", "account_key": 1, "at": f"{at}T0{chance.randrange(10)}:20:00Z",
                                "undone_at": undone})  # fmt: skip
            stage = WAY[depth - 1]
            pairings.append({"key": number, "opportunity_key": key, "capability_key": 10**6 + number, "stage": stage,
                             "matchmaker_key": chance.randrange(41), "due_on": "2026-06-01", "open_mark": str(number),
                             "signed_on": str(at) if depth > 3 else "", "accepted_on": str(at) if depth > 5 else "",
                             "use_confirmed_on": str(at + timedelta(days=190)) if depth > 5 else "",
                             "stamp": 1})  # fmt: skip
            if depth > 5:
                revisits += [
                    {
                        "key": 2 * number + place,
                        "pairing_key": number,
                        "due_on": str(at),
                        "told_on": "",
                        "done_on": str(at + timedelta(days=days)),
                        "running": int(place == 0),
                        "note": "",
                        "account_key": 1,
                    }
                    for place, days in enumerate((190, 365)[: 1 + (number % 8 == 0)])
                ]
    with transaction(db):
        for table, rows in (("organisation", organisations), ("account", accounts), ("posting", needs),
                            ("posting_domain", domains), ("view_count", views), ("pairing", pairings),
                            ("pairing_event", journal), ("revisit", revisits)):  # fmt: skip
            db.table(table).insert_all(rows)
    return {"needs": len(needs), "pairings": len(pairings), "events": made}


def timed(name: str, act: Callable[[], object], figures: dict[str, Any], db: Database) -> float:
    """Run ``act`` once to warm up, then print its CPU time and statements; return the median in milliseconds."""
    statements: list[str] = []
    act()
    db.conn.set_trace_callback(statements.append)
    act()
    db.conn.set_trace_callback(None)
    cpus = []
    for _ in range(REPEATS):
        before = time.process_time()
        act()
        cpus.append((time.process_time() - before) * 1000)
    low, middle, high = min(cpus), statistics.median(cpus), max(cpus)
    asked = sum(one.lower().startswith("select") for one in statements)
    print(f"{name:28} {low:8.1f} {middle:8.1f} {high:8.1f} ms CPU   {asked} 条查询")
    figures[name] = {"min_ms": low, "median_ms": middle, "max_ms": high, "statements": asked, "repeats": REPEATS}
    return middle


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS, help=f"stage events ({EVENTS})")
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help=f"CPU milliseconds allowed ({LIMIT_MS:.0f})")
    options = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = MarketSettings(Path(folder) / "bench.db", load_settings())
        counts = stock(open_database(settings.database), options.events)
        keeper = DeskKeeper(settings)
        room = FunnelRoom(keeper, settings)
        print(f"需求 {counts['needs']}，对接 {counts['pairings']}，阶段事件 {counts['events']}")
        print(f"{'':28} {'最短':>8} {'中位':>8} {'最长':>8}")
        every = Viewer(account_key=1, roles=frozenset({ADMIN}))
        of_city = Viewer(account_key=1, roles=frozenset({MATCHMAKER}), districts={MATCHMAKER: ("武汉市",)})

        def anew() -> None:
            FunnelRoom(keeper, settings).page(every, FunnelQuery())

        new = timed("漏斗与五张表，进程刚启动", anew, figures, keeper.db)
        timed("漏斗与五张表，再次打开", lambda: room.page(every, FunnelQuery()), figures, keeper.db)
        timed("按月份筛选", lambda: room.page(every, FunnelQuery(since="2025-01", until="2025-12")), figures, keeper.db)
        timed("一个地市的撮合员", lambda: room.page(of_city, FunnelQuery()), figures, keeper.db)
    machine = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}
    print(json.dumps({"machine": machine, "counts": counts, "figures": figures}, ensure_ascii=False))
    if new > options.limit:
        print(f"FAIL：{new:.0f} 毫秒，超过 {options.limit:.0f} 毫秒")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
