"""Addresses of static files; our own carry a hash of their content, so they may be kept for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import current_app, url_for

# In the order they are laid over one another.
STYLES = (
    "app.css",
    "forms.css",
    "office.css",
    "publishing.css",
    "imports.css",
    "pairings.css",
    "answers.css",
    "desk.css",
    "insight.css",
    "benchmarks.css",
)
HTMX = "vendor/htmx-4.0.1/htmx.min.js"
ICON = "icon.svg"


@lru_cache(maxsize=32)
def _digest(path: Path, changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset_url(name: str) -> str:
    """The address of the static file ``name`` with a hash of its content."""
    path = Path(str(current_app.static_folder)) / name
    return url_for("static", filename=name, v=_digest(path, path.stat().st_mtime_ns))
