#!/usr/bin/env python3
"""Print how long the main acts take on this machine: encoding, cross-match, search, one changed posting.

Every act is repeated and given as min / median / max, with CPU seconds, because machines are noisy. The
import of a long list is done once; ``--rows`` says how long it is. The last line holds all figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench_import import bench_import, tell

from marketplace import ListQuery, Market, MarketSettings, Sight
from marketplace.commands import Workshop
from matching import Engine, Side, load_encoder, load_settings, read_postings, to_exchange

REPEATS = 5
# A whole 20,000 rows take the better part of an hour, nearly all of it encoding and matching.
ROWS = 2000
figures: dict[str, Any] = {}


def timed(name: str, act: Callable[[], object], count: int = 1, repeats: int = REPEATS) -> None:
    """Run ``act`` once to warm up, then print its times per one of ``count`` things."""
    act()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        walls.append((time.perf_counter() - wall) * 1000 / count)
        cpus.append((time.process_time() - cpu) * 1000 / count)
    low, middle, high = min(walls), statistics.median(walls), max(walls)
    cpu = statistics.median(cpus)
    print(f"{name:32} {low:10.2f} {middle:10.2f} {high:10.2f} ms   CPU {cpu:10.2f} ms")
    figures[name] = {"min_ms": low, "median_ms": middle, "max_ms": high, "cpu_ms": cpu, "repeats": repeats}


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    versions = {name: version(name) for name in ("onnxruntime", "faiss-cpu")}
    return {"processor": _processor(), "cores": os.cpu_count(), "load": os.getloadavg()[0],
            "python": platform.python_version(), **versions}  # fmt: skip


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line for line in lines if line.startswith("model name")]
    return names[0].partition(":")[2].strip() if names else platform.processor() or platform.machine()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure on the sample lists in a temporary database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows of the long list, 0 for none ({ROWS})")
    rows = parser.parse_args(arguments).rows
    settings, here = load_settings(), machine()
    print(f"{here['processor']}，{here['cores']} 核，负载 {here['load']:.1f}")
    print(f"Python {here['python']}，onnxruntime {here['onnxruntime']}，faiss {here['faiss-cpu']}")
    print(f"{'':32} {'最短':>8} {'中位':>8} {'最长':>8}")
    encoder = load_encoder(settings)
    engine = Engine.open(settings, encoder)
    lists = {side: list(read_postings(settings.data_dir / "samples" / f"{name}.jsonl", side).postings)
             for side, name in ((Side.OPPORTUNITY, "opportunities"), (Side.CAPABILITY, "capabilities"))}  # fmt: skip
    short = [posting.title for posting in lists[Side.OPPORTUNITY][:30]]
    timed("编码一条标题", lambda: encoder.encode(short), len(short))
    timed("编码一条清单（全部语句）", lambda: engine.prepare(lists[Side.CAPABILITY][:20]), 20)
    needs, offers = engine.prepare(lists[Side.OPPORTUNITY]), engine.prepare(lists[Side.CAPABILITY])
    timed(f"互配 {len(needs)}×{len(offers)}（不含编码）", lambda: engine.match(needs, offers).table, repeats=3)
    with tempfile.TemporaryDirectory() as folder:
        pages(Path(folder), settings, encoder, lists)
    if rows:
        figures["导入长清单"] = bench_import(rows, settings, encoder)
        tell(figures["导入长清单"])
    print(json.dumps({"machine": here, "figures": figures}, ensure_ascii=False))


def pages(folder: Path, settings, encoder, lists) -> None:
    """Measure pages and a changed posting on a database of the sample lists."""
    market_settings = MarketSettings(folder / "bench.db", settings)
    quiet = Workshop(market_settings, lambda _: None, encoder)
    for name in ("opportunities", "capabilities"):
        quiet.take(settings.data_dir / "samples" / f"{name}.jsonl", name)
    market = Market(market_settings, encoder)
    keys = [card.key for card in market.list_postings(ListQuery(Side.OPPORTUNITY)).cards]
    timed("清单页（含筛选计数）", lambda: market.list_postings(ListQuery(Side.CAPABILITY)))
    timed("检索页（按词与按义）", lambda: market.search("管网漏损监测"))
    timed("机会详情页（前 10 项与依据）", lambda: market.opportunity_page(keys[0], Sight(public=True)))
    changed = folder / "one.jsonl"
    one, number = lists[Side.CAPABILITY][0], 0

    def change() -> None:
        nonlocal number
        number += 1
        text = json.dumps(to_exchange(replace(one, summary=f"{one.summary} 第 {number} 版")), ensure_ascii=False)
        changed.write_text(text + "\n", encoding="utf-8")
        quiet.take(changed, "capabilities")

    timed("改一条能力并重算其匹配", change)
    samples = settings.data_dir / "samples"
    command = [sys.executable, "-m", "matching", "rank", "--out", str(folder / "run.tsv")]
    for name in ("opportunities", "capabilities"):
        command += [f"--{name}", str(samples / f"{name}.jsonl")]
    timed("整条 rank 命令（90×252）", lambda: subprocess.run(command, check=True), repeats=2)


if __name__ == "__main__":
    main()
