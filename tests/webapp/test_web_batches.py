"""Batches in the browser: the form, the published batch, taking it back."""

from __future__ import annotations

from datetime import date

import pytest
from office import by_role, page_of, send, submit, words
from publishing_pages import TITLE, Desks, fault_targets, page_at, texts

BATCH = {"issuer": "江夏区科技创新和经济信息化局（示例）", "document_number": "夏科信〔2026〕1号"}
NEW = "/batches/new?kind=opportunity"


@pytest.fixture
def desks(tmp_path, matching_settings) -> Desks:
    return Desks(tmp_path, matching_settings)


def test_approved_texts_are_published_as_a_numbered_batch(desks: Desks) -> None:
    desks.approved()
    left = desks.approved(title="内涝点水位自动上报").rsplit("/", 1)[1]
    assert "2 条待发布" in texts(page_at(desks.reviewer, "/batches"), "begin")[0]
    form = page_at(desks.reviewer, NEW)
    assert form.xpath("//input[@name='number']/@value") == ["1"]
    assert texts(form, "proposed") == ["共 2 条，已全部勾选"]
    chosen = [key for key in form.xpath("//input[@name='draft'][@checked]/@value") if key != left]
    answer = submit(desks.reviewer, NEW, BATCH | {"draft": chosen}, role="new-batch")
    assert answer.location.startswith("/jobs/")
    (result,) = desks.work()
    assert result["published"] == 1
    job = page_at(desks.reviewer, answer.location)
    (onward,) = job.xpath("//*[@data-role='onward']/@href")
    batch = page_at(desks.reviewer, onward)
    assert by_role(batch, "job")[0].get("href") == answer.location
    assert words(batch.find(".//h1")) == f"场景机会{date.today().year}年第1批"
    assert "夏科信〔2026〕1号" in words(batch.find(".//main"))
    (member,) = by_role(batch, "member")
    assert words(member.find("th")).endswith("-001-0001")
    assert TITLE in words(member)
    posting = page_at(desks.reviewer, f"/my/postings/{member.get('data-key')}")
    assert by_role(posting, "take-off")
    assert not posting.xpath("//form[contains(@action, '/revise')]")
    public = desks.app.test_client().get("/opportunities").text
    assert TITLE in public
    assert f"{date.today().year}年第1批" in desks.app.test_client().get(f"/opportunities/{member.get('data-key')}").text
    assert by_role(page_at(desks.reviewer, "/review?state=approved"), "row")[0].get("data-key") == left


def test_a_refused_form_keeps_what_was_typed(desks: Desks) -> None:
    desks.approved()
    answer = submit(desks.reviewer, NEW, {"number": "０", "issuer": "某局"}, role="new-batch")
    assert answer.status_code == 422
    page = page_of(answer)
    fault_targets(page)
    assert "批次号" in texts(page, "faults")[0]
    assert page.xpath("//input[@name='issuer']/@value") == ["某局"]
    assert page.xpath("//input[@name='draft'][@checked]")
    nothing = submit(desks.reviewer, NEW, BATCH | {"draft": []}, role="new-batch")
    assert nothing.status_code == 422
    assert page_of(nothing).xpath("//input[@name='draft'][@checked]") == []
    assert texts(page_of(nothing), "proposed") == ["共 1 条，已勾选 0 条"]


def test_a_full_width_number_is_a_number(desks: Desks) -> None:
    desks.approved()
    assert submit(desks.reviewer, NEW, BATCH | {"number": "１２"}, role="new-batch").status_code == 303
    desks.work()
    assert f"{date.today().year}年第12批" in words(page_at(desks.reviewer, "/batches").find(".//main"))


def test_a_batch_is_taken_back_whole(desks: Desks) -> None:
    desks.approved()
    submit(desks.reviewer, NEW, BATCH, role="new-batch")
    desks.work()
    (where,) = page_at(desks.reviewer, "/batches").xpath("//tr[@data-role='batch']//a/@href")
    (recall,) = page_at(desks.reviewer, where).xpath("//form[contains(@action, '/recall')]/@action")
    assert send(desks.reviewer, recall, {}).status_code == 303
    page = page_at(desks.reviewer, where)
    assert "已撤回" in words(page.find(".//main"))
    assert by_role(page, "member") == []
    assert TITLE not in desks.app.test_client().get("/opportunities").text
    assert page_at(desks.reviewer, NEW).xpath("//input[@name='number']/@value") == ["1"]
    assert send(desks.reviewer, recall, {}).status_code == 422


def test_batches_are_for_reviewers(desks: Desks) -> None:
    for path in ("/batches", NEW):
        assert desks.clerk.get(path).status_code == 403
    assert desks.reviewer.get("/batches/5").status_code == 404
    assert desks.reviewer.get("/batches/new?kind=x").status_code == 404
    assert texts(page_at(desks.reviewer, "/batches/new?kind=capability"), "empty")
