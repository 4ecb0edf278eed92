"""The start page."""

from __future__ import annotations

from flask import Blueprint

from webapp.engine import get_market
from webapp.guards import PUBLIC
from webapp.presenters import present_home
from webapp.rendering import render
from webapp.site import get_settings

blueprint = Blueprint("home", __name__)
GUARDS = {"index": PUBLIC}


@blueprint.get("/")
def index() -> str:
    """Search box, counts, newest postings, needs without supply, cities."""
    return render(present_home(get_market().home(), get_settings().site_name))
