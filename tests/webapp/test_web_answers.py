"""Answers in the browser: the company's form, the agency's table, and two companies that never meet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from answer_pages import COMPANY, EVIDENCE, RIVAL, AnswerDesks
from office import by_role, page_of, submit, words
from publishing_pages import TITLE, fault_targets, page_at, texts

SOON = (date.today() + timedelta(days=20)).isoformat()


@pytest.fixture
def desks(tmp_path, matching_settings) -> AnswerDesks:
    return AnswerDesks(tmp_path, matching_settings)


def test_a_company_answers_line_by_line_and_the_agency_reads_it(desks: AnswerDesks) -> None:
    entry = page_at(desks.company, desks.need)
    assert desks.form in entry.xpath("//*[@data-role='answering']//a/@href")
    page = page_at(desks.company, desks.form)
    lines = by_role(page, "line")
    assert len(lines) == 2
    for line in lines:
        assert len(line.xpath(".//input[@type='radio']")) == 4
        assert line.xpath(".//input[@type='radio'][@checked]") == []
        (area,) = line.xpath(".//textarea")
        assert page.xpath("//label[@for=$id]", id=area.get("id"))
    assert any(area.text.strip() for area in page.xpath("//*[@data-role='line']//textarea") if area.text)
    answer = desks.send(desks.company)
    assert (answer.status_code, answer.location) == (303, desks.form)
    sent = page_at(desks.company, desks.form)
    assert "已发送" in texts(sent, "state")[0]
    assert by_role(sent, "answer")
    table = page_at(desks.clerk, desks.table)
    assert texts(table, "company") == [COMPANY]
    assert [words(row.find("td").find("span")) for row in by_role(table, "point")] == ["能满足", "能满足"]
    assert EVIDENCE in words(by_role(table, "answers")[0])
    assert "查看企业答复（1 份）" in texts(page_at(desks.clerk, desks.need), "answering")[0]
    assert texts(page_at(desks.broker, desks.table), "company") == [COMPANY]
    assert TITLE in words(page_at(desks.company, "/my/answers").find(".//main"))


def test_a_draft_and_a_double_click(desks: AnswerDesks) -> None:
    assert desks.send(desks.company, go="draft", note="先记下").status_code == 303
    assert "草稿" in texts(page_at(desks.company, desks.form), "state")[0]
    assert by_role(page_at(desks.clerk, desks.table), "empty")
    page = page_at(desks.company, desks.form)
    (form,) = by_role(page, "answer")
    data = dict(form.form_values()) | desks.filled(desks.company) | {"go": "send"}
    first, second = (desks.company.post(desks.form, data=data) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert len(texts(page_at(desks.clerk, desks.table), "company")) == 1


def test_a_refused_answer_keeps_what_was_typed(desks: AnswerDesks) -> None:
    answer = desks.send(desks.company, **{"status-1": "", "evidence-0": "请找张三 13800001111", "note": "价格面议"})
    assert answer.status_code == 422
    page = page_of(answer)
    assert fault_targets(page) == ["#f-evidence-0", "#f-status-1"]
    assert page.xpath("//textarea[@name='note']")[0].text.strip() == "价格面议"
    assert "13800001111" in page.xpath("//textarea[@name='evidence-0']")[0].text
    assert page.xpath("//input[@name='status-0'][@checked]/@value") == ["full"]
    assert by_role(page_at(desks.clerk, desks.table), "empty")


def test_two_companies_never_read_of_each_other(desks: AnswerDesks) -> None:
    desks.send(desks.company, note="楚光的独门办法")
    desks.send(desks.rival, note="磁湖的独门办法")
    assert texts(page_at(desks.clerk, desks.table), "company") == [COMPANY, RIVAL]
    number = desks.need.rsplit("/", 1)[1]
    for client, name, secret in ((desks.company, "磁湖", "磁湖的独门办法"), (desks.rival, "楚光", "楚光的独门办法")):
        assert client.get(desks.table).status_code == 403
        for path in (desks.need, desks.form, "/my/answers", f"{desks.need}/questions", "/inbox", "/my"):
            text = client.get(path).text
            assert secret not in text, path
            assert name not in text, path
            assert "2 份" not in text, path
            assert "1 份" not in text, path
        assert client.post(f"/opportunities/{number}/answers/1/pairing").status_code in (400, 403)
    for client in (desks.visitor, desks.reviewer):
        text = client.get(desks.need).text
        assert "独门办法" not in text
        assert "查看企业答复" not in text
        assert client.get(desks.table).status_code in (303, 403)


def test_sealed_answers_are_hidden_until_the_closing_date(desks: AnswerDesks) -> None:
    refused = desks.rules(sealed="1", closes_on="")
    assert refused.status_code == 422
    assert fault_targets(page_of(refused)) == ["#f-closes_on"]
    assert desks.rules(sealed="1", closes_on=SOON).status_code == 303
    assert desks.send(desks.company).status_code == 303
    assert "截止后统一打开" in words(page_at(desks.company, desks.form).find(".//main"))
    for client in (desks.clerk, desks.broker):
        page = page_at(client, desks.table)
        assert by_role(page, "hidden")
        assert by_role(page, "answers") == []
        text = client.get(desks.table).text + client.get(desks.need).text + client.get("/inbox").text
        assert COMPANY not in text.replace(f"匹配的能力 {COMPANY}", "") or "份答复" not in text
        assert "（1 份）" not in text
        assert "共 1 份" not in text
    again = desks.rules(sealed="", closes_on=SOON)
    assert again.status_code == 422
    assert "只能推迟" in texts(page_of(again), "faults")[0]


def test_withdrawing_takes_the_words_away(desks: AnswerDesks) -> None:
    desks.send(desks.company, note="独门办法")
    page = page_at(desks.company, desks.form)
    (url,) = page.xpath("//form[contains(@action, '/withdraw')]/@action")
    token = page.xpath("//input[@name='csrf_token']/@value")[0]
    assert desks.company.post(url, data={"csrf_token": token}).status_code == 303
    table = page_at(desks.clerk, desks.table)
    assert "独门办法" not in words(table.find(".//main"))
    assert COMPANY in texts(table, "withdrawn")[0]
    assert desks.rival.post(url, data={"csrf_token": token}).status_code in (400, 404)


def test_after_the_closing_date_the_answer_is_only_read(desks: AnswerDesks) -> None:
    desks.rules(closes_on=SOON)
    desks.send(desks.company)
    with desks.market._keeper.db.conn as connection:
        connection.execute("update answer_rule set closes_on = '2026-01-01'")
    page = page_at(desks.company, desks.form)
    assert by_role(page, "closed")
    assert by_role(page, "answer") == []
    assert EVIDENCE in texts(page, "said")[0]
    assert page_at(desks.rival, desks.form).xpath("//textarea") == []


def test_a_company_without_an_offer_is_told_what_to_do(desks: AnswerDesks) -> None:
    newcomer = desks.browser(roles=["company"], organisations=["咸宁新来科技有限公司（示例）"])
    page = page_at(newcomer, desks.form)
    assert by_role(page, "no-offer")[0].xpath(".//a/@href") == ["/drafts/new?kind=capability"]
    assert by_role(page, "answer") == []


def test_of_several_offers_one_is_chosen(desks: AnswerDesks) -> None:
    desks.offered(desks.company, features="1. 水位5分钟内上报")
    page = page_at(desks.company, desks.form)
    options = page.xpath("//form[@data-role='choose']//option/@value")
    assert len([one for one in options if one]) == 2
    assert by_role(page, "answer") == []
    chosen = page_at(desks.company, f"{desks.form}?capability={desks.offer.rsplit('/', 1)[1]}")
    assert by_role(chosen, "answer")[0].xpath(".//input[@name='capability']/@value") == [desks.offer.rsplit("/", 1)[1]]
    foreign = page_at(desks.company, f"{desks.form}?capability={desks.rival_offer.rsplit('/', 1)[1]}")
    assert by_role(foreign, "answer") == []


def test_a_pair_leads_to_its_answer(desks: AnswerDesks) -> None:
    need, offer = (path.rsplit("/", 1)[1] for path in (desks.need, desks.offer))
    pair = f"/pairs/{need}/{offer}"
    (link,) = by_role(page_at(desks.company, pair), "answer-link")
    assert link.get("href") == f"{desks.form}?capability={offer}"
    (link,) = by_role(page_at(desks.clerk, pair), "answer-link")
    assert link.get("href") == desks.table


class TestContacts:
    """From the table to the exchange of contacts."""

    def where(self, desks: AnswerDesks) -> str:
        desks.send(desks.company)
        page = page_at(desks.clerk, desks.table)
        return str(page.xpath("//table[@data-role='answers']//a[contains(@href, '/contact')]/@href")[0])

    def test_both_see_the_other_only_after_both_agreed(self, desks: AnswerDesks) -> None:
        where = self.where(desks)
        refused = submit(desks.clerk, where, {"purpose": "", "contact": ""}, role="give")
        assert refused.status_code == 422
        assert fault_targets(page_of(refused)) == ["#f-purpose"]
        asked = {"purpose": "现场踏勘", "contact": "欧阳示例 13800001111"}
        assert submit(desks.clerk, where, asked, role="give").status_code == 303
        page = page_at(desks.company, where)
        assert "13800001111" not in desks.company.get(where).text
        assert by_role(page, "reveal") == []
        assert submit(desks.company, where, {"contact": "赵示例 13900002222"}, role="give").status_code == 303
        assert "13900002222" not in desks.clerk.get(where).text
        answer = submit(desks.clerk, where, {}, role="reveal")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "13900002222" in texts(page_of(answer), "revealed")[0]
        assert "13800001111" in submit(desks.company, where, {}, role="reveal").text
        assert len(page_at(desks.clerk, where).xpath("//*[@data-role='reads']/li")) == 2
        assert by_role(page_at(desks.broker, where), "reveal") == []
        for stranger in (desks.rival,):
            assert stranger.get(where).status_code == 404
        assert submit(desks.company, where, {}, role="withdraw").status_code == 303
        assert by_role(page_at(desks.clerk, where), "reveal") == []

    def test_a_no_is_told(self, desks: AnswerDesks) -> None:
        where = self.where(desks)
        submit(desks.clerk, where, {"purpose": "现场踏勘", "contact": "欧阳示例 13800001111"}, role="give")
        assert submit(desks.company, where, {}, role="decline").status_code == 303
        assert "不同意" in texts(page_at(desks.clerk, where), "step")[-1]


class TestQuestions:
    """Questions and answers on the page of a need."""

    def ask(self, desks: AnswerDesks, text: str = "井盖是什么材质？") -> str:
        where = f"{desks.need}/questions"
        assert submit(desks.company, where, {"question": text}, role="ask").status_code == 303
        return where

    def test_asked_in_private_published_without_a_name(self, desks: AnswerDesks) -> None:
        where = self.ask(desks)
        for client in (desks.visitor, desks.rival, desks.broker):
            assert "井盖是什么材质" not in client.get(where).text + client.get(desks.need).text
        assert "井盖是什么材质" in texts(page_at(desks.company, where), "own")[0]
        assert "楚光" not in texts(page_at(desks.clerk, where), "waiting")[0]
        answer = submit(desks.clerk, where, {"answer": "多数是铸铁。"}, role="answer")
        assert answer.status_code == 303
        for client in (desks.visitor, desks.rival, desks.company):
            (item,) = by_role(page_at(client, where), "qa")
            assert "多数是铸铁" in words(item)
            assert "楚光" not in words(item)
            assert by_role(page_at(client, desks.need), "qa")

    def test_refused_questions_and_answers_keep_what_was_typed(self, desks: AnswerDesks) -> None:
        where = f"{desks.need}/questions"
        refused = submit(desks.company, where, {"question": "请打 13800001111"}, role="ask")
        assert refused.status_code == 422
        assert fault_targets(page_of(refused)) == ["#f-question"]
        assert "13800001111" in page_of(refused).xpath("//textarea[@name='question']")[0].text
        self.ask(desks)
        answer = submit(desks.clerk, where, {"answer": "问李四 13900002222"}, role="answer")
        assert answer.status_code == 422
        assert "13900002222" in page_of(answer).xpath("//textarea[@name='answer']")[0].text
        back = submit(desks.clerk, where, {"reason": ""}, role="return")
        assert back.status_code == 422
        assert page_of(back).xpath("//details[@open]")

    def test_a_returned_question_is_not_published(self, desks: AnswerDesks) -> None:
        where = self.ask(desks)
        assert submit(desks.clerk, where, {"reason": "见采购公告"}, role="return").status_code == 303
        assert by_role(page_at(desks.visitor, where), "qa") == []
        assert "见采购公告" in texts(page_at(desks.company, where), "own")[0]
