"""Turns stored drafts and events into the lines that pages list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from marketplace.publishing.clock import days_since
from marketplace.publishing.pages import DraftLine, ReviewNote
from marketplace.publishing.states import DRAFT_STATES, SENT_BACK, STEP_LABELS, WAITING
from marketplace.store import Database
from marketplace.store.drafts import DraftRow, account_names, organisation_names
from marketplace.store.versions import load_events

SYSTEM = "系统"


def draft_lines(db: Database, rows: Sequence[DraftRow]) -> tuple[DraftLine, ...]:
    """Return drafts as lines, with the names of their organisations and authors."""
    organisations = organisation_names(db, {row.organisation_key for row in rows})
    accounts = account_names(db, {row.author_key for row in rows})
    return tuple(_line(db, row, organisations, accounts) for row in rows)


def _line(db: Database, row: DraftRow, organisations: Mapping[int, str], accounts: Mapping[int, str]) -> DraftLine:
    return DraftLine(
        key=row.key,
        side=row.side,
        title=row.title or "（未命名）",
        state=row.state,
        state_label=DRAFT_STATES.get(row.state, row.state),
        organisation_name=organisations.get(row.organisation_key, "") or str(row.values.get("publisher") or ""),
        author_name=accounts.get(row.author_key, SYSTEM),
        author_key=row.author_key,
        revises=bool(row.posting_key),
        import_key=row.import_key,
        on_behalf=row.on_behalf,
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        waiting_days=days_since(row.submitted_at) if row.state in WAITING else None,
        last_note=_last_note(db, row) if row.state == "returned" else "",
    )


def _last_note(db: Database, row: DraftRow) -> str:
    return next((one.note for one in reversed(load_events(db, draft_key=row.key)) if one.action == SENT_BACK), "")


def review_notes(db: Database, *, draft_key: int = 0, posting_key: int = 0) -> tuple[ReviewNote, ...]:
    """Return the steps of a review, newest first like all that pages tell of the past, with who took them."""
    events = load_events(db, draft_key=draft_key, posting_key=posting_key)
    names = account_names(db, {event.account_key for event in events})
    return tuple(
        ReviewNote(
            event.action, STEP_LABELS.get(event.action, event.action), event.note,
            names.get(event.account_key, SYSTEM), event.at,
        )
        for event in reversed(events)
    )  # fmt: skip
