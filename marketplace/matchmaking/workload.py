"""Who carries how much, and the points of a year by a rule that is printed beside them."""

from __future__ import annotations

from datetime import date

from marketplace.access import MATCHMAKER, Viewer, require
from marketplace.desk import DeskKeeper
from marketplace.matchmaking.pages import Load, WorkloadPage
from marketplace.stages import BUILDING, CONTACTED, LANDED, MEETING, SIGNED, STAGES, UNASSIGNED
from marketplace.store.desk_lists import loads, role_holders

REVISIT = "revisit"
# Points for each pairing that reached a stage in the year, and for each revisit made. Declared, and printed.
POINTS = {CONTACTED: 1, MEETING: 2, SIGNED: 5, BUILDING: 2, LANDED: 10, REVISIT: 1}
LABELS = STAGES | {REVISIT: "回访"}
FIRST_YEAR = 2020
_SHOWN_YEARS = 5


class WorkloadBook:
    """Workload and points of matchmakers, whom offices also call 联络员 and 技术经理人."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def page(self, viewer: Viewer, year: int | None = None) -> WorkloadPage:
        """Return what everyone carries now and the points of a year, this year unless said otherwise."""
        require(viewer, MATCHMAKER)
        today, db = date.today(), self._keeper.db
        asked = min(max(FIRST_YEAR, year or today.year), today.year)
        # A year begins at midnight in Beijing, eight hours before UTC's.
        since, until = (f"{one - 1}-12-31T16:00:00Z" for one in (asked, asked + 1))
        names = role_holders(db, MATCHMAKER)
        found = {key: rest for key, *rest in loads(db, today.isoformat(), since, until, (str(asked), str(asked + 1)))}
        lines = [
            _load(key, names.get(key, UNASSIGNED if key == 0 else "（已不任撮合员）"), *found.get(key, (0, 0, {})))
            for key in dict.fromkeys([*names, *found])
        ]
        ordered = sorted(lines, key=lambda one: (one.account_key == 0, -one.points, -one.open, one.name))
        years = tuple(range(today.year, max(FIRST_YEAR, today.year - _SHOWN_YEARS), -1))
        rule = tuple((LABELS[stage], points) for stage, points in POINTS.items())
        return WorkloadPage(asked, years, tuple(ordered), rule)


def _load(key: int, name: str, count: int, overdue: int, reached: dict[str, int]) -> Load:
    told = tuple((stage, reached.get(stage, 0)) for stage in POINTS)
    points = sum(POINTS[stage] * number for stage, number in told) if key else 0
    return Load(key, name, count, overdue, told, points)
