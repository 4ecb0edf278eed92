"""Texts being written: a page a step, kept at every step and while typing, then sent to review."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace import FaultyError, RefusedError, StaleError
from webapp.converters import MAX_KEY
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import roles
from webapp.presenters.drafts import KINDS, STEPS, Typed, present_new, present_step
from webapp.presenters.previews import present_preview
from webapp.rendering import render, template_fields
from webapp.sessions import get_viewer
from webapp.site import build_site
from webapp.views.postings import wants_fragment

blueprint = Blueprint("drafts", __name__, url_prefix="/drafts")
_WRITERS = roles("publisher", "company", "reviewer")
GUARDS = dict.fromkeys(("new", "create", "detail", "step", "save", "submit", "recall", "discard"), _WRITERS)

# The parts of the form that are no fields of the record.
_CONTROLS = {"csrf_token", "stamp", "go", "pasted", "take", "listed"}


@blueprint.get("/new")
def new() -> str:
    """Choose for which organisation a text is begun."""
    side = KINDS.get(request.args.get("kind", "")) or abort(404)
    organisation = read_key(request.args.get("organisation"))
    return render(present_new(get_market().drafts.new_page(get_viewer(), side, organisation)))


@blueprint.post("/new")
def create() -> Response:
    """Begin a text and go to its first step."""
    side = KINDS.get(request.form.get("kind", "")) or abort(404)
    organisation = read_key(request.form.get("organisation"))
    key = get_market().drafts.create(get_viewer(), side, organisation)
    return redirect(url_for("drafts.step", key=key, step=STEPS[0]), 303)


@blueprint.get("/<key:key>")
def detail(key: int) -> Response:
    """The first step of a text that can be written, the preview of one that cannot."""
    page = get_market().drafts.page(get_viewer(), key)
    return redirect(url_for("drafts.step", key=key, step=STEPS[0] if page.may_edit else STEPS[-1]), 303)


@blueprint.get("/<key:key>/<step>")
def step(key: int, step: str) -> str:
    """One step, or the preview; a text in review is only read."""
    if step not in STEPS:
        abort(404)
    page = get_market().drafts.page(get_viewer(), key)
    if step == STEPS[-1] or not page.may_edit:
        return render(present_preview(page))
    return render(present_step(page, step))


@blueprint.post("/<key:key>/<step>")
def save(key: int, step: str) -> Response:
    """Keep what was typed and go where the button leads; while typing only the status line is renewed."""
    if step not in STEPS[:-1]:
        abort(404)
    values, conflict = typed_values(request.form), ""
    try:
        get_market().drafts.save(get_viewer(), key, values, read_key(request.form.get("stamp")))
    except StaleError as stale:
        conflict = str(stale)
    except RefusedError as refusal:
        if not wants_fragment():
            raise
        conflict = str(refusal)
    if wants_fragment():
        return _status(key, step, conflict)
    if conflict:
        page = get_market().drafts.page(get_viewer(), key)
        return make_response(render(present_step(page, step, Typed(values, conflict))), 409)
    return _onward(key, step, request.form.get("go", ""))


@blueprint.post("/<key:key>/submit")
def submit(key: int) -> Response:
    """Send a text to review, or show what keeps it from that."""
    drafts = get_market().drafts
    try:
        drafts.submit(get_viewer(), key)
    except FaultyError as faulty:
        page = drafts.page(get_viewer(), key)
        return make_response(render(present_preview(page, faulty.faults)), 422)
    say("已送审，审核结果会通知您；审核前可以撤回。")
    return redirect(url_for("my.index"), 303)


@blueprint.post("/<key:key>/recall")
def recall(key: int) -> Response:
    """Take a text back from review."""
    get_market().drafts.recall(get_viewer(), key)
    say("已撤回送审，可以继续修改。")
    return redirect(url_for("drafts.step", key=key, step=STEPS[0]), 303)


@blueprint.post("/<key:key>/discard")
def discard(key: int) -> Response:
    """Delete a draft."""
    get_market().drafts.discard(get_viewer(), key)
    say("草稿已删除。")
    return redirect(url_for("my.index"), 303)


def typed_values(form: MultiDict[str, str]) -> dict[str, Any]:
    """The fields as typed; one that takes several choices is a list, empty when nothing is ticked."""
    listed = set(form.getlist("listed"))
    values: dict[str, Any] = {name: form.getlist(name) for name in listed}
    for name in form:
        if name not in _CONTROLS | listed:
            values[name] = form[name]
    taken = [text for text in form.getlist("take") if text.strip()]
    if taken and form.get("go") == "take":
        values["requirements"] = append_items(form.get("requirements", ""), taken)
    return values


def append_items(text: str, items: list[str]) -> str:
    """The items of a field with further ones after them, numbered on."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join([*lines, *(f"{place}. {item}" for place, item in enumerate(items, len(lines) + 1))])


def read_key(text: str | None) -> int:
    """A key or stamp sent in a form or address, 0 for anything that is none."""
    given = (text or "").strip()
    key = int(given) if given.isascii() and given.isdigit() and len(given) <= len(str(MAX_KEY)) else 0
    return key if key <= MAX_KEY else 0


def _status(key: int, step: str, conflict: str) -> Response:
    page = get_market().drafts.page(get_viewer(), key)
    context = present_step(page, step, Typed({}, conflict))
    return make_response(render_template(context.fragment, site=build_site(), **template_fields(context)))


def _onward(key: int, step: str, go: str) -> Response:
    """Where a saved step leads: the next one only when nothing in this one is wrong."""
    if go == "propose":
        return _proposals(key, step)
    place = STEPS.index(step) + {"next": 1, "previous": -1}.get(go, 0)
    if go == "next":
        context = present_step(get_market().drafts.page(get_viewer(), key), step, Typed({}, show_faults=True))
        if context.faults:
            return make_response(render(context), 422)
    elif go in ("save", "take"):
        say("已保存。" if go == "save" else "已采用勾选的条目并保存。")
    return redirect(url_for("drafts.step", key=key, step=STEPS[max(0, place)]), 303)


def _proposals(key: int, step: str) -> Response:
    drafts, pasted = get_market().drafts, request.form.get("pasted", "")
    proposals = drafts.propose(get_viewer(), key, pasted)
    page = drafts.page(get_viewer(), key)
    return make_response(render(present_step(page, step, Typed({}, pasted=pasted, proposals=proposals))))
