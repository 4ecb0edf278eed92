"""What matchmakers say against the machine, and what they do not want suggested today."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations


@migrations()
def m021_matchmaking(db: Any) -> None:
    """Corrected verdicts, overridden bands, suggestions put aside for a day.

    ``live_mark`` names the pair (and the place) while a row stands and is null afterwards: at most one stands.
    """
    db.table("verdict_correction").create(
        {
            "key": int, "opportunity_key": int, "capability_key": int, "requirement": int, "position": int,
            "requirement_text": str, "verdict": str, "machine": str, "reason": str, "account_key": int, "at": str,
            "withdrawn_at": str, "withdrawn_by": int, "live_mark": str,
        },
        pk="key",
        not_null={"opportunity_key", "capability_key", "requirement", "verdict", "reason", "account_key", "at"},
    )  # fmt: skip
    db.table("rank_override").create(
        {
            "key": int, "opportunity_key": int, "capability_key": int, "band": str, "machine": str, "reason": str,
            "account_key": int, "at": str, "withdrawn_at": str, "withdrawn_by": int, "live_mark": str,
        },
        pk="key",
        not_null={"opportunity_key", "capability_key", "band", "reason", "account_key", "at"},
    )  # fmt: skip
    for table in ("verdict_correction", "rank_override"):
        db.table(table).create_index(["live_mark"], unique=True)
        db.table(table).create_index(["opportunity_key"])
        db.table(table).create_index(["capability_key"])
    db.table("suggestion_dismissal").create(
        {"account_key": int, "day": str, "opportunity_key": int, "capability_key": int, "at": str},
        pk=("account_key", "day", "opportunity_key", "capability_key"),
    )
    # Suggestions are looked for from the best pair down, and none that was ever paired is made again. These indexes
    # hold all that is asked, so that the wide rows beside are not read.
    db.table("match").create_index(["score", "opportunity_key", "capability_key", "band"])
    db.table("pairing").create_index(["opportunity_key", "capability_key"])
    db.table("pairing").create_index(["matchmaker_key", "stage", "next_on", "due_on"])
