"""待撮合清单 of a month, page by page, and as a workbook that holds all of it."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.matchmaking import MATCHED, Stretch
from webapp.downloads import download
from webapp.engine import get_market
from webapp.guards import roles
from webapp.presenters import waiting
from webapp.presenters.waiting import PARTS, present_waiting
from webapp.query_args import clean_text, page_number
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("waiting", __name__)
GUARDS = dict.fromkeys(("index", "file"), roles("matchmaker", "reviewer"))


@blueprint.get("/waiting")
def index() -> str:
    """One page of one part of the list of a month, this month's as of today."""
    asked = request.args.get("part", MATCHED)
    part = asked if asked in PARTS else MATCHED
    stretch = Stretch(part, page_number(request.args), waiting.PAGE)
    return render(present_waiting(get_market().waiting.page(get_viewer(), _month(), stretch), part))


@blueprint.get("/waiting.xlsx")
def file() -> Response:
    """The whole list as a workbook."""
    return download(get_market().waiting.file(get_viewer(), _month()))


def _month() -> str:
    return clean_text(request.args.get("month", "")).text
