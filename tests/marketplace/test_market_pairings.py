"""Pairings: opening, the caps, the journal."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pairing_tools import BUREAU, COMPANY, RIVAL, Ground

from marketplace import ForbiddenError, NotFoundError, RefusedError, Viewer
from marketplace.errors import CapError
from marketplace.followup import STAGES, PairingQuery, open_pairing, write_event
from marketplace.followup.rights import see
from marketplace.rules import FollowupRules
from marketplace.store.changes import append_change
from marketplace.store.database import transaction
from marketplace.store.pairing_events import load_pairing_events
from marketplace.store.pairings import count_active, update_pairing
from marketplace.store.postings import load_rows
from matching import Side


def test_a_pair_has_one_open_pairing_however_often_it_is_opened(ground: Ground) -> None:
    key = ground.pair(note="电话里说合适")
    assert ground.pair(ground.second_broker) == key
    row = ground.row(key)
    assert (row.stage, row.origin, row.acting, row.stamp) == ("recommended", "hand", "matchmaker", 1)
    assert row.matchmaker_key == ground.broker.account_key
    assert row.due_on > row.stage_since
    (event,) = load_pairing_events(ground.db, key)
    assert (event.action, event.to_stage, event.note) == ("open", "recommended", "电话里说合适")
    assert ground.actions() == ["pairing.opened"]
    assert any("建立对接" in title for title in ground.titles(ground.clerk))
    assert any("建立对接" in title for title in ground.titles(ground.vendor))
    assert ground.titles(ground.rival) == ground.titles(ground.broker) == []


def test_an_intent_waits_for_the_matchmakers_of_the_district(ground: Ground) -> None:
    key = ground.pair(ground.vendor, origin="intent")
    assert ground.row(key).matchmaker_key == 0
    assert any("等待受理" in title for title in ground.titles(ground.broker))
    assert ground.titles(ground.far_broker) == ground.titles(ground.clerk) == []


def test_the_caps_hold_and_tell_a_company_nothing_of_others(ground: Ground) -> None:
    ground.settings = replace(ground.settings, followup=FollowupRules(open_per_opportunity=1))
    ground.pair()
    rival = ground.write(ground.rival, {"title": "井盖监测平台", "summary": "井盖监测。"}, side=Side.CAPABILITY)
    ground.publish(ground.pass_on(rival, ground.rival), side=Side.CAPABILITY, number=2)
    other = ground.published("井盖监测平台")
    with pytest.raises(CapError, match=r"已有 1 个，上限是 1 个"):
        _open(ground, ground.broker, other)
    with pytest.raises(CapError) as refusal:
        _open(ground, ground.rival, other, "intent")
    assert "1" not in str(refusal.value)
    assert count_active(ground.db, opportunity_key=ground.need_key) == 1


def test_what_was_put_aside_takes_no_place(ground: Ground) -> None:
    key = ground.pair()
    with transaction(ground.db):
        assert update_pairing(ground.db, ground.row(key), stage="paused")
    assert count_active(ground.db, opportunity_key=ground.need_key) == 0
    assert ground.pair() == key


def test_a_closed_pairing_makes_room_for_a_new_one_of_the_same_pair(ground: Ground) -> None:
    key = ground.pair()
    with transaction(ground.db):
        update_pairing(ground.db, ground.row(key), stage="failed")
    assert ground.row(key).closed_at
    assert ground.pair() != key


def test_of_two_writers_one_is_told(ground: Ground) -> None:
    row = ground.row(ground.pair())
    with transaction(ground.db):
        assert update_pairing(ground.db, row, next_step="打电话")
        assert not update_pairing(ground.db, row, next_step="上门")
    assert ground.row(row.key).next_step == "打电话"


def test_what_is_not_public_is_not_paired(ground: Ground) -> None:
    with pytest.raises(NotFoundError):
        _open(ground, ground.broker, 999)
    with pytest.raises(NotFoundError):
        _open(ground, ground.broker, ground.need_key)
    ground.market.freshness.take_off(ground.reviewer, ground.offer_key, "重复")
    with pytest.raises(RefusedError, match="不能建立对接"):
        ground.pair()


def test_the_journal_knows_its_actions(ground: Ground) -> None:
    key = ground.pair()
    with transaction(ground.db):
        write_event(ground.db, key, "note", ground.broker, note="对方下周回复", facts={"audience": "all"})
    with pytest.raises(KeyError):
        write_event(ground.db, key, "dance", ground.broker)
    last = load_pairing_events(ground.db, key)[-1]
    assert last.facts == {"audience": "all", "as": "matchmaker"}
    assert (last.action, last.from_stage, last.to_stage) == ("note", "", "")
    assert list(STAGES)[:2] == ["recommended", "contacted"]


def _open(ground: Ground, viewer, offer: int, origin: str = "hand") -> int:
    with transaction(ground.db):
        return open_pairing(ground.db, ground.settings, viewer, ground.need_key, offer, origin=origin)


def test_a_withheld_posting_of_another_district_does_not_exist(ground: Ground) -> None:
    _withhold(ground, ground.need_key)
    book, near = ground.market.pairings, ground.matchmaker("本区", districts=("武汉市",))
    far = ground.matchmaker("异地", districts=("东湖高新区",))
    with transaction(ground.db):
        ground.db.table("posting").update(ground.offer_key, {"district": "东湖高新区", "region": "东湖高新区"})
    with pytest.raises(NotFoundError, match="没有这条场景机会"):
        book.open(far, ground.need_key, ground.offer_key)
    need, offer = load_rows(ground.db, [ground.need_key])[0], load_rows(ground.db, [ground.offer_key])[0]
    for number in (need.posting.id, "JH-2026-999"):
        with pytest.raises(RefusedError, match=r"没有这个编号"):
            book.open_by_number(far, number, offer.posting.id)
    assert book.open_by_number(near, need.posting.id, offer.posting.id)


@pytest.mark.parametrize("state", ["withdrawn", "off_shelf", "expired"])
def test_what_left_the_lists_of_another_district_does_not_exist(ground: Ground, state: str) -> None:
    book = ground.market.pairings
    with pytest.raises(ForbiddenError, match="都不在您负责的区域"):
        book.open(ground.far_broker, ground.need_key, ground.offer_key)
    with transaction(ground.db):
        ground.db.table("posting").update(ground.need_key, {"state": state})
        append_change(ground.db, ground.need_key, Side.OPPORTUNITY, "put")
    with pytest.raises(NotFoundError, match="没有这条场景机会") as gone:
        book.open(ground.far_broker, ground.need_key, ground.offer_key)
    with pytest.raises(NotFoundError) as guessed:
        book.open(ground.far_broker, 12345, ground.offer_key)
    assert str(gone.value) == str(guessed.value)
    # The office of the district knows it, and why it cannot be brought together.
    with pytest.raises(RefusedError, match="的状态是"):
        book.open(ground.broker, ground.need_key, ground.offer_key)


def test_a_member_of_a_side_is_not_its_matchmaker(ground: Ground) -> None:
    book, key = ground.market.pairings, ground.pair()
    for account, held in ((ground.vendor, "company"), (ground.clerk, "publisher")):
        both = _matchmaker_too(ground, account)
        with pytest.raises(ForbiddenError, match="由其他撮合员"):
            book.open(both, ground.need_key, ground.offer_key)
        with pytest.raises(ForbiddenError):
            book.move(both, key, ground.form(key, "contacted"))
        with pytest.raises(RefusedError, match="不能指派"):
            ground.assign(ground.broker, [key], both)
        seen = see(ground.db, both, key)
        assert (seen.office, seen.matchmaker, seen.party) == (False, False, held)
        assert all(number != both.account_key for number, _ in book.page(ground.broker, key).matchmakers)


def test_who_stands_for_a_competitor_as_well_learns_of_no_pairing(ground: Ground) -> None:
    clerk = ground.person("两头", publisher_of=(BUREAU,), company_of=(RIVAL,))
    broker, reviewer = _matchmaker_too(ground, ground.rival), replace(
        ground.reviewer, roles=frozenset({"reviewer", "company"}), company_of=frozenset({RIVAL})
    )  # fmt: skip
    key = ground.pair()
    ground.market.pairings.write_note(ground.vendor, key, "报价已备好", "all")
    ground.pair(ground.vendor, origin="intent")
    for viewer in (clerk, broker, reviewer):
        with pytest.raises(NotFoundError):
            ground.market.pairings.page(viewer, key)
        assert ground.titles(viewer) == []
        assert ground.market.pairings.list_page(viewer, PairingQuery(show="all")).total == 0
    with pytest.raises(ForbiddenError):
        ground.market.pairings.open(broker, ground.need_key, ground.offer_key)
    # An agency that is also the company on the other side is not a competitor.
    own = ground.person("自办", publisher_of=(BUREAU,), company_of=(COMPANY,))
    assert see(ground.db, own, key).publisher
    assert ground.market.pairings.list_page(own, PairingQuery()).total == 1


def test_only_the_role_of_a_side_speaks_for_it(ground: Ground) -> None:
    key = ground.pair()
    seller = ground.person("售", company_of=(BUREAU,))
    buyer = ground.person("购", publisher_of=(COMPANY,))
    for viewer in (seller, buyer):
        with pytest.raises(NotFoundError):
            ground.market.pairings.page(viewer, key)
        assert ground.market.pairings.list_page(viewer, PairingQuery(show="all")).total == 0


def test_no_personal_data_of_a_title_is_told(ground: Ground) -> None:
    record = json.loads(ground.columns("posting", ground.need_key)["record"])
    title = "井盖监测，联系王建国主任13812345678"
    with transaction(ground.db):
        text = json.dumps(record | {"title": title}, ensure_ascii=False)
        ground.db.table("posting").update(ground.need_key, {"title": title, "record": text})
    key = ground.pair()
    told = [
        *ground.titles(ground.vendor),
        ground.market.pairings.list_page(ground.vendor, PairingQuery()).lines[0].need_title,
        ground.market.pairings.page(ground.vendor, key).opportunity.posting.title,
    ]
    assert len(told) == 3
    assert not any("13812345678" in one or "王建国" in one for one in told)


def _withhold(ground: Ground, key: int) -> None:
    record = json.loads(ground.columns("posting", key)["record"]) | {"disclosure": "不予公开"}
    with transaction(ground.db):
        ground.db.table("posting").update(key, {"record": json.dumps(record, ensure_ascii=False)})


def _matchmaker_too(ground: Ground, viewer: Viewer) -> Viewer:
    """The same person with the matchmaker's role besides."""
    ground.db.table("membership").insert(
        {"account_key": viewer.account_key, "role": "matchmaker", "organisation_key": 0, "districts": "[]"}
    )
    return replace(viewer, roles=viewer.roles | {"matchmaker"}, districts={"matchmaker": ()})
