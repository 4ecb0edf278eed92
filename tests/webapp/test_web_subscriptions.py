"""Subscriptions in the browser: saving a search, following what fits, the own address, the link from a letter."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest
from flask.testing import FlaskClient
from office import by_role, page_of, send, submit, words
from publishing_pages import BUREAU, COMPANY, TITLE, Desks, fault_targets, page_at, said, texts

from marketplace.jobs import start_job
from marketplace.jobs.worker import SYSTEM
from marketplace.notices import KINDS, notify
from marketplace.store.database import transaction
from marketplace.store.subscriptions import load_subscriptions
from marketplace.subscribing.signing import Signer, StopToken

LIST = "/opportunities?q=井盖&region=武汉市"


@pytest.fixture
def desks(tmp_path, matching_settings) -> Desks:
    return Desks(tmp_path, matching_settings)


@pytest.fixture
def company(desks: Desks) -> FlaskClient:
    return desks.browser(roles=["company"], organisations=[COMPANY])


def save_link(client: FlaskClient, path: str = LIST) -> str:
    (link,) = by_role(page_at(client, path), "save-search")
    return link.get("href")


def test_a_filtered_list_is_saved_opened_renamed_and_deleted(desks: Desks, company: FlaskClient) -> None:
    desks.published()
    form = page_at(company, save_link(company))
    assert texts(form, "conditions") == ["搜索词：井盖 区域：武汉市"]
    assert "过去 8 周有 1 项符合" in texts(form, "volume")[0]
    answer = submit(company, save_link(company), {"name": "武汉的井盖"}, role="search-name")
    assert answer.location.startswith("/subscriptions/new?subject=search")
    again = submit(company, save_link(company), {"name": "武汉的井盖"}, role="search-name")
    assert again.location == answer.location, "one search"
    (line,) = by_role(page_at(company, "/subscriptions"), "search")
    opened = page_at(company, line.xpath(".//th/a/@href")[0])
    assert TITLE in words(opened.find(".//main"))
    assert by_role(opened, "total")[0].text_content().startswith("共 1 条")
    (edit,) = line.xpath(".//a[starts-with(text(), '重命名')]/@href")
    refused = submit(company, edit, {"name": " "}, role="search-name")
    assert refused.status_code == 422
    fault_targets(page_of(refused))
    assert submit(company, edit, {"name": "井盖"}, role="search-name").status_code == 303
    assert "井盖" in words(by_role(page_at(company, "/subscriptions"), "search")[0])
    assert send(company, f"{edit}/delete", {}).status_code == 303
    assert by_role(page_at(company, "/subscriptions"), "search") == []


def test_a_refused_name_keeps_the_filters_and_the_typing(desks: Desks, company: FlaskClient) -> None:
    desks.published()
    long = "很长的名称" * 9
    answer = submit(company, save_link(company), {"name": long}, role="search-name")
    assert answer.status_code == 422
    page = page_of(answer)
    assert page.xpath("//input[@name='name']/@value") == [long]
    assert page.xpath("//input[@name='region']/@value") == ["武汉市"]
    assert page.xpath("//input[@name='kind']/@value") == ["opportunities"]


def test_a_visitor_signs_in_first(desks: Desks) -> None:
    visitor = desks.app.test_client()
    answer = visitor.get(save_link(visitor, "/opportunities"))
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=/subscriptions/searches/new")


def test_a_company_follows_what_fits_its_capability(desks: Desks, company: FlaskClient) -> None:
    offer = desks.offered(company)
    desks.published()
    with transaction(desks.market._keeper.db) as db:
        db.conn.execute("update match set band = 'strong'")
    (link,) = by_role(page_at(company, offer), "follow")
    form = page_at(company, link.get("href"))
    assert "过去 8 周有 1 项符合，平均每周约 0.1 项" in texts(form, "volume")[0]
    (fit,) = texts(form, "fit")
    assert TITLE in fit
    assert "高度匹配" in fit
    assert BUREAU in fit
    assert form.xpath("//option[@selected]/@value") == ["weekly"]
    answer = submit(company, link.get("href"), {"frequency": "at_once"}, role="subscription")
    assert answer.status_code == 303
    assert "已订阅" in said(company, answer.location)
    refused = send(company, answer.location, {"frequency": "daily", "stamp": "1"})
    assert refused.status_code == 422
    fault_targets(page_of(refused))
    stale = send(company, answer.location, {"frequency": "never", "stamp": "0"})
    assert stale.status_code == 409
    assert submit(company, answer.location, {"frequency": "weekly"}, role="subscription").status_code == 303
    assert "每周一" in texts(page_at(company, "/subscriptions"), "subscription")[0]
    other = desks.browser(roles=["company"], organisations=["黄石磁湖数智有限公司（示例）"])
    assert other.get(answer.location).status_code == 404
    assert other.get(link.get("href")).status_code == 404
    assert by_role(page_at(other, offer), "follow") == []
    assert send(company, f"{answer.location}/stop", {}).status_code == 303
    assert texts(page_at(company, "/subscriptions"), "subscription") == []
    assert "适合本单位全部能力的新需求" in texts(page_at(company, "/subscriptions"), "offer")


def test_an_address_is_confirmed_by_the_code_of_a_letter(desks: Desks) -> None:
    clerk = desks.clerk
    assert "没有登记邮箱" in texts(page_at(clerk, "/subscriptions"), "mail")[0]
    page = page_at(clerk, "/account/mail")
    assert by_role(page, "no-server")
    refused = submit(clerk, "/account/mail", {"address": "不是邮箱"}, role="keep-mail")
    assert refused.status_code == 422
    fault_targets(page_of(refused))
    assert page_of(refused).xpath("//input[@name='address']/@value") == ["不是邮箱"]
    assert submit(clerk, "/account/mail", {"address": "jingban@example.cn"}, role="keep-mail").status_code == 303
    wrong = submit(clerk, "/account/mail", {"code": "1"}, role="confirm-mail")
    assert wrong.status_code == 422
    assert fault_targets(page_of(wrong)) == ["#f-code"]
    with transaction(desks.market._keeper.db) as db:
        start_job(db, "send_mail", title="发送邮件", arguments={}, viewer=SYSTEM)
    desks.work()
    (file,) = desks.market.settings.outbox_dir.glob("*.eml")
    letter = message_from_bytes(file.read_bytes(), policy=default)
    assert "通知原因：有人在本站登记了这个邮箱" in letter.get_content()  # type: ignore[attr-defined]
    assert "停止接收：如非本人操作，请忽略本邮件" in letter.get_content()  # type: ignore[attr-defined]
    code = letter.get_content().split("验证码：")[1][:6]  # type: ignore[attr-defined]
    assert submit(clerk, "/account/mail", {"code": code}, role="confirm-mail").status_code == 303
    assert "jingban@example.cn" in texts(page_at(clerk, "/account/mail"), "state")[0]
    for path in ("/account", "/subscriptions"):
        assert "jingban" not in clerk.get(path).text
    admin, security = desks.browser(roles=["admin"]), desks.browser(roles=["security"])
    for client in (admin, security, desks.reviewer):
        for path in ("/accounts", "/account", "/account/mail", "/subscriptions"):
            assert "jingban" not in client.get(path).text
    assert send(clerk, "/account/mail/remove", {}).status_code == 303
    assert "尚未登记邮箱" in texts(page_at(clerk, "/account/mail"), "state")[0]


def test_a_link_from_a_letter_stops_it_without_signing_in(desks: Desks, company: FlaskClient) -> None:
    submit(company, "/subscriptions/new?subject=capabilities", {"frequency": "weekly"}, role="subscription")
    db = desks.market._keeper.db
    account = next(iter(db.query("select account_key from subscription")))["account_key"]
    path = Signer(desks.market.settings.keys_dir).stop_link(StopToken(account, "company"))
    visitor = desks.app.test_client()
    page = page_at(visitor, path)
    assert "每周一的“适合本单位能力的新需求”" in words(page.find(".//main"))
    assert load_subscriptions(db, account)[0].frequency == "weekly", "opening a link changes nothing"
    assert page_at(visitor, path[:-3] + "000", 404) is not None
    assert visitor.post(path[:-3] + "000").status_code == 404
    # As a mail program presses it: no cookie, no token of a form.
    answer = desks.app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 303
    assert load_subscriptions(db, account)[0].frequency == "never"
    assert texts(page_at(visitor, path), "stopped")
    assert "不发送" in texts(page_at(company, "/subscriptions"), "subscription")[0]
    last = next(iter(db.query("select action, detail from audit order by seq desc limit 1")))
    assert last["action"] == "subscription.stopped"
    assert "邮件中的链接" in last["detail"]


def test_the_inbox_says_how_to_stop(desks: Desks) -> None:
    db = desks.market._keeper.db
    account = next(iter(db.query("select account_key from membership where role = 'publisher'")))["account_key"]
    with transaction(db):
        for kind in KINDS:
            notify(db, [account], kind=kind, title=kind, reason="您是成员。")
    lines = {words(line.find(".//h2")): line for line in by_role(page_at(desks.clerk, "/inbox"), "notice")}
    assert set(lines) >= set(KINDS)
    for kind in KINDS:
        (why,), (stop,) = (lines[kind].xpath(f".//*[@data-role='{role}']") for role in ("reason", "stop"))
        assert words(why) == "通知原因：您是成员。"
        links = stop.xpath("./a/@href")
        if kind in ("subscription", "digest"):
            assert words(stop).startswith("停止方式：可在“订阅”中调整频率或停止。")
            assert links == ["/subscriptions"]
        else:
            assert "不能停止" in words(stop), kind
            assert links == [], "no link that does not stop it"
