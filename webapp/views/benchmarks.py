"""The benchmark for everyone: candidates, rules, publication, result, dossiers, the years side by side."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import NotFoundError, RefusedError
from webapp.downloads import download
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import PUBLIC
from webapp.presenters import present_benchmarks, present_no_benchmarks
from webapp.presenters.benchmark_history import present_dossier, present_history
from webapp.presenters.benchmark_results import present_notice, present_result, present_rules
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.site import get_settings
from webapp.views.benchmark_forms import objection_of, texts_of

blueprint = Blueprint("benchmarks", __name__, url_prefix="/benchmarks")
GUARDS = dict.fromkeys(
    ("index", "detail", "rules", "notice", "object_to", "result", "record", "dossier", "dossier_file", "history"),
    PUBLIC,
)


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
    public, market = get_settings().public_matches, get_market()
    page = market.benchmark_page(year, candidates_only=not public)
    return render(present_benchmarks(page, public_matches=public, stage=market.year_book.public(year)))


@blueprint.get("/<year:year>/rules")
def rules(year: int) -> str:
    """The locked sheet of a year."""
    page = get_market().year_book.public(year)
    if page is None:
        raise NotFoundError(f"{year} 年度的评选办法还没有公布。")
    return render(present_rules(page))


@blueprint.get("/<year:year>/notice")
def notice(year: int) -> str:
    """The publication of a year."""
    return render(present_notice(get_market().publicity.page(year)))


@blueprint.post("/<year:year>/notice")
def object_to(year: int) -> Response:
    """Take an objection in, or show the publication again with what is wrong."""
    desk = get_market().publicity
    try:
        number = desk.object(get_viewer(), year, objection_of(request))
    except RefusedError as refusal:
        typed = texts_of(request.form, ("case", "name", "contact", "text"))
        page = present_notice(desk.page(year), typed, getattr(refusal, "faults", ()), str(refusal))
        return make_response(render(page), 422)
    say(f"异议已受理，编号 {number}；办理结果在本页公布。")
    return redirect(url_for("benchmarks.notice", year=year), 303)


@blueprint.get("/<year:year>/result")
def result(year: int) -> str:
    """The frozen result of a year."""
    return render(present_result(get_market().results.page(year)))


@blueprint.get("/<year:year>/result.json")
def record(year: int) -> Response:
    """The frozen record exactly as it was hashed."""
    return download(get_market().scores.record(year))


@blueprint.get("/<year:year>/cases/<int:number>")
def dossier(year: int, number: int) -> str:
    """One case whole."""
    return render(present_dossier(get_market().dossiers.dossier(get_viewer(), year, number)))


@blueprint.get("/<year:year>/cases/<int:number>.docx")
def dossier_file(year: int, number: int) -> Response:
    """One case as a Word file."""
    return download(get_market().dossiers.docx(get_viewer(), year, number))


@blueprint.get("/history")
def history() -> str:
    """The frozen years side by side."""
    return render(present_history(get_market().dossiers.history()))
