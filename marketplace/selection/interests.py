"""Why the records keep experts from cases: read in a few statements for however many of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from marketplace.selection.cases import Case
from marketplace.store import Database
from marketplace.store.accounts import memberships_of
from marketplace.store.benchmark_panel import ExpertRow, groups_of, parents
from marketplace.store.organisations import merged_keys
from marketplace.store.pairings import matchmakers_of_pairs


class Interests:
    """What the records show between experts and cases at the moment it is made."""

    def __init__(self, db: Database, experts: Iterable[ExpertRow], cases: Iterable[Case]) -> None:
        accounts = {one.account_key for one in experts}
        self._places: dict[int, set[int]] = defaultdict(set)
        for one in memberships_of(db, sorted(accounts)):
            self._places[one.account_key].add(one.organisation_key)
        pairs = {(case.need.key, case.offer.key) for case in cases}
        self._matchmakers = matchmakers_of_pairs(db, pairs)
        self._merged = merged_keys(db)
        # Ties stay where they were noted, so that a merge is undone exactly; each counts for who stands there now.
        self._groups = groups_of((self._stands(own), self._stands(over)) for own, over in parents(db).items())

    def ground(self, expert: ExpertRow, case: Case) -> str:
        """Return why an expert may not judge a case, empty when nothing speaks against it.

        Where the expert works as told counts as much as memberships; who applied or recommended may be neither side.
        """
        own = self._now({*self._places.get(expert.account_key, ()), expert.organisation_key})
        sides = self._now({case.need.organisation_key, case.offer.organisation_key, case.row.organisation_key})
        if own & sides:
            return "same_organisation"
        if any(not sides.isdisjoint(self._groups.get(key, ())) for key in own):
            return "same_group"
        wrote = self._matchmakers.get((case.need.key, case.offer.key), ())
        return "was_matchmaker" if expert.account_key in wrote else ""

    def _now(self, keys: set[int]) -> set[int]:
        """Return the organisations that stand for these, some of which may have been merged."""
        return {self._stands(key) for key in keys if key}

    def _stands(self, key: int) -> int:
        return self._merged.get(key, key)
