"""The round as its organisers carry it: board, cases, panel, publication, objections, result, files."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import OutputFile, RefusedError, StaleError
from webapp.downloads import download
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import roles
from webapp.presenters.selection import present_board, present_case, present_selection
from webapp.presenters.selection_after import present_after, present_objections
from webapp.presenters.selection_panel import present_panel
from webapp.query_args import whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.benchmark_forms import experts_of, stamp_of, text_of

blueprint = Blueprint("selection", __name__, url_prefix="/selection")
GUARDS = dict.fromkeys(
    ("index", "board", "start", "close", "publish", "freeze", "second_round", "case", "decide", "panel", "add_expert",
     "tie", "untie", "assign", "release", "objections", "evidence", "answer", "after", "correct", "aftermath",
     "certificates", "extend"),
    roles("reviewer"),
)  # fmt: skip
GUARDS |= {"scores": roles("reviewer", "auditor")}


@blueprint.get("")
def index() -> str:
    """The years whose call was opened."""
    return render(present_selection(get_market().board.years(get_viewer())))


@blueprint.get("/<year:year>")
def board(year: int) -> str:
    """One round."""
    return render(present_board(get_market().board.page(get_viewer(), year)))


@blueprint.post("/<year:year>/start")
def start(year: int) -> Response:
    """End the call and begin the scoring."""
    stamp = stamp_of(request.form)
    return _step(year, lambda market: market.board.start_scoring(get_viewer(), year, stamp), "专家评审已开始。")


@blueprint.post("/<year:year>/close")
def close(year: int) -> Response:
    """End the scoring."""
    stamp = stamp_of(request.form)
    return _step(year, lambda market: market.board.close_scoring(get_viewer(), year, stamp), "评审已结束，排序如下。")


@blueprint.post("/<year:year>/extend")
def extend(year: int) -> Response:
    """Let experts score until a later day."""
    until, reason, stamp = text_of(request.form, "until")[:40], text_of(request.form, "reason"), stamp_of(request.form)
    return _step(
        year, lambda market: market.board.extend_scoring(get_viewer(), year, until, reason, stamp), "评审期已延长。"
    )


@blueprint.post("/<year:year>/publish")
def publish(year: int) -> Response:
    """Publish the ranked list."""
    stamp, ends_on = stamp_of(request.form), text_of(request.form, "ends_on")[:40]
    return _step(year, lambda market: market.publicity.publish(get_viewer(), year, ends_on, stamp), "公示已发布。")


@blueprint.post("/<year:year>/freeze")
def freeze(year: int) -> Response:
    """Fix the final list."""
    stamp = stamp_of(request.form)
    return _step(year, lambda market: market.results.freeze(get_viewer(), year, stamp), "结果已公布并固定。")


@blueprint.post("/cases/<key:key>/second")
def second_round(key: int) -> Response:
    """Let a case be scored once more."""
    year = get_market().board.case_page(get_viewer(), key).line.year
    return _step(year, lambda market: market.board.second_round(get_viewer(), key), "第二轮评分已开始。")


@blueprint.get("/cases/<key:key>")
def case(key: int) -> str:
    """One case."""
    return render(present_case(get_market().board.case_page(get_viewer(), key)))


@blueprint.post("/cases/<key:key>")
def decide(key: int) -> Response:
    """Decide about a case, or show it again with what is wrong."""
    form, note = request.form, text_of(request.form, "note")
    try:
        get_market().checks.decide(get_viewer(), key, form.get("decision", "")[:20], note, stamp_of(form))
    except RefusedError as refusal:
        page = get_market().board.case_page(get_viewer(), key)
        shown = render(present_case(page, getattr(refusal, "faults", ()), str(refusal), note))
        return make_response(shown, 409 if isinstance(refusal, StaleError) else 422)
    say("审查结果已登记。")
    return redirect(url_for("selection.case", key=key), 303)


@blueprint.get("/<year:year>/panel")
def panel(year: int) -> str:
    """The experts of a year."""
    return render(present_panel(get_market().panel.page(get_viewer(), year)))


@blueprint.post("/<year:year>/panel")
def add_expert(year: int) -> Response:
    """Put an expert on the panel."""
    account, place = key_number(request.form.get("expert")), text_of(request.form, "organisation")
    return _seat(year, lambda desk: desk.add(get_viewer(), year, account, place), "已列入名单。")


@blueprint.post("/<year:year>/ties")
def tie(year: int) -> Response:
    """Note which organisation belongs to which."""
    own, parent = text_of(request.form, "own"), text_of(request.form, "parent")
    return _seat(year, lambda desk: desk.tie(get_viewer(), year, own, parent), "隶属关系已登记。")


@blueprint.post("/<year:year>/ties/<key:key>/withdraw")
def untie(year: int, key: int) -> Response:
    """Take back which organisation belongs to which."""
    return _seat(year, lambda desk: desk.untie(get_viewer(), year, key), "隶属关系已撤回。")


@blueprint.post("/cases/<key:key>/experts")
def assign(key: int) -> Response:
    """Seat experts at a case."""
    year = get_market().board.case_page(get_viewer(), key).line.year
    return _seat(year, lambda desk: desk.assign(get_viewer(), key, experts_of(request.form)), "分案已保存。")


@blueprint.post("/cases/<key:key>/release")
def release(key: int) -> Response:
    """Let an expert who drops out go from a case."""
    year = get_market().board.case_page(get_viewer(), key).line.year
    account, reason = key_number(request.form.get("expert")), text_of(request.form, "reason")
    return _seat(year, lambda desk: desk.release(get_viewer(), key, account, reason), "已登记退出。")


@blueprint.get("/<year:year>/objections")
def objections(year: int) -> str:
    """The objections with who made them."""
    return render(present_objections(year, get_market().publicity.objections(get_viewer(), year)))


@blueprint.get("/<year:year>/objections/<int:number>/evidence")
def evidence(year: int, number: int) -> Response:
    """The evidence of an objection as a file."""
    name, media, content = get_market().publicity.evidence(get_viewer(), year, number)
    plain = f"objection-{year}-{number}.{name.rpartition('.')[2]}"
    return download(OutputFile(name, plain, media, io.BytesIO(content), len(content)))


@blueprint.post("/<year:year>/objections/<int:number>")
def answer(year: int, number: int) -> Response:
    """Answer an objection, or show the list again with what is wrong."""
    desk, form = get_market().publicity, request.form
    try:
        desk.answer(get_viewer(), year, number, form.get("decision", "")[:20], text_of(form, "answer"))
    except RefusedError as refusal:
        told = present_objections(
            year, desk.objections(get_viewer(), year), getattr(refusal, "faults", ()), str(refusal)
        )
        return make_response(render(told), 422)
    say("异议已答复。")
    return redirect(url_for("selection.objections", year=year), 303)


@blueprint.get("/<year:year>/after")
def after(year: int) -> str:
    """What may be appended to a frozen result."""
    market = get_market()
    market.board.page(get_viewer(), year)
    return render(present_after(market.results.page(year)))


@blueprint.post("/<year:year>/correct")
def correct(year: int) -> Response:
    """Append a correction."""
    text = text_of(request.form, "correction")
    return _append(year, lambda book: book.correct(get_viewer(), year, text), "更正已附上。")


@blueprint.post("/<year:year>/aftermath")
def aftermath(year: int) -> Response:
    """Note what became of a benchmark."""
    form = request.form
    number = whole_number(form.get("case"), default=0, low=0, high=10**6)
    kind, day, text = form.get("kind", "")[:20], text_of(form, "on_day")[:40], text_of(form, "text")
    return _append(year, lambda book: book.note_aftermath(get_viewer(), year, number, kind, day, text), "已登记。")


@blueprint.get("/<year:year>/scores.<kind>")
def scores(year: int, kind: str) -> Response:
    """All marks as a file."""
    return download(get_market().scores.scores(get_viewer(), year, kind))


@blueprint.get("/<year:year>/certificates.xlsx")
def certificates(year: int) -> Response:
    """The list from which certificates are printed."""
    return download(get_market().scores.certificates(get_viewer(), year))


def _step(year: int, act: Callable[[Any], Any], said: str) -> Response:
    """Take a round a step further, or show the board again with why not."""
    try:
        act(get_market())
    except RefusedError as refusal:
        page = get_market().board.page(get_viewer(), year)
        shown = render(present_board(page, getattr(refusal, "faults", ()), str(refusal)))
        return make_response(shown, 409 if isinstance(refusal, StaleError) else 422)
    say(said)
    return redirect(url_for("selection.board", year=year), 303)


def _seat(year: int, act: Callable[[Any], Any], said: str) -> Response:
    desk = get_market().panel
    try:
        act(desk)
    except RefusedError as refusal:
        return make_response(render(present_panel(desk.page(get_viewer(), year), str(refusal))), 422)
    say(said)
    return redirect(url_for("selection.panel", year=year), 303)


def _append(year: int, act: Callable[[Any], Any], said: str) -> Response:
    book = get_market().results
    try:
        act(book)
    except RefusedError as refusal:
        shown = present_after(book.page(year), getattr(refusal, "faults", ()), str(refusal))
        return make_response(render(shown), 422)
    say(said)
    return redirect(url_for("selection.after", year=year), 303)
