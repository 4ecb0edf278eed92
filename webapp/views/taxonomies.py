"""The taxonomies: lists, terms, and the administrator's forms for them."""

from __future__ import annotations

import unicodedata

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace import RefusedError, Term
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import roles
from webapp.presenters.taxonomies import present_taxonomies, present_taxonomy, present_term
from webapp.query_args import clean_text, page_number
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("taxonomies", __name__, url_prefix="/admin/taxonomies")
GUARDS = dict.fromkeys(("index", "detail", "new", "add", "edit", "change", "end"), roles("admin"))


@blueprint.get("")
def index() -> str:
    """Every list with its number of terms."""
    return render(present_taxonomies(get_market().terms.lists(get_viewer())))


@blueprint.get("/<name>")
def detail(name: str) -> str:
    """The terms of one list, those that hold the searched text."""
    page = get_market().terms.page(get_viewer(), name)
    number = page_number(request.args)
    return render(present_taxonomy(page, clean_text(request.args.get("q", "")).text, number))


@blueprint.get("/<name>/new")
def new(name: str) -> str:
    """The empty form of a new term."""
    return render(present_term(get_market().terms.term_page(get_viewer(), name)))


@blueprint.post("/<name>/new")
def add(name: str) -> Response:
    """Add a term, or show the form again with what is wrong."""
    term = typed_term(name, request.form.get("code", ""), request.form)
    try:
        get_market().terms.add(get_viewer(), term)
    except RefusedError as refusal:
        return _again(name, "", str(refusal))
    say(f"已新增“{term.label}”。")
    return _to_term(name, term.code)


@blueprint.get("/<name>/terms/<code>")
def edit(name: str, code: str) -> str:
    """The forms of one term."""
    return render(present_term(get_market().terms.term_page(get_viewer(), name, code)))


@blueprint.post("/<name>/terms/<code>")
def change(name: str, code: str) -> Response:
    """Change a term, or show the form again with what is wrong."""
    term = typed_term(name, code, request.form)
    try:
        get_market().terms.change(get_viewer(), term)
    except RefusedError as refusal:
        return _again(name, code, str(refusal))
    say(f"已保存“{term.label}”。")
    return _to_term(name, code)


@blueprint.post("/<name>/terms/<code>/end")
def end(name: str, code: str) -> Response:
    """Set the last day of a term, or show the form again with what is wrong."""
    day = _plain(request.form.get("day", ""))
    try:
        get_market().terms.end(get_viewer(), name, code, day)
    except RefusedError as refusal:
        return _again(name, code, str(refusal))
    say(f"已设定停用日期 {day}；已经用了这个条目的清单不受影响。")
    return _to_term(name, code)


def typed_term(name: str, code: str, form: MultiDict[str, str]) -> Term:
    """The term as typed: one synonym a line or between semicolons, days with full-width digits taken too."""
    lines = form.get("synonyms", "").replace("；", "\n").replace(";", "\n").splitlines()
    return Term(
        name,
        _plain(code),
        clean_text(form.get("label", "")).text,
        parent=form.get("parent") or None,
        valid_from=_plain(form.get("valid_from", "")) or None,
        valid_to=_plain(form.get("valid_to", "")) or None,
        verified=form.get("verified") == "1",
        note=clean_text(form.get("note", "")).text,
        synonyms=tuple(dict.fromkeys(text for line in lines if (text := clean_text(line).text))),
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _again(name: str, code: str, sentence: str) -> Response:
    page = get_market().terms.term_page(get_viewer(), name, code)
    return make_response(render(present_term(page, request.form.to_dict(), sentence)), 422)


def _to_term(name: str, code: str) -> Response:
    return redirect(url_for("taxonomies.detail", name=name, _anchor=f"t-{code}"), 303)
