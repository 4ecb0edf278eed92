"""Keeps the match table current: a changed posting moves only its own row and column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import numpy as np

from marketplace.store import MatchRow
from marketplace.store.changes import Change, changes_after, last_change, read_value, write_value
from marketplace.store.database import Database, snapshot_read, transaction
from marketplace.store.matches import (
    load_snapshot,
    lowest_kept,
    pack_matches,
    replace_all,
    replace_matches,
    save_snapshot,
    save_teams,
    teams_with,
)
from marketplace.store.matchmaking import overridden_pairs
from marketplace.store.postings import load_rows, load_vectors
from matching import RECIPE_VERSION, CrossMatch, Engine, Prepared, Side, Snapshot, VerdictKind, prepare

DEPTH = 50
RENEW_SHARE = 0.05
RENEW_AGE = timedelta(days=1)
MATCHED, MEASURED, SCORED_WITH = "matched_through", "measured_through", "scored_with"


class MatchKeeper:
    """Scores what changed since the last run, or everything when the statistics are out of date."""

    def __init__(self, db: Database, engine: Engine) -> None:
        self._db, self._engine = db, engine

    def run(self, say: Callable[[str], None] = lambda _: None, *, renew: bool = False) -> int:
        """Bring the match table up to the newest change; return how many postings were scored.

        With ``renew`` a new snapshot is measured and everything is scored again.
        """
        with snapshot_read(self._db):
            newest, seen = last_change(self._db), int(read_value(self._db, MATCHED) or 0)
            changes = changes_after(self._db, seen)
            current = load_snapshot(self._db)
            moved = len(changes_after(self._db, int(read_value(self._db, MEASURED) or 0)))
            lists = self._load()
            scored_with = read_value(self._db, SCORED_WITH)
        total = sum(map(len, lists.values()))
        stale = current is None or scored_with != self._method() or self._outdated(current, moved, total)
        if not all(lists.values()):
            self._store_nothing(newest)
            return 0
        if renew or (changes and stale) or scored_with != self._method():
            self._rescore(lists, newest, say)
            return total
        if changes and current is not None:
            self._rescore_changed(lists, changes, current[3], newest, say)
        return len(changes)

    def _outdated(self, current: tuple[int, str, int, Snapshot], changed: int, total: int) -> bool:
        _, created, counted, _ = current
        age = datetime.now(UTC) - datetime.fromisoformat(created)
        return (
            changed > RENEW_SHARE * max(1, counted) or abs(total - counted) > RENEW_SHARE * counted or age > RENEW_AGE
        )

    def _method(self) -> str:
        engine = self._engine
        return f"{engine.encoder.fingerprint}/{RECIPE_VERSION}/{engine.model.version}"

    def _load(self) -> dict[Side, list[tuple[int, Prepared]]]:
        vectors = load_vectors(self._db, self._engine.encoder.fingerprint)
        stored = {side: [row for row in load_rows(self._db, side=side) if row.key in vectors] for side in Side}
        lists: dict[Side, list[tuple[int, Prepared]]] = {}
        if not all(stored.values()):
            # Cutting a long list into words takes long, and with nothing on the other side it is for nothing.
            return {side: [] for side in Side}
        for side, rows in stored.items():
            prepared = prepare(
                [row.posting for row in rows], [vectors[row.key] for row in rows], self._engine.segmenter
            )
            lists[side] = [(row.key, one) for row, one in zip(rows, prepared, strict=True)]
        return lists

    def _store_nothing(self, newest: int) -> None:
        with transaction(self._db):
            replace_all(self._db, [])
            write_value(self._db, MATCHED, str(newest))

    def _rescore(self, lists: dict[Side, list[tuple[int, Prepared]]], newest: int, say: Callable[[str], None]) -> None:
        needs, offers = lists[Side.OPPORTUNITY], lists[Side.CAPABILITY]
        snapshot = self._engine.measure([one for _, one in needs], [one for _, one in offers])
        cross = _Keyed(self._engine, needs, offers, snapshot, self._fingerprint(snapshot))
        rows = pack_matches(cross.best_rows(say))
        teams = cross.teams(say)
        with transaction(self._db):
            save_snapshot(self._db, snapshot, len(needs) + len(offers))
            replace_all(self._db, rows)
            # A pair with a matchmaker's band is kept, however the machine ranks it.
            replace_matches(self._db, [], Side.OPPORTUNITY, cross.rows_of(overridden_pairs(self._db, stored=False)))
            save_teams(self._db, teams)
            write_value(self._db, MATCHED, str(newest))
            write_value(self._db, MEASURED, str(newest))
            write_value(self._db, SCORED_WITH, self._method())

    def _rescore_changed(
        self,
        lists: dict[Side, list[tuple[int, Prepared]]],
        changes: list[Change],
        snapshot: Snapshot,
        newest: int,
        say: Callable[[str], None],
    ) -> None:
        touched = {side: [change.key for change in changes if change.side is side] for side in Side}
        fresh: dict[Side, list[MatchRow]] = {side: [] for side in Side}
        crosses: list[_Keyed] = []
        for side in Side:
            mine = [(key, one) for key, one in lists[side] if key in set(touched[side])]
            if not mine:
                continue
            pair = (mine, lists[side.other]) if side is Side.OPPORTUNITY else (lists[side.other], mine)
            cross = _Keyed(self._engine, *pair, snapshot, self._fingerprint(snapshot))
            crosses.append(cross)
            fresh[side] = list(cross.rows_worth_keeping(side, lowest_kept(self._db, side.other, DEPTH, touched[side])))
        unsettled = set(touched[Side.OPPORTUNITY]) | self._teams_touched(
            touched[Side.CAPABILITY], fresh[Side.CAPABILITY]
        )
        teams = self._teams(lists, unsettled, snapshot, say)
        with transaction(self._db):
            for side in Side:
                replace_matches(self._db, touched[side], side, [])
            pairs = {(row.opportunity_key, row.capability_key): row for side in Side for row in fresh[side]}
            replace_matches(self._db, [], Side.OPPORTUNITY, pairs.values())
            for cross in crosses:
                left_out = overridden_pairs(self._db, stored=False)
                replace_matches(self._db, [], Side.OPPORTUNITY, cross.rows_of(left_out))
            save_teams(self._db, teams)
            write_value(self._db, MATCHED, str(newest))

    def _teams_touched(self, capabilities: list[int], fresh: list[MatchRow]) -> set[int]:
        """Needs whose team holds a changed capability, or might now: it proves something for them."""
        met = {row.opportunity_key for row in fresh if any(v.kind is VerdictKind.MET for v in row.verdicts)}
        return met | teams_with(self._db, capabilities)

    def _teams(
        self,
        lists: dict[Side, list[tuple[int, Prepared]]],
        keys: set[int],
        snapshot: Snapshot,
        say: Callable[[str], None],
    ) -> dict[int, tuple[list[int], list[int], list[int]]]:
        needs = [(key, one) for key, one in lists[Side.OPPORTUNITY] if key in keys]
        if not needs:
            return {}
        return _Keyed(self._engine, needs, lists[Side.CAPABILITY], snapshot, "").teams(say)

    def _fingerprint(self, snapshot: Snapshot) -> str:
        return f"{self._method()}/{snapshot.fingerprint}"


class _Keyed:
    """A cross-match whose rows and columns are known by their stored keys."""

    def __init__(
        self,
        engine: Engine,
        needs: list[tuple[int, Prepared]],
        offers: list[tuple[int, Prepared]],
        snapshot: Snapshot,
        fingerprint: str,
    ) -> None:
        self._match: CrossMatch = engine.match([one for _, one in needs], [one for _, one in offers], snapshot)
        by_need, by_offer = ({one.id: key for key, one in rows} for rows in (needs, offers))
        self._need_keys = [by_need[one] for one in self._match.opportunity_ids]
        self._offer_keys = [by_offer[one] for one in self._match.capability_ids]
        self._fingerprint = fingerprint

    def best_rows(self, say: Callable[[str], None]) -> Iterable[MatchRow]:
        """Yield the union of the best of each row and of each column."""
        table = self._match.table
        kept = np.zeros(table.score.shape, bool)
        for need in range(len(self._need_keys)):
            kept[need, table.offers_for(need)[:DEPTH]] = True
        for offer in range(len(self._offer_keys)):
            kept[table.needs_for(offer)[:DEPTH], offer] = True
        total = int(kept.sum())
        for done, (need, offer) in enumerate(np.argwhere(kept), 1):
            yield self._row(int(need), int(offer))
            if done % 1000 == 0 or done == total:
                say(f"  已写出依据 {done}/{total} 对")

    def rows_worth_keeping(self, side: Side, lowest: dict[int, float]) -> Iterable[MatchRow]:
        """Yield the pairs of changed postings: their own best, and those good enough for the other side."""
        table = self._match.table
        keys = self._offer_keys if side is Side.OPPORTUNITY else self._need_keys
        count = len(self._need_keys) if side is Side.OPPORTUNITY else len(self._offer_keys)
        for own in range(count):
            order = table.offers_for(own) if side is Side.OPPORTUNITY else table.needs_for(own)
            for place, other in enumerate(order):
                need, offer = (own, other) if side is Side.OPPORTUNITY else (other, own)
                if place < DEPTH or round(table.score[need, offer], 6) >= lowest.get(keys[other], 0.0):
                    yield self._row(need, offer)

    def rows_of(self, pairs: Iterable[tuple[int, int]]) -> list[MatchRow]:
        """Return those of some pairs that are of these lists, whether or not they were candidates."""
        needs, offers = ({key: place for place, key in enumerate(keys)} for keys in (self._need_keys, self._offer_keys))
        return [self._row(needs[need], offers[offer]) for need, offer in pairs if need in needs and offer in offers]

    def teams(self, say: Callable[[str], None]) -> dict[int, tuple[list[int], list[int], list[int]]]:
        """Return the team of each need by stored keys."""
        place = dict(zip(self._match.capability_ids, self._offer_keys, strict=True))
        found = {}
        for need, key in enumerate(self._need_keys):
            team = self._match.team(need)
            found[key] = ([place[one] for one in team.members], list(team.covered), list(team.uncovered))
        say(f"  已组合联合体建议 {len(found)} 项")
        return found

    def _row(self, need: int, offer: int) -> MatchRow:
        table = self._match.table
        features = table.features[need, offer] if table.considered[need, offer] else None
        pair = self._match.ranker.pair(need, offer, features)
        return MatchRow(
            self._need_keys[need],
            self._offer_keys[offer],
            pair.score,
            pair.band,
            dict(pair.contributions),
            self._match.verdicts(need, offer),
            self._fingerprint,
        )
