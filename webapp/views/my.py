"""The viewer's own page: drafts, published postings, what can be done about each, and its history."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import RefusedError
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import SIGNED_IN, roles
from webapp.presenters.my import present_history, present_my, present_posting
from webapp.query_args import page_number, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("my", __name__, url_prefix="/my")
_OWNERS = roles("publisher", "company", "reviewer")
GUARDS = {"index": SIGNED_IN} | dict.fromkeys(
    ("posting", "revise", "recall", "confirm", "put_back", "take_off", "history"), _OWNERS
)


@blueprint.get("")
def index() -> str:
    """Drafts by state and one page of published postings."""
    page = page_number(request.args)
    viewer = get_viewer()
    return render(present_my(get_market().drafts.my_page(viewer, page), reviews=viewer.has("reviewer")))


@blueprint.get("/postings/<key:key>")
def posting(key: int) -> str:
    """One posting with what can be done about it."""
    return render(present_posting(get_market().drafts.posting_page(get_viewer(), key)))


@blueprint.post("/postings/<key:key>/revise")
def revise(key: int) -> Response:
    """Open the revision of a posting; the published text stays until it is published."""
    draft = get_market().drafts.from_posting(get_viewer(), key)
    return redirect(url_for("drafts.detail", key=draft), 303)


@blueprint.post("/postings/<key:key>/recall")
def recall(key: int) -> Response:
    """Take a publication back in its first minutes."""
    try:
        get_market().batches.recall_posting(get_viewer(), key)
    except RefusedError as refusal:
        return _refused(key, refusal)
    say("发布已撤回，内容回到“已通过，等待发布”。")
    return redirect(url_for("my.index"), 303)


@blueprint.post("/postings/<key:key>/confirm")
def confirm(key: int) -> Response:
    """Note that a posting still holds."""
    try:
        get_market().freshness.confirm(get_viewer(), key, request.form.get("valid_until"))
    except RefusedError as refusal:
        return _refused(key, refusal)
    say("已确认内容仍然有效。")
    return redirect(url_for("my.posting", key=key), 303)


@blueprint.post("/postings/<key:key>/put-back")
def put_back(key: int) -> Response:
    """Bring a posting back that is off the shelf, and follow the job that does it."""
    try:
        job = get_market().freshness.put_back(get_viewer(), key, request.form.get("valid_until"))
    except RefusedError as refusal:
        return _refused(key, refusal)
    return redirect(url_for("jobs.detail", key=job), 303)


@blueprint.post("/postings/<key:key>/take-off")
def take_off(key: int) -> Response:
    """Take a posting off every list."""
    try:
        get_market().freshness.take_off(get_viewer(), key, request.form.get("reason", ""))
    except RefusedError as refusal:
        return _refused(key, refusal)
    say("已下架，不再出现在公开清单和匹配中。")
    return redirect(url_for("my.posting", key=key), 303)


@blueprint.get("/postings/<key:key>/history")
def history(key: int) -> str:
    """Every published text of a posting, and two of them compared."""
    before, after = (whole_number(request.args.get(name), default=0, low=0, high=10**6) for name in ("before", "after"))
    return render(present_history(get_market().drafts.history(get_viewer(), key, before, after)))


def _refused(key: int, refusal: RefusedError) -> Response:
    """The posting's page again with the reason and what was typed."""
    page = get_market().drafts.posting_page(get_viewer(), key)
    typed = request.form.get("valid_until", ""), request.form.get("reason", "")
    return make_response(render(present_posting(page, str(refusal), *typed)), 422)
