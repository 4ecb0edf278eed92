"""Organisations and accounts for tests, written straight into the store."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from marketplace import Viewer
from marketplace.access import PUBLISHER
from marketplace.organisations.naming import find_or_create
from marketplace.store import Database
from marketplace.store.accounts import MembershipRow, insert_account, save_membership, update_account
from marketplace.store.database import transaction

_numbers = itertools.count(1)


def make_person(
    db: Database, role: str, *, organisation: int = 0, districts: Iterable[str] = (), state: str = "active"
) -> Viewer:
    """An account that holds a role, as who it is when signed in."""
    login, served = f"person{next(_numbers)}", tuple(districts)
    with transaction(db):
        key = insert_account(db, login, f"{login}（示例）", "no password")
        save_membership(db, MembershipRow(key, role, organisation, served))
        update_account(db, key, state=state)
    own = frozenset({organisation} - {0})
    return Viewer(
        key, f"{login}（示例）", login, frozenset({role}),
        publisher_of=own if role == PUBLISHER else frozenset(), company_of=own if role == "company" else frozenset(),
        districts={role: served} if served else {},
    )  # fmt: skip


def own(db: Database, posting_key: int, name: str, kind: str = "government") -> int:
    """Give a posting to the organisation of a name; return its key."""
    with transaction(db):
        key = find_or_create(db, name, kind=kind)
        db.table("posting").update(posting_key, {"organisation_key": key})
    return key
