#!/usr/bin/env python3
"""Run the pages and the job worker together: both stop on Ctrl+C or TERM, and when either ends the other does too."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOOK_S = 0.2
# Longer than the server gives its workers to finish their answers.
PATIENCE_S = 45


def commands(address: str) -> dict[str, list[str]]:
    """Return the two programs by name."""
    site = ["-m", "gunicorn", "-c", "scripts/gunicorn.conf.py", "-b", address, "webapp:create_app()"]
    return {"网站": [sys.executable, *site], "后台任务进程": [sys.executable, "-m", "marketplace", "work"]}


def begin(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own: a Ctrl+C reaches it through us, once."""
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)


def end(programs: list[subprocess.Popen[bytes]]) -> None:
    """Stop the programs, with everything they started."""
    for program in programs:
        if program.poll() is None:
            program.terminate()
    for program in programs:
        try:
            program.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            print(f"进程 {program.pid} 没有按时停止，强制结束。", file=sys.stderr, flush=True)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def main() -> int:
    """Serve until told to stop; 0 when we were told, 1 when one of the two ended by itself."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    running: dict[str, subprocess.Popen[bytes]] = {}
    ended = ""
    try:
        for name, command in commands(sys.argv[1]).items():
            running[name] = begin(command)
        while not stop.wait(LOOK_S) and not ended:
            ended = next((name for name, program in running.items() if program.poll() is not None), "")
    finally:
        end(list(running.values()))
    if ended and not stop.is_set():
        print(f"{ended}已退出（代码 {running[ended].returncode}），全部停止。", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
