"""Writes the journal of a pairing: every step with who took it, inside the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.access import COMPANY, MATCHMAKER, PUBLISHER, Viewer
from marketplace.store import Database
from marketplace.store.pairing_events import insert_events

# What the journal calls each step.
ACTIONS = {
    "open": "建立对接",
    "move": "推进",
    "pause": "搁置",
    "resume": "恢复",
    "fail": "未成",
    "assign": "指派撮合员",
    "step": "安排下一步",
    "note": "记录",
    "effect": "登记成效",
    "attach": "上传附件",
    "revisit": "回访",
    "undo": "撤销",
    "intent": "企业意向",
    "reveal": "交换联系方式",
}
# Who reads a note: the office always does, the sides as the writer says.
AUDIENCES = {
    "office": "仅撮合人员",
    "publisher": "撮合人员和需求方",
    "company": "撮合人员和能力方",
    "all": "双方和撮合人员",
}
AUDIENCE = "audience"
# In the facts of an entry: as which side its writer acted, and what the changed columns held before.
AS, BEFORE = "as", "before"


def write_event(
    db: Database,
    pairing_key: int,
    action: str,
    viewer: Viewer,
    *,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
    from_stage: str = "",
    to_stage: str = "",
) -> int:
    """Write one entry inside the caller's transaction; return its key.

    Raises as ``write_events`` does.
    """
    return write_events(
        db, [pairing_key], action, viewer, note=note, facts=facts, from_stage=from_stage, to_stage=to_stage
    )


def write_events(
    db: Database,
    pairing_keys: Sequence[int],
    action: str,
    viewer: Viewer,
    *,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
    from_stage: str = "",
    to_stage: str = "",
) -> int:
    """Write the same entry for several pairings at once; return the key of the first.

    The stages are given only by what changes the stage. ``facts["audience"]`` says who reads the note: ``office``
    (also what nothing stated means), ``publisher``, ``company`` or ``all``. Raises KeyError for an unknown action.
    """
    if action not in ACTIONS:
        raise KeyError(action)
    told = {AS: _side_of(viewer)} | dict(facts or {})
    return insert_events(
        db, pairing_keys, action, from_stage=from_stage, to_stage=to_stage, facts=told, note=note,
        account_key=viewer.account_key,
    )  # fmt: skip


def _side_of(viewer: Viewer) -> str:
    """As which side somebody writes who says nothing else."""
    return next((role for role in (MATCHMAKER, PUBLISHER, COMPANY) if viewer.has(role)), "")
