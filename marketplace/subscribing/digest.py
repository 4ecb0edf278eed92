"""The job of Monday: one digest for each person and kind, made once however often the job is begun again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from marketplace.access import MATCHMAKER, Viewer
from marketplace.days import week_of
from marketplace.desk import Desk, DeskKeeper
from marketplace.finder import Finder
from marketplace.jobs.context import JobContext
from marketplace.sealing import Sealer
from marketplace.stages import OPEN_STAGES, STAGES
from marketplace.store import Database, PostingRow
from marketplace.store.changes import write_value
from marketplace.store.database import transaction
from marketplace.store.subscriptions import (
    WEEKLY,
    SubscriptionRow,
    digests_of,
    has_digest,
    insert_digest,
    last_digest_before,
    load_subscriptions,
    overdue_pairings,
    subscriptions_of,
)
from marketplace.subscribing.due import DIGEST_WEEK
from marketplace.subscribing.fits import FitFinder, Group
from marketplace.subscribing.letters import MANAGE, Message, Overdue, count_of, group_lines, overdue_lines
from marketplace.subscribing.people import Teller, reader_of
from marketplace.subscribing.signing import Signer, StopToken
from marketplace.subscribing.subjects import DIGEST_OF
from marketplace.subscribing.weeks import Window, current_week, window_of

_TITLES = {
    "company": "{count} 项新需求适合贵单位",
    "agency": "{count} 项新能力适合贵单位的需求",
    "search": "保存的搜索有 {count} 条新内容",
    "matchmaker": "{count} 项对接已超期",
}
_LEADS = {
    "company": "{days}，有 {count} 项新发布的需求与您订阅的能力较匹配或高度匹配。",
    "agency": "{days}，有 {count} 项新发布的能力与您订阅的需求较匹配或高度匹配。",
    "search": "{days}，您保存的搜索有 {count} 条新发布的内容。",
    "matchmaker": "截至 {today}，您负责的对接有 {count} 项超过了本阶段时限或下一步的日期。",
}
_REASONS = {
    "company": "您订阅了适合本单位能力的新需求，每周一发送。",
    "agency": "您订阅了适合本单位需求的新能力，每周一发送。",
    "search": "您订阅了保存的搜索，每周一发送。",
    "matchmaker": "您订阅了自己负责的超期对接，每周一发送。",
}


def make_digests(context: JobContext) -> dict[str, Any]:
    """Write the digests of the week that is due; return how many were told, mailed and empty.

    Each digest is one transaction: its mark, the notice and the letter. What was written before a break is passed
    over, so that nobody is told twice or left out.
    """
    db = context.db
    week = str(context.arguments.get("week") or current_week())
    writer = DigestWriter(context, week)
    done = digests_of(db, week)
    wanted = sorted({(row.account_key, DIGEST_OF[row.subject]) for row in subscriptions_of(db, WEEKLY)} - done)
    counts = {"told": 0, "mailed": 0, "empty": 0}
    for place, (account, kind) in enumerate(wanted, 1):
        outcome = writer.write(account, kind)
        if outcome:
            counts[outcome] += 1
        context.say(place, len(wanted) + 1, f"已写 {place} / {len(wanted)} 份周报")
    with transaction(db):
        write_value(db, DIGEST_WEEK, week)
    told, mailed, empty = counts["told"] + counts["mailed"], counts["mailed"], counts["empty"]
    return {**counts, "message": f"{week} 的周报：{told} 份，其中发邮件 {mailed} 份；没有新内容 {empty} 份。"}


class DigestWriter:
    """Writes digests over one state of the lists."""

    def __init__(self, context: JobContext, week: str) -> None:
        settings, db = context.settings, context.db
        keeper = DeskKeeper(settings)
        self._db, self._week, self._desk = db, week, keeper.desk()
        self._fits = FitFinder(db, self._desk, Finder(settings, keeper))
        self._teller = Teller(db, Sealer(settings.keys_dir), Signer(settings.keys_dir), settings.mail.site_address)

    def write(self, account_key: int, kind: str) -> str:
        """Write one digest with its mark; return told, mailed or empty, and nothing when there is nobody to tell."""
        db = self._db
        rows = self._rows(account_key, kind)
        message = self._compose(account_key, kind, rows)
        with transaction(db):
            if has_digest(db, account_key, self._week, kind):
                return ""
            fresh = self._rows(account_key, kind)
            if fresh != rows:  # stopped or changed while this was being written
                message = self._compose(account_key, kind, fresh)
            insert_digest(db, account_key, self._week, kind, message.items if message else 0)
            if message is None:
                return "empty"
            token = StopToken(account_key, kind)
            return "mailed" if self._teller.tell(message, token, "digest", self._week) else "told"

    def _rows(self, account_key: int, kind: str) -> list[SubscriptionRow]:
        rows = load_subscriptions(self._db, account_key)
        return [row for row in rows if row.frequency == WEEKLY and DIGEST_OF[row.subject] == kind]

    def _compose(self, account_key: int, kind: str, rows: Sequence[SubscriptionRow]) -> Message | None:
        """What there is to tell, None for nothing."""
        viewer = reader_of(self._db, account_key) if rows else None
        if viewer is None:
            return None
        windows = self._windows(account_key, kind, rows)
        if kind == "matchmaker":
            overdue = overdue_of(self._db, self._desk, viewer, date.today())
            lines, count = overdue_lines(overdue), len(overdue)
        else:
            groups = self._groups(viewer, rows, windows)
            lines, count = group_lines(groups), count_of(groups)
        if not count:
            return None
        link = "/pairings" if kind == "matchmaker" else f"{MANAGE}/{rows[0].key}" if len(rows) == 1 else MANAGE
        told = Window(min(one.since for one in windows), self._week)
        words = {"count": count, "days": told.words, "today": date.today().isoformat()}
        title = f"周报：{_TITLES[kind].format(**words)}"
        return Message(title, _LEADS[kind].format(**words), lines, _REASONS[kind], link, count)

    def _windows(self, account_key: int, kind: str, rows: Sequence[SubscriptionRow]) -> list[Window]:
        """The days each subscription tells of: what was stopped and taken up again begins with that week."""
        last = last_digest_before(self._db, account_key, kind, self._week)
        return [window_of(self._week, last, week_of(row.updated_at)) for row in rows]

    def _groups(self, viewer: Viewer, rows: Sequence[SubscriptionRow], windows: Sequence[Window]) -> list[Group]:
        """The groups of all subscriptions, each posting of one's own once."""
        found: dict[int, Group] = {}
        for row, window in zip(rows, windows, strict=True):
            groups = self._fits.groups(viewer, row.subject, row.subject_key, partial(_published_in, window), gaps=True)
            for group in groups:
                found.setdefault(group.key, group)
        return list(found.values())


def _published_in(window: Window, row: PostingRow) -> bool:
    return window.holds(row.published_on)


def overdue_of(db: Database, desk: Desk, viewer: Viewer, today: date) -> list[Overdue]:
    """Return the open pairings of a matchmaker that wait too long, longest first."""
    if not viewer.has(MATCHMAKER):
        return []
    found = []
    for raw in overdue_pairings(db, viewer.account_key, today.isoformat(), OPEN_STAGES):
        passed = [day for day in (raw["due_on"], raw["next_on"]) if day and day < today.isoformat()]
        days = (today - date.fromisoformat(min(passed)[:10])).days
        titles = [desk.postings[key].posting.title if key in desk.postings else "已下架的条目"
                  for key in (raw["opportunity_key"], raw["capability_key"])]  # fmt: skip
        step = raw["next_step"] or ""
        found.append(Overdue(f"/pairings/{raw['key']}", " × ".join(titles), STAGES[raw["stage"]], days, step))
    return sorted(found, key=lambda one: -one.days)
