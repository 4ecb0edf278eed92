"""Pairings as the cards of a matchmaker's desk, and what to ask first about a pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from marketplace.access import MATCHMAKER, Viewer
from marketplace.cards import correction_views, verdict_views
from marketplace.matchmaking.pages import DeskCard
from marketplace.questions import ask_first
from marketplace.records import mask_personal
from marketplace.regions import city_of
from marketplace.rules import FollowupRules
from marketplace.stages import OPEN_STAGES, PARTIES, STAGES
from marketplace.store import MatchRow, PostingRow
from marketplace.store.desk_lists import DeskRow
from matching import Band

_NEVER = "9999-12-31"


def desk_card(
    row: DeskRow, viewer: Viewer, rules: FollowupRules, today: date, questions: tuple[str, ...] = ()
) -> DeskCard:
    """Return a stored pairing as its card."""
    act_on = "" if row.act_on == _NEVER or row.stage not in OPEN_STAGES else row.act_on
    places = (row.need_district or "", row.offer_district or "")
    return DeskCard(
        row.key, row.opportunity_key, row.capability_key, mask_personal(row.need), mask_personal(row.agency or ""),
        mask_personal(row.offer), mask_personal(row.company or ""), row.stage, STAGES.get(row.stage, row.stage),
        _days(row.stage_since, today), rules.days_of(row.stage), _days(act_on, today) if act_on else 0, act_on,
        PARTIES.get(row.acting, ""), row.next_step, row.next_on, row.matchmaker_key, row.matchmaker or "", row.score,
        Band(row.band) if row.band else None, row.stamp,
        any(viewer.serves(MATCHMAKER, city_of(place), place) for place in places), questions,
    )  # fmt: skip


def questions_of(need: PostingRow | None, match: MatchRow | None) -> tuple[str, ...]:
    """Return what to ask first about a pair, nothing where it is not scored or the need is no longer shown."""
    if need is None or match is None:
        return ()
    return ask_first(verdict_views(need.posting, match.verdicts, correction_views(match)))


def tally_of(match: MatchRow | None) -> tuple[tuple[str, int], ...]:
    """Return how many requirements got which verdict, as (kind, count)."""
    counts: Mapping[str, int] = Counter(str(verdict.kind) for verdict in match.verdicts) if match else {}
    return tuple(counts.items())


def _days(day: str, today: date) -> int:
    """Whole days from a day until today, none for one that lies ahead or is not stated."""
    try:
        return max(0, (today - date.fromisoformat(day[:10])).days)
    except ValueError:
        return 0
