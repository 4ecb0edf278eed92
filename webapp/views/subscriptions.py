"""Subscriptions and saved searches of whoever is signed in, and the link in a letter that stops it."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace import ListQuery, RefusedError, StaleError
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import PUBLIC, SIGNED_IN
from webapp.presenters.output_links import SIDES
from webapp.presenters.saved_searches import present_search_form, present_stop
from webapp.presenters.subscriptions import present_subscription, present_subscriptions
from webapp.query_args import clean_text, on_page, parse_list, whole_number
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("subscriptions", __name__)
GUARDS = {"stop_page": PUBLIC, "stop_signed": PUBLIC} | dict.fromkeys(
    ("index", "new", "subscribe", "detail", "change", "stop", "new_search", "save_search", "search", "rename",
     "delete_search"), SIGNED_IN,
)  # fmt: skip
MAX_STAMP = 2**31


@blueprint.get("/subscriptions")
def index() -> str:
    """All subscriptions and saved searches."""
    return render(present_subscriptions(get_market().subscriptions.list_page(get_viewer())))


@blueprint.get("/subscriptions/new")
def new() -> str:
    """The form of a subscription, with how much it is likely to tell."""
    subject, key = request.args.get("subject", ""), key_number(request.args.get("key"))
    return render(present_subscription(get_market().subscriptions.new_page(get_viewer(), subject, key), key))


@blueprint.post("/subscriptions/new")
def subscribe() -> Response:
    """Begin a subscription, or show the form again with what is wrong."""
    subject, key = request.form.get("subject", ""), key_number(request.form.get("key"))
    frequency, book = request.form.get("frequency", ""), get_market().subscriptions
    try:
        made = book.subscribe(get_viewer(), subject, key, frequency)
    except RefusedError as refusal:
        page = book.new_page(get_viewer(), subject, key)
        return make_response(render(present_subscription(page, key, frequency, str(refusal))), 422)
    say("已订阅。")
    return redirect(url_for("subscriptions.detail", key=made), 303)


@blueprint.get("/subscriptions/<key:key>")
def detail(key: int) -> str:
    """One subscription with what it would have told lately."""
    return render(present_subscription(get_market().subscriptions.page(get_viewer(), key), key))


@blueprint.post("/subscriptions/<key:key>")
def change(key: int) -> Response:
    """Set how often one is told."""
    frequency, book = request.form.get("frequency", ""), get_market().subscriptions
    stamp = whole_number(request.form.get("stamp"), default=0, low=0, high=MAX_STAMP)
    try:
        book.change(get_viewer(), key, frequency, stamp)
    except StaleError:
        raise
    except RefusedError as refusal:
        page = book.page(get_viewer(), key)
        return make_response(render(present_subscription(page, key, frequency, str(refusal))), 422)
    say("已保存。")
    return redirect(url_for("subscriptions.detail", key=key), 303)


@blueprint.post("/subscriptions/<key:key>/stop")
def stop(key: int) -> Response:
    """End a subscription."""
    get_market().subscriptions.stop(get_viewer(), key)
    say("已停止订阅。")
    return redirect(url_for("subscriptions.index"), 303)


@blueprint.get("/subscriptions/searches/new")
def new_search() -> str:
    """The form that keeps a list as filtered under a name."""
    return render(present_search_form(get_market().searches.new_page(get_viewer(), asked_list(request.args))))


@blueprint.post("/subscriptions/searches/new")
def save_search() -> Response:
    """Keep a search and offer to be told of it, or show the form again with what is wrong."""
    query, name, shelf = asked_list(request.form), clean_text(request.form.get("name", "")).text, get_market().searches
    try:
        key = shelf.save(get_viewer(), query, name)
    except RefusedError as refusal:
        page = shelf.new_page(get_viewer(), query)
        return make_response(render(present_search_form(page, name, str(refusal))), 422)
    say("搜索已保存；需要时可以订阅它的新内容。")
    return redirect(url_for("subscriptions.new", subject="search", key=key), 303)


@blueprint.get("/subscriptions/searches/<key:key>")
def search(key: int) -> str:
    """One saved search, to be renamed or deleted."""
    return render(present_search_form(get_market().searches.page(get_viewer(), key)))


@blueprint.post("/subscriptions/searches/<key:key>")
def rename(key: int) -> Response:
    """Give a saved search another name."""
    name, shelf = clean_text(request.form.get("name", "")).text, get_market().searches
    try:
        shelf.rename(get_viewer(), key, name)
    except RefusedError as refusal:
        page = shelf.page(get_viewer(), key)
        return make_response(render(present_search_form(page, name, str(refusal))), 422)
    say("名称已更新。")
    return redirect(url_for("subscriptions.index"), 303)


@blueprint.post("/subscriptions/searches/<key:key>/delete")
def delete_search(key: int) -> Response:
    """Delete a saved search with its subscription."""
    get_market().searches.delete(get_viewer(), key)
    say("搜索已删除，它的订阅也已停止。")
    return redirect(url_for("subscriptions.index"), 303)


@blueprint.get("/stop/<token>")
def stop_page(token: str) -> str:
    """What a link from a letter stops; asking changes nothing, because mail programs open links by themselves."""
    page = get_market().subscriptions.stop_page(get_viewer(), token)
    return render(present_stop(page, url_for("subscriptions.stop_signed", token=token)))


@blueprint.post("/stop/<token>")
def stop_signed(token: str) -> Response:
    """Stop it; whoever holds the letter may, signed in or not."""
    get_market().subscriptions.stop_signed(get_viewer(), token)
    return redirect(url_for("subscriptions.stop_page", token=token), 303)


def asked_list(args: MultiDict[str, str]) -> ListQuery:
    """The list that was filtered, without its page; an unknown list is no page of ours."""
    side = SIDES.get(args.get("kind", "")) or abort(404)
    return on_page(parse_list(args, side).query, 1)
