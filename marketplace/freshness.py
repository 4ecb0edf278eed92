"""Keeps the lists fresh: owners confirm and take off, the daily job reminds them and takes off what nobody kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from marketplace.access import REVIEWER, Viewer
from marketplace.audit import record_action
from marketplace.contacts import POSTING
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError, RefusedError, StaleError
from marketplace.followup import look_after_pairings
from marketplace.imports.files import sweep_files
from marketplace.jobs import JobContext, queue_job, start_job
from marketplace.jobs.renewal import renew_matches
from marketplace.keeping import keep_lists_fresh, page_of
from marketplace.notices import accounts_of, notify
from marketplace.records.days import read_day
from marketplace.records.values import UnreadableError
from marketplace.settings import MarketSettings
from marketplace.states import PUBLISHED, STATES, VISIBLE
from marketplace.store.audit import load_entries
from marketplace.store.database import Database, transaction
from marketplace.store.freshness import OFF_SHELF, PostingDays, days_of, mark_by_hand, take_away, write_confirmation
from marketplace.store.imports import open_runs
from marketplace.store.postings import load_rows, set_state
from marketplace.validity import is_expired
from matching import Posting, encode_postings


class FreshnessDesk:
    """What owners, and reviewers of the district, decide about published postings."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings

    def confirm(self, viewer: Viewer, key: int, valid_until: str | None = None) -> int:
        """Note that a posting still holds as of today, with a new last valid day when one is given.

        One that was taken off by itself comes back through a job, whose key is returned, else 0.
        Raises NotFoundError when it is another organisation's, RefusedError for a day that has passed.
        """
        days = self._find(viewer, key)
        if days.state == OFF_SHELF and days.by_hand:
            raise RefusedError(f"“{days.title}”是人工下架的；如需恢复，请使用“重新上架”。")
        if days.state not in (*VISIBLE, OFF_SHELF):
            raise RefusedError(f"“{days.title}”的状态是“{_named(days.state)}”，不能确认；只有已发布或下架的可以。")
        return self._renew(viewer, days, valid_until)

    def put_back(self, viewer: Viewer, key: int, valid_until: str | None = None) -> int:
        """Bring a posting back that is off the shelf, confirmed as of today; return the key of the job that does it.

        Raises NotFoundError when it is another organisation's, RefusedError when it is not off the shelf,
        when its last valid day has passed, and for owners when a reviewer took it off.
        """
        days = self._find(viewer, key)
        if days.state != OFF_SHELF:
            raise RefusedError(f"“{days.title}”的状态是“{_named(days.state)}”，不是下架，无需重新上架。")
        if days.by_hand and not self._reviews(viewer, days) and not self._own_decision(viewer, days):
            raise RefusedError(f"“{days.title}”是审核员下架的；请联系审核员重新上架。")
        return self._renew(viewer, days, valid_until)

    def take_off(self, viewer: Viewer, key: int, reason: str) -> None:
        """Take a published posting off every list and match at once; its owners learn why.

        Raises NotFoundError when it is another organisation's, RefusedError without a reason or when it is not public.
        """
        days, why = self._find(viewer, key), reason.strip()
        if not why:
            raise RefusedError("请填写下架原因。")
        if days.state not in VISIBLE:
            raise RefusedError(f"“{days.title}”的状态是“{_named(days.state)}”，不在公开清单中，无需下架。")
        db = self._keeper.db
        with transaction(db):
            self._still(days)
            take_away(db, key, days.side)
            mark_by_hand(db, key, True)
            record_action(db, viewer, "posting.off_shelf", POSTING, key, 原因=why)
            others = set(accounts_of(db, days.organisation_key)) - {viewer.account_key}
            notify(
                db, sorted(others), kind="freshness", title=f"“{days.title}”已下架", body=f"原因：{why}",
                link=page_of(key), reason=f"您是“{days.organisation}”的成员。",
            )  # fmt: skip

    def _renew(self, viewer: Viewer, days: PostingDays, valid_until: str | None) -> int:
        today = date.today()
        last = _new_day(valid_until, today) or days.valid_until
        if is_expired(last, today):
            raise RefusedError(f"“{days.title}”的有效期至 {last}，已过；请填写新的有效期，不早于今天 {today}。")
        db, hidden = self._keeper.db, days.state == OFF_SHELF
        with transaction(db):
            self._still(days)
            posting = load_rows(db, [days.key])[0].posting
            confirmed = _confirmed(posting, last, today, keep_words=not valid_until)
            write_confirmation(db, days.key, confirmed, OFF_SHELF if hidden else PUBLISHED)
            record_action(db, viewer, "posting.confirmed", POSTING, days.key, 有效期至=last)
            if not hidden:
                return 0
            title, given = f"重新上架“{days.title}”", {"posting_key": days.key}
            job = start_job(db, "restore_posting", title=title, arguments=given, viewer=viewer, link=page_of(days.key))
        queue_job(self._settings, job)
        return job

    def _find(self, viewer: Viewer, key: int) -> PostingDays:
        days = days_of(self._keeper.db, key)
        if days is None or not (viewer.owns(days.organisation_key) or self._reviews(viewer, days)):
            raise NotFoundError("没有找到这条清单，可能是链接有误。")
        return days

    def _still(self, days: PostingDays) -> None:
        """Pass when a posting's state is as it was read: a reviewer may have taken it off meanwhile."""
        fresh = days_of(self._keeper.db, days.key)
        if fresh is None or (fresh.state, fresh.by_hand) != (days.state, days.by_hand):
            raise StaleError(f"“{days.title}”的状态刚刚由别人改变，这次没有改动；请看过最新状态再办。")

    @staticmethod
    def _reviews(viewer: Viewer, days: PostingDays) -> bool:
        return viewer.serves(REVIEWER, days.region, days.district)

    def _own_decision(self, viewer: Viewer, days: PostingDays) -> bool:
        """Whether the viewer, or a colleague, took the posting off."""
        db = self._keeper.db
        where = {"subject": POSTING, "subject_key": days.key, "action": "posting.off_shelf"}
        own = {viewer.account_key, *accounts_of(db, days.organisation_key)}
        return any(entry["account_key"] in own for entry in load_entries(db, where, limit=1))


def keep_fresh(context: JobContext) -> dict[str, Any]:
    """Remind owners, take off what nobody kept, delete uploads of no more use, look after pairings; the daily job."""
    sweep_files(context.settings, open_runs(context.db))
    done = keep_lists_fresh(context.db, date.today(), context.settings.freshness, context.say)
    told = look_after_pairings(context.db, context.settings, date.today())
    if any(told.values()):
        done["message"] += f"对接：提醒超期 {told['late']} 个，提醒回访 {told['revisits']} 个。"
    return done | told


def restore_posting(context: JobContext) -> dict[str, Any]:
    """Encode a confirmed posting, show it again, and match it."""
    key, db = int(context.arguments["posting_key"]), context.db
    days = days_of(db, key)
    if days is None or days.state not in (*VISIBLE, OFF_SHELF):
        raise RefusedError("这条清单已不存在或已撤回，没有重新上架。")
    if days.state == OFF_SHELF:
        context.say(0, 0, "正在编码")
        _show(db, context, key)
    renew_matches(context)
    return {"posting_key": key, "message": f"“{days.title}”已重新上架。"}


def _show(db: Database, context: JobContext, key: int) -> None:
    model = context.workshop.encoder()
    row = load_rows(db, [key])[0]
    vectors = encode_postings([row.posting], model)[0]
    with transaction(db):
        set_state(db, key, row.posting.side, PUBLISHED, vectors, model.fingerprint)
        mark_by_hand(db, key, False)
        record_action(db, context.viewer, "posting.restored", POSTING, key)


def _confirmed(posting: Posting, last: str | None, today: date, *, keep_words: bool) -> Posting:
    """The posting with its new days; words such as 长期 give way to a day that was written."""
    gone = {"last_confirmed_text"} | (set() if keep_words else {"valid_until_text"})
    extra = {name: value for name, value in posting.listing.extra.items() if name not in gone}
    listing = replace(posting.listing, valid_until=last, last_confirmed=today.isoformat(), extra=extra)
    return replace(posting, listing=listing)


def _new_day(text: str | None, today: date) -> str | None:
    """The last valid day as it was written, in any of the ways a list may write one; None for nothing written."""
    written = (text or "").strip()
    if not written:
        return None
    try:
        day = read_day(written, base=today).day
    except UnreadableError:
        day = None
    if day is None or day < today.isoformat():
        allowed = f"应为不早于今天的日期，如 {today.replace(month=12, day=31)}"
        raise RefusedError(f"有效期写的是“{written}”；{allowed}。没有改动。")
    return day


def _named(state: str) -> str:
    return STATES.get(state, state)
