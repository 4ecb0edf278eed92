"""Which work of subscriptions is due; the worker asks every few seconds, so the answers are looks into indexes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from marketplace.store import Database
from marketplace.store.changes import read_value
from marketplace.store.database import now
from marketplace.store.freshness import is_matched
from marketplace.store.outbox import count_due
from marketplace.store.subscriptions import AT_ONCE, WEEKLY, has_subscriptions, newest_posting
from marketplace.subscribing.weeks import current_week

DIGEST_WEEK, TOLD_THROUGH, REST_UNTIL = "digest_week", "told_through", "mail_rest_until"
# Digests wait for the matching of what was published on Sunday, but not for one that never ends.
_PATIENCE = timedelta(hours=12)


def due_work(db: Database) -> Iterator[tuple[str, str]]:
    """Yield kind and title of the jobs that should be started now."""
    week = current_week()
    if (read_value(db, DIGEST_WEEK) or "") < week and has_subscriptions(db, WEEKLY):
        waited = datetime.now(UTC) - datetime.fromisoformat(f"{week}T08:00:00+08:00")
        if is_matched(db) or waited > _PATIENCE:
            yield "make_digests", "编写周报"
    fresh = has_subscriptions(db, AT_ONCE) and newest_posting(db) > int(read_value(db, TOLD_THROUGH) or 0)
    if fresh and is_matched(db):
        yield "tell_at_once", "通知新内容"
    if (read_value(db, REST_UNTIL) or "") <= now() and count_due(db):
        yield "send_mail", "发送邮件"
