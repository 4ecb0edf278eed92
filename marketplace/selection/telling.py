"""Tells those who carry a round out."""

from __future__ import annotations

from collections.abc import Collection

from marketplace.access import REVIEWER, Viewer
from marketplace.notices import accounts_with, notify
from marketplace.store import Database
from marketplace.store.accounts import memberships_of
from marketplace.store.benchmark_panel import experts_of


def organisers_of(db: Database, year: int, sides: Collection[int] = ()) -> tuple[int, ...]:
    """Return the accounts that carry a round out: reviewers of all districts who are no experts of the year.

    ``sides`` are the organisations of a case: their members have no say in it.
    """
    found = accounts_with(db, REVIEWER)
    roles = memberships_of(db, found)
    everywhere = {one.account_key for one in roles if one.role == REVIEWER and not one.districts}
    barred = {one.account_key for one in roles if one.organisation_key in sides}
    barred |= {one.account_key for one in experts_of(db, year)}
    return tuple(key for key in found if key in everywhere - barred)


def tell_organisers(
    db: Database, viewer: Viewer, year: int, title: str, link: str, *, kind: str, body: str = "",
    sides: Collection[int] = (),
) -> None:  # fmt: skip
    """Tell the organisers of a year, but not who did it, nor members of the ``sides`` of a case."""
    people = [key for key in organisers_of(db, year, sides) if key != viewer.account_key]
    notify(db, people, kind=kind, title=title, body=body, link=link, reason="您是负责全部地区的审核员。")
