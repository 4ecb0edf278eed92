"""Writing in the browser: steps, saving while typing, proposals, conflicts, sending to review."""

from __future__ import annotations

import pytest
from lxml.html import HtmlElement
from office import by_role, make_organisation, page_of, send, submit, words
from publishing_pages import (
    BASIC,
    BUREAU,
    COMPANY,
    STORY,
    TITLE,
    Desks,
    fault_targets,
    page_at,
    press,
    said,
    texts,
    typed,
)

from marketplace.publishing import QualityCheck, Reach
from matching import Side
from webapp.presenters.checks import present_check

PASTED = "目前靠人工巡查。要求：1.井盖移位后10分钟内告警；2.终端电池使用不少于5年；3、数据不出域，部署在区政务云。"


@pytest.fixture
def desks(tmp_path, matching_settings) -> Desks:
    return Desks(tmp_path, matching_settings)


def test_a_text_is_written_step_by_step_and_sent(desks: Desks) -> None:
    where = desks.begin()
    first = page_at(desks.clerk, f"{where}/basic")
    assert [words(step) for step in first.xpath("//nav[@aria-label='填写步骤']//li")] == [
        "基本信息", "需求", "预算与时间", "预览与送审",
    ]  # fmt: skip
    assert first.xpath("//*[@aria-current='step']/a/@href") == [f"{where}/basic"]
    assert by_role(first, "faults") == []
    # The organisation and what publication assigns are typed nowhere.
    assert not first.xpath("//*[@name='publisher' or @name='batch' or @name='index_number']")
    desks.fill(where)
    preview = page_at(desks.clerk, f"{where}/preview")
    assert by_role(preview, "faults") == []
    read = texts(preview, "preview")[0]
    assert BUREAU in read
    assert "井盖移位、缺失后15分钟内告警" in read
    assert submit(desks.clerk, f"{where}/preview", {}, role="submit").location == "/my"
    assert "已送审" in said(desks.clerk, "/my")
    mine = page_at(desks.clerk, "/my")
    assert texts(mine, "draft")[0].startswith(f"{TITLE}待审")
    # A text in review is only read.
    closed = page_at(desks.clerk, f"{where}/basic")
    assert by_role(closed, "draft") == []
    (recall,) = closed.xpath("//form[contains(@action, '/recall')]")
    assert send(desks.clerk, recall.get("action"), {}).status_code == 303
    assert by_role(page_at(desks.clerk, f"{where}/basic"), "draft")


def test_leaving_a_step_names_what_is_wrong_and_keeps_everything(desks: Desks) -> None:
    where = desks.begin()
    answer = press(desks.clerk, f"{where}/basic", {"title": "", "department": "市政设施科"}, "next")
    assert answer.status_code == 422
    page = page_of(answer)
    assert fault_targets(page) == ["#f-title"]
    assert page.xpath("//input[@id='f-title']/@aria-invalid") == ["true"]
    assert page.xpath("//input[@name='department']/@value") == ["市政设施科"]
    odd = press(desks.clerk, f"{where}/terms", {"budget": "大概三五百吧", "deadline": "2027/2/30"}, "save")
    assert odd.status_code == 303
    page = page_at(desks.clerk, f"{where}/terms")
    assert fault_targets(page) == ["#f-budget", "#f-deadline"]
    assert page.xpath("//input[@name='budget']/@value") == ["大概三五百吧"]
    refused = submit(desks.clerk, f"{where}/preview", {}, role="submit")
    assert refused.status_code == 422
    fields = ("basic#f-title", "terms#f-budget", "terms#f-deadline")
    assert fault_targets(page_of(refused)) == [f"{where}/{field}" for field in fields]


def test_typing_saves_by_itself_and_renews_the_check(desks: Desks) -> None:
    where = desks.begin()
    page = page_at(desks.clerk, f"{where}/need")
    (status,) = page.xpath("//*[@id='save-status']")
    assert status.get("hx-post") == f"{where}/need"
    fields = typed(page) | STORY
    answer = desks.clerk.post(f"{where}/need", data=fields, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    part = page_of(answer)
    assert "已保存" in texts(part, "saved")[0]
    (stamp,) = part.xpath("//input[@id='stamp']")
    assert int(stamp.get("value")) == int(fields["stamp"][0]) + 1
    assert stamp.get("hx-swap-oob") == "true"
    assert texts(part, "score")
    kept = page_at(desks.clerk, f"{where}/need")
    assert kept.xpath("//textarea[@name='background']")[0].text.strip() == STORY["background"]
    # A stamp that a colleague has moved on loses, and says so without taking anything.
    colleague = desks.browser(roles=["publisher"], organisations=[BUREAU])
    press(colleague, f"{where}/need", {"expected_effect": "漏报率低于2%"}, "save")
    old = fields | {"background": "旧页面"}
    late = page_of(desks.clerk.post(f"{where}/need", data=old, headers={"HX-Request": "true"}))
    assert "没有自动保存" in texts(late, "conflict")[0]
    assert late.xpath("//input[@id='stamp']") == []


def test_a_conflict_shows_what_was_typed_and_can_be_settled(desks: Desks) -> None:
    where = desks.begin()
    old = typed(page_at(desks.clerk, f"{where}/basic"))
    colleague = desks.browser(roles=["publisher"], organisations=[BUREAU])
    submit(colleague, f"{where}/basic", {"title": "同事的标题"}, role="draft")
    answer = desks.clerk.post(f"{where}/basic", data=old | {"title": "我的标题", "go": "next"})
    assert answer.status_code == 409
    page = page_of(answer)
    assert "改动" in texts(page, "conflict")[0]
    assert page.xpath("//input[@name='title']/@value") == ["我的标题"]
    again = typed(page)
    assert desks.clerk.post(f"{where}/basic", data=again | {"go": "save"}).status_code == 303
    assert page_at(desks.clerk, f"{where}/basic").xpath("//input[@name='title']/@value") == ["我的标题"]


def test_pasted_text_is_proposed_and_ticked_items_are_taken(desks: Desks) -> None:
    where = desks.begin()
    answer = press(desks.clerk, f"{where}/need", {"requirements": "1. 须有防盗设计", "pasted": PASTED}, "propose")
    page = page_of(answer)
    items = page.xpath("//input[@name='take']/@value")
    assert items == ["井盖移位后10分钟内告警", "终端电池使用不少于5年", "数据不出域，部署在区政务云"]
    assert not page.xpath("//input[@name='take'][@checked]")
    taken = desks.clerk.post(f"{where}/need", data=typed(page) | {"take": items[:2], "go": "take"})
    assert taken.status_code == 303
    kept = page_at(desks.clerk, f"{where}/need").xpath("//textarea[@name='requirements']")[0].text
    assert kept.strip() == "1. 须有防盗设计\n2. 井盖移位后10分钟内告警\n3. 终端电池使用不少于5年"


def test_several_choices_can_be_ticked_and_unticked(desks: Desks) -> None:
    company = desks.browser(roles=["company"], organisations=[COMPANY])
    where = desks.begin(company, "capability")
    submit(company, f"{where}/basic", {"title": "终端", "domains": ["智慧城市", "应急安全"]}, role="draft")
    page = page_at(company, f"{where}/basic")
    assert page.xpath("//input[@name='domains'][@checked]/@value") == ["智慧城市", "应急安全"]
    form = typed(page)
    form.pop("domains")
    company.post(f"{where}/basic", data=form)
    assert page_at(company, f"{where}/basic").xpath("//input[@name='domains'][@checked]") == []
    assert page_at(company, f"{where}/need").xpath("//textarea[@name='pasted']") == []


def test_what_belongs_to_others_is_not_found(desks: Desks) -> None:
    where = desks.begin()
    stranger = desks.browser(roles=["publisher"], organisations=["黄石市水务局（示例）"])
    assert stranger.get(f"{where}/basic").status_code == 404
    assert send(stranger, f"{where}/basic", {"title": "改", "stamp": "1"}).status_code == 404
    for action in ("submit", "recall", "discard"):
        assert send(stranger, f"{where}/{action}", {}).status_code == 404
    outside = desks.app.test_client()
    assert outside.get(f"{where}/basic").location.startswith("/login?next=")
    assert page_at(stranger, "/drafts/new?kind=capability").xpath("//*[@data-role='empty']")
    assert stranger.get("/drafts/new?kind=nonsense").status_code == 404
    assert desks.clerk.get(f"{where}/nonsense").status_code == 404
    expert = desks.browser(roles=["expert"])
    assert expert.get("/drafts/new?kind=opportunity").status_code == 403


def test_forms_need_their_token(desks: Desks) -> None:
    where = desks.begin()
    assert desks.clerk.post(f"{where}/basic", data={"title": "无令牌", "stamp": "1"}).status_code == 400
    assert page_at(desks.clerk, f"{where}/basic").xpath("//input[@name='title']/@value") == [""]


def test_a_posting_is_revised_confirmed_and_taken_off(desks: Desks) -> None:
    key = desks.published()
    page = page_at(desks.clerk, f"/my/postings/{key}")
    (revise,) = page.xpath("//form[contains(@action, '/revise')]/@action")
    draft = send(desks.clerk, revise, {}).location
    text = page_at(desks.clerk, desks.clerk.get(draft).location)
    assert "公开的仍是原来的内容" in words(text.find(".//main"))
    assert not text.xpath("//input[@name='id']")
    assert desks.app.test_client().get(f"/opportunities/{key}").status_code == 200
    late = submit(desks.clerk, f"/my/postings/{key}", {"valid_until": "2020-01-01"}, role="confirm")
    assert late.status_code == 422
    assert page_of(late).xpath("//input[@name='valid_until']/@value") == ["2020-01-01"]
    assert submit(desks.clerk, f"/my/postings/{key}", {"valid_until": "2099-12-31"}, role="confirm").status_code == 303
    assert "2099-12-31" in words(page_at(desks.clerk, f"/my/postings/{key}").find(".//main"))
    assert submit(desks.clerk, f"/my/postings/{key}", {"reason": " "}, role="take-off").status_code == 422
    assert submit(desks.clerk, f"/my/postings/{key}", {"reason": "项目调整"}, role="take-off").status_code == 303
    assert desks.app.test_client().get(f"/opportunities/{key}").status_code == 410
    back = submit(desks.clerk, f"/my/postings/{key}", {}, role="confirm")
    assert back.location.startswith("/jobs/")
    desks.work()
    assert desks.app.test_client().get(f"/opportunities/{key}").status_code == 200


def test_a_publication_is_taken_back_by_its_own_form(desks: Desks) -> None:
    key = desks.published()
    (recall,) = page_at(desks.clerk, f"/my/postings/{key}").xpath("//form[contains(@action, '/recall')]/@action")
    assert send(desks.clerk, recall, {}).location == "/my"
    assert desks.app.test_client().get(f"/opportunities/{key}").status_code == 404
    assert "待发布" in texts(page_at(desks.clerk, "/my"), "draft")[0]
    assert BASIC["title"] in texts(page_at(desks.clerk, "/my"), "draft")[0]


def steps(page: HtmlElement) -> list[str]:
    """The steps of a review in the order the page tells them."""
    return [words(one) for one in page.xpath("//*[@data-role='notes']/li/strong")]


def test_every_page_tells_the_newest_step_first(desks: Desks) -> None:
    review = desks.waiting()
    submit(desks.reviewer, review, {"reason": "请写明漏报率"}, role="return")
    draft = review.replace("/review/", "/drafts/")
    submit(desks.clerk, f"{draft}/preview", {}, role="submit")
    submit(desks.reviewer, review, {"secrecy": "1"}, role="approve")
    expected = ["审核通过", "送审", "退回", "送审"]
    assert steps(page_at(desks.reviewer, review)) == steps(page_at(desks.clerk, f"{draft}/preview")) == expected


def test_the_history_compares_two_versions(desks: Desks) -> None:
    key = desks.published()
    draft = send(desks.clerk, f"/my/postings/{key}/revise", {}).location
    submit(desks.clerk, f"{draft}/need", {"requirements": "井盖移位后10分钟内告警"}, role="draft")
    submit(desks.clerk, f"{draft}/preview", {}, role="submit")
    review = draft.replace("/drafts/", "/review/")
    submit(desks.reviewer, review, {"secrecy": "1"}, role="approve")
    submit(desks.reviewer, review, {}, role="publish")
    desks.work()
    page = page_at(desks.clerk, f"/my/postings/{key}/history")
    assert [row.get("data-number") for row in by_role(page, "version")] == ["2", "1"]
    rows = {row.get("data-name"): row for row in by_role(page, "diff")}
    assert "10〕分钟内告警" in words(rows["requirements"])
    assert rows["requirements"].xpath(".//del")
    assert steps(page) == ["发布", "审核通过", "送审", "发布"]
    same = page_at(desks.reviewer, f"/my/postings/{key}/history?before=1&after=1")
    assert by_role(same, "diff") == []
    assert desks.clerk.get(f"/my/postings/{key}/history?before=7&after=9").status_code == 404


@pytest.mark.parametrize("roles", [[], ["auditor"], ["matchmaker"]])
def test_who_belongs_to_no_organisation_learns_what_to_do_next(desks: Desks, roles: list[str]) -> None:
    client = desks.browser(roles=roles)
    page = page_at(client, "/my")
    (nothing,) = by_role(page, "nothing")
    assert "还不属于任何单位" in words(nothing)
    assert page_at(client, nothing.xpath(".//a/@href")[0]).xpath("//h1/text()") == ["认领单位"]
    assert not page.xpath("//*[@id='h-postings']")
    assert by_role(page_at(desks.clerk, "/my"), "nothing") == []


def test_a_reviewer_without_texts_is_told_of_entering_for_others(desks: Desks) -> None:
    (nothing,) = by_role(page_at(desks.reviewer, "/my"), "nothing")
    assert "替单位填写" in words(nothing)
    key = make_organisation(desks.market, "黄石市水务局（示例）")
    submit(desks.reviewer, f"/drafts/new?kind=opportunity&organisation={key}", {}, role="new-draft")
    page = page_at(desks.reviewer, "/my")
    assert by_role(page, "nothing") == []
    assert len(by_role(page, "draft")) == 1


def test_my_page_puts_what_is_due_first_and_leads_on(desks: Desks) -> None:
    key = desks.published()
    late = submit(desks.reviewer, desks.approved(title="内涝点水位自动上报"), {}, role="publish").location
    desks.work()
    assert late.startswith("/jobs/")
    db = desks.market._keeper.db
    db.conn.execute("update posting set valid_until = date('now', '+3 days') where key = ?", [key])
    page = page_at(desks.clerk, "/my")
    postings = by_role(page, "posting")
    assert postings[0].get("id") == f"p-{key}"
    assert [len(one.xpath(".//*[@data-role='freshness']")) for one in postings] == [1, 0]
    assert "即将到期" in texts(page, "freshness")[0]
    assert texts(page, "total") == ["共 2 条，其中 1 条需要确认"]
    assert all("最近确认" in words(one) for one in postings)
    (export,) = by_role(page, "export")
    assert words(export) == "导出本单位的场景机会清单（Excel）"
    file = desks.clerk.get(export.get("href"))
    assert (file.status_code, file.data[:2]) == (200, b"PK")
    file.close()
    public = page_at(desks.clerk, f"/opportunities/{key}")
    assert public.xpath("//a/@href[contains(., '/my')]")[-1] == f"/my/postings/{key}"
    assert by_role(page, "gaps") == []


def test_a_company_is_led_to_what_its_capabilities_lack(desks: Desks) -> None:
    company = desks.browser(roles=["company"], organisations=[COMPANY])
    assert by_role(page_at(company, "/my"), "export") == []
    public = desks.offered(company)
    (link,) = by_role(page_at(company, "/my"), "gaps")
    assert link.get("href") == f"{public}#h-gaps"
    assert company.get(public).status_code == 200
    key = public.rsplit("/", 1)[1]
    submit(company, f"/my/postings/{key}", {"reason": "停产"}, role="take-off")
    assert by_role(page_at(company, "/my"), "gaps") == []


def test_what_a_reviewer_enters_for_others_is_found_again(desks: Desks) -> None:
    organisation = make_organisation(desks.market, "黄石市水务局（示例）")
    links = by_role(page_at(desks.reviewer, f"/admin/organisations/{organisation}"), "enter")
    assert [words(link) for link in links] == ["代填机会", "代填能力"]
    where = submit(desks.reviewer, links[0].get("href"), {}, role="new-draft").location
    submit(desks.reviewer, where, {"title": "代填的内容"}, role="draft")
    (draft,) = by_role(page_at(desks.reviewer, "/my"), "draft")
    assert "代填的内容" in words(draft)
    assert "代填" in draft.xpath("./*[contains(@class, 'badge')]/text()")
    admin = desks.browser(roles=["admin"])
    assert by_role(page_at(admin, f"/admin/organisations/{organisation}"), "enter") == []
    assert by_role(page_at(desks.clerk, "/my"), "draft") == []


def test_the_form_says_what_would_take_the_text_further(desks: Desks) -> None:
    where = desks.begin()
    submit(desks.clerk, f"{where}/basic", {"title": "井盖智能管理"}, role="draft")
    assert texts(page_at(desks.clerk, f"{where}/need"), "reach-hint") == []
    desks.published()
    desks.offered(desks.browser(roles=["company"], organisations=[COMPANY]))
    page = page_at(desks.clerk, f"{where}/need")
    assert texts(page, "reach")[0].startswith("按现在的写法")
    assert any("写上数字和单位" in hint for hint in texts(page, "reach-hint"))
    submit(desks.clerk, f"{where}/need", STORY, role="draft")
    hints = texts(page_at(desks.clerk, f"{where}/need"), "reach-hint")
    assert not any("还没有数字" in hint for hint in hints)


def test_the_requirement_most_often_left_open_is_said_in_plain_words() -> None:
    quality = QualityCheck((), 0)
    good = present_check(Side.OPPORTUNITY, quality, (), (), Reach("counted", 1, 2, 60, "数据不出域", 2, 3))
    assert good.reach == "按现在的写法能匹配到 3 项能力，其中高度匹配 1 项。"
    assert good.reach_hints == (
        "这些能力里有 2 项（共看了 3 项）没有写清“数据不出域”。这一条可以写得更具体，或注明是否必须。",
    )
    none = present_check(Side.OPPORTUNITY, quality, (), (), Reach("counted", looked_at=60))
    assert none.reach == "按现在的写法，还没有匹配得较好的能力。"
    assert "常用的说法" in none.reach_hints[0]
    assert present_check(Side.OPPORTUNITY, quality, (), (), Reach("loading")).reach_hints == ()
