"""The weeks of digests: Monday to Sunday in Beijing, told of from eight on Monday morning on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from marketplace.days import day_of, week_of

# Nobody wants a letter at midnight; by then Sunday's work of the site is done, too.
_MORNING = timedelta(hours=8, minutes=10)
# A site that stood still for months does not tell of everything.
MOST_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Window:
    """Days of first publication, ``since`` included and ``until`` not, as stored days are written."""

    since: str
    until: str

    def holds(self, day: str | None) -> bool:
        """Whether something published on ``day`` is news."""
        return bool(day) and self.since <= str(day) < self.until

    @property
    def words(self) -> str:
        """The days in words: 11月16日至22日."""
        first, last = date.fromisoformat(self.since), date.fromisoformat(self.until) - timedelta(days=1)
        end = f"{last.day}日" if (first.year, first.month) == (last.year, last.month) else f"{last.month}月{last.day}日"
        return f"{first.month}月{first.day}日至{end}"


def current_week(moment: datetime | None = None) -> str:
    """Return the Monday whose digest is due at a moment, now when none is given."""
    return week_of((moment or datetime.now(UTC)) - _MORNING)


def window_of(week: str, last_week: str = "", begun: str = "") -> Window:
    """Return what the digest of a week tells of: all days since the account's last digest, the week before if none.

    ``begun`` is the week since when it is wanted; who comes back is not told of the weeks before that.
    """
    monday = date.fromisoformat(week)
    newcomer = monday - timedelta(weeks=1)
    since = date.fromisoformat(last_week) if last_week else newcomer
    if begun:
        since = max(since, min(date.fromisoformat(begun), newcomer))
    return Window(max(since, monday - timedelta(weeks=MOST_WEEKS)).isoformat(), week)


def last_weeks(count: int, today: date | None = None) -> Window:
    """Return the last ``count`` weeks, today included."""
    day = today or day_of(datetime.now(UTC))
    return Window((day - timedelta(weeks=count) + timedelta(days=1)).isoformat(), (day + timedelta(days=1)).isoformat())
