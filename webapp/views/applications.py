"""Applications for the benchmark: what may be put in, one case, sending and taking it back."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import RefusedError, StaleError
from webapp.downloads import download
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import roles
from webapp.presenters.applications import present_application, present_applications
from webapp.query_args import clean_text, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.benchmark_forms import stamp_of, text_of, texts_of
from webapp.views.pairing_forms import uploads_of

blueprint = Blueprint("applications", __name__, url_prefix="/applications")
GUARDS = dict.fromkeys(("index", "begin", "detail", "save", "withdraw", "attach", "remove_document"),
                       roles("publisher", "company"))  # fmt: skip
# Organisers and the experts of a case read its documents as well.
GUARDS |= {"document": roles("publisher", "company", "reviewer", "expert")}
_FIELDS = ("story", "innovation", "replication", "benefit", "safety", "declared")


@blueprint.get("")
def index() -> str:
    """The viewer's cases and what may be put in."""
    return render(present_applications(get_market().applications.list_page(get_viewer())))


@blueprint.post("")
def begin() -> Response:
    """Begin a case, or go to the one that stands."""
    form, book = request.form, get_market().applications
    year = whole_number(form.get("year"), default=0, low=0, high=9999)
    landing, way = clean_text(form.get("landing", "")).text, form.get("way", "")[:40]
    try:
        key = book.begin(get_viewer(), year, landing, key_number(form.get("organisation")), way)
    except RefusedError as refusal:
        return make_response(render(present_applications(book.list_page(get_viewer()), str(refusal))), 422)
    return redirect(url_for("applications.detail", key=key), 303)


@blueprint.get("/<key:key>")
def detail(key: int) -> str:
    """One case."""
    return render(present_application(get_market().applications.page(get_viewer(), key)))


@blueprint.post("/<key:key>")
def save(key: int) -> Response:
    """Keep or send a case, or show it again with what is wrong."""
    book, typed = get_market().applications, texts_of(request.form, _FIELDS)
    send = request.form.get("act") == "send"
    try:
        book.save(get_viewer(), key, typed, stamp_of(request.form), send=send)
    except RefusedError as refusal:
        return _again(key, refusal, typed)
    say("申报已提交，等待形式审查。" if send else "已保存。")
    return redirect(url_for("applications.detail", key=key), 303)


@blueprint.post("/<key:key>/withdraw")
def withdraw(key: int) -> Response:
    """Take a case back."""
    try:
        get_market().applications.withdraw(get_viewer(), key, stamp_of(request.form))
    except RefusedError as refusal:
        return _again(key, refusal, None)
    say("申报已撤回。")
    return redirect(url_for("applications.detail", key=key), 303)


@blueprint.post("/<key:key>/documents")
def attach(key: int) -> Response:
    """Attach files as one of the documents asked for."""
    document, uploads = text_of(request.form, "document")[:200], uploads_of(request)
    try:
        get_market().documents.attach(get_viewer(), key, document, uploads)
    except RefusedError as refusal:
        return _again(key, refusal, None)
    say("材料已上传。")
    return redirect(url_for("applications.detail", key=key, _anchor="h-documents"), 303)


@blueprint.post("/<key:key>/documents/<key:document>/remove")
def remove_document(key: int, document: int) -> Response:
    """Take a document off."""
    try:
        get_market().documents.remove(get_viewer(), key, document)
    except RefusedError as refusal:
        return _again(key, refusal, None)
    say("材料已删除。")
    return redirect(url_for("applications.detail", key=key, _anchor="h-documents"), 303)


@blueprint.get("/<key:key>/documents/<key:document>")
def document(key: int, document: int) -> Response:
    """A document as a file."""
    return download(get_market().documents.file(get_viewer(), key, document))


def _again(key: int, refusal: RefusedError, typed: dict[str, str] | None) -> Response:
    page = get_market().applications.page(get_viewer(), key)
    shown = render(present_application(page, typed, getattr(refusal, "faults", ()), str(refusal)))
    return make_response(shown, 409 if isinstance(refusal, StaleError) else 422)
