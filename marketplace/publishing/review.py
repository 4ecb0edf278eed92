"""The reviewers' desk: what waits, what changed in it, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.access import REVIEWER, Viewer, require
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, RefusedError, StaleError
from marketplace.finder import Finder
from marketplace.publishing.checking import check_draft
from marketplace.publishing.deciding import (
    ask_second,
    refusal_of,
    tell_passed,
    tell_returned,
    write_approval,
    write_return,
)
from marketplace.publishing.diffs import field_changes, values_of
from marketplace.publishing.fairness import personal_hints
from marketplace.publishing.lines import draft_lines, review_notes
from marketplace.publishing.pages import QueuePage, ReviewPage, ReviewQuery
from marketplace.publishing.quality import check_quality
from marketplace.publishing.queue import queue_page
from marketplace.publishing.reach import Likeness, Outlook, same_titles, seen_by
from marketplace.publishing.reading import ASSIGNED, read_so_far
from marketplace.publishing.rights import served_draft
from marketplace.publishing.states import APPROVED, DRAFT_STATES, IN_QUEUE, SECOND, WAITING
from marketplace.publishing.together import Decided, Pick, approve_together, return_together
from marketplace.records import PostingRecord
from marketplace.settings import MarketSettings
from marketplace.store.database import transaction
from marketplace.store.drafts import DraftRow
from marketplace.store.postings import load_rows
from marketplace.terms import TermDesk

MAX_REASON = 1000
ALL_WAITING = ReviewQuery()


class ReviewDesk:
    """Texts of the reviewer's districts; nobody decides on a text of their own."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings, finder: Finder | None = None) -> None:
        self._keeper, self._two_step = keeper, bool(settings.publishing.two_step_review)
        self._terms = TermDesk(keeper, settings)
        self._outlook = Outlook(keeper, settings, finder) if finder is not None else None

    def queue(self, viewer: Viewer, query: ReviewQuery = ALL_WAITING) -> QueuePage:
        """Return one page of the texts that wait, longest waiting first; a page past the end is the last."""
        require(viewer, REVIEWER)
        return queue_page(
            self._keeper.db, self._keeper.desk(), viewer, query, self._terms.book(), two_step=self._two_step
        )

    def draft_page(self, viewer: Viewer, key: int) -> ReviewPage:
        """Return a text beside the last published one, with hints and what may be decided.

        Raises NotFoundError outside the reviewer's districts.
        """
        require(viewer, REVIEWER)
        db = self._keeper.db
        row = served_draft(db, viewer, key)
        book = self._terms.book()
        _, faults = check_draft(db, row, book)
        record = read_so_far(row.side, row.values, book)
        stored = load_rows(db, [row.posting_key]) if row.posting_key else []
        before = values_of(stored[0].posting) if stored else {}
        refusal = refusal_of(viewer, row)
        open_to = not refusal
        return ReviewPage(
            line=draft_lines(db, [row])[0],
            stamp=row.stamp,
            posting_key=row.posting_key if stored else 0,
            changes=field_changes(row.side, before, _as_read(row, record), without=ASSIGNED),
            contact_given=bool(row.sealed),
            faults=tuple(fault for fault in faults if fault.blocking),
            hints=(*(fault for fault in faults if not fault.blocking), *personal_hints(row.side, row.values)),
            quality=check_quality(record),
            duplicates=seen_by(viewer, self._keeper.desk(), self._duplicates(record, row)),
            notes=review_notes(db, draft_key=key),
            refusal=refusal,
            two_step=self._two_step,
            may_approve=open_to and row.state in WAITING,
            may_return=open_to and row.state in IN_QUEUE,
            may_publish=row.state == APPROVED,
        )

    def approve(self, viewer: Viewer, key: int, *, secrecy_checked: bool, stamp: int) -> str:
        """Pass a text on, to the second reviewer where two are needed; return its new state.

        Raises RefusedError without the secrecy check or for a text of one's own, FaultyError when it can no
        longer be published, StaleError when it was changed since ``stamp`` was read.
        """
        db = self._keeper.db
        row = self._decidable(viewer, key, WAITING, stamp)
        if not secrecy_checked:
            raise RefusedError("请先完成保密审查并勾选“已按规定完成保密审查”。")
        record, faults = check_draft(db, row, self._terms.book())
        if record is None:
            blocking = tuple(fault for fault in faults if fault.blocking)
            raise FaultyError("内容还有问题，不能通过；请退回修改。", blocking)
        with transaction(db):
            state = write_approval(db, viewer, row, two_step=self._two_step)
            if not state:
                raise StaleError(_changed(row))
            if state == SECOND:
                ask_second(db, viewer, [row])
            else:
                tell_passed(db, viewer, [row])
        return state

    def approve_many(self, viewer: Viewer, picks: Sequence[Pick], *, covered: int) -> Decided:
        """Pass texts of one page on in one go; ``covered`` is how many the secrecy check was given for, 0 for none.

        Texts this reviewer may not pass are left and named. Raises RefusedError when it was given for another
        number of texts, for more than a page, or when none can be passed.
        """
        require(viewer, REVIEWER)
        return approve_together(
            self._keeper.db, viewer, picks, self._terms.book(), covered=covered, two_step=self._two_step
        )

    def return_(self, viewer: Viewer, key: int, *, reason: str, stamp: int) -> None:
        """Send a text back to its author, who learns why.

        Raises RefusedError without a reason or for a text of one's own, StaleError as ``approve`` does.
        """
        db = self._keeper.db
        row = self._decidable(viewer, key, IN_QUEUE, stamp)
        why = _why(reason)
        with transaction(db):
            if not write_return(db, viewer, row, why):
                raise StaleError(_changed(row))
            tell_returned(db, viewer, [row], why)

    def return_many(self, viewer: Viewer, picks: Sequence[Pick], *, reason: str) -> Decided:
        """Send texts of one page back with one reason, in one go.

        Texts this reviewer may not decide on are left and named. Raises RefusedError without a reason, for more
        than a page, or when none can be sent back.
        """
        require(viewer, REVIEWER)
        return return_together(self._keeper.db, viewer, picks, _why(reason))

    def _decidable(self, viewer: Viewer, key: int, states: tuple[str, ...], stamp: int) -> DraftRow:
        require(viewer, REVIEWER)
        row = served_draft(self._keeper.db, viewer, key)
        if row.state not in states:
            raise RefusedError(f"“{row.title}”的状态是“{DRAFT_STATES[row.state]}”，现在不能这样处理。")
        refusal = refusal_of(viewer, row)
        if refusal:
            raise RefusedError(refusal)
        if row.stamp != stamp:
            raise StaleError(_changed(row))
        return row

    def _duplicates(self, record: PostingRecord, row: DraftRow) -> tuple[Likeness, ...]:
        posting = record.to_posting(posting_id=f"draft-{row.key}")
        if self._outlook is not None:
            return self._outlook.of(posting, row.posting_key)[1]
        return same_titles(self._keeper.desk(), posting, row.posting_key)


def _as_read(row: DraftRow, record: PostingRecord) -> dict[str, Any]:
    """The values of a draft as they will be published where they can be read, as typed elsewhere."""
    read = values_of(record.to_posting(posting_id=record.id or "-"))
    return dict(row.values) | {name: value for name, value in read.items() if name in row.values}


def _why(reason: str) -> str:
    """The reason as it is kept; raises RefusedError for none."""
    why = reason.strip()[:MAX_REASON]
    if not why:
        raise RefusedError("请填写退回原因，让填写人知道改什么。")
    return why


def _changed(row: DraftRow) -> str:
    return f"“{row.title}”在您打开之后有了变化，没有处理；请看过最新内容再决定。"
