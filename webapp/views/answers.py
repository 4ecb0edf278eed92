"""Answers to opportunities: a company's own form and list, and the table the agency reads."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace import FaultyError
from marketplace.answers import RuleForm, TypedAnswer
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import roles
from webapp.presenters.answer_table import present_answers
from webapp.presenters.answers import present_answer, present_my_answers
from webapp.query_args import clean_text, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("answers", __name__)
_COMPANY, _READERS = roles("company"), roles("publisher", "matchmaker")
GUARDS = dict.fromkeys(("form", "save", "withdraw", "mine"), _COMPANY) | dict.fromkeys(
    ("table", "set_rules", "pair"), _READERS
)
# More requirements than any need lists.
_MAX_LINES = 200


@blueprint.get("/opportunities/<key:key>/answer")
def form(key: int) -> str:
    """The company's answer, or the empty form of one."""
    offer = key_number(request.args.get("capability"))
    return render(present_answer(get_market().answers.page(get_viewer(), key, offer)))


@blueprint.post("/opportunities/<key:key>/answer")
def save(key: int) -> Response:
    """Keep a draft or send the answer, or show the form again with what is wrong."""
    answers, send = get_market().answers, request.form.get("go") == "send"
    typed = typed_answer(request.form)
    try:
        answers.save(get_viewer(), key, typed, send=send)
    except FaultyError as refusal:
        page = answers.page(get_viewer(), key, typed.offer_key)
        return make_response(render(present_answer(page, typed, refusal.faults)), 422)
    hidden = answers.page(get_viewer(), key).terms.hidden
    sent = "答复已发送，截止后统一打开，此前其他人看不到。" if hidden else "答复已发送，需求单位和撮合员可以看到。"
    say(sent if send else "草稿已保存，还没有发送。")
    return redirect(url_for("answers.form", key=key), 303)


@blueprint.post("/opportunities/<key:key>/answer/withdraw")
def withdraw(key: int) -> Response:
    """Take the company's answer back."""
    get_market().answers.withdraw(get_viewer(), key)
    say("答复已撤回；截止前可以修改后重新发送。")
    return redirect(url_for("answers.form", key=key), 303)


@blueprint.get("/my/answers")
def mine() -> str:
    """Every answer of the viewer's companies."""
    return render(present_my_answers(get_market().answers.mine(get_viewer())))


@blueprint.get("/opportunities/<key:key>/answers")
def table(key: int) -> str:
    """All answers side by side."""
    return render(present_answers(get_market().answer_desk.page(get_viewer(), key)))


@blueprint.post("/opportunities/<key:key>/answers/rules")
def set_rules(key: int) -> Response:
    """Set closing dates and from when answers are read, or show the page again with what is wrong."""
    desk, typed = get_market().answer_desk, typed_rules(request.form)
    try:
        desk.set_rules(get_viewer(), key, typed)
    except FaultyError as refusal:
        page = desk.page(get_viewer(), key)
        return make_response(render(present_answers(page, typed, refusal.faults)), 422)
    say("答复设置已保存。")
    return redirect(url_for("answers.table", key=key), 303)


@blueprint.post("/opportunities/<key:o>/answers/<key:key>/pairing")
def pair(o: int, key: int) -> Response:
    """Open the pairing of an answer that came while as many as allowed were under way."""
    pairing = get_market().answer_desk.open_pairing(get_viewer(), o, key)
    say("已建立对接。")
    return redirect(url_for("pairings.detail", key=pairing), 303)


def typed_answer(form: MultiDict[str, str]) -> TypedAnswer:
    """The answer as typed, by the number of the requirement."""
    numbers = [n for n in range(_MAX_LINES) if f"evidence-{n}" in form or f"status-{n}" in form]
    return TypedAnswer(
        key_number(form.get("capability")),
        {n: form.get(f"status-{n}", "") for n in numbers},
        {n: form.get(f"evidence-{n}", "") for n in numbers},
        form.get("note", ""),
        whole_number(form.get("stamp"), default=0, low=0, high=10**9),
    )


def typed_rules(form: MultiDict[str, str]) -> RuleForm:
    """The rules as typed."""
    closes_on, until = (clean_text(form.get(name, "")).text for name in ("closes_on", "questions_until"))
    stamp = whole_number(form.get("stamp"), default=0, low=0, high=10**9)
    return RuleForm(closes_on, form.get("sealed") == "1", until, stamp)
