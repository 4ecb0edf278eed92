"""Drafts: kept as typed, refused when stale or someone else's, checked, proposed for, sent to review."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing_tools import BUREAU, COMPANY, NEED, OFFER, OTHER, Office

from marketplace import FaultyError, NotFoundError, RefusedError, Sight, StaleError
from marketplace.publishing.diffs import diff_text
from marketplace.publishing.proposals import LONGEST, MAX_PROPOSALS, propose_requirements
from marketplace.store.drafts import load_draft
from matching import Side

PASTED = """目前靠巡查员每周走一遍，去年两起摔伤，辖区常年有310公里老管网。
要求：1.井盖移位后15分钟内告警；2.终端电池使用不少于5年；
3、数据不出域，部署在区政务云。我局希望设备能够覆盖3、5、7号楼，定位精度1.5米以内。
①识别准确率不低于98％②單張識別時間≤2秒；（一）支持与区城运中心平台对接；• 须支持国产化操作系统
项目总投资约300万元，应急管理局去年开展了培训。随着城市发展，内涝问题突出。"""


@pytest.fixture
def office(market_settings):
    return Office(market_settings)


def test_a_draft_begins_with_what_is_known_of_the_organisation(office: Office) -> None:
    key = office.drafts.create(office.clerk, Side.OPPORTUNITY, BUREAU)
    page = office.drafts.page(office.clerk, key)
    assert page.values == {
        "publisher": "江夏区城市管理执法局（示例）",
        "publisher_type": "政府部门",
        "district": "武汉市江夏区",
    }
    assert [fault.field for fault in page.faults] == ["title"]
    assert {"publisher", "batch", "index_number", "last_confirmed"} == page.fixed
    assert "主动公开" in page.options["disclosure"]
    assert page.options["publisher_type"] == ("政府部门", "事业单位", "国有企业", "企业")


def test_anything_typed_is_kept_and_each_fault_is_said(office: Office) -> None:
    key = office.drafts.create(office.clerk, Side.OPPORTUNITY, BUREAU)
    typed = {
        "title": "井" * 300,
        "budget": "大概三五百吧？",
        "deadline": "2027/2/30",
        "requirements": "１．１５分钟內告警",
        "nonsense": "不是字段",
        "publisher": "冒名的单位",
    }
    office.drafts.save(office.clerk, key, typed, 1)
    page = office.drafts.page(office.clerk, key)
    assert page.values["budget"] == "大概三五百吧？"
    assert page.values["requirements"] == "１．１５分钟內告警"
    assert page.values["publisher"] == "江夏区城市管理执法局（示例）"
    assert "nonsense" not in page.values
    assert {fault.field for fault in page.faults} == {"title", "budget", "deadline"}
    with pytest.raises(FaultyError, match="3 处"):
        office.drafts.submit(office.clerk, key)
    assert office.drafts.page(office.clerk, key).state == "draft"


def test_the_same_values_write_nothing_and_a_stale_save_names_who(office: Office) -> None:
    key = office.need()
    page = office.drafts.page(office.clerk, key)
    assert office.drafts.save(office.clerk, key, NEED, page.stamp) == page.stamp
    assert office.drafts.save(office.clerk, key, NEED, 1) == page.stamp
    newer = office.drafts.save(office.colleague, key, {"title": "李科员改过"}, page.stamp)
    assert newer == page.stamp + 1
    with pytest.raises(StaleError, match=r"李科员.*没有保存"):
        office.drafts.save(office.clerk, key, {"title": "王科员的写法"}, page.stamp)
    assert office.drafts.page(office.clerk, key).title == "李科员改过"


def test_typing_saved_while_a_button_is_pressed_is_no_conflict_with_oneself(office: Office) -> None:
    key = office.need()
    stamp = office.drafts.page(office.clerk, key).stamp
    newer = office.drafts.save(office.clerk, key, {"title": "自动保存"}, stamp)
    assert office.drafts.save(office.clerk, key, {"title": "按下按钮"}, stamp) == newer + 1
    with pytest.raises(StaleError, match="王科员"):
        office.drafts.save(office.clerk, key, {"title": "很旧的页面"}, stamp)
    office.make_old("draft", "updated_at")
    with pytest.raises(StaleError, match=r"2026-01-01 08:00（北京时间）"):
        office.drafts.save(office.clerk, key, {"title": "早先的页面"}, newer)


def test_other_organisations_drafts_do_not_exist(office: Office) -> None:
    key = office.need()
    for who in (office.stranger, office.vendor):
        for attempt in (
            lambda who=who: office.drafts.page(who, key),
            lambda who=who: office.drafts.save(who, key, {"title": "改"}, 2),
            lambda who=who: office.drafts.submit(who, key),
            lambda who=who: office.drafts.recall(who, key),
            lambda who=who: office.drafts.discard(who, key),
            lambda who=who: office.drafts.create(who, Side.OPPORTUNITY, BUREAU),
        ):
            with pytest.raises(NotFoundError):
                attempt()
        assert office.drafts.my_page(who).drafts == ()
    # A company is no publisher: each side writes in its own list.
    with pytest.raises(NotFoundError):
        office.drafts.create(office.vendor, Side.OPPORTUNITY, COMPANY)
    reader = office.person("外区审核", reviewer=True, districts=("黄石市",))
    with pytest.raises(NotFoundError):
        office.drafts.page(reader, key)


def test_submitting_tells_the_reviewers_and_closes_the_text(office: Office) -> None:
    key = office.need()
    far = office.person("外区审核", reviewer=True, districts=("黄石市",))
    office.db.conn.execute("update membership set districts = '[\"黄石市\"]' where account_key = ?", [far.account_key])
    office.drafts.submit(office.clerk, key)
    inbox = office.market.notices.inbox(office.reviewer).notices
    assert [(notice.link, bool(notice.reason)) for notice in inbox] == [(f"/review/{key}", True)]
    assert office.market.notices.inbox(far).notices == ()
    stamp = office.drafts.page(office.clerk, key).stamp
    with pytest.raises(RefusedError, match=r"待审.*先撤回"):
        office.drafts.save(office.clerk, key, {"title": "偷改"}, stamp)
    with pytest.raises(RefusedError):
        office.drafts.discard(office.clerk, key)
    office.drafts.recall(office.colleague, key)
    page = office.drafts.page(office.clerk, key)
    assert (page.state, page.may_edit) == ("draft", True)
    office.drafts.discard(office.clerk, key)
    assert office.drafts.my_page(office.clerk).drafts == ()


def test_right_after_sending_even_an_approved_text_can_be_taken_back(office: Office) -> None:
    key, late = office.pass_on(office.need()), office.pass_on(office.need(title="内涝点水位自动上报"))
    assert office.drafts.page(office.clerk, key).may_recall
    office.drafts.recall(office.clerk, key)
    draft = load_draft(office.db, key)
    assert draft is not None
    assert (draft.state, draft.approved_by, draft.secrecy_by) == ("draft", 0, 0)
    office.make_old("draft", "submitted_at")
    with pytest.raises(RefusedError, match="待发布"):
        office.drafts.recall(office.clerk, late)


def test_a_contact_is_sealed_and_shown_to_its_owner_only(office: Office) -> None:
    key = office.need(contact="王某 13800000000 027-87000000")
    draft = load_draft(office.db, key)
    assert draft is not None
    assert "13800000000" not in draft.sealed + str(draft.values)
    assert "contact" not in draft.values
    assert draft.values["office_phone"] == "027-87000000"
    page = office.drafts.page(office.clerk, key)
    assert page.values["contact"] == "王某 13800000000"
    # Saved again as shown, it keeps its seal and the draft its stamp.
    assert office.drafts.save(office.clerk, key, {"contact": page.values["contact"]}, page.stamp) == page.stamp
    office.drafts.save(office.clerk, key, {"contact": ""}, page.stamp)
    assert "contact" not in office.drafts.page(office.clerk, key).values
    sent = office.need(contact="王某 13800000000")
    office.drafts.submit(office.clerk, sent)
    assert "contact" not in office.drafts.page(office.reviewer, sent).values


def test_what_was_not_sent_is_not_there_for_reviewers(office: Office) -> None:
    key = office.need()
    asked = (
        lambda: office.drafts.page(office.reviewer, key),
        lambda: office.review.draft_page(office.reviewer, key),
        lambda: office.review.approve(office.reviewer, key, secrecy_checked=True, stamp=2),
        lambda: office.review.return_(office.reviewer, key, reason="请补充", stamp=2),
        lambda: office.batches.publish_one(office.reviewer, key),
    )

    def hidden() -> None:
        for ask in asked:
            with pytest.raises(NotFoundError, match="没有找到这份草稿"):
                ask()

    hidden()
    office.drafts.submit(office.clerk, key)
    assert office.drafts.page(office.reviewer, key).title == office.review.draft_page(office.reviewer, key).line.title
    office.drafts.recall(office.clerk, key)
    hidden()
    office.drafts.submit(office.clerk, key)
    stamp = office.review.draft_page(office.reviewer, key).stamp
    office.review.return_(office.reviewer, key, reason="请补充", stamp=stamp)
    assert office.drafts.page(office.reviewer, key).state == "returned"


def test_a_reviewer_keeps_what_is_entered_on_behalf(office: Office) -> None:
    key = office.drafts.create(office.reviewer, Side.OPPORTUNITY, BUREAU)
    assert office.drafts.page(office.reviewer, key).may_edit
    assert office.review.draft_page(office.reviewer, key).refusal
    other = office.person("吴审核", reviewer=True)
    for page in (office.drafts.page, office.review.draft_page):
        with pytest.raises(NotFoundError):
            page(other, key)


def test_personal_data_in_public_fields_keep_a_text_from_review(office: Office) -> None:
    key = office.need(background="井盖丢了没人知道，请联系１３８００００００００。")
    with pytest.raises(FaultyError) as caught:
        office.drafts.submit(office.clerk, key)
    assert [fault.field for fault in caught.value.faults] == ["background"]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"id": "JH-1"}, "id"), ({"disclosure": "不予公开"}, "disclosure"), ({"funding_state": "有钱"}, "funding_state")],
)
def test_what_only_the_list_can_tell_is_a_fault_too(office: Office, values: dict, field: str) -> None:
    office.publish(office.pass_on(office.need(id="JH-1", title="内涝点水位自动上报")))
    key = office.need(**values)
    assert [fault.field for fault in office.drafts.page(office.clerk, key).faults] == [field]


def test_a_text_without_a_registered_organisation_is_not_submitted(office: Office) -> None:
    key = office.need()
    office.db.conn.execute("update organisation set merged_into = ? where key = ?", [OTHER, BUREAU])
    with pytest.raises(FaultyError) as caught:
        office.drafts.submit(office.clerk, key)
    assert "单位" in caught.value.faults[0].sentence


def test_my_page_shows_returned_first_and_what_dates_ask_for(office: Office) -> None:
    office.publish(office.pass_on(office.need()))
    office.need(title="还在写")
    back = office.need(title="被退回")
    office.drafts.submit(office.clerk, back)
    office.review.return_(office.reviewer, back, reason="请写明指标", stamp=3)
    page = office.drafts.my_page(office.clerk)
    assert [(line.state, line.last_note) for line in page.drafts] == [("returned", "请写明指标"), ("draft", "")]
    (posting,) = page.postings
    assert (posting.state_label, posting.freshness, bool(posting.recall_until)) == ("已发布", "", True)
    row = office.posting_keys()[0]
    office.market.freshness.confirm(office.clerk, row, "2099-12-31")
    assert office.drafts.my_page(office.clerk).postings[0].valid_until == "2099-12-31"


def test_history_is_for_the_organisation_and_reviewers(office: Office) -> None:
    office.publish(office.pass_on(office.need()))
    (key,) = office.posting_keys()
    assert office.drafts.history(office.reviewer, key).versions[0].batch == f"{date.today().year}年第1批"
    assert office.drafts.history(office.colleague, key).title == NEED["title"]
    for who in (office.stranger, office.vendor):
        with pytest.raises(NotFoundError):
            office.drafts.history(who, key)
    with pytest.raises(NotFoundError):
        office.drafts.history(office.clerk, key, 1, 9)


def test_reach_counts_what_matches_and_changes_with_the_lists(office: Office) -> None:
    key = office.need()
    assert office.drafts.page(office.clerk, key).reach.state == "nothing"
    office.publish(office.pass_on(office.need(title="河道垃圾识别")))
    office.publish(office.pass_on(office.offer(), office.vendor), side=Side.CAPABILITY)
    reach = office.drafts.page(office.clerk, key).reach
    assert (reach.state, reach.looked_at) == ("counted", 1)
    mirror = office.drafts.page(office.vendor, office.offer(title="另一种终端")).reach
    assert (mirror.state, mirror.looked_at, mirror.open_text) == ("counted", 1, "")


def test_reach_agrees_with_the_pair_page(office: Office) -> None:
    office.publish(office.pass_on(office.offer(), office.vendor), side=Side.CAPABILITY)
    office.publish(office.pass_on(office.need()))
    need, offer = office.posting_keys()[0], office.posting_keys(Side.CAPABILITY)[0]
    band = office.market.pair_page(need, offer, Sight(public=True)).band
    draft = office.drafts.from_posting(office.clerk, need)
    page = office.drafts.page(office.clerk, draft)
    assert page.reach.strong == (band == "strong")
    assert page.reach.total == (band in ("strong", "good"))
    assert page.reach.open_count <= page.reach.open_of <= page.reach.looked_at
    assert bool(page.reach.open_text) == bool(page.reach.open_count)
    # A revision does not repeat the posting it revises.
    assert page.duplicates == ()


def test_the_requirement_most_often_left_open_is_named(office: Office) -> None:
    for title in ("窨井状态感知终端", "窨井盖监测终端"):
        office.publish(office.pass_on(office.offer(title=title), office.vendor), side=Side.CAPABILITY,
                       number=len(office.posting_keys(Side.CAPABILITY)) + 1)  # fmt: skip
    office.publish(office.pass_on(office.need(title="河道垃圾识别")))
    odd = "1. 井盖移位后5分钟内告警到手机\n2. 一次性锂电池供电，使用6年\n3. 须取得船级社防爆认证并派两名潜水员驻场"
    reach = office.drafts.page(office.clerk, office.need(requirements=odd)).reach
    assert (reach.total, reach.open_count, reach.open_of) == (2, 2, 2)
    assert reach.open_text == "须取得船级社防爆认证并派两名潜水员驻场"
    far = office.need(
        title="养老院膳食营养配餐", background="老人吃不好。", requirements="1. 每周食谱不重样", domain=""
    )
    nothing = office.drafts.page(office.clerk, far).reach
    assert (nothing.total, nothing.open_text, nothing.open_of) == (0, "", 0)


def test_my_page_shows_what_is_due_first(office: Office) -> None:
    keys = [office.pass_on(office.need(title=f"窨井盖监测第{place}片区")) for place in range(1, 4)]
    office.publish(*keys)
    first, _, third = office.posting_keys()
    office.db.conn.execute("update posting set last_confirmed = '2020-01-01' where key = ?", [first])
    page = office.drafts.my_page(office.clerk)
    assert page.postings[0].key == first
    assert [posting.due for posting in page.postings] == [True, False, False]
    assert page.due == 1
    office.db.conn.execute("update posting set valid_until = '2020-01-01' where key = ?", [third])
    page = office.drafts.my_page(office.clerk)
    assert {posting.key for posting in page.postings if posting.due} == {first, third}
    assert {posting.key: posting.public for posting in page.postings}[third] is False
    office.market.freshness.confirm(office.clerk, first, "2099-12-31")
    assert office.drafts.my_page(office.clerk).due == 1


def test_a_reviewer_finds_what_was_entered_for_others(office: Office) -> None:
    key = office.drafts.create(office.reviewer, Side.OPPORTUNITY, BUREAU)
    assert [line.key for line in office.drafts.my_page(office.reviewer).drafts] == [key]
    assert office.drafts.my_page(office.second).drafts == ()


def test_likely_repeats_are_named_with_how(office: Office) -> None:
    office.publish(office.pass_on(office.need()))
    (key,) = office.posting_keys()
    same = office.drafts.page(office.clerk, office.need(title="窨井蓋缺失移位自動發現"))
    assert [(one.key, one.how) for one in same.duplicates] == [(key, "标题相同")]
    body = office.drafts.page(office.clerk, office.need(title="地下管网检查口防护"))
    assert [(one.key, one.how) for one in body.duplicates] == [(key, "文字相近")]
    other = NEED | {
        "title": "养老院跌倒识别",
        "background": "老人夜里摔倒没人发现。",
        "requirements": "跌倒后30秒内报警",
    }
    assert office.drafts.page(office.clerk, office.write(office.clerk, other)).duplicates == ()


def test_without_the_encoder_the_page_says_it_is_loading(office: Office) -> None:
    office.publish(office.pass_on(office.need()))
    office.market._finder._encoder = None
    page = office.drafts.page(office.clerk, office.need(title="内涝"))
    assert page.reach.state == "loading"


def test_items_are_proposed_without_marks_lead_ins_and_background() -> None:
    assert propose_requirements(PASTED) == (
        "井盖移位后15分钟内告警",
        "终端电池使用不少于5年",
        "数据不出域，部署在区政务云",
        "设备能够覆盖3、5、7号楼，定位精度1.5米以内",
        "识别准确率不低于98％",
        "單張識別時間≤2秒",
        "支持与区城运中心平台对接",
        "须支持国产化操作系统",
    )


@pytest.mark.parametrize("text", ["", "。；\n①（1）", "目前没有监测手段。", "应急管理局组织了演练", "联系电话见附件"])
def test_nothing_is_proposed_where_nothing_is_asked(text: str) -> None:
    assert propose_requirements(text) == ()


PARTS = st.sampled_from([
    "1.", "2、", "（三）", "④", "一是", "•", "。", "；", "\n", "，", "：", "要求", "须支持", "井盖移位", "15分钟内",
    "≥95%", "1.5米", "目前", "部署在政务云", "准确率不低于９８％", "並", "3、5、7号楼", "覆盖", "GB/T 22239", " ", "a",
    "我局希望",
])  # fmt: skip


@given(st.lists(PARTS | st.text(max_size=5), max_size=60).map("".join))
def test_every_proposal_is_a_piece_of_the_text(text: str) -> None:
    items = propose_requirements(text)
    assert len(items) <= MAX_PROPOSALS
    for item in items:
        assert item in text
        assert item.strip() == item
        assert len(item) <= LONGEST


def test_what_is_listed_already_is_not_proposed_again(office: Office) -> None:
    key = office.need(requirements="井盖移位后15分钟内告警")
    assert "终端电池使用不少于5年" in office.drafts.propose(office.clerk, key, PASTED)
    assert "井盖移位后15分钟内告警" not in office.drafts.propose(office.clerk, key, PASTED)


def test_a_difference_is_shown_word_by_word() -> None:
    pieces = diff_text("电池使用不少于5年，15分钟内告警", "电池使用不少于6.5年，10分钟内告警")
    assert [(one.kind, one.text) for one in pieces if one.kind != "same"] == [
        ("removed", "5"), ("added", "6.5"), ("removed", "15"), ("added", "10"),
    ]  # fmt: skip


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_difference_holds_both_texts_whole(before: str, after: str) -> None:
    pieces = diff_text(before, after)
    assert "".join(one.text for one in pieces if one.kind != "added") == before
    assert "".join(one.text for one in pieces if one.kind != "removed") == after


def test_both_lists_can_be_written(office: Office) -> None:
    page = office.drafts.page(office.vendor, office.offer())
    assert page.faults == ()
    assert page.values["domains"] == OFFER["domains"]
    assert page.values["company"] == "武汉楚光智感科技有限公司（示例）"
