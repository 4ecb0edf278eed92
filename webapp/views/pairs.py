"""The page that says why one capability fits one need."""

from __future__ import annotations

from flask import Blueprint

from webapp.engine import get_market
from webapp.guards import PUBLIC
from webapp.presenters import present_pair
from webapp.rendering import render
from webapp.site import get_sight

blueprint = Blueprint("pairs", __name__, url_prefix="/pairs")
GUARDS = {"detail": PUBLIC}


@blueprint.get("/<key:o>/<key:c>")
def detail(o: int, c: int) -> str:
    """One pair with its evidence; refused to those who may not see it."""
    return render(present_pair(get_market().pair_page(o, c, get_sight())))
