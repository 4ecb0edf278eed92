"""Later changes of the tables of 年度场景创新标杆."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations


@migrations()
def m060_case_drafts(db: Any) -> None:
    """What an applicant is writing anew in a case that was sent back, apart from what was sent."""
    db.execute("alter table benchmark_case add column draft text not null default '{}'")
