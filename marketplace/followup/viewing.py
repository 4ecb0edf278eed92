"""Builds the page of one pairing as one viewer may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from marketplace.access import MATCHMAKER, Viewer
from marketplace.cards import card_of
from marketplace.followup.changing import actors_of, last_step
from marketplace.followup.facts import EFFECTS_AT, FILES_AT, STAGE_FACTS
from marketplace.followup.journal import ACTIONS, AUDIENCE, AUDIENCES
from marketplace.followup.noting import audiences_for
from marketplace.followup.pages import Acts, EffectLine, FileLine, JournalLine, NextStage, PairingPage, RevisitLine
from marketplace.followup.reasons import Reason, grouped
from marketplace.followup.rights import Seen, competes, matchmakers_for, place_of
from marketplace.followup.undoing import undo_until
from marketplace.pages import PostingCard
from marketplace.publicity import masked
from marketplace.settings import MarketSettings
from marketplace.stages import LANDED, NEXT, ORIGINS, PARTIES, PAUSED, SIDES_OF_REASON, STAGES, WAY, furthest, is_open
from marketplace.store import Database, PostingRow
from marketplace.store.accounts import account_names
from marketplace.store.pairing_events import (
    PairingEventRow,
    load_pairing_events,
    load_pairing_files,
    load_revisits,
)
from marketplace.store.pairings import PairingRow

# The facts of an entry that people read, in this order.
_FACTS = {
    "contacted_on": "联系日期", "met_on": "洽谈日期", "amount_wan": "金额", "signed_on": "签约日期",
    "procurement_route": "采购方式", "started_on": "开工日期", "accepted_on": "验收日期",
    "user_report": "用户单位使用情况", "reason": "原因", "next_step": "下一步", "next_on": "日期", "acting": "办理方",
    "done_on": "回访日期", "running": "使用情况", "files": "附件", "origin": "来源", "undone": "撤销的操作",
}  # fmt: skip
# Entries that exist for those alone who may read their note.
_FOR_READERS = ("note", "reveal")


def build_page(
    db: Database, settings: MarketSettings, viewer: Viewer, seen: Seen, reasons: Mapping[str, Reason],
    labels: Mapping[str, str], routes: Sequence[str],
) -> PairingPage:  # fmt: skip
    """Return the page of a pairing; ``labels`` also names reasons that are no longer offered."""
    row, today = seen.row, date.today()
    events = load_pairing_events(db, row.key)
    people = matchmakers_for(db, seen.need, seen.offer) if seen.matchmaker else ()
    names = account_names(db, [row.matchmaker_key, *people])
    acts = _acts(settings, viewer, seen, events)
    offered = [one for one in reasons.values() if seen.matchmaker or one.side in (seen.party, "neither")]
    in_charge = names.get(row.matchmaker_key, "") if seen.office else "已指派" if row.matchmaker_key else ""
    return PairingPage(
        row.key, row.stamp, row.stage, STAGES[row.stage], _way(row, events), ORIGINS.get(row.origin, row.origin),
        _card(seen.need), _card(seen.offer), row.matchmaker_key if seen.office else 0, in_charge,
        row.acting, PARTIES.get(row.acting, ""), row.next_step, row.next_on, row.stage_since, row.due_on,
        days_late(row, today), labels.get(row.reason_code, row.reason_code), SIDES_OF_REASON.get(row.reason_side, ""),
        row.amount_wan, row.signed_on, row.procurement_route, row.accepted_on, row.use_confirmed_on,
        effect_lines(row), _journal(db, seen, events),
        tuple(FileLine(one.key, one.name, one.size, one.at) for one in load_pairing_files(db, row.key)),
        _revisits(db, row, today), _next_stages(row) if acts.move else (), acts,
        grouped(offered) if acts.pause or acts.fail else (), tuple(routes),
        tuple(audiences_for(seen).items()), tuple((key, names.get(key, "")) for key in people),
        (today + timedelta(days=settings.followup.paused_days)).isoformat(), seen.office, ways_on(viewer, seen),
    )  # fmt: skip


def ways_on(viewer: Viewer, seen: Seen) -> tuple[str, ...]:
    """Return where the viewer may go on from a pairing; nobody who stands for another company reads all answers."""
    agency, company = seen.publisher, seen.company
    serves = seen.matchmaker and viewer.serves(MATCHMAKER, *place_of(seen.need))
    reads = (agency or serves) and not competes(viewer.company_of, seen.need)
    held = (("own", company), ("read", reads), ("contact", agency or company or seen.matchmaker))
    return tuple(name for name, holds in held if holds)


def days_late(row: PairingRow, today: date) -> int:
    """Return by how many days a pairing is overdue: its limit, or its next step when that was earlier."""
    if not is_open(row.stage):
        return 0
    days = [day for day in (row.due_on, row.next_on) if day]
    return max(0, (today - date.fromisoformat(min(days))).days) if days else 0


def effect_lines(row: PairingRow) -> tuple[EffectLine, ...]:
    """Return planned and real figures side by side."""
    planned = {one["name"]: one for one in row.planned_effect}
    real = {one["name"]: one for one in row.real_effect}
    found = []
    for name in dict.fromkeys([*planned, *real]):
        one = real.get(name) or planned[name]
        wanted, got = planned.get(name, {}).get("value"), real.get(name, {}).get("value")
        lower = bool(one.get("lower"))
        reached = None if wanted is None or got is None else got <= wanted if lower else got >= wanted
        found.append(EffectLine(name, one.get("unit", ""), wanted, got, lower, reached))
    return tuple(found)


def _card(row: PostingRow) -> PostingCard:
    return card_of(replace(row, posting=masked(row.posting)), {})


def _way(row: PairingRow, events: Sequence[PairingEventRow]) -> tuple[tuple[str, str, str], ...]:
    """Return the way with what is done, where it stands now, and what lies ahead."""
    stood = [one for one in events if not one.undone_at]
    reached = row.stage if row.stage in WAY else furthest(one.from_stage for one in stood)
    place = WAY.index(reached) if reached else -1
    now = row.stage == reached and row.stage != LANDED
    return tuple(
        (stage, STAGES[stage], "later" if at > place else "now" if at == place and now else "done")
        for at, stage in enumerate(WAY)
    )


def _acts(settings: MarketSettings, viewer: Viewer, seen: Seen, events: list[PairingEventRow]) -> Acts:
    stage, until = seen.row.stage, undo_until(settings, viewer, seen, events)
    last = last_step(events)
    label = ACTIONS[last.action] + (f"到“{STAGES[last.to_stage]}”" if last.action == "move" else "") if last else ""
    return Acts(
        move=seen.may_move and bool(NEXT.get(stage)),
        pause=seen.matchmaker and is_open(stage) and stage != PAUSED,
        resume=seen.matchmaker and stage == PAUSED,
        fail=seen.may_decline and is_open(stage),
        assign=seen.matchmaker and is_open(stage),
        step=seen.matchmaker and is_open(stage),
        write=bool(seen.party),
        revisit=seen.matchmaker and stage == LANDED,
        undo_until=until,
        undo_label=label if until else "",
    )


def _next_stages(row: PairingRow) -> tuple[NextStage, ...]:
    return tuple(
        NextStage(stage, STAGES[stage], STAGE_FACTS.get(stage, ()), EFFECTS_AT.get(stage), FILES_AT.get(stage))
        for stage in NEXT.get(row.stage, ())
    )


def _journal(db: Database, seen: Seen, events: Sequence[PairingEventRow]) -> tuple[JournalLine, ...]:
    """Return the entries this viewer may read, newest first."""
    shown = [one for one in reversed(events) if one.action not in _FOR_READERS or _reads(seen, one)]
    actors = actors_of(db, seen, shown)
    return tuple(_line(seen, one, actors[one.key]) for one in shown)


def _reads(seen: Seen, event: PairingEventRow) -> bool:
    return str(event.facts.get(AUDIENCE) or "office") in seen.reads


def _line(seen: Seen, one: PairingEventRow, actor: str) -> JournalLine:
    title = ACTIONS.get(one.action, one.action)
    if one.action in ("move", "resume") and one.to_stage:
        title = f"{title}到“{STAGES.get(one.to_stage, one.to_stage)}”"
    shown = bool(one.note) and _reads(seen, one)
    facts = tuple((label, _fact(name, one.facts[name])) for name, label in _FACTS.items() if name in one.facts)
    audience = AUDIENCES.get(str(one.facts.get(AUDIENCE) or "office"), "") if shown and seen.party else ""
    return JournalLine(
        one.key, one.action, title, tuple(fact for fact in facts if fact[1]), one.note if shown else "", audience,
        actor, one.at, one.undone_at,
    )  # fmt: skip


def _fact(name: str, value: Any) -> str:
    if name == "amount_wan":
        return f"{value:,.2f}".rstrip("0").rstrip(".") + " 万元"
    if name == "running":
        return "仍在使用" if value else "已停用"
    if isinstance(value, list):
        return "、".join(map(str, value))
    names = {"acting": PARTIES, "origin": ORIGINS, "undone": ACTIONS}.get(name, {})
    return names.get(str(value), str(value))


def _revisits(db: Database, row: PairingRow, today: date) -> tuple[RevisitLine, ...]:
    return tuple(
        RevisitLine(one.key, one.due_on, one.done_on, one.running, one.note,
                    not one.done_on and one.due_on <= today.isoformat())
        for one in load_revisits(db, row.key)
    )  # fmt: skip
