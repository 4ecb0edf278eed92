#!/usr/bin/env python3
"""Leave one file of training groups out at a time and print what each way to rank makes of it.

Every need of the file is ranked against all offers of the file, once with whole offers, once thinned
to title and first line. What is done is kept in data/ranking/crossvalidation.json, one entry a file and
reading: run again, it goes on where it stopped. ``--anew`` forgets what is kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from matching.encoders import load_encoder
from matching.engine import Engine
from matching.learning import HeldOut, Reading, read_groups
from matching.learning.folds import measure_ways, pool, untrained_ways
from matching.settings import load_settings

READINGS = (Reading.WHOLE, Reading.FIRST_LINE)
NAMES = {Reading.WHOLE: "全文", Reading.FIRST_LINE: "只有名称和第一句"}


def main() -> int:
    """Measure what is not kept yet and print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anew", action="store_true", help="forget what is kept")
    options = parser.parse_args()
    settings = load_settings()
    files = read_groups(settings.data_dir / "training")
    engine = Engine.open(settings, load_encoder(settings))
    path = settings.data_dir / "ranking" / "crossvalidation.json"
    kept = {} if options.anew or not path.is_file() else json.loads(path.read_text(encoding="utf-8"))
    if kept.get("encoder") != engine.encoder.family:
        kept = {"encoder": engine.encoder.family, "folds": {}}
    for reading in READINGS:
        for name, groups in files.items():
            key = f"{name}/{reading}"
            if key in kept["folds"]:
                continue
            started = time.perf_counter()
            match, grades = pool(engine, name, groups, reading)
            kept["folds"][key] = {
                way: values(found) for way, found in measure_ways(groups, match, grades, untrained_ways(match)).items()
            }
            path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            print(f"{key}：{len(groups)} 条需求，{time.perf_counter() - started:.0f} 秒", flush=True)
    for reading in READINGS:
        table(reading, kept["folds"], list(files))
    return 0


def values(found: HeldOut) -> dict[str, Any]:
    """The values of one way on one fold, a number a need."""
    return {
        "ndcg": [round(value, 4) for value in found.ndcg],
        "top1": list(found.top1),
        "traps_above": [None if value is None else round(value, 4) for value in found.traps_above],
    }


def table(reading: Reading, folds: dict[str, Any], files: list[str]) -> None:
    """Print each way over all files together, and its nDCG@10 file by file."""
    print(f"\n留出一份文件，{NAMES[reading]}")
    for way in folds[f"{files[0]}/{reading}"]:
        parts = [HeldOut(*map(tuple, folds[f"{name}/{reading}"][way].values())) for name in files]
        total = parts[0]
        for part in parts[1:]:
            total += part
        print(f"  {way}")
        for name, value in total.intervals().items():
            each = "  ".join(f"{part.intervals()[name].mean:.3f}" for part in parts)
            print(f"    {name:15} {value!s:24} 各份 {each}")


if __name__ == "__main__":
    sys.exit(main())
