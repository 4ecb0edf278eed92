"""Accounts for trying the program out: one for each role, with passwords that are told once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from marketplace.access import (
    ADMIN,
    AUDITOR,
    COMPANY,
    EXPERT,
    MATCHMAKER,
    OPERATOR,
    PUBLISHER,
    REVIEWER,
    ROLES,
    SECURITY,
    Viewer,
)
from marketplace.accounts.book import AccountBook
from marketplace.accounts.pages import Grant
from marketplace.organisations.naming import backfill
from marketplace.store import Database
from marketplace.store.accounts import find_account
from marketplace.store.organisations import first_poster

# Who may run commands on the machine may set accounts up: there is nobody else before the first account.
INSTALLER: Viewer = replace(OPERATOR, roles=frozenset({ADMIN, SECURITY}))
_SIDES = {PUBLISHER: "opportunity", COMPANY: "capability"}
_ORDER = (PUBLISHER, COMPANY, MATCHMAKER, REVIEWER, EXPERT, ADMIN, SECURITY, AUDITOR)


@dataclass(frozen=True, slots=True)
class SampleAccount:
    """One account just made; the password is random, told once, and must be changed."""

    login: str
    role: str
    role_label: str
    organisation: str
    password: str = field(repr=False)


def create_sample_accounts(book: AccountBook, db: Database) -> list[SampleAccount]:
    """Make one account for each role and return those that are new.

    The publisher and the company belong to the organisations of the first sample opportunity and capability;
    a list without postings gives no such account.
    """
    backfill(db)
    made = []
    for role in _ORDER:
        login = f"sample-{role}"
        poster = first_poster(db, _SIDES[role]) if role in _SIDES else None
        if find_account(db, login) is not None or (role in _SIDES and poster is None):
            continue
        grant = Grant(role, poster.key if poster else 0)
        issued = book.create(INSTALLER, login, f"示例{ROLES[role]}", (grant,))
        made.append(SampleAccount(login, role, ROLES[role], poster.name if poster else "", issued.password))
    return made
