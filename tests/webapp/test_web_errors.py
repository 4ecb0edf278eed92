"""One table answers every exception."""

from __future__ import annotations

import pytest
from fake_market import FakeMarket
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, ImATeapot, NotFound, RequestEntityTooLarge, SecurityError

from marketplace import (
    BadRequestError,
    ForbiddenError,
    GoneError,
    MarketError,
    NotFoundError,
    RefusedError,
    StaleError,
)
from webapp import WebSettings, create_app
from webapp.errors import find_answer


class OtherMarketError(MarketError):
    """A refusal the table does not name."""


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("x"), 404),
        (GoneError("x"), 410),
        (BadRequestError("x"), 400),
        (MarketError("x"), 503),
        (OtherMarketError("x"), 503),
        (ForbiddenError("x"), 403),
        (RefusedError("x"), 422),
        (StaleError("x"), 409),
        (NotFound(), 404),
        (SecurityError(), 400),
        (RequestEntityTooLarge(), 413),
        (ImATeapot(), 418),
        (HTTPException(), 500),
        (ValueError("x"), 500),
        (OverflowError(), 500),
    ],
)
def test_status_of(error: Exception, status: int) -> None:
    assert find_answer(error).status == status


def test_a_market_that_cannot_be_opened_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_settings: object) -> FakeMarket:
        raise MarketError("数据库不存在。")

    monkeypatch.setattr("webapp.application.open_market", refuse)
    client = create_app(WebSettings()).test_client()
    assert client.get("/").status_code == 503
    assert client.get("/help").status_code == 200
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "error")  # type: ignore[index]


@pytest.fixture
def guarded() -> FlaskClient:
    """A site that answers to two names, one of them with all below it."""
    settings = WebSettings(trusted_hosts="changjing.example.cn,.gov.example")
    return create_app(settings, FakeMarket()).test_client()  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["changjing.example.cn", "changjing.example.cn:8443", "a.gov.example"])
def test_a_trusted_host_gets_the_site(guarded: FlaskClient, host: str) -> None:
    assert guarded.get("/help", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/", "/nothing", "/static/app.css", "/login", "/feeds/opportunities.atom"])
@pytest.mark.parametrize("host", ["evil.example", "changjing.example.cn.evil.example", "localhost", "127.0.0.1"])
def test_a_foreign_host_gets_one_sentence(guarded: FlaskClient, method: str, path: str, host: str) -> None:
    answer = guarded.open(path, method=method, headers={"Host": host})
    assert (answer.status_code, answer.content_type) == (400, "text/plain; charset=utf-8")
    assert answer.text == "这个地址不是本网站的域名，不能访问；请核对网址。\n"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_program_learns_of_a_foreign_host_in_json(guarded: FlaskClient) -> None:
    for path in ("/healthz", "/api/v1/opportunities"):
        answer = guarded.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.json["code"]) == (400, 400)  # type: ignore[index]


@pytest.mark.parametrize("host", ["a b", "<script>", "a.cn:99999"])
def test_what_is_no_host_is_no_fault_of_the_site(client: FlaskClient, guarded: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200
    assert guarded.get("/", headers={"Host": host}).status_code == 400


def test_any_host_will_do_without_the_setting(client: FlaskClient) -> None:
    assert client.get("/help", headers={"Host": "evil.example"}).status_code == 200
