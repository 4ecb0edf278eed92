"""What the account pages are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from marketplace.access import ROLES
from marketplace.store.accounts import DISABLED, AccountRow, MembershipRow
from marketplace.store.database import now


@dataclass(frozen=True, slots=True)
class Grant:
    """A role to be held: for an organisation (key), or for districts (beginnings of their names), or plainly."""

    role: str
    organisation_key: int = 0
    districts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuedPassword:
    """A password that is told once and must be changed at the first sign-in; never shown in a repr."""

    account_key: int
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MembershipView:
    """One role as a page shows it; ``organisation`` is empty for the roles of the whole site."""

    role: str
    role_label: str
    organisation_key: int
    organisation: str
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account as a page shows it; times are ISO texts in UTC, empty when it never happened."""

    key: int
    login: str
    name: str
    disabled: bool
    locked_until: str
    must_change: bool
    last_login_at: str
    password_at: str
    created_at: str
    memberships: tuple[MembershipView, ...]


@dataclass(frozen=True, slots=True)
class OwnAccountPage:
    """One's own account; ``organisations`` are the (key, name) to choose the 当前身份 from."""

    account: AccountView
    organisations: tuple[tuple[int, str], ...]
    acting_for: int
    rules: str


@dataclass(frozen=True, slots=True)
class AccountListQuery:
    """What to list: part of a login or name, a role code, and the page from 1."""

    text: str = ""
    role: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class AccountListPage:
    """One page of accounts by login."""

    query: AccountListQuery
    accounts: tuple[AccountView, ...]
    total: int
    pages: int
    may_create: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One account with what the viewer may do to it."""

    account: AccountView
    may_switch: bool
    may_grant: bool
    may_unlock: bool
    may_reset: bool


def view_account(row: AccountRow, memberships: Sequence[MembershipRow], names: dict[int, str]) -> AccountView:
    """Return an account as pages show it; ``names`` are those of the organisations."""
    return AccountView(
        key=row.key,
        login=row.login,
        name=row.name,
        disabled=row.state == DISABLED,
        locked_until=row.locked_until if row.locked_until > now() else "",
        must_change=row.must_change,
        last_login_at=row.last_login_at,
        password_at=row.password_at,
        created_at=row.created_at,
        memberships=tuple(
            MembershipView(
                one.role, ROLES[one.role], one.organisation_key, names.get(one.organisation_key, ""), one.districts
            )
            for one in sorted(memberships, key=lambda one: (list(ROLES).index(one.role), one.organisation_key))
        ),
    )
