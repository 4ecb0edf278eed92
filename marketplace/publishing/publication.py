"""Turns an approved text into a published posting, and takes a publication back."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.contacts import POSTING
from marketplace.errors import RefusedError
from marketplace.publishing.states import APPROVED, OUT, PASSED, RESTORED, UNDONE
from marketplace.publishing.typed import revised_values
from marketplace.records import PostingRecord
from marketplace.states import PUBLISHED, WITHDRAWN
from marketplace.store import Database, PostingRow
from marketplace.store.contacts import load_contacts, save_contact
from marketplace.store.database import now
from marketplace.store.drafts import DraftRow, delete_draft, draft_of_posting, insert_draft, load_draft
from marketplace.store.postings import find_keys, load_rows, save_posting
from marketplace.store.versions import (
    BatchRow,
    EventRow,
    PublicationRow,
    VersionRow,
    add_event,
    add_version,
    find_child,
    last_version,
    load_events,
    load_versions,
    next_index,
    remove_posting,
    restore_text,
    set_publication,
)
from matching import Opportunity, Posting, PostingVectors, Side

LETTERS = {Side.OPPORTUNITY: "JH", Side.CAPABILITY: "NL"}
CHANGED = "审核后又有改动或已撤回，没有发布"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Publication:
    """What one publication gives its postings: batch (None when published alone), day, months of validity."""

    batch: BatchRow | None
    day: date
    valid_months: int

    def index_prefix(self, side: Side) -> str:
        """Return the beginning of its index numbers: SM-JH-2026-001-; 000 stands for no batch."""
        return f"SM-{LETTERS[side]}-{self.day.year}-{self.batch.number if self.batch else 0:03d}-"


def posting_of(row: DraftRow, record: PostingRecord, publication: Publication) -> Posting:
    """Return the posting a draft becomes, all but its index number."""
    posting = record.to_posting(state=PUBLISHED, posting_id=record.id or row.external_id or _own_id(row))
    listing, batch = posting.listing, publication.batch
    extra = dict(listing.extra)
    if batch is not None and batch.disclosure:
        extra.setdefault("disclosure", batch.disclosure)
    until = listing.valid_until
    if (until is None and "valid_until_text" not in extra) or (until is not None and until < str(publication.day)):
        until = _valid_until(posting, publication)
    listing = replace(
        listing,
        batch=batch.name if batch is not None else listing.batch,
        last_confirmed=publication.day.isoformat(),
        valid_until=until,
        extra=extra,
    )
    return replace(posting, listing=listing, year=posting.year or publication.day.year)


def _own_id(row: DraftRow) -> str:
    """A number for a posting that was given none: the draft's key, in fewer signs."""
    key, signs = row.key, ""
    while key:
        key, rest = divmod(key, 36)
        signs = _DIGITS[rest] + signs
    return f"{LETTERS[row.side]}-{signs}"


def _valid_until(posting: Posting, publication: Publication) -> str:
    """The deadline while it lies ahead, else so many months from publication."""
    day = publication.day
    deadline = posting.deadline if isinstance(posting, Opportunity) else None
    if deadline and deadline > day.isoformat():
        return deadline
    years, month = divmod(day.month - 1 + publication.valid_months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1])).isoformat()


def find_obstacle(db: Database, row: DraftRow, posting: Posting) -> str:
    """Return why a draft cannot be published now, empty when it can; ask inside the transaction."""
    current = load_draft(db, row.key)
    if current is None or current.stamp != row.stamp or current.state != APPROVED:
        return CHANGED
    found = [(key, state) for key, _, state in find_keys(db, posting.id, posting.side)]
    if any(key != row.posting_key for key, _ in found):
        return f"编号“{posting.id}”已被另一条清单使用，没有发布"
    return "原条目已撤回，没有发布" if any(state == WITHDRAWN for _, state in found) else ""


def write_posting(
    db: Database, viewer: Viewer, row: DraftRow, posting: Posting, *, vectors: PostingVectors, model: str,
    publication: Publication,
) -> int:  # fmt: skip
    """Publish a draft inside a transaction: posting, index number, contact, version, review; return the key.

    The draft is gone afterwards. Ask ``find_obstacle`` first.
    """
    before = load_rows(db, [row.posting_key]) if row.posting_key else []
    if not posting.listing.index_number:
        prefix = publication.index_prefix(posting.side)
        number = f"{prefix}{next_index(db, posting.side, prefix):04d}"
        posting = replace(posting, listing=replace(posting.listing, index_number=number))
    if before and not last_version(db, before[0].key):
        # Taken in before versions were kept: the text being replaced is the first one.
        add_version(db, before[0].key, before[0].posting, account_key=0, batch_key=0, note="此前发布的内容")
    key = save_posting(db, posting, vectors, model)
    batch_key = publication.batch.key if publication.batch else 0
    own = {"batch_key": batch_key} if batch_key or not before else {}
    set_publication(
        db, key, organisation_key=row.organisation_key, on_behalf=int(row.on_behalf), published_at=now(),
        author_key=row.author_key, state_by_hand=0, reminded_at=None, **own,
    )  # fmt: skip
    phone = str(posting.listing.extra.get("office_phone") or "")
    if phone or row.sealed or before:
        save_contact(db, POSTING, key, phone, row.sealed)
        record_action(db, viewer, "contact.saved", POSTING, key)
    note = "修订" if before else "首次发布"
    add_version(db, key, posting, account_key=viewer.account_key, batch_key=batch_key, note=note)
    add_event(db, OUT, draft_key=row.key, posting_key=key, account_key=viewer.account_key)
    delete_draft(db, row)
    index = posting.listing.index_number
    record_action(db, viewer, "posting.published", POSTING, key, 标题=posting.title, 索引号=index)
    return key


def take_back(db: Database, viewer: Viewer, row: PublicationRow) -> bool:
    """Take a publication back inside a transaction; True when a former text waits to be encoded and shown again.

    A new posting becomes an approved draft again. A revised one gets its former text back, out of sight until
    it is encoded, and the revision becomes a draft. Raises RefusedError when something has been built on it.
    """
    child = find_child(db, row.key, own=row.organisation_key in viewer.company_of)
    if child:
        raise RefusedError(f"“{row.title}”已有{child}，不能撤回发布；如需停止公开，请下架。")
    stored = load_rows(db, [row.key])[0]
    versions = load_versions(db, row.key, row.side)
    events = load_events(db, posting_key=row.key)
    _draft_again(db, row, stored, events, new=len(versions) < 2)
    if len(versions) < 2:
        remove_posting(db, row.key, row.side)
    else:
        _former_text(db, viewer, row, versions)
    add_event(db, UNDONE, draft_key=_draft_key(events), posting_key=row.key, account_key=viewer.account_key)
    record_action(db, viewer, "posting.recalled", POSTING, row.key, 标题=row.title)
    return len(versions) >= 2


def _draft_key(events: list[EventRow]) -> int:
    return next((event.draft_key for event in reversed(events) if event.action == OUT), 0)


def _draft_again(db: Database, row: PublicationRow, stored: PostingRow, events: list[EventRow], *, new: bool) -> None:
    """Make the published text a draft again, approved as it was, under its old key."""
    key = _draft_key(events)
    if (key and load_draft(db, key) is not None) or (not new and draft_of_posting(db, row.key)):
        return
    assigned = {"batch", "index_number"} if new else {"batch"}
    values = {name: value for name, value in revised_values(stored.posting).items() if name not in assigned}
    approvals = [one for one in load_events(db, draft_key=key) if one.action == PASSED] if key else []
    last = approvals[-1] if approvals else None
    _, sealed = load_contacts(db, POSTING, [row.key]).get(row.key, ("", ""))
    insert_draft(
        db, key=key, side=row.side, values=values, external_id=stored.posting.id, title=row.title,
        posting_key=0 if new else row.key, organisation_key=row.organisation_key, sealed=sealed,
        author_key=row.author_key, on_behalf=row.on_behalf, state=APPROVED,
        approved_by=last.account_key if last else 0, secrecy_by=last.account_key if last else 0,
        secrecy_at=last.at if last else "",
    )  # fmt: skip


def _former_text(db: Database, viewer: Viewer, row: PublicationRow, versions: list[VersionRow]) -> None:
    recalled, former = versions[0], versions[1]
    restore_text(db, row.key, former.posting)
    set_publication(db, row.key, published_at="", batch_key=former.batch_key, state_by_hand=0)
    _, sealed = load_contacts(db, POSTING, [row.key]).get(row.key, ("", ""))
    save_contact(db, POSTING, row.key, str(former.posting.listing.extra.get("office_phone") or ""), sealed)
    note = f"撤回第 {recalled.number} 版，恢复第 {former.number} 版"
    add_version(db, row.key, former.posting, account_key=viewer.account_key, batch_key=former.batch_key, note=note)
    add_event(db, RESTORED, draft_key=0, posting_key=row.key, account_key=viewer.account_key, note=note)
