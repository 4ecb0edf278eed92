"""Counts whom pages show, without slowing them, and reports how evenly capabilities come to be seen."""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np

from marketplace.access import ADMIN, AUDITOR, EXPERT, MATCHMAKER, REVIEWER, SECURITY, Viewer, require
from marketplace.cards import card_of
from marketplace.desk import DeskKeeper
from marketplace.insight.pages import ExposureLine, ExposurePage
from marketplace.settings import MarketSettings
from marketplace.store import PostingRow
from marketplace.store.insight import Counter, first_exposure_day, shown_between
from matching import Capability, Side

LIST, SEARCH, OPPORTUNITY = "list", "search", "opportunity"
PLACES = {LIST: "能力清单", SEARCH: "综合搜索", OPPORTUNITY: "场景机会页的匹配结果"}
PERIODS = (30, 90, 365)
# Who works on the lists does not make a need wanted by opening it.
_STAFF = (MATCHMAKER, REVIEWER, EXPERT, ADMIN, SECURITY, AUDITOR)
_PAUSE_S = 2.0
_UNSEEN_SHOWN = 100


class ExposureBook:
    """Keeps counts in memory for a moment and writes them together, when nobody else is writing."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings
        self._lock = threading.Lock()
        self._shown: Tally[tuple[int, str, str]] = Tally()
        self._views: Tally[tuple[int, str]] = Tally()
        self._counter: Counter | None = None
        self._written = 0.0
        atexit.register(self._finish)

    def note(self, viewer: Viewer, place: str, capability_keys: Iterable[int] = (), opened: int = 0) -> None:
        """Count the capabilities a page has shown to others than their own people, and the need it was about.

        At most one short transaction; while somebody else writes the counts wait for a later page.
        """
        day, postings = date.today().isoformat(), self._keeper.desk().postings
        shown = [
            key for key in capability_keys
            if (row := postings.get(key)) is not None and not viewer.owns(row.organisation_key)
        ]  # fmt: skip
        need = postings.get(opened)
        outside = need is not None and not viewer.owns(need.organisation_key) and not viewer.has(*_STAFF)
        with self._lock:
            self._shown.update((key, day, place) for key in shown)
            if outside:
                self._views[opened, day] += 1
        if time.monotonic() - self._written >= _PAUSE_S:
            self.write()

    def write(self) -> bool:
        """Write what was counted; return False when it has to wait because somebody else is writing."""
        with self._lock:
            if not self._shown and not self._views:
                return True
            if self._counter is None:
                self._counter = Counter(self._settings.database)
            self._written = time.monotonic()
            if not self._counter.add(self._shown, self._views):
                return False
            self._shown.clear()
            self._views.clear()
            return True

    def page(self, viewer: Viewer, days: int = PERIODS[0], *, today: date | None = None) -> ExposurePage:
        """Return how evenly the capabilities this viewer serves were shown over the last ``days``.

        Raises ForbiddenError for everyone but administrators and matchmakers.
        """
        require(viewer, ADMIN, MATCHMAKER)
        self.write()
        until = today or date.today()
        since = until - timedelta(days=days - 1)
        desk = self._keeper.desk()
        rows = [row for row in desk.side(Side.CAPABILITY) if _counts(viewer, row)]
        known = {row.key for row in rows}
        counts: dict[str, dict[int, int]] = {place: {} for place in PLACES}
        total: Tally[int] = Tally()
        for key, place, shown in shown_between(self._keeper.db, since.isoformat(), until.isoformat()):
            if key in known and place in counts:
                counts[place][key] = shown
                total[key] += shown
        unseen = [row for row in rows if not total[row.key]]
        fresh = [row for row in rows if (row.published_on or "") >= since.isoformat()]
        fresh_unseen = [row for row in fresh if not total[row.key]]
        each = [total[row.key] for row in rows]
        newest = sorted(unseen, key=lambda row: (row.published_on or "", row.posting.id), reverse=True)
        return ExposurePage(
            days, since.isoformat(), until.isoformat(), first_exposure_day(self._keeper.db), len(rows), len(unseen),
            _share(len(unseen), len(rows)), len(fresh), len(fresh_unseen), _share(len(fresh_unseen), len(fresh)),
            top_share(each), gini(each),
            tuple(
                ExposureLine(place, label, sum(counts[place].values()), len(counts[place]),
                             len(rows) - len(counts[place]))
                for place, label in PLACES.items()
            ),
            tuple(card_of(row, desk.key_years) for row in newest[:_UNSEEN_SHOWN]),
            self._settings.fairness.rotation_width,
        )  # fmt: skip

    def _finish(self) -> None:
        # A process that ends has nobody left to tell.
        with contextlib.suppress(Exception):
            self.write()


def top_share(counts: Sequence[int]) -> float | None:
    """Return the share of all showings that fell to the most shown tenth (at least one), None without showings."""
    ordered = sorted(counts, reverse=True)
    return _share(sum(ordered[: max(1, len(ordered) // 10)]), sum(ordered))


def gini(counts: Sequence[int]) -> float | None:
    """Return how unevenly showings fell, 0 for evenly and near 1 for all to one; None without showings."""
    ordered = np.sort(np.array(counts, dtype=np.float64))
    if not len(ordered) or not ordered.sum():
        return None
    places = np.arange(1, len(ordered) + 1)
    return float((2 * (places * ordered).sum() / ordered.sum() - len(ordered) - 1) / len(ordered))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _counts(viewer: Viewer, row: PostingRow) -> bool:
    if viewer.has(ADMIN):
        return True
    posting = row.posting
    place = posting.district_or_city if isinstance(posting, Capability) else ""
    return viewer.serves(MATCHMAKER, row.region, place)
