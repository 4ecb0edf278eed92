"""The tables of saved searches, subscriptions, digests, the outbox, and the mail address of an account."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations


@migrations()
def m023_subscribing(db: Any) -> None:
    """What people want to be told, what they were told, and the mail on its way to them."""
    db.table("saved_search").create(
        {
            "key": int, "account_key": int, "kind": str, "name": str, "query": str, "created_at": str,
            "updated_at": str,
        },
        pk="key",
        not_null={"account_key", "kind", "name", "query"},
    )  # fmt: skip
    db.table("saved_search").create_index(["account_key", "name"], unique=True)
    db.table("subscription").create(
        {
            "key": int, "account_key": int, "subject": str, "subject_key": int, "frequency": str, "since_key": int,
            "stamp": int, "created_at": str, "updated_at": str,
        },
        pk="key",
        not_null={"account_key", "subject", "subject_key", "frequency", "since_key", "stamp"},
    )  # fmt: skip
    db.table("subscription").create_index(["account_key", "subject", "subject_key"], unique=True)
    db.table("subscription").create_index(["frequency", "account_key"])
    # One digest of a kind for an account and a week, also when there was nothing to write.
    db.table("digest").create(
        {"account_key": int, "week": str, "kind": str, "items": int, "at": str}, pk=("account_key", "week", "kind")
    )
    db.table("outbox").create(
        {
            "key": int, "account_key": int, "kind": str, "mark": str, "subject": str, "body": str, "stop": str,
            "state": str, "attempts": int, "due_at": str, "error": str, "created_at": str, "ended_at": str,
        },
        pk="key",
        not_null={"account_key", "kind", "mark", "subject", "body", "state", "attempts", "due_at"},
    )  # fmt: skip
    db.table("outbox").create_index(["account_key", "kind", "mark"], unique=True)
    db.table("outbox").create_index(["state", "due_at"])
    # Addresses are sealed; ``pending`` is the one whose code has not come back yet.
    db.table("account_mail").create(
        {
            "account_key": int, "sealed": str, "confirmed_at": str, "pending": str, "code_digest": str,
            "code_until": str, "tries": int, "asked_at": str,
        },
        pk="account_key",
    )  # fmt: skip
