"""The review centre: the queue, one text, and the decisions on it."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import RefusedError
from marketplace.publishing import ReviewQuery
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import roles
from webapp.presenters.review import STATES, parse_side, present_queue, present_review
from webapp.query_args import MAX_PAGE, clean_text, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.drafts import read_key

blueprint = Blueprint("review", __name__, url_prefix="/review")
GUARDS = dict.fromkeys(("index", "detail", "approve", "send_back", "publish"), roles("reviewer"))


@blueprint.get("")
def index() -> str:
    """The queue, filtered by state, list and words."""
    state = request.args.get("state", "")
    query = ReviewQuery(
        state=state if state in STATES else "",
        side=parse_side(request.args.get("kind", "")),
        text=clean_text(request.args.get("q", "")).text,
        page=whole_number(request.args.get("page"), default=1, low=1, high=MAX_PAGE),
    )
    return render(present_queue(get_market().review.queue(get_viewer(), query)))


@blueprint.get("/<key:key>")
def detail(key: int) -> str:
    """One text beside the last published one."""
    return render(present_review(get_market().review.draft_page(get_viewer(), key)))


@blueprint.post("/<key:key>/approve")
def approve(key: int) -> Response:
    """Pass a text on."""
    checked = request.form.get("secrecy") == "1"
    try:
        state = get_market().review.approve(get_viewer(), key, secrecy_checked=checked, stamp=_stamp())
    except RefusedError as refusal:
        return _refused(key, refusal)
    say("初审通过，等待另一位审核员复审。" if state == "second_review" else "审核通过，可以编入批次或立即发布。")
    return redirect(url_for("review.detail", key=key) if state == "approved" else url_for("review.index"), 303)


@blueprint.post("/<key:key>/return")
def send_back(key: int) -> Response:
    """Send a text back to its author."""
    try:
        get_market().review.return_(get_viewer(), key, reason=request.form.get("reason", ""), stamp=_stamp())
    except RefusedError as refusal:
        return _refused(key, refusal)
    say("已退回，填写人会收到原因。")
    return redirect(url_for("review.index"), 303)


@blueprint.post("/<key:key>/publish")
def publish(key: int) -> Response:
    """Publish one approved text now, and follow the job that does it."""
    job = get_market().batches.publish_one(get_viewer(), key)
    return redirect(url_for("jobs.detail", key=job), 303)


def _stamp() -> int:
    return read_key(request.form.get("stamp"))


def _refused(key: int, refusal: RefusedError) -> Response:
    """The text's page again with the reason; what was typed is kept."""
    page = get_market().review.draft_page(get_viewer(), key)
    return make_response(render(present_review(page, str(refusal), request.form.get("reason", ""))), 422)
