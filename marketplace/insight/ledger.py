"""All that a viewer may count, read once and laid out in columns: needs, their groups, pairings with their days."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from marketplace.insight.journal import NEVER, Flags, Ints, Journal
from marketplace.insight.steps import CONTACTED, LANDED, MET, RUNNING, SIGNED
from marketplace.stages import OPEN_STAGES
from marketplace.states import VISIBLE
from marketplace.store import Database
from marketplace.store.database import snapshot_read
from marketplace.store.funnel import (
    NeedTuple,
    PairingTexts,
    first_domains,
    first_views,
    matchmaker_names,
    organisation_names,
    out_of_use,
    pairing_texts,
    published_needs,
)

STEP_COUNT = 7
UNSTATED = "未注明"
CUTS = {"organisation": "部门（单位）", "domain": "领域", "city": "地市", "month": "发布月份"}


@dataclass(frozen=True, slots=True)
class Groups:
    """One way to group needs: the group of each need, and of each group what narrows to it and its name."""

    codes: Ints
    values: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Needs by key and the pairings of all needs, in columns; days are numbers since 1970 or NEVER."""

    needs: Sequence[NeedTuple]
    keys: Ints
    published: Ints
    viewed: Ints
    waiting: Flags
    groups: dict[str, Groups]
    pairings: Ints
    of_need: Ints
    offers: Ints
    stages: Sequence[str]
    maker: Ints
    under_way: Flags
    overdue: Flags
    pairing_days: Ints
    makers: dict[int, str]


def read_ledger(
    db: Database, journal: Journal, today: date, counts: Callable[[NeedTuple], bool] | None = None
) -> Ledger:
    """Return everything of one state of the database; ``counts`` leaves out needs that the viewer may not count."""
    with _undisturbed():
        return _read(db, journal, today, counts)


def _read(db: Database, journal: Journal, today: date, counts: Callable[[NeedTuple], bool] | None) -> Ledger:
    with snapshot_read(db):
        needs, texts, makers = published_needs(db), pairing_texts(db), matchmaker_names(db)
        names, domains, views = organisation_names(db), first_domains(db), first_views(db)
        ended = out_of_use(db)
        pairings = _parted_numbers(texts.keys)
        came = journal.days(db, pairings, _parted_numbers(texts.stamps))
    if counts is not None:
        needs = list(filter(counts, needs))
    stages, due = _parted(texts.stages, len(pairings)), _days(_parted(texts.due, len(pairings)))
    under_way = np.array([stage in OPEN_STAGES for stage in stages], dtype=bool)
    return Ledger(
        needs=needs,
        keys=_numbers([need[0] for need in needs]),
        published=_days([need[5] for need in needs]),
        viewed=_days([views.get(need[0], "") for need in needs]),
        waiting=np.array([need[6] in VISIBLE for need in needs], dtype=bool),
        groups=_groups(needs, names, domains),
        pairings=pairings,
        of_need=_parted_numbers(texts.needs),
        offers=_parted_numbers(texts.offers),
        stages=stages,
        maker=_parted_numbers(texts.matchmakers),
        under_way=under_way,
        overdue=under_way & (due < _day_number(today)),
        pairing_days=_pairing_days(texts, pairings, came, ended),
        makers=makers,
    )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the collector of circular garbage away: it would look at a hundred thousand fresh rows again and again."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _groups(needs: Sequence[NeedTuple], names: dict[int, str], domains: dict[int, str]) -> dict[str, Groups]:
    """Return the groups of every cut. A need without a known organisation goes by the name it was written with."""
    organisations = _group([need[1] or need[2] for need in needs])
    labels = tuple(str(names.get(value, "") if isinstance(value, int) else value) or UNSTATED
                   for value in organisations[1])  # fmt: skip
    found = {"organisation": Groups(organisations[0], tuple(map(str, organisations[1])), labels)}
    for name, column in (
        ("domain", [domains.get(need[0]) or UNSTATED for need in needs]),
        ("city", [need[4] or UNSTATED for need in needs]),
        ("month", [need[5][:7] for need in needs]),
    ):
        codes, values = _group(column)
        found[name] = Groups(codes, values, values)
    return found


def _group(column: Sequence[Any]) -> tuple[Ints, tuple[Any, ...]]:
    places = {value: place for place, value in enumerate(dict.fromkeys(column))}
    return _numbers([places[value] for value in column]), tuple(places)


def _pairing_days(texts: PairingTexts, pairings: Ints, came: Ints, ended: dict[int, str]) -> Ints:
    """Return pairings × steps: the day each pairing came to each step; ``came`` is pairings × stages.

    What a revisit found out of use (``ended``, by key) runs no longer, unless it was confirmed after that day.
    """
    signed_on, accepted_on, confirmed_on = (
        _days(_parted(text, len(pairings))) for text in (texts.signed, texts.accepted, texts.confirmed)
    )
    contacted, meeting, signed, building, landed = came.T
    found = np.full((len(pairings), STEP_COUNT), NEVER, dtype=np.int64)
    found[:, CONTACTED], found[:, MET] = contacted, meeting
    # Building begins after signing, so it proves it; the contract's own day is better than that of the entry.
    entered = np.minimum(signed, building)
    found[:, SIGNED] = np.where((entered < NEVER) & (signed_on < NEVER), signed_on, entered)
    found[:, LANDED] = np.where((landed < NEVER) & (accepted_on < NEVER), accepted_on, landed)
    found[:, RUNNING] = np.where((landed < NEVER) & (confirmed_on > _ends(pairings, ended)), confirmed_on, NEVER)
    return found


def _ends(pairings: Ints, ended: dict[int, str]) -> Ints:
    """Return the day each pairing was found out of use, a day before all others for the most that never were."""
    found = np.full(len(pairings), -NEVER, dtype=np.int64)
    places = np.flatnonzero(np.isin(pairings, _numbers(list(ended))))
    found[places] = _days([ended[int(key)] for key in pairings[places]])
    return found


def _parted(text: str, count: int) -> list[str]:
    """Cut a column of ``count`` values; the empty text is one empty value, or none at all."""
    return text.split(",") if count else []


def _parted_numbers(text: str) -> Ints:
    return np.fromstring(text, dtype=np.int64, sep=",") if text else _numbers([])


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _numbers(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _days(texts: Sequence[str]) -> Ints:
    """Return ISO days as numbers, NEVER for none."""
    found = np.full(len(texts), NEVER, dtype=np.int64)
    places = [place for place, text in enumerate(texts) if text]
    if places:
        found[places] = np.array([texts[place] for place in places], dtype="M8[D]").astype(np.int64)
    return found
