"""The benchmark candidates of a year."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, url_for
from werkzeug.wrappers import Response

from webapp.engine import get_market
from webapp.guards import PUBLIC
from webapp.presenters import present_benchmarks, present_no_benchmarks
from webapp.rendering import render
from webapp.site import get_settings

blueprint = Blueprint("benchmarks", __name__, url_prefix="/benchmarks")
GUARDS = {"index": PUBLIC, "detail": PUBLIC}


@blueprint.get("")
def index() -> Response:
    """Leads to the newest year with a round; an empty page while there is none."""
    years = get_market().benchmark_years()
    if not years:
        settings = get_settings()
        return make_response(
            render(present_no_benchmarks(settings.benchmark_year, public_matches=settings.public_matches))
        )
    return redirect(url_for("benchmarks.detail", year=years[0]))


@blueprint.get("/<year:year>")
def detail(year: int) -> str:
    """The landings of one year gate by gate; only those that passed where rankings are not public."""
    public = get_settings().public_matches
    page = get_market().benchmark_page(year, candidates_only=not public)
    return render(present_benchmarks(page, public_matches=public))
