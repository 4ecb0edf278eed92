"""What the pages of organisations are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.organisations.kinds import kind_label
from marketplace.store.organisations import OrganisationRow


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """One organisation; ``kind`` is a code, empty texts were never given."""

    key: int
    name: str
    kind: str
    kind_label: str
    credit_code: str
    district: str
    size: str
    qualifications: tuple[str, ...]
    verified: bool
    claimed: bool
    revision: int
    postings: int = 0


@dataclass(frozen=True, slots=True)
class OrganisationQuery:
    """What to list: part of a name or code, a kind, one of the states, and the page from 1."""

    text: str = ""
    kind: str = ""
    state: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class OrganisationListPage:
    """One page of organisations by name, with how many claims wait for this viewer."""

    query: OrganisationQuery
    organisations: tuple[OrganisationView, ...]
    total: int
    pages: int
    claims: int
    may_edit: bool
    may_decide: bool


@dataclass(frozen=True, slots=True)
class PostingLine:
    """A posting of an organisation; ``kind`` is opportunity or capability, ``open`` says it has a public page."""

    key: int
    kind: str
    title: str
    state: str
    state_label: str
    open: bool
    on_behalf: bool


@dataclass(frozen=True, slots=True)
class MemberView:
    """Someone who acts for an organisation."""

    account_key: int
    name: str
    role_label: str


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge into an organisation that can be undone."""

    key: int
    merged_name: str
    at: str
    by: str
    moved: int


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """One organisation with what belongs to it and what the viewer may do."""

    organisation: OrganisationView
    postings: tuple[PostingLine, ...]
    members: tuple[MemberView, ...]
    merges: tuple[MergeView, ...]
    may_edit: bool
    sees_accounts: bool


@dataclass(frozen=True, slots=True)
class OrganisationForm:
    """Raw values by field name for the form; key and revision are 0 for a new organisation."""

    key: int
    revision: int
    values: Mapping[str, Any]
    qualifications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Two organisations that may be one, the one with more to it first, and what is alike about them."""

    one: OrganisationView
    other: OrganisationView
    why: str
    likeness: float


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim; ``state`` is asked, approved or refused; ``clash`` names who else has the code."""

    key: int
    organisation: OrganisationView
    account_key: int
    asker: str
    credit_code: str
    note: str
    state: str
    at: str
    reason: str
    clash: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """What a person may claim: organisations found by ``text``, and the own claims so far."""

    text: str
    found: tuple[OrganisationView, ...]
    more: bool
    claims: tuple[ClaimView, ...]


def view_organisation(row: OrganisationRow, postings: int = 0) -> OrganisationView:
    """Return an organisation as pages show it."""
    return OrganisationView(
        row.key, row.name, row.kind, kind_label(row.kind), row.credit_code, row.district, row.size,
        row.qualifications, row.verified, row.claimed, row.revision, postings,
    )  # fmt: skip
