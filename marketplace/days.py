"""Days and weeks as people here count them: those of Beijing, whatever zone the stored moments are in."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


def day_of(moment: datetime | str) -> date:
    """Return the day in Beijing of a moment, given as such or as it is stored (ISO-8601 UTC)."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.astimezone(BEIJING).date()


def week_of(moment: datetime | str) -> str:
    """Return the Monday of the week in Beijing a moment falls in, as days are stored."""
    day = day_of(moment)
    return (day - timedelta(days=day.weekday())).isoformat()
