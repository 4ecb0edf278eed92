"""The days on which pairings came to their stages, read from the journal once and afterwards only where it grew.

A hundred thousand entries take longer to read than everything else the funnel does. A pairing's stamp grows with
every move and every undo, and entries only get higher keys, so what moved since is found without reading them all.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from marketplace.store import Database
from marketplace.store.funnel import DATED, first_hours, moved_since, newest_event

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
# A day that is not known, later than any other so that the earliest of several can be taken.
NEVER = 2**40
_BEIJING_H, _DAY_H = 8, 24
# Above this share of moved pairings everything is read anew in one sweep.
_SWEEP = 0.1


class Journal:
    """Keeps the days of one process; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest = -1
        self._keys: Ints = np.zeros(0, dtype=np.int64)
        self._stamps: Ints = self._keys
        self._days: Ints = np.zeros((0, len(DATED)), dtype=np.int64)

    def days(self, db: Database, keys: Ints, stamps: Ints) -> Ints:
        """Return pairings × stages (those of ``DATED``): the day in Beijing each came to each stage, NEVER for none.

        ``keys`` rise; call inside the transaction that read them.
        """
        newest = newest_event(db)
        with self._lock:
            moved = self._moved(db, keys, stamps, newest)
            days = np.full((len(keys), len(DATED)), NEVER, dtype=np.int64)
            known = np.flatnonzero(~moved)
            if len(known):
                days[known] = self._days[np.searchsorted(self._keys, keys[known])]
            sweep = moved.sum() > _SWEEP * len(keys)
            wanted = None if sweep else [int(key) for key in keys[moved]]
            for column, stage in enumerate(DATED if moved.any() else ()):
                for own, hours in first_hours(db, stage, wanted):
                    _lay(days[:, column], keys, own, hours)
            self._newest, self._keys, self._stamps, self._days = newest, keys, stamps, days
            return days

    def _moved(self, db: Database, keys: Ints, stamps: Ints, newest: int) -> Flags:
        """Return which pairings are new or moved since the last look."""
        # A database put back from a backup is older than what was seen.
        if newest < self._newest or not len(self._keys):
            return np.ones(len(keys), dtype=bool)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        moved: Flags = (self._keys[places] != keys) | (self._stamps[places] != stamps)
        if newest > self._newest:
            moved |= np.isin(keys, np.array(moved_since(db, self._newest), dtype=np.int64))
        return moved


def _lay(column: Ints, keys: Ints, own: str, hours: str) -> None:
    """Write the day of each pairing's first hour in UTC at its place; both are lists parted by commas."""
    days = (np.array(hours.split(","), dtype="M8[h]").astype(np.int64) + _BEIJING_H) // _DAY_H
    moved = np.fromstring(own, dtype=np.int64, sep=",")
    places = np.minimum(np.searchsorted(keys, moved), len(keys) - 1)
    # The journal of a pairing that is no longer there moves nothing.
    known = keys[places] == moved
    column[places[known]] = days[known]
