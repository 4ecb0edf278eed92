"""The job that makes sealed answers known once their closing date has passed."""

from __future__ import annotations

from typing import Any

from marketplace.answers.opening import open_sealed_answers
from marketplace.jobs import JobContext


def open_answers(context: JobContext) -> dict[str, Any]:
    """Open what is due; the worker starts it by itself."""
    count = open_sealed_answers(context.db, context.settings)
    return {"opened": count, "message": f"打开了 {count} 份已截止的答复。"}
