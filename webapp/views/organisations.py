"""Organisations: the office's list, forms, merging and claims, and the page where people claim theirs."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import FaultyError
from marketplace.organisations import OrganisationQuery
from webapp.engine import get_market
from webapp.flashing import say
from webapp.form_args import key_number
from webapp.guards import SIGNED_IN, roles
from webapp.presenters.claims import present_claim, present_claim_form, present_claims
from webapp.presenters.organisation_form import present_organisation_form
from webapp.presenters.organisations import present_lookalikes, present_organisation, present_organisations
from webapp.query_args import clean_text, page_number
from webapp.rendering import render
from webapp.sessions import get_viewer

blueprint = Blueprint("organisations", __name__)
GUARDS = (
    dict.fromkeys(("index", "detail"), roles("reviewer", "admin", "security"))
    | dict.fromkeys(
        ("new", "add", "edit", "change", "verify", "lookalikes", "merge", "undo"), roles("reviewer", "admin")
    )
    | dict.fromkeys(("claims", "decide"), roles("reviewer"))
    | dict.fromkeys(("claim", "claim_form", "ask"), SIGNED_IN)
)
_OFFICE = "/admin/organisations"


@blueprint.get(_OFFICE)
def index() -> str:
    """The organisations, by part of a name or code, kind and state."""
    args = request.args
    page = page_number(args)
    query = OrganisationQuery(clean_text(args.get("q", "")).text, args.get("kind", ""), args.get("state", ""), page)
    return render(present_organisations(get_market().organisations.list_page(get_viewer(), query)))


@blueprint.get(f"{_OFFICE}/new")
def new() -> str:
    """The empty form of a new organisation."""
    return render(present_organisation_form(get_market().organisations.form_page(get_viewer())))


@blueprint.post(f"{_OFFICE}/new")
def add() -> Response:
    """Write a new organisation, or show the form again with what is wrong."""
    book, values = get_market().organisations, _typed()
    try:
        key = book.create(get_viewer(), values)
    except FaultyError as refusal:
        page = book.form_page(get_viewer())
        return make_response(render(present_organisation_form(page, values, refusal.faults)), 422)
    say("单位已新建。")
    return _to(key)


@blueprint.get(f"{_OFFICE}/<key:key>")
def detail(key: int) -> str | Response:
    """One organisation; the address of a merged one leads to the one that stands for it."""
    page = get_market().organisations.page(get_viewer(), key)
    if page.organisation.key != key:
        say(f"这个单位已并入“{page.organisation.name}”。", "info")
        return redirect(url_for("organisations.detail", key=page.organisation.key))
    return render(present_organisation(page))


@blueprint.get(f"{_OFFICE}/<key:key>/edit")
def edit(key: int) -> str:
    """The form of an organisation."""
    return render(present_organisation_form(get_market().organisations.form_page(get_viewer(), key)))


@blueprint.post(f"{_OFFICE}/<key:key>/edit")
def change(key: int) -> Response:
    """Write what the form says, or show it again with what is wrong."""
    book, values = get_market().organisations, _typed()
    revision = key_number(request.form.get("revision"))
    try:
        key = book.save(get_viewer(), key, values, revision)
    except FaultyError as refusal:
        page = book.form_page(get_viewer(), key)
        return make_response(render(present_organisation_form(page, values, refusal.faults, revision)), 422)
    say("单位信息已保存。")
    return _to(key)


@blueprint.post(f"{_OFFICE}/<key:key>/verify")
def verify(key: int) -> Response:
    """Write down that the organisation was checked against its papers."""
    get_market().organisations.verify(get_viewer(), key)
    say("已标为核实。")
    return _to(key)


@blueprint.get(f"{_OFFICE}/lookalikes")
def lookalikes() -> str:
    """Pairs that may be one organisation."""
    return render(present_lookalikes(get_market().organisations.lookalikes(get_viewer())))


@blueprint.post(f"{_OFFICE}/<key:key>/merge")
def merge(key: int) -> Response:
    """Merge another organisation, given by its key or its name, into this one."""
    book, merged = get_market().organisations, key_number(request.form.get("merged"))
    try:
        if merged:
            book.merge(get_viewer(), key, merged)
        else:
            book.merge_named(get_viewer(), key, request.form.get("other", ""))
    except FaultyError as refusal:
        page = book.page(get_viewer(), key)
        return make_response(render(present_organisation(page, request.form.get("other", ""), refusal.faults)), 422)
    say("已合并；如合并有误，可在下方撤销。")
    return _to(key)


@blueprint.post(f"{_OFFICE}/merges/<key:key>/undo")
def undo(key: int) -> Response:
    """Undo a merge."""
    kept = get_market().organisations.undo_merge(get_viewer(), key)
    say("已撤销合并，两个单位恢复原样。")
    return _to(kept)


@blueprint.get(f"{_OFFICE}/claims")
def claims() -> str:
    """The claims that wait for a decision."""
    return render(present_claims(get_market().organisations.claims(get_viewer())))


@blueprint.post(f"{_OFFICE}/claims/<key:key>")
def decide(key: int) -> Response:
    """Approve or refuse a claim, or show the claims again with what is wrong."""
    book, approve = get_market().organisations, request.form.get("decision") == "approve"
    try:
        name = book.decide_claim(get_viewer(), key, approve=approve, reason=request.form.get("reason", ""))
    except FaultyError as refusal:
        return make_response(render(present_claims(book.claims(get_viewer()), key, refusal.faults)), 422)
    say(f"认领“{name}”：{'已通过' if approve else '未通过'}，已通知申请人。")
    return redirect(url_for("organisations.claims"), 303)


@blueprint.get("/organisations/claim")
def claim() -> str:
    """Find the organisation to claim, and see the own claims."""
    text = clean_text(request.args.get("q", "")).text
    return render(present_claim(get_market().organisations.claim_page(get_viewer(), text)))


@blueprint.get("/organisations/claim/<key:key>")
def claim_form(key: int) -> str:
    """The form to claim one organisation."""
    return render(present_claim_form(get_market().organisations.claimable(get_viewer(), key)))


@blueprint.post("/organisations/claim/<key:key>")
def ask(key: int) -> Response:
    """Send the claim, or show the form again with what is wrong."""
    book, form = get_market().organisations, request.form
    try:
        book.ask_claim(get_viewer(), key, form.get("credit_code", ""), form.get("note", ""))
    except FaultyError as refusal:
        found = book.claimable(get_viewer(), key)
        return make_response(render(present_claim_form(found, form.to_dict(), refusal.faults)), 422)
    say("申请已提交，审核结果会发到“通知”。")
    return redirect(url_for("organisations.claim"), 303)


def _typed() -> dict[str, str | list[str]]:
    """The form as typed; the qualifications are several."""
    form = request.form
    return {**form.to_dict(), "qualifications": [text for text in form.getlist("qualifications") if text.strip()]}


def _to(key: int) -> Response:
    return redirect(url_for("organisations.detail", key=key), 303)
