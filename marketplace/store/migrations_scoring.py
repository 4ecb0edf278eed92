"""A day until which the scoring of a year was extended, beside the sheet that is locked."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations


@migrations()
def m066_scoring_extended(db: Any) -> None:
    """Empty while the days of the sheet hold."""
    db.table("benchmark_year").add_column("scoring_until", str)
