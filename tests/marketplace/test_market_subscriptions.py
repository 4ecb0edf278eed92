"""Saved searches and subscriptions: kept once, seen by their owner only, with the volume to be expected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity
from market_tools import Shop
from people import make_person, own

from marketplace import ListQuery, Market, NotFoundError, RefusedError, StaleError, Viewer
from marketplace.days import week_of
from marketplace.store import postings
from marketplace.store.database import transaction
from marketplace.subscribing.weeks import current_week, last_weeks, window_of
from matching import Side

FIRM, BUREAU = "武汉楚光智感科技有限公司（示例）", "江夏区城市管理执法局（示例）"


class Town:
    """A firm and a bureau with a pair that fits, and their people."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.db = shop, shop.db
        shop.take(make_opportunity())
        shop.take(make_capability())
        self.need, self.offer = shop.key("JH-001"), shop.key("NL-001")
        self.bureau, self.firm = own(self.db, self.need, BUREAU), own(self.db, self.offer, FIRM, "enterprise")
        self.vendor = make_person(self.db, "company", organisation=self.firm)
        self.clerk = make_person(self.db, "publisher", organisation=self.bureau)
        self.market = Market(shop.settings, HashingEncoder())
        self.book, self.shelf = self.market.subscriptions, self.market.searches

    def fits(self, band: str = "good") -> None:
        """Let the pair lie in a band, whatever the hashing encoder makes of it."""
        with transaction(self.db):
            self.db.conn.execute("update match set band = ?", [band])

    def published(self, key: int, days_ago: int) -> None:
        """Let a posting have come into the list so many days ago."""
        day = (datetime.now(UTC).date() - timedelta(days=days_ago)).isoformat()
        with transaction(self.db):
            self.db.table("posting").update(key, {"published_on": day})
        self.market._keeper._desk = None  # no change of the lists goes with it


@pytest.fixture
def town(shop: Shop) -> Town:
    return Town(shop)


def actions(town: Town, subject: str) -> list[str]:
    rows = town.db.query("select action from audit where subject = ? order by seq", [subject])
    return [row["action"] for row in rows]


def test_a_subscription_is_made_once_and_tells_what_it_would_have_told(town: Town) -> None:
    town.fits()
    page = town.book.new_page(town.vendor, "capability", town.offer)
    assert (page.view.key, page.view.about) == (0, "窨井状态感知终端")
    assert page.volume is not None
    assert (page.volume.items, page.volume.days, page.volume.weeks) == (1, 1, 8)
    (fit,) = page.groups[0].fits
    assert (fit.title, fit.organisation, fit.deadline, fit.band) == (
        "窨井盖缺失移位自动发现", BUREAU, "2027-03-31", "较匹配",
    )  # fmt: skip
    assert fit.path == f"/pairs/{town.need}/{town.offer}"
    assert fit.why
    key = town.book.subscribe(town.vendor, "capability", town.offer, "weekly")
    # Sent twice by one press too many.
    assert town.book.subscribe(town.vendor, "capability", town.offer, "weekly") == key
    assert actions(town, "subscription") == ["subscription.made"]
    (line,) = town.book.list_page(town.vendor).subscriptions
    assert (line.key, line.frequency_label, line.idle) == (key, "每周一", "")
    assert town.book.new_page(town.vendor, "capability", town.offer).view.key == key


def test_volume_counts_eight_weeks_and_good_bands_only(town: Town) -> None:
    town.fits("possible")
    assert town.book.new_page(town.vendor, "capabilities", 0).groups == ()
    town.fits("strong")
    town.published(town.need, 56)
    assert town.book.new_page(town.vendor, "capabilities", 0).groups == ()
    town.published(town.need, 55)
    assert town.book.new_page(town.vendor, "capabilities", 0).volume.items == 1
    town.shop.take(make_opportunity(deadline="2020-01-01"))
    town.fits("strong")
    assert town.book.new_page(town.vendor, "capabilities", 0).groups == (), "the deadline has passed"


def test_nobody_follows_or_sees_what_belongs_to_others(town: Town) -> None:
    key = town.book.subscribe(town.vendor, "capabilities", 0, "weekly")
    nurse = make_person(town.db, "expert")
    for viewer in (town.clerk, nurse, Viewer()):
        for act in (
            lambda viewer=viewer: town.book.page(viewer, key),
            lambda viewer=viewer: town.book.stop(viewer, key),
            lambda viewer=viewer: town.book.change(viewer, key, "never", 1),
            lambda viewer=viewer: town.book.subscribe(viewer, "capability", town.offer, "weekly"),
        ):
            with pytest.raises(NotFoundError):
                act()
    for subject, number in (("capability", town.need), ("overdue", 0), ("nothing", 0), ("capabilities", 5)):
        with pytest.raises(NotFoundError):
            town.book.subscribe(town.vendor, subject, number, "weekly")
    for frequency in ("", "daily"):
        with pytest.raises(RefusedError, match="通知频率"):
            town.book.subscribe(town.vendor, "capability", town.offer, frequency)
    boss = make_person(town.db, "matchmaker")
    with pytest.raises(RefusedError, match="每周一"):
        town.book.subscribe(boss, "overdue", 0, "at_once")
    assert town.book.subscribe(boss, "overdue", 0, "weekly")


def test_two_windows_that_change_one_subscription_are_told_apart(town: Town) -> None:
    key = town.book.subscribe(town.vendor, "capability", town.offer, "weekly")
    town.book.change(town.vendor, key, "never", 1)
    town.book.change(town.vendor, key, "never", 1)  # the same twice is once
    with pytest.raises(StaleError):
        town.book.change(town.vendor, key, "at_once", 1)
    assert town.book.page(town.vendor, key).view.frequency == "never"
    town.book.stop(town.vendor, key)
    with pytest.raises(NotFoundError):
        town.book.stop(town.vendor, key)
    assert actions(town, "subscription") == ["subscription.made", "subscription.changed", "subscription.stopped"]


def test_what_is_off_the_lists_says_so(town: Town) -> None:
    town.book.subscribe(town.vendor, "capability", town.offer, "weekly")
    town.shop.withdraw("NL-001")
    (line,) = town.book.list_page(town.vendor).subscriptions
    assert "不公开" in line.idle


def test_a_search_is_kept_under_a_name(town: Town) -> None:
    query = ListQuery(Side.OPPORTUNITY, "井盖", {"region": ("武汉市",)}, "relevance")
    page = town.shelf.new_page(town.clerk, query)
    assert (page.name, page.volume.items) == ("井盖、武汉市", 1)
    key = town.shelf.save(town.clerk, query, " 井盖  武汉 ")
    assert town.shelf.save(town.clerk, query, "井盖 武汉") == key
    with pytest.raises(RefusedError, match="已经有"):
        town.shelf.save(town.clerk, ListQuery(Side.CAPABILITY), "井盖 武汉")
    for name in ("", "  ", "字" * 41):
        with pytest.raises(RefusedError, match="名称"):
            town.shelf.save(town.clerk, query, name)
    other = town.shelf.save(town.clerk, ListQuery(Side.CAPABILITY), "全部能力")
    with pytest.raises(RefusedError):
        town.shelf.rename(town.clerk, other, "井盖 武汉")
    town.shelf.rename(town.clerk, other, "能力")
    (first, second) = town.book.list_page(town.clerk).searches
    assert [first.name, second.name] == ["井盖 武汉", "能力"]
    assert first.query == query
    assert first.conditions == ("搜索词：井盖", "区域：武汉市")
    for act in (town.shelf.page, town.shelf.delete, lambda viewer, one: town.shelf.rename(viewer, one, "x")):
        with pytest.raises(NotFoundError):
            act(town.vendor, key)


def test_deleting_a_search_ends_its_subscription(town: Town) -> None:
    key = town.shelf.save(town.clerk, ListQuery(Side.CAPABILITY), "能力")
    town.book.subscribe(town.clerk, "search", key, "at_once")
    with pytest.raises(NotFoundError):
        town.book.subscribe(town.vendor, "search", key, "weekly")
    town.shelf.delete(town.clerk, key)
    page = town.book.list_page(town.clerk)
    assert (page.subscriptions, page.searches) == ((), ())


def test_to_be_told_of_a_posting_must_hold_every_word(town: Town) -> None:
    town.shop.take(make_opportunity(id="JH-002", title="路灯故障告警", background="路灯坏了。", requirements=("告警",)))
    for text, count in (("井盖", 1), ("告警", 2), ("井盖 路灯", 0), ("", 2)):
        page = town.shelf.new_page(town.clerk, ListQuery(Side.OPPORTUNITY, text, order="newest"))
        assert page.volume.items == count, text


@pytest.mark.parametrize(
    ("moment", "week"),
    [("2026-11-30T00:09:59+00:00", "2026-11-23"), ("2026-11-30T00:10:00+00:00", "2026-11-30"),
     ("2026-12-06T23:59:00+00:00", "2026-11-30"), ("2026-12-06T16:30:00+00:00", "2026-11-30")],
)  # fmt: skip
def test_a_week_is_told_of_from_ten_past_eight_on_monday_in_beijing(moment: str, week: str) -> None:
    assert current_week(datetime.fromisoformat(moment)) == week


@pytest.mark.parametrize(
    ("moment", "day", "week"),
    [("2026-11-29T15:59:59Z", "2026-11-29", "2026-11-23"), ("2026-11-29T16:00:00Z", "2026-11-30", "2026-11-30")],
)  # fmt: skip
def test_a_posting_belongs_to_the_day_in_beijing(
    town: Town, monkeypatch: pytest.MonkeyPatch, moment: str, day: str, week: str
) -> None:
    monkeypatch.setattr(postings, "now", lambda: moment)
    town.shop.take(make_opportunity(id="JH-077", title="夜里发布"))
    (row,) = town.db.query("select published_on from posting where external_id = 'JH-077'")
    assert row["published_on"] == day
    assert week_of(moment) == week
    assert window_of("2026-11-30").holds(row["published_on"]) is (day < "2026-11-30")


def test_a_window_reaches_back_to_the_last_digest_and_no_further_than_eight_weeks() -> None:
    window = window_of("2026-11-30")
    assert (window.since, window.until, window.words) == ("2026-11-23", "2026-11-30", "11月23日至29日")
    assert [window.holds(day) for day in ("2026-11-22", "2026-11-23", "2026-11-29", "2026-11-30", "", None)] == [
        False, True, True, False, False, False,
    ]  # fmt: skip
    assert window_of("2026-11-30", "2026-11-16").since == "2026-11-16"
    assert window_of("2026-11-30", "2026-01-05").since == "2026-10-05"
    # Taken up again after months: from that week on; a newcomer is told of the week before.
    assert window_of("2026-11-30", "2026-01-05", "2026-11-16").since == "2026-11-16"
    assert window_of("2026-11-30", "2026-01-05", "2026-11-30").since == "2026-11-23"
    assert window_of("2026-11-30", "2026-11-23", "2026-01-05").since == "2026-11-23"
    assert window_of("2026-11-30", "", "2026-11-30").since == "2026-11-23"
    assert window_of("2026-12-07").words == "11月30日至12月6日"
    today = datetime(2026, 11, 30, tzinfo=UTC).date()
    assert last_weeks(8, today).since == "2026-10-06"
