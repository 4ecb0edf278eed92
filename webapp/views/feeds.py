"""Lists as Atom feeds, with the same filters as their pages."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from webapp.engine import get_market
from webapp.guards import PUBLIC
from webapp.presenters.feeds import present_feed
from webapp.presenters.output_links import SIDES
from webapp.query_args import parse_list
from webapp.site import get_settings

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")
GUARDS = {"index": PUBLIC}
MEDIA_TYPE = "application/atom+xml; charset=utf-8"


@blueprint.get("/<any(opportunities,capabilities):kind>.atom")
def index(kind: str) -> Response:
    """The postings last changed; 304 when the reader has seen them."""
    query = parse_list(request.args, SIDES[kind]).query
    page = get_market().outputs.feed(query)
    feed = present_feed(page, query, site_name=get_settings().site_name)
    response = make_response(render_template("feeds/index.xml", feed=feed))
    response.content_type = MEDIA_TYPE
    response.last_modified = page.changed
    response.add_etag()
    return response.make_conditional(request)
