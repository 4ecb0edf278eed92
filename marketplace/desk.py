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
from marketplace.stages import DERIVED, count_active_of, furthest
from marketplace.states import VISIBLE
from marketplace.store import Database, PostingRow
from marketplace.store.benchmark_flags import flagged_landings
from marketplace.store.changes import changes_after
from marketplace.store.database import open_database
from marketplace.store.postings import load_rows
from marketplace.store.pulse import Pulse, feel_pulse
from matching import Side

Landing = tuple[int, int, dict[str, Any]]
_Flagged = tuple[int, int, dict[str, Any], frozenset[int]]
Stages = Mapping[str, int]
_Years = tuple[
    tuple[Landing, ...], tuple[int, ...], dict[int, tuple[int, ...]], dict[tuple[int, int], tuple[int, ...]]
]  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """What one state of the database looks like; replaced as a whole when anything changed.

    ``postings`` are all that take part in matching, also those that are not 主动公开. ``stages`` says for each
    of them that has pairings how many stand at which stage, ``active`` how many are under way.
    """

    pulse: Pulse
    day: str
    postings: Mapping[int, PostingRow]
    stages: Mapping[int, Stages]
    active: Mapping[int, int]
    all_landings: tuple[_Flagged, ...]
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
        """Return the desk of the newest committed state.

        Only what moved is read again. What is read may be newer than the pulse felt before it: then the next look
        finds a new pulse and reads it once more.
        """
        with self._lock:
            old, day = self._desk, date.today().isoformat()
            pulse, moved = feel_pulse(self.db, old.pulse.pairings if old else -1)
            if old is not None and (old.pulse, old.day) == (pulse, day):
                return old
            if old is not None and _turned_back(old, pulse, day):
                old, (pulse, moved) = None, feel_pulse(self.db)
            self._desk = self._lay(pulse, day, moved, old)
            return self._desk

    def _lay(self, pulse: Pulse, day: str, moved: Mapping[int, Stages], old: Desk | None) -> Desk:
        stages = {**(old.stages if old else {}), **moved}
        active = {**(old.active if old else {}), **{key: count_active_of(counts) for key, counts in moved.items()}}
        rows = self._postings(pulse, day, old)
        # Rows read anew have not heard of their pairings yet, old ones only of those that moved.
        renewed = [key for key, row in rows.items() if old is None or key in moved or old.postings.get(key) is not row]
        postings = rows | {key: _followed(rows[key], stages.get(key, {})) for key in renewed}
        if old is not None and (old.day, replace(old.pulse, pairings=pulse.pairings)) == (day, pulse):
            return replace(old, pulse=pulse, postings=postings, stages=stages, active=active)
        same = old is not None and old.pulse.landings == pulse.landings
        landings = old.all_landings if old is not None and same else tuple(flagged_landings(self.db, CANDIDATE))
        years = _years(postings, landings, date.fromisoformat(day))
        return Desk(pulse, day, _flagged(postings, years[2]), stages, active, landings, *years)

    def _postings(self, pulse: Pulse, day: str, old: Desk | None) -> dict[int, PostingRow]:
        """Return what may be seen; only what changed since the old desk is read again.

        Past its last day a posting is gone at once, also while nobody has taken it off the shelf yet.
        """
        # An organisation that moved leaves no change of its own: begin anew.
        if old is None or old.pulse.organisations != pulse.organisations:
            return {row.key: _shown(row) for row in load_rows(self.db) if not is_expired(row, day)}
        kept = dict(old.postings)
        if old.day != day:
            kept = {key: row for key, row in kept.items() if not is_expired(row, day)}
        if old.pulse.changes == pulse.changes:
            return kept
        changed = changes_after(self.db, old.pulse.changes)
        for change in changed:
            kept.pop(change.key, None)
        for row in load_rows(self.db, [change.key for change in changed if change.op == "put"]):
            if row.state in VISIBLE and not is_expired(row, day):
                kept[row.key] = _shown(row)
        return kept


def _turned_back(old: Desk, pulse: Pulse, day: str) -> bool:
    """Whether a database put back from a backup is older than what was seen, or a clock was."""
    counts = (old.pulse.changes, old.pulse.organisations, old.pulse.landings, old.pulse.pairings)
    now = (pulse.changes, pulse.organisations, pulse.landings, pulse.pairings)
    return day < old.day or any(new < before for new, before in zip(now, counts, strict=True))


def _years(postings: Mapping[int, PostingRow], found: tuple[_Flagged, ...], today: date) -> _Years:
    """Return the landings that may be seen, their years, and what is a benchmark candidate in which of them."""
    seen = {key for key, row in postings.items() if _is_open(row)}
    flagged = [one for one in found if one[0] in seen and one[1] in seen]
    landings = tuple((need, offer, raw) for need, offer, raw, _ in flagged)
    years = years_of([date.fromisoformat(raw["accepted_on"]) for _, _, raw in landings], today)
    keys: dict[int, set[int]] = {}
    pairs: dict[tuple[int, int], set[int]] = {}
    for need, offer, _, candidate in flagged:
        for year in candidate.intersection(years):
            keys.setdefault(need, set()).add(year)
            keys.setdefault(offer, set()).add(year)
            pairs.setdefault((need, offer), set()).add(year)
    return landings, years, _sorted(keys), _sorted(pairs)


def _followed(row: PostingRow, stages: Stages) -> PostingRow:
    """Return a row with what its pairings make of it; only opportunities are called after them."""
    name = DERIVED.get(furthest(stages), "") if row.posting.side is Side.OPPORTUNITY else ""
    return row if row.followed == name else replace(row, followed=name)


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
