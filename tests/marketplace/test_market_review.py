"""Review: the queue, the comparison, the decision, who may not decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from publishing_tools import NEED, Office

from marketplace import ForbiddenError, NotFoundError, RefusedError, StaleError
from marketplace.publishing.pages import ReviewQuery
from marketplace.rules import PublishingRules
from marketplace.store.database import transaction
from marketplace.store.drafts import insert_draft, load_draft
from matching import Side


@pytest.fixture
def office(market_settings):
    return Office(market_settings)


def waiting(office: Office, **values: str) -> int:
    key = office.need(**values)
    office.drafts.submit(office.clerk, key)
    return key


def test_the_queue_shows_the_reviewers_districts_longest_waiting_first(office: Office) -> None:
    first, second = waiting(office), waiting(office, title="内涝點水位自動上報")
    office.db.conn.execute("update draft set submitted_at = '2026-01-01T00:00:00Z' where key = ?", [second])
    office.need(title="还没送审")
    page = office.review.queue(office.reviewer)
    assert [line.line.key for line in page.lines] == [second, first]
    assert page.lines[0].line.waiting_days > 100
    assert page.lines[0].line.organisation_name == "江夏区城市管理执法局（示例）"
    assert page.lines[0].score > 50
    assert dict(page.counts) == {"review": 2}
    found = office.review.queue(office.reviewer, ReviewQuery(text="内涝点"))
    assert [line.line.key for line in found.lines] == [second]
    assert office.review.queue(office.reviewer, ReviewQuery(side=Side.CAPABILITY)).total == 0
    far = office.person("黄石审核", reviewer=True, districts=("黄石市",))
    near = office.person("江夏审核", reviewer=True, districts=("武汉市江夏区",))
    assert office.review.queue(far).total == 0
    assert office.review.queue(near).total == 2
    with pytest.raises(NotFoundError):
        office.review.draft_page(far, first)
    with pytest.raises(ForbiddenError):
        office.review.queue(office.clerk)


def test_a_returned_text_tells_why_and_comes_back(office: Office) -> None:
    key = waiting(office)
    stamp = office.review.draft_page(office.reviewer, key).stamp
    with pytest.raises(RefusedError, match="退回原因"):
        office.review.return_(office.reviewer, key, reason="  ", stamp=stamp)
    office.review.return_(office.reviewer, key, reason="请写明漏报率的指标", stamp=stamp)
    notice = office.market.notices.inbox(office.clerk).notices[0]
    assert notice.title == f"“{NEED['title']}”被退回修改"
    assert "漏报率" in notice.body
    page = office.drafts.page(office.clerk, key)
    assert (page.state, page.may_edit) == ("returned", True)
    office.drafts.save(office.clerk, key, {"expected_effect": "漏报率低于2%"}, page.stamp)
    office.drafts.submit(office.clerk, key)
    notes = office.review.draft_page(office.reviewer, key).notes
    assert [note.label for note in notes] == ["送审", "退回", "送审"]
    assert (notes[1].actor, notes[1].note) == ("孙审核", "请写明漏报率的指标")


def test_approval_needs_the_secrecy_check_and_is_on_record(office: Office) -> None:
    key = waiting(office)
    stamp = office.review.draft_page(office.reviewer, key).stamp
    with pytest.raises(RefusedError, match="保密审查"):
        office.review.approve(office.reviewer, key, secrecy_checked=False, stamp=stamp)
    assert office.review.approve(office.reviewer, key, secrecy_checked=True, stamp=stamp) == "approved"
    draft = load_draft(office.db, key)
    assert draft is not None
    assert draft.secrecy_by == draft.approved_by == office.reviewer.account_key
    actions = [row["action"] for row in office.db.query("select action from audit order by seq")]
    assert actions[-2:] == ["draft.secrecy_checked", "draft.approved"]
    with pytest.raises(RefusedError, match="待发布"):
        office.approve(key)
    office.review.return_(office.second, key, reason="发布前又发现问题", stamp=draft.stamp)
    assert office.drafts.page(office.clerk, key).state == "returned"


def test_nobody_decides_on_a_text_of_their_own(office: Office) -> None:
    key = waiting(office)
    both = office.person("兼任", publisher_of=(11,), reviewer=True)
    page = office.review.draft_page(both, key)
    assert page.refusal
    assert (page.may_approve, page.may_return) == (False, False)
    for attempt in (lambda: office.approve(key, both),
                    lambda: office.review.return_(both, key, reason="x", stamp=page.stamp)):  # fmt: skip
        with pytest.raises(RefusedError, match="另一位审核员"):
            attempt()
    entered = office.drafts.create(office.reviewer, Side.OPPORTUNITY, 11)
    office.drafts.save(office.reviewer, entered, NEED, 1)
    office.drafts.submit(office.reviewer, entered)
    assert office.review.queue(office.reviewer).lines[1].own
    with pytest.raises(RefusedError):
        office.approve(entered)
    assert office.approve(entered, office.second) == "approved"


def test_two_steps_are_taken_by_two_people(market_settings) -> None:
    office = Office(replace(market_settings, publishing=PublishingRules(two_step_review=1)))
    key = waiting(office)
    assert office.approve(key) == "second_review"
    assert office.market.notices.inbox(office.second).notices[0].title.endswith("等待复审")
    with pytest.raises(RefusedError, match="复审应由另一位"):
        office.approve(key)
    with pytest.raises(RefusedError, match="待复审"):
        office.batches.publish_one(office.reviewer, key)
    assert office.approve(key, office.second) == "approved"
    assert [note.label for note in office.drafts.page(office.clerk, key).notes] == ["审核通过", "初审通过", "送审"]


def test_a_text_changed_meanwhile_is_not_decided_on(office: Office) -> None:
    key = waiting(office)
    seen = office.review.draft_page(office.reviewer, key).stamp
    office.drafts.recall(office.clerk, key)
    stamp = office.drafts.page(office.clerk, key).stamp
    office.drafts.save(office.clerk, key, {"title": "换了标题"}, stamp)
    office.drafts.submit(office.clerk, key)
    with pytest.raises(StaleError, match="有了变化"):
        office.review.approve(office.reviewer, key, secrecy_checked=True, stamp=seen)
    with pytest.raises(StaleError):
        office.review.return_(office.reviewer, key, reason="晚了", stamp=seen)


def test_a_revision_is_shown_beside_the_published_text(office: Office) -> None:
    office.publish(office.pass_on(office.need()))
    (posting,) = office.posting_keys()
    key = office.drafts.from_posting(office.clerk, posting)
    stamp = office.drafts.page(office.clerk, key).stamp
    changed = {"requirements": "1. 井盖移位后10分钟内告警\n2. 终端电池使用不少于5年", "scale": "高价值小切口场景"}
    office.drafts.save(office.clerk, key, changed, stamp)
    office.drafts.submit(office.clerk, key)
    page = office.review.draft_page(office.reviewer, key)
    fields = {change.name: change for change in page.changes}
    assert page.posting_key == posting
    assert not fields["title"].changed
    assert fields["scale"].before == ""
    removed = [piece.text for piece in fields["requirements"].pieces if piece.kind == "removed"]
    assert removed[-1] == "\n数据不出域，部署在区政务云"
    assert "1. " not in fields["requirements"].after
    assert fields["publisher_type"].after == "政府部门"
    assert {name for name, change in fields.items() if change.changed} == {"requirements", "scale"}


def test_restrictions_and_gaps_are_pointed_at(office: Office) -> None:
    text = "1. 仅限本地企業參與\n2. 须采用某某品牌的传感器\n3. 井盖移位后15分钟内告警"
    key = waiting(office, requirements=text)
    page = office.review.draft_page(office.reviewer, key)
    assert [hint.found for hint in page.hints] == ["仅限本地企业", "须采用某某品牌"]
    assert {point.name for point in page.quality.points if point.passed is False} == {"deadline", "fair"}
    assert page.faults == ()


def test_a_draft_from_an_import_waits_with_the_others(office: Office) -> None:
    with transaction(office.db):
        key = insert_draft(
            office.db, posting_key=0, side=Side.OPPORTUNITY, external_id="JH-9", organisation_key=11, title="导入",
            values=NEED | {"id": "JH-9", "publisher": "江夏区城市管理执法局（示例）", "other": {"备注": "省级试点"}},
            sealed="", author_key=office.reviewer.account_key, import_key=5, on_behalf=True, state="review",
        )  # fmt: skip
    (line,) = office.review.queue(office.second).lines
    assert (line.line.key, line.line.imported, line.line.on_behalf, line.line.waiting_days) == (key, True, True, 0)
    office.approve(key, office.second)
    office.publish(key)
    posting = office.market._keeper.desk().postings[office.published(NEED["title"])].posting
    assert posting.id == "JH-9"
    assert posting.listing.extra["备注"] == "省级试点"


def test_withdrawn_postings_are_not_revised(office: Office) -> None:
    office.publish(office.pass_on(office.need()))
    (key,) = office.posting_keys()
    office.db.conn.execute("update posting set state = 'withdrawn' where key = ?", [key])
    with pytest.raises(RefusedError, match="已撤回"):
        office.drafts.from_posting(office.clerk, key)
