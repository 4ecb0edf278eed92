"""Pairings: opening, the caps, the journal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pairing_tools import Ground

from marketplace import NotFoundError, RefusedError
from marketplace.errors import CapError
from marketplace.followup import STAGES, open_pairing, write_event
from marketplace.rules import FollowupRules
from marketplace.store.database import transaction
from marketplace.store.pairing_events import load_pairing_events
from marketplace.store.pairings import count_active, update_pairing
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
