"""Experts' own screens: the cases to look at, one sheet, standing aside."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import RefusedError, StaleError
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import roles
from webapp.presenters.scoring import present_sheet, present_tasks
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.benchmark_forms import marks_of, round_of, stamp_of, text_of

blueprint = Blueprint("scoring", __name__, url_prefix="/scoring")
GUARDS = dict.fromkeys(("index", "sheet", "save", "recuse"), roles("expert"))


@blueprint.get("")
def index() -> str:
    """The viewer's cases."""
    return render(present_tasks(get_market().marking.tasks(get_viewer())))


@blueprint.get("/<key:key>")
def sheet(key: int) -> str:
    """One case with the viewer's own sheet."""
    return render(present_sheet(get_market().marking.page(get_viewer(), key)))


@blueprint.post("/<key:key>")
def save(key: int) -> Response:
    """Keep or hand in the viewer's sheet, or show it again with what is wrong."""
    marks, comment = marks_of(request.form), text_of(request.form, "comment")
    send = request.form.get("act") == "send"
    try:
        stamp, shown = stamp_of(request.form), round_of(request.form)
        get_market().marking.save(get_viewer(), key, marks, comment, stamp, send=send, shown_round=shown)
    except RefusedError as refusal:
        return _again(key, refusal, marks | {"comment": comment})
    say("评分已提交。" if send else "已暂存。")
    return redirect(url_for("scoring.index") if send else url_for("scoring.sheet", key=key), 303)


@blueprint.post("/<key:key>/recuse")
def recuse(key: int) -> Response:
    """Stand aside from a case."""
    reason = text_of(request.form, "reason")
    try:
        get_market().marking.stand_aside(get_viewer(), key, reason)
    except RefusedError as refusal:
        return _again(key, refusal, {"reason": reason})
    say("已声明回避。")
    return redirect(url_for("scoring.index"), 303)


def _again(key: int, refusal: RefusedError, typed: dict[str, str]) -> Response:
    page = get_market().marking.page(get_viewer(), key)
    typed = dict(page.values) | {"comment": page.comment} | typed
    shown = render(present_sheet(page, typed, getattr(refusal, "faults", ()), str(refusal)))
    return make_response(shown, 409 if isinstance(refusal, StaleError) else 422)
