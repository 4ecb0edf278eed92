"""待撮合清单 of a month, as a page and as a workbook."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from webapp.downloads import download
from webapp.engine import get_market
from webapp.guards import roles
from webapp.presenters.waiting import present_waiting
from webapp.query_args import clean_text
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("waiting", __name__)
GUARDS = dict.fromkeys(("index", "file"), roles("matchmaker", "reviewer"))


@blueprint.get("/waiting")
def index() -> str:
    """The list of a month, this month's as of today."""
    return render(present_waiting(get_market().waiting.page(get_viewer(), _month())))


@blueprint.get("/waiting.xlsx")
def file() -> Response:
    """The same list as a workbook."""
    return download(get_market().waiting.file(get_viewer(), _month()))


def _month() -> str:
    return clean_text(request.args.get("month", "")).text
