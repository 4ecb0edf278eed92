"""One table answers every exception."""

from __future__ import annotations

import pytest
from fake_market import FakeMarket
from werkzeug.exceptions import HTTPException, ImATeapot, NotFound, RequestEntityTooLarge

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
