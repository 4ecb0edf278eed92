"""The audit page: for auditors, narrowed by its form, with the state of the chain and its export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from office import by_role, office_app, office_market, page_of, send, sign_in, words

from marketplace import Market, Viewer
from marketplace.audit import PAGE, record_action
from marketplace.store.database import transaction
from matching import MatchingSettings

LOG = "/admin/audit"


@pytest.fixture
def market(tmp_path: Path, matching_settings: MatchingSettings) -> Market:
    return office_market(tmp_path, matching_settings)


@pytest.fixture
def client(market: Market) -> FlaskClient:
    client = office_app(market).test_client()
    sign_in(client, roles=["auditor"])
    return client


def write(market: Market, count: int = 1, login: str = "jingban", reason: str = "更新") -> None:
    db = market._keeper.db
    for _ in range(count):
        with transaction(db):
            record_action(db, Viewer(5, login=login), "posting.confirmed", "posting", 41, 原因=reason)


def entries(page: HtmlElement) -> list[HtmlElement]:
    found: list[HtmlElement] = page.xpath("//*[@data-role='entries']//tbody/tr")
    return found


def test_entries_are_newest_first_with_words_for_everything(client: FlaskClient, market: Market) -> None:
    write(market, 2, reason="<script>联系 13912345678")
    page = page_of(client.get(LOG))
    newest, before = entries(page)[:2]
    assert int(newest.get("data-number")) == int(before.get("data-number")) + 1
    cells = {cell.get("data-label"): words(cell) for cell in newest.findall("td")}
    assert (cells["操作"], cells["对象"]) == ("确认有效", "清单条目 41")
    assert cells["操作人"].startswith("jingban")
    assert "13912345678" not in cells["说明"]
    assert cells["说明"].startswith("原因：<script>")
    (chain,) = by_role(page, "chain")
    assert "校验通过" in words(chain)
    assert len(words(by_role(page, "digest")[0])) == 64


def test_form_narrows_and_pages_keep_what_was_asked(client: FlaskClient, market: Market) -> None:
    write(market, PAGE + 1)
    page = page_of(client.get(LOG, query_string={"actor": "jingban", "action": "posting.confirmed"}))
    assert len(entries(page)) == PAGE
    assert page.xpath("//select[@name='action']/option[@selected]/@value") == ["posting.confirmed"]
    assert page.xpath("//input[@name='actor']/@value") == ["jingban"]
    (older,) = page.xpath("//a[@rel='next']/@href")
    rest = page_of(client.get(older))
    assert len(entries(rest)) == 1
    assert "actor=jingban" in rest.xpath("//nav[@aria-label='分页']/a/@href")[0]
    assert by_role(page_of(client.get(LOG, query_string={"actor": "nobody"})), "empty")


def test_what_is_no_date_is_named_and_passed_over(client: FlaskClient, market: Market) -> None:
    write(market)
    page = page_of(client.get(LOG, query_string={"since": "昨天", "before": "９９"}))
    (notice,) = page.xpath("//p[@role='note']")
    assert "起始日期写的是“昨天”" in words(notice)
    assert entries(page)
    assert by_role(page_of(client.get(LOG, query_string={"until": "2000-01-01"})), "empty")


def test_broken_chain_is_an_alarm(client: FlaskClient, market: Market) -> None:
    write(market, 2)
    db = market._keeper.db
    db.conn.execute("drop trigger audit_never_update")
    db.conn.execute("update audit set actor = 'x' where seq = 1")
    page = page_of(client.get(LOG))
    (fault,) = by_role(page, "fault")
    assert (fault.get("role"), "第 1 条" in words(fault)) == ("alert", True)
    assert "校验不通过" in words(by_role(page, "chain")[0])


def test_export_is_a_file_and_on_record(client: FlaskClient, market: Market) -> None:
    write(market)
    (form,) = page_of(client.get(LOG)).xpath("//form[contains(@action, 'export')]")
    assert [button.get("value") for button in form.iter("button")] == ["csv", "jsonl"]
    answer = client.post(form.action, data=dict(form.form_values()) | {"format": "jsonl"})
    assert answer.headers["Content-Disposition"].endswith('.jsonl"')
    assert answer.headers["Cache-Control"] == "no-store"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert rows[-1]["action"] == "audit.exported"
    assert "导出审计记录" in words(entries(page_of(client.get(LOG)))[0])
    table = client.post(form.action, data=dict(form.form_values()) | {"format": "csv"})
    assert table.data.startswith(b"\xef\xbb\xbf")
    assert send(client, f"{LOG}/export", {"format": "exe"}).status_code == 400
    assert client.get(f"{LOG}/export").status_code == 405


@pytest.mark.parametrize("role", ["admin", "security", "reviewer"])
def test_others_are_refused(client: FlaskClient, role: str) -> None:
    other = client.application.test_client()
    assert other.get(LOG).status_code == 303
    sign_in(other, roles=[role])
    assert other.get(LOG).status_code == 403
    assert send(other, f"{LOG}/export", {"format": "csv"}).status_code == 403
