"""The import of lists: upload, columns, check, confirmation, result, each a page with plain forms."""

from __future__ import annotations

from io import BytesIO
from pathlib import PurePath

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import (
    ROW_STATES,
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    OutputFile,
    RefusedError,
    StaleError,
)
from webapp.downloads import download
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import roles
from webapp.presenters.import_check import ALL, present_check
from webapp.presenters.import_columns import present_columns
from webapp.presenters.import_outcome import present_confirm, present_result
from webapp.presenters.imports import present_imports, present_upload
from webapp.query_args import page_number
from webapp.rendering import render
from webapp.sessions import get_viewer
from webapp.views.import_forms import chosen_columns, decisions, looked_at, received, side_of

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
_VIEWS = (
    "index", "new", "upload", "detail", "columns", "choose", "check", "mend", "decide", "annotated", "confirm", "start",
    "result", "undo", "drop",
)  # fmt: skip
GUARDS = dict.fromkeys(_VIEWS, roles("publisher", "company", "reviewer", "admin"))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STEP_OF = {"uploaded": "imports.columns", "checked": "imports.check"}


@blueprint.get("")
def index() -> str:
    """The viewer's imports."""
    return render(present_imports(get_market().imports.list_page(get_viewer())))


@blueprint.get("/new")
def new() -> str:
    """The form that takes a file."""
    viewer = get_viewer()
    return render(present_upload(get_market().imports.list_page(viewer), viewer.acting_for))


@blueprint.post("/new")
def upload() -> Response:
    """Take a file in, or show the form again with why it was not taken."""
    sent, form, viewer = request.files.get("file"), request.form, get_viewer()
    desk, organisation = get_market().imports, key_number(form.get("organisation"))
    try:
        with received(sent, get_market().settings.uploads_dir) as (path, name):
            key = desk.upload(viewer, path, file_name=name, side=side_of(form), organisation_key=organisation)
    except (RefusedError, ForbiddenError, NotFoundError) as refusal:
        again = present_upload(desk.list_page(viewer), viewer.acting_for, form, str(refusal))
        return make_response(render(again), 422)
    return redirect(url_for("imports.columns", key=key), 303)


@blueprint.get("/<key:key>")
def detail(key: int) -> Response:
    """The step an import stands at."""
    run = get_market().imports.run(get_viewer(), key)
    if run.state == "dropped":
        return redirect(url_for("imports.index"), 303)
    if run.state in ("checking", "importing") and run.job_key:
        return redirect(url_for("jobs.detail", key=run.job_key), 303)
    return redirect(url_for(_STEP_OF.get(run.state, "imports.result"), key=key), 303)


@blueprint.get("/<key:key>/columns")
def columns(key: int) -> Response:
    """How the columns are understood; arguments look at another sheet, list or header row."""
    desk, viewer = get_market().imports, get_viewer()
    try:
        page = desk.columns_page(viewer, key, looked_at(request.args))
    except BadRequestError as refusal:
        return make_response(render(present_columns(desk.columns_page(viewer, key), str(refusal))), 422)
    except RefusedError:
        # Back from the progress of the check with the browser's own button.
        if desk.run(viewer, key).state != "checking":
            raise
        return redirect(url_for("imports.detail", key=key), 303)
    return make_response(render(present_columns(page)))


@blueprint.post("/<key:key>/columns")
def choose(key: int) -> Response:
    """Take the columns and check the rows, here or aside, or show the columns again with what is missing."""
    desk, viewer, choice = get_market().imports, get_viewer(), chosen_columns(request.form)
    try:
        job = desk.choose_columns(viewer, key, choice)
    except RefusedError as refusal:
        if desk.run(viewer, key).state == "checking":
            say(str(refusal), "warn")
            return redirect(url_for("imports.detail", key=key), 303)
        return make_response(render(present_columns(desk.columns_page(viewer, key, choice), str(refusal))), 422)
    return redirect(url_for("jobs.detail", key=job) if job else url_for("imports.check", key=key), 303)


@blueprint.get("/<key:key>/check")
def check(key: int) -> str:
    """The checked rows; unasked those with problems when there are any, else all."""
    desk, viewer, state = get_market().imports, get_viewer(), asked_state()
    page = desk.check_page(viewer, key, state="bad" if state is None else state, page=asked_page())
    if state is None and not page.rows:
        page = desk.check_page(viewer, key)
    return render(present_check(page))


@blueprint.post("/<key:key>/rows/<key:position>")
def mend(key: int, position: int) -> Response:
    """Correct one cell, or every cell that says the same, and check anew."""
    form, alike = request.form, bool(request.form.get("alike"))
    try:
        get_market().imports.mend(
            get_viewer(), key, position=position, field=form.get("field", ""), value=form.get("value", ""), alike=alike
        )
    except RefusedError as refusal:
        say(str(refusal), "poor")
    else:
        say("已修改写法相同的各行，并重新检查。" if alike else "已修改并重新检查。")
    return back_to_rows(key, f"r{position}")


@blueprint.post("/<key:key>/decisions")
def decide(key: int) -> Response:
    """Say what becomes of rows that resemble others: those of the page, or all undecided ones alike."""
    desk, viewer, alike = get_market().imports, get_viewer(), request.form.get("all", "")
    try:
        if alike:
            say(f"已决定 {desk.decide_all(viewer, key, alike)} 行。")
        else:
            made = decisions(request.form)
            # What belongs to others does not exist, even when nothing was chosen.
            desk.run(viewer, key)
            for position, decision in made.items():
                desk.decide(viewer, key, position=position, decision=decision)
            say(f"已保存 {len(made)} 行的决定。" if made else "没有选择任何一行。", "good" if made else "warn")
    except RefusedError as refusal:
        say(str(refusal), "poor")
    return back_to_rows(key, "rows")


@blueprint.get("/<key:key>/annotated.xlsx")
def annotated(key: int) -> Response:
    """The user's own file with a column that says what is wrong in each row."""
    desk, viewer = get_market().imports, get_viewer()
    content = desk.annotated(viewer, key)
    name = f"{PurePath(desk.run(viewer, key).file_name).stem}-批注.xlsx"
    return download(OutputFile(name, f"import-{key}-annotated.xlsx", XLSX, BytesIO(content), len(content)))


@blueprint.get("/<key:key>/confirm")
def confirm(key: int) -> str:
    """What will happen."""
    return render(present_confirm(get_market().imports.check_page(get_viewer(), key)))


@blueprint.post("/<key:key>/confirm")
def start(key: int) -> Response:
    """Begin the import and lead to its progress; one that has begun already is simply followed."""
    desk, viewer, form = get_market().imports, get_viewer(), request.form
    run = desk.run(viewer, key)
    if run.state in ("importing", "done"):
        return redirect(url_for("jobs.detail", key=run.job_key), 303)
    try:
        job = desk.confirm(
            viewer,
            key,
            how=form.get("how", "drafts"),
            only_good=form.get("only_good") == "1",
            secrecy_checked=form.get("secrecy") == "1",
        )
    except StaleError:
        return redirect(url_for("imports.detail", key=key), 303)
    except RefusedError as refusal:
        return make_response(render(present_confirm(desk.check_page(viewer, key), form, str(refusal))), 422)
    return redirect(url_for("jobs.detail", key=job), 303)


@blueprint.get("/<key:key>/result")
def result(key: int) -> str:
    """What an import did."""
    viewer, state = get_viewer(), asked_state() or ""
    page = get_market().imports.result_page(viewer, key, state=state, page=asked_page())
    return render(present_result(page, state, viewer.roles))


@blueprint.post("/<key:key>/undo")
def undo(key: int) -> Response:
    """Take the whole import back."""
    try:
        say(f"已撤销，共撤回 {get_market().imports.undo(get_viewer(), key)} 条。")
    except RefusedError as refusal:
        say(str(refusal), "poor")
    return redirect(url_for("imports.result", key=key), 303)


@blueprint.post("/<key:key>/drop")
def drop(key: int) -> Response:
    """Give an import up before anything is written."""
    get_market().imports.drop(get_viewer(), key)
    say("已放弃这次导入。")
    return redirect(url_for("imports.detail", key=key), 303)


def asked_state() -> str | None:
    """The rows asked for: a state, empty for all, None when nothing was said."""
    state = request.args.get("state")
    return "" if state == ALL else state if state in ROW_STATES else None


def asked_page() -> int:
    """The page asked for."""
    return page_number(request.args)


def back_to_rows(key: int, anchor: str) -> Response:
    """Return to the rows as they were shown."""
    page = asked_page() if "page" in request.args else 0
    return redirect(
        url_for("imports.check", key=key, state=request.args.get("state"), page=page or None, _anchor=anchor), 303
    )
