"""The funnel from publication to use: figures, tables, the needs behind each number, and the sheet for superiors."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np

from marketplace.access import ADMIN, MATCHMAKER, OF_DISTRICTS, PUBLISHER, REVIEWER, Viewer, require
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.exporting import OutputFile
from marketplace.exporting.outputs import MEDIA_TYPES
from marketplace.insight.behind import needs_behind
from marketplace.insight.counting import NOBODY, Facts, by_group, by_matchmaker, elapsed, gather, median, reached, waits
from marketplace.insight.journal import NEVER, Journal
from marketplace.insight.ledger import CUTS, Ledger, read_ledger
from marketplace.insight.pages import Choice, FunnelCut, FunnelList, FunnelPage, FunnelQuery, FunnelRow, FunnelStep
from marketplace.insight.sheet import funnel_workbook
from marketplace.insight.steps import CODES, CONTACTED, NOTES, STEPS
from marketplace.settings import MarketSettings
from marketplace.stages import UNASSIGNED
from marketplace.store.database import transaction
from marketplace.store.funnel import NeedTuple

MAY_COUNT = (MATCHMAKER, REVIEWER, ADMIN, PUBLISHER)


class FunnelRoom:
    """Counts for matchmakers and reviewers their districts, for administrators all, for agencies their own needs."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings, self._journal = keeper, settings, Journal()

    def page(self, viewer: Viewer, query: FunnelQuery, *, today: date | None = None) -> FunnelPage:
        """Return the funnel with its tables. Raises ForbiddenError for other roles."""
        day = today or date.today()
        ledger, own_only = self._ledger(viewer, day), _own_only(viewer)
        facts = gather(ledger, query, day)
        whole = _row("", "合计", reached(facts.reach), int(facts.stale.sum()))
        cuts = tuple(FunnelCut(name, label, _rows(facts, name)) for name, label in CUTS.items())
        if not own_only:
            cuts = (*cuts, FunnelCut("matchmaker", "撮合员", _matchmaker_rows(facts)))
        # What happened within some months may concern needs that were published before them.
        dated = gather(ledger, replace(query, since="", until=""), day) if query.since or query.until else facts
        steps, choices = _steps(facts, dated, query), _choices(ledger, own_only)
        return FunnelPage(query, steps, whole, cuts, choices, NOTES, day.isoformat(), own_only)

    def needs(
        self, viewer: Viewer, query: FunnelQuery, step: str, part: str, page: int = 1, *, today: date | None = None
    ) -> FunnelList:
        """Return a page of the needs behind a number: those that came to a step, rest there, or stand still.

        ``part`` is reached, resting, stale (there) or stale_any. Raises NotFoundError for another
        step or part.
        """
        day = today or date.today()
        facts = gather(self._ledger(viewer, day), query, day)
        return needs_behind(self._keeper, viewer, facts, query, step, part, page)

    def workbook(
        self, viewer: Viewer, query: FunnelQuery, *, issuer: str = "", today: date | None = None
    ) -> OutputFile:
        """Return the sheet for superiors: by department with totals, then the other tables, then the notes."""
        page = self.page(viewer, query, today=today)
        content = funnel_workbook(page, issuer=issuer)
        with transaction(self._keeper.db) as db:
            record_action(db, viewer, "export.made", "funnel", 0, 内容="供需对接情况统计表", 条数=page.total.published)
        stem = page.made_on.replace("-", "")
        return OutputFile(
            f"场景供需对接情况统计表-{stem}.xlsx", f"funnel-{stem}.xlsx", MEDIA_TYPES["xlsx"], io.BytesIO(content),
            len(content),
        )  # fmt: skip

    def _ledger(self, viewer: Viewer, day: date) -> Ledger:
        require(viewer, *MAY_COUNT)
        return read_ledger(self._keeper.db, self._journal, day, _counts(viewer) if _limited(viewer) else None)


def _own_only(viewer: Viewer) -> bool:
    return not viewer.has(MATCHMAKER, REVIEWER, ADMIN)


def _limited(viewer: Viewer) -> bool:
    """Whether some needs are not this viewer's to count."""
    everywhere = any(role in viewer.roles and not viewer.districts.get(role) for role in OF_DISTRICTS)
    return not (viewer.has(ADMIN) or everywhere)


def _counts(viewer: Viewer) -> Callable[[NeedTuple], bool]:
    """Return whether a need is this viewer's to count; each place is looked at once."""
    known: dict[tuple[str, str], bool] = {}

    def counts(need: NeedTuple) -> bool:
        if need[1] and need[1] in viewer.publisher_of:
            return True
        place = (need[4], need[3])
        if place not in known:
            known[place] = any(viewer.serves(role, *place) for role in OF_DISTRICTS)
        return known[place]

    return counts


def _steps(facts: Facts, dated: Facts, query: FunnelQuery) -> tuple[FunnelStep, ...]:
    counts, paired = reached(facts.reach), reached(facts.pairing_reach)
    before, start = waits(facts.days), elapsed(facts.days)
    resting = np.bincount(facts.reach, minlength=len(CODES))
    still = np.bincount(facts.reach[facts.stale], minlength=len(CODES))
    first, last = _month_days(query)
    happened = ((dated.days >= first) & (dated.days < last)).sum(axis=0)
    return tuple(
        FunnelStep(
            code, label, counts[step], paired[step] if step >= CONTACTED else None,
            counts[step] / counts[step - 1] if step and counts[step - 1] else None,
            counts[step] / counts[0] if step and counts[0] else None,
            median(before[:, step]) if step else None, median(start[:, step]) if step else None,
            int(resting[step]), int(still[step]), int(happened[step]),
        )
        for step, (code, label) in enumerate(STEPS.items())
    )  # fmt: skip


def _month_days(query: FunnelQuery) -> tuple[int, int]:
    """Return the first day of the months asked for and the day after them, as days since 1970."""
    first = int(np.datetime64(f"{query.since}-01", "D").astype(np.int64)) if query.since else -NEVER
    if not query.until:
        return first, NEVER
    return first, int((np.datetime64(query.until, "M") + 1).astype("M8[D]").astype(np.int64))


def _rows(facts: Facts, name: str) -> tuple[FunnelRow, ...]:
    """Return a line for each group with needs, the largest first; months stand newest first."""
    groups = facts.ledger.groups[name]
    table, still = by_group(groups.codes[facts.places], len(groups.values), facts.reach, facts.stale)
    rows = [
        _row(value, label, list(map(int, line)), int(late))
        for value, label, line, late in zip(groups.values, groups.labels, table, still, strict=True)
        if line[0]
    ]
    if name == "month":
        return tuple(sorted(rows, key=lambda row: row.value, reverse=True))
    return tuple(sorted(rows, key=lambda row: (-row.published, row.label, row.value)))


def _matchmaker_rows(facts: Facts) -> tuple[FunnelRow, ...]:
    maker, reach, late = by_matchmaker(facts)
    makers, codes = np.unique(maker, return_inverse=True)
    table, still = by_group(codes.astype(np.int64), len(makers), reach, late)
    rows = [
        _row(str(key or NOBODY), _maker_name(facts.ledger, key), list(map(int, line)), int(one))
        for key, line, one in zip(map(int, makers), table, still, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.published, row.label, row.value)))


def _row(value: str, label: str, counts: list[int], stale: int) -> FunnelRow:
    published, viewed, contacted, met, signed, landed, running = counts
    return FunnelRow(value, label, published, viewed, contacted, met, signed, landed, running, stale)


def _maker_name(ledger: Ledger, key: int) -> str:
    return ledger.makers.get(key, f"账号 {key}") if key else UNASSIGNED


def _choices(ledger: Ledger, own_only: bool) -> dict[str, tuple[Choice, ...]]:
    """Return what the filters offer: everything the viewer may count, whatever is chosen now."""
    found: dict[str, tuple[Choice, ...]] = {}
    for name, groups in ledger.groups.items():
        ordered = sorted(zip(groups.labels, groups.values, strict=True), reverse=name == "month")
        found[name] = tuple(Choice(value, label) for label, value in ordered)
    people = sorted((name, str(key)) for key, name in ledger.makers.items())
    makers = (*(Choice(value, label) for label, value in people), Choice(str(NOBODY), UNASSIGNED))
    found["matchmaker"] = () if own_only else makers
    return found
