"""Work done aside: its progress as a page that renews itself, and trying again."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.engine import get_market
from webapp.flashing import say
from webapp.guards import SIGNED_IN
from webapp.presenters.jobs import MAX_WAIT_S, present_job, present_jobs
from webapp.query_args import whole_number
from webapp.rendering import render, template_fields
from webapp.sessions import get_viewer
from webapp.site import build_site
from webapp.views.postings import wants_fragment

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")
GUARDS = {"index": SIGNED_IN, "detail": SIGNED_IN, "retry": SIGNED_IN}


@blueprint.get("")
def index() -> str:
    """The newest jobs of the viewer."""
    return render(present_jobs(get_market().jobs.recent(get_viewer())))


@blueprint.get("/<key:key>")
def detail(key: int) -> str:
    """One job, whole or as the part that is renewed; each answer lets a little more time pass."""
    waited = whole_number(request.args.get("waited"), default=0, low=0, high=MAX_WAIT_S)
    context = present_job(get_market().jobs.page(get_viewer(), key), waited)
    if wants_fragment():
        return render_template(context.fragment, site=build_site(), **template_fields(context))
    return render(context)


@blueprint.post("/<key:key>/retry")
def retry(key: int) -> Response:
    """Let a failed job go on."""
    get_market().jobs.retry(get_viewer(), key)
    say("任务已重新排队。")
    return redirect(url_for("jobs.detail", key=key), 303)
