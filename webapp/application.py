"""Makes the application out of its parts."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_bytes

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from marketplace import Market, installation_secret, load_market_settings, open_market
from webapp.converters import add_converters
from webapp.engine import hold_market
from webapp.errors import add_error_pages
from webapp.guards import set_up_guards
from webapp.headers import guard
from webapp.limits import set_up_limits
from webapp.rendering import set_up_templates
from webapp.sessions import set_up_sessions
from webapp.settings import WebSettings, load_settings
from webapp.showing import set_up_showing
from webapp.site import keep_settings
from webapp.views import BLUEPRINTS, GUARDS

# The largest upload the reader takes, with room for the rest of the form.
MAX_BODY_BYTES = 56 * 1024 * 1024
MAX_FIELDS = 2000
MAX_FORM_BYTES = 2 * 1024 * 1024


def create_app(
    settings: WebSettings | None = None, market: Market | None = None, *, secret: bytes | None = None
) -> Flask:
    """The site; reads the environment and opens the market on first use unless both are given.

    ``secret`` signs the session cookie; without it the installation's own is used.

    Raises WebSettingError, or the error of the package below, when a setting cannot be used.
    """
    web = settings or load_settings()
    app = Flask("webapp")
    if web.proxies:
        # The address of the visitor and https are what the last so many proxies say, no more.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=web.proxies, x_proto=web.proxies)  # type: ignore[method-assign]
    app.config["TRUSTED_HOSTS"] = web.hosts
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = MAX_FIELDS
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM_BYTES
    add_converters(app)
    set_up_templates(app)
    with app.app_context():
        keep_settings(web)
    hold_market(app, _opener(market))
    # A market handed in lives in this process only, and so may its secret.
    set_up_sessions(app, web, secret or (token_bytes(32) if market is not None else installation_secret()))
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    set_up_limits(app, None if market is not None else load_market_settings().rates)
    set_up_guards(app, GUARDS)
    add_error_pages(app)
    set_up_showing(app)
    guard(app)
    return app


def _opener(market: Market | None) -> Callable[[], Market]:
    if market is not None:
        return lambda: market
    # Read now, so that a useless setting stops the start and not the first visitor.
    settings = load_market_settings()
    return lambda: open_market(settings)
