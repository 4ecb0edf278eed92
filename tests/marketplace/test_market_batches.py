"""Publishing: batches, index numbers, versions, taking back, going on after a break."""

from __future__ import annotations

from datetime import date

import pytest
from factories import make_opportunity, write_lines
from publishing_tools import BUREAU, NEED, Office

from marketplace import GoneError, NotFoundError, RefusedError, Sight
from marketplace.jobs import run_job_now
from marketplace.publishing import BatchForm
from marketplace.publishing import job as publish_job
from marketplace.store.contacts import load_contacts
from marketplace.store.postings import load_rows
from matching import Side

ALL = Sight(public=True)


def first_batch() -> str:
    """The first batch of this year; asked anew, as a run may go past midnight."""
    return f"{date.today().year}年第1批"


@pytest.fixture
def office(market_settings):
    return Office(market_settings)


def test_a_batch_puts_texts_before_the_public_with_matches_on_both_sides(office: Office) -> None:
    need, offer = office.pass_on(office.need()), office.pass_on(office.offer(), office.vendor)
    batch = office.publish(need)
    office.publish(offer, side=Side.CAPABILITY)
    key, capability = office.published(NEED["title"]), office.published("窨井状态感知终端")
    page = office.market.opportunity_page(key, ALL)
    listing = page.opportunity.listing
    assert page.matches is not None
    assert [match.counterpart.key for match in page.matches] == [capability]
    assert office.market.capability_page(capability, ALL).total_matches == 1
    assert (listing.batch, listing.index_number) == (first_batch(), f"SM-JH-{page.opportunity.year}-001-0001")
    assert listing.last_confirmed == page.card.published_on
    assert listing.valid_until > listing.last_confirmed
    assert listing.extra["disclosure"] == "主动公开"
    assert page.opportunity.id.startswith("JH-")
    assert office.batches.page(office.reviewer, batch).batch.count == 1
    assert office.faults() == []
    with pytest.raises(NotFoundError):
        office.drafts.page(office.clerk, need)


def test_authors_learn_and_the_contact_moves_along_sealed(office: Office) -> None:
    office.publish(office.pass_on(office.need(contact="王某 13800000000", office_phone="027-87000000")))
    key = office.published(NEED["title"])
    phone, sealed = load_contacts(office.db, "posting", [key])[key]
    assert phone == "027-87000000"
    assert sealed
    assert "13800000000" not in sealed
    titles = [notice.title for notice in office.market.notices.inbox(office.clerk).notices]
    assert any(f"已发布，编入{first_batch()}" in title for title in titles)
    actions = [row["action"] for row in office.db.query("select action from audit order by seq")]
    assert actions[-2:] == ["posting.published", "batch.published"]


def test_index_numbers_run_on_and_are_never_given_twice(office: Office) -> None:
    keys = [office.pass_on(office.need(title=f"窨井盖监测第{place}片区")) for place in range(1, 4)]
    office.publish(keys[0], keys[1])
    office.publish(keys[2], number=2)
    single = office.pass_on(office.need(title="内涝点水位自动上报"))
    office.batches.publish_one(office.reviewer, single)
    office.work()
    numbers = [row["index_number"] for row in office.db.query("select index_number from posting order by key")]
    year = numbers[0].split("-")[2]
    assert numbers == [f"SM-JH-{year}-{tail}" for tail in ("001-0001", "001-0002", "002-0001", "000-0001")]
    assert office.batches.new_page(office.reviewer, Side.OPPORTUNITY).number == 3
    assert office.batches.new_page(office.reviewer, Side.CAPABILITY).number == 1


def test_a_revision_keeps_the_published_text_until_it_is_published(office: Office) -> None:
    office.publish(office.pass_on(office.need()))
    key = office.published(NEED["title"])
    index = load_rows(office.db, [key])[0].posting.listing.index_number
    draft = office.drafts.from_posting(office.colleague, key)
    assert office.drafts.from_posting(office.clerk, key) == draft
    page = office.drafts.page(office.colleague, draft)
    office.drafts.save(
        office.colleague, draft, {"requirements": "井盖移位后10分钟内告警", "id": "别的编号"}, page.stamp
    )
    assert office.market.opportunity_page(key, ALL).opportunity.requirements[0] == "井盖移位、缺失后15分钟内告警"
    office.pass_on(draft, office.colleague)
    assert len(office.market.opportunity_page(key, ALL).opportunity.requirements) == 3
    office.batches.publish_one(office.reviewer, draft)
    office.work()
    posting = office.market.opportunity_page(key, ALL).opportunity
    assert posting.requirements == ("井盖移位后10分钟内告警",)
    assert (posting.listing.index_number, posting.listing.batch) == (index, first_batch())
    history = office.drafts.history(office.clerk, key)
    assert [version.number for version in history.versions] == [2, 1]
    changed = {change.name: change for change in history.changes if change.changed}
    assert "15分钟" in changed["requirements"].before
    assert "10分钟" in changed["requirements"].after
    assert office.faults() == []


def test_a_new_batch_can_be_taken_back_and_published_again(office: Office) -> None:
    draft = office.need(contact="王某 13800000000")
    office.drafts.submit(office.clerk, draft)
    office.approve(draft)
    batch = office.publish(draft)
    key = office.published(NEED["title"])
    assert office.batches.recall(office.reviewer, batch) == 1
    with pytest.raises(NotFoundError):
        office.market.opportunity_page(key, ALL)
    assert office.posting_keys() == []
    assert office.faults() == []
    page = office.drafts.page(office.clerk, draft)
    assert (page.state, page.values["title"]) == ("approved", NEED["title"])
    assert page.values["contact"] == "王某 13800000000"
    assert "index_number" not in page.values
    assert [note.label for note in page.notes][:2] == ["撤回发布", "发布"]
    assert office.batches.new_page(office.reviewer, Side.OPPORTUNITY).number == 1
    assert office.publish(draft) == batch
    assert office.batches.page(office.reviewer, batch).batch.state == "published"


def test_taking_a_revision_back_brings_the_former_text_back(office: Office) -> None:
    office.publish(office.pass_on(office.need()))
    key = office.published(NEED["title"])
    draft = office.drafts.from_posting(office.clerk, key)
    stamp = office.drafts.page(office.clerk, draft).stamp
    office.drafts.save(office.clerk, draft, {"title": "窨井盖监测（错写）"}, stamp)
    office.pass_on(draft)
    office.batches.publish_one(office.reviewer, draft)
    office.work()
    office.batches.recall_posting(office.clerk, key)
    # The wrong text is out of sight at once, the former one back as soon as it is encoded.
    with pytest.raises(GoneError):
        office.market.opportunity_page(key, ALL)
    assert office.faults() == []
    office.work()
    assert office.market.opportunity_page(key, ALL).opportunity.title == NEED["title"]
    again = office.drafts.page(office.clerk, draft)
    assert (again.state, again.title, again.posting_key) == ("approved", "窨井盖监测（错写）", key)
    assert [one.number for one in office.drafts.history(office.clerk, key).versions] == [3, 2, 1]
    assert office.faults() == []


def test_after_ten_minutes_only_taking_off_is_left(office: Office) -> None:
    batch = office.publish(office.pass_on(office.need()))
    key = office.published(NEED["title"])
    with pytest.raises(NotFoundError):
        office.batches.recall_posting(office.stranger, key)
    office.make_old("batch", "published_at")
    office.make_old("posting", "published_at")
    for attempt in (lambda: office.batches.recall(office.reviewer, batch),
                    lambda: office.batches.recall_posting(office.clerk, key)):  # fmt: skip
        with pytest.raises(RefusedError, match=r"10 分钟.*请下架"):
            attempt()
    assert office.batches.page(office.reviewer, batch).batch.recall_until == ""


def test_nothing_is_taken_back_that_something_was_built_on(office: Office) -> None:
    batch = office.publish(office.pass_on(office.need()))
    key = office.published(NEED["title"])
    office.db.table("landing").insert(
        {"id": "L1", "opportunity_key": key, "capability_key": 1, "accepted_on": "2026-01-01", "record": "{}"}
    )
    with pytest.raises(RefusedError, match="已有落地案例"):
        office.batches.recall(office.reviewer, batch)
    assert office.posting_keys() == [key]


def test_a_broken_job_goes_on_without_doubles(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [office.pass_on(office.need(title=f"窨井盖监测第{place}片区")) for place in range(1, 6)]
    monkeypatch.setattr(publish_job, "CHUNK", 2)
    real, calls = publish_job.encode_postings, []

    def broken(postings, encoder):
        calls.append(len(postings))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(postings, encoder)

    monkeypatch.setattr(publish_job, "encode_postings", broken)
    form = BatchForm(Side.OPPORTUNITY, 1, "示例局（示例）")
    batch, job = office.batches.publish(office.reviewer, form, keys)
    with pytest.raises(KeyboardInterrupt):
        run_job_now(office.workshop, job)
    assert len(office.posting_keys()) == 2
    office.db.conn.execute("update job set state = 'queued' where key = ?", [job])
    run_job_now(office.workshop, job)
    page = office.batches.page(office.reviewer, batch)
    assert [member.index_number[-4:] for member in page.members] == ["0001", "0002", "0003", "0004", "0005"]
    assert len({member.title for member in page.members}) == 5
    assert page.batch.state == "published"


def test_what_cannot_be_published_is_named_and_the_rest_goes_out(office: Office) -> None:
    good = office.pass_on(office.need(title="内涝点水位自动上报"))
    twin, clash = (office.pass_on(office.need(title=f"井盖{place}", id="JH-777")) for place in "甲乙")
    batch, job = office.batches.publish(office.reviewer, BatchForm(Side.OPPORTUNITY, 1, "示例局"), [good, twin, clash])
    result = run_job_now(office.workshop, job)
    assert result["published"] == 2
    (refused,) = result["refused"]
    assert "井盖乙" in refused
    assert "JH-777" in refused
    assert office.drafts.page(office.clerk, clash).state == "approved"
    assert office.batches.page(office.reviewer, batch).batch.count == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [({"number": 0}, "批次号"), ({"issuer": " "}, "发布机构"), ({"disclosure": "不予公开"}, "公开属性")],
)
def test_a_batch_form_is_refused_with_the_field_named(office: Office, change: dict, words: str) -> None:
    key = office.pass_on(office.need())
    form = BatchForm(**({"side": Side.OPPORTUNITY, "number": 1, "issuer": "示例局"} | change))
    with pytest.raises(RefusedError, match=words):
        office.batches.publish(office.reviewer, form, [key])


def test_a_text_taken_back_while_the_job_waits_is_left_out_by_name(office: Office) -> None:
    key = office.pass_on(office.need())
    job = office.batches.publish_one(office.reviewer, key)
    office.drafts.recall(office.clerk, key)
    result = run_job_now(office.workshop, job)
    assert result["published"] == 0
    assert "已撤回" in result["refused"][0]
    assert office.posting_keys() == []


def test_an_open_revision_survives_when_its_posting_is_taken_back(office: Office) -> None:
    office.publish(office.pass_on(office.need()))
    (key,) = office.posting_keys()
    draft = office.drafts.from_posting(office.clerk, key)
    office.batches.recall_posting(office.clerk, key)
    assert office.drafts.page(office.clerk, draft).posting_key == 0
    assert len(office.drafts.my_page(office.clerk).drafts) == 2
    assert office.faults() == []


def test_only_approved_texts_and_free_numbers_make_a_batch(office: Office) -> None:
    key, waiting = office.pass_on(office.need()), office.need(title="未审内容")
    form = BatchForm(Side.OPPORTUNITY, 1, "示例局")
    with pytest.raises(NotFoundError):
        office.batches.publish(office.reviewer, form, [key, waiting])
    office.drafts.submit(office.clerk, waiting)
    with pytest.raises(RefusedError, match="“未审内容”的状态是“待审”"):
        office.batches.publish(office.reviewer, form, [key, waiting])
    with pytest.raises(RefusedError, match="勾选"):
        office.batches.publish(office.reviewer, form, [])
    office.publish(key)
    more = office.pass_on(office.need(title="内涝点水位自动上报"))
    with pytest.raises(RefusedError, match=f"{first_batch()}已经存在；下一个可用的批次号是 2"):
        office.batches.publish(office.reviewer, form, [more])


def test_numbers_of_imported_batches_are_passed_over(office: Office) -> None:
    year = date.today().year
    batches = (f"{year}年第三批", f"{year - 1}年第9批", "首批", None)
    needs = [make_opportunity(id=f"X-{place}", batch=batch) for place, batch in enumerate(batches)]
    office.workshop.take(write_lines(office.settings.database.parent / "needs.jsonl", needs), "opportunities")
    page = office.batches.new_page(office.reviewer, Side.OPPORTUNITY)
    assert (page.number, page.name) == (4, f"{year}年第4批")
    assert office.batches.new_page(office.reviewer, Side.CAPABILITY).number == 1
    office.publish(office.pass_on(office.need()), number=4)
    assert office.batches.new_page(office.reviewer, Side.OPPORTUNITY).number == 5


def test_a_batch_named_without_its_year_is_shown_like_the_others(office: Office) -> None:
    key = office.publish(office.pass_on(office.need()))
    office.db.conn.execute("update batch set name = '第1批', published_on = '2025-12-31'")
    assert office.batches.page(office.reviewer, key).batch.name == "2025年第1批"


@pytest.mark.parametrize(
    ("values", "until"),
    [
        ({"deadline": "2099-03-31"}, "2099-03-31"),
        ({"deadline": "2099-03-31", "valid_until": "2098-12-31"}, "2098-12-31"),
        ({"valid_until": "长期"}, None),
    ],
)
def test_validity_is_taken_as_written_else_from_the_deadline(office: Office, values: dict, until: str | None) -> None:
    office.publish(office.pass_on(office.need(**values)))
    assert load_rows(office.db, office.posting_keys())[0].posting.listing.valid_until == until


def test_a_text_entered_on_behalf_says_so_until_its_organisation_writes(office: Office) -> None:
    key = office.drafts.create(office.second, Side.OPPORTUNITY, BUREAU)
    office.drafts.save(office.second, key, NEED, 1)
    office.publish(office.pass_on(key, office.second))
    (row,) = load_rows(office.db, office.posting_keys())
    assert row.on_behalf
    assert row.organisation_key == BUREAU
    assert [one.title for one in office.drafts.my_page(office.clerk).postings] == [NEED["title"]]
