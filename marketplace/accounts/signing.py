"""Signing in and out, and changing one's own password."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher

from marketplace.access import COMPANY, OF_DISTRICTS, PUBLISHER, Viewer
from marketplace.accounts.logins import fold_login
from marketplace.accounts.passwords import PasswordSafe, describe_rules, password_faults
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, RefusedError, StaleError
from marketplace.records import Fault
from marketplace.rules import PasswordRules
from marketplace.settings import MarketSettings
from marketplace.store import Database, transaction
from marketplace.store.accounts import (
    ACTIVE,
    AccountRow,
    MembershipRow,
    find_account,
    load_account,
    memberships_of,
    update_account,
)
from marketplace.store.database import now

SUBJECT = "account"
_WRONG, _DISABLED = "密码不对", "账号已停用"


class SignInDesk:
    """Lets people in and out; every success and failure is on record."""

    def __init__(
        self,
        keeper: DeskKeeper,
        settings: MarketSettings,
        *,
        hasher: PasswordHasher | None = None,
        rules: PasswordRules | None = None,
    ) -> None:
        self._keeper, self._settings = keeper, settings
        self.rules = rules or PasswordRules()
        self.passwords = PasswordSafe(hasher or PasswordHasher())

    def viewer(self, account_key: int, session_number: int) -> Viewer | None:
        """Return who holds a session; None once the account is disabled or its sessions were ended."""
        row = load_account(self._keeper.db, account_key)
        if row is None or row.state != ACTIVE or row.session_number != session_number:
            return None
        return viewer_of(row, memberships_of(self._keeper.db, [account_key]))

    def sign_in(self, login: str, password: str, *, address: str = "", request_id: str = "") -> tuple[Viewer, int]:
        """Return the viewer and the number of the session.

        Raises RefusedError with one and the same sentence for a wrong login, a wrong password and a locked
        account: whoever guesses learns nothing from it.
        """
        db, asker = self._keeper.db, Viewer(address=address, request_id=request_id)
        row = find_account(db, fold_login(login))
        fits = self._check(row, password)
        renewed = self.passwords.hash(password) if row and fits and self.passwords.is_dated(row.password_hash) else ""
        with transaction(db):
            # Hashing took its time: only what is stored now counts.
            fresh = load_account(db, row.key) if row else None
            if row is None or fresh is None or fresh.password_hash != row.password_hash:
                fits = False
            reason = self._reason(fresh, fits)
            if reason:
                self._note_failure(db, fresh, asker, reason)
            else:
                assert fresh is not None
                self._let_in(db, fresh, asker, renewed)
        if reason == _DISABLED:
            raise RefusedError("这个账号已停用；如需使用，请联系系统管理员。")
        if reason or fresh is None:
            raise RefusedError(self._refusal())
        fresh = load_account(db, fresh.key)
        assert fresh is not None
        viewer = viewer_of(fresh, memberships_of(db, [fresh.key]))
        return replace(viewer, address=address, request_id=request_id), fresh.session_number

    def sign_out(self, viewer: Viewer) -> None:
        """End every session of the viewer, so that a copied cookie is worth nothing."""
        if not viewer.signed_in:
            return
        db = self._keeper.db
        with transaction(db):
            row = load_account(db, viewer.account_key)
            if row is not None:
                update_account(db, row.key, session_number=row.session_number + 1)
                record_action(db, viewer, "account.sign_out", SUBJECT, row.key)

    def change_password(self, viewer: Viewer, old: str, new: str, repeated: str) -> int:
        """Take a new password and end all sessions; return the number of the next one.

        Raises FaultyError with what is wrong, field by field (old, new, repeated); a wrong old password counts
        as a failed sign-in.
        """
        db = self._keeper.db
        row = self._own(viewer)
        if not self._check(row, old):
            with transaction(db):
                fresh = load_account(db, row.key)
                self._note_failure(db, fresh, viewer, self._reason(fresh, False))
            says = f"现在的密码不对；连续 {self.rules.max_failures} 次不对账号会暂时锁定。"
            raise _faulty(("old", "现在的密码", says))
        used = (row.password_hash, *row.old_hashes)
        found = [
            ("new", "新密码", one)
            for one in password_faults(new, self.rules, login=row.login, safe=self.passwords, used=used)
        ]
        if new != repeated:
            found.append(("repeated", "再输一遍新密码", "两次输入的新密码不一样；请重新输入。"))
        if found:
            raise _faulty(*found)
        hashed = self.passwords.hash(new)
        with transaction(db):
            fresh = load_account(db, row.key)
            if fresh is None or fresh.password_hash != row.password_hash:
                raise StaleError("密码刚刚在别处改过，这次没有改动；请重新登录。")
            update_account(
                db, row.key, password_hash=hashed, old_hashes=used[: self.rules.remembered - 1], must_change=0,
                failures=0, locked_until="", password_at=now(), session_number=fresh.session_number + 1,
            )  # fmt: skip
            record_action(db, viewer, "account.password_changed", SUBJECT, row.key)
        return fresh.session_number + 1

    def password_hint(self) -> str:
        """Return the rules for passwords in one sentence."""
        return describe_rules(self.rules)

    def _own(self, viewer: Viewer) -> AccountRow:
        row = load_account(self._keeper.db, viewer.account_key) if viewer.signed_in else None
        if row is None:
            raise NotFoundError("没有找到这个账号，请重新登录。")
        return row

    def _check(self, row: AccountRow | None, password: str) -> bool:
        """Whether the password fits; takes the same time when there is nothing to check."""
        if row is None or _is_locked(row):
            self.passwords.waste(password)
            return False
        return self.passwords.fits(row.password_hash, password)

    def _reason(self, row: AccountRow | None, fits: bool) -> str:
        """Return why this is no sign-in, for the log; empty when it is one."""
        if row is None:
            return "没有这个登录名"
        if _is_locked(row):
            return "账号已锁定"
        if not fits:
            return _WRONG
        return "" if row.state == ACTIVE else _DISABLED

    def _note_failure(self, db: Database, row: AccountRow | None, asker: Viewer, reason: str) -> None:
        # An unknown login is not kept: people type their password there by mistake.
        known = row.login if row else ""
        key = row.key if row else 0
        record_action(db, asker, "account.sign_in_failed", SUBJECT, key, 登录名=known, 原因=reason)
        if row is None or reason != _WRONG:
            return
        failures = row.failures + 1
        if failures < self.rules.max_failures:
            update_account(db, row.key, failures=failures)
            return
        update_account(db, row.key, failures=0, locked_until=_moment(minutes=self.rules.lock_minutes))
        record_action(db, asker, "account.locked", SUBJECT, key, 登录名=known, 分钟=self.rules.lock_minutes)

    def _let_in(self, db: Database, row: AccountRow, asker: Viewer, renewed: str) -> None:
        days = self.rules.max_age_days
        aged = bool(days) and row.password_at < _moment(days=-days)
        values: dict[str, object] = {"failures": 0, "locked_until": "", "last_login_at": now()}
        values |= {"must_change": 1} if aged else {}
        values |= {"password_hash": renewed} if renewed else {}
        update_account(db, row.key, **values)
        person = replace(viewer_of(row, memberships_of(db, [row.key])), address=asker.address,
                         request_id=asker.request_id)  # fmt: skip
        record_action(db, person, "account.sign_in", SUBJECT, row.key, 说明="密码已到期，须先更换" if aged else "")

    def _refusal(self) -> str:
        return (
            f"登录名或密码不对，或者账号已暂时锁定。同一账号连续 {self.rules.max_failures} 次不对会锁定 "
            f"{self.rules.lock_minutes} 分钟；忘记密码请联系安全管理员重置。"
        )


def viewer_of(row: AccountRow, memberships: list[MembershipRow]) -> Viewer:
    """Return an account with its roles as the one who asks."""

    def organisations(role: str) -> frozenset[int]:
        return frozenset(one.organisation_key for one in memberships if one.role == role)

    return Viewer(
        account_key=row.key,
        name=row.name,
        login=row.login,
        roles=frozenset(one.role for one in memberships),
        publisher_of=organisations(PUBLISHER),
        company_of=organisations(COMPANY),
        districts={one.role: one.districts for one in memberships if one.role in OF_DISTRICTS},
        must_change=row.must_change,
    )


def _is_locked(row: AccountRow) -> bool:
    return row.locked_until > now()


def _moment(**delta: int) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _faulty(*found: tuple[str, str, str]) -> FaultyError:
    faults = [Fault(field, label, "", sentence) for field, label, sentence in found]
    return FaultyError(faults[0].sentence, faults)
