"""Freshness: reminders, leaving the lists by themselves, confirming, taking off and putting back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from factories import make_capability, make_opportunity
from market_tools import Shop, contents
from people import make_person, own

from marketplace import ListQuery, Market, NotFoundError, RefusedError, Viewer
from marketplace.access import PUBLISHER, REVIEWER
from marketplace.jobs import Worker, run_job_now
from marketplace.keeping import NAMED, keep_lists_fresh
from marketplace.rules import FreshnessRules, read_rules
from marketplace.store.audit import load_entries
from marketplace.store.changes import last_change, read_value
from marketplace.store.database import transaction
from marketplace.store.freshness import days_of
from marketplace.store.jobs import jobs_of
from marketplace.store.maintenance import find_faults
from marketplace.store.postings import load_rows
from marketplace.validity import is_expired, judge
from matching import Side

BUREAU = "江夏区城市管理执法局（示例）"
RULES = FreshnessRules()


def day(offset: int) -> str:
    return (date.today() + timedelta(days=offset)).isoformat()


@pytest.mark.parametrize(
    ("valid_until", "confirmed", "reminded", "remind", "take_off"),
    [
        (31, 0, None, False, False),
        (30, 0, None, True, False),
        (30, 0, 0, False, False),
        (0, 0, -5, False, False),
        (-1, 0, -5, False, True),
        (-1, 0, None, False, True),
        (None, -89, None, False, False),
        (None, -90, None, True, False),
        (None, -104, -14, False, True),
        (None, -103, -13, False, False),
        # Nobody was told: it is not taken off, however long ago it was confirmed.
        (None, -400, None, True, False),
        # The reminder belongs to the period before the confirmation.
        (None, -90, -91, True, False),
        (None, -104, -105, True, False),
        # Told of the end of validity; that it is unconfirmed is another reason, and comes with a time of its own.
        (20, -90, -10, True, False),
        (20, -95, -5, False, False),
        (None, None, None, False, False),
    ],
)
def test_days_ask_for_a_reminder_or_the_end(
    valid_until: int | None, confirmed: int | None, reminded: int | None, remind: bool, take_off: bool
) -> None:
    days = [None if offset is None else day(offset) for offset in (valid_until, confirmed, reminded)]
    judged = judge(days[0], days[1], days[2], date.today(), RULES)
    assert (bool(judged.remind), bool(judged.take_off)) == (remind, take_off)


def test_last_day_still_counts_and_words_do_not_expire() -> None:
    texts = (day(-1), day(0), day(1), None, "", "长期")
    assert [is_expired(text, date.today()) for text in texts] == [True] + [False] * 5
    moment = f"{day(-14)}T08:00:00Z"
    assert judge(None, day(-104), moment, date.today(), RULES).take_off, "a moment counts by its day"


def test_rules_are_read_from_settings() -> None:
    assert read_rules(FreshnessRules, {}) == FreshnessRules(30, 90, 14)
    assert read_rules(FreshnessRules, {"SCENEMATCH_CONFIRM_EVERY_DAYS": " 180 "}).confirm_every_days == 180
    for text in ("6", "366", "十四", "１４", "7.5"):
        with pytest.raises(RefusedError, match="SCENEMATCH_OFF_SHELF_DAYS"):
            read_rules(FreshnessRules, {"SCENEMATCH_OFF_SHELF_DAYS": text})


@pytest.fixture
def clerk(shop: Shop) -> Viewer:
    """Who keeps the one published need of a matched shop."""
    shop.take(make_opportunity(valid_until=day(60), last_confirmed=day(-1)))
    shop.take(make_capability())
    return make_person(shop.db, PUBLISHER, organisation=own(shop.db, shop.key("JH-001"), BUREAU))


def let(shop: Shop, **days: Any) -> int:
    """Store the need with other days; return its key."""
    listing = replace(shop.row("JH-001").posting.listing, **days)
    shop.take(replace(shop.row("JH-001").posting, listing=listing))
    return shop.key("JH-001")


def keep(shop: Shop, today: date | None = None) -> dict[str, Any]:
    return keep_lists_fresh(shop.db, today or date.today(), RULES)


def shown(shop: Shop) -> bool:
    return Market(shop.settings, shop.encoder).list_postings(ListQuery(Side.OPPORTUNITY)).total == 1


def whole(shop: Shop) -> bool:
    return find_faults(shop.db) == []


def test_owner_is_reminded_once_a_period(shop: Shop, clerk: Viewer) -> None:
    let(shop, valid_until=day(10))
    assert keep(shop)["reminded"] == 1
    assert keep(shop)["reminded"] == keep(shop, date.today() + timedelta(days=9))["reminded"] == 0
    (notice,) = Market(shop.settings).notices.inbox(clerk).notices
    assert "窨井盖缺失移位自动发现" in notice.title
    assert f"有效期至 {day(10)}" in notice.body
    assert notice.reason == f"您是“{BUREAU}”的成员。"
    assert notice.link == f"/my/postings/{shop.key('JH-001')}"
    Market(shop.settings).freshness.confirm(clerk, shop.key("JH-001"), day(100))
    assert keep(shop, date.today() + timedelta(days=69))["reminded"] == 0
    assert keep(shop, date.today() + timedelta(days=70))["reminded"] == 1


def test_many_postings_make_one_notice(shop: Shop, clerk: Viewer) -> None:
    let(shop, valid_until=day(10))
    shop.take(make_opportunity(id="JH-002", title="另一条", last_confirmed=day(-91), valid_until=None))
    own(shop.db, shop.key("JH-002"), BUREAU)
    assert keep(shop)["reminded"] == 2
    (notice,) = Market(shop.settings).notices.inbox(clerk).notices
    assert notice.title == "2 条清单需要确认是否仍然有效"
    assert len(notice.body.splitlines()) == 3
    assert f"“另一条”（{BUREAU}）：最近确认" in notice.body
    assert notice.link == "/my"


def test_reviewer_of_the_district_is_told_where_nobody_has_an_account(shop: Shop) -> None:
    shop.take(make_opportunity(valid_until=day(5)))
    own(shop.db, shop.key("JH-001"), BUREAU)
    assert keep(shop) == {"reminded": 0, "taken_off": 0, "untold": 1} | {"message": keep(shop)["message"]}
    assert "1 条没有可以提醒的账号" in keep(shop)["message"]
    here, there = (make_person(shop.db, REVIEWER, districts=[place]) for place in ("武汉市江夏区", "黄石市"))
    assert keep(shop)["reminded"] == 1
    inbox = Market(shop.settings).notices
    assert "还没有账号" in inbox.inbox(here).notices[0].reason
    assert inbox.unread(there) == 0


def test_long_reminder_names_some_and_counts_the_rest(shop: Shop) -> None:
    shop.take(
        *(make_opportunity(id=f"JH-{place}", title=f"需求{place}", valid_until=day(5)) for place in range(NAMED + 2))
    )
    reviewer = make_person(shop.db, REVIEWER)
    assert keep(shop)["reminded"] == NAMED + 2
    (notice,) = Market(shop.settings).notices.inbox(reviewer).notices
    assert len(notice.body.splitlines()) == NAMED + 2
    assert "另有 2 条从略。" in notice.body
    assert notice.link == "", "a reviewer has no page of own postings"


def test_posting_past_its_last_day_leaves_by_itself_and_comes_back_confirmed(shop: Shop, clerk: Viewer) -> None:
    key = let(shop, valid_until=day(-1))
    assert not shown(shop), "it vanishes from the list before anything has run"
    assert keep(shop)["taken_off"] == 1
    assert keep(shop)["taken_off"] == 0
    row = shop.row("JH-001")
    assert row.state == "off_shelf"
    assert shop.db.table("vector").count_where("posting_key = ?", [key]) == 0
    assert shop.db.table("match").count == 0
    assert int(read_value(shop.db, "matched_through") or 0) == last_change(shop.db)
    (entry,) = load_entries(shop.db, {"action": "posting.off_shelf"})
    assert (entry["actor"], entry["subject_key"]) == ("system", key)
    (notice,) = Market(shop.settings).notices.inbox(clerk).notices
    assert notice.title.endswith("已自动下架")
    assert whole(shop)

    desk = Market(shop.settings).freshness
    with pytest.raises(RefusedError, match="填写新的有效期"):
        desk.confirm(clerk, key)
    job = desk.confirm(clerk, key, day(90))
    assert shop.row("JH-001").state == "off_shelf", "its vectors are still to be made"
    assert whole(shop)
    assert Worker(shop.work).run_waiting() == 1
    assert Market(shop.settings).jobs.page(clerk, job).state == "done"
    row = shop.row("JH-001")
    assert (row.state, row.posting.listing.valid_until, row.posting.listing.last_confirmed) == (
        "published", day(90), day(0),
    )  # fmt: skip
    assert shown(shop)
    assert shop.db.table("match").count == 1
    assert whole(shop)


def test_unconfirmed_posting_leaves_two_weeks_after_its_reminder(shop: Shop, clerk: Viewer) -> None:
    let(shop, valid_until=None, last_confirmed=day(-90))
    assert keep(shop)["reminded"] == 1
    assert keep(shop, date.today() + timedelta(days=13))["taken_off"] == 0
    assert keep(shop, date.today() + timedelta(days=14))["taken_off"] == 1
    assert "没有确认" in Market(shop.settings).notices.inbox(clerk).notices[0].body


def test_confirming_moves_the_days_and_nothing_else(shop: Shop, clerk: Viewer) -> None:
    key = let(shop, extra={"valid_until_text": "长期", "last_confirmed_text": "去年底", "other": "留下"})
    before, row = contents(shop.db), shop.row("JH-001")
    assert Market(shop.settings).freshness.confirm(clerk, key) == 0
    after, renewed = contents(shop.db), shop.row("JH-001")
    for table in ("vector", "match", "team", "item", "posting_domain"):
        assert after[table] == before[table]
    assert renewed.revision == row.revision
    assert renewed.posting.listing.extra == {"valid_until_text": "长期", "other": "留下"}
    days = days_of(shop.db, key)
    assert days is not None
    assert (days.last_confirmed, days.reminded_at, days.valid_until) == (day(0), None, day(60))
    assert whole(shop)
    assert int(read_value(shop.db, "matched_through") or 0) == last_change(shop.db)
    assert last_change(shop.db) > before["change"][-1]["seq"], "every worker sees the new day"
    assert [entry["action"] for entry in load_entries(shop.db, {"subject": "posting"})] == ["posting.confirmed"]
    Market(shop.settings).freshness.confirm(clerk, key, day(200))
    assert shop.row("JH-001").posting.listing.extra == {"other": "留下"}


def test_pending_changes_stay_pending_after_a_confirmation(shop: Shop, clerk: Viewer) -> None:
    with transaction(shop.db):
        shop.db.conn.execute("update meta set value = '1' where name = 'matched_through'")
    Market(shop.settings).freshness.confirm(clerk, shop.key("JH-001"))
    assert read_value(shop.db, "matched_through") == "1"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("２０９９年６月３０日", "2099-06-30"), ("2099年底", "2099-12-31"), (f" {day(0)} ", day(0))],
)
def test_new_last_day_is_read_as_offices_write_it(shop: Shop, clerk: Viewer, written: str, meant: str) -> None:
    Market(shop.settings).freshness.confirm(clerk, shop.key("JH-001"), written)
    assert shop.row("JH-001").posting.listing.valid_until == meant


@pytest.mark.parametrize("written", [day(-1), "尽快", "2099-13-01", "长期"])
def test_last_day_that_is_none_or_passed_is_refused(shop: Shop, clerk: Viewer, written: str) -> None:
    before = contents(shop.db)
    with pytest.raises(RefusedError, match="不早于今天"):
        Market(shop.settings).freshness.confirm(clerk, shop.key("JH-001"), written)
    assert contents(shop.db) == before


def test_others_do_not_learn_that_there_is_a_posting(shop: Shop, clerk: Viewer) -> None:
    desk, key = Market(shop.settings).freshness, shop.key("JH-001")
    stranger = make_person(shop.db, PUBLISHER, organisation=999)
    elsewhere = make_person(shop.db, REVIEWER, districts=["黄石市"])
    for viewer in (stranger, elsewhere, Viewer()):
        for ask in (desk.confirm, desk.put_back):
            with pytest.raises(NotFoundError):
                ask(viewer, key)
        with pytest.raises(NotFoundError):
            desk.take_off(viewer, key, "原因")
    with pytest.raises(NotFoundError):
        desk.confirm(clerk, 12345)


def test_taking_off_by_hand_and_putting_back(shop: Shop, clerk: Viewer) -> None:
    desk, key = Market(shop.settings).freshness, shop.key("JH-001")
    with pytest.raises(RefusedError, match="原因"):
        desk.take_off(clerk, key, "　 ")
    desk.take_off(clerk, key, "需求已变化")
    assert not shown(shop)
    assert whole(shop)
    with pytest.raises(RefusedError, match="无需下架"):
        desk.take_off(clerk, key, "再来一次")
    with pytest.raises(RefusedError, match="人工下架"):
        desk.confirm(clerk, key)
    assert keep(shop)["taken_off"] == 0
    job = desk.put_back(clerk, key)
    assert run_job_now(shop.work, job)["message"].endswith("已重新上架。")
    assert shown(shop)
    days = days_of(shop.db, key)
    assert days is not None
    assert not days.by_hand
    with pytest.raises(RefusedError, match="不是下架"):
        desk.put_back(clerk, key)
    assert [entry["action"] for entry in load_entries(shop.db, {"subject": "posting"})] == [
        "posting.restored", "posting.confirmed", "posting.off_shelf",
    ]  # fmt: skip


def test_what_a_reviewer_took_off_its_owner_cannot_put_back(shop: Shop, clerk: Viewer) -> None:
    desk, key = Market(shop.settings).freshness, shop.key("JH-001")
    reviewer = make_person(shop.db, REVIEWER, districts=["武汉市"])
    colleague = make_person(shop.db, PUBLISHER, organisation=next(iter(clerk.publisher_of)))
    desk.take_off(reviewer, key, "内容与政策不符")
    for member in (clerk, colleague):
        (notice,) = Market(shop.settings).notices.inbox(member).notices
        assert notice.body == "原因：内容与政策不符"
        with pytest.raises(RefusedError, match="请联系审核员"):
            desk.put_back(member, key)
    run_job_now(shop.work, desk.put_back(reviewer, key))
    desk.take_off(colleague, key, "暂停")
    assert desk.put_back(clerk, key)


def test_withdrawn_posting_is_not_confirmed(shop: Shop, clerk: Viewer) -> None:
    shop.withdraw("JH-001")
    with pytest.raises(RefusedError, match="撤回"):
        Market(shop.settings).freshness.confirm(clerk, shop.key("JH-001"))


def test_restoring_twice_or_after_a_withdrawal_changes_nothing(shop: Shop, clerk: Viewer) -> None:
    desk, key = Market(shop.settings).freshness, shop.key("JH-001")
    desk.take_off(clerk, key, "暂停")
    first, second = desk.put_back(clerk, key), desk.put_back(clerk, key)
    run_job_now(shop.work, first)
    changes = last_change(shop.db)
    run_job_now(shop.work, second)
    assert last_change(shop.db) == changes
    desk.take_off(clerk, key, "暂停")
    third = desk.put_back(clerk, key)
    shop.withdraw("JH-001")
    with pytest.raises(RefusedError, match="没有重新上架"):
        run_job_now(shop.work, third)
    assert load_rows(shop.db, [key])[0].state == "withdrawn"


def test_daily_job_says_what_it_did(shop: Shop, clerk: Viewer) -> None:
    let(shop, valid_until=day(-1))
    worker = Worker(shop.work)
    worker.tend()
    assert worker.run_waiting() == 1
    (row,) = jobs_of(shop.db, None, 9)
    assert (row.kind, row.state, row.message) == ("keep_fresh", "done", "检查 2 条：提醒 0 条，下架 1 条。")
