"""A message said once, on the next page."""

from __future__ import annotations

from flask import flash, get_flashed_messages

from webapp.presenters.labels import Label

TONES = ("good", "warn", "poor", "info")


def say(text: str, tone: str = "good") -> None:
    """Show ``text`` on the next page; ``tone`` colours what the words already say."""
    if tone not in TONES:
        raise ValueError(tone)
    flash(text, tone)


def heard() -> tuple[Label, ...]:
    """The messages to show now; each is given out once."""
    return tuple(Label(said[1], said[0]) for said in get_flashed_messages(with_categories=True))
