"""The site over the made-up market, for gunicorn with tests/webapp and tests/browser on its path."""

from __future__ import annotations

from fake_market import FakeMarket

from webapp import WebSettings, create_app

app = create_app(
    WebSettings(public_matches=True, sample_site=True, organiser="某市科学技术局（示例）", contact="工作日 9:00-17:00"),
    FakeMarket(),  # type: ignore[arg-type]
)
