"""One worker's view of the database: a connection a thread, visible postings, benchmark years."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from marketplace.benchmarks import CANDIDATE, years_of
from marketplace.publicity import is_expired, is_open, masked
from marketplace.settings import MarketSettings
from marketplace.stages import DERIVED, furthest
from marketplace.states import VISIBLE
from marketplace.store import Database, PostingRow
from marketplace.store.benchmark_flags import flag_states
from marketplace.store.changes import changes_after, last_change_with
from marketplace.store.database import open_database, snapshot_read
from marketplace.store.landings import VERSION, load_landings
from marketplace.store.pairings import VERSION as PAIRINGS_VERSION
from marketplace.store.pairings import stages_of_opportunities
from marketplace.store.postings import load_rows
from matching import Side

Landing = tuple[int, int, dict[str, Any]]


@dataclass(frozen=True)
class Desk:
    """What one state of the database looks like; replaced as a whole when anything changed.

    ``postings`` are all that take part in matching, also those that are not 主动公开.
    """

    version: tuple[int, int, str, int]
    postings: Mapping[int, PostingRow]
    landings: tuple[Landing, ...]
    years: tuple[int, ...]
    key_years: Mapping[int, tuple[int, ...]]
    pair_years: Mapping[tuple[int, int], tuple[int, ...]]

    def side(self, side: Side) -> Sequence[PostingRow]:
        """Return the postings of one list that anyone may see, by external id."""
        return self._sides[side]

    @cached_property
    def _sides(self) -> dict[Side, list[PostingRow]]:
        ordered = sorted(filter(_is_open, self.postings.values()), key=lambda row: row.posting.id)
        return {side: [row for row in ordered if row.posting.side is side] for side in Side}


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
                with snapshot_read(self.db):
                    self._desk = self._lay(self._version(), self._desk)
            return self._desk

    def _version(self) -> tuple[int, int, str, int]:
        newest, values = last_change_with(self.db, VERSION, PAIRINGS_VERSION)
        landings, pairings = (int(values.get(name) or 0) for name in (VERSION, PAIRINGS_VERSION))
        return newest, landings, date.today().isoformat(), pairings

    def _lay(self, version: tuple[int, int, str, int], old: Desk | None) -> Desk:
        postings = self._followed(self._postings(version, old))
        seen = {key for key, row in postings.items() if _is_open(row)}
        landings = tuple(one for one in load_landings(self.db) if one[0] in seen and one[1] in seen)
        years = years_of([date.fromisoformat(raw["accepted_on"]) for _, _, raw in landings], date.today())
        keys: dict[int, set[int]] = {}
        pairs: dict[tuple[int, int], set[int]] = {}
        states = flag_states(self.db)
        for year in years:
            for need, offer, raw in landings:
                if states.get((year, raw["id"])) == CANDIDATE:
                    keys.setdefault(need, set()).add(year)
                    keys.setdefault(offer, set()).add(year)
                    pairs.setdefault((need, offer), set()).add(year)
        flagged = _sorted(keys)
        return Desk(version, _flagged(postings, flagged), landings, years, flagged, _sorted(pairs))

    def _followed(self, postings: Mapping[int, PostingRow]) -> dict[int, PostingRow]:
        """Return the rows with what their pairings make of them; few change from one desk to the next."""
        reached = stages_of_opportunities(self.db, tuple(DERIVED))
        names = {key: DERIVED[furthest(stages)] for key, stages in reached.items()}
        return {
            key: row if row.followed == (name := names.get(key, "")) else replace(row, followed=name)
            for key, row in postings.items()
        }

    def _postings(self, version: tuple[int, int, str, int], old: Desk | None) -> dict[int, PostingRow]:
        """Return what may be seen; only what changed since the old desk is read again.

        Past its last day a posting is gone at once, also while nobody has taken it off the shelf yet.
        """
        day = version[2]
        # A database put back from a backup is older than what was seen; a landing or an organisation
        # that moved leaves no change of its own: begin anew.
        if old is None or old.version[0] > version[0] or old.version[1:3] != version[1:3]:
            rows = [row for side in Side for row in load_rows(self.db, side=side)]
            return {row.key: _shown(row) for row in rows if not is_expired(row, day)}
        moved = changes_after(self.db, old.version[0])
        gone = {change.key for change in moved}
        kept = {key: row for key, row in old.postings.items() if key not in gone}
        for row in load_rows(self.db, [change.key for change in moved if change.op == "put"]):
            if row.state in VISIBLE and not is_expired(row, day):
                kept[row.key] = _shown(row)
        return kept


def _flagged(postings: Mapping[int, PostingRow], years: Mapping[int, tuple[int, ...]]) -> dict[int, PostingRow]:
    """Return the rows with the years in which they are part of a candidate; few change from one desk to the next."""
    return {
        key: row if row.benchmark_years == (own := years.get(key, ())) else replace(row, benchmark_years=own)
        for key, row in postings.items()
    }


def _is_open(row: PostingRow) -> bool:
    return is_open(row.posting)


def _shown(row: PostingRow) -> PostingRow:
    """Return the row with personal data masked that older files carried into public text."""
    posting = masked(row.posting)
    return row if posting is row.posting else replace(row, posting=posting)


def _sorted(found: dict[Any, set[int]]) -> dict[Any, tuple[int, ...]]:
    return {key: tuple(sorted(years, reverse=True)) for key, years in found.items()}
