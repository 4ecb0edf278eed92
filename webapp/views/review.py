"""The review centre: the queue, one text, and the decisions on one or on many."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace import RefusedError
from marketplace.publishing import Decided, Pick, ReviewQuery
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import roles
from webapp.presenters.review import present_review
from webapp.presenters.review_queue import (
    STATES,
    QueueContext,
    Typed,
    decided_words,
    parse_import,
    parse_side,
    present_queue,
    queue_url,
)
from webapp.query_args import clean_text, page_number, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.drafts import read_key
from webapp.views.postings import wants_fragment

blueprint = Blueprint("review", __name__, url_prefix="/review")
GUARDS = dict.fromkeys(
    ("index", "approve_many", "return_many", "detail", "approve", "send_back", "publish"), roles("reviewer")
)


@blueprint.get("")
def index() -> str:
    """The queue as filtered; while texts are ticked only what the secrecy check covers is renewed."""
    picks = read_picks(request.args.getlist("pick"))
    if wants_fragment():
        return render_template(QueueContext.fragment, covered=len(picks))
    typed = Typed(picks, every=request.args.get("every") == "1")
    return render(present_queue(get_market().review.queue(get_viewer(), read_query(request.args)), typed))


@blueprint.post("/approve")
def approve_many() -> Response:
    """Pass the ticked texts on; the secrecy check says for how many it was given."""
    covered = whole_number(request.form.get("secrecy"), default=0, low=0, high=10**6)
    picks = read_picks(request.form.getlist("pick"))
    try:
        done = get_market().review.approve_many(get_viewer(), picks, covered=covered)
    except RefusedError as refusal:
        return _queue_again(str(refusal))
    return _back_to_queue(done)


@blueprint.post("/return")
def return_many() -> Response:
    """Send the ticked texts back with one reason."""
    picks, reason = read_picks(request.form.getlist("pick")), request.form.get("reason", "")
    try:
        done = get_market().review.return_many(get_viewer(), picks, reason=reason)
    except RefusedError as refusal:
        return _queue_again(str(refusal))
    return _back_to_queue(done)


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


def read_query(args: MultiDict[str, str]) -> ReviewQuery:
    """What part of the queue the arguments ask for."""
    state, came = args.get("state", ""), args.get("import", "")
    return ReviewQuery(
        state=state if state in STATES else "",
        side=parse_side(args.get("kind", "")),
        text=clean_text(args.get("q", "")).text,
        import_key=parse_import(came, read_key(came)),
        page=page_number(args),
    )


def read_picks(texts: list[str]) -> tuple[Pick, ...]:
    """The ticked texts, each named as key.stamp; one ticked twice counts once, what cannot be read does not count."""
    found = {}
    for text in texts:
        key, _, stamp = text.partition(".")
        if read_key(key):
            found[read_key(key)] = Pick(read_key(key), read_key(stamp))
    return tuple(found.values())


def _back_to_queue(done: Decided) -> Response:
    say(decided_words(done), "warn" if done.left_out else "good")
    query = read_query(request.args)
    return redirect(queue_url(query, query.page), 303)


def _queue_again(fault: str) -> Response:
    """The queue again with the reason; ticks and what was typed are kept."""
    typed = Typed(read_picks(request.form.getlist("pick")), reason=request.form.get("reason", ""), fault=fault)
    page = get_market().review.queue(get_viewer(), read_query(request.args))
    return make_response(render(present_queue(page, typed)), 422)


def _stamp() -> int:
    return read_key(request.form.get("stamp"))


def _refused(key: int, refusal: RefusedError) -> Response:
    """The text's page again with the reason; what was typed is kept."""
    page = get_market().review.draft_page(get_viewer(), key)
    return make_response(render(present_review(page, str(refusal), request.form.get("reason", ""))), 422)
