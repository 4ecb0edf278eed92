"""Writes notices inside the transaction of what they tell of, and finds whom to tell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

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
# What was subscribed to can be stopped; the rest goes with work under way.
CHOSEN = ("subscription", "digest")
_CHOICE = "可在“订阅”中调整频率或停止。"
_DUTY = "随办理事项发送，属于履职通知，不能停止。"
_STOPS = {
    "review": "随送审和审核发送，属于履职通知，不能停止。",
    "publishing": "随内容的发布和撤回发送，属于履职通知，不能停止。",
    "import": "随导入的办理进度发送，不能停止；导入办结后不再发送。",
    "freshness": "关系到内容是否自动下架，不能停止；确认有效后，到下次提醒日期前不再发送。",
    "pairing": "随对接进展发送，属于履职通知，不能停止；对接办结后不再发送。",
    "intent": "随企业发送、修订和撤回答复发送，属于履职通知，不能停止。",
    "question": "随提问和答复发送，属于履职通知，不能停止。",
    "consent": "关系到联系方式的使用，随同意和撤回发送，不能停止。",
    "organisation": "随认领申请的办理发送，不能停止；办结后不再发送。",
    "account": "关系到账号和邮件的使用，不能停止。",
    "job": "随后台任务的结果发送，不能停止。",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one account."""

    account_key: int
    kind: str
    title: str
    reason: str
    body: str = ""
    link: str = ""


def notify(
    db: Database, account_keys: Iterable[int], *, kind: str, title: str, body: str = "", link: str = "", reason: str
) -> int:
    """Write one notice for each account inside the caller's transaction; return how many were written.

    ``reason`` says in one sentence why the person gets it; ``link`` is a path on this site. Account 0 is nobody.
    Raises ValueError without a reason, or for a link that leaves the site.
    """
    return notify_each(db, (Notice(key, kind, title, reason, body, link) for key in dict.fromkeys(account_keys)))


def notify_each(db: Database, notices: Iterable[Notice]) -> int:
    """Write notices that differ, in one statement however many; return how many. Raises as ``notify`` does."""
    told = [asdict(one) for one in notices if one.account_key]
    for one in told:
        link = one["link"]
        if not one["reason"]:
            raise ValueError("a notice needs its reason")
        if link and (not link.startswith("/") or link.startswith("//")):
            raise ValueError(link)
    return insert_notices(db, told)


def how_to_stop(kind: str) -> str:
    """Return in one sentence how a kind of notice is stopped, or why it cannot be."""
    return _CHOICE if kind in CHOSEN else _STOPS.get(kind, _DUTY)


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
