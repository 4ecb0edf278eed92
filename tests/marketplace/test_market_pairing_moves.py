"""Pairings on their way: guarded moves, reasons, undo, two people at once, what the others learn."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pairing_tools import PAPER, Ground

from marketplace import ForbiddenError, NotFoundError, RefusedError, Sight, StaleError, Viewer
from marketplace.errors import CapError, FaultyError
from marketplace.followup import (
    OPEN_STAGES,
    EffectTyped,
    PairingQuery,
    RevisitForm,
    StepForm,
    Upload,
    moving,
    noting,
)
from marketplace.rules import FollowupRules
from marketplace.store.database import transaction
from marketplace.store.landings import save_landing
from marketplace.store.pairing_events import load_pairing_events, load_pairing_files, load_revisits
from marketplace.store.pairings import update_pairing

MET = ("contacted", "meeting")


def faults_of(ground: Ground, key: int, stage: str, **changes: object) -> dict[str, str]:
    with pytest.raises(FaultyError) as refusal:
        ground.market.pairings.move(ground.broker, key, ground.form(key, stage, **changes))
    return {fault.field: fault.sentence for fault in refusal.value.faults}


def test_the_whole_way_leaves_facts_journal_and_a_landing(ground: Ground) -> None:
    key = ground.pair()
    row = ground.go(key, "contacted", "meeting", "signed", "building", "landed")
    assert (row.stage, row.amount_wan, row.signed_on, row.procurement_route) == (
        "landed", 118.0, "2026-04-01", "竞争性磋商",
    )  # fmt: skip
    assert row.real_effect[0] == {"name": "告警时间", "value": 9.0, "unit": "分钟", "lower": True}
    assert row.closed_at
    assert [one.due_on for one in load_revisits(ground.db, key)] == ["2026-11-20", "2027-05-20"]
    (kept,) = load_pairing_files(ground.db, key)
    assert kept.name == "验收单.pdf"
    assert (ground.settings.attachments_dir / kept.stored_as).read_bytes() == PAPER.content
    (landing,) = ground.db.query("select * from landing")
    raw = json.loads(landing["record"])
    assert (landing["opportunity_key"], raw["accepted_on"]) == (ground.need_key, "2026-05-20")
    assert raw["effects"][0]["higher_is_better"] is False
    assert raw["user_report"]["text"].startswith("用了一个月")
    page = ground.market.pairings.page(ground.clerk, key)
    assert [one.title for one in page.journal][-1] == "建立对接"
    assert [state for _, _, state in page.way] == ["done"] * 6
    assert page.effects[0].reached is True
    assert ground.actions()[-1] == "pairing.moved"
    assert ground.faults() == []


@pytest.mark.parametrize(
    ("stage", "before", "changes", "field", "words"),
    [
        ("contacted", (), {"values": {"contacted_on": ""}}, "contacted_on", "没有填写"),
        ("contacted", (), {"values": {"contacted_on": "2099-01-01"}}, "contacted_on", "或以前的日期"),
        ("signed", MET, {"values": {"amount_wan": "面议"}}, "amount_wan", "应为一个金额"),
        ("signed", MET, {"values": {"amount_wan": "100-200万元"}}, "amount_wan", "应为一个金额"),
        ("signed", MET, {"values": {"procurement_route": "抽签"}}, "procurement_route", "竞争性磋商"),
        ("landed", (*MET, "signed"), {"uploads": ()}, "files", "没有上传"),
        ("landed", (*MET, "signed"), {"effects": ()}, "effects", "至少要有一个"),
        ("landed", (*MET, "signed"), {"values": {"accepted_on": "2026-03-01"}}, "accepted_on", "签约日期"),
        ("contacted", (), {"note": "找王科长 13800001111"}, "note", "手机号"),
        ("contacted", (), {"audience": "everyone"}, "audience", "双方和撮合人员"),
        ("contacted", (), {"note": "详谈请加微信号：zhangsan_2020"}, "note", "微信号或QQ号"),
        ("contacted", (), {"note": "联系人：张建国，已约好"}, "note", "联系人姓名"),
        ("landed", (*MET, "signed"), {"values": {"user_report": "联系人：张建国，说效果好。"}}, "user_report", "姓名"),
        ("landed", (*MET, "signed"), {"values": {"user_report": "微信号：zhang_2020"}}, "user_report", "微信号"),
        ("landed", (*MET, "signed"), {"effects": (EffectTyped("联系赵六13812345678", "分钟", "15", "9"),)}, "effects",
         "手机号"),
        ("landed", (*MET, "signed"), {"effects": (EffectTyped("时间", "z@example.cn", "15", "9"),)}, "effects", "邮箱"),
    ],
)  # fmt: skip
def test_a_move_asks_for_what_it_needs(ground: Ground, stage, before, changes, field, words) -> None:
    key = ground.pair()
    ground.go(key, *before)
    assert words in faults_of(ground, key, stage, **changes)[field]
    assert ground.row(key).stage == (before[-1] if before else "recommended")


def test_what_an_older_landing_names_of_a_person_is_masked(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, *MET, "signed", "landed")
    (landing,) = ground.db.query("select * from landing")
    raw = json.loads(landing["record"]) | {"user_report": {"text": "联系人：张建国，微信号：zhangjg_2020，效果好。"}}
    raw["effects"][0]["name"] = "告警时间，问赵六13812345678"
    with transaction(ground.db):
        save_landing(ground.db, raw, ground.need_key, ground.offer_key)
    (shown,) = ground.market.benchmark_page(2026).candidates
    for found in (str(shown.user_report), shown.effects[0].name):
        assert not any(word in found for word in ("张建国", "zhangjg_2020", "13812345678"))
    assert "效果好" in str(shown.user_report)


def test_a_sum_of_nothing_is_a_sum(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting")
    ground.market.pairings.move(ground.broker, key, ground.form(key, "signed", values={"amount_wan": "0"}))
    assert ground.row(key).amount_wan == 0.0


def test_no_stage_is_skipped(ground: Ground) -> None:
    key = ground.pair()
    with pytest.raises(RefusedError, match="不能直接到“已签约”；可以到：“已联系”"):
        ground.market.pairings.move(ground.broker, key, ground.form(key, "signed"))


def test_two_move_the_same_card_and_one_is_told_by_whom(ground: Ground) -> None:
    key = ground.pair()
    mine, theirs = ground.form(key, "contacted"), ground.form(key, "contacted", note="另一位写的")
    ground.market.pairings.move(ground.broker, key, mine)
    with pytest.raises(StaleError, match=r"“撮合甲”已于.*推进到“已联系”.*填写的内容还在"):
        ground.market.pairings.move(ground.second_broker, key, theirs)
    assert len([one for one in load_pairing_events(ground.db, key) if one.action == "move"]) == 1


def test_a_form_sent_twice_moves_once(ground: Ground) -> None:
    key = ground.pair()
    form = ground.form(key, "contacted")
    for _ in range(2):
        ground.market.pairings.move(ground.broker, key, form)
    assert [one.action for one in load_pairing_events(ground.db, key)] == ["open", "move"]
    stop = ground.stop(key, "neither.outside.policy")
    for _ in range(2):
        ground.market.pairings.fail(ground.broker, key, stop)
    assert [one.action for one in load_pairing_events(ground.db, key)] == ["open", "move", "fail"]
    ground.market.pairings.write_note(ground.broker, key, "已电话告知双方")
    ground.market.pairings.write_note(ground.broker, key, "已电话告知双方")
    assert [one.action for one in load_pairing_events(ground.db, key)].count("note") == 1


def test_a_move_is_undone_within_minutes_with_all_it_brought(ground: Ground) -> None:
    key = ground.pair()
    before = ground.go(key, "contacted", "meeting", "signed")
    ground.go(key, "landed")
    assert ground.market.pairings.page(ground.broker, key).acts.undo_label == "推进到“已落地”"
    stamp = ground.row(key).stamp
    # Pressed twice, it undoes one step and not two.
    undone = [ground.market.pairings.undo(ground.broker, key, stamp) for _ in range(2)]
    assert undone == ["推进到“已落地”", "推进"]
    row = ground.row(key)
    assert (row.stage, row.accepted_on, row.due_on, row.closed_at) == ("signed", "", before.due_on, "")
    assert row.amount_wan == 118.0
    assert load_revisits(ground.db, key) == load_pairing_files(ground.db, key) == []
    assert list(ground.db.query("select * from landing")) == []
    assert [one.action for one in load_pairing_events(ground.db, key) if one.undone_at] == ["move"]
    assert ground.faults() == []
    ground.go(key, "landed")
    assert ground.faults() == []


def test_after_ten_minutes_nothing_is_undone(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted")
    ground.make_old("pairing_event", "at")
    assert ground.market.pairings.page(ground.broker, key).acts.undo_until == ""
    with pytest.raises(RefusedError, match="10 分钟"):
        ground.market.pairings.undo(ground.broker, key, ground.row(key).stamp)


def test_an_opening_is_undone_as_a_mistake(ground: Ground) -> None:
    key = ground.pair()
    ground.market.pairings.undo(ground.broker, key, 1)
    assert ground.row(key).reason_code == "matchmaker.match.mistaken"
    assert ground.pair() != key
    assert ground.faults() == []


def test_what_failed_is_not_brought_back_beside_a_new_one(ground: Ground) -> None:
    key = ground.pair()
    ground.market.pairings.fail(ground.broker, key, ground.stop(key, "neither.outside.policy"))
    ground.pair()
    with pytest.raises(RefusedError, match="又建立了新的对接"):
        ground.market.pairings.undo(ground.broker, key, ground.row(key).stamp)


def test_a_late_drop_out_tells_the_others(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting")
    other = ground.second_pair()
    ground.market.pairings.fail(ground.vendor, key, ground.stop(key, "company.ability.staff"))
    row = ground.row(key)
    assert (row.stage, row.reason_side) == ("failed", "company")
    assert any("的对接未成" in title for title in ground.titles(ground.clerk))
    assert any("的对接未成" in title for title in ground.titles(ground.broker))
    assert any("阶段终止" in title for title in ground.titles(ground.second_broker))
    # A company learns nothing of the others.
    assert not any("终止" in title for title in ground.titles(ground.rival))
    assert ground.row(other).stage == "recommended"


def test_a_late_drop_out_tells_the_district_of_pairings_nobody_has(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting")
    other = ground.second_pair()
    with transaction(ground.db):
        update_pairing(ground.db, ground.row(other), matchmaker_key=0)
    ground.market.pairings.fail(ground.vendor, key, ground.stop(key, "company.ability.staff"))
    for broker in (ground.broker, ground.second_broker):
        (told,) = [one for one in ground.market.notices.inbox(broker).notices if "阶段终止" in one.title]
        assert told.reason == "这个对接尚未指派撮合员，您是该区域的撮合员。"
        assert told.link == f"/pairings/{other}"
    assert not any("终止" in title for title in ground.titles(ground.far_broker))


def test_the_journal_takes_as_many_statements_for_many_entries(ground: Ground) -> None:
    key, counts = ground.pair(), []
    for notes in (1, 4):
        for place in range(notes):
            ground.market.pairings.write_note(ground.broker, key, f"第{notes}次的第{place}条", "all")
        for viewer in (ground.broker, ground.vendor):
            ground.market.pairings.page(viewer, key)
            said: list[str] = []
            ground.db.conn.set_trace_callback(said.append)
            lines = ground.market.pairings.page(viewer, key).journal
            ground.db.conn.set_trace_callback(None)
            counts.append(len(said))
    assert counts[:2] == counts[2:]
    assert {line.actor for line in lines} == {"撮合员"}


def test_a_side_speaks_for_itself(ground: Ground) -> None:
    key = ground.pair()
    with pytest.raises(FaultyError) as refusal:
        ground.market.pairings.fail(ground.vendor, key, ground.stop(key, "publisher.need.cancelled"))
    assert "本方或双方以外的原因" in refusal.value.faults[0].sentence
    page = ground.market.pairings.page(ground.vendor, key)
    assert {group.side for group in page.reasons} == {"company", "neither"}
    with pytest.raises(ForbiddenError):
        ground.market.pairings.move(ground.vendor, key, ground.form(key, "contacted"))
    with pytest.raises(ForbiddenError):
        ground.market.pairings.move(ground.clerk, key, ground.form(key, "contacted"))
    ground.go(key, "contacted")
    ground.go(key, "meeting", viewer=ground.clerk)
    assert ground.row(key).stage == "meeting"


def test_put_aside_and_brought_back_to_where_it_was(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting")
    far = (date.today() + timedelta(days=400)).isoformat()
    with pytest.raises(FaultyError) as refusal:
        ground.market.pairings.pause(ground.broker, key, ground.stop(key, "", until=far))
    assert {fault.field for fault in refusal.value.faults} == {"reason", "until"}
    until = (date.today() + timedelta(days=30)).isoformat()
    ground.market.pairings.pause(ground.broker, key, ground.stop(key, "publisher.money.waiting", until=until))
    row = ground.row(key)
    assert (row.stage, row.due_on, row.reason_side) == ("paused", until, "publisher")
    assert ground.market.pairings.page(ground.broker, key).way[2] == ("meeting", "洽谈", "done")
    ground.market.pairings.resume(ground.broker, key, row.stamp)
    assert (ground.row(key).stage, ground.row(key).reason_code) == ("meeting", "")


def test_those_whom_it_does_not_concern_find_nothing(ground: Ground) -> None:
    key = ground.pair()
    for stranger in (ground.rival, ground.far_clerk, ground.far_broker):
        with pytest.raises(NotFoundError):
            ground.market.pairings.page(stranger, key)
        with pytest.raises(NotFoundError):
            ground.market.pairings.write_note(stranger, key, "看看", "all")
        assert ground.market.pairings.list_page(stranger, PairingQuery(show="all")).total == 0
    for concerned in (ground.broker, ground.reviewer, ground.clerk, ground.vendor):
        assert ground.market.pairings.page(concerned, key).key == key
        assert ground.market.pairings.list_page(concerned, PairingQuery()).total == 1
    with pytest.raises(ForbiddenError):
        ground.market.pairings.write_note(ground.reviewer, key, "看看", "all")


def test_a_note_is_read_by_those_it_is_for(ground: Ground) -> None:
    key = ground.pair()
    book = ground.market.pairings
    book.write_note(ground.broker, key, "只给撮合人员", "office")
    book.write_note(ground.broker, key, "给需求方", "publisher")
    book.write_note(ground.vendor, key, "只给撮合员和本单位", "company")
    book.write_note(ground.vendor, key, "双方都看", "all")
    with pytest.raises(FaultyError):
        book.write_note(ground.vendor, key, "给对方", "publisher")

    def read(viewer) -> set[str]:
        return {one.note for one in book.page(viewer, key).journal if one.action == "note"}

    assert read(ground.broker) == {"只给撮合人员", "给需求方", "只给撮合员和本单位", "双方都看"}
    assert read(ground.clerk) == {"给需求方", "双方都看"}
    assert read(ground.vendor) == {"只给撮合员和本单位", "双方都看"}
    # A side reads who the other side is, never the name of its clerk.
    assert {one.actor for one in book.page(ground.clerk, key).journal if one.note == "双方都看"} == {"能力方"}


def test_the_next_step_has_a_day_and_someone_to_take_it(ground: Ground) -> None:
    key = ground.pair()
    day = (date.today() + timedelta(days=3)).isoformat()
    form = StepForm(1, "寄送技术方案", day, "company")
    ground.market.pairings.set_step(ground.broker, key, form)
    ground.market.pairings.set_step(ground.broker, key, form)
    row = ground.row(key)
    assert (row.next_step, row.next_on, row.acting, row.stamp) == ("寄送技术方案", day, "company", 2)
    assert any("寄送技术方案" in title for title in ground.titles(ground.vendor))
    assert ground.market.pairings.list_page(ground.vendor, PairingQuery(turn=True)).total == 1
    assert ground.market.pairings.list_page(ground.clerk, PairingQuery(turn=True)).total == 0
    with pytest.raises(FaultyError) as refusal:
        ground.market.pairings.set_step(ground.broker, key, StepForm(2, "", "昨天左右", "nobody"))
    assert {fault.field for fault in refusal.value.faults} == {"next_step", "next_on", "acting"}


def test_who_moves_what_nobody_has_in_charge_takes_it_in_charge(ground: Ground) -> None:
    key = ground.pair()
    with transaction(ground.db):
        update_pairing(ground.db, ground.row(key), matchmaker_key=0)
    assert ground.go(key, "contacted", viewer=ground.second_broker).matchmaker_key == ground.second_broker.account_key
    assert [one.action for one in load_pairing_events(ground.db, key)][-2:] == ["assign", "move"]
    # Whose it is by then stays whose it is.
    assert ground.go(key, "meeting").matchmaker_key == ground.second_broker.account_key
    ground.market.pairings.undo(ground.broker, key, ground.row(key).stamp)
    ground.market.pairings.undo(ground.broker, key, ground.row(key).stamp)
    assert (ground.row(key).stage, ground.row(key).matchmaker_key) == ("recommended", ground.second_broker.account_key)


def test_what_is_overdue_comes_first_and_can_be_asked_for(ground: Ground) -> None:
    key, other = ground.pair(), ground.second_pair()
    with transaction(ground.db):
        update_pairing(ground.db, ground.row(other), due_on="2026-01-01")
    listed = ground.market.pairings.list_page(ground.broker, PairingQuery())
    assert [one.key for one in listed.lines] == [other, key]
    assert listed.lines[0].late > 0
    assert [one.key for one in ground.market.pairings.list_page(ground.broker, PairingQuery(overdue=True)).lines] == [
        other
    ]
    assert listed.stages == (("recommended", "推荐", 2),)
    assert ground.market.pairings.list_page(ground.broker, PairingQuery(text="竞争")).total == 0


def test_pairings_are_given_to_a_matchmaker_of_the_district_all_or_none(ground: Ground) -> None:
    keys = [ground.pair(), ground.second_pair()]
    with pytest.raises(RefusedError, match=r"不是.*所在区域的撮合员"):
        ground.assign(ground.broker, keys, ground.far_broker)
    assert ground.assign(ground.broker, keys, ground.second_broker) == 1
    assert {ground.row(key).matchmaker_key for key in keys} == {ground.second_broker.account_key}
    assert any("已交给您" in title for title in ground.titles(ground.second_broker))
    ground.assign(ground.second_broker, keys[:1], ground.broker)
    ground.assign(ground.broker, keys[:1], ground.second_broker)
    # Who hands over a pairing knows; from whom it is taken is told.
    assert not any("已交给" in title and "已交给您" not in title for title in ground.titles(ground.second_broker))
    ground.assign(ground.broker, keys, ground.broker)
    assert any("的对接已交给" in title and "已交给您" not in title for title in ground.titles(ground.second_broker))
    with pytest.raises(ForbiddenError):
        ground.assign(ground.clerk, keys, ground.broker)


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (Upload("空.pdf", b""), "空文件"),
        (Upload("程序.pdf", b"MZ\x90\x00"), "不是可收的文件"),
        (Upload("网页.pdf", b"<html>"), "不是可收的文件"),
        (Upload("大.pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024)), "不超过 20 MB"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(ground: Ground, upload: Upload, words: str) -> None:
    key = ground.pair()
    with pytest.raises(FaultyError) as refusal:
        ground.market.pairings.attach(ground.broker, key, [upload])
    assert words in refusal.value.faults[0].sentence
    assert load_pairing_files(ground.db, key) == []


def test_two_presses_at_the_same_moment_attach_once(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    key, keep = ground.pair(), noting.keep_attachment

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(noting, "keep_attachment", keep)
        assert ground.market.pairings.attach(ground.vendor, key, [PAPER]) == 1
        return keep(*given)

    monkeypatch.setattr(noting, "keep_attachment", meanwhile)
    assert ground.market.pairings.attach(ground.vendor, key, [PAPER]) == 0
    assert len(load_pairing_files(ground.db, key)) == 1
    assert [one.action for one in load_pairing_events(ground.db, key)].count("attach") == 1


def test_a_file_is_kept_once_and_given_to_those_it_concerns(ground: Ground) -> None:
    key = ground.pair()
    book = ground.market.pairings
    assert book.attach(ground.vendor, key, [Upload("..\\..\\方案.exe", PAPER.content)]) == 1
    assert book.attach(ground.vendor, key, [PAPER, PAPER]) == 0
    (kept,) = load_pairing_files(ground.db, key)
    assert kept.name == "方案.pdf"
    file = book.file(ground.clerk, key, kept.key)
    assert (file.stream.read(), file.media_type) == (PAPER.content, "application/pdf")
    with pytest.raises(NotFoundError):
        book.file(ground.rival, key, kept.key)
    with pytest.raises(NotFoundError):
        book.file(ground.clerk, key, 1)


def test_a_revisit_confirms_use_for_the_benchmark(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting", "signed", "landed")
    first, _ = load_revisits(ground.db, key)
    book = ground.market.pairings
    with pytest.raises(FaultyError) as refusal:
        book.revisit(ground.broker, key, RevisitForm(first.key, "2026-01-01", "maybe"))
    assert {fault.field for fault in refusal.value.faults} == {"done_on", "running"}
    form = RevisitForm(first.key, date.today().isoformat(), "yes", "每天在用")
    book.revisit(ground.broker, key, form)
    book.revisit(ground.broker, key, form)
    with pytest.raises(StaleError):
        book.revisit(ground.second_broker, key, form)
    assert ground.row(key).use_confirmed_on == date.today().isoformat()
    (landing,) = ground.db.query("select record from landing")
    assert json.loads(landing["record"])["revisit_on"] == date.today().isoformat()
    assert [one.action for one in load_pairing_events(ground.db, key)].count("revisit") == 1
    with pytest.raises(RefusedError):
        book.undo(ground.broker, key, ground.row(key).stamp)


def test_figures_of_a_landed_pair_reach_the_landing(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting", "signed", "landed")
    lines = [EffectTyped("告警时间", "分钟", "15", "7.5", lower=True), EffectTyped("漏报率", "%", "2", "1", lower=True)]
    ground.market.pairings.record_effect(ground.clerk, key, lines, ground.row(key).stamp)
    (landing,) = ground.db.query("select record from landing")
    assert [one["measured"] for one in json.loads(landing["record"])["effects"]] == [7.5, 1.0]
    with pytest.raises(FaultyError):
        ground.market.pairings.record_effect(ground.clerk, key, [EffectTyped("告警时间", "分钟", "很快")], 1)


def test_the_opportunity_is_called_after_its_furthest_pairing(ground: Ground) -> None:
    def shown() -> str:
        return ground.market.opportunity_page(ground.need_key, Sight(public=True)).card.state_label

    key = ground.pair()
    assert shown() == "已发布"
    for stage, label in (("contacted", "对接中"), ("meeting", "对接中"), ("signed", "已签约"), ("building", "建设中"),
                         ("landed", "已验收")):  # fmt: skip
        ground.go(key, stage)
        assert shown() == label
        assert ground.drafts.my_page(ground.clerk).postings[0].state_label == label
        assert ground.market.pairings.page(ground.vendor, key).opportunity.state_label == label
    ground.market.pairings.undo(ground.broker, key, ground.row(key).stamp)
    assert shown() == "建设中"
    ground.market.pairings.fail(ground.broker, key, ground.stop(key, "neither.outside.policy"))
    assert shown() == "已发布"


def test_every_open_stage_has_its_limit(ground: Ground) -> None:
    rules = ground.settings.followup
    assert all(rules.days_of(stage) > 0 for stage in OPEN_STAGES)


def test_what_is_pressed_at_the_same_moment_happens_once(ground: Ground) -> None:
    book, gate = ground.market.pairings, threading.Barrier(2)
    opened: list[int] = []
    told: list[str] = []

    def open_now() -> None:
        gate.wait()
        opened.append(book.open(ground.broker, ground.need_key, ground.offer_key))

    both(open_now, open_now)
    assert len(set(opened)) == 1
    (key,) = set(opened)
    form = ground.form(key, "contacted")

    def move_now(viewer: Viewer) -> None:
        gate.wait()
        try:
            book.move(viewer, key, form)
        except StaleError as refusal:
            told.append(str(refusal))

    both(lambda: move_now(ground.broker), lambda: move_now(ground.second_broker))
    assert len(told) == 1
    assert [one.action for one in load_pairing_events(ground.db, key)] == ["open", "move"]
    assert ground.actions() == ["pairing.opened", "pairing.moved"]


def test_one_person_pressing_twice_at_once_is_done_once_and_not_refused(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, key, gate = ground.market.pairings, ground.pair(), threading.Barrier(2)
    form, refused, checked = ground.form(key, "contacted"), [], moving._checked

    def both_checked(*given: Any) -> Any:
        # Both have found nothing done yet when the first begins to write.
        found = checked(*given)
        gate.wait(30)
        return found

    monkeypatch.setattr(moving, "_checked", both_checked)

    def move_now() -> None:
        try:
            book.move(ground.broker, key, form)
        except StaleError as refusal:
            refused.append(str(refusal))

    both(move_now, move_now)
    assert refused == []
    assert [one.action for one in load_pairing_events(ground.db, key)] == ["open", "move"]
    assert ground.actions() == ["pairing.opened", "pairing.moved"]


def test_files_sent_twice_at_once_are_kept_once(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    book, key, gate = ground.market.pairings, ground.pair(), threading.Barrier(2)
    kept = noting.keep_attachment

    def both_keep(*given: Any) -> Any:
        gate.wait(30)
        return kept(*given)

    monkeypatch.setattr(noting, "keep_attachment", both_keep)
    both(*[lambda: book.attach(ground.broker, key, [Upload("方案.pdf", b"%PDF-1")], "初稿")] * 2)
    assert [one.action for one in load_pairing_events(ground.db, key)] == ["open", "attach"]
    assert len(load_pairing_files(ground.db, key)) == 1


def test_of_two_who_assign_at_once_one_is_told_and_so_is_who_had_it(ground: Ground) -> None:
    book, key, third = ground.market.pairings, ground.pair(), ground.matchmaker("撮合丁")
    shown = {key: ground.row(key).stamp}
    assert book.assign(ground.broker, shown, ground.second_broker.account_key) == 1
    # The same form sent twice is one change.
    assert book.assign(ground.broker, shown, ground.second_broker.account_key) == 0
    with pytest.raises(StaleError, match=r"“撮合甲”已于.*指派撮合员"):
        book.assign(third, shown, third.account_key)
    assert ground.row(key).matchmaker_key == ground.second_broker.account_key
    assert ground.assign(third, [key], third) == 1
    assert "的对接已交给撮合丁" in ground.titles(ground.second_broker)[0]
    assert not any("已交给" in title for title in ground.titles(third))


def test_undoing_keeps_what_was_noted_meanwhile(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, "contacted", "meeting")
    planned = (EffectTyped("告警时间", "分钟", "15", "", lower=True),)
    ground.market.pairings.move(ground.broker, key, ground.form(key, "signed", effects=planned))
    noted = [EffectTyped("告警时间", "分钟", "10", "9", lower=True), EffectTyped("人工巡查", "人次", "30", "")]
    ground.market.pairings.record_effect(ground.broker, key, noted, ground.row(key).stamp)
    step = StepForm(ground.row(key).stamp, "寄送技术方案", (date.today() + timedelta(days=3)).isoformat(), "company")
    ground.market.pairings.set_step(ground.broker, key, step)
    ground.market.pairings.undo(ground.broker, key, ground.row(key).stamp)
    row = ground.row(key)
    assert (row.stage, row.amount_wan, row.next_step, row.acting) == ("meeting", None, "寄送技术方案", "company")
    assert [one["name"] for one in row.planned_effect] == ["告警时间", "人工巡查"]
    assert [one["value"] for one in row.real_effect] == [9.0]
    # What came with the step itself goes with it.
    later = (EffectTyped("告警时间", "分钟", "8", "", lower=True),)
    ground.market.pairings.move(ground.broker, key, ground.form(key, "signed", effects=later))
    ground.market.pairings.undo(ground.broker, key, ground.row(key).stamp)
    assert [one["name"] for one in ground.row(key).planned_effect] == ["告警时间", "人工巡查"]


@pytest.mark.parametrize("way", ["pause", "fail"])
def test_a_place_taken_meanwhile_is_not_taken_back(ground: Ground, way: str) -> None:
    key = ground.pair()
    getattr(ground.market.pairings, way)(ground.broker, key, ground.stop(key, "neither.outside.policy"))
    ground.second_pair()
    book = ground.market.pairings
    book._settings = replace(ground.settings, followup=FollowupRules(open_per_opportunity=1))
    with pytest.raises(CapError, match="腾出的名额已被占用"):
        book.undo(ground.broker, key, ground.row(key).stamp)
    assert ground.row(key).stage in ("paused", "failed")


def test_a_company_is_not_told_that_the_need_is_full(ground: Ground) -> None:
    key = ground.pair()
    ground.market.pairings.fail(ground.vendor, key, ground.stop(key, "company.ability.staff"))
    ground.second_pair()
    book = ground.market.pairings
    book._settings = replace(ground.settings, followup=FollowupRules(open_per_opportunity=1))
    with pytest.raises(CapError) as refusal:
        book.undo(ground.vendor, key, ground.row(key).stamp)
    assert str(refusal.value) == "这一步现在不能直接撤销；如需继续对接，请联系撮合员。"


def test_an_agency_that_moves_takes_no_charge(ground: Ground) -> None:
    key = ground.pair(ground.vendor, origin="intent")
    with transaction(ground.db):
        update_pairing(ground.db, ground.row(key), stage="contacted")
    ground.go(key, "meeting", viewer=ground.clerk)
    assert ground.row(key).matchmaker_key == 0


def test_what_has_ended_changes_no_hands(ground: Ground) -> None:
    key = ground.pair()
    ground.market.pairings.fail(ground.broker, key, ground.stop(key, "neither.outside.policy"))
    before = ground.row(key).matchmaker_key
    with pytest.raises(RefusedError, match="已经结束，不能再指派"):
        ground.assign(ground.broker, [key], ground.second_broker)
    assert ground.row(key).matchmaker_key == before


def both(*works: Callable[[], None]) -> None:
    """Do these at once, each on its own connection."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
