"""The accounts of the site: the administrator's and the security officer's pages."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import FaultyError
from marketplace.accounts import AccountListQuery, IssuedPassword
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import roles
from webapp.presenters.accounts import present_account, present_accounts, present_issued, present_new_account
from webapp.query_args import clean_text, page_number
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("accounts", __name__, url_prefix="/admin/accounts")
GUARDS = (
    dict.fromkeys(("index", "detail"), roles("admin", "security"))
    | dict.fromkeys(("new", "add", "disable", "enable"), roles("admin"))
    | dict.fromkeys(("unlock", "reset", "grant", "revoke"), roles("security"))
)


@blueprint.get("")
def index() -> str:
    """The accounts, by part of a name and by role."""
    query = AccountListQuery(
        clean_text(request.args.get("q", "")).text,
        request.args.get("role", ""),
        page_number(request.args),
    )
    return render(present_accounts(get_market().accounts.list_page(get_viewer(), query)))


@blueprint.get("/new")
def new() -> str:
    """The empty form of a new account."""
    return render(present_new_account())


@blueprint.post("/new")
def add() -> Response:
    """Make an account and tell its one-time password, or show the form again."""
    form = request.form
    try:
        issued = get_market().accounts.create(get_viewer(), form.get("login", ""), form.get("name", ""))
    except FaultyError as refusal:
        return make_response(render(present_new_account(form.to_dict(), refusal.faults)), 422)
    return _told(issued, "账号已建好")


@blueprint.get("/<key:key>")
def detail(key: int) -> str:
    """One account."""
    return render(present_account(get_market().accounts.page(get_viewer(), key)))


@blueprint.post("/<key:key>/disable")
def disable(key: int) -> Response:
    """Disable an account."""
    get_market().accounts.disable(get_viewer(), key)
    say("账号已停用，已登录的会话立即失效。")
    return _back(key)


@blueprint.post("/<key:key>/enable")
def enable(key: int) -> Response:
    """Enable an account again."""
    get_market().accounts.enable(get_viewer(), key)
    say("账号已启用。")
    return _back(key)


@blueprint.post("/<key:key>/unlock")
def unlock(key: int) -> Response:
    """Lift the lock of an account."""
    get_market().accounts.unlock(get_viewer(), key)
    say("已解除锁定。")
    return _back(key)


@blueprint.post("/<key:key>/reset")
def reset(key: int) -> Response:
    """Replace a forgotten password and tell the one-time password."""
    return _told(get_market().accounts.reset_password(get_viewer(), key), "密码已重置")


@blueprint.post("/<key:key>/grant")
def grant(key: int) -> Response:
    """Give a role, or show the account again with what is wrong."""
    form, book = request.form, get_market().accounts
    try:
        book.grant_named(
            get_viewer(), key, form.get("role", ""), form.get("organisation", ""), form.get("districts", "")
        )
    except FaultyError as refusal:
        page = book.page(get_viewer(), key)
        return make_response(render(present_account(page, form.to_dict(), refusal.faults)), 422)
    say("身份已授予，对方下一次打开页面时生效。")
    return _back(key)


@blueprint.post("/<key:key>/revoke")
def revoke(key: int) -> Response:
    """Take a role away."""
    place = key_number(request.form.get("organisation"))
    get_market().accounts.revoke(get_viewer(), key, request.form.get("role", ""), place)
    say("身份已收回，立即生效。")
    return _back(key)


def _told(issued: IssuedPassword, heading: str) -> Response:
    """The one page that shows a one-time password; nothing on the way may keep it."""
    response = make_response(render(present_issued(issued, heading)))
    response.headers["Cache-Control"] = "no-store"
    return response


def _back(key: int) -> Response:
    return redirect(url_for("accounts.detail", key=key), 303)
