"""Both lists searched at once."""

from __future__ import annotations

from flask import Blueprint, request

from webapp.engine import get_market
from webapp.guards import PUBLIC
from webapp.presenters import present_search
from webapp.query_args import clean_text
from webapp.rendering import render
from webapp.showing import show

blueprint = Blueprint("search", __name__, url_prefix="/search")
GUARDS = {"index": PUBLIC}


@blueprint.get("")
def index() -> str:
    """The search page; without words it only offers its box."""
    asked = clean_text(request.args.get("q", ""))
    page = get_market().search(asked.text) if asked.text else None
    if page is not None:
        show("search", (card.key for card in page.capabilities.cards))
    return render(present_search(page, asked.notices))
