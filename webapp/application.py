"""Makes the application out of its parts."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from marketplace import Market, load_market_settings, open_market
from webapp.converters import add_converters
from webapp.engine import hold_market
from webapp.errors import add_error_pages
from webapp.headers import guard
from webapp.rendering import set_up_templates
from webapp.settings import WebSettings, load_settings
from webapp.site import keep_settings
from webapp.views import BLUEPRINTS

MAX_BODY_BYTES = 64 * 1024


def create_app(settings: WebSettings | None = None, market: Market | None = None) -> Flask:
    """The site; reads the environment and opens the market on first use unless both are given.

    Raises WebSettingError, or the error of the package below, when a setting cannot be used.
    """
    app = Flask("webapp")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    add_converters(app)
    set_up_templates(app)
    with app.app_context():
        keep_settings(settings or load_settings())
    hold_market(app, _opener(market))
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    add_error_pages(app)
    guard(app)
    return app


def _opener(market: Market | None) -> Callable[[], Market]:
    if market is not None:
        return lambda: market
    # Read now, so that a useless setting stops the start and not the first visitor.
    settings = load_market_settings()
    return lambda: open_market(settings)
