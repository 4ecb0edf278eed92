"""The year book of the benchmark: every year, one year's sheet, the opening of its call."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import RefusedError, StaleError
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import roles
from webapp.presenters.year_books import present_year_book, present_year_books
from webapp.query_args import whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.benchmark_forms import sheet_values, stamp_of

blueprint = Blueprint("year_books", __name__, url_prefix="/admin/benchmarks")
GUARDS = dict.fromkeys(("index", "create", "detail", "save", "open_call"), roles("admin", "reviewer"))


@blueprint.get("")
def index() -> str:
    """Every year."""
    return render(present_year_books(get_market().year_book.list_page(get_viewer())))


@blueprint.post("")
def create() -> Response:
    """Begin a year, or show the list again with what is wrong."""
    typed = request.form.get("year", "")[:4]
    year = whole_number(typed, default=0, low=0, high=9999)
    book = get_market().year_book
    try:
        book.create(get_viewer(), year)
    except RefusedError as refusal:
        page = render(present_year_books(book.list_page(get_viewer()), typed, str(refusal)))
        return make_response(page, 422)
    say(f"已新建 {year} 年度。")
    return redirect(url_for("year_books.detail", year=year), 303)


@blueprint.get("/<year:year>")
def detail(year: int) -> str:
    """One year's sheet."""
    return render(present_year_book(get_market().year_book.page(get_viewer(), year)))


@blueprint.post("/<year:year>")
def save(year: int) -> Response:
    """Keep the sheet of a year, or show the form again with what is wrong."""
    values = sheet_values(request.form)
    try:
        get_market().year_book.save(get_viewer(), year, values, stamp_of(request.form))
    except RefusedError as refusal:
        return _again(year, refusal, values)
    say("评选办法已保存。")
    return redirect(url_for("year_books.detail", year=year), 303)


@blueprint.post("/<year:year>/open")
def open_call(year: int) -> Response:
    """Open the call and lock the sheet."""
    try:
        get_market().year_book.open_call(get_viewer(), year, stamp_of(request.form))
    except RefusedError as refusal:
        return _again(year, refusal, None)
    say("申报已开启，评选办法已锁定。")
    return redirect(url_for("year_books.detail", year=year), 303)


def _again(year: int, refusal: RefusedError, values: dict[str, str] | None) -> Response:
    page = get_market().year_book.page(get_viewer(), year)
    shown = render(present_year_book(page, values, getattr(refusal, "faults", ()), str(refusal)))
    return make_response(shown, 409 if isinstance(refusal, StaleError) else 422)
