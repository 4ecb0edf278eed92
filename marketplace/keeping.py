"""One day's care for the lists: reminders to owners, and taking off what nobody renewed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from marketplace.access import REVIEWER, Viewer
from marketplace.audit import record_action
from marketplace.contacts import POSTING
from marketplace.jobs.state import FRESH_AT
from marketplace.notices import accounts_of, accounts_with, notify
from marketplace.rules import FreshnessRules
from marketplace.store.changes import write_value
from marketplace.store.database import Database, now, transaction
from marketplace.store.freshness import PostingDays, days_of, mark_reminded, take_away, visible_days
from marketplace.validity import Judgement, judge

SYSTEM = Viewer(name="系统", login="system")
OWN = "/my"
# A reminder names so many postings and counts the others.
NAMED = 30
Say = Callable[[int, int, str], None]


def keep_lists_fresh(
    db: Database, today: date, rules: FreshnessRules, say: Say = lambda done, total, message: None
) -> dict[str, Any]:
    """Judge every visible posting as of ``today``; return how many were reminded of, taken off, and left untold.

    Each step is one transaction with its notices, so that a run that was cut off is simply run again.
    """
    rows = visible_days(db)
    counts = {"reminded": 0, "taken_off": 0, "untold": 0}
    due: dict[tuple[int, ...], list[tuple[PostingDays, Judgement]]] = defaultdict(list)
    for place, row in enumerate(rows, 1):
        judged = judge(row.valid_until, row.confirmed, row.reminded_at, today, rules)
        if judged.take_off:
            counts["taken_off"] += _take_off(db, row.key, today, rules)
        elif judged.remind:
            due[_receivers(db, row)].append((row, judged))
        say(place, len(rows) + 1, f"已检查 {place} / {len(rows)} 条")
    for receivers, found in due.items():
        if receivers:
            _remind(db, receivers, found, today)
        counts["reminded" if receivers else "untold"] += len(found)
    with transaction(db):
        write_value(db, FRESH_AT, now())
    message = f"检查 {len(rows)} 条：提醒 {counts['reminded']} 条，下架 {counts['taken_off']} 条"
    untold = f"，{counts['untold']} 条没有可以提醒的账号" if counts["untold"] else ""
    return {**counts, "message": f"{message}{untold}。"}


def _receivers(db: Database, row: PostingDays) -> tuple[int, ...]:
    """The organisation's own accounts; where it has none, the reviewers of its district."""
    return accounts_of(db, row.organisation_key) or accounts_with(db, REVIEWER, row.region, row.district)


def _why(db: Database, row: PostingDays) -> str:
    if accounts_of(db, row.organisation_key):
        return f"您是“{row.organisation}”的成员。"
    return f"“{row.organisation}”还没有账号，您是该区域的审核员。"


def _take_off(db: Database, key: int, today: date, rules: FreshnessRules) -> int:
    """Take one posting off and tell about it; it is judged again, because its owner may just have confirmed it."""
    with transaction(db):
        row = days_of(db, key)
        judged = judge(row.valid_until, row.confirmed, row.reminded_at, today, rules) if row else Judgement()
        if row is None or not judged.take_off:
            return 0
        take_away(db, key, row.side)
        record_action(db, SYSTEM, "posting.off_shelf", POSTING, key, 原因=judged.take_off)
        notify(
            db, _receivers(db, row), kind="freshness", title=f"“{row.title}”已自动下架",
            body=f"原因：{judged.take_off}。内容仍然有效的，确认并写明新的有效期后自动恢复。", link=page_of(key),
            reason=_why(db, row),
        )  # fmt: skip
    return 1


def _remind(db: Database, receivers: tuple[int, ...], found: list[tuple[PostingDays, Judgement]], today: date) -> None:
    """Write one notice for all postings the same people are to look at."""
    first = found[0][0]
    if len(found) == 1:
        title, link = f"“{first.title}”需要确认是否仍然有效", page_of(first.key)
    else:
        # Reviewers have no page of their own postings.
        title, link = f"{len(found)} 条清单需要确认是否仍然有效", OWN if accounts_of(db, first.organisation_key) else ""
    lines = [f"“{row.title}”（{row.organisation}）：{judged.remind}" for row, judged in found[:NAMED]]
    more = [f"另有 {len(found) - NAMED} 条从略。"] if len(found) > NAMED else []
    body = "\n".join([*lines, *more, "提醒后不确认将自动下架。"])
    count = len({row.organisation for row, _ in found})
    if count == 1:
        reason = _why(db, first)
    elif accounts_of(db, first.organisation_key):
        reason = f"您是这 {count} 个单位的成员。"
    else:
        reason = f"这 {count} 个单位还没有账号，您是其所在区域的审核员。"
    with transaction(db):
        notify(db, receivers, kind="freshness", title=title, body=body, link=link, reason=reason)
        mark_reminded(db, [row.key for row, _ in found], today.isoformat())


def page_of(key: int) -> str:
    """Return the path of the page where owners and reviewers act on a posting."""
    return f"{OWN}/postings/{key}"
