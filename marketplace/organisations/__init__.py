"""Organisations: their data, who speaks for them, which are one and the same."""

from marketplace.organisations.book import OrganisationBook
from marketplace.organisations.naming import backfill, find_named, find_or_create, fold_name
from marketplace.organisations.pages import (
    ClaimPage,
    ClaimView,
    Lookalike,
    MergeView,
    OrganisationForm,
    OrganisationListPage,
    OrganisationPage,
    OrganisationQuery,
    OrganisationView,
    PostingLine,
)
from marketplace.records.organisation import KINDS, ORGANISATION_FIELDS, SIZES

__all__ = [
    "KINDS",
    "ORGANISATION_FIELDS",
    "SIZES",
    "ClaimPage",
    "ClaimView",
    "Lookalike",
    "MergeView",
    "OrganisationBook",
    "OrganisationForm",
    "OrganisationListPage",
    "OrganisationPage",
    "OrganisationQuery",
    "OrganisationView",
    "PostingLine",
    "backfill",
    "find_named",
    "find_or_create",
    "fold_name",
]
