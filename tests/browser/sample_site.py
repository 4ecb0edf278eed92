"""The site over the real market: sample lists taken in by the command, two web workers, the job worker beside them."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gunicorn_site import ROOT, running

SAMPLES = ROOT / "data" / "samples"
WORKERS = 2
ATTEMPTS = 400


@dataclass(frozen=True)
class SampleSite:
    """A running site with a database of its own."""

    base: str
    folder: Path
    environment: dict[str, str]

    def market(self, *command: str) -> str:
        """Run a command of the marketplace on the site's database; returns what it printed."""
        return run_market(self.environment, *command)

    def key(self, posting_id: str) -> int:
        """The key of a posting in addresses."""
        return self._key("external_id", posting_id)

    def key_of_title(self, title: str) -> int:
        """The key of the posting of this title."""
        return self._key("title", title)

    def _key(self, column: str, value: str) -> int:
        with closing(sqlite3.connect(self.folder / "scenematch.db")) as database:
            ((key,),) = database.execute(f"select key from posting where {column} = ?", [value]).fetchall()
        found: int = key
        return found

    @contextmanager
    def workers(self) -> Iterator[list[Worker]]:
        """A fresh connection to every worker; a connection stays with the worker that took it."""
        host = self.base.removeprefix("http://")
        with ExitStack() as stack:
            found: dict[int, Worker] = {}
            for _ in range(ATTEMPTS):
                connection = http.client.HTTPConnection(host, timeout=60)
                worker = Worker(connection)
                pid = json.loads(worker.get("/healthz")[1])["worker"]
                if pid in found:
                    connection.close()
                    continue
                stack.callback(connection.close)
                found[pid] = worker
                if len(found) == WORKERS:
                    break
            assert len(found) == WORKERS, f"only {len(found)} of {WORKERS} workers answered"
            yield list(found.values())


@dataclass(frozen=True)
class Worker:
    """One worker process behind an open connection."""

    connection: http.client.HTTPConnection

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()


def sample(name: str, posting_id: str) -> dict[str, Any]:
    """One line of a sample list."""
    lines = (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, Any] = next(row for row in map(json.loads, lines) if row["id"] == posting_id)
    return found


def run_market(environment: dict[str, str], *command: str) -> str:
    """Run ``python -m marketplace`` and return what it printed."""
    arguments = [sys.executable, "-m", "marketplace", *command]
    done = subprocess.run(
        arguments, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment_for(folder: Path) -> dict[str, str]:
    """The environment of a public sample site whose files lie in ``folder``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCENEMATCH_")}
    return kept | {
        "SCENEMATCH_LOCAL_DIR": str(folder),
        "SCENEMATCH_PUBLIC_MATCHES": "true",
        "SCENEMATCH_SAMPLE_SITE": "true",
        # The samples have nobody to confirm them.
        "SCENEMATCH_AUTO_OFF_SHELF": "0",
    }


@contextmanager
def job_worker(environment: dict[str, str], log: Path) -> Iterator[None]:
    """Run the process that does the jobs while the block runs."""
    with log.open("wb") as output:
        command = [sys.executable, "-m", "marketplace", "work"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield
            assert process.poll() is None, log.read_text(encoding="utf-8")
        finally:
            process.terminate()
            process.wait(timeout=60)


def stocked_folder(shared: Path, model: Path) -> Path:
    """A folder into which the sample lists were taken in, once for all processes that name the same ``shared``."""
    shared.mkdir(parents=True, exist_ok=True)
    ready = shared / "stocked"
    with (shared / "lock").open("w") as lock:
        # Whoever comes first takes them in; the others wait here.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            making = shared / "making"
            shutil.rmtree(making, ignore_errors=True)
            (making / "models").mkdir(parents=True)
            (making / "models" / model.name).symlink_to(model, target_is_directory=True)
            environment = environment_for(making)
            run_market(environment, "init")
            for name in ("opportunities", "capabilities", "landings"):
                run_market(environment, "import", str(SAMPLES / f"{name}.jsonl"))
            making.rename(ready)
    return ready


@contextmanager
def open_sample_site(folder: Path, stocked: Path) -> Iterator[SampleSite]:
    """Serve a copy of the folder with the sample lists while the block runs."""
    shutil.copytree(stocked, folder, symlinks=True)
    environment = environment_for(folder)
    seen: set[int] = set()

    def ready(base: str) -> bool:
        """Whether every worker has loaded its encoder."""
        with urllib.request.urlopen(f"{base}/readyz", timeout=10), urllib.request.urlopen(f"{base}/healthz") as answer:
            health = json.load(answer)
        if health["encoder_ready"]:
            seen.add(health["worker"])
        return len(seen) == WORKERS

    options = ["--workers", str(WORKERS), "--threads", "2", "--keep-alive", "60"]
    with (
        job_worker(environment, folder / "worker.log"),
        running("webapp:create_app()", options, environment, folder / "gunicorn.log", ready) as base,
    ):
        yield SampleSite(base, folder, environment)
