#!/usr/bin/env python3
"""Print how long it takes to flag five thousand landed pairs, and one of them after a fact changed.

The pairs are made up from a fixed seed in a temporary database, with vectors and a frozen year before, so that the
hint of novelty is measured as well. The last line holds all figures as JSON; the exit code is 1 when the whole takes
longer than ``--limit`` seconds.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from marketplace.flagging import refresh_all_flags, refresh_flags
from marketplace.store import Database
from marketplace.store.database import open_database, transaction
from marketplace.store.landings import find_landing, save_landing
from marketplace.store.matches import save_snapshot
from matching import Side, Snapshot

PAIRS, WINNERS, LIMIT_S, DIMENSION = 5_000, 20, 10.0, 384
DISTRICTS = ("武汉市江夏区", "黄石市西塞山区", "鄂州市鄂城区", "孝感市孝南区", "潜江市")
START = date(2025, 1, 1)


def landing(number: int, chance: random.Random) -> dict[str, Any]:
    """A landed pair; about a third of its facts are missing."""
    accepted = START + timedelta(days=chance.randrange(700))
    names = ("准确率", "处置时长", "人力投入")
    effects = [
        {"name": name, "unit": "%", "planned": 80.0, "measured": chance.choice((None, 70.0, 85.0, 99.0)),
         "higher_is_better": True, "method": None}
        for name in names
    ]  # fmt: skip
    return {
        "id": f"LD-{number:05}", "opportunity_id": f"JH-{number}", "capability_id": f"NL-{number % 2000}",
        "accepted_on": accepted.isoformat(), "effects": effects,
        "revisit_on": chance.choice((None, (accepted + timedelta(days=200)).isoformat())),
        "user_report": chance.choice((None, {"unit": "用户（示例）", "date": "2026-01-01", "text": "一直在用"})),
        "credit_clear": chance.choice((None, True, True, False)), "secret_or_ip_dispute": chance.choice((None, False)),
        "replications": chance.choice((None, [], ["甲地"])), "safety": chance.choice((None, "等保二级")),
    }  # fmt: skip


def stock(db: Database, pairs: int, seed: int = 7) -> None:
    """Write postings with vectors, landings, and a frozen year whose benchmarks are compared with."""
    chance, numbers = random.Random(seed), np.random.default_rng(seed)
    postings = [("opportunity", 1_000_000 + one) for one in range(pairs)]
    postings += [("capability", 9_000_000 + one) for one in range(2000)]
    plain = {"title": "示例", "state": "published", "revision": 1, "record": "{}"}
    with transaction(db):
        db.table("posting").insert_all(
            plain | {"key": key, "kind": kind, "external_id": f"{kind}-{key}", "district": chance.choice(DISTRICTS)}
            for kind, key in postings
        )
        vectors = numbers.standard_normal((len(postings), 2, DIMENSION)).astype("<f2")
        db.table("vector").insert_all(
            {"posting_key": key, "model": "made-up", "parts": 2, "value": vectors[place].tobytes()}
            for place, (_, key) in enumerate(postings)
        )
        db.table("meta").insert({"name": "encoder", "value": "made-up"})
        zero = {str(side): {part: np.zeros(DIMENSION, np.float32) for part in ("whole", "item")} for side in Side}
        counts = {str(side): 1 for side in Side}
        scales = dict.fromkeys(("alike", "near", "meaning", "topic"), (0.0, 1.0))
        save_snapshot(db, Snapshot("made-up", zero, {}, counts, counts, 1.0, scales), len(postings))
        for number in range(pairs):
            save_landing(db, landing(number, chance), 1_000_000 + number, 9_000_000 + number % 2000)
        won = [{"landing": f"LD-{one:05}", "title": "示例", "outcome": "selected"} for one in range(WINNERS)]
        db.table("benchmark_result").insert(
            {"year": 2024, "content": json.dumps({"result": won}), "digest": "-", "account_key": 0, "at": ""}
        )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--limit", type=float, default=LIMIT_S)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "bench.db")
        stock(db, options.pairs)
        whole, busy = [], []
        for _ in range(3):
            begun, used = time.perf_counter(), time.process_time()
            count = refresh_all_flags(db)
            whole.append(time.perf_counter() - begun)
            busy.append(time.process_time() - used)
        single = []
        for number in range(50):
            known = find_landing(db, f"LD-{number * 7:05}")
            assert known is not None
            begun = time.perf_counter()
            with transaction(db):
                key = number * 7
                save_landing(db, known | {"safety": f"改动 {number}"}, 1_000_000 + key, 9_000_000 + key % 2000)
                refresh_flags(db, [known["id"]])
            single.append((time.perf_counter() - begun) * 1000)
        flags = db.table("benchmark_flag").count
    figures = {
        "pairs": count, "flags": flags, "whole_s": [round(one, 2) for one in sorted(whole)],
        "cpu_s": [round(one, 2) for one in sorted(busy)],
        "one_ms_median": round(sorted(single)[len(single) // 2], 1), "one_ms_max": round(max(single), 1),
        "python": platform.python_version(), "machine": platform.machine(),
    }  # fmt: skip
    sys.stdout.write(f"{count} landed pairs, {flags} flags: {max(whole):.2f} s at most of three runs")
    sys.stdout.write(f" ({max(busy):.2f} s of CPU)\n")
    sys.stdout.write(f"one changed fact: median {figures['one_ms_median']} ms, most {figures['one_ms_max']} ms\n")
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if max(whole) < options.limit else 1


if __name__ == "__main__":
    sys.exit(main())
