"""The matchmaker's desk: today, the board, the list with bulk assignment, workload and points."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace import FaultyError, RefusedError
from marketplace.followup import STAGES
from marketplace.matchmaking import DeskQuery
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number, ticked
from webapp.guards import roles
from webapp.presenters.desk import present_desk
from webapp.presenters.desk_cards import Noted
from webapp.presenters.desk_lists import Assigned, desk_args, present_board, present_desk_list, present_workload
from webapp.presenters.forms import FaultLine
from webapp.presenters.pairing_links import pairing_url
from webapp.query_args import clean_text, page_number, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
GUARDS = dict.fromkeys(
    ("index", "board", "listing", "workload", "begin", "put_aside", "bring_back", "assign", "note"), roles("matchmaker")
)
MAX_PICKS = 200


@blueprint.get("")
def index() -> str:
    """Today: whom to call first, what is overdue, what is due soon."""
    return render(present_desk(get_market().workbench.page(get_viewer())))


@blueprint.get("/board")
def board() -> str:
    """Pairings by stage."""
    return render(present_board(get_market().workbench.board(get_viewer(), parse_desk(request.args))))


@blueprint.get("/list")
def listing() -> str:
    """Pairings as a list."""
    page = get_market().workbench.list_page(get_viewer(), parse_desk(request.args))
    return render(present_desk_list(page, tick_all=request.args.get("tick") == "all"))


@blueprint.get("/workload")
def workload() -> str:
    """Who carries how much, and the points of a year."""
    year = whole_number(request.args.get("year"), default=0, low=0, high=9999)
    return render(present_workload(get_market().workload.page(get_viewer(), year or None)))


@blueprint.post("/suggestions/<key:o>/<key:c>/begin")
def begin(o: int, c: int) -> Response:
    """Open the pairing of a suggested pair and go to it."""
    key = get_market().workbench.begin(get_viewer(), (o, c))
    say("已建立对接；联系双方后，请在本页推进到“已联系”。")
    return redirect(pairing_url(key), 303)


@blueprint.post("/suggestions/<key:o>/<key:c>/aside")
def put_aside(o: int, c: int) -> Response:
    """Do not suggest this pair any more today."""
    get_market().workbench.put_aside(get_viewer(), (o, c))
    say("这一对供需今日暂不推荐，明日重新列入推荐范围。")
    return redirect(url_for("desk.index", _anchor="h-suggestions"), 303)


@blueprint.post("/suggestions/bring-back")
def bring_back() -> Response:
    """Suggest again what was put aside today."""
    count = get_market().workbench.bring_back(get_viewer())
    say(f"已恢复今日暂不推荐的 {count} 对供需。" if count else "今日没有暂不推荐的供需。", "good" if count else "info")
    return redirect(url_for("desk.index", _anchor="h-suggestions"), 303)


@blueprint.post("/assign")
def assign() -> Response:
    """Give the ticked pairings to one matchmaker, or show the list again with what is wrong."""
    form, query = request.form, parse_desk(request.form)
    picks = ticked(form.getlist("pick")[:MAX_PICKS])
    account = key_number(form.get("account"))
    try:
        if not picks or not account:
            raise RefusedError("请至少勾选一个对接。" if not picks else "“指派给”：没有选择；应为：一位撮合员。")
        moved = get_market().pairings.assign(get_viewer(), picks, account)
    except RefusedError as refusal:
        page = get_market().workbench.list_page(get_viewer(), query)
        target = "#f-account" if picks else "#main"
        refused = Assigned(frozenset(picks), form.get("account", ""), (FaultLine(str(refusal), target),))
        return make_response(render(present_desk_list(page, assigned=refused)), 422)
    say(f"已指派 {moved} 个对接，并已通知接手的撮合员。" if moved else "所选对接原已由该撮合员办理，没有改动。")
    return redirect(url_for("desk.listing", **desk_args(query), page=query.page), 303)


@blueprint.post("/notes/<key:key>")
def note(key: int) -> Response:
    """Write a note into a pairing's journal, or show the page it came from again with what is wrong."""
    text, on_board, query = request.form.get("note", ""), request.form.get("place") == "board", parse_desk(request.form)
    try:
        get_market().pairings.write_note(get_viewer(), key, text, "office")
    except FaultyError as refusal:
        noted, bench = Noted(key, text, refusal.faults[0].sentence), get_market().workbench
        page = (
            render(present_board(bench.board(get_viewer(), query), noted))
            if on_board
            else render(present_desk(bench.page(get_viewer()), noted))
        )
        return make_response(page, 422)
    say("已记入对接记录。")
    where = url_for("desk.board", **desk_args(query)) if on_board else url_for("desk.index")
    return redirect(f"{where}#p-{key}", 303)


def parse_desk(args: MultiDict[str, str]) -> DeskQuery:
    """What the arguments ask for; unknown values are left out."""
    who = args.get("who", "all")
    page = page_number(args)
    known = who in ("mine", "free") or key_number(who)
    stage, due, text, region = (clean_text(args.get(name, "")).text for name in ("stage", "due", "q", "region"))
    stage, due = stage if stage in STAGES else "", due if due in ("late", "week") else ""
    return DeskQuery(who if known else "all", stage, due, text, region[:20], page)
