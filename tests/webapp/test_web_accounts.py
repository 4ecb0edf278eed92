"""The administrators' pages: who may do what, one-time passwords shown once, roles given and taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from office import (
    by_role,
    make_account,
    make_organisation,
    office_app,
    office_market,
    page_of,
    send,
    sign_in,
    submit,
    words,
)

from marketplace import Market, RefusedError, Viewer
from marketplace.access import ROLES
from marketplace.store.audit import all_entries
from matching import MatchingSettings

OFFICER = Viewer(account_key=1, roles=frozenset({"security"}))


@pytest.fixture
def market(tmp_path: Path, matching_settings: MatchingSettings) -> Market:
    return office_market(tmp_path, matching_settings)


@pytest.fixture
def app(market: Market) -> Flask:
    return office_app(market)


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    client = app.test_client()
    sign_in(client, roles=["admin"])
    return client


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    client = app.test_client()
    sign_in(client, roles=["security"])
    return client


def press(client: FlaskClient, path: str, label: str) -> int:
    """Press a button on a page; the status of the answer."""
    page = page_of(client.get(path))
    (button,) = page.xpath("//form[@method='post']//button[contains(., $label)]", label=label)
    form = button.xpath("ancestor::form")[0]
    return client.post(form.get("action"), data=dict(form.form_values())).status_code


def test_a_new_account_shows_its_password_once(admin: FlaskClient, app: Flask, market: Market) -> None:
    answer = submit(admin, "/admin/accounts/new", {"login": "ShuiWu", "name": "水务局综合科"}, role="new-account")
    page = page_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    password = words(by_role(page, "one-time-password")[0])
    assert words(by_role(page, "login")[0]) == "shuiwu"
    assert market.accounts.sign_in("shuiwu", password)[0].must_change
    link = page.xpath("//a[contains(., '查看这个账号')]/@href")[0]
    for path in (link, "/admin/accounts", "/account"):
        assert password not in admin.get(path).text
    assert password not in str(list(all_entries(market._keeper.db)))
    with admin.session_transaction() as session:
        assert password not in str(dict(session))


def test_a_refused_login_keeps_what_was_typed(admin: FlaskClient) -> None:
    answer = submit(admin, "/admin/accounts/new", {"login": "13800138000", "name": "张（示例）"}, role="new-account")
    page = page_of(answer)
    assert answer.status_code == 422
    assert page.xpath("//input[@name='name']/@value") == ["张（示例）"]
    assert page.xpath("//*[@data-role='faults']//a/@href") == ["#f-login"]


def test_the_list_is_narrowed_by_words_and_role(admin: FlaskClient, market: Market) -> None:
    login, key = make_account(market, roles=["expert"])
    rows = page_of(admin.get("/admin/accounts?role=expert")).xpath("//table[@data-role='accounts']/tbody/tr")
    assert [row.get("data-key") for row in rows] == [str(key)]
    assert len(page_of(admin.get("/admin/accounts?role=x&page=99")).xpath("//tbody/tr")) == 2
    assert by_role(page_of(admin.get(f"/admin/accounts?q={login}meiyou")), "empty")


def test_duties_are_split_on_the_pages_too(admin: FlaskClient, officer: FlaskClient, market: Market) -> None:
    _, key = make_account(market)
    path = f"/admin/accounts/{key}"
    assert not by_role(page_of(admin.get(path)), "grant")
    assert [words(one) for one in page_of(admin.get(path)).xpath("//*[@data-role='deed']//button")] == ["停用账号"]
    assert [words(one) for one in page_of(officer.get(path)).xpath("//*[@data-role='deed']//button")] == ["重置密码"]
    for client, acts in ((admin, ("grant", "revoke", "reset", "unlock")), (officer, ("disable", "enable"))):
        for act in acts:
            assert send(client, f"{path}/{act}", {"role": "reviewer"}).status_code == 403
    assert officer.get("/admin/accounts/new").status_code == 403
    assert not page_of(officer.get("/admin/accounts")).xpath("//a[contains(., '新建账号')]")


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"admin", "security", "publisher", "company"}))
def test_other_roles_have_no_business_here(app: Flask, market: Market, role: str) -> None:
    client = app.test_client()
    sign_in(client, roles=[role])
    assert client.get("/admin/accounts").status_code == 403
    assert send(client, f"/admin/accounts/{make_account(market)[1]}/reset", {}).status_code == 403


def test_a_visitor_is_asked_to_sign_in(app: Flask) -> None:
    answer = app.test_client().get("/admin/accounts?role=expert")
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")


def test_roles_are_given_by_name_and_taken_away(officer: FlaskClient, market: Market) -> None:
    place = make_organisation(market, "江夏区水务局（示例）")
    _, key = make_account(market)
    path = f"/admin/accounts/{key}"
    wrong = {"role": "publisher", "organisation": "没有这个局", "districts": ""}
    answer = submit(officer, path, wrong, role="grant")
    page = page_of(answer)
    assert answer.status_code == 422
    assert page.xpath("//input[@name='organisation' and @type='text']/@value") == ["没有这个局"]
    assert page.xpath("//select[@name='role']/option[@selected]/@value") == ["publisher"]
    assert submit(officer, path, {"role": "", "organisation": ""}, role="grant").status_code == 422

    right = {"role": "publisher", "organisation": "江夏區水務局(示例)"}
    assert submit(officer, path, right, role="grant").status_code == 303
    assert submit(officer, path, {"role": "reviewer", "districts": "江夏、黄石"}, role="grant").status_code == 303
    rows = page_of(officer.get(path)).xpath("//table[@data-role='roles']/tbody/tr")
    assert [row.get("data-role-code") for row in rows] == ["publisher", "reviewer"]
    assert "武汉市江夏区、黄石市" in words(rows[1])
    assert market.accounts.page(OFFICER, key).account.memberships[0].organisation_key == place

    assert press(officer, path, "收回：需求方") == 303
    assert [one.role for one in market.accounts.page(OFFICER, key).account.memberships] == ["reviewer"]
    assert send(officer, f"{path}/revoke", {"role": "publisher", "organisation": str(place)}).status_code == 404


def test_the_three_duties_stay_apart(officer: FlaskClient, market: Market) -> None:
    _, key = make_account(market, roles=["auditor"])
    answer = submit(officer, f"/admin/accounts/{key}", {"role": "admin"}, role="grant")
    assert answer.status_code == 422
    assert "三员" in words(by_role(page_of(answer), "faults")[0])


def test_nobody_manages_the_own_account(officer: FlaskClient) -> None:
    own = officer.get("/admin/accounts?role=security")
    (path,) = page_of(own).xpath("//tbody/tr/th/a/@href")
    page = page_of(officer.get(path))
    assert not by_role(page, "grant")
    assert not by_role(page, "deed")
    assert send(officer, f"{path}/grant", {"role": "reviewer"}).status_code == 403
    assert send(officer, f"{path}/reset", {}).status_code == 403


def test_disabling_resetting_and_unlocking_by_buttons(
    admin: FlaskClient, officer: FlaskClient, app: Flask, market: Market
) -> None:
    worker = app.test_client()
    viewer = sign_in(worker)
    path = f"/admin/accounts/{viewer.account_key}"
    assert press(admin, path, "停用账号") == 303
    assert worker.get("/account").status_code == 303
    assert "停用" in words(by_role(page_of(admin.get(path)), "states")[0])
    assert press(admin, path, "启用账号") == 303
    for _ in range(5):
        with pytest.raises(RefusedError, match="锁定"):
            market.accounts.sign_in(viewer.login, "wrong")
    assert "锁定至" in words(by_role(page_of(officer.get(path)), "states")[0])
    assert press(officer, path, "解除锁定") == 303
    page = page_of(send(officer, f"{path}/reset", {}))
    assert market.accounts.sign_in(viewer.login, words(by_role(page, "one-time-password")[0]))[0].must_change


def test_unknown_accounts_are_not_found(admin: FlaskClient, officer: FlaskClient) -> None:
    assert admin.get("/admin/accounts/404").status_code == 404
    assert send(officer, "/admin/accounts/404/grant", {"role": "reviewer"}).status_code == 404
    assert send(admin, "/admin/accounts/404/disable", {}).status_code == 404
