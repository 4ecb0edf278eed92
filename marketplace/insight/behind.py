"""The needs behind a number of the funnel, as far as the viewer may know them."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np

from marketplace.access import OF_DISTRICTS, Viewer
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError
from marketplace.insight.counting import Facts
from marketplace.insight.journal import NEVER
from marketplace.insight.pages import FunnelList, FunnelNeed, FunnelPairing, FunnelQuery
from marketplace.insight.steps import CODES, PUBLISHED, STEPS
from marketplace.records import mask_personal
from marketplace.sight import Sight
from marketplace.stages import STAGES
from marketplace.store import PostingRow
from marketplace.store.postings import load_rows
from matching import Opportunity

# Came to a step or farther, came no farther, stands still there; the last asks for no step.
PARTS = ("reached", "resting", "stale", "stale_any")
PAGE = 50
# A need with more pairings than this shows the farthest of them.
SHOWN_PAIRINGS = 5


def needs_behind(
    keeper: DeskKeeper, viewer: Viewer, facts: Facts, query: FunnelQuery, step: str, part: str, page: int
) -> FunnelList:
    """Return one page of the needs that reached ``step``, rest there or stand still there, the latest first.

    Raises NotFoundError for a step or part that does not exist.
    """
    if step not in STEPS or part not in PARTS:
        raise NotFoundError("漏斗里没有这一步，可能是链接有误。")
    place = CODES.index(step)
    chosen = facts.reach >= place if part == "reached" else facts.reach == place
    if part.startswith("stale"):
        chosen = facts.stale if part == "stale_any" else chosen & facts.stale
    found = np.flatnonzero(chosen)
    moments = np.where(facts.days[found, place] < NEVER, facts.days[found, place], facts.days[found, PUBLISHED])
    ordered = found[np.lexsort((found, -moments))]
    pages = max(1, math.ceil(len(ordered) / PAGE))
    page = min(max(1, page), pages)
    shown = [int(one) for one in ordered[(page - 1) * PAGE : page * PAGE]]
    rows = _needs(keeper, viewer, facts, shown)
    return FunnelList(query, step, STEPS[step], part, rows, len(ordered), page, pages, _may_open(viewer))


def _may_open(viewer: Viewer) -> bool:
    """Whether the pairings themselves are open to this viewer."""
    return viewer.has(*OF_DISTRICTS) or bool(viewer.publisher_of)


def _needs(keeper: DeskKeeper, viewer: Viewer, facts: Facts, shown: list[int]) -> tuple[FunnelNeed, ...]:
    of_need = _pairings_of(facts, shown)
    ledger, steps = facts.ledger, list(STEPS.values())
    offers = [int(ledger.offers[row]) for numbers in of_need.values() for row in numbers[:SHOWN_PAIRINGS]]
    keys = [ledger.needs[int(facts.places[place])][0] for place in shown]
    rows = {row.key: row for row in load_rows(keeper.db, dict.fromkeys([*keys, *offers]))}
    visible, sight = keeper.desk().postings, Sight(viewer)
    found = []
    for place in shown:
        number, step = int(facts.places[place]), int(facts.reach[place])
        key, _, written, _, _, published_on, _ = ledger.needs[number]
        own = rows.get(key)
        pairings = tuple(
            _pairing(facts, row, own, rows.get(int(ledger.offers[row])), sight)
            for row in of_need[place][:SHOWN_PAIRINGS]
        )
        found.append(
            FunnelNeed(
                key, mask_personal(own.posting.title) if own is not None and sight.posting(own) else "",
                mask_personal(
                    ledger.groups["organisation"].labels[int(ledger.groups["organisation"].codes[number])] or written
                ),
                published_on, steps[step], _day(int(facts.days[place, step])), bool(facts.stale[place]), pairings,
                len(of_need[place]), key in visible,
            )
        )  # fmt: skip
    return tuple(found)


def _pairings_of(facts: Facts, shown: list[int]) -> dict[int, list[int]]:
    """Return the rows of the pairings of each need, the farthest first."""
    found: dict[int, list[tuple[int, int]]] = {place: [] for place in shown}
    for number in np.flatnonzero(np.isin(facts.need_of, np.array(shown, dtype=np.int64))):
        found[int(facts.need_of[number])].append((-int(facts.pairing_reach[number]), int(facts.pairings[number])))
    return {place: [row for _, row in sorted(rows)] for place, rows in found.items()}


def _pairing(facts: Facts, row: int, need: PostingRow | None, offer: PostingRow | None, sight: Sight) -> FunnelPairing:
    key, stage = int(facts.ledger.pairings[row]), facts.ledger.stages[row]
    label, late = STAGES.get(stage, stage), bool(facts.ledger.overdue[row])
    posting = offer.posting if need is not None and offer is not None and sight.pair(need, offer) else None
    if posting is None or isinstance(posting, Opportunity):
        return FunnelPairing(key, "", "", stage, label, late)
    return FunnelPairing(key, mask_personal(posting.title), mask_personal(posting.company), stage, label, late)


def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat() if number < NEVER else ""
