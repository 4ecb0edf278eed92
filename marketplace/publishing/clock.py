"""How long something can still be taken back, and how long it has waited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from marketplace.days import BEIJING

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def recall_until(at: str, minutes: int) -> str:
    """Return until when what happened ``at`` (ISO-8601 UTC) can be taken back; empty when that has passed."""
    moment = _read(at)
    if moment is None:
        return ""
    end = moment + timedelta(minutes=minutes)
    return end.strftime(_FORM) if end > datetime.now(UTC) else ""


def days_since(at: str) -> int | None:
    """Return whole days since a moment, None when there is none."""
    moment = _read(at)
    return (datetime.now(UTC) - moment).days if moment else None


def seconds_since(at: str) -> float:
    """Return seconds since a moment; infinitely many when there is none."""
    moment = _read(at)
    return (datetime.now(UTC) - moment).total_seconds() if moment else float("inf")


def beijing(at: str) -> str:
    """Return a moment as people here read it; anything else as it is."""
    moment = _read(at)
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}（北京时间）" if moment else at


def _read(at: str) -> datetime | None:
    try:
        return datetime.strptime(at, _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
