"""One change of a pairing: refused when somebody was faster, written with its journal and what it takes to undo it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.errors import StaleError
from marketplace.followup.journal import ACTIONS, AS, BEFORE, write_event
from marketplace.followup.rights import Seen, see
from marketplace.publishing.clock import beijing
from marketplace.stages import PARTIES, STAGES
from marketplace.store import Database
from marketplace.store.accounts import account_names
from marketplace.store.database import transaction
from marketplace.store.pairing_events import PairingEventRow, load_pairing_events
from marketplace.store.pairings import PairingRow, update_pairing

SUBJECT = "pairing"
# Entries that leave the pairing itself, and so its stamp, as it is.
_BESIDE = ("note", "attach", "intent", "reveal")
# What changes the stage and can be taken back.
STEPS = ("open", "move", "pause", "resume", "fail")


def change(
    db: Database,
    viewer: Viewer,
    seen: Seen,
    action: str,
    *,
    columns: Mapping[str, Any],
    to_stage: str = "",
    note: str = "",
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Write a change of the pairing with its journal entry inside a transaction; return the entry's key.

    What the columns held before is kept with an entry that changes the stage, so that it can be undone.
    Raises StaleError when the pairing was changed since it was read.
    """
    row, told = seen.row, dict(facts or {}) | {AS: seen.party}
    if to_stage:
        columns = dict(columns) | {"stage": to_stage}
        told[BEFORE] = {name: _plain(getattr(row, name)) for name in columns}
    if not update_pairing(db, row, **dict(columns)):
        raise StaleError(stale_sentence(db, viewer, seen))
    return write_event(
        db, row.key, action, viewer, note=note, facts=told, from_stage=row.stage if to_stage else "", to_stage=to_stage
    )


def audit(db: Database, viewer: Viewer, action: str, seen: Seen, **detail: Any) -> None:
    """Write the audit entry of a change inside its transaction."""
    record_action(
        db,
        viewer,
        action,
        SUBJECT,
        seen.row.key,
        场景机会=seen.need.posting.id,
        场景能力=seen.offer.posting.id,
        **detail,
    )


def read_for_change(db: Database, viewer: Viewer, key: int, stamp: int) -> Seen:
    """Return a pairing to be changed, inside a transaction.

    Raises NotFoundError for those it does not concern, StaleError when it is no longer as it was shown.
    """
    seen = see(db, viewer, key)
    if seen.row.stamp != stamp:
        raise StaleError(stale_sentence(db, viewer, seen))
    return seen


def repeated(db: Database, viewer: Viewer, row: PairingRow, action: str, *, to_stage: str, stamp: int) -> bool:
    """Whether the same person has just done the same from the same page: a form that was sent twice."""
    if row.stamp != stamp + 1 or row.stage != to_stage:
        return False
    last = last_step(load_pairing_events(db, row.key))
    return last is not None and (last.action, last.to_stage, last.account_key) == (action, to_stage, viewer.account_key)


@contextmanager
def sent_once(db: Database, viewer: Viewer, key: int, action: str, *, to_stage: str, stamp: int) -> Iterator[None]:
    """Hold one transaction for a form; one that was sent twice at the same moment is done once and not refused."""
    try:
        with transaction(db):
            yield
    except StaleError:
        if not repeated(db, viewer, see(db, viewer, key).row, action, to_stage=to_stage, stamp=stamp):
            raise


def last_step(events: list[PairingEventRow]) -> PairingEventRow | None:
    """Return the newest entry that changed the stage and still stands."""
    return next((one for one in reversed(events) if one.action in STEPS and not one.undone_at), None)


def stale_sentence(db: Database, viewer: Viewer, seen: Seen) -> str:
    """Say what happened to the pairing meanwhile, who did it and when, and that nothing typed is lost."""
    events = [one for one in load_pairing_events(db, seen.row.key) if one.action not in _BESIDE]
    last = events[-1] if events else None
    if last is None:
        return "这个对接刚刚由别人改动，您的这次操作没有保存。"
    who = "您本人" if last.account_key == viewer.account_key else f"“{actors_of(db, seen, [last])[last.key]}”"
    what = f"{ACTIONS[last.action]}到“{STAGES[last.to_stage]}”" if last.to_stage else ACTIONS[last.action]
    return (
        f"{who}已于 {beijing(last.at)} 把这个对接{what}，您的这次操作没有保存；"
        f"现在的阶段是“{STAGES[seen.row.stage]}”。填写的内容还在，请核对后再提交。"
    )


def actors_of(db: Database, seen: Seen, events: Sequence[PairingEventRow]) -> dict[int, str]:
    """Return by key who wrote each entry: by name for the office, as its side for everyone else."""
    parties = {one.key: str(one.facts.get(AS) or "") for one in events}
    named = {one.key: one.account_key for one in events if seen.office or not parties[one.key]}
    names = account_names(db, named.values()) if named else {}
    return {
        key: names.get(named[key], "") or PARTIES.get(party, "系统") if key in named
        else PARTIES.get(party, "撮合人员")
        for key, party in parties.items()
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
