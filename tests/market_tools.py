"""What several tests of the marketplace share: a shop fed with postings, and looks into the tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from doubles import HashingEncoder
from factories import write_lines

from marketplace import MarketSettings
from marketplace.commands import Workshop
from marketplace.store import Database, PostingRow
from marketplace.store.postings import find_keys, load_rows
from matching import Capability, Encoder, Opportunity, Posting

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "data" / "samples"
TABLES = (
    "posting", "posting_domain", "item", "vector", "change", "meta", "match", "team", "snapshot", "landing",
)  # fmt: skip


class Shop:
    """The commands of one installation, fed with rows instead of files; ``said`` keeps their words."""

    def __init__(self, settings: MarketSettings, encoder: Encoder | None = None) -> None:
        self.settings, self.said = settings, []
        self.encoder = encoder or HashingEncoder()
        self.work = Workshop(settings, self.said.append, self.encoder)
        self.db: Database = self.work.db

    def take(self, *rows: Posting | Mapping[str, Any], kind: str | None = None) -> None:
        """Import these rows as one file."""
        self.work.take(write_lines(self.settings.database.with_suffix(".in.jsonl"), rows), kind)

    def withdraw(self, posting_id: str, undo: bool = False) -> None:
        """Withdraw a posting, or bring it back."""
        self.work.withdraw(posting_id, None, undo)

    def key(self, posting_id: str) -> int:
        """Return the key of a posting whose id is used on one side only."""
        ((key, _, _),) = find_keys(self.db, posting_id)
        return key

    def row(self, posting_id: str) -> PostingRow:
        """Return a stored posting."""
        return load_rows(self.db, [self.key(posting_id)])[0]


def sample_lines(name: str, places: Iterable[int] | None = None) -> list[dict[str, Any]]:
    """Return lines of a shipped sample list, those at 1-based ``places`` or all."""
    lines = (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(lines[place - 1]) for place in (places or range(1, len(lines) + 1))]


def contents(db: Database, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row of the tables, all of them when none is named."""
    return {table: list(db.table(table).rows) for table in tables or TABLES}


def stored(posting: Posting, key: int = 1, **columns: Any) -> PostingRow:
    """Return a row as the store would hand it out."""
    values = {"state": "published", "region": "武汉市", "published_on": "2026-06-01", "revision": 1} | columns
    return PostingRow(key, posting, **values)


def texts_of(posting: Posting) -> tuple[str, ...]:
    """Return every text of a posting that a card may quote."""
    if isinstance(posting, Opportunity):
        return (posting.background, *posting.requirements, "；".join(posting.requirements))
    assert isinstance(posting, Capability)
    return (posting.summary, *posting.features, "；".join(posting.features))


class Importer:
    """Another process that imports a file; ``acknowledged`` are the ids it has reported as stored."""

    def __init__(self, database: Path, file: Path, chunk: int = 5) -> None:
        command = [sys.executable, str(Path(__file__).with_name("importing_process.py")), database, file, str(chunk)]
        paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
        environment = {**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.acknowledged: set[str] = set()

    def __enter__(self) -> Importer:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Wait until it is ready, and let it go."""
        assert self.read() == "ready"
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def read(self) -> str:
        """Return its next line, empty when it has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        # A line cut off by the kill acknowledges nothing.
        if line.startswith("已保存") and line.endswith("\n"):
            self.acknowledged.update(line.strip().partition("：")[2].split("、"))
        return line.strip()

    def finish(self) -> int:
        """Read to the end; return the exit code."""
        while self.read():
            pass
        return self._process.wait()

    def kill(self) -> None:
        """End it on the spot, as a power cut would, and read what it had said."""
        self._process.kill()
        while self._process.stdout is not None and not self._process.stdout.closed and self.read():
            pass
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
