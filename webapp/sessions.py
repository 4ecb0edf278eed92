"""Signed-in sessions: the cookie, its secret, the idle limit, the form token, and who is asking."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect, generate_csrf

from marketplace import VISITOR, Viewer
from webapp.engine import get_market
from webapp.settings import WebSettings

_ACTING = "acting_for"
# Views asked by programs, which have no form to take a token from: the check changes nothing, and the link that stops
# a letter is pressed by mail programs and carries a signature of its own.
WITHOUT_TOKEN = ("webapp.views.api.check", "webapp.views.subscriptions.stop_signed")


class SignedIn(UserMixin):
    """A viewer as the login library knows it; the id changes when the password does."""

    def __init__(self, viewer: Viewer, session_number: int) -> None:
        self.viewer = viewer
        self.id = f"{viewer.account_key}.{session_number}"


def set_up_sessions(app: Flask, settings: WebSettings, secret: bytes) -> None:
    """Give the application its session cookie, login manager and form tokens."""
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME="scenematch",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https_only,
        SESSION_REFRESH_EACH_REQUEST=True,
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.idle_minutes),
        # The token lives as long as the session: a long form must not be lost to a clock.
        WTF_CSRF_TIME_LIMIT=None,
    )
    protection = CSRFProtect(app)
    for name in WITHOUT_TOKEN:
        protection.exempt(name)
    manager = LoginManager(app)
    # "strong" signs people out whenever an office's address changes.
    manager.session_protection = "basic"
    manager.user_loader(_load)


def _load(identity: str) -> SignedIn | None:
    key, _, number = identity.partition(".")
    if not key.isdigit() or not number.isdigit():
        return None
    viewer = get_market().accounts.viewer(int(key), int(number))
    return SignedIn(viewer, int(number)) if viewer else None


def begin(viewer: Viewer, session_number: int) -> None:
    """Sign the viewer in under a new session; nothing of the old one is kept."""
    session.clear()
    session.permanent = True
    login_user(SignedIn(viewer, session_number))


def end() -> None:
    """Sign out and forget the session."""
    logout_user()
    session.clear()


def act_for(organisation_key: int) -> None:
    """Remember the organisation chosen as 当前身份."""
    session[_ACTING] = organisation_key


def get_viewer() -> Viewer:
    """Who is asking, with the address and number of this request."""
    if "viewer" not in g:
        g.viewer = _who()
    viewer: Viewer = g.viewer
    return viewer


def _who() -> Viewer:
    viewer = current_user.viewer if current_user.is_authenticated else VISITOR
    chosen = session.get(_ACTING, 0) if viewer.signed_in else 0
    own = sorted(viewer.publisher_of | viewer.company_of)
    acting = chosen if chosen in own else (own[0] if own else 0)
    return replace(viewer, acting_for=acting, address=request.remote_addr or "", request_id=request_id())


def request_id() -> str:
    """The number of this request, for the log and the audit."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    number: str = g.request_id
    return number


def form_token() -> str:
    """The token every form carries; asking for it begins a session."""
    token: str = generate_csrf()
    return token
