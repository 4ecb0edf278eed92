"""Counts the funnel on the columns of a ledger; the rules stand in ``steps``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from marketplace.insight.journal import NEVER, Flags, Ints
from marketplace.insight.ledger import STEP_COUNT, Ledger
from marketplace.insight.pages import FunnelQuery
from marketplace.insight.steps import LANDED, PUBLISHED, STALE_DAYS, VIEWED

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Facts:
    """What became of the needs at ``places`` of a ledger, and of their pairings at ``pairings``.

    ``days`` is needs × steps, as days since 1970 or NEVER; ``reach`` the farthest step; ``stale`` whether a need
    stands still. ``need_of`` is the place among ``places`` of each pairing's need.
    """

    ledger: Ledger
    places: Ints
    days: Ints
    reach: Ints
    stale: Flags
    pairings: Ints
    need_of: Ints
    pairing_reach: Ints


def gather(ledger: Ledger, query: FunnelQuery, today: date) -> Facts:
    """Return the facts of the needs that pass every filter."""
    kept = _passing(ledger, query)
    pairings, own = _pairings(ledger, query.matchmaker)
    if query.matchmaker:
        touched = np.zeros(len(kept), dtype=bool)
        touched[own] = True
        kept &= touched
    places = np.flatnonzero(kept)
    within = kept[own]
    pairings, need_of = pairings[within], np.searchsorted(places, own[within])
    pairing_days = ledger.pairing_days[pairings]
    pairing_reach = np.where(pairing_days < NEVER, np.arange(STEP_COUNT), PUBLISHED).max(axis=1, initial=PUBLISHED)
    days = np.full((len(places), STEP_COUNT), NEVER, dtype=np.int64)
    np.minimum.at(days, need_of, pairing_days)
    days[:, PUBLISHED], days[:, VIEWED] = ledger.published[places], ledger.viewed[places]
    reach = np.where(days[:, VIEWED] < NEVER, VIEWED, PUBLISHED).astype(np.int64)
    np.maximum.at(reach, need_of, pairing_reach)
    stale = _stale(ledger, places, reach, need_of, pairings, today)
    return Facts(ledger, places, days, reach, stale, pairings, need_of, pairing_reach)


def _passing(ledger: Ledger, query: FunnelQuery) -> Flags:
    kept = np.ones(len(ledger.needs), dtype=bool)
    for name, value in (("city", query.city), ("domain", query.domain), ("organisation", query.organisation)):
        if value:
            groups = ledger.groups[name]
            kept &= groups.codes == (groups.values.index(value) if value in groups.values else -1)
    if query.since or query.until:
        months = ledger.groups["month"]
        last = query.until or "9999-99"
        kept &= np.array([query.since <= month <= last for month in months.values], dtype=bool)[months.codes]
    return kept


def _pairings(ledger: Ledger, matchmaker: int) -> tuple[Ints, Ints]:
    """Return the pairings of needs in the ledger, of one matchmaker when asked, and the places of their needs."""
    if not len(ledger.keys) or not len(ledger.of_need):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    own = np.minimum(np.searchsorted(ledger.keys, ledger.of_need), len(ledger.keys) - 1)
    known = ledger.keys[own] == ledger.of_need
    if matchmaker:
        known &= ledger.maker == (0 if matchmaker == NOBODY else matchmaker)
    pairings = np.flatnonzero(known)
    return pairings, own[pairings]


def _stale(ledger: Ledger, places: Ints, reach: Ints, need_of: Ints, pairings: Ints, today: date) -> Flags:
    late, busy = np.zeros(len(places), dtype=bool), np.zeros(len(places), dtype=bool)
    late[need_of[ledger.overdue[pairings]]] = True
    busy[need_of[ledger.under_way[pairings]]] = True
    old = ledger.published[places] < (today - date(1970, 1, 1)).days - STALE_DAYS
    stale: Flags = (late | (ledger.waiting[places] & old & ~busy)) & (reach < LANDED)
    return stale


def waits(days: Ints) -> Ints:
    """Return needs × steps: days since the nearest earlier step with a date, NEVER where a step has none."""
    found = np.full(days.shape, NEVER, dtype=np.int64)
    last = days[:, PUBLISHED].copy()
    for step in range(1, days.shape[1]):
        dated = (days[:, step] < NEVER) & (last < NEVER)
        found[dated, step] = np.maximum(0, days[dated, step] - last[dated])
        last = np.where(days[:, step] < NEVER, days[:, step], last)
    return found


def elapsed(days: Ints) -> Ints:
    """Return needs × steps: days since publication, NEVER where a step has no date."""
    start = days[:, [PUBLISHED]]
    return np.where((days < NEVER) & (start < NEVER), np.maximum(0, days - start), NEVER)


def median(values: Ints) -> float | None:
    """Return the middle of the known values, None when there is none."""
    known = values[values < NEVER]
    return float(np.median(known)) if len(known) else None


def reached(reach: Ints) -> list[int]:
    """Return how many came to each step, or farther."""
    counts = np.bincount(reach, minlength=STEP_COUNT)[:STEP_COUNT]
    return [int(number) for number in counts[::-1].cumsum()[::-1]]


def by_group(codes: Ints, groups: int, reach: Ints, stale: Flags) -> tuple[Ints, Ints]:
    """Return (groups × steps reached, how many of each stand still) of needs whose group is ``codes``."""
    table = np.bincount(codes * STEP_COUNT + reach, minlength=groups * STEP_COUNT).reshape(groups, STEP_COUNT)
    still = np.bincount(codes[stale], minlength=groups)
    return table[:, ::-1].cumsum(axis=1)[:, ::-1], still


def by_matchmaker(facts: Facts) -> tuple[Ints, Ints, Flags]:
    """Return (matchmaker, farthest step, whether it stands still) of every need and everyone given a pairing of it.

    Only that person's own pairings count.
    """
    ledger, width = facts.ledger, max(1, len(facts.places))
    makers, code = np.unique(ledger.maker[facts.pairings], return_inverse=True)
    one, place = np.unique(code.astype(np.int64) * width + facts.need_of, return_inverse=True)
    need = one % width
    if not len(one):
        return makers, need, need.astype(bool)
    reach = np.where(facts.days[need, VIEWED] < NEVER, VIEWED, PUBLISHED).astype(np.int64)
    np.maximum.at(reach, place, facts.pairing_reach)
    late = np.zeros(len(one), dtype=bool)
    late[place[ledger.overdue[facts.pairings]]] = True
    return makers[one // width], reach, late & (reach < LANDED)
