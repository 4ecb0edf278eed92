"""Where a pairing has its page."""

from __future__ import annotations

from flask import url_for


def pairing_url(key: int) -> str:
    """The address of a pairing's page."""
    return url_for("pairings.detail", key=key)
