"""Writes notices inside the transaction of what they tell of, and finds whom to tell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from marketplace.access import OF_ORGANISATION
from marketplace.store import Database
from marketplace.store.notices import holders_of, insert_notices, members_of

# What a notice is about, as the inbox names it.
KINDS = {
    "review": "审核",
    "publishing": "发布",
    "import": "导入",
    "freshness": "有效期",
    "pairing": "对接",
    "intent": "答复",
    "question": "问答",
    "consent": "联系方式",
    "organisation": "单位",
    "benchmark": "标杆评选",
    "subscription": "订阅",
    "digest": "周报",
    "account": "账号",
    "job": "任务",
}


def notify(
    db: Database, account_keys: Iterable[int], *, kind: str, title: str, body: str = "", link: str = "", reason: str
) -> int:
    """Write one notice for each account inside the caller's transaction; return how many were written.

    ``reason`` says in one sentence why the person gets it; ``link`` is a path on this site. Account 0 is nobody.
    Raises ValueError without a reason, or for a link that leaves the site.
    """
    if not reason:
        raise ValueError("a notice needs its reason")
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError(link)
    values = {"kind": kind, "title": title, "body": body, "link": link, "reason": reason}
    return insert_notices(db, [key for key in account_keys if key], values)


def accounts_of(
    db: Database, organisation_key: int | None, roles: Sequence[str] = tuple(sorted(OF_ORGANISATION))
) -> tuple[int, ...]:
    """Return the accounts in use that hold any of the roles for an organisation."""
    return tuple(members_of(db, organisation_key, roles)) if organisation_key else ()


def accounts_with(db: Database, role: str, region: str = "", district: str = "") -> tuple[int, ...]:
    """Return the accounts in use that hold a role, everywhere or for this region or district."""
    found = []
    for account, stored in holders_of(db, role):
        served = json.loads(stored) if stored else []
        if not served or any(one in (region, district) or district.startswith(one) for one in served):
            found.append(account)
    return tuple(dict.fromkeys(found))
