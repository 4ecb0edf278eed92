"""Who may ask for which page: every view module lists its own views, and none is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import ForbiddenError, require
from webapp.sessions import get_viewer


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may pass: anyone, anyone signed in, or the holders of one of ``roles``."""

    public: bool = False
    roles: tuple[str, ...] = ()


PUBLIC = Guard(public=True)
SIGNED_IN = Guard()
_NOBODY = Guard(roles=("nobody",))
# What someone who must choose a new password may still open.
_PASSWORD_PAGES = {"account.password", "account.change_password", "account.sign_out", "static"}


def roles(*names: str) -> Guard:
    """Only holders of one of these roles."""
    return Guard(roles=names)


def set_up_guards(app: Flask, guards: Mapping[str, Guard]) -> None:
    """Check every request against the table; a page that is not in it is open to nobody."""

    @app.before_request
    def check() -> Response | None:
        endpoint = request.endpoint
        if endpoint is None or endpoint == "static":
            return None
        guard = guards.get(endpoint, _NOBODY)
        viewer = get_viewer()
        if viewer.must_change and endpoint not in _PASSWORD_PAGES:
            return redirect(url_for("account.password"), 303)
        if guard.public:
            return None
        if not viewer.signed_in:
            return redirect(url_for("account.sign_in", next=_here()), 303)
        if guard == _NOBODY:
            raise ForbiddenError("这个页面不对任何身份开放。")
        if guard.roles:
            require(viewer, *guard.roles)
        return None


def _here() -> str:
    """Where to return after signing in; a form that was sent cannot be sent again by a link."""
    return request.full_path.rstrip("?") if request.method == "GET" else ""
