"""Where a pairing has its page."""

from __future__ import annotations

from flask import current_app, url_for


def pairing_url(key: int) -> str:
    """The address of a pairing's page."""
    if "pairings.detail" not in current_app.view_functions:
        return f"/pairings/{key}"
    return url_for("pairings.detail", key=key)
