"""Starts gunicorn on a free port and stops it again."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import webapp

ROOT = Path(webapp.__file__).parents[1]
# Two encoders load beside whatever else the machine does.
START_S = 300


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    app: str, options: Sequence[str], environment: Mapping[str, str], log: Path, ready: Callable[[str], bool]
) -> Iterator[str]:
    """Serve ``app`` with the shipped settings while the block runs; gives the base address once it is ready."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "scripts" / "gunicorn.conf.py")]
    command += ["-b", f"127.0.0.1:{port}", *options, app]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait(server, base, log, ready)
            yield base
        finally:
            server.terminate()
            server.wait(timeout=60)


def _wait(server: subprocess.Popen[bytes], base: str, log: Path, ready: Callable[[str], bool]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            if ready(base):
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the site was not ready in {START_S} s: {log.read_text(encoding='utf-8')}")
