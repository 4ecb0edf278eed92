"""Signing in and out, and one's own account."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import FaultyError, RefusedError
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import PUBLIC, SIGNED_IN
from webapp.presenters.account import present_own_account, present_password, present_sign_in
from webapp.presenters.account_mail import present_mail
from webapp.rendering import render
from webapp.sessions import act_for, begin, end, get_viewer, request_id
from webapp.views.preferences import is_local

blueprint = Blueprint("account", __name__)
GUARDS = {"sign_in": PUBLIC, "enter": PUBLIC, "sign_out": PUBLIC} | dict.fromkeys(
    ("index", "password", "change_password", "act", "mail", "keep_mail", "confirm_mail", "remove_mail"), SIGNED_IN
)


@blueprint.get("/login")
def sign_in() -> str | Response:
    """The sign-in form; who is signed in already goes on."""
    onward = _onward(request.args.get("next", ""))
    if get_viewer().signed_in:
        return redirect(onward or url_for("account.index"), 303)
    return render(present_sign_in(onward))


@blueprint.post("/login")
def enter() -> Response:
    """Sign in under a new session, or show the form again with one sentence."""
    onward, login = _onward(request.form.get("next", "")), request.form.get("login", "")
    # Only a program fills in the field that nobody sees; it gets a wrong password's answer.
    password = "" if request.form.get("website") else request.form.get("password", "")
    try:
        viewer, number = get_market().accounts.sign_in(
            login, password, address=request.remote_addr or "", request_id=request_id()
        )
    except RefusedError as refusal:
        return make_response(render(present_sign_in(onward, login, str(refusal))), 422)
    begin(viewer, number)
    return redirect(onward or url_for("account.index"), 303)


@blueprint.post("/logout")
def sign_out() -> Response:
    """Sign out everywhere."""
    get_market().accounts.sign_out(get_viewer())
    end()
    say("已退出登录。", "info")
    return redirect(url_for("home.index"), 303)


@blueprint.get("/account")
def index() -> str:
    """The own account: roles, the organisation acted for, ways to change the password."""
    return render(present_own_account(get_market().accounts.own_page(get_viewer())))


@blueprint.get("/account/password")
def password() -> str:
    """The form for a new password."""
    return render(present_password(get_market().accounts.own_page(get_viewer())))


@blueprint.post("/account/password")
def change_password() -> Response:
    """Take the new password and go on under a new session, or show the form again."""
    viewer, form = get_viewer(), request.form
    try:
        number = get_market().accounts.change_password(
            viewer, form.get("old", ""), form.get("new", ""), form.get("repeated", "")
        )
    except FaultyError as refusal:
        page = get_market().accounts.own_page(viewer)
        return make_response(render(present_password(page, refusal.faults)), 422)
    begin(viewer, number)
    act_for(viewer.acting_for)
    say("密码已更换；其他地方的登录已全部退出。")
    return redirect(url_for("account.index"), 303)


@blueprint.post("/account/acting")
def act() -> Response:
    """Choose the organisation to act for."""
    key = key_number(request.form.get("organisation"))
    name = get_market().accounts.check_acting(get_viewer(), key)
    act_for(key)
    say(f"当前身份已换为“{name}”。")
    return redirect(url_for("account.index"), 303)


@blueprint.get("/account/mail")
def mail() -> str:
    """The own mail address."""
    return render(present_mail(get_market().mail.page(get_viewer())))


@blueprint.post("/account/mail")
def keep_mail() -> Response:
    """Send a code to an address, or show the form again with what is wrong."""
    address, book = request.form.get("address", ""), get_market().mail
    try:
        book.ask(get_viewer(), address)
    except RefusedError as refusal:
        return make_response(render(present_mail(book.page(get_viewer()), address, str(refusal))), 422)
    say("验证码已发出，请查收邮件后填写。", "info")
    return redirect(url_for("account.mail"), 303)


@blueprint.post("/account/mail/confirm")
def confirm_mail() -> Response:
    """Take the address into use, or show the form again with what is wrong."""
    book = get_market().mail
    try:
        book.confirm(get_viewer(), request.form.get("code", ""))
    except RefusedError as refusal:
        page = book.page(get_viewer())
        about = "code" if page.pending else "address"
        return make_response(render(present_mail(page, "", str(refusal), about=about)), 422)
    say("邮箱已确认，订阅的通知将同时发到此邮箱。")
    return redirect(url_for("account.mail"), 303)


@blueprint.post("/account/mail/remove")
def remove_mail() -> Response:
    """Delete the address."""
    get_market().mail.remove(get_viewer())
    say("邮箱已删除，不再发送邮件。")
    return redirect(url_for("account.mail"), 303)


def _onward(path: str) -> str:
    """Where to go after signing in; empty for anything that leaves the site or signs in again."""
    return path if is_local(path) and not path.startswith(url_for("account.sign_in")) else ""
