"""Many pairings given to a matchmaker at once: as many statements as for one, and the same trace of each."""

from __future__ import annotations

import pytest
from desk_tools import DeskFloor
from market_tools import Shop
from people import make_person

from marketplace.errors import StaleError
from marketplace.store.audit import find_chain_fault
from marketplace.store.pairing_events import load_pairing_events
from marketplace.store.pairings import load_pairings


@pytest.fixture
def floor(stocked_shop: Shop) -> DeskFloor:
    return DeskFloor(stocked_shop)


def held_by_many(floor: DeskFloor, count: int, start: int = 0) -> dict[int, int]:
    """So many pairings, each of a matchmaker of its own; their stamps."""
    pairs = [(need, offer) for need in floor.needs for offer in floor.offers][start : start + count]
    return {floor.pairing(*pair, matchmaker_key=make_person(floor.db, "matchmaker").account_key): 1 for pair in pairs}


def statements(floor: DeskFloor, stamps: dict[int, int], account_key: int) -> int:
    """How many statements it takes to give these pairings to somebody."""
    said: list[str] = []
    floor.db.conn.set_trace_callback(said.append)
    assert floor.market.pairings.assign(floor.broker, stamps, account_key) == len(stamps)
    floor.db.conn.set_trace_callback(None)
    return len(said)


def test_seven_take_as_many_statements_as_one(floor: DeskFloor) -> None:
    new = make_person(floor.db, "matchmaker")
    floor.market.pairings.assign(floor.broker, held_by_many(floor, 1, 10), new.account_key)
    assert statements(floor, held_by_many(floor, 1), new.account_key) == statements(
        floor, held_by_many(floor, 7, 1), new.account_key
    )


def test_each_of_many_has_its_journal_audit_and_notices(floor: DeskFloor) -> None:
    new, stamps = make_person(floor.db, "matchmaker"), held_by_many(floor, 3)
    former = {row.key: row.matchmaker_key for row in load_pairings(floor.db, stamps)}
    floor.market.pairings.assign(floor.broker, stamps, new.account_key)
    rows = load_pairings(floor.db, stamps)
    assert [(row.matchmaker_key, row.stamp) for row in rows] == [(new.account_key, 2)] * 3
    audited = floor.db.query("select subject_key from audit where action = 'pairing.assigned' order by seq")
    assert sorted(one["subject_key"] for one in audited) == sorted(stamps)
    assert find_chain_fault(floor.db) is None
    for key in stamps:
        (event,) = load_pairing_events(floor.db, key)
        assert (event.action, event.facts["to"], event.facts["as"]) == ("assign", new.account_key, "matchmaker")
        told = floor.db.query("select account_key, title from notice where link = ?", [f"/pairings/{key}"])
        heard = {one["account_key"]: one["title"] for one in told}
        assert set(heard) == {new.account_key, former[key]}
        assert "已交给您" in heard[new.account_key]
        assert f"已交给{new.name}" in heard[former[key]]


def test_none_of_many_changes_hands_when_one_was_changed_meanwhile(floor: DeskFloor) -> None:
    new, stamps = make_person(floor.db, "matchmaker"), held_by_many(floor, 3)
    last = max(stamps)
    with pytest.raises(StaleError):
        floor.market.pairings.assign(floor.broker, stamps | {last: 0}, new.account_key)
    assert not any(row.matchmaker_key == new.account_key for row in load_pairings(floor.db, stamps))
    assert floor.db.table("notice").count == 0
