"""The help page."""

from __future__ import annotations

from flask import Blueprint

from webapp.presenters import present_help
from webapp.rendering import render

blueprint = Blueprint("help", __name__, url_prefix="/help")


@blueprint.get("")
def index() -> str:
    """How matching works, what the words mean, accessibility and privacy."""
    return render(present_help())
