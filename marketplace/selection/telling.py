"""Tells those who carry a round out."""

from __future__ import annotations

from marketplace.access import REVIEWER, Viewer
from marketplace.notices import accounts_with, notify
from marketplace.store import Database
from marketplace.store.accounts import memberships_of
from marketplace.store.benchmark_panel import expert_of


def organisers_of(db: Database, year: int) -> tuple[int, ...]:
    """Return the accounts that carry a round out: reviewers of all districts who are no experts of the year."""
    found = accounts_with(db, REVIEWER)
    everywhere = {
        one.account_key for one in memberships_of(db, found) if one.role == REVIEWER and not one.districts
    }  # fmt: skip
    return tuple(key for key in found if key in everywhere and expert_of(db, year, key) is None)


def tell_organisers(
    db: Database, viewer: Viewer, year: int, title: str, link: str, *, kind: str, body: str = ""
) -> None:
    """Tell the organisers of a year, but not who did it."""
    people = [key for key in organisers_of(db, year) if key != viewer.account_key]
    notify(db, people, kind=kind, title=title, body=body, link=link, reason="您是负责全部地区的审核员。")
