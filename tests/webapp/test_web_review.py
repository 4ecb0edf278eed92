"""The review centre in the browser: queue, comparison, decisions, refusals."""

from __future__ import annotations

import pytest
from office import by_role, page_of, send, submit, words
from publishing_pages import BUREAU, STORY, TITLE, Desks, fault_targets, page_at, said, texts, typed


@pytest.fixture
def desks(tmp_path, matching_settings) -> Desks:
    return Desks(tmp_path, matching_settings)


def test_the_queue_can_be_filtered_and_leads_to_each_text(desks: Desks) -> None:
    first = desks.waiting()
    desks.waiting(title="内涝点水位自动上报")
    page = page_at(desks.reviewer, "/review")
    rows = by_role(page, "row")
    assert rows[0].xpath("./th/a/@href") == [first]
    assert BUREAU in words(rows[0])
    assert "待审" in words(rows[0])
    assert "今天送审" in words(rows[0])
    assert len(rows) == 2
    found = page_at(desks.reviewer, "/review?q=內澇點&state=review&kind=opportunity")
    assert [words(row.find("th/a")) for row in by_role(found, "row")] == ["内涝点水位自动上报"]
    assert found.xpath("//select[@name='state']/option[@selected]/@value") == ["review"]
    assert texts(page_at(desks.reviewer, "/review?kind=capability"), "empty")
    # An unknown state is no filter.
    assert len(by_role(page_at(desks.reviewer, "/review?state=nonsense&page=99"), "row")) == 2


def test_a_text_is_passed_with_the_secrecy_check_only(desks: Desks) -> None:
    where = desks.waiting()
    refused = submit(desks.reviewer, where, {}, role="approve")
    assert refused.status_code == 422
    assert fault_targets(page_of(refused)) == ["#h-decide"]
    assert "保密审查" in texts(page_of(refused), "faults")[0]
    assert submit(desks.reviewer, where, {"secrecy": "1"}, role="approve").location == where
    page = page_at(desks.reviewer, where)
    assert by_role(page, "approve") == []
    assert by_role(page, "publish")
    answer = submit(desks.reviewer, where, {}, role="publish")
    assert answer.location.startswith("/jobs/")
    desks.work()
    assert TITLE in desks.app.test_client().get("/opportunities").text


def test_returning_needs_a_reason_and_shows_it_to_the_author(desks: Desks) -> None:
    where = desks.waiting()
    assert submit(desks.reviewer, where, {"reason": "  "}, role="return").status_code == 422
    assert submit(desks.reviewer, where, {"reason": "请写明漏报率"}, role="return").location == "/review"
    assert "已退回" in said(desks.reviewer, "/review")
    mine = page_at(desks.clerk, "/my")
    assert [one.get("data-state") for one in by_role(mine, "drafts")] == ["returned"]
    assert "请写明漏报率" in words(by_role(mine, "draft")[0])
    draft = where.replace("/review/", "/drafts/")
    assert texts(page_at(desks.clerk, f"{draft}/need"), "returned") == ["退回原因：请写明漏报率"]


def test_a_page_left_open_does_not_decide_on_a_newer_text(desks: Desks) -> None:
    where = desks.waiting()
    form = typed(page_at(desks.reviewer, where), "approve")
    draft = where.replace("/review/", "/drafts/")
    send(desks.clerk, f"{draft}/recall", {})
    submit(desks.clerk, f"{draft}/basic", {"title": "换了标题"}, role="draft")
    submit(desks.clerk, f"{draft}/preview", {}, role="submit")
    answer = desks.reviewer.post(f"{where}/approve", data=form | {"secrecy": "1"})
    assert answer.status_code == 422
    assert "有了变化" in texts(page_of(answer), "faults")[0]
    assert "待审" in words(page_at(desks.reviewer, where).xpath("//p[@class='tags']")[0])


def test_hints_and_the_check_stand_beside_the_text(desks: Desks) -> None:
    where = desks.waiting(requirements="1. 仅限本地企业参与\n2. 15分钟内告警")
    page = page_at(desks.reviewer, where)
    assert "公平竞争" in texts(page, "hints")[0]
    points = {point.get("data-name"): words(point) for point in by_role(page, "point")}
    assert points["fair"].startswith("未做到")
    assert points["department"].startswith("做到")
    assert {row.get("data-name") for row in by_role(page, "diff")} >= {"title", "requirements", "publisher"}


def test_nobody_is_offered_a_decision_on_a_text_of_their_own(desks: Desks) -> None:
    where = desks.waiting()
    both = desks.browser(roles=["publisher", "reviewer"], organisations=[BUREAU])
    page = page_at(both, where)
    assert "另一位审核员" in texts(page, "refusal")[0]
    assert by_role(page, "approve") == by_role(page, "return") == []
    assert send(both, f"{where}/approve", {"secrecy": "1", "stamp": "5"}).status_code == 422


def test_only_reviewers_of_the_district_come_in(desks: Desks) -> None:
    where = desks.waiting()
    assert desks.clerk.get("/review").status_code == 403
    assert desks.clerk.get(where).status_code == 403
    far = desks.browser(roles=["reviewer"], districts=["黄石市"])
    assert far.get(where).status_code == 404
    assert by_role(page_at(far, "/review"), "row") == []
    assert send(far, f"{where}/approve", {"secrecy": "1", "stamp": "9"}).status_code == 404
    assert send(far, f"{where}/publish", {}).status_code == 404


def test_text_is_escaped_everywhere(desks: Desks) -> None:
    evil = "<script>alert(1)</script>井盖移位后15分钟内告警"
    where = desks.waiting(title="<b>井盖</b>", requirements=evil, background=STORY["background"])
    for client, path in ((desks.reviewer, "/review"), (desks.reviewer, where), (desks.clerk, "/my")):
        page = page_at(client, path)
        assert not page.xpath("//main//b | //main//script")
    assert "<script>alert(1)</script>" in words(page_at(desks.reviewer, where).find(".//main"))
