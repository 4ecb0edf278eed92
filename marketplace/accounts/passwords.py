"""Hashes, checks and makes passwords, and says in words what is wrong with one."""

from __future__ import annotations

import secrets
import string
import unicodedata
from collections.abc import Iterable
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from marketplace.rules import PasswordRules

__all__ = ["PasswordRules", "PasswordSafe", "make_one_time_password", "password_faults"]

MAX_LENGTH = 128
# Without the letters and digits that are taken for one another when read from paper.
_CAPITALS, _SMALL, _DIGITS = "ABCDEFGHJKMNPQRSTUVWXYZ", "abcdefghjkmnpqrstuvwxyz", "23456789"
_GROUP = 4
_NUMBERS = "零一两三四"


def _same(password: str) -> str:
    """Return a password as it is compared: what an input method typed full width means the same key."""
    return unicodedata.normalize("NFKC", password)


class PasswordSafe:
    """Hashes passwords with one set of argon2 parameters and checks them against hashes of any."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher

    def hash(self, password: str) -> str:
        """Return a salted hash of a password."""
        return self._hasher.hash(_same(password))

    def fits(self, hashed: str, password: str) -> bool:
        """Whether ``hashed`` was made from this password."""
        try:
            return self._hasher.verify(hashed, _same(password))
        except (VerificationError, InvalidHashError):
            return False

    def waste(self, password: str) -> None:
        """Take as long as a check, so that time does not tell whether an account exists."""
        self.fits(self._nobodys, password)

    def is_dated(self, hashed: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(hashed)

    @cached_property
    def _nobodys(self) -> str:
        return self.hash(secrets.token_urlsafe(16))


def password_faults(
    password: str, rules: PasswordRules, *, login: str = "", safe: PasswordSafe | None = None, used: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return what is wrong with a new password, one Chinese sentence each; none when it may be taken.

    ``used`` are hashes of passwords that may not come back, newest first; ``safe`` checks them.
    """
    text = _same(password)
    faults = []
    if len(text) < rules.min_length:
        faults.append(f"新密码有 {len(text)} 个字符；至少要 {rules.min_length} 个。")
    if len(text) > MAX_LENGTH:
        faults.append(f"新密码有 {len(text)} 个字符；最多 {MAX_LENGTH} 个。")
    kinds = _kinds(text)
    if kinds < rules.classes:
        faults.append(
            f"新密码只用了{_NUMBERS[kinds]}类字符；大写字母、小写字母、数字、其他符号（含汉字）四类中至少要用"
            f"{_NUMBERS[rules.classes]}类。"
        )
    if login and login.casefold() in text.casefold():
        faults.append("新密码里含有登录名；请换一个不含登录名的。")
    # Only a password that is fine otherwise is worth the time of the checks.
    if not faults and safe and any(safe.fits(one, password) for one in list(used)[: rules.remembered]):
        faults.append(f"新密码与最近 {rules.remembered} 次用过的密码相同；请换一个没有用过的。")
    return tuple(faults)


def describe_rules(rules: PasswordRules) -> str:
    """Return the rules as one sentence for the form."""
    age = f"；每 {rules.max_age_days} 天更换一次" if rules.max_age_days else ""
    return (
        f"至少 {rules.min_length} 个字符；大写字母、小写字母、数字、其他符号（含汉字）四类中至少用"
        f"{_NUMBERS[rules.classes]}类；不含登录名；不与最近 {rules.remembered} 次用过的相同{age}。可以粘贴。"
    )


def make_one_time_password(rules: PasswordRules) -> str:
    """Return a random password that keeps the rules, in groups that are easy to read out."""
    groups = max(4, -(-rules.min_length // (_GROUP + 1)) + 1)
    alphabet = _CAPITALS + _SMALL + _DIGITS
    while True:
        text = "-".join("".join(secrets.choice(alphabet) for _ in range(_GROUP)) for _ in range(groups))
        if _kinds(text) == 4:
            return text


def _kinds(text: str) -> int:
    known = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    named = sum(any(char in kind for char in text) for kind in known)
    return named + any(char not in "".join(known) for char in text)
