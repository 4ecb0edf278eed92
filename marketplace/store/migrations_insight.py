"""The steps of the database's shape that serve the funnel, fair exposure and feedback."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations


@migrations()
def m024_insight(db: Any) -> None:
    """How often a capability was shown and a need was opened, and what people say of a pair."""
    db.table("exposure").create(
        {"capability_key": int, "day": str, "place_kind": str, "shown": int},
        pk=("capability_key", "day", "place_kind"),
        not_null={"shown"},
    )
    db.table("exposure").create_index(["day"])
    db.table("view_count").create(
        {"posting_key": int, "day": str, "views": int}, pk=("posting_key", "day"), not_null={"views"}
    )
    db.table("feedback").create(
        {
            "key": int, "opportunity_key": int, "capability_key": int, "useful": int, "reason_code": str, "note": str,
            "position": int, "place_kind": str, "account_key": int, "at": str,
        },
        pk="key",
        not_null={"opportunity_key", "capability_key", "useful", "account_key", "at"},
    )  # fmt: skip
    # One person, one pair, one opinion: two sent at once must not become two.
    db.table("feedback").create_index(["opportunity_key", "capability_key", "account_key"], unique=True)
    db.table("feedback").create_index(["account_key"])
    # The funnel reads every move once, from the index alone.
    db.table("pairing_event").create_index(["to_stage", "pairing_key", "at", "undone_at", "action"])
