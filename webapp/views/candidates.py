"""Candidates of the benchmark as the office sees them, and what was checked about landed pairs."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import FaultyError, StaleError
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import roles
from webapp.presenters.candidates import present_candidates, present_facts
from webapp.query_args import clean_text, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.site import get_settings
from webapp.views.benchmark_forms import texts_of

blueprint = Blueprint("candidates", __name__, url_prefix="/candidates")
GUARDS = {"index": roles("reviewer", "matchmaker", "admin")}
GUARDS |= dict.fromkeys(("facts", "note"), roles("reviewer", "matchmaker"))
_FIELDS = ("credit", "dispute", "report_unit", "report_on", "report_text", "test_report", "replications",
           "no_replication", "innovation", "safety", "source")  # fmt: skip


@blueprint.get("")
def index() -> str:
    """The landed pairs of a year in their groups."""
    newest = get_market().benchmark_years() or (get_settings().benchmark_year,)
    year = whole_number(request.args.get("year"), default=newest[0], low=2000, high=2100)
    domain = clean_text(request.args.get("domain", "")).text
    viewer = get_viewer()
    page = get_market().candidates.page(viewer, year, domain)
    return render(present_candidates(page, domain, may_note=viewer.has("reviewer", "matchmaker")))


@blueprint.get("/<landing>/facts")
def facts(landing: str) -> str:
    """The form of what was checked."""
    return render(present_facts(get_market().facts.page(get_viewer(), landing)))


@blueprint.post("/<landing>/facts")
def note(landing: str) -> Response:
    """Note facts with their source, or show the form again with what is wrong."""
    book, typed = get_market().facts, texts_of(request.form, _FIELDS)
    try:
        book.note(get_viewer(), landing, typed, clean_text(request.form.get("stamp", "")).text[:64])
    except FaultyError as refusal:
        return make_response(render(present_facts(book.page(get_viewer(), landing), typed, refusal.faults)), 422)
    except StaleError as refusal:
        return make_response(render(present_facts(book.page(get_viewer(), landing), typed, stale=str(refusal))), 409)
    say("已登记，候选提示已按新的事实更新。")
    return redirect(url_for("candidates.index", _anchor=f"c-{landing}"), 303)
