"""The site and the job worker as ``make run`` starts them: together, and gone together."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from market_tools import ROOT

pytestmark = pytest.mark.slow
PATIENCE_S = 90


class Served:
    """``scripts/serve.py`` on a port and folder of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SCENEMATCH_")}
        self._log = folder / "serve.log"
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "scripts" / "serve.py"), address],
                env=kept | {"SCENEMATCH_LOCAL_DIR": str(folder)}, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._address = f"http://{address}/healthz"
        self.seen: set[int] = set()

    @property
    def log(self) -> str:
        """What the three have said."""
        return self._log.read_text(encoding="utf-8")

    def health(self) -> dict[str, Any]:
        """What the site says of itself, empty while it does not answer."""
        with contextlib.suppress(OSError), urllib.request.urlopen(self._address, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
        return {}

    def children(self) -> dict[str, int]:
        """The processes it started, by what they are."""
        found = {}
        for number in _children(self.process.pid):
            command = Path(f"/proc/{number}/cmdline").read_bytes().decode().replace("\0", " ")
            found["site" if "gunicorn" in command else "worker"] = number
            self.seen |= {number, *_children(number)}
        return found

    def left(self) -> set[int]:
        """Those of all processes seen that are still there."""
        return {number for number in self.seen if _runs(number)}

    def until(self, true: Callable[[], object]) -> None:
        """Wait for something to become true."""
        end = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < end, self.log
            time.sleep(0.1)


def _children(number: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    return []


def _runs(number: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    if not Path("/proc/self/task").is_dir():
        pytest.skip("needs /proc to see the processes")
    run = Served(tmp_path)
    try:
        run.until(lambda: run.process.poll() is not None or run.health().get("worker_alive"))
        assert run.process.poll() is None, run.log
        assert set(run.children()) == {"site", "worker"}
        yield run
    finally:
        run.process.terminate()
        run.process.wait(PATIENCE_S)
        for number in run.left():
            os.kill(number, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_site_and_worker_start_together_and_stop_together(served: Served, number: signal.Signals) -> None:
    served.until(lambda: served.health().get("jobs_queued") == 0)
    assert len(served.seen) >= 4, "the site's own two workers are among them"
    served.process.send_signal(number)
    assert served.process.wait(PATIENCE_S) == 0, served.log
    assert served.left() == set()
    assert served.health() == {}
    assert "Traceback" not in served.log
    assert "the worker ends" in served.log


@pytest.mark.parametrize(("name", "said"), [("worker", "后台任务进程已退出"), ("site", "网站已退出")])
def test_when_one_of_them_dies_the_other_is_stopped(served: Served, name: str, said: str) -> None:
    os.kill(served.children()[name], signal.SIGKILL)
    assert served.process.wait(PATIENCE_S) == 1, served.log
    assert said in served.log
    assert served.left() == set()
