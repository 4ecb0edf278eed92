"""What the two list views share: one request turned into a page, a fragment or a redirect."""

from __future__ import annotations

from flask import Response, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from matching import Side
from webapp.engine import get_market
from webapp.presenters import list_url, present_list
from webapp.query_args import on_page, parse_list
from webapp.rendering import render, render_fragment
from webapp.showing import show


def wants_fragment() -> bool:
    """Whether the page asked for its own results in place; a restored history entry is a whole page."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def list_view(side: Side) -> BaseResponse:
    """Answer one list request; a page past the end leads to the last page."""
    asked = parse_list(request.args, side)
    page = get_market().list_postings(asked.query)
    if asked.query.page > max(1, page.pages):
        return redirect(list_url(on_page(asked.query, max(1, page.pages))))
    if side is Side.CAPABILITY:
        show("list", (card.key for card in page.cards))
    context = present_list(page, asked.notices)
    if not wants_fragment():
        return make_response(render(context))
    response: Response = make_response(render_fragment(context))
    response.headers["HX-Push-Url"] = list_url(asked.query)
    return response
