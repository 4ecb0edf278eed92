"""What several tests of the marketplace share: a shop fed with postings, and looks into the tables."""

from __future__ import annotations

import json
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

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
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
