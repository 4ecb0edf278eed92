"""Texts being written: kept at every step, checked while they grow, sent to review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.access import REVIEWER, Viewer
from marketplace.audit import record_action
from marketplace.contacts import POSTING, ContactBook
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, RefusedError, StaleError
from marketplace.finder import Finder
from marketplace.notices import accounts_with, notify
from marketplace.publishing.checking import check_draft
from marketplace.publishing.clock import beijing, recall_until, seconds_since
from marketplace.publishing.history import history_page
from marketplace.publishing.lines import review_notes
from marketplace.publishing.mine import my_page, own_organisations, own_posting
from marketplace.publishing.pages import DraftPage, HistoryPage, MyPage, NewDraft, OwnOrganisation, OwnPosting
from marketplace.publishing.proposals import propose_requirements
from marketplace.publishing.quality import check_quality
from marketplace.publishing.reach import Outlook, seen_by
from marketplace.publishing.reading import DISTRICT_FIELD, ORGANISATION_FIELD, read_so_far
from marketplace.publishing.rights import NO_DRAFT, may_review, may_write, own_draft, place_of, writes_for
from marketplace.publishing.states import (
    APPROVED,
    DRAFT,
    DRAFT_STATES,
    EDITABLE,
    REVIEW,
    SUBMITTED,
    TAKEN_BACK,
    WAITING,
)
from marketplace.publishing.typed import MAX_TYPED, fixed_fields, merge_values, options_of, revised_values
from marketplace.records import FIELDS, PUBLISHER_TYPES
from marketplace.settings import MarketSettings
from marketplace.states import WITHDRAWN
from marketplace.store import Database
from marketplace.store.contacts import load_contacts
from marketplace.store.database import now, transaction
from marketplace.store.drafts import (
    DraftRow,
    account_names,
    delete_draft,
    draft_of_posting,
    insert_draft,
    load_draft,
    move_draft,
    organisation_facts,
    organisation_names,
    save_values,
)
from marketplace.store.postings import load_rows
from marketplace.store.versions import add_event
from marketplace.terms import TermDesk
from matching import Side

MOMENT_S = 10


class DraftBook:
    """The drafts of the viewer's organisations."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings, finder: Finder) -> None:
        self._keeper, self._settings, self._rules = keeper, settings, settings.publishing
        self._terms = TermDesk(keeper, settings)
        self._contacts = ContactBook(keeper, settings)
        self._outlook = Outlook(keeper, settings, finder)

    def new_page(self, viewer: Viewer, side: Side, organisation_key: int = 0) -> NewDraft:
        """Return for which organisations the viewer may begin a text of this list; a reviewer names one."""
        db = self._keeper.db
        own = tuple(one for one in own_organisations(db, viewer) if side in one.sides)
        facts = organisation_facts(db, organisation_key) if organisation_key and viewer.has(REVIEWER) else None
        if facts is not None and organisation_key not in {one.key for one in own}:
            own = (OwnOrganisation(organisation_key, facts[0], (side,)), *own)
        return NewDraft(side, own)

    def my_page(self, viewer: Viewer, page: int = 1) -> MyPage:
        """Return the drafts and published postings of the viewer's organisations; ``page`` counts from 1."""
        return my_page(self._keeper.db, viewer, self._settings, page)

    def posting_page(self, viewer: Viewer, posting_key: int) -> OwnPosting:
        """Return one posting in any state with what can be done about it.

        Raises NotFoundError for everyone but its organisation and the reviewers of its district.
        """
        return own_posting(self._keeper.db, viewer, posting_key, self._settings)

    def history(self, viewer: Viewer, posting_key: int, before: int = 0, after: int = 0) -> HistoryPage:
        """Return every published text of a posting and two of them compared, the newest two unless asked.

        Raises NotFoundError for everyone but its organisation and the reviewers of its district.
        """
        return history_page(self._keeper.db, viewer, posting_key, before, after)

    def create(self, viewer: Viewer, side: Side, organisation_key: int) -> int:
        """Begin a new text for an organisation; return the draft's key.

        A reviewer may begin one on behalf of any organisation. Raises NotFoundError for all others.
        """
        db = self._keeper.db
        facts = organisation_facts(db, organisation_key)
        member = writes_for(viewer, side, organisation_key)
        if facts is None or not (member or viewer.has(REVIEWER)):
            raise NotFoundError("没有找到这个单位，或当前账号不能为它填写这类清单。")
        name, kind, district = facts
        values = {ORGANISATION_FIELD[side]: name, DISTRICT_FIELD[side]: district}
        if side is Side.OPPORTUNITY and kind in PUBLISHER_TYPES:
            values["publisher_type"] = PUBLISHER_TYPES[kind]
        with transaction(db):
            key = insert_draft(
                db, side=side, values={name: text for name, text in values.items() if text},
                organisation_key=organisation_key, author_key=viewer.account_key, on_behalf=not member,
            )  # fmt: skip
            record_action(db, viewer, "draft.created", "draft", key, 单位=name)
        return key

    def from_posting(self, viewer: Viewer, posting_key: int) -> int:
        """Begin a revision of a published posting, or return the one that is open; the posting stays as it is.

        Raises NotFoundError for another organisation's, RefusedError for one that was withdrawn.
        """
        db = self._keeper.db
        rows = load_rows(db, [posting_key])
        if not rows or not writes_for(viewer, rows[0].posting.side, rows[0].organisation_key):
            raise NotFoundError("没有找到这条清单，可能是链接有误。")
        row = rows[0]
        if row.state == WITHDRAWN:
            raise RefusedError(f"“{row.posting.title}”已撤回，不能修订；请联系管理人员恢复。")
        _, sealed = load_contacts(db, POSTING, [posting_key]).get(posting_key, ("", ""))
        with transaction(db):
            open_draft = draft_of_posting(db, posting_key)
            if open_draft:
                return open_draft
            key = insert_draft(
                db, side=row.posting.side, values=revised_values(row.posting), external_id=row.posting.id,
                posting_key=posting_key, organisation_key=row.organisation_key, sealed=sealed,
                author_key=viewer.account_key,
            )  # fmt: skip
            record_action(db, viewer, "draft.created", "draft", key, 修订=row.posting.title)
        return key

    def save(self, viewer: Viewer, key: int, values: Mapping[str, Any], stamp: int) -> int:
        """Keep the fields given, as typed; return the new stamp. The same values write nothing.

        Raises StaleError naming who changed the draft since ``stamp`` and when, RefusedError while it is in
        review, NotFoundError for another organisation's.
        """
        db = self._keeper.db
        row = own_draft(db, viewer, key)
        _require_editable(row)
        merged, sealed = merge_values(row, values, self._contacts, self._name(row))
        if merged == dict(row.values) and sealed == row.sealed:
            return row.stamp
        if row.stamp != stamp and not _own_other_hand(viewer, row, stamp):
            raise StaleError(self._stale(db, row))
        with transaction(db):
            if not save_values(db, row, merged, sealed=sealed, account_key=viewer.account_key):
                raise StaleError(self._stale(db, load_draft(db, key) or row))
        return row.stamp + 1

    def page(self, viewer: Viewer, key: int) -> DraftPage:
        """Return a draft with its faults, checks, reach and what it may repeat.

        Raises NotFoundError for everyone but its organisation and, once it was sent, the reviewers of its district.
        """
        db = self._keeper.db
        row = load_draft(db, key)
        if row is None or not (may_write(viewer, row) or may_review(db, viewer, row)):
            raise NotFoundError(NO_DRAFT)
        book = self._terms.book()
        own = may_write(viewer, row)
        _, faults = check_draft(db, row, book)
        record = read_so_far(row.side, row.values, book)
        reach, duplicates = self._outlook.of(record.to_posting(posting_id=f"draft-{key}"), row.posting_key)
        contact = {"contact": self._contacts.written(row.sealed)} if own and row.sealed else {}
        return DraftPage(
            key=key,
            side=row.side,
            state=row.state,
            state_label=DRAFT_STATES[row.state],
            title=row.title,
            organisation_name=self._name(row),
            on_behalf=row.on_behalf,
            posting_key=row.posting_key,
            stamp=row.stamp,
            fields=FIELDS[row.side],
            fixed=fixed_fields(row),
            options=options_of(row.side, book),
            values={**row.values, **contact},
            faults=tuple(fault for fault in faults if fault.blocking),
            hints=tuple(fault for fault in faults if not fault.blocking),
            quality=check_quality(record),
            reach=reach,
            duplicates=seen_by(viewer, self._keeper.desk(), duplicates),
            notes=review_notes(db, draft_key=key),
            may_edit=own and row.state in EDITABLE,
            may_recall=own and self._recallable(row),
            saved_by=account_names(db, [row.saved_by]).get(row.saved_by, ""),
            saved_at=row.updated_at,
        )

    def propose(self, viewer: Viewer, key: int, text: str) -> tuple[str, ...]:
        """Return requirement items proposed from a pasted text that the draft does not list yet."""
        row = own_draft(self._keeper.db, viewer, key)
        listed = str(row.values.get("requirements") or row.values.get("features") or "")
        return tuple(item for item in propose_requirements(text[:MAX_TYPED]) if item not in listed)

    def submit(self, viewer: Viewer, key: int) -> None:
        """Send a draft to review and tell the reviewers of its district.

        Raises FaultyError with every fault, RefusedError when it is in review already.
        """
        db = self._keeper.db
        row = own_draft(db, viewer, key)
        _require_editable(row)
        record, faults = check_draft(db, row, self._terms.book())
        if record is None:
            blocking = tuple(fault for fault in faults if fault.blocking)
            raise FaultyError(f"还有 {len(blocking)} 处需要改正，没有送审。", blocking)
        with transaction(db):
            cleared = {"submitted_at": now(), "first_reviewer": 0, "approved_by": 0, "secrecy_by": 0, "secrecy_at": ""}
            self._move(db, row, REVIEW, **cleared)
            add_event(
                db, SUBMITTED, draft_key=key, posting_key=row.posting_key, account_key=viewer.account_key
            )  # fmt: skip
            record_action(db, viewer, "draft.submitted", "draft", key, 标题=row.title)
            reviewers = set(accounts_with(db, REVIEWER, *place_of(db, row))) - {viewer.account_key}
            notify(
                db, sorted(reviewers), kind="review", title=f"“{row.title}”等待审核", link=f"/review/{key}",
                reason="您是该区域的审核员。",
            )  # fmt: skip

    def recall(self, viewer: Viewer, key: int) -> None:
        """Take a text back from review, or right after it was sent even when it has been approved.

        Raises RefusedError when it is too late.
        """
        db = self._keeper.db
        row = own_draft(db, viewer, key)
        if not self._recallable(row):
            raise RefusedError(f"“{row.title}”的状态是“{DRAFT_STATES[row.state]}”，不能再撤回送审。")
        with transaction(db):
            self._move(db, row, DRAFT, first_reviewer=0, approved_by=0, secrecy_by=0, secrecy_at="", submitted_at="")
            add_event(
                db, TAKEN_BACK, draft_key=key, posting_key=row.posting_key, account_key=viewer.account_key
            )  # fmt: skip
            record_action(db, viewer, "draft.recalled", "draft", key, 标题=row.title)

    def discard(self, viewer: Viewer, key: int) -> None:
        """Delete a draft that is not in review; a published posting it revises stays.

        Raises RefusedError while it is in review.
        """
        db = self._keeper.db
        row = own_draft(db, viewer, key)
        _require_editable(row)
        with transaction(db):
            if not delete_draft(db, row):
                raise StaleError(self._stale(db, load_draft(db, key) or row))
            record_action(db, viewer, "draft.discarded", "draft", key, 标题=row.title)

    def _name(self, row: DraftRow) -> str:
        return organisation_names(self._keeper.db, [row.organisation_key]).get(row.organisation_key, "")

    def _recallable(self, row: DraftRow) -> bool:
        early = row.state == APPROVED and recall_until(row.submitted_at, self._rules.recall_minutes)
        return row.state in WAITING or bool(early)

    def _move(self, db: Database, row: DraftRow, state: str, **columns: Any) -> None:
        if not move_draft(db, row, state, **columns):
            raise StaleError(self._stale(db, load_draft(db, row.key) or row))

    def _stale(self, db: Database, row: DraftRow) -> str:
        who = account_names(db, [row.saved_by]).get(row.saved_by, "另一位同事")
        return f"这份草稿已由{who}在 {beijing(row.updated_at)} 改动，您的这次改动没有保存。"


def _own_other_hand(viewer: Viewer, row: DraftRow, stamp: int) -> bool:
    """Whether the one save in between was this person's own: typing was being saved as a button was pressed."""
    return stamp == row.stamp - 1 and row.saved_by == viewer.account_key and seconds_since(row.updated_at) < MOMENT_S


def _require_editable(row: DraftRow) -> None:
    if row.state not in EDITABLE:
        raise RefusedError(f"“{row.title}”的状态是“{DRAFT_STATES[row.state]}”，不能修改；如需修改，请先撤回送审。")
