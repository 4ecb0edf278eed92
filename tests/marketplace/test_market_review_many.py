"""Deciding on many texts at once: the queue by file, what is passed, what is left and named, who is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from publishing_tools import BUREAU, NEED, Office

from marketplace import ForbiddenError, RefusedError, Viewer
from marketplace.publishing import Pick, ReviewQuery
from marketplace.rules import PublishingRules
from marketplace.store.database import transaction
from marketplace.store.drafts import insert_draft, load_draft
from marketplace.store.imports import insert_run
from matching import Side

NAME = "江夏区城市管理执法局（示例）"


@pytest.fixture
def office(market_settings: Any) -> Office:
    return Office(market_settings)


def bring_in(office: Office, file: str, titles: Sequence[str], author: Viewer | None = None, **values: Any) -> int:
    """An import that has become drafts in review; its key."""
    who = author or office.clerk
    with transaction(office.db):
        run = insert_run(office.db, Side.OPPORTUNITY, {
            "state": "done", "file_name": file, "digest": file, "sheet": "", "columns": {}, "mapping": [],
            "options": {}, "counts": {}, "account_key": who.account_key, "organisation_key": BUREAU, "finished_at": "",
        })  # fmt: skip
        for title in titles:
            insert_draft(
                office.db, side=Side.OPPORTUNITY, title=title, organisation_key=BUREAU, author_key=who.account_key,
                values=NEED | {"publisher": NAME, "title": title} | values, import_key=run, state="review",
            )  # fmt: skip
    return run


def picks(office: Office, viewer: Viewer | None = None, **query: Any) -> list[Pick]:
    """Everything on the page, as it stands there."""
    page = office.review.queue(viewer or office.reviewer, ReviewQuery(**query))
    return [Pick(one.line.key, one.stamp) for one in page.lines]


def state_of(office: Office, pick: Pick) -> str:
    row = load_draft(office.db, pick.key)
    return row.state if row else ""


def test_the_queue_is_grouped_by_the_file_the_texts_came_with(office: Office) -> None:
    first = bring_in(office, "清单甲.xlsx", ["井盖一号", "井盖二号", "井盖三号"])
    second = bring_in(office, "清单乙.xlsx", ["内涝点"], **{"title": "", "background": "联系人13800001111"})
    single = office.need()
    office.drafts.submit(office.clerk, single)
    page = office.review.queue(office.reviewer)
    assert [(one.key, one.name, one.count) for one in page.groups] == [
        (second, "清单乙.xlsx", 1), (first, "清单甲.xlsx", 3)]  # fmt: skip
    of_file = office.review.queue(office.reviewer, ReviewQuery(import_key=first))
    assert [line.line.title for line in of_file.lines] == ["井盖一号", "井盖二号", "井盖三号"]
    assert len(of_file.groups) == 2
    by_hand = office.review.queue(office.reviewer, ReviewQuery(import_key=0))
    assert [line.line.key for line in by_hand.lines] == [single]
    (bad,) = office.review.queue(office.reviewer, ReviewQuery(import_key=second)).lines
    assert not bad.passable
    assert bad.faults
    assert any("手机" in hint.sentence for hint in bad.hints)
    good = of_file.lines[0]
    assert (good.passable, good.refusal, good.faults) == (True, "", ())
    assert NEED["requirements"] in dict(good.text).values()


def test_same_titles_are_counted_however_they_are_written(office: Office) -> None:
    office.publish(office.pass_on(office.need(title="窨井盖缺失移位自动发现")))
    bring_in(office, "清单.xlsx", ["窨井蓋缺失移位自動發現", "内涝点监测", "內澇點監測", "路灯单灯控制"])
    lines = office.review.queue(office.reviewer).lines
    assert [(line.same_published, line.same_waiting) for line in lines] == [(1, 0), (0, 1), (0, 1), (0, 0)]


def test_many_are_passed_with_one_check_and_each_is_on_record(office: Office) -> None:
    titles = [f"窨井盖监测第{place}片区" for place in range(1, 39)]
    run = bring_in(office, "list.xlsx", titles)
    chosen = picks(office, import_key=run)
    done = office.review.approve_many(office.reviewer, chosen, covered=38)
    assert (dict(done.moved), done.left_out) == ({"approved": 38}, ())
    for pick in chosen:
        row = load_draft(office.db, pick.key)
        assert row is not None
        assert (row.state, row.secrecy_by, row.approved_by) == ("approved", *[office.reviewer.account_key] * 2)
        assert [note.label for note in office.drafts.page(office.clerk, pick.key).notes] == ["审核通过"]
    for action in ("draft.secrecy_checked", "draft.approved"):
        subjects = {row["subject_key"] for row in office.db.query(
            "select subject_key from audit where action = ?", [action])}  # fmt: skip
        assert subjects == {pick.key for pick in chosen}
    assert "38 条" in office.drafts.page(office.clerk, chosen[0].key).notes[0].note
    (notice,) = office.market.notices.inbox(office.clerk).notices
    assert notice.title == "“窨井盖监测第1片区”等 38 条审核通过，等待发布"
    assert "“窨井盖监测第30片区”" in notice.body
    assert "另有 8 条从略" in notice.body
    assert len(office.market.notices.inbox(office.colleague).notices) == 1
    assert office.market.notices.inbox(office.reviewer).total == 0
    office.publish(*(pick.key for pick in chosen))
    assert len(office.posting_keys()) == 38


def test_what_one_may_not_pass_is_left_and_named_by_reason(office: Office) -> None:
    bring_in(office, "list.xlsx", ["好的内容", "缺标题的内容"])
    office.db.conn.execute("update draft set record = json_remove(record, '$.title') where title = '缺标题的内容'")
    bring_in(office, "own.xlsx", ["审核员自己导入的"], office.reviewer)
    seen = picks(office)
    changed = office.need(title="后来改过的")
    office.drafts.submit(office.clerk, changed)
    old = Pick(changed, 1)
    elsewhere = office.need(title="外区的内容")
    office.drafts.submit(office.clerk, elsewhere)
    near = replace(office.reviewer, districts={"reviewer": ("武汉市江夏区",)})
    office.db.conn.execute(
        "update draft set record = json_set(record, '$.district', '黄石市下陆区') where key = ?", [elsewhere]
    )
    taken_back = office.need(title="已撤回送审的")
    done = office.review.approve_many(near, [*seen, old, Pick(elsewhere, 3), Pick(taken_back, 2)], covered=6)
    assert dict(done.moved) == {"approved": 1}
    said = "".join(done.left_out)
    assert "“缺标题的内容”没有处理：内容还有问题" in said
    assert "“审核员自己导入的”没有处理：这份内容由您" in said
    assert "“后来改过的”没有处理：在您打开之后有了变化" in said
    assert "有 2 条不在您的区域、已撤回送审或已经不在" in said
    assert not {"外区的内容", "已撤回送审的"} & set(re.findall("“(.+?)”", said))
    states = [state_of(office, pick) for pick in (*seen, old, Pick(elsewhere, 0))]
    assert states == ["approved", *["review"] * 4]


def test_the_check_must_cover_exactly_what_is_ticked(office: Office) -> None:
    bring_in(office, "list.xlsx", ["一号内容", "二号内容"])
    chosen = picks(office)
    for covered, words in ((0, "现在选了 2 条"), (50, "写明的是 50 条"), (1, "写明的是 1 条")):
        with pytest.raises(RefusedError, match=words):
            office.review.approve_many(office.reviewer, chosen, covered=covered)
    with pytest.raises(RefusedError, match="至少勾选一条"):
        office.review.approve_many(office.reviewer, [], covered=0)
    with pytest.raises(ForbiddenError):
        office.review.approve_many(office.clerk, chosen, covered=2)
    assert {state_of(office, pick) for pick in chosen} == {"review"}
    many = [Pick(key, 1) for key in range(1, 52)]
    with pytest.raises(RefusedError, match="一次最多处理一页 50 条"):
        office.review.approve_many(office.reviewer, many, covered=51)
    with pytest.raises(RefusedError, match=r"没有一条可以通过。有 50 条不在您的区域"):
        office.review.approve_many(office.reviewer, many[:50], covered=50)


def test_one_page_holds_what_one_decision_may_hold(office: Office) -> None:
    bring_in(office, "list.xlsx", [f"内容{place}" for place in range(53)])
    assert len(picks(office)) == 50
    assert [line.line.title for line in office.review.queue(office.reviewer, ReviewQuery(page=9)).lines] == [
        "内容50", "内容51", "内容52"]  # fmt: skip


def test_two_steps_hold_for_many_too(market_settings: Any) -> None:
    office = Office(replace(market_settings, publishing=PublishingRules(two_step_review=1)))
    bring_in(office, "list.xlsx", ["一号内容", "二号内容"])
    done = office.review.approve_many(office.reviewer, picks(office), covered=2)
    assert dict(done.moved) == {"second_review": 2}
    assert [one.title for one in office.market.notices.inbox(office.second).notices] == ["“一号内容”等 2 条等待复审"]
    assert office.market.notices.inbox(office.clerk).total == 0
    fresh = office.need(title="刚送来的")
    office.drafts.submit(office.clerk, fresh)
    page = office.review.queue(office.reviewer)
    assert [(line.refusal[:5], line.passable) for line in page.lines] == [
        ("您已做初审", False), ("您已做初审", False), ("", True)]  # fmt: skip
    done = office.review.approve_many(office.reviewer, picks(office), covered=3)
    assert dict(done.moved) == {"second_review": 1}
    assert done.left_out == ("“一号内容”“二号内容”没有处理：您已做初审，复审应由另一位审核员进行。",)
    done = office.review.approve_many(office.second, picks(office, office.second), covered=3)
    assert dict(done.moved) == {"approved": 3}
    assert [note.label for note in office.drafts.page(office.clerk, fresh).notes] == ["审核通过", "初审通过", "送审"]


def test_many_are_sent_back_with_one_reason_and_one_notice(office: Office) -> None:
    bring_in(office, "list.xlsx", ["一号内容", "二号内容", "三号内容"])
    first, second, third = picks(office)
    office.approve(third.key)
    again = Pick(third.key, third.stamp + 1)
    with pytest.raises(RefusedError, match="退回原因"):
        office.review.return_many(office.reviewer, [first, second], reason="　")
    done = office.review.return_many(office.reviewer, [first, second, again], reason="请写明漏报率")
    assert dict(done.moved) == {"returned": 3}
    page = office.drafts.my_page(office.clerk)
    assert [(line.state, line.last_note) for line in page.drafts] == [("returned", "请写明漏报率")] * 3
    notice = office.market.notices.inbox(office.clerk).notices[0]
    assert notice.title == "“一号内容”等 3 条被退回修改"
    assert notice.body.splitlines() == ["原因：请写明漏报率", "“一号内容”", "“二号内容”", "“三号内容”"]
    row = load_draft(office.db, third.key)
    assert row is not None
    assert (row.approved_by, row.secrecy_by) == (0, 0)
    with pytest.raises(RefusedError, match="没有一条可以退回"):
        office.review.return_many(office.reviewer, [first], reason="再退一次")


def test_nothing_is_written_when_the_decision_breaks_off(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_in(office, "list.xlsx", ["一号内容", "二号内容"])
    chosen = picks(office)

    def broken(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("marketplace.publishing.together.tell_passed", broken)
    with pytest.raises(KeyboardInterrupt):
        office.review.approve_many(office.reviewer, chosen, covered=2)
    assert {state_of(office, pick) for pick in chosen} == {"review"}
    assert office.db.conn.execute("select count(*) from audit where action = 'draft.approved'").fetchone()[0] == 0
