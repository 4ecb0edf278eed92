"""Fixture ladder of the web: settings, market, app, client."""

from __future__ import annotations

import pytest
from fake_market import FakeMarket
from flask import Flask
from flask.testing import FlaskClient

from webapp import WebSettings, create_app


@pytest.fixture(scope="session")
def market() -> FakeMarket:
    return FakeMarket()


@pytest.fixture
def settings() -> WebSettings:
    return WebSettings(public_matches=True)


@pytest.fixture
def app(settings: WebSettings, market: FakeMarket) -> Flask:
    return create_app(settings, market)  # type: ignore[arg-type]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def closed_client(market: FakeMarket) -> FlaskClient:
    """A site as it comes: rankings are not public."""
    return create_app(WebSettings(public_matches=False), market).test_client()  # type: ignore[arg-type]
