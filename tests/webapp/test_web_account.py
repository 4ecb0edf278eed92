"""Signing in and out, the session cookie, the own password, and how often one may try."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from office import (
    PASSWORD,
    by_role,
    enter,
    make_account,
    office_app,
    office_market,
    page_of,
    send,
    sign_in,
    submit,
    words,
)

from marketplace import Market
from marketplace.store import transaction
from marketplace.store.accounts import load_account, update_account
from marketplace.store.audit import all_entries
from matching import MatchingSettings
from webapp.limits import LIMITS, set_up_limits

NEXT = "Lu-Deng xunjian 2027"


@pytest.fixture
def market(tmp_path: Path, matching_settings: MatchingSettings) -> Market:
    return office_market(tmp_path, matching_settings)


@pytest.fixture
def app(market: Market) -> Flask:
    return office_app(market)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("scenematch")
    return found.value if found else ""


def with_cookie(app: Flask, value: str) -> FlaskClient:
    """Another browser with a copied cookie."""
    other = app.test_client()
    other.set_cookie("scenematch", value)
    return other


def signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_the_form_can_be_filled_by_a_password_keeper(client: FlaskClient) -> None:
    page = page_of(client.get("/login"))
    (form,) = by_role(page, "sign-in")
    fields = {one.name: one for one in form.xpath(".//input[@name]")}
    assert fields["login"].get("autocomplete") == "username"
    assert (fields["password"].get("type"), fields["password"].get("autocomplete")) == ("password", "current-password")
    assert all(page.xpath(f"//label[@for='{fields[name].get('id')}']") for name in ("login", "password", "website"))
    assert not page.xpath("//*[@onpaste]")
    assert fields["website"].get("tabindex") == "-1"


def test_a_session_begins_anew_at_sign_in(client: FlaskClient, app: Flask, market: Market) -> None:
    login, _ = make_account(market)
    client.get("/login")
    before = cookie(client)
    answer = enter(client, login)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert before
    assert cookie(client) not in ("", before)
    assert not signed_in(with_cookie(app, before))
    assert login in words(page_of(client.get("/account")))


def test_one_sentence_for_every_failure_and_the_login_is_kept(client: FlaskClient, market: Market) -> None:
    login, _ = make_account(market)
    said = []
    for name, password in ((login, "wrong"), ("meiyou", PASSWORD)):
        answer = enter(client, name, password)
        page = page_of(answer)
        assert answer.status_code == 422
        said.append(words(by_role(page, "faults")[0]))
        assert page.xpath("//input[@name='login']/@value") == [name]
        assert page.xpath("//input[@name='password']/@value") == [""]
        assert page.xpath("//*[@data-role='faults']//a/@href") == ["#f-login"]
    assert said[0] == said[1]
    assert not signed_in(client)


def test_the_field_nobody_sees_catches_programs(client: FlaskClient, market: Market) -> None:
    login, _ = make_account(market)
    answer = submit(client, "/login", {"login": login, "password": PASSWORD, "website": "http://spam"}, role="sign-in")
    assert answer.status_code == 422
    assert not signed_in(client)


def test_a_form_without_its_token_is_refused(client: FlaskClient, market: Market) -> None:
    login, _ = make_account(market)
    assert client.post("/login", data={"login": login, "password": PASSWORD}).status_code == 400
    sign_in(client)
    for path in ("/logout", "/account/password", "/account/acting"):
        assert client.post(path, data={}).status_code == 400
    assert signed_in(client)


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/search?q=井盖", "/search?q=井盖"),
        ("//evil.example/", "/account"),
        ("https://evil.example/", "/account"),
        ("/\\evil.example", "/account"),
        ("/login?next=/login", "/account"),
        ("javascript:alert(1)", "/account"),
    ],
)
def test_signing_in_leads_to_pages_of_this_site_only(
    client: FlaskClient, market: Market, wanted: str, leads: str
) -> None:
    login, _ = make_account(market)
    client.get("/login", query_string={"next": wanted})
    answer = send_login(client, login, wanted)
    assert answer == leads
    # Who is signed in already is led on by the same rule.
    assert _plain(client.get("/login", query_string={"next": wanted}).location) == leads


def send_login(client: FlaskClient, login: str, wanted: str) -> str:
    page = page_of(client.get("/login"))
    token = page.xpath("//input[@name='csrf_token']/@value")[0]
    form = {"csrf_token": token, "login": login, "password": PASSWORD, "next": wanted}
    return _plain(client.post("/login", data=form).location)


def _plain(location: str | None) -> str:
    return unquote(location or "")


def test_a_page_that_needs_an_account_is_reached_after_signing_in(client: FlaskClient, market: Market) -> None:
    login, _ = make_account(market)
    answer = client.get("/account/password?a=1")
    assert answer.status_code == 303
    assert enter(client, login, path=str(answer.location)).location == "/account/password?a=1"


def test_signing_out_makes_a_copied_cookie_worthless(client: FlaskClient, app: Flask) -> None:
    sign_in(client)
    thief = with_cookie(app, cookie(client))
    assert signed_in(thief)
    assert client.get("/logout").status_code == 405
    answer = send(client, "/logout", {})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "已退出登录" in words(page_of(client.get("/")))
    assert not signed_in(client)
    assert not signed_in(thief)


def test_a_new_password_ends_all_other_sessions(client: FlaskClient, app: Flask, market: Market) -> None:
    viewer = sign_in(client)
    before = cookie(client)
    values = {"old": PASSWORD, "new": NEXT, "repeated": NEXT}
    assert submit(client, "/account/password", values, role="password").location == "/account"
    assert signed_in(client)
    assert not signed_in(with_cookie(app, before))
    assert market.accounts.sign_in(viewer.login, NEXT)


def test_a_refused_password_says_why_at_its_field_and_shows_nothing_typed(client: FlaskClient) -> None:
    sign_in(client)
    values = {"old": PASSWORD, "new": "abc", "repeated": "abcd"}
    answer = submit(client, "/account/password", values, role="password")
    page = page_of(answer)
    assert answer.status_code == 422
    assert page.xpath("//*[@data-role='faults']//a/@href") == ["#f-new", "#f-new", "#f-repeated"]
    assert page.xpath("//input[@id='f-new']/@aria-invalid") == ["true"]
    assert not set(page.xpath("//input[@type='password']/@value")) - {""}
    assert "至少 10 个字符" in words(page.get_element_by_id("f-new-hint"))


def test_a_one_time_password_opens_nothing_but_the_change(client: FlaskClient, market: Market) -> None:
    _, key = make_account(market, roles=["reviewer"])
    with transaction(market._keeper.db) as db:
        update_account(db, key, must_change=1)
        row = load_account(db, key)
    assert row is not None
    enter(client, row.login)
    for path in ("/account", "/admin/organisations", "/"):
        assert client.get(path).location == "/account/password"
    assert by_role(page_of(client.get("/account/password")), "must")
    submit(client, "/account/password", {"old": PASSWORD, "new": NEXT, "repeated": NEXT}, role="password")
    assert signed_in(client)


def test_five_wrong_passwords_lock_also_the_right_one(client: FlaskClient, market: Market) -> None:
    login, _ = make_account(market)
    for _ in range(5):
        enter(client, login, "wrong")
    assert enter(client, login).status_code == 422
    locked = [row for row in all_entries(market._keeper.db) if row["action"] == "account.locked"]
    assert [row["address"] for row in locked] == ["127.0.0.1"]


def test_the_acting_organisation_is_one_of_the_own(client: FlaskClient, market: Market) -> None:
    viewer = sign_in(client, roles=["publisher"], organisations=["江夏区水务局（示例）", "江夏区文旅局（示例）"])
    page = page_of(client.get("/account"))
    (form,) = by_role(page, "acting")
    options = {int(one.get("value")): words(one) for one in form.xpath(".//option[@value!='']")}
    assert set(options) == set(viewer.publisher_of)
    chosen = max(viewer.publisher_of)
    answer = submit(client, "/account", {"organisation": str(chosen)}, role="acting")
    assert answer.status_code == 303
    page = page_of(client.get("/account"))
    assert page.xpath("//select[@name='organisation']/option[@selected]/@value") == [str(chosen)]
    assert options[chosen] in words(page.xpath("//nav[@class='who']")[0])
    for other in (str(chosen + 1), "0", "9" * 30, "x"):
        assert send(client, "/account/acting", {"organisation": other}).status_code == 404


def test_an_account_without_roles_is_told_what_to_do(client: FlaskClient) -> None:
    sign_in(client)
    page = page_of(client.get("/account"))
    assert by_role(page, "no-roles")
    assert not by_role(page, "acting")


def test_the_twenty_first_try_in_a_minute_waits(market: Market, tmp_path: Path) -> None:
    app = office_app(market)
    set_up_limits(app, tmp_path / "rates.db")
    client = app.test_client()
    page = page_of(client.get("/login"))
    form = {"csrf_token": page.xpath("//input[@name='csrf_token']/@value")[0], "login": "a", "password": "b"}
    assert [client.post("/login", data=form).status_code for _ in range(20)] == [422] * 20
    answer = client.post("/login", data=form)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "太频繁" in words(page_of(answer))
    # Looking at the form is no try, another worker counts on, and another address is not concerned.
    assert client.get("/login").status_code == 200
    worker = office_app(market)
    set_up_limits(worker, tmp_path / "rates.db")
    same = with_cookie(worker, cookie(client))
    assert same.post("/login", data=form).status_code == 429
    assert same.post("/login", data=form, environ_base={"REMOTE_ADDR": "10.9.9.9"}).status_code == 422


def test_every_limited_view_exists(app: Flask) -> None:
    assert set(LIMITS) <= set(app.view_functions)
