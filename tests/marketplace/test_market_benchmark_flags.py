"""Flags of candidates: gates with their source, points only from facts, intervals for gaps, only what changed anew."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from benchmark_tools import YEAR, Round
from pairing_tools import Ground
from people import make_person

from marketplace import FaultyError, ForbiddenError, ListQuery, NotFoundError, StaleError
from marketplace.benchmarks.gates import examine
from marketplace.benchmarks.provisional import attained, read_points, total_of
from marketplace.benchmarks.sheet import default_sheet
from marketplace.flagging import facts_of, refresh_all_flags, refresh_stale_flags, stale_flags
from marketplace.followup import EffectTyped, RevisitForm, Upload
from marketplace.selection.flags import CERTAIN, OPEN_FACTS, UNFIT, CandidateLine, FlagView, ordered
from marketplace.store.benchmark_flags import landed_facts, load_flags
from marketplace.store.database import transaction
from marketplace.store.landings import find_landing, save_landing
from matching import Side

WHOLE: dict[str, Any] = {
    "accepted_on": "2025-12-19", "revisit_on": "2026-12-19", "safety": "等保二级", "secret_or_ip_dispute": False,
    "user_report": {"text": "一直在用"}, "test_report": "编号 1", "replications": ["甲地", "乙地"],
    "effects": [{"name": "准确率", "planned": 90, "measured": 90}],
}  # fmt: skip


def points(**changes: Any) -> dict[str, Any]:
    return {one.code: one for one in read_points(WHOLE | changes)}


def test_whole_facts_give_figures_and_novelty_is_left_to_people() -> None:
    found = points()
    assert found["innovation"].points is None
    figures = {code: (one.points.low, one.points.high) for code, one in found.items() if one.points}
    assert figures == {"effect": (85, 85), "replication": (75, 75), "benefit": (100, 100), "safety": (91, 91)}
    weights = {"effect": 30, "innovation": 25, "replication": 20, "benefit": 15, "safety": 10}
    total = total_of(tuple(found.values()), weights)
    assert (total.low, total.high, total.certain) == (64.6, 64.6, True)


@pytest.mark.parametrize(
    ("code", "changes", "interval"),
    [
        ("effect", {"effects": None}, (0, 100)),
        ("effect", {"effects": [{"name": "准确率", "planned": 90, "measured": None}]}, (0, 100)),
        ("effect", {"effects": [*WHOLE["effects"], {"name": "漏损", "planned": None, "measured": 3}]}, (42.5, 92.5)),
        ("replication", {"replications": None}, (0, 100)),
        ("replication", {"replications": None, "landed_elsewhere": 1}, (65, 100)),
        ("replication", {"replications": []}, (30, 30)),
        ("replication", {"replications": ["甲"], "landed_elsewhere": 3}, (85, 85)),
        ("benefit", {"user_report": None}, (50, 100)),
        ("benefit", {"test_report": None, "user_report": None}, (0, 100)),
        ("safety", {"revisit_on": None}, (40, 100)),
        ("safety", {"safety": None}, (71, 91)),
        ("safety", {"secret_or_ip_dispute": None}, (71, 91)),
        ("safety", {"secret_or_ip_dispute": True}, (71, 71)),
    ],
)  # fmt: skip
def test_a_missing_fact_is_neither_nothing_nor_everything(
    code: str, changes: dict[str, Any], interval: tuple[float, float]
) -> None:
    found = points(**changes)[code]
    assert found.points is not None
    assert (found.points.low, found.points.high) == interval
    assert bool(found.missing) == (interval[0] != interval[1])


@pytest.mark.parametrize(
    ("planned", "measured", "higher", "share"),
    [(90, 99, True, 1.1), (12, 10, False, 1.2), (12, 24, False, 0.5), (10, 0, False, 1.2), (0, 5, True, 1.0),
     (90, -9, True, -0.1), (None, 5, True, None), (5, None, True, None)],
)  # fmt: skip
def test_how_much_of_a_promise_was_kept(planned: Any, measured: Any, higher: bool, share: float | None) -> None:
    found = attained({"planned": planned, "measured": measured, "higher_is_better": higher})
    assert found == (None if share is None else pytest.approx(share))


def line(landing: str, group: str, low: float, high: float, day: str) -> CandidateLine:
    flag = FlagView(landing, 1, 2, "", group, (), (), (), (), low, high, 75, (), "", "")
    return CandidateLine(0, "", "", "", "", "", day, flag)


def test_intervals_stand_apart_and_neither_end_orders_them() -> None:
    rows = [
        line("a", OPEN_FACTS, 10, 75, "2026-01-01"), line("b", CERTAIN, 20, 20, "2026-01-01"),
        line("c", UNFIT, 60, 60, "2026-01-02"), line("d", CERTAIN, 60, 60, "2026-01-09"),
        line("e", OPEN_FACTS, 40, 45, "2026-03-01"), line("f", OPEN_FACTS, 40, 60, "2026-02-01"),
        line("g", UNFIT, 70, 70, "2026-01-03"),
    ]  # fmt: skip
    assert [one.flag.landing_id for one in ordered(rows)] == ["d", "b", "a", "f", "e", "c", "g"]


def test_only_figures_are_numbered(year_round: Round) -> None:
    with transaction(year_round.db):
        for landing_id in year_round.landings()[:2]:
            raw = find_landing(year_round.db, landing_id)
            assert raw is not None
            save_landing(year_round.db, raw | {"test_report": None}, *year_round.keys(landing_id))
    refresh_all_flags(year_round.db)
    lines = year_round.market.candidates.page(year_round.organiser, YEAR).lines
    places = {group: [one.place for one in lines if one.flag.group == group] for group in (CERTAIN, OPEN_FACTS, UNFIT)}
    assert places[OPEN_FACTS]
    assert places[CERTAIN] == list(range(1, len(places[CERTAIN]) + 1))
    assert {*places[OPEN_FACTS], *places[UNFIT]} == {0}


def test_the_page_shows_gates_sources_groups_and_stability(year_round: Round) -> None:
    page = year_round.market.candidates.page(year_round.organiser, YEAR)
    groups = [line.flag.group for line in page.lines]
    assert set(groups) >= {CERTAIN, UNFIT}
    assert groups == sorted(groups, key=[CERTAIN, OPEN_FACTS, UNFIT].index)
    for line in page.lines:
        assert len(line.flag.gates) == 5
        assert all(gate.fact and (gate.source or gate.result == "missing") for gate in line.flag.gates)
        assert line.flag.group != CERTAIN or line.flag.low == line.flag.high
        assert line.flag.group != OPEN_FACTS or line.flag.missing
    assert page.by_default
    assert page.reachable == 75
    assert page.stability is not None
    assert -1 <= page.stability.lowest <= page.stability.middle <= 1
    field = page.lines[0].domain
    assert {one.domain for one in year_round.market.candidates.page(year_round.organiser, YEAR, field).lines} == {field}


def test_who_may_look_at_all_candidates(year_round: Round) -> None:
    for role in ("publisher", "company", "expert", "auditor"):
        with pytest.raises(ForbiddenError):
            year_round.market.candidates.page(make_person(year_round.db, role), YEAR)
    far = make_person(year_round.db, "matchmaker", districts=("随州市",))
    assert year_round.market.candidates.page(far, YEAR).lines == ()


def test_noting_a_fact_looks_at_that_pair_alone(year_round: Round) -> None:
    first, *others = year_round.landings()
    year_round.at("2026-11-25")
    with transaction(year_round.db):
        year_round.db.conn.execute("update benchmark_flag set at = 'before'")
    year_round.note(first, credit="no", source="信用中国查询")
    flag = year_round.flag(first)
    gates = {one["name"]: one for one in flag["content"]["gates"]}
    assert (flag["status"], gates["credit"]["result"]) == ("failed", "failed")
    assert "信用中国查询" in gates["credit"]["source"]
    assert "审核员登记" in gates["credit"]["source"]
    assert {year_round.flag(one)["at"] for one in others} == {"before"}
    assert flag["at"] != "before"
    assert stale_flags(year_round.db) == []


def test_facts_need_a_source_and_a_neutral_hand(year_round: Round) -> None:
    first = year_round.landings()[0]
    year_round.at("2026-11-25")
    book = year_round.market.facts
    for changes, field in (
        ({"source": ""}, "source"), ({"source": "查", "safety": "找王建国 13800001111"}, "safety"),
        ({"source": "查", "replications": "甲地", "no_replication": "1"}, "replications"),
        ({"source": "查", "report_on": "2999-01-01"}, "report_on"),
    ):  # fmt: skip
        with pytest.raises(FaultyError) as caught:
            year_round.note(first, **changes)
        assert [one.field for one in caught.value.faults] == [field]
    far = make_person(year_round.db, "reviewer", districts=("随州市",))
    with pytest.raises(NotFoundError):
        book.page(far, first)
    with pytest.raises(NotFoundError):
        book.page(year_round.organiser, "LD-none")


def test_of_two_who_note_at_once_the_second_is_told_and_nothing_is_lost(year_round: Round) -> None:
    first, book = year_round.landings()[0], year_round.market.facts
    year_round.at("2026-11-25")
    other = make_person(year_round.db, "reviewer")
    shown = book.page(other, first)
    year_round.note(first, credit="no", source="信用中国查询")
    before = find_landing(year_round.db, first)
    typed = dict(shown.values) | {"safety": "等保三级", "source": "现场查看"}
    with pytest.raises(StaleError, match="刚刚由别人改动"):
        book.note(other, first, typed, shown.stamp)
    assert find_landing(year_round.db, first) == before
    # The form of one's own that went out twice is one note.
    again = dict(shown.values) | {"credit": "no", "source": "信用中国查询"}
    book.note(year_round.organiser, first, again, shown.stamp)
    fresh = book.page(other, first)
    book.note(other, first, dict(fresh.values) | {"safety": "等保三级", "source": "现场查看"}, fresh.stamp)
    after = find_landing(year_round.db, first)
    assert after is not None
    assert (after["credit_clear"], after["safety"]) == (False, "等保三级")
    assert {after["sources"][name]["source"] for name in ("credit", "safety")} == {"信用中国查询", "现场查看"}


def test_a_landing_sent_again_keeps_what_was_noted_here(year_round: Round) -> None:
    first = year_round.landings()[0]
    year_round.at("2026-11-25")
    raw = find_landing(year_round.db, first)
    assert raw is not None
    year_round.note(first, credit="no", no_replication="1", replications="", source="信用中国查询")
    noted = find_landing(year_round.db, first)
    assert noted is not None
    year_round.shop.take(raw | {"contract_wan": 7, "credit_clear": True, "sources": {"credit": 1}}, kind="landings")
    assert find_landing(year_round.db, first) == noted | {"contract_wan": 7}
    gates = {one["name"]: one for one in year_round.flag(first)["content"]["gates"]}
    assert gates["credit"]["result"] == "failed"
    assert "信用中国查询" in gates["credit"]["source"]
    # The same number for another pair: what was checked about the first says nothing of that one.
    other = find_landing(year_round.db, year_round.landings()[1])
    assert other is not None
    year_round.shop.take(other | {"id": first}, kind="landings")
    assert find_landing(year_round.db, first) == other | {"id": first}


def test_a_further_place_makes_a_sibling_more_reused_and_no_other(year_round: Round) -> None:
    first, second, *others = year_round.landings()
    landing = find_landing(year_round.db, first)
    assert landing is not None
    with transaction(year_round.db):
        save_landing(year_round.db, landing | {"replications": None}, *year_round.keys(first))
    refresh_all_flags(year_round.db)
    with transaction(year_round.db):
        year_round.db.conn.execute("update benchmark_flag set at = 'before'")
    need, offer = year_round.keys(second)[0], year_round.keys(first)[1]
    postings = {key: year_round.db.table("posting").get(key)["external_id"] for key in (need, offer)}
    more = landing | {"id": "LD-more", "opportunity_id": postings[need], "capability_id": postings[offer]}
    year_round.shop.take(more, kind="landings")
    points_of = {one["code"]: one for one in year_round.flag(first)["content"]["points"]}
    assert points_of["replication"]["points"]["low"] == 65
    assert {year_round.flag(one)["at"] for one in (second, *others)} == {"before"}


def test_every_step_of_a_pairing_that_matters_reaches_the_flag(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting", "signed", "landed")

    def digest() -> str:
        flags = load_flags(ground.db, landing_id=f"DJ-{key}")
        assert {one.year for one in flags} == {2026, 2027}
        return flags[0].facts_digest

    seen = [digest()]
    stamp = ground.row(key).stamp
    better = EffectTyped("告警时间", "分钟", "15", "8", lower=True)
    ground.market.pairings.record_effect(ground.broker, key, [better], stamp)
    seen.append(digest())
    ground.market.pairings.attach(ground.broker, key, [Upload("照片.png", b"\x89PNG\r\n\x1a\n.")])
    seen.append(digest())
    revisit = ground.market.pairings.page(ground.broker, key).revisits[0].key
    ground.market.pairings.revisit(ground.broker, key, RevisitForm(revisit, "2026-11-22", "yes"))
    seen.append(digest())
    assert len(set(seen)) == 4
    assert stale_flags(ground.db) == []


def test_a_later_revisit_that_found_it_out_of_use_fails_the_gate(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting", "signed", "landed")

    def running(year: int = 2026) -> tuple[str, str, str]:
        (flag,) = [one for one in load_flags(ground.db, landing_id=f"DJ-{key}") if one.year == year]
        (gate,) = [one for one in flag.content["gates"] if one["name"] == "running"]
        return gate["result"], gate["fact"], gate["source"]

    first, second = (one.key for one in ground.market.pairings.page(ground.broker, key).revisits)
    ground.market.pairings.revisit(ground.broker, key, RevisitForm(first, "2026-11-22", "yes"))
    assert running()[0] == "passed"
    ground.market.pairings.revisit(ground.broker, key, RevisitForm(second, "2026-11-29", "no"))
    assert running() == ("failed", "2026-05-20 验收，2026-11-29 回访：已停用", "对接记录：2026-11-29 回访")
    assert {one.status for one in load_flags(ground.db, landing_id=f"DJ-{key}")} == {"failed"}
    assert stale_flags(ground.db) == []


def test_what_was_found_in_use_again_later_passes_as_before(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting", "signed", "landed")
    first, second = (one.key for one in ground.market.pairings.page(ground.broker, key).revisits)
    ground.market.pairings.revisit(ground.broker, key, RevisitForm(first, "2026-11-21", "no"))
    ground.market.pairings.revisit(ground.broker, key, RevisitForm(second, "2026-11-22", "yes"))
    gates = {one["name"]: one["result"] for one in load_flags(ground.db, landing_id=f"DJ-{key}")[0].content["gates"]}
    assert gates["running"] == "passed"


def test_an_undone_landing_takes_its_flags_along(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting", "signed", "landed")
    ground.market.pairings.undo(ground.broker, key, ground.row(key).stamp)
    assert load_flags(ground.db) == []


def test_a_stored_flag_holds_every_field_of_its_gates_and_points(year_round: Round) -> None:
    first = year_round.landings()[0]
    (one,) = landed_facts(year_round.db, [first])
    facts, content = facts_of(one, {}), year_round.flag(first)["content"]
    gates, points = examine(facts, default_sheet(YEAR).rules), read_points(facts)
    assert content["gates"] == json.loads(json.dumps([asdict(gate) for gate in gates]))
    assert content["points"] == json.loads(json.dumps([asdict(criterion) for criterion in points]))


def test_with_the_call_the_whole_year_is_held_against_its_sheet(year_round: Round) -> None:
    first = year_round.landings()[0]
    before = year_round.flag(first)
    year_round.set_up(weight_effect="40", weight_innovation="15", months="36")
    assert stale_flags(year_round.db) == []
    year_round.open_call()
    after = year_round.flag(first)
    assert before["rules_digest"] != after["rules_digest"]
    assert before["low"] != after["low"]
    assert {year_round.flag(one)["status"] for one in year_round.landings()} == {"failed"}
    assert stale_flags(year_round.db) == []
    assert year_round.market.benchmark_page(YEAR).rules[1].startswith("自验收日期起连续运行满 36 个月")


def test_a_sheet_in_preparation_shows_to_those_who_write_it_alone(year_round: Round) -> None:
    market, broker = year_round.market, make_person(year_round.db, "matchmaker")
    before, known = market.benchmark_page(YEAR), market.candidates.page(broker, YEAR)
    assert market.candidates.page(year_round.organiser, YEAR).lines == known.lines
    home = market.home().benchmark_candidates
    year_round.set_up(weight_effect="40", weight_innovation="15", months="36", last_day="2026-11-30")
    assert market.benchmark_page(YEAR) == before
    assert market.home().benchmark_candidates == home
    assert market.candidates.page(broker, YEAR).lines == known.lines
    assert market.candidates.page(make_person(year_round.db, "reviewer", districts=("江夏区",)), YEAR).reachable == 75
    for viewer in (year_round.organiser, year_round.admin):
        page = market.candidates.page(viewer, YEAR)
        assert (page.drafted, page.by_default, page.reachable) == (True, False, 85)
        assert {line.flag.group for line in page.lines} == {UNFIT}
        assert {len(line.flag.gates) for line in page.lines} == {5}
    shown = {line.flag.landing_id: line.flag for line in market.candidates.page(year_round.organiser, YEAR).lines}
    year_round.open_call()
    page = market.candidates.page(year_round.organiser, YEAR)
    assert not page.drafted
    # What was tried out is what is stored with the call.
    stored = {line.flag.landing_id: line.flag for line in page.lines}
    assert {key: replace(flag, at="") for key, flag in shown.items()} == {
        key: replace(flag, at="") for key, flag in stored.items()
    }


def test_flags_that_no_longer_fit_are_renewed(year_round: Round) -> None:
    first = year_round.landings()[0]
    with transaction(year_round.db):
        year_round.db.conn.execute("delete from benchmark_flag where landing_id = ?", [first])
    assert stale_flags(year_round.db) == [first]
    assert (refresh_stale_flags(year_round.db), refresh_stale_flags(year_round.db)) == (1, 0)


def test_the_badge_stands_on_cards_lists_facet_pair_and_home(year_round: Round) -> None:
    market = year_round.market
    page = market.candidates.page(year_round.organiser, YEAR)
    lines = [line for line in page.lines if line.flag.status == "candidate"]
    need, offer = lines[0].flag.opportunity_key, lines[0].flag.capability_key
    label = f"{YEAR} 年度标杆候选"
    for side, key in ((Side.OPPORTUNITY, need), (Side.CAPABILITY, offer)):
        found = market.list_postings(ListQuery(side, facets={"benchmark": (label,)}, page_size=100))
        assert key in {card.key for card in found.cards}
        assert all(YEAR in card.benchmark_years for card in found.cards)
        (facet,) = [one for one in found.facets if one.name == "benchmark"]
        assert {one.label: one.count for one in facet.values}[label] == found.total
    assert market.home().benchmark_candidates == len(lines)


def test_how_near_an_earlier_benchmark_lies_is_a_hint_without_points(year_round: Round) -> None:
    keys = year_round.begin_scoring(4)
    landings = [year_round.case(key).landing_id for key in keys]
    year_round.freeze({key: ["80"] * 3 for key in keys})
    # Freezing renewed them; nothing else has to be looked at.
    stored = load_flags(year_round.db)
    refresh_all_flags(year_round.db)
    assert [replace(one, at="") for one in load_flags(year_round.db)] == [replace(one, at="") for one in stored]
    later = [flag for flag in load_flags(year_round.db, year=YEAR + 1) if flag.landing_id not in landings]
    assert later
    hint = later[0].content["hint"]
    assert hint["year"] == YEAR
    assert -1 <= hint["closeness"] <= 1
    assert next(one for one in later[0].content["points"] if one["code"] == "innovation")["points"] is None
    assert all(flag.content["hint"] is None for flag in load_flags(year_round.db, year=YEAR))


def test_potential_stands_apart_and_is_for_the_office(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting", "signed")
    row = ground.row(key)
    ground.market.pairings.record_effect(ground.broker, key, [EffectTyped("告警时间", "分钟", "15", "")], row.stamp)
    (told,) = ground.market.candidates.page(ground.broker, 2026).potentials
    assert told.pairing_key == key
    assert len(told.signals) >= 3
    assert ground.market.candidates.page(ground.broker, 2026).lines == ()
    assert ground.market.candidates.page(ground.far_broker, 2026).potentials == ()
