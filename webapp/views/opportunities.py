"""The list of opportunities and the page of one opportunity."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from matching import Side
from webapp.engine import get_market
from webapp.guards import PUBLIC
from webapp.presenters import present_opportunity
from webapp.query_args import parse_top
from webapp.rendering import render
from webapp.showing import show
from webapp.site import get_sight
from webapp.views.postings import list_view

blueprint = Blueprint("opportunities", __name__, url_prefix="/opportunities")
GUARDS = {"index": PUBLIC, "detail": PUBLIC}


@blueprint.get("")
def index() -> Response:
    """The list, whole or as the fragment that replaces its results."""
    return list_view(Side.OPPORTUNITY)


@blueprint.get("/<key:key>")
def detail(key: int) -> str:
    """One opportunity with its ranked counterparts as far as this viewer may see them."""
    page = get_market().opportunity_page(key, get_sight(), top=parse_top(request.args))
    show("opportunity", (match.counterpart.key for match in page.matches or ()), opened=key)
    return render(present_opportunity(page))
