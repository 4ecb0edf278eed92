"""The page that says why one capability fits one need, and what a matchmaker corrects there."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import FaultyError
from marketplace.insight import MAX_POSITION, FeedbackForm
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import PUBLIC, SIGNED_IN, roles
from webapp.presenters import present_pair
from webapp.presenters.corrections import Typed
from webapp.presenters.judging import TypedFeedback
from webapp.query_args import DEFAULT_TOP, MAX_TOP, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.site import get_sight

blueprint = Blueprint("pairs", __name__, url_prefix="/pairs")
GUARDS = {"detail": PUBLIC} | dict.fromkeys(("correct", "override", "withdraw"), roles("matchmaker"))
GUARDS |= {"judge": SIGNED_IN, "unjudge": SIGNED_IN}
# No need has so many requirements; anything that is no number is none of them.
_NONE = 10_000


@blueprint.get("/<key:o>/<key:c>")
def detail(o: int, c: int) -> str:
    """One pair with its evidence; refused to those who may not see it."""
    position = whole_number(request.args.get("at"), default=0, low=0, high=MAX_POSITION)
    return render(present_pair(get_market().pair_page(o, c, get_sight()), position=position))


@blueprint.post("/<key:o>/<key:c>/verdicts")
def correct(o: int, c: int) -> Response:
    """Correct the verdict of one requirement, or show the page again with what is wrong."""
    form = request.form
    requirement = whole_number(form.get("requirement"), default=_NONE, low=0, high=_NONE)
    return _said(o, c, "correct-verdict", lambda: get_market().corrections.correct(
        get_viewer(), (o, c), requirement, form.get("verdict", ""), form.get("reason", ""), seen=_seen()
    ))  # fmt: skip


@blueprint.post("/<key:o>/<key:c>/band")
def override(o: int, c: int) -> Response:
    """Give the pair another band, or show the page again with what is wrong."""
    form = request.form
    return _said(o, c, "override-band", lambda: get_market().corrections.override(
        get_viewer(), (o, c), form.get("band", ""), form.get("reason", ""), seen=_seen()
    ))  # fmt: skip


@blueprint.post("/<key:o>/<key:c>/corrections/<key:key>/withdraw")
def withdraw(o: int, c: int, key: int) -> Response:
    """Take a correction back."""
    get_market().corrections.withdraw(get_viewer(), (o, c), key)
    say("更正已撤回，恢复系统判断。")
    return _to(o, c)


@blueprint.post("/<key:o>/<key:c>/feedback")
def judge(o: int, c: int) -> Response:
    """Say what a pair is worth, or show it again with what is wrong; the way back is to where it was said."""
    form = request.form
    position, rank = (
        whole_number(form.get(name), default=0, low=0, high=MAX_POSITION) for name in ("position", "rank")
    )
    given = FeedbackForm(form.get("verdict", ""), form.get("reason", ""), form.get("note", ""), position,
                         form.get("place", ""))  # fmt: skip
    try:
        get_market().feedback.give(get_viewer(), o, c, given, public=get_sight().public)
    except FaultyError as refusal:
        page = get_market().pair_page(o, c, get_sight())
        typed = TypedFeedback(form.to_dict(), refusal.faults)
        return make_response(render(present_pair(page, position=position, feedback=typed)), 422)
    say("评价已保存，可以随时改。")
    return redirect(_shown_at(o, c, given.place, rank), 303)


@blueprint.post("/<key:o>/<key:c>/feedback/withdraw")
def unjudge(o: int, c: int) -> Response:
    """Take the own word back."""
    if get_market().feedback.take_back(get_viewer(), o, c, public=get_sight().public):
        say("评价已撤回。")
    return redirect(url_for("pairs.detail", o=o, c=c), 303)


def _shown_at(o: int, c: int, place: str, rank: int) -> str:
    """The page on which the pair stood when something was said of it."""
    if place not in ("opportunity", "capability"):
        return url_for("pairs.detail", o=o, c=c)
    own = o if place == "opportunity" else c
    endpoint = "opportunities.detail" if place == "opportunity" else "capabilities.detail"
    return url_for(endpoint, key=own, top=MAX_TOP if rank > DEFAULT_TOP else None, _anchor=f"m-{rank}")


def _said(o: int, c: int, role: str, act: Callable[[], None]) -> Response:
    try:
        act()
    except FaultyError as refusal:
        page = get_market().pair_page(o, c, get_sight())
        return make_response(render(present_pair(page, Typed(role, request.form.to_dict(), refusal.faults))), 422)
    say("已更正，所有显示这一对的地方都以此为准。")
    return _to(o, c)


def _seen() -> list[int]:
    return [key_number(one) for one in request.form.getlist("seen")]


def _to(o: int, c: int) -> Response:
    return redirect(url_for("pairs.detail", o=o, c=c, _anchor="corrections"), 303)
