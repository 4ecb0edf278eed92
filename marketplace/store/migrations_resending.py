"""What comes and goes among the documents of a case that was sent back, apart from what was sent."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations


@migrations()
def m067_pending_files(db: Any) -> None:
    """Whether a file waits for the next sending, to be there or to be gone; empty for what was sent."""
    db.execute("alter table benchmark_file add column pending text not null default ''")
