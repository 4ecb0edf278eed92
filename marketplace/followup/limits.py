"""How many pairings may be under way, and until when a stage may last."""

from __future__ import annotations

from datetime import date, timedelta

from marketplace.access import MATCHMAKER, REVIEWER, Viewer
from marketplace.errors import CapError
from marketplace.rules import FollowupRules
from marketplace.store import Database, PostingRow
from marketplace.store.pairings import count_active

_FULL = "暂不能建立新的对接，请稍后再试，或联系撮合员。"


def check_caps(db: Database, rules: FollowupRules, viewer: Viewer, need: PostingRow, offer: PostingRow) -> None:
    """Pass when one more pairing may be under way for the opportunity and for the company.

    Raises CapError. A company is never told how many others there are.
    """
    inside = viewer.has(MATCHMAKER, REVIEWER)
    count = count_active(db, opportunity_key=need.key)
    if count >= rules.open_per_opportunity:
        told = f"正在进行的对接已有 {count} 个，上限是 {rules.open_per_opportunity} 个；请先了结或搁置其中一个。"
        raise CapError(f"“{need.posting.title}”{told if inside or viewer.owns(need.organisation_key) else _FULL}")
    company = offer.organisation_key or 0
    count = count_active(db, organisation_key=company, capability_key=0 if company else offer.key)
    if count >= rules.open_per_company:
        told = f"正在进行的对接已有 {count} 个，上限是 {rules.open_per_company} 个；请先了结或搁置其中一个。"
        raise CapError(f"“{offer.posting.title}”的单位{told if inside or viewer.owns(company) else _FULL}")


def due_day(rules: FollowupRules, stage: str, begun: date) -> str:
    """Return the last day of a stage that began on a day, empty for a stage without a limit."""
    days = rules.days_of(stage)
    return (begun + timedelta(days=days)).isoformat() if days else ""
