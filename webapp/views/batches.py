"""Batches: the list, a new one, one batch, and taking it back."""

from __future__ import annotations

import unicodedata

from flask import Blueprint, abort, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace import RefusedError
from marketplace.publishing import BatchForm
from matching import Side
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import roles
from webapp.presenters.batches import present_batch, present_batches, present_new_batch
from webapp.presenters.drafts import KINDS
from webapp.query_args import clean_text, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.drafts import read_key

blueprint = Blueprint("batches", __name__, url_prefix="/batches")
GUARDS = dict.fromkeys(("index", "new", "publish", "detail", "recall"), roles("reviewer"))


@blueprint.get("")
def index() -> str:
    """All batches."""
    return render(present_batches(get_market().batches.list_page(get_viewer())))


@blueprint.get("/new")
def new() -> str:
    """The form of a new batch."""
    side = KINDS.get(request.args.get("kind", "")) or abort(404)
    return render(present_new_batch(get_market().batches.new_page(get_viewer(), side)))


@blueprint.post("/new")
def publish() -> Response:
    """Publish a batch and follow the job that does it, or show the form again with what is wrong."""
    side = KINDS.get(request.form.get("kind", "")) or abort(404)
    keys = [read_key(key) for key in request.form.getlist("draft")]
    batches = get_market().batches
    try:
        _, job = batches.publish(get_viewer(), typed_batch(side, request.form), keys)
    except RefusedError as refusal:
        page = batches.new_page(get_viewer(), side)
        return make_response(render(present_new_batch(page, request.form.to_dict(), keys, str(refusal))), 422)
    return redirect(url_for("jobs.detail", key=job), 303)


@blueprint.get("/<key:key>")
def detail(key: int) -> str:
    """One batch with its postings."""
    return render(present_batch(get_market().batches.page(get_viewer(), key)))


@blueprint.post("/<key:key>/recall")
def recall(key: int) -> Response:
    """Take a whole batch back in its first minutes."""
    count = get_market().batches.recall(get_viewer(), key)
    say(f"批次已撤回，{count} 条内容回到待发布或上一版。")
    return redirect(url_for("batches.detail", key=key), 303)


def typed_batch(side: Side, form: MultiDict[str, str]) -> BatchForm:
    """The batch as typed; a number that cannot be read is 0, which is refused."""
    issuer, document, disclosure = (
        clean_text(form.get(name, "")).text for name in ("issuer", "document_number", "disclosure")
    )
    number = whole_number(unicodedata.normalize("NFKC", form.get("number", "")), default=0, low=0, high=10**6)
    return BatchForm(side, number, issuer, document, disclosure)
