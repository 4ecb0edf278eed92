"""The funnel: figures and tables, the needs behind a number, and the sheet for superiors."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace.insight import MAY_COUNT, NOBODY, FunnelQuery
from webapp.downloads import download
from webapp.engine import get_market
from webapp.form_args import key_number
from webapp.guards import roles
from webapp.presenters.funnel import present_funnel
from webapp.presenters.funnel_needs import present_funnel_needs
from webapp.query_args import clean_text, page_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.site import get_settings

blueprint = Blueprint("funnel", __name__)
GUARDS = dict.fromkeys(("index", "workbook", "needs"), roles(*MAY_COUNT))
_MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
_MONTHS = {"since": "起始月份", "until": "截止月份"}


@dataclass(frozen=True, slots=True)
class FunnelArgs:
    """What is to be counted, and what of the request was dropped because it cannot be used."""

    query: FunnelQuery
    notices: tuple[str, ...] = ()


@blueprint.get("/funnel")
def index() -> str:
    """The funnel with its tables."""
    asked = parse_funnel(request.args)
    page = get_market().funnel.page(get_viewer(), asked.query)
    return render(present_funnel(page, request.args.get("all", ""), asked.notices))


@blueprint.get("/funnel.xlsx")
def workbook() -> Response:
    """The same figures as a workbook."""
    query = parse_funnel(request.args).query
    return download(get_market().funnel.workbook(get_viewer(), query, issuer=get_settings().organiser))


@blueprint.get("/funnel/needs")
def needs() -> str:
    """The needs behind one number."""
    asked = parse_funnel(request.args)
    page = page_number(request.args)
    step, part = request.args.get("step", "published"), request.args.get("part", "reached")
    found = get_market().funnel.needs(get_viewer(), asked.query, step, part, page)
    return render(present_funnel_needs(found, asked.notices))


def parse_funnel(args: MultiDict[str, str]) -> FunnelArgs:
    """The counting that ``args`` ask for; months that are none are dropped with a word."""
    city, domain, organisation = (clean_text(args.get(name, "")).text for name in ("city", "domain", "organisation"))
    months, notices = {}, []
    for name, label in _MONTHS.items():
        text = clean_text(args.get(name, "")).text
        months[name] = text if _MONTH.fullmatch(text) else ""
        if text and not months[name]:
            notices.append(f"{label}写的是“{text[:20]}”，不是月份，已忽略；应为 2026-01 这样的月份。")
    given = args.get("matchmaker", "")
    maker = NOBODY if given == str(NOBODY) else key_number(given)
    query = FunnelQuery(city, domain, organisation, maker, months["since"], months["until"])
    if query.until and query.since > query.until:
        query = replace(query, since=query.until, until=query.since)
        notices.append("起始月份晚于截止月份，已对调。")
    return FunnelArgs(query, tuple(notices))
