"""When a posting is to be confirmed, and when it leaves the lists by itself; days only, no records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.rules import FreshnessRules


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be done about a posting today; each text is the reason in Chinese, empty for nothing."""

    remind: str = ""
    take_off: str = ""


def is_expired(valid_until: str | None, today: date) -> bool:
    """Whether the last valid day has passed; a posting without one does not expire by date."""
    last = read_day(valid_until)
    return last is not None and last < today


def read_day(text: str | None) -> date | None:
    """Return the day at the beginning of a stored day or moment, None when there is none."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def judge(
    valid_until: str | None, confirmed: str | None, reminded: str | None, today: date, rules: FreshnessRules
) -> Judgement:
    """Return what the days of a posting ask for today.

    ``confirmed`` is the last confirmation, or the publication when there was none. A reminder counts for the
    reason that was due when it was sent. Nothing is taken off where the rules forbid it, nor as unconfirmed
    while nobody could be reminded.
    """
    last, told = read_day(valid_until), read_day(reminded)
    if rules.automatic and last is not None and last < today:
        return Judgement(take_off=f"有效期至 {last}，到期没有续期")
    due: list[tuple[date, str]] = []
    if last is not None:
        due.append((last - timedelta(days=rules.remind_days), f"有效期至 {last}，即将到期"))
    since = read_day(confirmed)
    if since is not None:
        unconfirmed = since + timedelta(days=rules.confirm_every_days)
        due.append((unconfirmed, f"最近确认 {since}，已满 {rules.confirm_every_days} 天"))
        over = told is not None and told >= unconfirmed and told + timedelta(days=rules.off_shelf_days) <= today
        if rules.automatic and over:
            return Judgement(take_off=f"最近确认 {since}，提醒后 {rules.off_shelf_days} 天内没有确认")
    reasons = [reason for day, reason in due if day <= today and (told is None or told < day)]
    return Judgement(remind="；".join(reasons))
