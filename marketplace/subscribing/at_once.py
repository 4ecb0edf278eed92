"""The job that tells of new postings as soon as they are matched."""

from __future__ import annotations

from typing import Any

from marketplace.desk import DeskKeeper
from marketplace.finder import Finder
from marketplace.jobs.context import JobContext
from marketplace.sealing import Sealer
from marketplace.store.changes import write_value
from marketplace.store.database import snapshot_read, transaction
from marketplace.store.freshness import is_matched
from marketplace.store.subscriptions import (
    AT_ONCE,
    SubscriptionRow,
    load_subscription,
    move_all_since,
    move_since,
    newest_posting,
    subscriptions_of,
)
from marketplace.subscribing.due import TOLD_THROUGH
from marketplace.subscribing.fits import FitFinder, Group
from marketplace.subscribing.letters import MANAGE, Message, count_of, group_lines
from marketplace.subscribing.people import Teller, reader_of
from marketplace.subscribing.signing import ONE, Signer, StopToken
from marketplace.subscribing.subjects import SEARCH, SUBJECTS


def tell_at_once(context: JobContext) -> dict[str, Any]:
    """Tell everyone who wants to know at once of what is new; return how many were told.

    How far a subscription has told moves in the transaction of its notice, so that a broken run tells nothing twice.
    """
    db, settings = context.db, context.settings
    with snapshot_read(db):
        newest, ready = newest_posting(db), is_matched(db)
    if not ready:
        return {"told": 0, "message": "匹配还在更新，随后再通知。"}
    keeper = DeskKeeper(settings)
    fits = FitFinder(db, keeper.desk(), Finder(settings, keeper))
    teller = Teller(db, Sealer(settings.keys_dir), Signer(settings.keys_dir), settings.mail.site_address)
    rows, told = [row for row in subscriptions_of(db, AT_ONCE) if row.since_key < newest], 0
    for place, row in enumerate(rows, 1):
        told += _tell(context, fits, teller, row, newest)
        context.say(place, len(rows) + 1, f"已看过 {place} / {len(rows)} 项订阅")
    with transaction(db):
        move_all_since(db, newest)
        write_value(db, TOLD_THROUGH, str(newest))
    return {"told": told, "message": f"查看 {len(rows)} 项订阅，通知 {told} 人次。"}


def _tell(context: JobContext, fits: FitFinder, teller: Teller, row: SubscriptionRow, newest: int) -> int:
    db = context.db
    viewer = reader_of(db, row.account_key)
    if viewer is None:
        return 0
    groups = fits.groups(viewer, row.subject, row.subject_key, lambda one: row.since_key < one.key <= newest)
    if not groups:
        return 0
    with transaction(db):
        fresh = load_subscription(db, row.key)
        if fresh != row:  # stopped or changed while this was being written
            return 0
        move_since(db, row.key, newest)
        token = StopToken(row.account_key, ONE, row.key)
        teller.tell(_message(row, groups), token, "subscription", f"{row.key}:{newest}")
    return 1


def _message(row: SubscriptionRow, groups: tuple[Group, ...]) -> Message:
    count, first = count_of(groups), groups[0].fits[0]
    name = SUBJECTS[row.subject]
    title = f"{name}：{first.title}" if count == 1 else f"{name}：{count} 项"
    searched = f"“{groups[0].title}”" if row.subject == SEARCH else ""
    lead = f"{name}{searched}，共 {count} 项。"
    link = first.path if count == 1 else f"{MANAGE}/{row.key}"
    reason = f"您订阅了“{name}”，有新内容即通知。"
    return Message(title, lead, group_lines(groups), reason, link, count)
