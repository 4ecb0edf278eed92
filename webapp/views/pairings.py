"""Pairings: the list, a new one, one pairing and everything that is done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import RefusedError, StaleError
from marketplace.followup import STAGES
from webapp.downloads import download
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import roles
from webapp.presenters.pairing import Refused, present_pairing
from webapp.presenters.pairings import present_new_pairing, present_pairings
from webapp.query_args import clean_text
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.pairing_forms import (
    asked_list,
    effects_of,
    move_form,
    revisit_form,
    stamp_of,
    step_form,
    stop_form,
    uploads_of,
)

blueprint = Blueprint("pairings", __name__, url_prefix="/pairings")
_READERS = roles("matchmaker", "reviewer", "publisher", "company")
_PARTIES, _OFFICE = roles("matchmaker", "publisher", "company"), roles("matchmaker")
GUARDS = dict.fromkeys(("index", "detail", "file"), _READERS)
GUARDS |= dict.fromkeys(("move", "fail", "undo", "note", "effect", "attach"), _PARTIES)
GUARDS |= dict.fromkeys(("new", "add", "begin", "pause", "resume", "assign", "step", "revisit"), _OFFICE)


@blueprint.get("")
def index() -> str:
    """The pairings this viewer may see."""
    return render(present_pairings(get_market().pairings.list_page(get_viewer(), asked_list(request.args))))


@blueprint.get("/new")
def new() -> str:
    """The form that opens a pairing by the numbers of two postings."""
    return render(present_new_pairing())


@blueprint.post("/new")
def add() -> Response:
    """Open a pairing by numbers, or show the form again with what is wrong."""
    form = request.form
    need, offer = (clean_text(form.get(name, "")).text for name in ("opportunity", "capability"))
    try:
        key = get_market().pairings.open_by_number(get_viewer(), need, offer, note=form.get("note", ""))
    except RefusedError as refusal:
        return make_response(render(present_new_pairing(form.to_dict(), str(refusal))), 422)
    return redirect(url_for("pairings.detail", key=key), 303)


@blueprint.post("/open")
def begin() -> Response:
    """Open the pairing of a pair, or go to the one that is open."""
    need, offer = (key_number(request.form.get(name)) for name in ("opportunity", "capability"))
    key = get_market().pairings.open(get_viewer(), need, offer, note=request.form.get("note", ""))
    return redirect(url_for("pairings.detail", key=key), 303)


@blueprint.get("/<key:key>")
def detail(key: int) -> str:
    """One pairing."""
    return render(present_pairing(get_market().pairings.page(get_viewer(), key)))


@blueprint.post("/<key:key>/move")
def move(key: int) -> Response:
    """Move a pairing on to its next stage."""
    form = move_form(request)
    said = f"已推进到“{STAGES.get(form.stage, form.stage)}”。"
    return _act(key, f"move-{form.stage}", lambda book: book.move(get_viewer(), key, form), said)


@blueprint.post("/<key:key>/pause")
def pause(key: int) -> Response:
    """Put a pairing aside."""
    return _act(key, "pause", lambda book: book.pause(get_viewer(), key, stop_form(request.form)), "已搁置。")


@blueprint.post("/<key:key>/resume")
def resume(key: int) -> Response:
    """Bring a pairing back on its way."""
    return _act(key, "resume", lambda book: book.resume(get_viewer(), key, stamp_of(request.form)), "已恢复。")


@blueprint.post("/<key:key>/fail")
def fail(key: int) -> Response:
    """End a pairing."""
    return _act(key, "fail", lambda book: book.fail(get_viewer(), key, stop_form(request.form)), "已登记未成。")


@blueprint.post("/<key:key>/undo")
def undo(key: int) -> Response:
    """Take the last change of the stage back."""
    return _act(key, "undo", lambda book: book.undo(get_viewer(), key, stamp_of(request.form)), "已撤销。")


@blueprint.post("/<key:key>/assign")
def assign(key: int) -> Response:
    """Give a pairing to a matchmaker."""
    account, stamps = key_number(request.form.get("matchmaker")), {key: stamp_of(request.form)}
    return _act(key, "assign", lambda book: book.assign(get_viewer(), stamps, account), "已指派。")


@blueprint.post("/<key:key>/step")
def step(key: int) -> Response:
    """Write the next step."""
    return _act(key, "step", lambda book: book.set_step(get_viewer(), key, step_form(request.form)), "已安排下一步。")


@blueprint.post("/<key:key>/note")
def note(key: int) -> Response:
    """Write into the journal."""
    text, audience = request.form.get("note", ""), request.form.get("audience", "office")
    return _act(key, "note", lambda book: book.write_note(get_viewer(), key, text, audience), "已登记。")


@blueprint.post("/<key:key>/effect")
def effect(key: int) -> Response:
    """Replace the planned and real figures."""
    lines, stamp = effects_of(request.form), stamp_of(request.form)
    return _act(key, "effect", lambda book: book.record_effect(get_viewer(), key, lines, stamp), "成效已保存。")


@blueprint.post("/<key:key>/attach")
def attach(key: int) -> Response:
    """Keep files with the pairing."""
    uploads, text = uploads_of(request), request.form.get("note", "")
    return _act(key, "attach", lambda book: book.attach(get_viewer(), key, uploads, text), "附件已保存。")


@blueprint.post("/<key:key>/revisit")
def revisit(key: int) -> Response:
    """Note what a revisit found."""
    form = revisit_form(request.form)
    return _act(key, f"revisit-{form.revisit}", lambda book: book.revisit(get_viewer(), key, form), "回访已登记。")


@blueprint.get("/<key:key>/files/<key:file_key>")
def file(key: int, file_key: int) -> Response:
    """An attachment as a file."""
    return download(get_market().pairings.file(get_viewer(), key, file_key))


def _act(key: int, role: str, act: Callable[[Any], Any], said: str) -> Response:
    """Do something about a pairing, or show its page again with what is wrong and what was typed."""
    book = get_market().pairings
    try:
        act(book)
    except RefusedError as refusal:
        refused = Refused(role, request.form.to_dict(), str(refusal), getattr(refusal, "faults", ()))
        page = render(present_pairing(book.page(get_viewer(), key), refused))
        return make_response(page, 409 if isinstance(refusal, StaleError) else 422)
    say(said)
    return redirect(url_for("pairings.detail", key=key), 303)
