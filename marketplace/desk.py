"""One worker's view of the database: a connection a thread, visible postings, benchmark years."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.benchmarks import YearRules, examine, status_of, years_of
from marketplace.settings import MarketSettings
from marketplace.store import Database, PostingRow
from marketplace.store.changes import last_change, read_value
from marketplace.store.database import open_database
from marketplace.store.landings import VERSION, load_landings
from marketplace.store.postings import load_rows
from matching import Side

Landing = tuple[int, int, dict[str, Any]]


@dataclass(frozen=True)
class Desk:
    """What one state of the database looks like; replaced as a whole when anything changed."""

    version: tuple[int, int]
    postings: Mapping[int, PostingRow]
    landings: tuple[Landing, ...]
    years: tuple[int, ...]
    key_years: Mapping[int, tuple[int, ...]]
    pair_years: Mapping[tuple[int, int], tuple[int, ...]]

    def side(self, side: Side) -> list[PostingRow]:
        """Return the visible postings of one list, by external id."""
        return [row for row in self.postings.values() if row.posting.side is side]


class DeskKeeper:
    """Hands out connections and the current desk; safe to use from many threads."""

    def __init__(self, settings: MarketSettings) -> None:
        self._settings = settings
        self._local = threading.local()
        self._lock = threading.Lock()
        self._desk: Desk | None = None

    @property
    def db(self) -> Database:
        """This thread's connection."""
        if not hasattr(self._local, "db"):
            self._local.db = open_database(self._settings.database)
        database: Database = self._local.db
        return database

    def desk(self) -> Desk:
        """Return the desk of the newest committed state."""
        version = self._version()
        with self._lock:
            if self._desk is None or self._desk.version != version:
                self._desk = self._lay(version)
            return self._desk

    def _version(self) -> tuple[int, int]:
        return last_change(self.db), int(read_value(self.db, VERSION) or 0)

    def _lay(self, version: tuple[int, int]) -> Desk:
        rows = [row for side in Side for row in load_rows(self.db, side=side)]
        postings = {row.key: row for row in rows}
        landings = tuple(one for one in load_landings(self.db) if one[0] in postings and one[1] in postings)
        years = years_of([date.fromisoformat(raw["accepted_on"]) for _, _, raw in landings], date.today())
        keys: dict[int, set[int]] = {}
        pairs: dict[tuple[int, int], set[int]] = {}
        for year in years:
            rules = YearRules(year)
            for need, offer, raw in landings:
                accepted = date.fromisoformat(raw["accepted_on"])
                if rules.takes(accepted) and status_of(examine(raw, rules)) == "candidate":
                    keys.setdefault(need, set()).add(year)
                    keys.setdefault(offer, set()).add(year)
                    pairs.setdefault((need, offer), set()).add(year)
        return Desk(version, postings, landings, years, _sorted(keys), _sorted(pairs))


def _sorted(found: dict[Any, set[int]]) -> dict[Any, tuple[int, ...]]:
    return {key: tuple(sorted(years, reverse=True)) for key, years in found.items()}
