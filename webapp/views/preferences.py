"""Letter size and contrast, kept in cookies and applied on the server."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.guards import PUBLIC
from webapp.site import SIZES, THEMES

blueprint = Blueprint("preferences", __name__, url_prefix="/preferences")
GUARDS = {"index": PUBLIC}

_YEAR_S = 365 * 24 * 3600
_MAX_PATH = 4000


@blueprint.get("")
def index() -> Response:
    """Keep the choice and go back to the page it was made on."""
    response = redirect(destination())
    for name, allowed in (("size", SIZES), ("theme", THEMES)):
        value = request.args.get(name, "")
        if value in allowed:
            response.set_cookie(name, value, max_age=_YEAR_S, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def destination() -> str:
    """The page to go back to: the one the browser came from on this site, else ``next``, else home."""
    came = urlsplit(request.referrer or "")
    # The address may have changed in place since the page and its links were made.
    if came.netloc == request.host and not came.path.startswith(blueprint.url_prefix or " "):
        local = came.path + (f"?{came.query}" if came.query else "")
    else:
        local = request.args.get("next", "")
    return local if is_local(local) else url_for("home.index")


def is_local(path: str) -> bool:
    """Whether ``path`` stays on this site: one leading slash, nothing a browser reads as a host."""
    if not path.startswith("/") or len(path) > _MAX_PATH or path.startswith(("//", "/\\")):
        return False
    return path.isprintable() and "\\" not in path
