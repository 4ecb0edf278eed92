"""Questions on an opportunity: asking in private, answering for all to read, returning."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import FaultyError
from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import PUBLIC, roles
from webapp.presenters.questions import present_questions
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("questions", __name__)
_AGENCY = roles("publisher", "matchmaker")
GUARDS = {"index": PUBLIC, "ask": roles("company"), "answer": _AGENCY, "send_back": _AGENCY}


@blueprint.get("/opportunities/<key:key>/questions")
def index(key: int) -> str:
    """What was asked and answered, and what this viewer may add."""
    return render(present_questions(get_market().questions.page(get_viewer(), key)))


@blueprint.post("/opportunities/<key:key>/questions")
def ask(key: int) -> Response:
    """Ask in private, or show the page again with what is wrong."""
    questions, text = get_market().questions, request.form.get("question", "")
    try:
        questions.ask(get_viewer(), key, text)
    except FaultyError as refusal:
        page = questions.page(get_viewer(), key)
        return make_response(render(present_questions(page, {"question": text}, refusal.faults)), 422)
    say("提问已送达需求单位；答复后公布，不署提问单位。")
    return redirect(url_for("questions.index", key=key), 303)


@blueprint.post("/questions/<key:key>/answer")
def answer(key: int) -> Response:
    """Publish an answer with its question."""
    return _close(key, "answer", "问答已公布。")


@blueprint.post("/questions/<key:key>/return")
def send_back(key: int) -> Response:
    """Return a question to its asker without publishing it."""
    return _close(key, "reason", "提问已退回，没有公布。")


def _close(key: int, field: str, done: str) -> Response:
    questions, viewer, text = get_market().questions, get_viewer(), request.form.get(field, "")
    close = questions.answer if field == "answer" else questions.send_back
    try:
        need = close(viewer, key, text)
    except FaultyError as refusal:
        page = questions.page(viewer, questions.need_key(viewer, key))
        return make_response(render(present_questions(page, {f"{field}-{key}": text}, refusal.faults)), 422)
    say(done)
    return redirect(url_for("questions.index", key=need), 303)
