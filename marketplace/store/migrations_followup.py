"""The tables of the follow-up: pairings, their journal, their files and the revisits after landing."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations


@migrations()
def m020_followup(db: Any) -> None:
    """Pairings on their way from recommendation to landing."""
    db.table("pairing").create(
        {
            "key": int, "opportunity_key": int, "capability_key": int, "stage": str, "origin": str,
            "matchmaker_key": int, "acting": str, "next_step": str, "next_on": str, "stage_since": str, "due_on": str,
            "reason_code": str, "reason_side": str, "amount_wan": float, "signed_on": str, "procurement_route": str,
            "accepted_on": str, "planned_effect": str, "real_effect": str, "use_confirmed_on": str, "open_mark": str,
            "told_on": str, "stamp": int, "author_key": int, "created_at": str, "updated_at": str, "closed_at": str,
        },
        pk="key",
        not_null={"opportunity_key", "capability_key", "stage", "open_mark", "stamp"},
    )  # fmt: skip
    # While a pairing is open its mark is the pair, so that a pair is open once; afterwards its own key.
    db.table("pairing").create_index(["open_mark"], unique=True)
    db.table("pairing").create_index(["opportunity_key", "stage"])
    db.table("pairing").create_index(["capability_key", "stage"])
    db.table("pairing").create_index(["stage", "due_on"])
    db.table("pairing").create_index(["matchmaker_key", "stage"])
    db.table("pairing_event").create(
        {
            "key": int, "pairing_key": int, "action": str, "from_stage": str, "to_stage": str, "facts": str,
            "note": str, "account_key": int, "at": str, "undone_at": str,
        },
        pk="key",
        not_null={"pairing_key", "action"},
    )  # fmt: skip
    db.table("pairing_event").create_index(["pairing_key", "key"])
    db.table("pairing_event").create_index(["to_stage", "at"])
    db.table("pairing_file").create(
        {
            "key": int, "pairing_key": int, "event_key": int, "name": str, "size": int, "digest": str,
            "stored_as": str, "at": str,
        },
        pk="key",
        not_null={"pairing_key", "digest"},
    )  # fmt: skip
    db.table("pairing_file").create_index(["pairing_key", "digest"], unique=True)
    db.table("revisit").create(
        {
            "key": int, "pairing_key": int, "due_on": str, "done_on": str, "running": int, "note": str,
            "account_key": int, "told_on": str,
        },
        pk="key",
        not_null={"pairing_key", "due_on"},
    )  # fmt: skip
    db.table("revisit").create_index(["pairing_key"])
    db.table("revisit").create_index(["done_on", "due_on"])
