"""The notices of whoever is signed in; reading one is a form, for a link changes nothing."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import SIGNED_IN
from webapp.presenters.inbox import present_inbox
from webapp.query_args import page_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.preferences import is_local

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")
GUARDS = {"index": SIGNED_IN, "read": SIGNED_IN, "read_all": SIGNED_IN}


@blueprint.get("")
def index() -> str:
    """One page of notices."""
    page = page_number(request.args)
    return render(present_inbox(get_market().notices.inbox(get_viewer(), page)))


@blueprint.post("/<key:key>/read")
def read(key: int) -> Response:
    """Mark one notice as read, and go where it leads when that was asked for."""
    notice = get_market().notices.read(get_viewer(), key)
    leads = request.form.get("open") == "1" and is_local(notice.link)
    return redirect(notice.link if leads else url_for("inbox.index"), 303)


@blueprint.post("/read-all")
def read_all() -> Response:
    """Mark every notice as read."""
    count = get_market().notices.read_all(get_viewer())
    say(f"已将 {count} 条通知标为已读。")
    return redirect(url_for("inbox.index"), 303)
