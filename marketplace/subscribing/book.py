"""The room of subscriptions: what one follows, how often one is told, and stopping it."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.access import COMPANY, MATCHMAKER, PUBLISHER, Viewer
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import ForbiddenError, NotFoundError, RefusedError, StaleError
from marketplace.finder import Finder
from marketplace.settings import MarketSettings
from marketplace.store.database import transaction
from marketplace.store.subscriptions import (
    NEVER,
    WEEKLY,
    SubscriptionRow,
    change_frequency,
    delete_subscription,
    find_subscription,
    insert_subscription,
    load_search,
    load_searches,
    load_subscription,
    load_subscriptions,
)
from marketplace.subscribing.fits import FitFinder, Group
from marketplace.subscribing.mailbox import mail_view
from marketplace.subscribing.pages import (
    WEEKS,
    Offer,
    SavedSearchView,
    StopPage,
    SubscriptionListPage,
    SubscriptionPage,
    SubscriptionView,
    Volume,
)
from marketplace.subscribing.searches import conditions_of, unpack_query
from marketplace.subscribing.signing import ONE, Signer, StopToken
from marketplace.subscribing.subjects import (
    CAPABILITIES,
    CAPABILITY,
    DIGEST_LABELS,
    DIGEST_OF,
    FREQUENCIES,
    OPPORTUNITIES,
    OPPORTUNITY,
    OVERDUE,
    SEARCH,
    SUBJECTS,
    frequencies_of,
    may_follow,
)
from marketplace.subscribing.weeks import last_weeks

SUBJECT = "subscription"
_ROLE_OF = {COMPANY: (CAPABILITIES,), PUBLISHER: (OPPORTUNITIES,), MATCHMAKER: (OVERDUE,)}
# So many of one's own postings are offered one by one.
OFFERED = 50


class SubscriptionBook:
    """Subscriptions as their owner sees them; nobody sees another person's."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings, finder: Finder) -> None:
        self._keeper, self._settings, self._finder = keeper, settings, finder
        self._signer = Signer(settings.keys_dir)

    def list_page(self, viewer: Viewer) -> SubscriptionListPage:
        """Return what the viewer follows and could follow."""
        db, rows = self._keeper.db, load_subscriptions(self._keeper.db, viewer.account_key)
        views = tuple(self._view(viewer, row) for row in rows)
        followed = {(row.subject, row.subject_key): row.key for row in rows}
        desk = self._keeper.desk()
        searches = []
        for kept in load_searches(db, viewer.account_key):
            query = unpack_query(kept.side, kept.query)
            key = followed.get((SEARCH, kept.key), 0)
            searches.append(SavedSearchView(kept.key, kept.name, query, conditions_of(desk, query), key))
        offers = tuple(one for one in self._offers(viewer) if (one.subject, one.subject_key) not in followed)
        return SubscriptionListPage(views, tuple(searches), offers, mail_view(db, self._settings, viewer))

    def new_page(self, viewer: Viewer, subject: str, subject_key: int) -> SubscriptionPage:
        """Return the form of a subscription with the volume to be expected; of one that is there already, its page.

        Raises NotFoundError for what the viewer cannot follow.
        """
        found = find_subscription(self._keeper.db, viewer.account_key, subject, subject_key)
        if found is not None:
            return self.page(viewer, found.key)
        about, path = self._about(viewer, subject, subject_key)
        view = SubscriptionView(0, subject, SUBJECTS[subject], about, path, "", "", 0)
        return self._page(viewer, view, subject_key)

    def subscribe(self, viewer: Viewer, subject: str, subject_key: int, frequency: str) -> int:
        """Follow something, or change how often one is told of it; return the subscription's key.

        Raises NotFoundError for what the viewer cannot follow, RefusedError for an unknown frequency.
        """
        self._about(viewer, subject, subject_key)
        _require_frequency(subject, frequency)
        db = self._keeper.db
        with transaction(db):
            found = find_subscription(db, viewer.account_key, subject, subject_key)
            if found is None:
                key = insert_subscription(db, viewer.account_key, subject, subject_key, frequency)
                record_action(
                    db, viewer, "subscription.made", SUBJECT, key, 内容=SUBJECTS[subject], 频率=FREQUENCIES[frequency]
                )  # fmt: skip
                return key
            self._change(viewer, found, frequency)
            return found.key

    def page(self, viewer: Viewer, key: int) -> SubscriptionPage:
        """Return one subscription with what it would have told in the last weeks.

        Raises NotFoundError when it is not the viewer's.
        """
        row = self._find(viewer, key)
        return self._page(viewer, self._view(viewer, row), row.subject_key)

    def change(self, viewer: Viewer, key: int, frequency: str, stamp: int) -> None:
        """Set how often one is told.

        Raises RefusedError for an unknown frequency, StaleError when it was changed elsewhere since ``stamp``.
        """
        row = self._find(viewer, key)
        _require_frequency(row.subject, frequency)
        with transaction(self._keeper.db):
            fresh = self._find(viewer, key)
            if fresh.stamp != stamp and fresh.frequency != frequency:
                raise StaleError("这项订阅刚刚已改动，这次没有保存；请核对最新设置后再改。")
            self._change(viewer, fresh, frequency)

    def stop(self, viewer: Viewer, key: int) -> None:
        """End a subscription. Raises NotFoundError when it is not the viewer's."""
        row = self._find(viewer, key)
        db = self._keeper.db
        with transaction(db):
            if delete_subscription(db, key):
                record_action(db, viewer, "subscription.stopped", SUBJECT, key, 内容=SUBJECTS[row.subject])

    def stop_page(self, viewer: Viewer, token: str) -> StopPage:
        """Return what a link from a letter stops; whoever holds the letter may ask, signed in or not.

        Raises NotFoundError for a link that was not made here.
        """
        named = self._read(token)
        rows = self._named(named)
        label = DIGEST_LABELS.get(named.kind) or (SUBJECTS[rows[0].subject] if rows else "这项订阅")
        return StopPage(label, not any(row.frequency != NEVER for row in rows))

    def stop_signed(self, viewer: Viewer, token: str) -> StopPage:
        """Send nothing more of what a link from a letter names; the subscriptions stay, to be taken up again.

        Raises NotFoundError for a link that was not made here.
        """
        db, named = self._keeper.db, self._read(token)
        with transaction(db):
            for row in self._named(named):
                if row.frequency != NEVER:
                    change_frequency(db, row, NEVER)
                    told = {"内容": SUBJECTS[row.subject], "方式": "邮件中的链接"}
                    record_action(db, viewer, "subscription.stopped", SUBJECT, row.key, **told)
        return self.stop_page(viewer, token)

    def _read(self, token: str) -> StopToken:
        named = self._signer.read_stop(token)
        if named is None:
            raise NotFoundError("这个停止链接不完整或不是本站发出的；请从邮件里完整复制，或登录后在“订阅”里停止。")
        return named

    def _named(self, named: StopToken) -> list[SubscriptionRow]:
        """The subscriptions a stop link is about: of a digest only those told weekly."""
        rows = load_subscriptions(self._keeper.db, named.account_key)
        if named.kind == ONE:
            return [row for row in rows if row.key == named.key]
        return [row for row in rows if DIGEST_OF[row.subject] == named.kind and row.frequency in (WEEKLY, NEVER)]

    def _change(self, viewer: Viewer, row: SubscriptionRow, frequency: str) -> None:
        if row.frequency == frequency:
            return
        db = self._keeper.db
        change_frequency(db, row, frequency)
        record_action(db, viewer, "subscription.changed", SUBJECT, row.key, 频率=FREQUENCIES[frequency])

    def _find(self, viewer: Viewer, key: int) -> SubscriptionRow:
        row = load_subscription(self._keeper.db, key) if viewer.signed_in else None
        if row is None or row.account_key != viewer.account_key:
            raise NotFoundError("没有找到这项订阅，可能已经停止。")
        return row

    def _fits(self) -> FitFinder:
        return FitFinder(self._keeper.db, self._keeper.desk(), self._finder)

    def _page(self, viewer: Viewer, view: SubscriptionView, subject_key: int) -> SubscriptionPage:
        choices = tuple(frequencies_of(view.subject).items())
        mail = mail_view(self._keeper.db, self._settings, viewer)
        if view.subject == OVERDUE:
            return SubscriptionPage(view, choices, None, (), mail)
        window = last_weeks(WEEKS)
        news = self._fits().groups(viewer, view.subject, subject_key, lambda row: window.holds(row.published_on))
        return SubscriptionPage(view, choices, volume_of(news), news, mail)

    def _view(self, viewer: Viewer, row: SubscriptionRow) -> SubscriptionView:
        try:
            about, path = self._about(viewer, row.subject, row.subject_key)
            idle = ""
        except (NotFoundError, ForbiddenError):
            about, path = "", ""
            idle = "对应的条目已不公开，或您不再有这个身份；现在不会有新内容。"
        return SubscriptionView(
            row.key, row.subject, SUBJECTS[row.subject], about, path, row.frequency, FREQUENCIES[row.frequency],
            row.stamp, idle,
        )  # fmt: skip

    def _about(self, viewer: Viewer, subject: str, subject_key: int) -> tuple[str, str]:
        """Name and path of what is followed; raises NotFoundError for what this viewer cannot follow."""
        if subject not in SUBJECTS or not may_follow(viewer, subject):
            raise NotFoundError("没有找到可以订阅的内容，可能是链接有误。")
        if subject in (CAPABILITIES, OPPORTUNITIES, OVERDUE):
            if subject_key:
                raise NotFoundError("没有找到可以订阅的内容，可能是链接有误。")
            return "", ""
        if subject == SEARCH:
            search = load_search(self._keeper.db, subject_key)
            if search is None or search.account_key != viewer.account_key:
                raise NotFoundError("没有找到这个保存的搜索，可能已经删除。")
            return search.name, ""
        rows = self._fits().own_rows(viewer, subject, subject_key)
        if not rows:
            raise NotFoundError("没有找到这条内容；只能订阅与本单位已发布的条目有关的匹配。")
        kind = "capabilities" if subject == CAPABILITY else "opportunities"
        return rows[0].posting.title, f"/{kind}/{subject_key}"

    def _offers(self, viewer: Viewer) -> tuple[Offer, ...]:
        offers = [Offer(one, 0, SUBJECTS[one]) for role, found in _ROLE_OF.items() if viewer.has(role) for one in found]
        fits = self._fits()
        for whole, single in ((CAPABILITIES, CAPABILITY), (OPPORTUNITIES, OPPORTUNITY)):
            rows = fits.own_rows(viewer, whole, 0) if may_follow(viewer, whole) else []
            offers += [Offer(single, row.key, SUBJECTS[single], row.posting.title) for row in rows[:OFFERED]]
        return tuple(offers)


def volume_of(groups: Sequence[Group]) -> Volume:
    """Return how many postings the groups tell of, and on how many days they came."""
    days = {fit.key: fit.published_on for group in groups for fit in group.fits}
    return Volume(len(days), len(set(days.values())))


def _require_frequency(subject: str, frequency: str) -> None:
    allowed = frequencies_of(subject)
    if frequency not in allowed:
        raise RefusedError(f"“通知频率”：发现“{frequency[:20]}”；应为：{'、'.join(allowed.values())}之一。")
