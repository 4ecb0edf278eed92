"""The room of accounts: the administrator makes and disables them, the security officer grants roles.

Nobody does both, nobody changes the own account, and no one person holds two of the separate duties.
"""

from __future__ import annotations

import math

from marketplace.access import ADMIN, ROLES, SECURITY, Viewer, require
from marketplace.accounts.granting import RoleDesk, refuse_own
from marketplace.accounts.logins import fold_login, login_faults
from marketplace.accounts.pages import (
    AccountListPage,
    AccountListQuery,
    AccountPage,
    AccountView,
    Grant,
    IssuedPassword,
    OwnAccountPage,
    view_account,
)
from marketplace.accounts.passwords import make_one_time_password
from marketplace.accounts.signing import SUBJECT
from marketplace.audit import record_action
from marketplace.errors import FaultyError, NotFoundError, RefusedError
from marketplace.records import Fault
from marketplace.store import transaction
from marketplace.store.accounts import (
    ACTIVE,
    DISABLED,
    AccountRow,
    MembershipRow,
    find_account,
    insert_account,
    memberships_of,
    search_accounts,
    update_account,
)
from marketplace.store.database import now
from marketplace.store.organisations import organisation_names

PAGE = 50


class AccountBook(RoleDesk):
    """Accounts of one installation."""

    def own_page(self, viewer: Viewer) -> OwnAccountPage:
        """Return the viewer's own account.

        Raises NotFoundError for a visitor.
        """
        account = self._view(self._own(viewer))
        own = {one.organisation_key: one.organisation for one in account.memberships if one.organisation_key}
        return OwnAccountPage(account, tuple(own.items()), viewer.acting_for, self.password_hint())

    def check_acting(self, viewer: Viewer, organisation_key: int) -> str:
        """Return the name of an organisation the viewer may act for.

        Raises NotFoundError when the viewer does not belong to it.
        """
        if not viewer.owns(organisation_key):
            raise NotFoundError("没有找到这个单位，可能是链接有误。")
        return organisation_names(self._keeper.db, [organisation_key]).get(organisation_key, "")

    def list_page(self, viewer: Viewer, query: AccountListQuery) -> AccountListPage:
        """Return one page of the accounts; a page past the end is the last one.

        Raises ForbiddenError for everyone but the administrator and the security officer.
        """
        require(viewer, ADMIN, SECURITY)
        db = self._keeper.db
        text, role = query.text.strip(), query.role if query.role in ROLES else ""
        _, total = search_accounts(db, text=text, role=role, limit=0)
        pages = max(1, math.ceil(total / PAGE))
        page = min(max(1, query.page), pages)
        rows, _ = search_accounts(db, text=text, role=role, limit=PAGE, offset=(page - 1) * PAGE)
        asked = AccountListQuery(text, role, page)
        return AccountListPage(asked, self._views(rows), total, pages, viewer.has(ADMIN))

    def page(self, viewer: Viewer, key: int) -> AccountPage:
        """Return one account with what the viewer may do to it.

        Raises ForbiddenError as ``list_page`` does, NotFoundError for an unknown key.
        """
        require(viewer, ADMIN, SECURITY)
        account = self._view(self._find(self._keeper.db, key))
        other, keeps_roles = key != viewer.account_key, viewer.has(SECURITY)
        return AccountPage(
            account,
            may_switch=other and viewer.has(ADMIN),
            may_grant=other and keeps_roles,
            may_unlock=other and keeps_roles and bool(account.locked_until),
            may_reset=other and keeps_roles,
        )

    def create(self, viewer: Viewer, login: str, name: str, grants: tuple[Grant, ...] = ()) -> IssuedPassword:
        """Make an account and return its one-time password; roles are given with it only by who may grant them.

        Raises FaultyError field by field (login, name), ForbiddenError for everyone but the administrator.
        """
        require(viewer, ADMIN)
        if grants:
            require(viewer, SECURITY)
        db, login, name = self._keeper.db, fold_login(login), " ".join(name.split())
        faults = login_faults(login, name)
        if faults:
            raise FaultyError(faults[0].sentence, faults)
        password = make_one_time_password(self.rules)
        hashed = self.passwords.hash(password)
        with transaction(db):
            if find_account(db, login) is not None:
                taken = Fault("login", "登录名", login, f"登录名“{login}”已经有人使用；请换一个。")
                raise FaultyError(taken.sentence, [taken])
            key = insert_account(db, login, name, hashed)
            record_action(db, viewer, "account.created", SUBJECT, key, 登录名=login, 姓名或岗位=name)
            for one in grants:
                self._give(db, viewer, key, one)
        return IssuedPassword(key, login, password)

    def reset_password(self, viewer: Viewer, key: int) -> IssuedPassword:
        """Replace a forgotten password by a one-time password, end all sessions and lift a lock.

        Raises ForbiddenError for everyone but the security officer, and for the own account.
        """
        require(viewer, SECURITY)
        refuse_own(viewer, key, "重置自己的密码")
        db = self._keeper.db
        row = self._find(db, key)
        password = make_one_time_password(self.rules)
        hashed = self.passwords.hash(password)
        with transaction(db):
            row = self._find(db, key)
            update_account(
                db, key, password_hash=hashed, old_hashes=(row.password_hash, *row.old_hashes)[: self.rules.remembered],
                must_change=1, failures=0, locked_until="", password_at=now(), session_number=row.session_number + 1,
            )  # fmt: skip
            record_action(db, viewer, "account.password_reset", SUBJECT, key, 登录名=row.login)
        return IssuedPassword(key, row.login, password)

    def disable(self, viewer: Viewer, key: int) -> None:
        """Shut an account and end its sessions; raises ForbiddenError for the own one."""
        self._switch(viewer, key, DISABLED)

    def enable(self, viewer: Viewer, key: int) -> None:
        """Open a disabled account again."""
        self._switch(viewer, key, ACTIVE)

    def unlock(self, viewer: Viewer, key: int) -> None:
        """Lift the lock that failed sign-ins put on an account."""
        require(viewer, SECURITY)
        refuse_own(viewer, key, "解除自己的锁定")
        db = self._keeper.db
        with transaction(db):
            row = self._find(db, key)
            update_account(db, key, failures=0, locked_until="")
            record_action(db, viewer, "account.unlocked", SUBJECT, key, 登录名=row.login)

    def find_key(self, login: str) -> int:
        """Return the key of a login; raises NotFoundError when there is none."""
        row = find_account(self._keeper.db, fold_login(login))
        if row is None:
            raise NotFoundError(f"没有登录名为“{login}”的账号。")
        return row.key

    def _switch(self, viewer: Viewer, key: int, state: str) -> None:
        require(viewer, ADMIN)
        refuse_own(viewer, key, "停用或启用自己的账号")
        db = self._keeper.db
        with transaction(db):
            row = self._find(db, key)
            if row.state == state:
                raise RefusedError(f"账号“{row.login}”已经是{'停用' if state == DISABLED else '启用'}状态，没有改动。")
            update_account(db, key, state=state, session_number=row.session_number + 1)
            action = "account.disabled" if state == DISABLED else "account.enabled"
            record_action(db, viewer, action, SUBJECT, key, 登录名=row.login)

    def _view(self, row: AccountRow) -> AccountView:
        return self._views([row])[0]

    def _views(self, rows: list[AccountRow]) -> tuple[AccountView, ...]:
        held: dict[int, list[MembershipRow]] = {row.key: [] for row in rows}
        memberships = memberships_of(self._keeper.db, list(held))
        for one in memberships:
            held[one.account_key].append(one)
        names = organisation_names(self._keeper.db, {one.organisation_key for one in memberships})
        return tuple(view_account(row, held[row.key], names) for row in rows)
