"""The administrator's pages of the taxonomies, over a real market."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from office import by_role, make_account, office_app, office_market, page_of, send, sign_in, submit, words

from marketplace import Market
from marketplace.access import ROLES
from marketplace.taxonomies import TAXONOMIES
from matching import MatchingSettings

LISTS = "/admin/taxonomies"
DOMAINS = f"{LISTS}/scene_domain"
NEW = f"{DOMAINS}/new"
TERM = f"{DOMAINS}/terms/finance"


@pytest.fixture
def market(tmp_path: Path, matching_settings: MatchingSettings) -> Market:
    return office_market(tmp_path, matching_settings)


@pytest.fixture
def client(market: Market) -> FlaskClient:
    """The browser of an administrator."""
    client = office_app(market).test_client()
    sign_in(client, roles=["admin"])
    return client


def page_at(client: FlaskClient, path: str) -> HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200
    page = page_of(answer)
    assert len(page.xpath("//h1")) == 1
    return page


def rows(page: HtmlElement, mark: str) -> dict[str, dict[str, str]]:
    """The rows of a table by their ``data-`` mark: heading and cells by their column's label."""
    return {
        row.get(mark): {"": words(row.find("th"))} | {cell.get("data-label"): words(cell) for cell in row.findall("td")}
        for row in page.xpath("//tbody/tr")
    }


def terms(client: FlaskClient, path: str = DOMAINS) -> dict[str, dict[str, str]]:
    return rows(page_at(client, path), "data-code")


def faults(page: HtmlElement) -> str:
    (box,) = by_role(page, "faults")
    # Every line leads to something that is there.
    assert all(page.get_element_by_id(link.get("href")[1:]) is not None for link in box.iter("a"))
    return words(box)


def said(client: FlaskClient, path: str) -> str:
    return " ".join(words(one) for one in page_at(client, path).xpath("//*[@role='status']"))


def test_lists_with_their_numbers(client: FlaskClient) -> None:
    page = page_at(client, LISTS)
    found = rows(page, "data-name")
    assert {name: row[""] for name, row in found.items()} == TAXONOMIES
    assert found["scene_class_22"]["条目"] == "22"
    assert found["scene_class_22"]["名称待核"] == "11"
    assert found["scene_domain"]["修改"] == "可以修改"
    assert {name for name, row in found.items() if row["修改"] == "只供查阅"} == {"gbt4754_2017", "divisions"}
    assert page.xpath("//tbody//a/@href")[0] == DOMAINS
    assert page.xpath("//nav[@aria-label='工作台']//a[@aria-current='page']/@href") == [LISTS]


def test_terms_of_a_list(client: FlaskClient) -> None:
    found = terms(client, f"{LISTS}/scene_class_22")
    assert len(found) == 22
    assert found["artificial_intelligence"]["同义词"] == "AI"
    assert found["artificial_intelligence"]["核对"] == "已核"
    unverified = [row for row in found.values() if row["核对"] == "名称待核"]
    assert len(unverified) == 11
    assert all("名称待核" in row["备注"] for row in unverified)
    page = page_at(client, f"{LISTS}/scene_class_22")
    assert page.xpath("//*[@role='search']") == []
    assert page.xpath("//nav[@aria-label='分页']") == []


@pytest.mark.parametrize(("name", "total", "pages"), [("gbt4754_2017", 1971, 40), ("divisions", 3357, 68)])
def test_long_lists_are_paged_and_read_only(client: FlaskClient, name: str, total: int, pages: int) -> None:
    seen: set[str] = set()
    for number in (1, 2, pages):
        page = page_at(client, f"{LISTS}/{name}?page={number}")
        assert words(by_role(page, "total")[0]) == f"共 {total:,} 条，第 {number} / {pages} 页"
        found = rows(page, "data-code")
        assert len(found) == (total % 50 if number == pages else 50)
        assert not seen & found.keys()
        seen |= found.keys()
        assert all("操作" not in row for row in found.values())
    assert "只供查阅" in words(by_role(page, "fixed")[0])
    assert not page.xpath(f"//main//a[contains(@href, '{name}/')]")
    # A page past the end is the last one.
    assert rows(page_at(client, f"{LISTS}/{name}?page=999"), "data-code") == found
    assert client.get(f"{LISTS}/{name}/new").status_code == 403
    refused = send(client, f"{LISTS}/{name}/new", {"code": "x", "label": "新条目"})
    assert (refused.status_code, "只供查阅" in refused.text) == (403, True)


@pytest.mark.parametrize(
    ("query", "some"),
    [("江夏", {"420115"}), ("江夏區", {"420115"}), ("４２０１１５", {"420115"}), ("武汉市", {"420100", "420115"})],
)
def test_long_list_is_searched_by_name_code_and_parent(client: FlaskClient, query: str, some: set[str]) -> None:
    page = page_at(client, f"{LISTS}/divisions?q={query}")
    assert some <= rows(page, "data-code").keys()
    assert page.xpath("//input[@name='q']/@value") == [query]


def test_search_goes_on_over_its_pages_and_may_find_nothing(client: FlaskClient) -> None:
    page = page_at(client, f"{LISTS}/gbt4754_2017?q=制造")
    (following,) = page.xpath("//a[@rel='next']/@href")
    second = rows(page_at(client, following), "data-code")
    assert second
    assert all("制造" in row[""] + row["上级"] for row in second.values())
    nothing = page_at(client, f"{LISTS}/gbt4754_2017?q=<b>占星</b>")
    assert "没有含“<b>占星</b>”的条目" in words(by_role(nothing, "empty")[0])


def test_new_term_is_offered_at_once(client: FlaskClient, market: Market) -> None:
    typed = {
        "code": " deep_sea ",
        "label": "深海　科技",
        "parent": "low_altitude",
        "synonyms": "海洋装备\n\n深海；海洋装备",
        "valid_from": "２０２６－０１－０１",
        "note": "依据：市级文件",
    }
    answer = submit(client, NEW, typed, role="term")
    assert (answer.status_code, answer.location) == (303, f"{DOMAINS}#t-deep_sea")
    assert "已新增“深海 科技”" in said(client, DOMAINS)
    row = list(terms(client).items())[-1]
    assert row == (
        "deep_sea",
        {
            "": "深海 科技",
            "代码": "deep_sea",
            "上级": "低空经济",
            "同义词": "海洋装备；深海",
            "状态": "有效自 2026-01-01",
            "核对": "名称待核",
            "备注": "依据：市级文件",
            "操作": "修改：深海 科技",
        },
    )
    assert market.terms.book().find("scene_domain", "海洋裝備") == "深海 科技"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "finance", "label": "金融二"}, "代码“finance”在场景领域中已有"),
        ({"code": "", "label": "深海科技"}, "代码为“”"),
        ({"code": "深海", "label": "深海科技"}, "代码为“深海”"),
        ({"code": "deep_sea", "label": "　"}, "没有名称"),
        ({"code": "deep_sea", "label": "深海科技", "synonyms": "文旅"}, "同义词“文旅”也指向“文化旅游”"),
        ({"code": "deep_sea", "label": "深海科技", "valid_from": "2026年6月"}, "生效日期为“2026年6月”"),
    ],
)
def test_refused_term_is_not_saved_and_keeps_what_was_typed(
    client: FlaskClient, typed: dict[str, str], sentence: str
) -> None:
    before = terms(client)
    answer = submit(client, NEW, {**typed, "parent": "low_altitude", "note": "备注留着", "verified": "1"}, role="term")
    page = page_of(answer)
    assert answer.status_code == 422
    assert sentence in faults(page)
    (form,) = by_role(page, "term")
    kept = dict(form.form_values())
    assert {name: kept[name].strip() for name in typed} == {name: value.strip() for name, value in typed.items()}
    assert (kept["parent"], kept["note"].strip(), kept["verified"]) == ("low_altitude", "备注留着", "1")
    assert terms(client) == before


def test_changed_term_keeps_its_place(client: FlaskClient, market: Market) -> None:
    places = list(terms(client))
    page = page_at(client, TERM)
    (form,) = by_role(page, "term")
    assert "code" not in form.fields
    assert "finance" not in [option.get("value") for option in form.xpath(".//select[@name='parent']/option")]
    assert dict(form.form_values())["verified"] == "1"
    answer = submit(client, TERM, {"label": "现代金融", "verified": ""}, role="term")
    assert (answer.status_code, answer.location) == (303, f"{DOMAINS}#t-finance")
    assert list(terms(client)) == places
    row = terms(client)["finance"]
    assert (row[""], row["核对"]) == ("现代金融", "名称待核")
    assert "现代金融" in market.terms.book().labels("scene_domain")
    again = submit(client, TERM, {"synonyms": "文旅"}, role="term")
    assert again.status_code == 422
    assert "也指向" in faults(page_of(again))
    assert terms(client)["finance"] == row


def test_term_is_ended_and_taken_up_again(client: FlaskClient, market: Market) -> None:
    yesterday = str(date.today() - timedelta(days=1))
    answer = submit(client, TERM, {"day": yesterday}, role="end")
    assert (answer.status_code, answer.location) == (303, f"{DOMAINS}#t-finance")
    assert yesterday in said(client, DOMAINS)
    assert terms(client)["finance"]["状态"] == f"已停用至 {yesterday}"
    label = terms(client)["finance"][""]
    assert label not in market.terms.book().labels("scene_domain")
    assert rows(page_at(client, LISTS), "data-name")["scene_domain"]["已停用"] == "1"
    assert by_role(page_at(client, TERM), "end") == []
    submit(client, TERM, {"valid_to": ""}, role="term")
    assert terms(client)["finance"]["状态"] == "有效"
    assert label in market.terms.book().labels("scene_domain")


def test_last_day_offered_is_today_and_a_wrong_one_comes_back(client: FlaskClient) -> None:
    (form,) = by_role(page_at(client, TERM), "end")
    assert dict(form.form_values())["day"] == str(date.today())
    answer = submit(client, TERM, {"day": "六月底"}, role="end")
    page = page_of(answer)
    assert answer.status_code == 422
    assert "日期为“六月底”" in faults(page)
    assert dict(by_role(page, "end")[0].form_values())["day"] == "六月底"
    assert page.xpath("//input[@name='day']/@aria-invalid") == ["true"]
    # The other form on the page is untouched and still goes to its own address.
    (form,) = by_role(page, "term")
    assert dict(form.form_values())["label"] == terms(client)["finance"][""]
    assert form.action == TERM


def test_unknown_lists_and_terms_are_not_found(client: FlaskClient) -> None:
    for path in (f"{LISTS}/nothing", f"{LISTS}/nothing/new", f"{DOMAINS}/terms/nothing", f"{DOMAINS}/terms/FINANCE"):
        assert client.get(path).status_code == 404, path
    assert send(client, f"{DOMAINS}/terms/nothing", {"label": "凭空"}).status_code == 404
    assert send(client, f"{DOMAINS}/terms/nothing/end", {"day": "2026-06-30"}).status_code == 404
    assert client.get(f"{TERM}/end").status_code == 405


def test_a_form_without_its_token_changes_nothing(client: FlaskClient) -> None:
    before = terms(client)
    for path in (NEW, TERM, f"{TERM}/end"):
        assert client.post(path, data={"code": "x", "label": "无令牌", "day": "2026-06-30"}).status_code == 400
    assert terms(client) == before


def test_visitor_is_sent_to_sign_in_and_others_are_refused(market: Market) -> None:
    app = office_app(market)
    paths = (LISTS, DOMAINS, NEW, TERM)
    visitor = app.test_client()
    for path in paths:
        answer = visitor.get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/login?next=")
    other = app.test_client()
    sign_in(other, roles=sorted(set(ROLES) - {"admin", "auditor"}), organisations=["江夏区水务局（示例）"])
    for path in paths:
        assert other.get(path).status_code == 403
    assert send(other, f"{TERM}/end", {"day": "2026-06-30"}).status_code == 403
    assert "分类与字典" not in other.get("/").text


def test_account_of_the_tests_holds_what_was_asked(market: Market) -> None:
    app = office_app(market)
    client = app.test_client()
    name = "江夏区水务局（示例）"
    viewer = sign_in(client, roles=["publisher", "reviewer"], organisations=[name], districts=["江夏区"])
    assert viewer.roles == {"publisher", "reviewer"}
    assert viewer.districts == {"reviewer": ("武汉市江夏区",)}
    assert not viewer.must_change
    _, key = make_account(market, roles=["company"], organisations=[name])
    assert key != viewer.account_key
    colleague = sign_in(app.test_client(), roles=["company"], organisations=[name])
    assert colleague.company_of == viewer.publisher_of
