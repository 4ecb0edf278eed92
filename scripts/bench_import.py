"""Measures the import of a long list: its check, its rows coming in by the worker, and the list pages meanwhile.

The site and the worker are those of ``make run``, on a database of their own with the sample capabilities in it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The maker of the list is the one the tests use.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "marketplace"))

from large_list import LargeList, make_large_list

from marketplace import MarketSettings
from marketplace.access import OPERATOR
from marketplace.commands import Workshop
from marketplace.desk import DeskKeeper
from marketplace.imports import ColumnChoice, ImportDesk
from marketplace.jobs import run_job_now
from marketplace.store.database import count_rows, open_database
from marketplace.store.imports import count_states
from marketplace.store.integrity import find_office_faults
from marketplace.store.jobs import load_job
from marketplace.store.maintenance import find_faults
from matching import Encoder, MatchingSettings, Side

ROOT = Path(__file__).resolve().parents[1]
PAUSE_S, START_S, TELL_S = 0.25, 120, 30
LIST_PAGES = (
    "/opportunities", "/opportunities?page=2", "/opportunities?region=武汉市", "/opportunities?order=deadline",
    "/opportunities?domain=智慧水利&budget=50to200", "/capabilities", "/capabilities?trl=7-9", "/capabilities?page=5",
)  # fmt: skip
SEARCHES = ("/opportunities?q=管网漏损监测", "/capabilities?q=井盖移位告警", "/search?q=夜间巡检")
ROWS, MATCHES = "逐行写入", "更新匹配"


def bench_import(count: int, settings: MatchingSettings, encoder: Encoder) -> dict[str, Any]:
    """Import a list of ``count`` rows and return the figures: seconds, MiB and milliseconds by name.

    Raises AssertionError when a row was lost, doubled or judged otherwise than expected.
    """
    large = make_large_list(count)
    with tempfile.TemporaryDirectory() as folder:
        market = MarketSettings(Path(folder) / "bench.db", settings)
        workshop = Workshop(market, lambda _: None, encoder)
        workshop.take(settings.data_dir / "samples" / "capabilities.jsonl", "capabilities")
        desk = ImportDesk(DeskKeeper(market), market)
        figures: dict[str, Any] = {"rows": count, "characters_per_row": sum(map(_length, large.rows)) // count}
        key = _check(desk, workshop, large, Path(folder) / "清单.xlsx", figures)
        with serving(market) as address:
            job = desk.confirm(OPERATOR, key, how="publish", only_good=True, secrecy_checked=True)
            figures |= _watch(market, address, job)
        figures["alike_in_meaning"] = _assert_whole(market, large, key)
        figures["database_mib"] = market.database.stat().st_size >> 20
    return figures


def tell(figures: dict[str, Any]) -> None:
    """Print the figures as words."""
    print(f"\n导入 {figures['rows']} 行（每行约 {figures['characters_per_row']} 字），对 252 条能力；没有丢行或重行，")
    print(f"意思相近待决定 {figures['alike_in_meaning']} 行；数据库 {figures['database_mib']} MiB")
    print(f"读文件和检查：CPU {figures['check_cpu_s']:.1f} 秒，历时 {figures['check_s']:.1f} 秒")
    for name in (ROWS, MATCHES):
        part = figures["phases"].get(name)
        if part is None:
            continue
        print(f"{name}：历时 {part['seconds']:.0f} 秒，进度变化 {part['steps']} 次")
        for kind, times in part["pages"].items():
            print(
                f"  期间{kind} {times['requests']} 次：中位 {times['p50_ms']:.0f}，95% {times['p95_ms']:.0f}，"
                f"最长 {times['max_ms']:.0f} 毫秒"
            )


def _check(desk: ImportDesk, workshop: Workshop, large: LargeList, path: Path, figures: dict[str, Any]) -> int:
    """Upload and check the list, decide about the copies; return the key of the import."""
    large.write(path)
    wall, cpu = time.perf_counter(), time.process_time()
    key = desk.upload(OPERATOR, path, file_name=path.name, side=Side.OPPORTUNITY)
    job = desk.choose_columns(OPERATOR, key, ColumnChoice())
    if job:
        run_job_now(workshop, job)
    figures |= {"check_s": time.perf_counter() - wall, "check_cpu_s": time.process_time() - cpu}
    found = count_states(workshop.db, key)
    expected = {"good": len(large.good), "bad": len(large.bad), "twin": len(large.copies)}
    assert found == {name: number for name, number in expected.items() if number}, found
    desk.decide_all(OPERATOR, key, "skip")
    return key


@contextlib.contextmanager
def serving(settings: MarketSettings) -> Iterator[str]:
    """Run the site and the worker over a database; gives the address once both are there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {**os.environ, "SCENEMATCH_DATABASE": str(settings.database)}
    log = settings.database.with_suffix(".log")
    with log.open("wb") as output:
        command = [sys.executable, str(ROOT / "scripts" / "serve.py"), address]
        program = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            _wait(program, f"http://{address}", log)
            yield f"http://{address}"
        finally:
            program.terminate()
            program.wait()


def _wait(program: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and program.poll() is None:
        with contextlib.suppress(OSError):
            health = json.loads(_get(address + "/healthz"))
            if health["worker_alive"] and health["encoder_ready"]:
                return
        time.sleep(0.5)
    raise RuntimeError(f"网站没有启动：\n{log.read_text(encoding='utf-8')}")


def _watch(settings: MarketSettings, address: str, job_key: int) -> dict[str, Any]:
    """Read pages until the job is done; return seconds, progress and answer times of each phase."""
    db = open_database(settings.database)
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    steps: dict[str, set[tuple[int, str]]] = defaultdict(set)
    begun: dict[str, float] = {}
    lists, searches = itertools.cycle(LIST_PAGES), itertools.cycle(SEARCHES)
    told, number = time.monotonic(), 0
    while True:
        job = load_job(db, job_key)
        assert job is not None
        assert job.state != "failed", job.message
        phase = MATCHES if job.message.startswith("正在更新匹配") else ROWS
        begun.setdefault(phase, time.monotonic())
        if job.state == "done":
            break
        steps[phase].add((job.done, job.message))
        kind, paths = ("检索页", searches) if number % 5 == 4 else ("清单页", lists)
        times[phase, kind].append(_timed(address + next(paths)))
        number += 1
        if time.monotonic() > told + TELL_S:
            told = time.monotonic()
            print(f"  {job.done}/{job.total} {job.message[:30]}", file=sys.stderr, flush=True)
        time.sleep(PAUSE_S)
    ends = [*list(begun.values())[1:], time.monotonic()]
    return {
        "phases": {
            phase: {
                "seconds": end - start,
                "steps": len(steps[phase]),
                "pages": {kind: _spread(found) for (one, kind), found in times.items() if one == phase},
            }
            for (phase, start), end in zip(begun.items(), ends, strict=True)
        }
    }


def _get(address: str) -> bytes:
    with urllib.request.urlopen(urllib.request.quote(address, safe=":/?&=-%"), timeout=60) as answer:
        content: bytes = answer.read()
        return content


def _timed(address: str) -> float:
    """Return how many milliseconds a page takes; raises for any answer but a page."""
    start = time.perf_counter()
    _get(address)
    return (time.perf_counter() - start) * 1000


def _spread(found: list[float]) -> dict[str, float]:
    p95 = statistics.quantiles(found, n=20)[-1] if len(found) > 1 else found[0]
    return {"requests": len(found), "p50_ms": statistics.median(found), "p95_ms": p95, "max_ms": max(found)}


def _assert_whole(settings: MarketSettings, large: LargeList, key: int) -> int:
    """Every good row is in once; return how many wait for a decision because they mean what another says."""
    db = open_database(settings.database)
    counts = count_states(db, key)
    waiting = counts.get("twin", 0)
    assert counts.get("added", 0) + waiting == len(large.good), counts
    assert count_rows(db, "posting") == counts["added"] + 252
    assert find_faults(db) + find_office_faults(db) == []
    return waiting


def _length(row: tuple[str, ...]) -> int:
    return sum(map(len, row))
