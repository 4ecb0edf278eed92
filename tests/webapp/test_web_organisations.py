"""Organisations on the pages: list, form, merging and undoing, claims from both sides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity, write_lines
from flask import Flask
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from office import by_role, make_organisation, office_app, office_market, page_of, send, sign_in, submit, words

from marketplace import Market
from marketplace.commands import Workshop
from marketplace.organisations import backfill
from marketplace.store.postings import find_keys, load_rows
from matching import MatchingSettings

OFFICE, CODE = "/admin/organisations", "91420115MA4K12345B"
FIRM, TWIN = "武汉楚光智感科技有限公司（示例）", "武汉市楚光智感科技公司（示例）"


@pytest.fixture
def market(tmp_path: Path, matching_settings: MatchingSettings) -> Market:
    return office_market(tmp_path, matching_settings)


@pytest.fixture
def app(market: Market) -> Flask:
    return office_app(market)


@pytest.fixture
def someone(app: Flask) -> Callable[..., FlaskClient]:
    """A browser in which someone with these roles has signed in."""

    def enter(*roles: str, **more: list[str]) -> FlaskClient:
        client = app.test_client()
        sign_in(client, roles=roles, **more)
        return client

    return enter


@pytest.fixture
def reviewer(someone: Callable[..., FlaskClient]) -> FlaskClient:
    return someone("reviewer")


def stock(market: Market, folder: Path) -> None:
    """Two spellings of one firm with a capability each, and an office with an opportunity."""
    shop = Workshop(market.settings, lambda _: None, HashingEncoder())
    offers = (make_capability(company=FIRM), make_capability(id="NL-002", company=TWIN))
    shop.take(write_lines(folder / "offers.jsonl", offers), None)
    shop.take(write_lines(folder / "needs.jsonl", [make_opportunity()]), None)
    backfill(shop.db)


def owner(market: Market, posting_id: str) -> int:
    ((key, _, _),) = find_keys(market._keeper.db, posting_id)
    return load_rows(market._keeper.db, [key])[0].organisation_key


def names(page: HtmlElement) -> list[str]:
    return [words(one) for one in page.xpath("//table[@data-role='organisations']/tbody/tr/th")]


def press(client: FlaskClient, page: HtmlElement, label: str, place: int = 0) -> str:
    """Press a button; where it leads."""
    button = page.xpath("//form[@method='post']//button[contains(., $label)]", label=label)[place]
    form = button.xpath("ancestor::form")[0]
    answer = client.post(form.get("action"), data=dict(form.form_values()))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_the_list_shows_search_and_states(reviewer: FlaskClient, market: Market, tmp_path: Path) -> None:
    stock(market, tmp_path)
    assert len(names(page_of(reviewer.get(OFFICE)))) == 3
    assert names(page_of(reviewer.get(OFFICE, query_string={"q": "楚光智感科技 有限责任公司"}))) == [FIRM]
    assert names(page_of(reviewer.get(f"{OFFICE}?kind=government&state=unclaimed"))) == ["江夏区城市管理执法局（示例）"]
    assert by_role(page_of(reviewer.get(f"{OFFICE}?q=没有这家")), "empty")
    row = page_of(reviewer.get(OFFICE, query_string={"q": FIRM})).xpath("//tbody/tr")[0]
    assert "未认领" in words(row)


def test_a_form_is_kept_with_its_faults_and_then_saved(reviewer: FlaskClient) -> None:
    values = {"name": FIRM, "kind": "enterprise", "credit_code": CODE[:-1] + "A", "district": "潜江市区"}
    answer = submit(reviewer, f"{OFFICE}/new", values, role="organisation")
    page = page_of(answer)
    assert answer.status_code == 422
    assert page.xpath("//*[@data-role='faults']//a/@href") == ["#f-credit_code", "#f-district"]
    assert page.xpath("//input[@name='name']/@value") == [FIRM]
    assert "潜江市" in words(page.get_element_by_id("f-district-error"))
    ticked = {"credit_code": CODE.lower(), "district": "江夏区", "qualifications": ["高新技术企业"], "size": "小型"}
    location = submit(reviewer, f"{OFFICE}/new", values | ticked, role="organisation").location
    facts = words(page_of(reviewer.get(location)))
    assert all(text in facts for text in (CODE, "武汉市江夏区", "高新技术企业", "未核实"))
    assert press(reviewer, page_of(reviewer.get(location)), "标为已核实") == location
    assert "已核实" in words(by_role(page_of(reviewer.get(location)), "states")[0])
    form = by_role(page_of(reviewer.get(f"{location}/edit")), "organisation")[0]
    assert form.xpath(".//input[@checked]/@value") == ["高新技术企业"]


def test_two_people_do_not_overwrite_each_other(reviewer: FlaskClient, market: Market) -> None:
    key = make_organisation(market, "江夏区水务局（示例）")
    path = f"{OFFICE}/{key}/edit"
    revision = page_of(reviewer.get(path)).xpath("//input[@name='revision']/@value")[0]
    assert submit(reviewer, path, {"name": "江夏区水务和湖泊局（示例）"}, role="organisation").status_code == 303
    late = {"name": "江夏区水利局（示例）", "kind": "government", "revision": revision}
    answer = send(reviewer, path, late)
    assert answer.status_code == 409
    assert "刚刚被别人改过" in answer.text


def test_merging_leads_links_on_and_is_undone(reviewer: FlaskClient, market: Market, tmp_path: Path) -> None:
    stock(market, tmp_path)
    kept, merged = owner(market, "NL-001"), owner(market, "NL-002")
    page = page_of(reviewer.get(f"{OFFICE}/lookalikes"))
    assert len(by_role(page, "lookalike")) == 1
    assert press(reviewer, page, f"保留这一个：{FIRM}") == f"{OFFICE}/{kept}"
    assert owner(market, "NL-002") == kept
    assert reviewer.get(f"{OFFICE}/{merged}").location == f"{OFFICE}/{kept}"
    page = page_of(reviewer.get(f"{OFFICE}/{kept}"))
    assert len(page.xpath("//*[@data-role='postings']/li")) == 2
    assert names(page_of(reviewer.get(OFFICE, query_string={"q": "楚光"}))) == [FIRM]
    assert press(reviewer, page, f"撤销合并：{TWIN}") == f"{OFFICE}/{kept}"
    assert owner(market, "NL-002") == merged
    assert reviewer.get(f"{OFFICE}/{merged}").status_code == 200
    assert by_role(page_of(reviewer.get(f"{OFFICE}/lookalikes")), "empty")


def test_a_merge_by_name_says_when_there_is_no_such_organisation(reviewer: FlaskClient, market: Market) -> None:
    key, other = make_organisation(market, "江夏区水务局（示例）"), make_organisation(market, "江夏区水利局（示例）")
    path = f"{OFFICE}/{key}"
    answer = submit(reviewer, path, {"other": "没有这个局"}, role="merge")
    assert answer.status_code == 422
    assert page_of(answer).xpath("//input[@name='other']/@value") == ["没有这个局"]
    assert submit(reviewer, path, {"other": "江夏區水利局(示例)"}, role="merge").location == path
    assert reviewer.get(f"{OFFICE}/{other}").location == path


def test_a_claim_goes_from_search_to_membership(
    reviewer: FlaskClient, someone: Callable[..., FlaskClient], market: Market, tmp_path: Path
) -> None:
    stock(market, tmp_path)
    key, asker = owner(market, "NL-001"), someone()
    assert not by_role(page_of(asker.get("/organisations/claim")), "found")
    page = page_of(asker.get("/organisations/claim?q=楚光智感科技有限"))
    path = page.xpath("//*[@data-role='found']//a/@href")[0]
    assert path == f"/organisations/claim/{key}"
    answer = submit(asker, path, {"credit_code": "123", "note": "材料已交窗口"}, role="claim")
    assert answer.status_code == 422
    assert page_of(answer).xpath("//textarea[@name='note']")[0].text.strip() == "材料已交窗口"
    assert submit(asker, path, {"credit_code": CODE}, role="claim").status_code == 303
    assert "待审核" in words(by_role(page_of(asker.get("/organisations/claim")), "own-claims")[0])

    page = page_of(reviewer.get(f"{OFFICE}/claims"))
    (card,) = by_role(page, "claim")
    assert CODE in words(card)
    action, token = card.xpath(".//form/@action")[0], card.xpath(".//input[@name='csrf_token']/@value")[0]
    refusal = reviewer.post(action, data={"csrf_token": token, "decision": "refuse", "reason": ""})
    assert refusal.status_code == 422
    assert by_role(page_of(refusal), "faults")
    approval = reviewer.post(action, data={"csrf_token": token, "decision": "approve", "reason": ""})
    assert approval.status_code == 303
    assert "能力方：" + FIRM in words(by_role(page_of(asker.get("/account")), "roles")[0])
    assert by_role(page_of(reviewer.get(f"{OFFICE}/claims")), "empty")
    assert asker.get(path).status_code == 422
    assert "已认领" in words(by_role(page_of(reviewer.get(f"{OFFICE}/{key}")), "states")[0])


def test_what_is_not_theirs_is_not_there(
    reviewer: FlaskClient, someone: Callable[..., FlaskClient], market: Market
) -> None:
    key = make_organisation(market, "江夏区水务局（示例）")
    submit(reviewer, f"{OFFICE}/{key}/edit", {"district": "武汉市江夏区"}, role="organisation")
    far = someone("reviewer", districts=["黄石市"])
    assert names(page_of(far.get(OFFICE))) == []
    for path in (f"{OFFICE}/{key}", f"{OFFICE}/{key}/edit", f"{OFFICE}/404", "/organisations/claim/404"):
        assert far.get(path).status_code == 404
    for path in (f"{key}/merge", f"{key}/verify", "merges/404/undo", "claims/404"):
        assert send(far, f"{OFFICE}/{path}", {"merged": str(key), "decision": "approve"}).status_code == 404
    firm = someone("publisher", organisations=["江夏区水务局（示例）"])
    for path in (OFFICE, f"{OFFICE}/{key}", f"{OFFICE}/claims", f"{OFFICE}/lookalikes"):
        assert firm.get(path).status_code == 403
    admin, officer = someone("admin"), someone("security")
    assert admin.get(f"{OFFICE}/{key}/edit").status_code == 200
    assert admin.get(f"{OFFICE}/claims").status_code == 403
    assert officer.get(f"{OFFICE}/{key}").status_code == 200
    assert officer.get(f"{OFFICE}/{key}/edit").status_code == 403
    assert not by_role(page_of(officer.get(f"{OFFICE}/{key}")), "merge")


def test_nothing_is_sent_without_the_token(reviewer: FlaskClient, market: Market) -> None:
    key = make_organisation(market, "江夏区水务局（示例）")
    for path in (f"{OFFICE}/new", f"{OFFICE}/{key}/edit", f"{OFFICE}/{key}/merge", f"/organisations/claim/{key}"):
        assert reviewer.post(path, data={"name": "x"}).status_code == 400
