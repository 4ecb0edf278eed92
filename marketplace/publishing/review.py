"""The reviewers' desk: what waits, what changed in it, and the decision."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from marketplace.access import REVIEWER, Viewer, require
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, RefusedError, StaleError
from marketplace.finder import Finder
from marketplace.notices import accounts_of, accounts_with, notify
from marketplace.publishing.checking import check_draft
from marketplace.publishing.diffs import field_changes, values_of
from marketplace.publishing.fairness import personal_hints
from marketplace.publishing.lines import draft_lines, review_notes
from marketplace.publishing.pages import QueueLine, QueuePage, ReviewPage, ReviewQuery
from marketplace.publishing.quality import check_quality
from marketplace.publishing.reach import Likeness, Outlook, same_titles
from marketplace.publishing.reading import ASSIGNED, read_so_far
from marketplace.publishing.rights import is_author, may_review, place_of, served_draft
from marketplace.publishing.states import (
    APPROVED,
    DRAFT_STATES,
    FIRST_PASS,
    PASSED,
    RETURNED,
    REVIEW,
    SECOND,
    SENT_BACK,
    WAITING,
)
from marketplace.records import PostingRecord
from marketplace.settings import MarketSettings
from marketplace.store import Database
from marketplace.store.database import now, transaction
from marketplace.store.drafts import DraftRow, load_drafts, move_draft
from marketplace.store.postings import load_rows
from marketplace.store.versions import add_event
from marketplace.terms import TermDesk
from matching import fold

PAGE = 50
IN_QUEUE = (*WAITING, APPROVED)
MAX_REASON = 1000
ALL_WAITING = ReviewQuery()
NOT_YOURS = "这份内容由您或您所属的单位填写，应由另一位审核员审核。"
NOT_TWICE = "您已做初审，复审应由另一位审核员进行。"


class ReviewDesk:
    """Texts of the reviewer's districts; nobody decides on a text of their own."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings, finder: Finder | None = None) -> None:
        self._keeper, self._rules = keeper, settings.publishing
        self._terms = TermDesk(keeper, settings)
        self._outlook = Outlook(keeper, settings, finder) if finder is not None else None

    def queue(self, viewer: Viewer, query: ReviewQuery = ALL_WAITING) -> QueuePage:
        """Return one page of the texts that wait, longest waiting first; a page past the end is the last."""
        require(viewer, REVIEWER)
        db = self._keeper.db
        served = [row for row in load_drafts(db, states=IN_QUEUE) if may_review(db, viewer, row)]
        wanted = WAITING if not query.state else (query.state,)
        kept = [row for row in served if row.state in wanted and query.side in (None, row.side)]
        if query.text.strip():
            words = fold(query.text)
            named = draft_lines(db, kept)
            kept = [row for row, line in zip(kept, named, strict=True)
                    if words in fold(f"{line.title} {line.organisation_name}")]  # fmt: skip
        pages = max(1, math.ceil(len(kept) / PAGE))
        page = min(max(1, query.page), pages)
        shown = kept[(page - 1) * PAGE : page * PAGE]
        book = self._terms.book()
        scored = [check_quality(read_so_far(row.side, row.values, book)).score for row in shown]
        lines = tuple(
            QueueLine(line, score, is_author(viewer, row))
            for row, line, score in zip(shown, draft_lines(db, shown), scored, strict=True)
        )
        return QueuePage(query, lines, Counter(row.state for row in served), len(kept), page, pages)

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
        refusal = self._refusal(viewer, row)
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
            duplicates=self._duplicates(record, row),
            notes=review_notes(db, draft_key=key),
            refusal=refusal,
            two_step=bool(self._rules.two_step_review),
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
        first = bool(self._rules.two_step_review) and row.state == REVIEW
        state = SECOND if first else APPROVED
        me, at = viewer.account_key, now()
        who = {"first_reviewer": me} if first else {"approved_by": me}
        with transaction(db):
            self._move(db, row, state, secrecy_by=me, secrecy_at=at, **who)
            add_event(db, FIRST_PASS if first else PASSED, draft_key=key, posting_key=row.posting_key,
                      account_key=me, note="已按规定完成保密审查")  # fmt: skip
            record_action(db, viewer, "draft.secrecy_checked", "draft", key, 标题=row.title)
            record_action(db, viewer, "draft.approved", "draft", key, 标题=row.title, 结果=DRAFT_STATES[state])
            if first:
                self._ask_second(db, viewer, row)
            else:
                _tell(db, viewer, row, f"“{row.title}”审核通过，等待发布", "")
        return state

    def return_(self, viewer: Viewer, key: int, *, reason: str, stamp: int) -> None:
        """Send a text back to its author, who learns why.

        Raises RefusedError without a reason or for a text of one's own, StaleError as ``approve`` does.
        """
        db = self._keeper.db
        row = self._decidable(viewer, key, IN_QUEUE, stamp)
        why = reason.strip()[:MAX_REASON]
        if not why:
            raise RefusedError("请填写退回原因，让填写人知道改什么。")
        cleared = {"first_reviewer": 0, "approved_by": 0, "secrecy_by": 0, "secrecy_at": ""}
        with transaction(db):
            self._move(db, row, RETURNED, **cleared)
            add_event(
                db, SENT_BACK, draft_key=key, posting_key=row.posting_key, account_key=viewer.account_key, note=why
            )  # fmt: skip
            record_action(db, viewer, "draft.returned", "draft", key, 标题=row.title, 原因=why)
            _tell(db, viewer, row, f"“{row.title}”被退回修改", f"原因：{why}")

    def _decidable(self, viewer: Viewer, key: int, states: tuple[str, ...], stamp: int) -> DraftRow:
        require(viewer, REVIEWER)
        row = served_draft(self._keeper.db, viewer, key)
        if row.state not in states:
            raise RefusedError(f"“{row.title}”的状态是“{DRAFT_STATES[row.state]}”，现在不能这样处理。")
        refusal = self._refusal(viewer, row)
        if refusal:
            raise RefusedError(refusal)
        if row.stamp != stamp:
            raise StaleError(_changed(row))
        return row

    @staticmethod
    def _refusal(viewer: Viewer, row: DraftRow) -> str:
        if is_author(viewer, row):
            return NOT_YOURS
        return NOT_TWICE if row.state == SECOND and row.first_reviewer == viewer.account_key else ""

    @staticmethod
    def _move(db: Database, row: DraftRow, state: str, **columns: object) -> None:
        if not move_draft(db, row, state, **columns):
            raise StaleError(_changed(row))

    def _ask_second(self, db: Database, viewer: Viewer, row: DraftRow) -> None:
        others = set(accounts_with(db, REVIEWER, *place_of(db, row))) - {viewer.account_key, row.author_key}
        notify(
            db, sorted(others), kind="review", title=f"“{row.title}”等待复审", link=f"/review/{row.key}",
            reason="您是该区域的审核员，初审已由另一位审核员完成。",
        )  # fmt: skip

    def _duplicates(self, record: PostingRecord, row: DraftRow) -> tuple[Likeness, ...]:
        posting = record.to_posting(posting_id=f"draft-{row.key}")
        if self._outlook is not None:
            return self._outlook.of(posting, row.posting_key)[1]
        return same_titles(self._keeper.desk(), posting, row.posting_key)


def _as_read(row: DraftRow, record: PostingRecord) -> dict[str, Any]:
    """The values of a draft as they will be published where they can be read, as typed elsewhere."""
    read = values_of(record.to_posting(posting_id=record.id or "-"))
    return dict(row.values) | {name: value for name, value in read.items() if name in row.values}


def _tell(db: Database, viewer: Viewer, row: DraftRow, title: str, body: str) -> None:
    readers = {row.author_key, *accounts_of(db, row.organisation_key)} - {0, viewer.account_key}
    notify(
        db, sorted(readers), kind="review", title=title, body=body, link=f"/drafts/{row.key}",
        reason="您填写了这份内容，或是其单位的成员。",
    )  # fmt: skip


def _changed(row: DraftRow) -> str:
    return f"“{row.title}”在您打开之后有了变化，没有处理；请看过最新内容再决定。"
