"""Until when an opportunity is answered and asked about, and from when its answers are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marketplace.answers.rights import need_of
from marketplace.store import Database, PostingRow
from marketplace.store.answers import RuleRow, load_rule

ON_ARRIVAL, AFTER_CLOSING = "随到随看", "截止后统一查看"


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of one opportunity as of today; days are ISO text, empty for none, and the last day counts.

    ``hidden`` says that nobody but its own company may learn of an answer yet.
    """

    closes_on: str
    sealed: bool
    questions_until: str
    closed: bool
    hidden: bool
    questions_closed: bool
    stamp: int


def terms_of(db: Database, need: PostingRow) -> Terms:
    """Return the terms of a need; without rules of its own its deadline is the closing date."""
    return as_terms(load_rule(db, need.key), need_of(need).deadline or "")


def as_terms(rule: RuleRow, deadline: str, day: date | None = None) -> Terms:
    """Return what a rule means on a day; answers are sealed only up to a day that is written down with the rule."""
    today = (day or date.today()).isoformat()
    closes_on = rule.closes_on or deadline
    questions_until = rule.questions_until or closes_on
    return Terms(
        closes_on,
        rule.sealed,
        questions_until,
        closed=bool(closes_on) and closes_on < today,
        hidden=rule.sealed and rule.closes_on >= today,
        questions_closed=bool(questions_until) and questions_until < today,
        stamp=rule.stamp,
    )
