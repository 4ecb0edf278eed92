"""Pages and addresses of outputs: file names, filters, handbook, open data, who may have what."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from docx import Document
from doubles import HashingEncoder
from factories import make_capability, make_opportunity, write_lines
from flask import Flask
from flask.testing import FlaskClient
from office import by_role, make_organisation, office_app, office_market, page_of, sign_in, words
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from marketplace import ListQuery, Market
from marketplace.commands import Workshop
from marketplace.store.database import open_database, transaction
from matching import MatchingSettings, Side
from webapp import WebSettings
from webapp.downloads import attachment
from webapp.presenters.output_links import output_links


def today() -> str:
    """Today as file names write it; asked anew, as a run may go past midnight."""
    return f"{date.today():%Y%m%d}"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def market(tmp_path: Path, matching_settings: MatchingSettings) -> Market:
    market = office_market(tmp_path, matching_settings)
    shop = Workshop(market.settings, lambda _: None, HashingEncoder())
    lists = {
        "opportunities": [
            make_opportunity(batch="第1批", index_number="SM-1"),
            make_opportunity(id="JH-002", title="<b>闸门</b>无人值守", domain="智慧水利", background="来电13800000000"),
            make_opportunity(id="JH-003", title="已撤回的事", state="withdrawn"),
        ],
        "capabilities": [make_capability()],
    }
    for kind, postings in lists.items():
        shop.take(write_lines(tmp_path / f"{kind}.jsonl", postings), kind)
    return market


@pytest.fixture
def app(market: Market) -> Flask:
    return office_app(market, WebSettings(organiser="江夏区数据局（示例）"))


def named(answer: TestResponse) -> str:
    """The plain file name of an attachment."""
    header = answer.headers["Content-Disposition"]
    assert header.startswith("attachment; filename=")
    return header.split('"')[1]


def table(answer: TestResponse) -> list[tuple[object, ...]]:
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_a_list_goes_out_with_its_filters_and_a_chinese_name(client: FlaskClient) -> None:
    answer = client.get("/opportunities.xlsx?domain=智慧水利&page=9")
    assert (answer.status_code, answer.content_type) == (200, XLSX)
    assert named(answer) == f"opportunities-{today()}.xlsx"
    assert f"filename*=UTF-8''{quote(f'场景机会清单-{today()}.xlsx')}" in answer.headers["Content-Disposition"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert [row[0] for row in table(answer)] == ["编号", "JH-002"]
    text = client.get("/opportunities.csv").data.decode("utf-8-sig")
    assert "138****0000" in text
    assert "已撤回的事" not in text
    assert client.get("/capabilities.csv").content_type == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/opportunities.pdf", "/landings.csv", "/open-data/opportunities.xlsx", "/handbook?kind=x"]
)
def test_other_files_are_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("第1批“清单”.xlsx", "第1批“清单”.xlsx"),
        ('a/b\\c:"d"\r\n.csv', "a_b_c__d___.csv"),
        ("长" * 300 + ".docx", "长" * 100 + ".docx"),
    ],
)
def test_file_names_are_fit_for_a_header(name: str, written: str) -> None:
    header = attachment(name, "list.csv")
    assert header == f"attachment; filename=\"list.csv\"; filename*=UTF-8''{quote(written, safe='')}"


def test_templates_are_for_anyone(client: FlaskClient) -> None:
    answer = client.get("/templates/capabilities.xlsx")
    assert (named(answer), answer.content_type) == ("capabilities-template.xlsx", XLSX)
    assert load_workbook(io.BytesIO(answer.data)).sheetnames[:2] == ["场景能力", "填写说明"]


def test_the_handbook_is_a_page_with_contents(client: FlaskClient) -> None:
    page = page_of(client.get("/handbook?kind=opportunities"))
    assert words(page.find(".//h1")) == "场景机会清单手册"
    metadata = words(by_role(page, "metadata")[0])
    assert "发布机构" in metadata
    assert "江夏区数据局（示例）" in metadata
    entries = by_role(page, "entry")
    assert [words(entry.find(".//h3/a")) for entry in entries] == [make_opportunity().title, "<b>闸门</b>无人值守"]
    links = page.xpath("//nav[@aria-labelledby='h-contents']//a/@href")
    assert links
    assert all(page.xpath("//*[@id=$id]", id=link[1:]) for link in links)
    assert "13800000000" not in words(page)
    items = entries[0].xpath(".//ol[@class='book-items']/li")
    assert tuple(item.text for item in items) == make_opportunity().requirements
    (styles,) = page.xpath("//link[contains(@href, 'handbook.css')]")
    with client.get(styles.get("href")) as answer:
        assert answer.status_code == 200


def test_the_handbook_of_a_batch_keeps_the_filters_in_its_links(client: FlaskClient) -> None:
    page = page_of(client.get("/handbook?batch=第1批&domain=智慧城市&order=deadline"))
    assert words(page.find(".//h1")) == "2026年第1批场景机会清单手册"
    (link,) = page.xpath("//a[contains(@href, 'handbook.docx')]/@href")
    answer = client.get(link)
    assert named(answer) == f"opportunities-handbook-{today()}.docx"
    text = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(answer.data)).paragraphs)
    assert "领域：智慧城市" in text
    assert make_opportunity().title in text
    empty = page_of(client.get("/handbook?kind=capabilities&batch=没有这一批"))
    assert by_role(empty, "empty")


def test_open_data_tells_licence_columns_and_downloads(client: FlaskClient) -> None:
    page = page_of(client.get("/open-data"))
    assert words(by_role(page, "licence")[0])
    assert [words(one) for one in by_role(page, "count")] == ["2", "1"]
    assert not by_role(page, "empty")
    for link in by_role(page, "download"):
        with client.get(link.get("href")) as answer:
            assert answer.status_code == 200
    names = page.xpath("//section[@id='opportunities']//code/text()")
    assert {"title", "budget_wan", "extra.department"} <= set(names)
    assert "contact" not in names
    (batch,) = page.xpath("//section[@id='opportunities']//a[contains(@href, 'batch=')]/@href")
    assert words(page_of(client.get(batch)).find(".//h1")) == "2026年第1批场景机会清单手册"


def test_open_data_files_are_public_and_known_by_their_tag(client: FlaskClient) -> None:
    with client.get("/open-data/opportunities.jsonl") as answer:
        assert [json.loads(line)["id"] for line in answer.text.splitlines()] == ["JH-001", "JH-002"]
        assert "13800000000" not in answer.text
        tag = answer.headers["ETag"]
    assert client.get("/open-data/opportunities.jsonl", headers={"If-None-Match": tag}).status_code == 304
    assert client.head("/open-data/opportunities.csv").status_code == 200
    with client.get("/open-data/opportunities.sqlite") as answer:
        assert answer.data.startswith(b"SQLite format 3")


def test_the_licence_is_a_setting(market: Market) -> None:
    client = office_app(market, WebSettings(open_data_licence="仅供测试使用。")).test_client()
    assert words(by_role(page_of(client.get("/open-data")), "licence")[0]) == "仅供测试使用。"


def test_own_lists_are_for_those_signed_in(app: Flask, market: Market) -> None:
    visitor, client = app.test_client(), app.test_client()
    for path in ("/my/opportunities.xlsx", "/imports/7/own-columns.xlsx"):
        answer = visitor.get(path)
        assert answer.status_code == 303
        assert "/login" in answer.headers["Location"]
    key = make_organisation(market, "江夏区水务和湖泊局（示例）")
    db = open_database(market.settings.database)
    with transaction(db):
        db.execute("update posting set organisation_key = ? where external_id = 'JH-002'", [key])
    db.conn.close()
    sign_in(client, roles=["publisher"], organisations=[key])
    assert [row[0] for row in table(client.get("/my/opportunities.xlsx"))] == ["编号", "JH-002"]
    assert client.get("/imports/7/own-columns.xlsx").status_code == 404
    stranger = app.test_client()
    sign_in(stranger, roles=["auditor"])
    assert stranger.get("/my/opportunities.xlsx").status_code == 404


def test_links_of_a_list_carry_its_filters(app: Flask) -> None:
    with app.test_request_context():
        query = ListQuery(Side.CAPABILITY, "井盖", {"domain": ("智慧城市",)}, "confirmed", 4)
        links = output_links(query)
    assert links.xlsx_url == f"/capabilities.xlsx?q={quote('井盖')}&domain={quote('智慧城市')}&order=confirmed"
    assert links.handbook_url.startswith("/handbook?kind=capabilities&q=")
    assert "order" not in links.feed_url
    assert "page" not in str(links)
