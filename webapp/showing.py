"""Tells the marketplace after a page whom it has shown; a page never fails and never waits because of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import Flask, Response, current_app, g, request

from webapp.engine import get_market
from webapp.sessions import get_viewer

# Programs that read every page make nothing seen.
_ROBOT = re.compile(r"bot|crawl|spider|slurp|fetch|monitor|python|curl|wget|java/|okhttp|scrapy", re.IGNORECASE)


def show(place: str, capability_keys: Iterable[int], opened: int = 0) -> None:
    """Remember what the page being made shows, and the need it is about."""
    g.shown = (place, tuple(capability_keys), opened)


def set_up_showing(app: Flask) -> None:
    """Count what was shown once a page has come out well."""

    @app.after_request
    def count(response: Response) -> Response:
        shown = g.pop("shown", None)
        if shown and request.method == "GET" and response.status_code == 200 and not _robot():
            try:
                place, capability_keys, opened = shown
                get_market().exposure.note(get_viewer(), place, capability_keys, opened)
            except Exception:
                current_app.logger.exception("what %s showed was not counted", request.path)
        return response


def _robot() -> bool:
    agent = request.headers.get("User-Agent", "")
    return not agent or bool(_ROBOT.search(agent))
