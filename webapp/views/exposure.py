"""The report on exposure: who is never shown, how evenly the rest is."""

from __future__ import annotations

from flask import Blueprint, request

from marketplace.insight import PERIODS
from webapp.engine import get_market
from webapp.guards import roles
from webapp.presenters.exposure import present_exposure
from webapp.query_args import whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("exposure", __name__, url_prefix="/exposure")
GUARDS = {"index": roles("admin", "matchmaker")}


@blueprint.get("")
def index() -> str:
    """How often capabilities were shown over the last days."""
    days = whole_number(request.args.get("days"), default=PERIODS[0], low=1, high=max(PERIODS))
    return render(present_exposure(get_market().exposure.page(get_viewer(), days if days in PERIODS else PERIODS[0])))
