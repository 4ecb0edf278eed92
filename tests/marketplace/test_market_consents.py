"""Contacts given away: only when both sides agreed, each look on record, and gone when one takes it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from answer_tools import Answers

from marketplace import FaultyError, NotFoundError, StaleError
from marketplace.answers import ConsentBook
from marketplace.rules import AnswerRules
from marketplace.store.contacts import load_contacts
from marketplace.store.database import transaction

AGENCY_CONTACT, FIRM_CONTACT = "欧阳示例 13800001111 027-87000000", "赵示例 13900002222"


@pytest.fixture
def office(answers_office: Answers, tmp_path: Path) -> Answers:
    return answers_office.reopen(tmp_path / "market.db")


def ask(office: Answers, pairing: int, **typed: str) -> None:
    values = {"purpose": "约现场踏勘", "contact": AGENCY_CONTACT} | typed
    office.consents.decide(office.clerk, pairing, "ask", **values)


def agree(office: Answers, pairing: int) -> None:
    office.consents.decide(office.vendor, pairing, "agree", contact=FIRM_CONTACT)


def audited(office: Answers, action: str) -> list[dict]:
    return list(office.db.query("select * from audit where action = ? order by seq", [action]))


def test_nothing_is_seen_before_both_agreed(office: Answers) -> None:
    pairing = office.pair()
    ask(office, pairing)
    for who in (office.clerk, office.vendor, office.broker):
        assert not office.consents.page(who, pairing).released
        with pytest.raises(NotFoundError):
            office.consents.reveal(who, pairing)
    page = office.consents.page(office.vendor, pairing)
    assert (page.may, page.waits_for) == (("agree", "decline"), "能力方")
    assert [step.person for step in page.steps] == [""]
    assert "1380000" not in str(page)
    assert audited(office, "contact.revealed") == []
    agree(office, pairing)
    assert office.consents.page(office.vendor, pairing).released
    assert office.consents.reveal(office.vendor, pairing).revealed == "联系人：欧阳示例；手机：13800001111"
    seen = office.consents.reveal(office.clerk, pairing)
    assert (seen.revealed, seen.office_phone) == ("联系人：赵示例；手机：13900002222", "")
    assert office.consents.reveal(office.vendor, pairing).office_phone == "027-87000000"


def test_who_also_stands_for_a_competitor_hears_nothing(office: Answers) -> None:
    pairing = office.pair()
    (firm,) = office.rival.company_of
    with transaction(office.db):
        office.db.table("membership").insert(
            {"account_key": office.colleague.account_key, "role": "company", "organisation_key": firm,
             "districts": "[]"}
        )  # fmt: skip
    before = office.heard(office.colleague)
    ask(office, pairing)
    agree(office, pairing)
    assert any("联系方式交换" in title for title in office.heard(office.clerk, "consent"))
    assert office.heard(office.colleague) == before
    both = replace(office.colleague, roles=frozenset({"publisher", "company"}), company_of=office.rival.company_of)
    with pytest.raises(NotFoundError):
        office.consents.page(both, pairing)
    # Nor does the side of the offer turn into that of the agency for who stands for both and a competitor.
    third = replace(both, company_of=office.rival.company_of | office.vendor.company_of)
    assert office.consents.page(third, pairing).side == "company"


def test_each_look_is_on_record_and_told_to_both(office: Answers) -> None:
    pairing = office.pair()
    ask(office, pairing)
    agree(office, pairing)
    for _ in range(2):
        office.consents.reveal(office.vendor, pairing)
    entries = audited(office, "contact.revealed")
    assert [row["account_key"] for row in entries] == [office.vendor.account_key] * 2
    assert "约现场踏勘" in entries[0]["detail"]
    assert all("13800001111" not in str(row) for row in office.db.query("select * from audit"))
    reads = office.consents.page(office.clerk, pairing).reads
    assert [side for side, _ in reads] == ["能力方", "能力方"]
    notes = [row["note"] for row in office.db.query("select note from pairing_event where action = 'reveal'")]
    assert sum("能力方查看了需求方的联系方式" in note for note in notes) == 2


def test_consent_is_recorded_with_who_when_and_for_what(office: Answers) -> None:
    pairing = office.pair()
    ask(office, pairing)
    agree(office, pairing)
    rows = list(office.db.table("consent").rows_where(order_by="key"))
    assert [(row["side"], row["act"], row["account_key"]) for row in rows] == [
        ("publisher", "ask", office.clerk.account_key), ("company", "agree", office.vendor.account_key),
    ]  # fmt: skip
    assert rows[0]["purpose"] == "约现场踏勘"
    assert all(row["at"] and not row["withdrawn_at"] for row in rows)
    (_, sealed) = load_contacts(office.db, "consent", [rows[0]["key"]])[rows[0]["key"]]
    assert sealed
    assert "138" not in sealed
    steps = office.consents.page(office.broker, pairing).steps
    assert [step.person for step in steps] == ["王科员", "赵经理"]


def test_taking_back_closes_both_contacts_for_good(office: Answers) -> None:
    pairing = office.pair()
    ask(office, pairing)
    agree(office, pairing)
    office.consents.decide(office.vendor, pairing, "withdraw")
    office.consents.decide(office.vendor, pairing, "withdraw")
    for who in (office.clerk, office.vendor):
        with pytest.raises(NotFoundError):
            office.consents.reveal(who, pairing)
    assert office.db.table("contact").count_where("subject = 'consent'") == 0
    row = next(iter(office.db.table("consent").rows_where("act = 'agree'")))
    assert row["withdrawn_at"]
    assert row["withdrawn_by"] == office.vendor.account_key
    assert len(audited(office, "consent.withdrawn")) == 1
    assert office.consents.page(office.clerk, pairing).may == ("ask",)


def test_a_no_ends_the_wish_and_is_told(office: Answers) -> None:
    pairing = office.pair()
    ask(office, pairing)
    office.consents.decide(office.vendor, pairing, "decline")
    page = office.consents.page(office.clerk, pairing)
    assert (page.released, page.may) == (False, ("ask",))
    assert page.steps[-1].act_label == "不同意"
    assert any("不同意" in title for title in office.heard(office.clerk, "consent"))
    ask(office, pairing)
    assert office.consents.page(office.vendor, pairing).may == ("agree", "decline")


def test_who_also_stands_on_a_competitors_side_hears_of_no_exchange(office: Answers) -> None:
    with transaction(office.db):
        office.db.table("membership").insert(
            {"account_key": office.colleague.account_key, "role": "company",
             "organisation_key": min(office.rival.company_of), "districts": "[]"}
        )  # fmt: skip
    pairing = office.pair()
    ask(office, pairing)
    office.consents.decide(office.vendor, pairing, "decline")
    assert office.heard(office.clerk, "consent")
    assert office.heard(office.colleague, "consent") == []


def test_a_double_click_is_one_act_and_others_are_told(office: Answers) -> None:
    pairing = office.pair()
    ask(office, pairing)
    ask(office, pairing)
    assert office.count("consent") == 1
    with pytest.raises(StaleError):
        office.consents.decide(office.colleague, pairing, "ask", purpose="又一次", contact=AGENCY_CONTACT)
    with pytest.raises(StaleError):
        office.consents.decide(office.clerk, pairing, "agree", contact=AGENCY_CONTACT)
    with pytest.raises(StaleError):
        office.consents.decide(office.broker, pairing, "pass")


def test_purpose_and_contact_are_asked_for(office: Answers) -> None:
    pairing = office.pair()
    for typed, field in (
        ({"purpose": ""}, "purpose"), ({"purpose": "找张三 13800001111"}, "purpose"), ({"contact": ""}, "contact"),
        ({"contact": "长" * 301}, "contact"),
    ):  # fmt: skip
        with pytest.raises(FaultyError) as refused:
            ask(office, pairing, **typed)
        assert [fault.field for fault in refused.value.faults] == [field]
    assert office.count("consent") == 0


def test_the_contact_kept_with_the_posting_serves_when_none_is_typed(office: Answers) -> None:
    phone, sealed = office.market.contacts.seal_cell(AGENCY_CONTACT)
    office.market.contacts.save(office.db, office.clerk, "posting", office.need_key, office_phone=phone, sealed=sealed)
    pairing = office.pair()
    assert office.consents.page(office.clerk, pairing).own_masked == "联系人：欧**；手机：138****1111"
    assert office.consents.page(office.broker, pairing).own_masked == ""
    ask(office, pairing, contact="")
    agree(office, pairing)
    assert "13800001111" in office.consents.reveal(office.vendor, pairing).revealed


def test_a_pairing_of_others_does_not_exist(office: Answers) -> None:
    pairing = office.pair()
    for who in (office.rival, office.stranger, office.far_broker, office.reviewer):
        for act in (lambda w: office.consents.page(w, pairing), lambda w: office.consents.reveal(w, pairing),
                    lambda w: office.consents.decide(w, pairing, "ask", purpose="x", contact="y")):  # fmt: skip
            with pytest.raises(NotFoundError):
                act(who)
    with pytest.raises(NotFoundError):
        office.consents.page(office.clerk, 5)


def test_a_failed_pairing_shows_no_contact(office: Answers) -> None:
    pairing = office.pair()
    ask(office, pairing)
    agree(office, pairing)
    office.db.table("pairing").update(pairing, {"stage": "failed", "open_mark": str(pairing)})
    with pytest.raises(NotFoundError):
        office.consents.reveal(office.clerk, pairing)
    assert office.consents.page(office.clerk, pairing).may == ("withdraw",)


class TestThroughTheMatchmaker:
    """With the setting nothing reaches the other side before the matchmaker passes it on."""

    @pytest.fixture
    def office(self, answers_office: Answers, tmp_path: Path) -> Answers:
        return answers_office.reopen(tmp_path / "market.db", answers=AnswerRules(1))

    def test_the_other_side_knows_nothing_before(self, office: Answers) -> None:
        pairing = office.pair()
        heard = office.heard(office.vendor)
        ask(office, pairing)
        page = office.consents.page(office.vendor, pairing)
        assert (page.steps, page.may, page.waits_for) == ((), ("ask",), "")
        assert all(one.action != "reveal" for one in office.market.pairings.page(office.vendor, pairing).journal)
        assert any(one.action == "reveal" for one in office.market.pairings.page(office.clerk, pairing).journal)
        assert office.heard(office.vendor) == heard
        with pytest.raises(StaleError):
            agree(office, pairing)
        notes = office.db.query("select facts from pairing_event where action = 'reveal'")
        assert ['"publisher"' in row["facts"] for row in notes] == [True]
        assert any("提出交换联系方式" in title for title in office.heard(office.broker, "consent"))
        assert office.consents.page(office.broker, pairing).may == ("pass", "decline")
        office.consents.decide(office.broker, pairing, "pass")
        assert office.consents.page(office.vendor, pairing).may == ("agree", "decline")
        assert any("转达对方" in title for title in office.heard(office.vendor, "consent"))
        agree(office, pairing)
        assert "13900002222" in office.consents.reveal(office.clerk, pairing).revealed
        with pytest.raises(NotFoundError):
            office.consents.reveal(office.broker, pairing)

    def test_a_wish_not_passed_on_stays_between_asker_and_matchmaker(self, office: Answers) -> None:
        pairing = office.pair()
        heard = office.heard(office.vendor)
        ask(office, pairing)
        office.consents.decide(office.broker, pairing, "decline")
        assert office.consents.page(office.vendor, pairing).steps == ()
        assert office.heard(office.vendor) == heard
        assert any("不同意" in title for title in office.heard(office.clerk, "consent"))

    def test_the_company_may_ask_as_well(self, office: Answers) -> None:
        pairing = office.pair()
        office.consents.decide(office.vendor, pairing, "ask", purpose="送样机", contact=FIRM_CONTACT)
        assert office.consents.page(office.clerk, pairing).may == ("ask",)
        office.consents.decide(office.second_broker, pairing, "pass")
        office.consents.decide(office.clerk, pairing, "agree", contact=AGENCY_CONTACT)
        assert "13800001111" in office.consents.reveal(office.vendor, pairing).revealed

    def test_the_same_wish_of_both_agrees_once_it_is_passed_on(self, office: Answers) -> None:
        pairing = office.pair()
        ask(office, pairing)
        heard = office.heard(office.clerk)
        for _ in range(2):
            office.consents.decide(office.vendor, pairing, "ask", purpose="送样机", contact=FIRM_CONTACT)
        for viewer, side in ((office.clerk, "publisher"), (office.vendor, "company")):
            page = office.consents.page(viewer, pairing)
            assert [(one.side, one.act) for one in page.steps] == [(side, "ask")]
            assert (page.may, page.released, page.waits_for) == (("withdraw",), False, "撮合员")
            with pytest.raises(NotFoundError):
                office.consents.reveal(viewer, pairing)
        assert office.heard(office.clerk) == heard
        office.consents.decide(office.broker, pairing, "pass")
        assert "13900002222" in office.consents.reveal(office.clerk, pairing).revealed
        assert "13800001111" in office.consents.reveal(office.vendor, pairing).revealed

    @pytest.mark.parametrize("first", [True, False])
    def test_of_two_wishes_one_is_taken_back_unseen(self, office: Answers, first: bool) -> None:
        pairing = office.pair()
        ask(office, pairing)
        office.consents.decide(office.vendor, pairing, "ask", purpose="送样机", contact=FIRM_CONTACT)
        leaver, stayer = (office.clerk, office.vendor) if first else (office.vendor, office.clerk)
        heard = office.heard(stayer)
        office.consents.decide(leaver, pairing, "withdraw")
        page = office.consents.page(stayer, pairing)
        assert [(one.act, one.withdrawn_at) for one in page.steps] == [("ask", "")]
        assert (page.may, office.heard(stayer)) == (("withdraw",), heard)
        assert office.consents.page(leaver, pairing).may == ("ask",)
        office.consents.decide(office.broker, pairing, "pass")
        assert office.consents.page(leaver, pairing).may == ("agree", "decline")
        with pytest.raises(NotFoundError):
            office.consents.reveal(stayer, pairing)

    def test_a_no_of_the_matchmaker_reaches_both_that_wished(self, office: Answers) -> None:
        pairing = office.pair()
        ask(office, pairing)
        office.consents.decide(office.vendor, pairing, "ask", purpose="送样机", contact=FIRM_CONTACT)
        office.consents.decide(office.broker, pairing, "decline")
        for viewer in (office.clerk, office.vendor):
            page = office.consents.page(viewer, pairing)
            assert ([one.act for one in page.steps], page.may) == (["ask", "decline"], ("ask",))
            assert any("不同意" in title for title in office.heard(viewer, "consent"))


def test_the_setting_decides(office: Answers) -> None:
    direct = ConsentBook(office.market._keeper, office.settings, office.market.contacts)
    through = replace(office.settings, answers=AnswerRules(1))
    assert not direct.page(office.clerk, office.pair()).through_matchmaker
    assert ConsentBook(office.market._keeper, through, office.market.contacts)._through
