"""The help page."""

from __future__ import annotations

from flask import Blueprint

from webapp.guards import PUBLIC
from webapp.presenters import present_help
from webapp.rendering import render

blueprint = Blueprint("help", __name__, url_prefix="/help")
GUARDS = {"index": PUBLIC}


@blueprint.get("")
def index() -> str:
    """How matching works, what the words mean, accessibility and privacy."""
    return render(present_help())
