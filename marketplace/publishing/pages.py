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
    import_key: int
    on_behalf: bool
    updated_at: str
    submitted_at: str
    waiting_days: int | None
    last_note: str = ""

    @property
    def imported(self) -> bool:
        """Whether it came in with a file."""
        return self.import_key != 0


@dataclass(frozen=True, slots=True)
class OwnPosting:
    """A published posting on its owner's page; days are ISO, ``freshness`` says what its dates ask for.

    ``due`` says that its owner has to act, ``public`` that it has a public page, ``member`` is False for a reviewer;
    ``recall_until`` (ISO-8601 UTC) is set while publication can be taken back.
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
    due: bool = False
    public: bool = False
    member: bool = True


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A text about to be begun: the list and the organisations it may be begun for."""

    side: Side
    organisations: tuple[OwnOrganisation, ...]


@dataclass(frozen=True, slots=True)
class MyPage:
    """Everything of the viewer's organisations: drafts, and one page of the published postings, due ones first.

    ``exports`` are the lists that the organisation acted for has postings in, ``acting_name`` is its name.
    """

    organisations: tuple[OwnOrganisation, ...]
    drafts: tuple[DraftLine, ...]
    postings: tuple[OwnPosting, ...]
    total: int
    due: int
    page: int
    pages: int
    exports: tuple[Side, ...]
    acting_name: str


@dataclass(frozen=True, slots=True)
class ReviewQuery:
    """Which texts to show: empty means all that wait; ``import_key`` 0 means those written by hand, None all."""

    state: str = ""
    side: Side | None = None
    text: str = ""
    import_key: int | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A text in the queue with what stands out in it.

    ``text`` are label and words of its public fields; ``same_published`` and ``same_waiting`` count texts of the
    same title; ``refusal`` says why this reviewer may not decide on it, if so; ``passable`` that it waits without
    a blocking fault.
    """

    line: DraftLine
    stamp: int
    score: int
    own: bool
    text: tuple[tuple[str, str], ...]
    faults: tuple[Fault, ...]
    hints: tuple[Fault, ...]
    same_published: int
    same_waiting: int
    refusal: str
    passable: bool


@dataclass(frozen=True, slots=True)
class ImportGroup:
    """The waiting texts that came in with one file."""

    key: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the review queue, longest waiting first; ``counts`` are texts by state.

    ``groups`` are the imports that have texts in the queue, whatever was asked for.
    """

    query: ReviewQuery
    lines: tuple[QueueLine, ...]
    counts: Mapping[str, int]
    groups: tuple[ImportGroup, ...]
    total: int
    page: int
    pages: int
    two_step: bool


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
    """One batch with its postings; ``job_key`` is the job that publishes it, 0 when it is gone."""

    batch: BatchLine
    members: tuple[BatchMember, ...]
    job_key: int


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What a new batch of a list could hold: the next number, what it would be called, the approved texts."""

    side: Side
    number: int
    name: str
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
