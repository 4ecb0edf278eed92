"""What looks after pairings: the daily job, the checks, what is built on a posting."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date

import pytest
from pairing_tools import Ground

from marketplace import RefusedError
from marketplace.errors import CapError
from marketplace.followup import PairingQuery, RevisitForm, Upload, look_after_pairings
from marketplace.jobs import run_job_now, start_job
from marketplace.rules import FollowupRules
from marketplace.store.database import transaction
from marketplace.store.pairing_events import load_pairing_files, load_revisits
from marketplace.store.pairings import update_pairing
from marketplace.taxonomies import Term
from marketplace.terms import take_in_terms

WAY = ("contacted", "meeting", "signed", "building", "landed")


def test_due_revisits_are_told_once_and_found_in_the_list(ground: Ground) -> None:
    key = ground.pair()
    ground.go(key, *WAY)
    told = look_after_pairings(ground.db, ground.settings, date(2026, 11, 20))
    assert told == {"revisits": 1, "late": 0}
    assert look_after_pairings(ground.db, ground.settings, date(2026, 11, 21))["revisits"] == 0
    assert "已到回访日期" in ground.titles(ground.broker)[0]
    with transaction(ground.db):
        ground.db.conn.execute("update revisit set due_on = '2026-01-01'")
    assert ground.market.pairings.list_page(ground.broker, PairingQuery(revisit=True)).total == 1
    for one in load_revisits(ground.db, key):
        ground.market.pairings.revisit(ground.broker, key, RevisitForm(one.key, date.today().isoformat(), "no"))
    assert ground.market.pairings.list_page(ground.broker, PairingQuery(revisit=True)).total == 0
    # Out of use: the benchmark hears of no confirmed use.
    assert ground.row(key).use_confirmed_on == ""


def test_late_pairings_are_told_once_a_stage(ground: Ground) -> None:
    key = ground.pair()
    late = date(2099, 1, 1)
    assert look_after_pairings(ground.db, ground.settings, late)["late"] == 1
    assert look_after_pairings(ground.db, ground.settings, late)["late"] == 0
    assert "的对接已超期" in ground.titles(ground.broker)[0]
    ground.go(key, "contacted")
    assert look_after_pairings(ground.db, ground.settings, late)["late"] == 1


def test_those_nobody_is_in_charge_of_are_told_to_the_district(ground: Ground) -> None:
    ground.pair(ground.vendor, origin="intent")
    look_after_pairings(ground.db, ground.settings, date(2099, 1, 1))
    assert "已超期" in ground.titles(ground.second_broker)[0]
    assert ground.titles(ground.far_broker) == []


def test_the_daily_job_looks_after_pairings(ground: Ground) -> None:
    key = ground.pair()
    with transaction(ground.db):
        update_pairing(ground.db, ground.row(key), due_on="2026-01-01")
        job = start_job(ground.db, "keep_fresh", title="检查", arguments={}, viewer=ground.reviewer)
    result = run_job_now(ground.workshop, job)
    assert (result["late"], result["revisits"]) == (1, 0)
    assert "提醒超期 1 个" in result["message"]


def test_files_nobody_knows_are_swept_and_known_ones_stay(ground: Ground) -> None:
    key = ground.pair()
    ground.market.pairings.attach(ground.broker, key, [Upload("方案.pdf", b"%PDF-1")])
    (kept,) = load_pairing_files(ground.db, key)
    folder = ground.settings.attachments_dir
    stray = folder / "00" / "stray.pdf"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"%PDF-2")
    for path in (stray, folder / kept.stored_as):
        os.utime(path, (0, 0))
    look_after_pairings(ground.db, ground.settings, date.today())
    assert not stray.exists()
    assert (folder / kept.stored_as).exists()


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("update pairing set stage = 'dancing'", "阶段“dancing”不存在"),
        ("update pairing set stage = 'meeting'", "与对接记录不一致"),
        ("update pairing set open_mark = 'x'", "标记不一致"),
        ("update pairing set opportunity_key = 1", "指向不存在的清单条目"),
        ("update pairing set accepted_on = '2026-02-02'", "验收日期与落地案例不一致"),
        ("update pairing set matchmaker_key = 77", "指向不存在的账号"),
        ("delete from landing", "没有落地案例"),
        ("delete from pairing_event", "没有建立的记录"),
    ],
)
def test_the_check_finds_what_cannot_be(ground: Ground, sql: str, words: str) -> None:
    ground.go(ground.pair(), *WAY)
    assert ground.faults() == []
    with transaction(ground.db):
        ground.db.conn.execute(sql)
    assert any(words in fault for fault in ground.faults())


def test_the_command_finds_a_lost_file(ground: Ground) -> None:
    key = ground.pair()
    ground.market.pairings.attach(ground.broker, key, [Upload("方案.pdf", b"%PDF-1")])
    said: list[str] = []
    ground.workshop.say = said.append
    ground.workshop.check()
    assert not any("附件" in line for line in said)
    (kept,) = load_pairing_files(ground.db, key)
    (ground.settings.attachments_dir / kept.stored_as).unlink()
    assert ground.workshop.check() == 1
    assert any("附件" in line and "不在" in line for line in said)


def test_a_publication_with_a_pairing_is_not_taken_back(ground: Ground) -> None:
    ground.pair()
    with pytest.raises(RefusedError, match="已有对接"):
        ground.market.batches.recall_posting(ground.clerk, ground.need_key)


def test_an_office_edits_the_reasons(ground: Ground) -> None:
    key = ground.pair()
    admin = ground.person("管理员")
    admin = replace(admin, roles=frozenset({"admin"}))
    added = Term("outcome_reason", "company.will.holiday", "厂休", parent="company.will")
    take_in_terms(ground.db, ground.settings)
    ground.market.terms.add(admin, added)
    ground.market.pairings.fail(ground.vendor, key, ground.stop(key, "company.will.holiday"))
    ground.market.terms.end(admin, "outcome_reason", "company.will.holiday", "2026-01-01")
    page = ground.market.pairings.page(ground.clerk, key)
    assert (page.reason, page.reason_side) == ("厂休", "能力方")


def test_what_is_brought_back_needs_room(ground: Ground) -> None:
    key = ground.pair()
    ground.market.pairings.pause(ground.broker, key, ground.stop(key, "neither.waiting.trial"))
    ground.second_pair()
    book = ground.market.pairings
    book._settings = replace(ground.settings, followup=FollowupRules(open_per_opportunity=1))
    with pytest.raises(CapError):
        book.resume(ground.broker, key, ground.row(key).stamp)


def test_who_no_longer_is_matchmaker_hears_no_more(ground: Ground) -> None:
    key, other = ground.pair(), ground.second_pair()
    for broker in (ground.broker, ground.second_broker):
        with transaction(ground.db):
            ground.db.conn.execute("delete from membership where account_key = ?", [broker.account_key])
    third = ground.matchmaker("撮合丁")
    heard = [ground.titles(broker) for broker in (ground.broker, ground.second_broker)]
    ground.go(key, "contacted", "meeting", "signed", viewer=ground.matchmaker("撮合戊"))
    ground.market.pairings.write_note(ground.vendor, key, "报价已备好", "all")
    look_after_pairings(ground.db, ground.settings, date(2099, 1, 1))
    assert [ground.titles(broker) for broker in (ground.broker, ground.second_broker)] == heard
    told = ground.titles(third)
    assert any("已与一家单位签约" in title for title in told)
    assert any("有新的对接记录" in title for title in told)
    assert any("已超期" in title for title in told)
    assert ground.row(other).matchmaker_key == ground.second_broker.account_key


def test_no_account_is_named_by_its_number(ground: Ground) -> None:
    key = ground.pair()
    with pytest.raises(RefusedError, match="“所选账号”不是") as refusal:
        ground.assign(ground.broker, [key], ground.rival)
    assert ground.rival.name not in str(refusal.value)
