"""Exchanging contacts within a pairing: asking, agreeing, taking back, and looking, each time on record."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import FaultyError
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import roles
from webapp.presenters.consents import SAID, present_consent
from webapp.query_args import clean_text
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("consents", __name__, url_prefix="/pairings/<key:key>/contact")
GUARDS = dict.fromkeys(("detail", "decide", "reveal"), roles("publisher", "company", "matchmaker"))


@blueprint.get("")
def detail(key: int) -> str:
    """How far the exchange is and what this side can do."""
    return render(present_consent(get_market().consents.page(get_viewer(), key)))


@blueprint.post("")
def decide(key: int) -> Response:
    """Ask, pass on, agree, decline or take back, or show the page again with what is wrong."""
    consents, act = get_market().consents, request.form.get("act", "")
    purpose, contact = (clean_text(request.form.get(name, "")).text for name in ("purpose", "contact"))
    try:
        consents.decide(get_viewer(), key, act, purpose=purpose, contact=contact)
    except FaultyError as refusal:
        page = consents.page(get_viewer(), key)
        return make_response(render(present_consent(page, (purpose, contact), refusal.faults)), 422)
    say(SAID.get(act, "已记录。"))
    return redirect(url_for("consents.detail", key=key), 303)


@blueprint.post("/reveal")
def reveal(key: int) -> Response:
    """The other side's contact, in this answer only; nothing on the way may keep it."""
    response = make_response(render(present_consent(get_market().consents.reveal(get_viewer(), key))))
    response.headers["Cache-Control"] = "no-store"
    return response
