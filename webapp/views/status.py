"""What is running: one page for people, two addresses for monitors."""

from __future__ import annotations

import os

from flask import Blueprint, Response, jsonify, make_response

from webapp.engine import get_market
from webapp.guards import PUBLIC
from webapp.presenters import health, present_status
from webapp.rendering import render

blueprint = Blueprint("status", __name__)
GUARDS = {"index": PUBLIC, "healthz": PUBLIC, "readyz": PUBLIC}


@blueprint.get("/status")
def index() -> str:
    """Model, lists, index and problems in words."""
    return render(present_status(get_market().status()))


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 while the process answers and the market can be read; ``worker`` tells the processes apart."""
    return jsonify({**health(get_market().status()), "worker": os.getpid()})


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 once the encoder is loaded, 503 before."""
    ready = get_market().status().encoder_ready
    return make_response(jsonify(status="ready" if ready else "loading"), 200 if ready else 503)
