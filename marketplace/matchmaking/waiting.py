"""待撮合清单: published needs that nobody is being brought to, month by month, with whom to bring."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import date, timedelta

from marketplace.access import MATCHMAKER, OF_DISTRICTS, REVIEWER, Viewer, require
from marketplace.audit import record_action
from marketplace.cards import card_of, correction_views, override_of
from marketplace.desk import Desk, DeskKeeper
from marketplace.errors import BadRequestError
from marketplace.exporting.outputs import MEDIA_TYPES, OutputFile
from marketplace.matchmaking.cards import questions_of, tally_of
from marketplace.matchmaking.pages import Waiting, WaitingCandidate, WaitingPage
from marketplace.matchmaking.waiting_file import waiting_workbook
from marketplace.sight import Sight
from marketplace.store import MatchRow, PostingRow
from marketplace.store.database import transaction
from marketplace.store.waiting import attempts, best_matches, needs_cared_for
from matching import Band, Opportunity

BEST = 3
# Some of the best may be off the lists, or have been tried: look a little further than is shown.
_LOOK = 12
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_SHOWN_MONTHS = 12
_GOOD = (Band.STRONG, Band.GOOD)


class WaitingList:
    """Needs without a pairing under way or landed, in the districts of a matchmaker or reviewer."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def page(self, viewer: Viewer, month: str = "") -> WaitingPage:
        """Return the list as of the end of a month, of today for the present one or when none is named.

        Candidates are today's; a need that was taken off since is not on it. Raises BadRequestError for what is
        no month, or one that lies ahead.
        """
        require(viewer, MATCHMAKER, REVIEWER)
        today = date.today()
        day = _last_day(month, today)
        # The month ends at midnight in Beijing.
        until = f"{day}T15:59:59Z" if day < today else f"{today + timedelta(days=1)}T00:00:00Z"
        db, desk = self._keeper.db, self._keeper.desk()
        cared, tried = needs_cared_for(db, until), attempts(db, until)
        needs = [row for row in desk.postings.values() if _waits(row, viewer, day) and row.key not in cared]
        found = best_matches(db, [row.key for row in needs], _LOOK)
        sight = Sight(viewer)
        lines = [_line(desk, sight, row, found.get(row.key, []), tried, day) for row in needs]
        lines.sort(key=lambda one: (-one.days, one.opportunity.posting.id))
        good = [one for one in lines if one.candidates and one.candidates[0].band in _GOOD]
        rest = [one for one in lines if not (one.candidates and one.candidates[0].band in _GOOD)]
        return WaitingPage(f"{day:%Y-%m}", day.isoformat(), _months(today), tuple(good), tuple(rest))

    def file(self, viewer: Viewer, month: str = "") -> OutputFile:
        """Return the list as a workbook with both parts; the export is on record.

        Raises BadRequestError as the page does.
        """
        page = self.page(viewer, month)
        content = waiting_workbook(page)
        with transaction(self._keeper.db) as db:
            count = len(page.matched) + len(page.unmatched)
            record_action(db, viewer, "export.made", "posting", 清单="待撮合清单", 月份=page.month, 条数=count)
        name, plain = f"待撮合清单-{page.month}.xlsx", f"waiting-{page.month}.xlsx"
        return OutputFile(name, plain, MEDIA_TYPES["xlsx"], io.BytesIO(content), len(content))


def _waits(row: PostingRow, viewer: Viewer, day: date) -> bool:
    posting = row.posting
    if not isinstance(posting, Opportunity) or (row.published_on or "") > day.isoformat():
        return False
    return any(viewer.serves(role, row.region, posting.district) for role in OF_DISTRICTS)


def _line(
    desk: Desk, sight: Sight, need: PostingRow, matches: Iterable[MatchRow], tried: dict[tuple[int, int], int],
    day: date,
) -> Waiting:  # fmt: skip
    fresh = [
        row for row in matches
        if (offer := desk.postings.get(row.capability_key)) is not None
        and (need.key, offer.key) not in tried and sight.pair(need, offer)
    ]  # fmt: skip
    days = (day - date.fromisoformat(need.published_on)).days if need.published_on else 0
    count = sum(number for (key, _), number in tried.items() if key == need.key)
    return Waiting(
        card_of(need, desk.key_years), max(0, days), count, tuple(_candidate(desk, need, row) for row in fresh[:BEST])
    )


def _candidate(desk: Desk, need: PostingRow, row: MatchRow) -> WaitingCandidate:
    return WaitingCandidate(
        card_of(desk.postings[row.capability_key], desk.key_years), row.score, row.band,
        override_of(correction_views(row)), tally_of(row), questions_of(need, row),
    )  # fmt: skip


def _last_day(month: str, today: date) -> date:
    """Return the last day of a month, today for the present one."""
    if not month:
        return today
    if not _MONTH.fullmatch(month) or month < "2000-01":
        raise BadRequestError(f"“月份”：发现“{month[:20]}”；应为：如 {today:%Y-%m} 这样的月份。")
    if month > f"{today:%Y-%m}":
        raise BadRequestError(f"“月份”：发现“{month}”，还没有到；应为：不晚于 {today:%Y-%m} 的月份。")
    year, number = int(month[:4]), int(month[5:])
    following = date(year + number // 12, number % 12 + 1, 1)
    return min(today, following - timedelta(days=1))


def _months(today: date) -> tuple[str, ...]:
    first = today.replace(day=1)
    found = []
    for _ in range(_SHOWN_MONTHS):
        found.append(f"{first:%Y-%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    return tuple(found)
