"""Lists as files: downloads as filtered, templates, handbooks, open data, an office's own columns."""

from __future__ import annotations

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from marketplace import HandbookQuery
from webapp.downloads import download
from webapp.engine import get_market
from webapp.guards import PUBLIC, SIGNED_IN
from webapp.presenters.output_links import SIDES
from webapp.presenters.outputs import present_handbook, present_open_data
from webapp.query_args import clean_text, parse_list
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.site import get_settings

blueprint = Blueprint("outputs", __name__)
GUARDS = {
    "list_file": PUBLIC,
    "template": PUBLIC,
    "handbook": PUBLIC,
    "handbook_file": PUBLIC,
    "open_data": PUBLIC,
    "open_data_file": PUBLIC,
    "like_import": SIGNED_IN,
    "own_list": SIGNED_IN,
}
MAX_BATCH = 40


@blueprint.get("/<any(opportunities,capabilities):kind>.<any(xlsx,csv):ending>")
def list_file(kind: str, ending: str) -> Response:
    """A list as the same arguments show it, all its pages, as a workbook or csv."""
    return download(get_market().outputs.list_file(parse_list(request.args, SIDES[kind]).query, ending))


@blueprint.get("/templates/<any(opportunities,capabilities):kind>.xlsx")
def template(kind: str) -> Response:
    """The workbook an office fills in."""
    return download(get_market().outputs.template_file(SIDES[kind]))


@blueprint.get("/handbook")
def handbook() -> str:
    """The handbook of a batch or a filtered list, ready to be printed."""
    query = handbook_query()
    return render(present_handbook(get_market().outputs.handbook(query, issuer=get_settings().organiser), query))


@blueprint.get("/handbook.docx")
def handbook_file() -> Response:
    """The same handbook as a Word document."""
    return download(get_market().outputs.handbook_file(handbook_query(), issuer=get_settings().organiser))


@blueprint.get("/open-data")
def open_data() -> str:
    """What may be downloaded, under which licence, and what the columns mean."""
    return render(present_open_data(get_market().outputs.open_data(), get_settings().open_data_licence))


@blueprint.get("/open-data/<any(opportunities,capabilities):kind>.<any(csv,jsonl,sqlite):ending>")
def open_data_file(kind: str, ending: str) -> Response:
    """A whole list as open data."""
    return download(get_market().outputs.open_data_file(SIDES[kind], ending))


@blueprint.get("/imports/<key:key>/own-columns.xlsx")
def like_import(key: int) -> Response:
    """The postings of an import under the columns its file had."""
    return download(get_market().outputs.like_import_file(get_viewer(), key))


@blueprint.get("/my/<any(opportunities,capabilities):kind>.xlsx")
def own_list(kind: str) -> Response:
    """The postings of the organisation the viewer acts for, under the columns it last imported."""
    viewer = get_viewer()
    return download(get_market().outputs.own_file(viewer, viewer.acting_for, SIDES[kind]))


def handbook_query() -> HandbookQuery:
    """What handbook the arguments ask for: those of a list, with ``kind`` and ``batch``."""
    side = SIDES.get(request.args.get("kind", "opportunities"))
    if side is None:
        abort(404)
    batch = clean_text(request.args.get("batch", "")).text[:MAX_BATCH]
    return HandbookQuery(parse_list(request.args, side).query, batch)
