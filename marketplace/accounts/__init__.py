"""People who sign in, their passwords and the roles they hold."""

from marketplace.accounts.book import AccountBook
from marketplace.accounts.pages import (
    AccountListPage,
    AccountListQuery,
    AccountPage,
    AccountView,
    Grant,
    IssuedPassword,
    MembershipView,
    OwnAccountPage,
)
from marketplace.store.rates import SCHEME as RATES_SCHEME

__all__ = [
    "RATES_SCHEME",
    "AccountBook",
    "AccountListPage",
    "AccountListQuery",
    "AccountPage",
    "AccountView",
    "Grant",
    "IssuedPassword",
    "MembershipView",
    "OwnAccountPage",
]
