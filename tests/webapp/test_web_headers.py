"""Every answer carries the security headers and says what it varies on."""

from __future__ import annotations

import pytest
from fake_market import BROKEN
from flask.testing import FlaskClient

from webapp import headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/opportunities",
        "/nothing",
        f"/opportunities/{BROKEN}",
        "/healthz",
        "/static/app.css",
        "/preferences",
    ],
)
def test_fixed_headers(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    for name, value in headers.FIXED.items():
        assert answer.headers[name] == value
    answer.close()


def test_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in headers.POLICY
    assert "default-src 'none'" in headers.POLICY
    assert "frame-ancestors 'none'" in headers.POLICY


def test_pages_vary_on_what_changes_them(client: FlaskClient) -> None:
    answer = client.get("/opportunities")
    assert set(answer.vary) >= {"HX-Request", "Cookie"}
    assert answer.headers["Cache-Control"] == "no-cache"


def test_versioned_files_are_kept_for_a_year(client: FlaskClient) -> None:
    answer = client.get("/static/app.css?v=1")
    assert "immutable" in answer.headers["Cache-Control"]
    answer.close()
    plain = client.get("/static/app.css")
    assert "immutable" not in plain.headers["Cache-Control"]
    plain.close()


def test_transport_security_only_over_https(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/help").headers
    assert "Strict-Transport-Security" in client.get("/help", base_url="https://localhost").headers


def test_cookies_are_guarded(client: FlaskClient) -> None:
    cookie = client.get("/preferences?size=large", base_url="https://localhost").headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"):
        assert part in cookie
