"""Working days: Monday to Friday without the holidays that the year names."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

NOTICE_DAYS = 5


def working_days(first: date, last: date, holidays: Collection[str] = ()) -> int:
    """Return how many working days lie between two days, both included."""
    count, day = 0, first
    while day <= last:
        count += day.weekday() < 5 and day.isoformat() not in holidays
        day += timedelta(days=1)
    return count


def last_of(first: date, days: int, holidays: Collection[str] = ()) -> date:
    """Return the day that is the so-manieth working day from ``first`` on."""
    day = first
    while working_days(first, day, holidays) < days:
        day += timedelta(days=1)
    return day
