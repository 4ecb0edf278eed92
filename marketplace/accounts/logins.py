"""What a login and a name must look like."""

from __future__ import annotations

import re
import unicodedata

from marketplace.records import Fault

_LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,31}")
# Names every attack tries first.
_WELL_KNOWN = frozenset({"admin", "administrator", "root", "guest", "test", "user", "sysadmin", "system", "superuser"})
_MAX_NAME = 40


def fold_login(text: str) -> str:
    """Return a login as it is stored: half width, small letters, no spaces around."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def login_faults(login: str, name: str) -> list[Fault]:
    """Return what is wrong with the login (folded) and name of a new account."""
    faults = []
    if not _LOGIN.fullmatch(login):
        # A mobile number or an address would be written into every audit entry.
        says = f"登录名为“{login[:32]}”；应为 3–32 个字符，以字母开头，只用字母、数字、点、下划线、短横线。"
        faults.append(Fault("login", "登录名", login[:32], says))
    elif login in _WELL_KNOWN:
        says = f"登录名“{login}”太常见，容易被猜；请换一个不是系统默认名的。"
        faults.append(Fault("login", "登录名", login, says))
    if not 1 <= len(name) <= _MAX_NAME:
        says = f"姓名或岗位有 {len(name)} 个字；应为 1–{_MAX_NAME} 个字。"
        faults.append(Fault("name", "姓名或岗位", name[:_MAX_NAME], says))
    return faults
