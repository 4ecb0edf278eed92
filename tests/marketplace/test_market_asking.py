"""Questions on a need: asked in private, answered for all, and never with the name of who asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from answer_tools import LATER, PAST, SOON, Answers

from marketplace import VISITOR, FaultyError, ForbiddenError, NotFoundError, RefusedError, StaleError
from marketplace.answers import RuleForm
from marketplace.store.database import transaction

QUESTION = "井盖材质是铸铁还是复合材料？"


@pytest.fixture
def office(answers_office: Answers, tmp_path: Path) -> Answers:
    return answers_office.reopen(tmp_path / "market.db")


def ask(office: Answers, text: str = QUESTION) -> int:
    return office.questions.ask(office.vendor, office.need_key, text)


def test_a_question_is_private_until_it_is_answered(office: Answers) -> None:
    key = ask(office)
    for who in (VISITOR, office.rival, office.far_clerk, office.stranger, office.broker):
        page = office.questions.page(who, office.need_key)
        assert (page.published, page.own, page.waiting) == ((), (), ())
    assert [one.text for one in office.questions.page(office.vendor, office.need_key).own] == [QUESTION]
    waiting = office.questions.page(office.clerk, office.need_key).waiting
    assert [one.text for one in waiting] == [QUESTION]
    assert office.table.brief(office.clerk, office.listed()).waiting == 1
    assert office.table.brief(office.rival, office.listed()).waiting == 0
    assert any("新的提问" in title for title in office.heard(office.clerk, "question"))
    assert office.heard(office.rival, "question") == []
    office.questions.answer(office.clerk, key, "多数是铸铁，少数复合材料。")
    for who in (VISITOR, office.rival, office.vendor):
        (line,) = office.questions.page(who, office.need_key).published
        assert (line.text, line.answer) == (QUESTION, "多数是铸铁，少数复合材料。")
    assert any("已答复并公布" in title for title in office.heard(office.vendor, "question"))


def test_nobody_reads_who_asked(office: Answers) -> None:
    key = ask(office)
    name = "楚光智感"
    assert name not in str(office.questions.page(office.clerk, office.need_key))
    notices = office.market.notices.inbox(office.clerk).notices
    assert all(name not in f"{one.title}{one.body}{one.reason}" for one in notices if one.kind == "question")
    office.questions.answer(office.clerk, key, "铸铁。")
    for who in (VISITOR, office.clerk, office.rival, office.broker):
        assert name not in str(office.questions.page(who, office.need_key).published)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "没有填写"),
        ("长" * 501, "最多 500 个字"),
        ("请回电张三 13800001111", "手机号"),
        ("武汉楚光智感科技有限公司（示例）的产品能否参加？", "单位名称"),
        ("我们武汉楚光智感科技能否参加？", "单位名称"),
        ("楚光智感科技的终端能否参加？", "单位名称"),
        ("我们楚光智感能否参加？", "单位名称"),
        ("请加微信 chuguang2020 详谈", "微信号或QQ号"),
    ],
)
def test_what_would_give_somebody_away_is_refused(office: Answers, text: str, word: str) -> None:
    with pytest.raises(FaultyError, match=word):
        ask(office, text)
    assert office.count("question") == 0


def test_a_short_name_that_the_need_itself_uses_gives_nobody_away(office: Answers) -> None:
    with transaction(office.db):
        office.db.table("organisation").update(min(office.vendor.company_of), {"name": "武汉窨井盖科技有限公司"})
    assert "窨井盖" in office.listed().posting.title
    ask(office, "窨井盖有多少个？")
    with pytest.raises(FaultyError, match="单位名称"):
        ask(office, "武汉窨井盖科技能否参加？")


def test_an_answer_holds_no_personal_data(office: Answers) -> None:
    key = ask(office)
    for text in ("", "请联系李四 13900002222", "加QQ 123456789"):
        with pytest.raises(FaultyError):
            office.questions.answer(office.clerk, key, text)
    assert office.questions.page(VISITOR, office.need_key).published == ()


def test_a_returned_question_is_read_by_its_asker_alone(office: Answers) -> None:
    key = ask(office)
    office.questions.send_back(office.clerk, key, "与本条无关，请看采购公告。")
    (line,) = office.questions.page(office.vendor, office.need_key).own
    assert (line.state, line.answer) == ("returned", "与本条无关，请看采购公告。")
    for who in (VISITOR, office.rival, office.clerk):
        page = office.questions.page(who, office.need_key)
        assert (page.published, page.waiting) == ((), ())
    assert any("没有公布，已退回" in title for title in office.heard(office.vendor, "question"))


def test_pressing_twice_is_pressing_once_and_of_two_clerks_one_is_told(office: Answers) -> None:
    key = ask(office)
    assert ask(office, f" {QUESTION}\r\n") == key
    assert office.count("question") == 1
    assert len(office.heard(office.clerk, "question")) == 1
    office.questions.answer(office.clerk, key, "铸铁。")
    office.questions.answer(office.clerk, key, "铸铁。")
    with pytest.raises(StaleError):
        office.questions.send_back(office.colleague, key, "无关")
    assert office.questions.page(VISITOR, office.need_key).published[0].answer == "铸铁。"
    other = office.questions.ask(office.rival, office.need_key, QUESTION)
    assert other != key


def test_only_the_agency_answers(office: Answers) -> None:
    key = ask(office)
    for who in (office.stranger, office.broker, office.far_broker):
        with pytest.raises(NotFoundError):
            office.questions.answer(who, key, "冒充")
        with pytest.raises(NotFoundError):
            office.questions.need_key(who, key)
    for who in (office.rival, office.vendor, VISITOR):
        with pytest.raises(ForbiddenError):
            office.questions.send_back(who, key, "冒充")
    with pytest.raises(ForbiddenError):
        office.questions.ask(office.clerk, office.need_key, QUESTION)
    with pytest.raises(NotFoundError):
        office.questions.answer(office.clerk, 5, "没有")


def test_questions_end_on_their_own_day(office: Answers) -> None:
    key = ask(office)
    office.table.set_rules(office.clerk, office.need_key, RuleForm(LATER, False, SOON))
    assert office.questions.page(office.vendor, office.need_key).terms.questions_until == SOON
    with transaction(office.db):
        office.db.conn.execute("update answer_rule set questions_until = ?", [PAST])
    with pytest.raises(RefusedError, match="截止"):
        ask(office, "还能问吗？")
    page = office.questions.page(office.vendor, office.need_key)
    assert (page.may_ask, PAST in page.closed) == (False, True)
    assert not office.book.page(office.vendor, office.need_key).closed
    office.questions.answer(office.clerk, key, "铸铁。")


def test_companies_that_answer_are_told_of_new_answers(office: Answers) -> None:
    office.send(office.rival)
    office.questions.answer(office.clerk, ask(office), "铸铁。")
    assert any("公布了新的问答" in title for title in office.heard(office.rival, "question"))


def test_a_need_that_is_not_public_has_no_questions(office: Answers) -> None:
    office.market.freshness.take_off(office.clerk, office.need_key, "停办")
    for who in (VISITOR, office.vendor):
        with pytest.raises(NotFoundError):
            office.questions.page(who, office.need_key)
    assert office.questions.page(office.clerk, office.need_key).may_answer
