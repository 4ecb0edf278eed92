"""Answers of companies to a need: writing, sending once, revising, withdrawing, and who learns what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Thread

import pytest
from answer_tools import EVIDENCE, LATER, PAST, SOON, Answers

from marketplace import FaultyError, ForbiddenError, NotFoundError, RefusedError, Sight, StaleError
from marketplace.answers import RuleForm, TypedAnswer, open_sealed_answers
from marketplace.followup import PairingQuery
from marketplace.jobs import run_job_now
from marketplace.jobs.worker import Worker
from marketplace.store.answers import insert_intent
from marketplace.store.database import transaction
from marketplace.store.integrity import find_office_faults
from marketplace.store.jobs import queued_keys
from marketplace.store.pairing_events import load_pairing_events
from marketplace.store.postings import load_rows
from marketplace.store.versions import find_child
from matching import Side, VerdictKind


@pytest.fixture
def office(answers_office: Answers, tmp_path: Path) -> Answers:
    return answers_office.reopen(tmp_path / "market.db")


def test_the_form_begins_with_what_the_match_found(office: Answers) -> None:
    page = office.book.page(office.vendor, office.need_key)
    pair = office.market.pair_page(office.need_key, office.offer_key, Sight(office.vendor))
    assert page.offer_key == office.offer_key
    assert [line.text for line in page.lines] == [one.requirement_text for one in pair.verdicts]
    assert len(page.lines) == 3
    for line, verdict in zip(page.lines, pair.verdicts, strict=True):
        silent = verdict.kind is VerdictKind.UNCLEAR
        assert line.evidence == ("" if silent else verdict.text)
        assert line.status == ""
        assert (line.quote is None) == silent
    assert any(line.evidence for line in page.lines)
    assert (page.state, page.number, page.stamp, page.closed) == ("", 0, 0, "")
    assert office.count("intent") == 0


def test_a_draft_is_seen_by_the_own_company_alone(office: Answers) -> None:
    office.book.save(office.vendor, office.need_key, office.typed(statuses={0: "full"}, note=""), send=False)
    page = office.book.page(office.vendor, office.need_key)
    assert [line.status for line in page.lines] == ["full", "", ""]
    assert page.lines[1].evidence == EVIDENCE[1]
    assert (page.state, page.stamp, page.unsent) == ("draft", 1, False)
    assert office.table.page(office.clerk, office.need_key).columns == ()
    assert office.table.brief(office.clerk, office.listed()).count == 0
    assert office.book.page(office.rival, office.need_key).state == ""
    assert office.book.mine(office.rival).answers == ()
    assert [one.state for one in office.book.mine(office.vendor).answers] == ["draft"]
    assert office.count("pairing") == 0
    for who in (office.clerk, office.broker, office.rival):
        assert office.heard(who, "intent", "pairing") == []


def test_sending_opens_a_pairing_and_tells_agency_and_matchmakers(office: Answers) -> None:
    key = office.send()
    page = office.table.page(office.clerk, office.need_key)
    (column,) = page.columns
    assert column.company == "武汉楚光智感科技有限公司（示例）"
    assert [cell.status for cell in column.cells] == ["full", "partly", "discuss"]
    assert [cell.evidence for cell in column.cells] == list(EVIDENCE.values())
    assert (column.note, column.number) == ("可先试用一个月。", 1)
    pairing = office.row(column.pairing_key)
    assert (pairing.opportunity_key, pairing.capability_key, pairing.origin) == (
        office.need_key, office.offer_key, "intent")  # fmt: skip
    assert office.book.page(office.vendor, office.need_key).pairing_key == 0
    assert any("发来答复" in title for title in office.heard(office.clerk, "intent"))
    assert office.heard(office.broker, "pairing", "intent")
    for stranger in (office.rival, office.far_broker, office.far_clerk, office.vendor):
        assert office.heard(stranger, "intent", "pairing") == []
    assert office.table.brief(office.broker, office.listed()).count == 1
    actions = [row["action"] for row in office.db.query("select action from audit order by seq")]
    assert "intent.sent" in actions
    assert key == next(iter(office.db.table("intent").rows))["key"]
    assert find_office_faults(office.db) == []


def test_two_competitors_never_learn_of_each_other(office: Answers) -> None:
    office.send()
    office.send(office.rival, evidence={0: "我方绝密打法"})
    assert len(office.table.page(office.clerk, office.need_key).columns) == 2
    assert len(office.table.page(office.broker, office.need_key).columns) == 2
    for who, other in ((office.vendor, "我方绝密打法"), (office.rival, "可部署在区政务云")):
        for read in (
            lambda who=who: office.table.page(who, office.need_key),
            lambda who=who: office.table.open_pairing(who, office.need_key, 1),
            lambda who=who: office.table.set_rules(who, office.need_key, RuleForm()),
        ):
            with pytest.raises(ForbiddenError):
                read()
        brief = office.table.brief(who, office.listed())
        assert (brief.count, brief.may_read, brief.waiting) == (None, False, 0)
        assert other not in str(office.book.page(who, office.need_key))
        assert len(office.book.mine(who).answers) == 1
    for who in (office.far_clerk, office.stranger, office.far_broker):
        with pytest.raises(NotFoundError):
            office.table.page(who, office.need_key)
        assert office.table.brief(who, office.listed()).count is None


def test_who_also_stands_on_a_companys_side_reads_nothing(office: Answers) -> None:
    office.send()
    both = replace(office.broker, roles=frozenset({"matchmaker", "company"}), company_of=office.rival.company_of)
    clerk = replace(office.clerk, roles=frozenset({"publisher", "company"}), company_of=office.rival.company_of)
    for who in (both, clerk):
        with pytest.raises(NotFoundError):
            office.table.page(who, office.need_key)
        assert office.table.brief(who, office.listed()).count is None


def test_who_also_stands_on_a_companys_side_is_told_nothing(office: Answers) -> None:
    firm = min(office.rival.company_of)
    with transaction(office.db):
        for who in (office.colleague, office.second_broker):
            office.db.table("membership").insert(
                {"account_key": who.account_key, "role": "company", "organisation_key": firm, "districts": "[]"}
            )
    office.send()
    office.book.withdraw(office.vendor, office.need_key)
    assert len(office.heard(office.clerk, "intent")) == 2
    assert office.heard(office.broker, "intent")
    for who in (office.colleague, office.second_broker):
        assert office.heard(who, "intent", "pairing") == []
    office.questions.ask(office.vendor, office.need_key, "井盖材质是什么？")
    assert office.heard(office.clerk, "question")
    assert office.heard(office.colleague, "question") == []


def test_a_double_click_makes_one_answer(office: Answers) -> None:
    typed = office.typed()
    first = office.book.save(office.vendor, office.need_key, typed, send=True)
    assert office.book.save(office.vendor, office.need_key, typed, send=True) == first
    assert (office.count("intent"), office.count("pairing")) == (1, 1)
    assert office.table.page(office.clerk, office.need_key).columns[0].number == 1
    draft = office.typed(note="改")
    office.book.save(office.vendor, office.need_key, draft, send=False)
    office.book.save(office.vendor, office.need_key, draft, send=False)
    assert office.count("intent_version") == 2


def test_two_presses_at_the_same_moment_make_one_answer(office: Answers) -> None:
    typed, found = office.typed(), []
    threads = [
        Thread(target=lambda: found.append(office.book.save(office.vendor, office.need_key, typed, send=True)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert (office.count("intent"), office.count("pairing"), office.count("intent_version")) == (1, 1, 1)


def test_of_two_colleagues_one_is_told(office: Answers) -> None:
    colleague = office.person("钱经理", company_of=tuple(office.vendor.company_of))
    one, other = office.typed(), office.typed(note="另一种说法")
    office.book.save(office.vendor, office.need_key, one, send=False)
    with pytest.raises(StaleError):
        office.book.save(colleague, office.need_key, other, send=True)
    assert office.book.page(colleague, office.need_key).note == "可先试用一个月。"
    assert office.table.page(office.clerk, office.need_key).columns == ()


def test_a_revision_is_read_only_when_sent_again(office: Answers) -> None:
    office.send()
    office.book.save(office.vendor, office.need_key, office.typed(note="价格再谈"), send=False)
    assert office.book.page(office.vendor, office.need_key).unsent
    assert office.table.page(office.clerk, office.need_key).columns[0].note == "可先试用一个月。"
    office.send(note="价格再谈")
    (column,) = office.table.page(office.clerk, office.need_key).columns
    assert (column.note, column.number) == ("价格再谈", 2)
    assert not office.book.page(office.vendor, office.need_key).unsent
    assert (office.count("intent"), office.count("pairing")) == (1, 1)
    assert any("修订了答复（第 2 版）" in title for title in office.heard(office.clerk, "intent"))


def test_a_revision_opens_no_pairing_that_was_ended(office: Answers) -> None:
    office.send()
    (column,) = office.table.page(office.clerk, office.need_key).columns
    row = office.row(column.pairing_key)
    office.market.pairings.fail(office.broker, row.key, office.stop(row.key, "publisher.need.cancelled"))
    assert office.table.page(office.clerk, office.need_key).columns[0].ended
    office.send(note="价格可以再谈")
    (after,) = office.table.page(office.clerk, office.need_key).columns
    assert (after.number, after.note, after.pairing_key, after.ended) == (2, "价格可以再谈", row.key, True)
    assert office.count("pairing") == 1
    told = [one for one in office.market.notices.inbox(office.clerk).notices if one.kind == "intent"]
    assert "没有因修订重新建立" in told[0].body
    assert any("修订的答复已送达" in title for title in office.heard(office.vendor, "intent"))
    again = office.table.open_pairing(office.clerk, office.need_key, after.intent_key)
    assert (again != row.key, office.row(again).stage) == (True, "recommended")
    assert not office.table.page(office.clerk, office.need_key).columns[0].ended


@pytest.mark.parametrize("again", ["revise", "withdraw and send"])
def test_an_answer_to_a_pairing_that_was_ended_begins_none(office: Answers, again: str) -> None:
    office.send()
    (key,) = [row["key"] for row in office.db.table("pairing").rows]
    office.market.pairings.fail(office.broker, key, office.stop(key, "publisher.need.cancelled"))
    if again != "revise":
        office.book.withdraw(office.vendor, office.need_key)
    office.send(note="价格再谈")
    assert (office.count("pairing"), office.row(key).stage) == (1, "failed")
    (column,) = office.table.page(office.clerk, office.need_key).columns
    assert (column.note, column.number, column.pairing_key) == ("价格再谈", 2, key)
    assert any("修订的答复已送达" in title for title in office.heard(office.vendor, "intent"))
    told = next(one for one in office.market.notices.inbox(office.clerk).notices if one.kind == "intent")
    assert "没有因修订重新建立" in told.body
    told_of = [one for one in load_pairing_events(office.db, key) if one.action == "intent"]
    assert len(told_of) == (2 if again == "revise" else 3)
    assert not any("对接" in fault for fault in office.faults())


def test_an_answer_whose_pairing_was_a_mistake_begins_one(office: Answers) -> None:
    key = office.pair()
    office.send()
    office.market.pairings.undo(office.broker, key, office.row(key).stamp)
    office.send(note="价格再谈")
    assert office.count("pairing") == 2


def test_a_sent_answer_keeps_its_capability(office: Answers) -> None:
    office.send()
    text = {"title": "水位终端", "district_or_city": "武汉市东湖高新区", "features": "1. 水位5分钟内上报"}
    other = office.write(office.vendor, text | {"domains": ["智慧城市"]}, Side.CAPABILITY)
    office.publish(office.pass_on(other, office.vendor), side=Side.CAPABILITY, number=3)
    office.send(offer_key=office.published("水位终端"), note="换一项")
    assert office.table.page(office.clerk, office.need_key).columns[0].offer.key == office.offer_key


def test_a_withdrawn_answer_is_no_longer_read(office: Answers) -> None:
    office.send()
    office.book.withdraw(office.vendor, office.need_key)
    office.book.withdraw(office.vendor, office.need_key)
    page = office.table.page(office.clerk, office.need_key)
    assert page.columns == ()
    assert [name for name, _ in page.withdrawn] == ["武汉楚光智感科技有限公司（示例）"]
    assert sum("撤回了答复" in title for title in office.heard(office.clerk, "intent")) == 1
    office.send()
    (column,) = office.table.page(office.clerk, office.need_key).columns
    assert column.number == 2
    with pytest.raises(NotFoundError):
        office.book.withdraw(office.rival, office.need_key)


def test_after_the_closing_date_nothing_is_written(office: Answers) -> None:
    office.send()
    office.set_deadline(PAST)
    page = office.book.page(office.vendor, office.need_key)
    assert PAST in page.closed
    for send in (True, False):
        with pytest.raises(RefusedError, match="截止"):
            office.book.save(office.vendor, office.need_key, office.typed(note="晚了"), send=send)
    with pytest.raises(RefusedError, match="截止"):
        office.send(office.rival)
    assert len(office.table.page(office.clerk, office.need_key).columns) == 1
    office.book.withdraw(office.vendor, office.need_key)
    assert office.table.page(office.clerk, office.need_key).columns == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"statuses": {0: "full", 1: "full"}}, "status-2"),
        ({"statuses": {0: "yes", 1: "full", 2: "full"}}, "status-0"),
        ({"evidence": {0: "请找张三 13800001111"}}, "evidence-0"),
        ({"evidence": {1: "长" * 1001}}, "evidence-1"),
        ({"note": "邮箱 abc@example.cn"}, "note"),
        ({"note": "微信号 chuguang_2020"}, "note"),
    ],
)
def test_what_cannot_be_sent_is_named_field_by_field(office: Answers, changes, field: str) -> None:
    with pytest.raises(FaultyError) as refused:
        office.send(**changes)
    assert [fault.field for fault in refused.value.faults] == [field]
    assert office.count("intent") == 0


def test_only_an_own_published_capability_answers(office: Answers) -> None:
    for offer in (office.rival_offer, office.need_key, 5, 0):
        with pytest.raises(FaultyError, match="本单位已发布"):
            office.send(offer_key=offer)
    with pytest.raises(NotFoundError):
        office.book.page(office.vendor, office.offer_key)
    with pytest.raises(ForbiddenError):
        office.book.page(office.clerk, office.need_key)


def test_a_cap_keeps_no_answer_back_and_tells_the_company_nothing(office: Answers) -> None:
    office.send(office.rival)
    tight = replace(office.settings, followup=replace(office.settings.followup, open_per_opportunity=1))
    office.book._settings = tight
    office.send()
    columns = {one.offer.key: one for one in office.table.page(office.clerk, office.need_key).columns}
    assert columns[office.offer_key].pairing_key == 0
    assert office.book.page(office.vendor, office.need_key).state == "sent"
    assert office.count("pairing") == 1
    notices = [one for one in office.market.notices.inbox(office.broker).notices if one.kind == "intent"]
    assert any("暂未建立对接" in one.body for one in notices)
    assert not any("上限" in one.body or "个" in one.body for one in notices)
    pairing = office.table.open_pairing(office.broker, office.need_key, columns[office.offer_key].intent_key)
    assert office.row(pairing).capability_key == office.offer_key
    assert office.table.open_pairing(office.clerk, office.need_key, columns[office.offer_key].intent_key) == pairing


def test_a_company_cannot_tell_a_full_need_from_one_with_room(office: Answers) -> None:
    """The rival's answer finds room, the vendor's does not: both see the same."""
    office.send(office.rival)
    office.book._settings = replace(
        office.settings, followup=replace(office.settings.followup, open_per_opportunity=1)
    )  # fmt: skip
    office.send()
    assert office.count("pairing") == 1
    need = office.listed()
    for company, offer in ((office.rival, office.rival_offer), (office.vendor, office.offer_key)):
        page = office.book.page(company, office.need_key)
        assert (page.state, page.pairing_key) == ("sent", 0)
        assert [one.pairing_key for one in office.book.mine(company).answers] == [0]
        assert office.market.pairings.list_page(company, PairingQuery(show="all")).total == 0
        beside = office.market.pairings.beside(company, need, load_rows(office.db, [offer])[0])
        assert (beside.key, beside.stage_label) == (0, "")
        assert office.heard(company, "intent", "pairing") == []
    # The agency sees both, and which of them is a pairing.
    assert sum(bool(one.pairing_key) for one in office.table.page(office.clerk, office.need_key).columns) == 1
    assert office.market.pairings.list_page(office.clerk, PairingQuery(show="all")).total == 1


def test_a_company_is_led_to_the_pairing_once_somebody_works_on_it(office: Answers) -> None:
    office.send()
    (key,) = [row["key"] for row in office.db.table("pairing").rows]
    office.go(key, "contacted")
    assert office.book.page(office.vendor, office.need_key).pairing_key == key
    assert [one.pairing_key for one in office.book.mine(office.vendor).answers] == [key]
    assert office.market.pairings.list_page(office.vendor, PairingQuery()).total == 1


def test_the_list_of_answers_takes_as_many_statements_for_many(office: Answers) -> None:
    counts = []
    for more in (0, 3):
        with transaction(office.db):
            for place in range(more + 1):
                insert_intent(office.db, office.need_key, 900 + more + place, office.offer_key, 0)
        office.book.mine(office.vendor)
        said: list[str] = []
        office.db.conn.set_trace_callback(said.append)
        listed = office.book.mine(office.vendor).answers
        office.db.conn.set_trace_callback(None)
        counts.append(len(said))
    assert len(listed) == 5
    assert counts[0] == counts[1]


class TestSealed:
    """截止后统一查看."""

    def test_it_needs_a_closing_date(self, office: Answers) -> None:
        with pytest.raises(FaultyError, match="必须写明截止日期"):
            office.table.set_rules(office.clerk, office.need_key, RuleForm("", True))
        office.seal()
        terms = office.table.page(office.clerk, office.need_key).terms
        assert (terms.sealed, terms.hidden, terms.closes_on) == (True, True, SOON)

    def test_until_then_nobody_else_learns_of_an_answer(self, office: Answers) -> None:
        office.seal()
        before = {who.account_key: len(office.heard(who)) for who in (office.clerk, office.broker, office.rival)}
        office.send()
        for who in (office.clerk, office.broker):
            page = office.table.page(who, office.need_key)
            assert (page.columns, page.withdrawn) == ((), ())
            assert office.table.brief(who, office.listed()).count is None
            assert len(office.heard(who)) == before[who.account_key]
            with pytest.raises(NotFoundError):
                office.table.open_pairing(who, office.need_key, next(iter(office.db.table("intent").rows))["key"])
        assert len(office.heard(office.rival)) == before[office.rival.account_key]
        assert office.count("pairing") == office.count("pairing_event") == 0
        assert office.book.page(office.vendor, office.need_key).state == "sent"
        office.send(note="第二版")
        office.book.withdraw(office.vendor, office.need_key)
        assert len(office.heard(office.clerk)) == before[office.clerk.account_key]

    def test_an_answer_taken_back_in_secret_is_never_heard_of(self, office: Answers) -> None:
        office.seal()
        office.send()
        office.book.withdraw(office.vendor, office.need_key)
        office.let_close()
        assert open_sealed_answers(office.db, office.settings) == 0
        page = office.table.page(office.clerk, office.need_key)
        assert (page.columns, page.withdrawn) == ((), ())

    def test_the_promise_is_kept_whether_or_not_anyone_answered(self, office: Answers) -> None:
        office.seal()
        said = []
        for _ in range(2):
            for closes_on, sealed in ((SOON, False), (date_before(SOON), True)):
                stamp = office.table.page(office.clerk, office.need_key).terms.stamp
                with pytest.raises(FaultyError) as refused:
                    office.table.set_rules(office.clerk, office.need_key, RuleForm(closes_on, sealed, "", stamp))
                said.append(str(refused.value))
            if not office.count("intent"):
                office.send()
        assert said[:2] == said[2:]
        stamp = office.table.page(office.clerk, office.need_key).terms.stamp
        office.table.set_rules(office.clerk, office.need_key, RuleForm(LATER, True, "", stamp))
        assert office.table.page(office.clerk, office.need_key).terms.closes_on == LATER

    def test_it_cannot_begin_once_answers_were_read(self, office: Answers) -> None:
        office.send()
        with pytest.raises(FaultyError, match="已收到"):
            office.seal()

    def test_after_the_closing_date_all_is_opened_at_once(self, office: Answers) -> None:
        office.seal()
        office.send()
        office.send(office.rival)
        assert open_sealed_answers(office.db, office.settings) == 0
        office.let_close()
        assert len(office.table.page(office.clerk, office.need_key).columns) == 2
        worker = Worker(office.workshop)
        worker.tend()
        kinds = [row["kind"] for row in office.db.query("select kind from job")]
        assert kinds.count("open_answers") == 1
        for key in queued_keys(office.db):
            run_job_now(office.workshop, key)
        assert office.count("pairing") == 2
        assert sum("答复已截止" in title for title in office.heard(office.clerk, "intent")) == 2
        assert all(one.pairing_key for one in office.table.page(office.clerk, office.need_key).columns)
        assert open_sealed_answers(office.db, office.settings) == 0
        worker.tend()
        kinds = [row["kind"] for row in office.db.query("select kind from job")]
        assert kinds.count("open_answers") == 1
        with pytest.raises(RefusedError, match="统一公开"):
            office.table.set_rules(
                office.clerk, office.need_key,
                RuleForm(LATER, True, "", office.table.page(office.clerk, office.need_key).terms.stamp),
            )  # fmt: skip


def date_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=3)).isoformat()


def test_a_capability_in_use_cannot_be_taken_back(office: Answers) -> None:
    office.seal()
    office.send()
    with pytest.raises(RefusedError):
        office.batches.recall_posting(office.vendor, office.offer_key)
    assert office.book.page(office.vendor, office.need_key).state == "sent"


def test_a_sealed_answer_keeps_nothing_up_and_ends_with_its_capability(office: Answers) -> None:
    office.seal()
    office.send()
    assert find_child(office.db, office.offer_key, own=True) == "企业答复"
    assert find_child(office.db, office.offer_key) == ""
    office.batches.recall_posting(office.reviewer, office.offer_key)
    office.let_close()
    assert open_sealed_answers(office.db, office.settings) == 0
    page = office.table.page(office.clerk, office.need_key)
    assert (page.columns, page.withdrawn) == ((), ())
    assert office.table.brief(office.clerk, office.listed()).count == 0
    assert office.book.mine(office.vendor).answers == ()
    assert find_office_faults(office.db) == []


def test_an_answer_that_was_told_keeps_its_capability_up(office: Answers) -> None:
    office.send()
    with transaction(office.db):
        office.db.conn.execute("update intent set pairing_key = 0")
        office.db.table("pairing_event").delete_where("1 = 1")
        office.db.table("pairing").delete_where("1 = 1")
    with pytest.raises(RefusedError, match="企业答复"):
        office.batches.recall_posting(office.reviewer, office.offer_key)


def test_a_key_that_is_taken_tells_nothing(office: Answers) -> None:
    said = []
    for key in (office.need_key, office.offer_key, 5):
        for act in (lambda key=key: office.table.page(office.far_clerk, key),
                    lambda key=key: office.book.withdraw(office.rival, key)):  # fmt: skip
            with pytest.raises(NotFoundError) as refused:
                act()
            said.append(str(refused.value))
    assert said[:2] == said[2:4] == said[4:]


def test_rules_are_the_agencys(office: Answers) -> None:
    with pytest.raises(NotFoundError):
        office.table.set_rules(office.broker, office.need_key, RuleForm(SOON))
    assert not office.table.page(office.broker, office.need_key).may_rule
    assert office.table.page(office.clerk, office.need_key).may_rule
    office.table.set_rules(office.clerk, office.need_key, RuleForm(LATER, False, SOON))
    with pytest.raises(StaleError):
        office.table.set_rules(office.colleague, office.need_key, RuleForm(SOON, False, SOON))
    office.table.set_rules(office.clerk, office.need_key, RuleForm(LATER, False, SOON))
    with pytest.raises(FaultyError, match="不晚于答复截止日期"):
        office.table.set_rules(office.clerk, office.need_key, RuleForm(SOON, False, LATER, 1))
    with pytest.raises(FaultyError, match="日期"):
        office.table.set_rules(office.clerk, office.need_key, RuleForm("改天", False, "", 1))
    with pytest.raises(FaultyError, match="不早于今天"):
        office.table.set_rules(office.clerk, office.need_key, RuleForm(PAST, False, "", 1))


def test_an_agency_without_an_account_is_stood_in_for_by_the_matchmaker(office: Answers) -> None:
    with transaction(office.db):
        office.db.conn.execute("delete from membership where role = 'publisher'")
    office.table.set_rules(office.broker, office.need_key, RuleForm(LATER))
    office.send()
    assert any("发来答复" in title for title in office.heard(office.broker, "intent"))
    with pytest.raises(NotFoundError):
        office.table.page(office.far_broker, office.need_key)


def test_a_rewritten_requirement_shows_what_was_answered_then(office: Answers) -> None:
    office.send()
    with transaction(office.db):
        office.db.conn.execute("update intent_line set text = '井盖移位后30分钟内告警' where requirement = 0")
    (column,) = office.table.page(office.clerk, office.need_key).columns
    assert [cell.former for cell in column.cells] == ["井盖移位后30分钟内告警", "", ""]
    assert column.cells[0].status == "full"


def test_an_answer_belongs_to_whom_the_capability_belongs_to(office: Answers) -> None:
    office.send()
    successor = office.person("接任", company_of=(99,))
    office._organisation(99, "楚光新公司（示例）", "enterprise")
    with transaction(office.db):
        office.db.table("posting").update(office.offer_key, {"organisation_key": 99})
    assert office.table.page(office.clerk, office.need_key).columns[0].company == "楚光新公司（示例）"
    assert [one.state for one in office.book.mine(successor).answers] == ["sent"]
    assert office.book.mine(office.vendor).answers == ()


def test_a_person_of_two_companies_answers_for_each_by_itself(office: Answers) -> None:
    both = replace(office.vendor, company_of=office.vendor.company_of | office.rival.company_of)
    first = replace(both, acting_for=next(iter(office.vendor.company_of)))
    second = replace(both, acting_for=next(iter(office.rival.company_of)))
    office.send(first, offer_key=office.offer_key)
    assert office.book.page(second, office.need_key).state == ""
    assert office.book.page(second, office.need_key).offer_key == office.rival_offer
    with pytest.raises(FaultyError):
        office.send(second, offer_key=office.offer_key)
    office.send(second, offer_key=office.rival_offer)
    assert len(office.table.page(office.clerk, office.need_key).columns) == 2
    assert len(office.book.mine(both).answers) == 2


def test_a_matchmakers_word_is_told_as_such(office: Answers) -> None:
    pair = (office.need_key, office.offer_key)
    office.market.corrections.correct(office.broker, pair, 0, "partial", "现场试过，只做到一部分")
    line = office.book.page(office.vendor, office.need_key).lines[0]
    assert (line.kind, line.by_person) == (VerdictKind.PARTIAL, True)


def test_no_own_organisation_answers_its_own_need(office: Answers) -> None:
    both = replace(office.clerk, roles=frozenset({"publisher", "company"}), company_of=office.clerk.publisher_of)
    assert "本单位发布" in office.book.page(both, office.need_key).closed
    with pytest.raises(RefusedError, match="本单位发布"):
        office.book.save(both, office.need_key, TypedAnswer(office.offer_key), send=True)
