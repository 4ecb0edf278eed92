"""The step of the database's shape by which a process reads only the pairings that moved."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations


@migrations()
def m025_pairings_moved(db: Any) -> None:
    """Each pairing knows at which count of changes it was opened or last changed its stage."""
    db.table("pairing").add_column("moved", int, not_null_default=0)
    # So a process that looked before reads only the pairings that moved since.
    db.table("pairing").create_index(["moved", "opportunity_key", "capability_key"])
