"""Takes back the last change of a pairing's stage within its first minutes."""

from __future__ import annotations

from marketplace.access import Viewer
from marketplace.errors import CapError, ForbiddenError, RefusedError
from marketplace.followup.changing import audit, last_step, read_for_change
from marketplace.followup.journal import ACTIONS, AS, BEFORE, write_event
from marketplace.followup.landing import take_landing_back
from marketplace.followup.limits import check_caps
from marketplace.followup.rights import Seen, see
from marketplace.followup.telling import name_of, tell_moved
from marketplace.publishing.clock import recall_until
from marketplace.settings import MarketSettings
from marketplace.stages import ACTIVE_STAGES, FAILED, LANDED, MISTAKEN, PAUSED, STAGES
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.pairing_events import (
    PairingEventRow,
    detach_files,
    drop_revisits,
    load_pairing_events,
    load_revisits,
    mark_undone,
)
from marketplace.store.pairings import open_pairing_of, update_pairing

_TAKEN = "这一步现在不能直接撤销；如需继续对接，请联系撮合员。"
# The columns of what can be noted between a step and its undoing.
_NOTED = {"effect": ("planned_effect", "real_effect"), "step": ("next_step", "next_on", "acting", "told_on")}
_COLUMNS = frozenset(
    {"stage", "acting", "stage_since", "due_on", "next_step", "next_on", "told_on", "reason_code", "reason_side",
     "amount_wan", "signed_on", "procurement_route", "accepted_on", "planned_effect", "real_effect"}
)  # fmt: skip


def undo_until(settings: MarketSettings, viewer: Viewer, seen: Seen, events: list[PairingEventRow]) -> str:
    """Return until when this viewer may take the last step back, empty when not (any more)."""
    last = last_step(events)
    if last is None or not (seen.matchmaker or last.account_key == viewer.account_key):
        return ""
    # What an intent or a system began is not the matchmaker's to unmake.
    if last.action == "open" and last.account_key != viewer.account_key:
        return ""
    return recall_until(last.at, settings.followup.undo_minutes)


def undo(db: Database, settings: MarketSettings, viewer: Viewer, key: int, stamp: int) -> str:
    """Take the last change of the stage back; return what it was called.

    An opening that is taken back ends the pairing as 误建. Raises NotFoundError, ForbiddenError for whoever did not
    do it and is no matchmaker, RefusedError when it is too late or something came of it, StaleError.
    """
    with transaction(db):
        events = load_pairing_events(db, key)
        if events and _just_undone(viewer, events[-1], see(db, viewer, key).row.stamp, stamp):
            return ACTIONS[str(events[-1].facts["undone"])]
        seen = read_for_change(db, viewer, key, stamp)
        last = last_step(events)
        if last is None:
            raise RefusedError("这个对接没有可以撤销的操作。")
        if not (seen.matchmaker or last.account_key == viewer.account_key):
            raise ForbiddenError("只有办理人或撮合员可以撤销。")
        if not undo_until(settings, viewer, seen, events):
            minutes = settings.followup.undo_minutes
            raise RefusedError(f"办理已超过 {minutes} 分钟，不能撤销；如有变化，请继续推进、搁置或登记未成。")
        _take_back(db, settings, viewer, seen, last, [one.action for one in events if one.key > last.key])
        mark_undone(db, last.key)
        what = ACTIONS[last.action] + (f"到“{STAGES[last.to_stage]}”" if last.action == "move" else "")
        write_event(db, key, "undo", viewer, facts={"undone": last.action, AS: seen.party}, note="")
        audit(db, viewer, "pairing.undone", seen, 撤销=what)
        tell_moved(db, viewer, seen, f"{name_of(seen.need, seen.offer)}的对接已撤销“{what}”")
    return what


def _just_undone(viewer: Viewer, newest: PairingEventRow, stamp: int, typed_on: int) -> bool:
    """Whether the same person has just undone it from the same page: a button that was pressed twice."""
    return newest.action == "undo" and newest.account_key == viewer.account_key and stamp == typed_on + 1


def _take_back(
    db: Database, settings: MarketSettings, viewer: Viewer, seen: Seen, last: PairingEventRow, since: list[str]
) -> None:
    """Put the columns back as they were; ``since`` are the actions noted after the one that is taken back."""
    row = seen.row
    if last.action == "open":
        update_pairing(db, row, stage=FAILED, reason_code=MISTAKEN, reason_side="matchmaker", acting="", due_on="")
        return
    # What was noted meanwhile is not part of the step and stays.
    kept = {name for action in since for name in _NOTED.get(action, ())}
    stored = dict(last.facts.get(BEFORE) or {})
    before = {name: value for name, value in stored.items() if name in _COLUMNS - kept}
    if last.to_stage == FAILED and open_pairing_of(db, row.opportunity_key, row.capability_key):
        raise RefusedError("这一对刚刚又建立了新的对接，不能再恢复原来的；请在新的对接中办理。")
    if last.to_stage in (PAUSED, FAILED) and before.get("stage") in ACTIVE_STAGES:
        _check_room(db, settings, viewer, seen)
    if last.to_stage == LANDED:
        if any(one.done_on for one in load_revisits(db, row.key)):
            raise RefusedError("已登记回访，不能撤销落地。")
        take_landing_back(db, row.key)
        drop_revisits(db, row.key)
    detach_files(db, last.key)
    update_pairing(db, row, **before)


def _check_room(db: Database, settings: MarketSettings, viewer: Viewer, seen: Seen) -> None:
    """Pass while one more pairing may be under way: its place may have been taken since it was left."""
    try:
        check_caps(db, settings.followup, viewer, seen.need, seen.offer)
    except CapError as full:
        raise CapError(f"腾出的名额已被占用，不能撤销。{full}" if seen.office else _TAKEN) from full
