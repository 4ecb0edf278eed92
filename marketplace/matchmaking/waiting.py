"""待撮合清单: published needs that nobody is being brought to, month by month, with whom to bring."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.access import MATCHMAKER, OF_DISTRICTS, REVIEWER, Viewer, require
from marketplace.audit import record_action
from marketplace.cards import card_of, correction_views, override_of
from marketplace.desk import Desk, DeskKeeper
from marketplace.errors import BadRequestError
from marketplace.exporting.outputs import MEDIA_TYPES, OutputFile
from marketplace.matchmaking.cards import questions_of, tally_of
from marketplace.matchmaking.pages import Stretch, Waiting, WaitingCandidate, WaitingPage
from marketplace.matchmaking.waiting_file import waiting_workbook
from marketplace.sight import Sight
from marketplace.store import MatchRow, PostingRow
from marketplace.store.database import transaction
from marketplace.store.matches import matches_of_pairs
from marketplace.store.waiting import attempts, best_pairs, needs_cared_for
from matching import Band, Opportunity

BEST = 3
# Some of the best may be off the lists, or have been tried: look a little further than is shown.
_LOOK = 12
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_SHOWN_MONTHS = 12
_GOOD = (Band.STRONG, Band.GOOD)
MATCHED, UNMATCHED = "matched", "unmatched"
# What counts, printed beneath the list.
NOTES = (
    "列入本清单的：您负责区域内、月末（本月为今天）前已发布，目前仍在清单中，且当时没有进行中或已落地对接的场景机会。",
    "当时处于“搁置”的对接不算进行中；“未成”的次数不含误建后撤销的对接，未成过的一对不再列为候选。",
    "等待天数自发布之日算至月末（本月为今天）；候选能力按今天的匹配结果列出，每条最多 "
    f"{BEST} 项，撮合员更正过档次的以更正为准。",
    "最合适的候选达到“较匹配”及以上的，列入“有候选能力”，其余列入“没有合适能力”。",
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A need that waits, with the keys of its best candidates."""

    need: PostingRow
    days: int
    tried: int
    offers: tuple[int, ...]


class WaitingList:
    """Needs without a pairing under way or landed, in the districts of a matchmaker or reviewer."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def page(self, viewer: Viewer, month: str = "", stretch: Stretch | None = None) -> WaitingPage:
        """Return the list as of the end of a month, of today for the present one or when none is named.

        Candidates are today's; a need that was taken off since is not on it. All of it, or one page of one part; past
        the end is the last one. Raises BadRequestError for what is no month, or one that lies ahead.
        """
        require(viewer, MATCHMAKER, REVIEWER)
        today = date.today()
        day = _last_day(month, today)
        # The month ends at midnight in Beijing.
        until = f"{day}T15:59:59Z" if day < today else f"{today + timedelta(days=1)}T00:00:00Z"
        parts = self._parts(viewer, day, until)
        totals, number, pages = {part: len(lines) for part, lines in parts.items()}, 1, 1
        if stretch is not None:
            pages = max(1, math.ceil(totals[stretch.part] / stretch.size))
            number = min(max(1, stretch.number), pages)
            shown = parts[stretch.part][(number - 1) * stretch.size : number * stretch.size]
            parts = {part: shown if part == stretch.part else [] for part in parts}
        full = self._full([line for lines in parts.values() for line in lines])
        matched, unmatched = (tuple(full[line.need.key] for line in parts[part]) for part in (MATCHED, UNMATCHED))
        return WaitingPage(
            f"{day:%Y-%m}", day.isoformat(), _months(today), matched, unmatched, totals, number, pages, NOTES
        )

    def _parts(self, viewer: Viewer, day: date, until: str) -> dict[str, list[_Line]]:
        """Return what waits by part, longest first, without anything that only a shown need asks for."""
        db, desk, sight = self._keeper.db, self._keeper.desk(), Sight(viewer)
        cared, tried = needs_cared_for(db, until), attempts(db, until)
        needs = [row for row in desk.postings.values() if _waits(row, viewer, day) and row.key not in cared]
        found = best_pairs(db, [row.key for row in needs], _LOOK)
        failed = Counter[int]()
        for (key, _), count in tried.items():
            failed[key] += count
        parts: dict[str, list[_Line]] = {MATCHED: [], UNMATCHED: []}
        for row in sorted(needs, key=lambda one: (-_days(one, day), one.posting.id)):
            fresh = [
                (offer, band) for offer, band in found.get(row.key, [])
                if offer in desk.postings and (row.key, offer) not in tried and sight.pair(row, desk.postings[offer])
            ][:BEST]  # fmt: skip
            part = MATCHED if fresh and fresh[0][1] in _GOOD else UNMATCHED
            parts[part].append(_Line(row, _days(row, day), failed[row.key], tuple(offer for offer, _ in fresh)))
        return parts

    def _full(self, lines: Sequence[_Line]) -> dict[int, Waiting]:
        """Return needs with all that is shown of them and of their candidates, by key."""
        desk = self._keeper.desk()
        found = matches_of_pairs(self._keeper.db, [(one.need.key, offer) for one in lines for offer in one.offers])
        return {
            one.need.key: Waiting(
                card_of(one.need, desk.key_years), one.days, one.tried,
                tuple(
                    _candidate(desk, one.need, found[one.need.key, offer])
                    for offer in one.offers if (one.need.key, offer) in found
                ),
            )
            for one in lines
        }  # fmt: skip

    def file(self, viewer: Viewer, month: str = "") -> OutputFile:
        """Return the list as a workbook with both parts; the export is on record.

        Raises BadRequestError as the page does.
        """
        page = self.page(viewer, month)
        content = waiting_workbook(page)
        with transaction(self._keeper.db) as db:
            count = sum(page.totals.values())
            record_action(db, viewer, "export.made", "posting", 清单="待撮合清单", 月份=page.month, 条数=count)
        name, plain = f"待撮合清单-{page.month}.xlsx", f"waiting-{page.month}.xlsx"
        return OutputFile(name, plain, MEDIA_TYPES["xlsx"], io.BytesIO(content), len(content))


def _waits(row: PostingRow, viewer: Viewer, day: date) -> bool:
    posting = row.posting
    if not isinstance(posting, Opportunity) or (row.published_on or "") > day.isoformat():
        return False
    return any(viewer.serves(role, row.region, posting.district) for role in OF_DISTRICTS)


def _days(need: PostingRow, day: date) -> int:
    """How long a need has waited by a day."""
    return max(0, (day - date.fromisoformat(need.published_on)).days) if need.published_on else 0


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
