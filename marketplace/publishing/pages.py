"""What the publishing desks answer: frozen views, ready to be presented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.publishing.diffs import FieldChange
from marketplace.publishing.quality import QualityCheck
from marketplace.publishing.reach import Likeness, Reach
from marketplace.records import Fault, FieldSpec
from matching import Posting, Side


@dataclass(frozen=True, slots=True)
class OwnOrganisation:
    """An organisation someone may write for, with the lists it may write in."""

    key: int
    name: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class ReviewNote:
    """One step of a review: what was done, what was said, by whom and when (ISO-8601 UTC)."""

    action: str
    label: str
    note: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A text being written. ``values`` are raw values by field name, the contact as its owner wrote it.

    ``fixed`` are fields the program fills itself; ``options`` the terms of those that are chosen from.
    """

    key: int
    side: Side
    state: str
    state_label: str
    title: str
    organisation_name: str
    on_behalf: bool
    posting_key: int
    stamp: int
    fields: tuple[FieldSpec, ...]
    fixed: frozenset[str]
    options: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Any]
    faults: tuple[Fault, ...]
    hints: tuple[Fault, ...]
    quality: QualityCheck
    reach: Reach
    duplicates: tuple[Likeness, ...]
    notes: tuple[ReviewNote, ...]
    may_edit: bool
    may_recall: bool
    saved_by: str
    saved_at: str


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list; ``waiting_days`` counts from the day it was sent to review, None before."""

    key: int
    side: Side
    title: str
    state: str
    state_label: str
    organisation_name: str
    author_name: str
    author_key: int
    revises: bool
    imported: bool
    on_behalf: bool
    updated_at: str
    submitted_at: str
    waiting_days: int | None
    last_note: str = ""


@dataclass(frozen=True, slots=True)
class OwnPosting:
    """A published posting on its owner's page; days are ISO, ``freshness`` says what its dates ask for.

    ``recall_until`` (ISO-8601 UTC) is set while publication can be taken back; ``member`` is False for a reviewer.
    """

    key: int
    side: Side
    title: str
    state: str
    state_label: str
    organisation_name: str
    on_behalf: bool
    published_on: str
    last_confirmed: str
    valid_until: str
    freshness: str
    draft_key: int
    recall_until: str
    may_revise: bool
    member: bool = True


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A text about to be begun: the list and the organisations it may be begun for."""

    side: Side
    organisations: tuple[OwnOrganisation, ...]


@dataclass(frozen=True, slots=True)
class MyPage:
    """Everything of the viewer's organisations: drafts, and one page of the published postings."""

    organisations: tuple[OwnOrganisation, ...]
    drafts: tuple[DraftLine, ...]
    postings: tuple[OwnPosting, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReviewQuery:
    """Which texts to show: empty means all that wait."""

    state: str = ""
    side: Side | None = None
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A text in the queue with the score of its check and whether this reviewer may decide on it."""

    line: DraftLine
    score: int
    own: bool


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the review queue, longest waiting first; ``counts`` are texts by state."""

    query: ReviewQuery
    lines: tuple[QueueLine, ...]
    counts: Mapping[str, int]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One text beside the last published one. ``refusal`` says why this reviewer may not decide, if so."""

    line: DraftLine
    stamp: int
    posting_key: int
    changes: tuple[FieldChange, ...]
    contact_given: bool
    faults: tuple[Fault, ...]
    hints: tuple[Fault, ...]
    quality: QualityCheck
    duplicates: tuple[Likeness, ...]
    notes: tuple[ReviewNote, ...]
    refusal: str
    two_step: bool
    may_approve: bool
    may_return: bool
    may_publish: bool


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch in the list; ``recall_until`` is set while it can be taken back."""

    key: int
    side: Side
    number: int
    name: str
    issuer: str
    document_number: str
    disclosure: str
    state: str
    state_label: str
    published_on: str
    count: int
    recall_until: str


@dataclass(frozen=True, slots=True)
class BatchList:
    """All batches, newest first, and how many approved texts wait for one, by side."""

    batches: tuple[BatchLine, ...]
    ready: Mapping[Side, int]


@dataclass(frozen=True, slots=True)
class BatchMember:
    """A posting of a batch."""

    key: int
    title: str
    organisation: str
    index_number: str
    state: str
    state_label: str


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One batch with its postings."""

    batch: BatchLine
    members: tuple[BatchMember, ...]


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What a new batch of a list could hold: the next number and the approved texts."""

    side: Side
    number: int
    drafts: tuple[DraftLine, ...]
    disclosures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One published text of a posting in its history."""

    number: int
    at: str
    actor: str
    note: str
    batch: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Every published text of a posting, newest first, and two of them compared field by field."""

    key: int
    side: Side
    title: str
    versions: tuple[VersionLine, ...]
    before: int
    after: int
    changes: tuple[FieldChange, ...]
    notes: tuple[ReviewNote, ...]
    posting: Posting | None = None
