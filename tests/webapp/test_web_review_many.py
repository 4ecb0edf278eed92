"""Deciding on many texts in the browser: by file, ticked on one page, one check that says how many it covers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from office import by_role, make_organisation, page_of, send, submit, words
from publishing_pages import BUREAU, STORY, Desks, fault_targets, page_at, said, texts, typed

from marketplace import Viewer
from marketplace.store.database import transaction
from marketplace.store.drafts import insert_draft
from marketplace.store.imports import insert_run
from matching import Side

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desks(tmp_path, matching_settings) -> Desks:
    return Desks(tmp_path, matching_settings)


def bring_in(desks: Desks, file: str, titles: Sequence[str], author: int = 0) -> int:
    """An import that has become drafts in review; its key."""
    db = desks.market._keeper.db
    bureau = make_organisation(desks.market, BUREAU)
    with transaction(db):
        run = insert_run(db, Side.OPPORTUNITY, {
            "state": "done", "file_name": file, "digest": file, "sheet": "", "columns": {}, "mapping": [],
            "options": {}, "counts": {}, "account_key": author, "organisation_key": bureau, "finished_at": "",
        })  # fmt: skip
        for title in titles:
            values = STORY | {"title": title, "publisher": BUREAU, "district": "武汉市江夏区", "domain": "智慧城市"}
            insert_draft(
                db, side=Side.OPPORTUNITY, title=title, values=values, organisation_key=bureau, author_key=author,
                import_key=run, state="review",
            )  # fmt: skip
    return run


def picks_on(page: HtmlElement, *, checked: bool = False) -> list[str]:
    return page.xpath("//input[@name='pick']" + ("[@checked]" if checked else "") + "/@value")


def secrecy_on(page: HtmlElement) -> list[str]:
    return page.xpath("//input[@name='secrecy']/@value")


def press(client: FlaskClient, page: HtmlElement, role: str, **changes: object):
    """Send the form of the queue with one of its buttons."""
    (form,), (button,) = by_role(page, "decide-many"), by_role(page, role)
    return client.post(button.get("formaction") or form.action, data=typed(page, "decide-many") | changes)


def test_a_file_of_many_is_one_page_and_one_decision(desks: Desks) -> None:
    run = bring_in(desks, "list.xlsx", [f"窨井盖监测第{place}片区" for place in range(1, 39)])
    single = desks.waiting().rsplit("/", 1)[1]
    queue = page_at(desks.reviewer, "/review")
    assert texts(queue, "group") == ["来自 list.xlsx，38 条", "逐条填写的", "全部"]
    (link,) = queue.xpath("//a[@data-role='group'][contains(., 'list.xlsx')]/@href")
    assert link == f"/review?import={run}"
    page = page_at(desks.reviewer, link)
    assert texts(page, "group-title") == ["来自 list.xlsx，38 条"]
    assert len(by_role(page, "row")) == 38
    assert secrecy_on(page) == []
    (everything,) = by_role(page, "all")
    assert words(everything) == "全选本页可以通过的 38 条"
    ticked = page_at(desks.reviewer, everything.get("href"))
    assert len(picks_on(ticked, checked=True)) == 38
    assert secrecy_on(ticked) == ["38"]
    assert texts(ticked, "covered") == ["已按规定对勾选的 38 条内容逐条完成保密审查"]
    assert press(desks.reviewer, ticked, "approve-many").status_code == 422
    answer = press(desks.reviewer, ticked, "approve-many", secrecy="38")
    assert answer.location == link
    assert "审核通过 38 条，可以编入批次。" in said(desks.reviewer, "/review")
    assert [row.get("data-key") for row in by_role(page_at(desks.reviewer, "/review"), "row")] == [single]
    form = page_at(desks.reviewer, "/batches/new?kind=opportunity")
    assert len(form.xpath("//input[@name='draft'][@checked]")) == 38
    assert texts(form, "proposed") == ["共 38 条，已全部勾选"]
    assert f"建议 1，即“{date.today().year}年第1批”" in words(form.find(".//main"))


def test_some_are_ticked_and_the_check_follows(desks: Desks) -> None:
    bring_in(desks, "list.xlsx", ["一号内容", "二号内容", "三号内容"])
    page = page_at(desks.reviewer, "/review")
    two = picks_on(page)[:2]
    (live,) = by_role(page, "covered")
    part = desks.reviewer.get(live.get("hx-get"), query_string={"pick": two}, headers=HTMX)
    assert secrecy_on(page_of(part)) == ["2"]
    assert "<html" not in part.text
    assert secrecy_on(page_of(desks.reviewer.get(live.get("hx-get"), headers=HTMX))) == []
    # Without the script the page comes back saying how many are ticked.
    first = press(desks.reviewer, page, "approve-many", pick=two)
    assert first.status_code == 422
    again = page_of(first)
    assert fault_targets(again) == ["#h-decide"]
    assert picks_on(again, checked=True) == two
    assert secrecy_on(again) == ["2"]
    # A check that was given for another number is none.
    wrong = press(desks.reviewer, again, "approve-many", pick=two[:1], secrecy="2")
    assert "写明的是 2 条，现在选了 1 条" in texts(page_of(wrong), "faults")[0]
    assert press(desks.reviewer, again, "approve-many", secrecy="2").status_code == 303
    assert [words(row.find("th/a")) for row in by_role(page_at(desks.reviewer, "/review"), "row")] == ["三号内容"]


def test_many_are_sent_back_with_one_reason(desks: Desks) -> None:
    run = bring_in(desks, "list.xlsx", ["一号内容", "二号内容"])
    page = page_at(desks.reviewer, f"/review?import={run}&every=1")
    bare = press(desks.reviewer, page, "return-many", reason=" ")
    assert bare.status_code == 422
    assert len(picks_on(page_of(bare), checked=True)) == 2
    assert press(desks.reviewer, page, "return-many", reason="请写明漏报率").location == f"/review?import={run}"
    assert "已退回 2 条" in said(desks.reviewer, "/review")
    mine = page_at(desks.clerk, "/my")
    assert ["请写明漏报率" in text for text in texts(mine, "draft")] == [True, True]
    (notice,) = desks.market.notices.inbox(viewer_of(desks)).notices
    assert notice.title == "“一号内容”等 2 条被退回修改"


def viewer_of(desks: Desks) -> Viewer:
    """The clerk as the market knows them."""
    with desks.clerk.session_transaction() as session:
        key, _, number = session["_user_id"].partition(".")
    viewer = desks.market.accounts.viewer(int(key), int(number))
    assert viewer is not None
    return viewer


def test_a_row_shows_what_the_decision_rests_on(desks: Desks) -> None:
    desks.published()
    evil = "<b>窨井盖</b>13800001111"
    bring_in(desks, "<i>名单</i>.xlsx", ["窨井蓋缺失移位自動發現", evil])
    rows = by_role(page_at(desks.reviewer, "/review"), "row")
    page = page_at(desks.reviewer, "/review")
    assert "标题相同：已发布 1 条" in words(rows[0])
    assert "问题 1" in words(rows[1])
    assert "来自 <i>名单</i>.xlsx" in words(rows[0])
    assert not page.xpath("//main//b | //main//i")
    read = texts(page, "text")
    assert STORY["background"] in read[0]
    assert "手机" in read[1]
    # What has a fault can be ticked to be sent back, but is not among what the whole page ticks.
    assert len(picks_on(page)) == 2
    assert len(picks_on(page_at(desks.reviewer, "/review?every=1"), checked=True)) == 1


def test_texts_of_ones_own_cannot_be_ticked(desks: Desks) -> None:
    both = desks.browser(roles=["publisher", "reviewer"], organisations=[BUREAU])
    run = bring_in(desks, "list.xlsx", ["一号内容"])
    page = page_at(both, "/review")
    assert picks_on(page) == []
    assert "另一位审核员" in texts(page, "refusal")[0]
    assert by_role(page, "decide") == by_role(page, "all") == []
    pick = picks_on(page_at(desks.reviewer, "/review"))
    forced = send(both, f"/review/approve?import={run}", {"pick": pick, "secrecy": "1"})
    assert forced.status_code == 422
    assert "“一号内容”没有处理" in texts(page_of(forced), "faults")[0]
    assert desks.clerk.get("/review").status_code == 403
    assert send(desks.clerk, "/review/approve", {"pick": pick, "secrecy": "1"}).status_code == 403


def test_ticks_of_a_text_that_changed_are_dropped(desks: Desks) -> None:
    bring_in(desks, "list.xlsx", ["一号内容"])
    page = page_at(desks.reviewer, "/review?every=1")
    db = desks.market._keeper.db
    db.conn.execute("update draft set stamp = stamp + 1")
    late = press(desks.reviewer, page, "approve-many", secrecy="1")
    assert late.status_code == 422
    assert "有了变化" in texts(page_of(late), "faults")[0]
    assert picks_on(page_of(late), checked=True) == []
    for nonsense in ("x", "1", "1.2.3", "-1.1", "９.１"):
        assert send(desks.reviewer, "/review/approve", {"pick": nonsense, "secrecy": "1"}).status_code == 422


def test_a_text_leads_back_to_the_file_it_came_with(desks: Desks) -> None:
    run = bring_in(desks, "list.xlsx", ["一号内容"])
    (row,) = by_role(page_at(desks.reviewer, "/review"), "row")
    page = page_at(desks.reviewer, row.xpath("./th/a/@href")[0])
    assert page.xpath("//a[text()='回到审核列表']/@href") == [f"/review?import={run}"]
    assert submit(desks.reviewer, row.xpath("./th/a/@href")[0], {"secrecy": "1"}, role="approve").status_code == 303
