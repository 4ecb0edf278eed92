"""The protected contact of a posting: asked for with a reason, shown once, each time on record."""

from __future__ import annotations

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response

from webapp.engine import get_market
from webapp.guards import roles
from webapp.presenters.contacts import present_contact
from webapp.query_args import clean_text
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")
_MAY = roles("publisher", "company", "matchmaker", "reviewer")
GUARDS = {"detail": _MAY, "reveal": _MAY}


@blueprint.get("/<key:key>")
def detail(key: int) -> str:
    """The office phone and the masked contact, with the form that asks for the rest."""
    return render(present_contact(key, get_market().contacts.of_posting(get_viewer(), key)))


@blueprint.post("/<key:key>")
def reveal(key: int) -> Response:
    """The contact in full, in this answer only; nothing on the way may keep it."""
    reason = clean_text(request.form.get("reason", "")).text
    response = make_response(render(present_contact(key, get_market().contacts.reveal(get_viewer(), key, reason))))
    response.headers["Cache-Control"] = "no-store"
    return response
