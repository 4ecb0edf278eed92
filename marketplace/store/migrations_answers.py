"""The shape of answers to opportunities: intents with their lines, rules, consents, questions."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations


@migrations()
def m022_answers(db: Any) -> None:
    """What companies answer and ask, by which rules, and who agreed to give a contact away."""
    db.table("answer_rule").create(
        {
            "opportunity_key": int, "closes_on": str, "sealed": int, "questions_until": str, "stamp": int,
            "account_key": int, "updated_at": str,
        },
        pk="opportunity_key",
        not_null={"sealed", "stamp"},
    )  # fmt: skip
    db.table("intent").create(
        {
            "key": int, "opportunity_key": int, "organisation_key": int, "capability_key": int, "pairing_key": int,
            "state": str, "number": int, "stamp": int, "author_key": int, "created_at": str, "updated_at": str,
            "sent_at": str, "withdrawn_at": str, "told_at": str,
        },
        pk="key",
        not_null={"opportunity_key", "organisation_key", "capability_key", "state", "number", "stamp"},
    )  # fmt: skip
    # One answer of a company to a need, however often its button is pressed.
    db.table("intent").create_index(["opportunity_key", "organisation_key"], unique=True)
    db.table("intent").create_index(["capability_key"])
    db.table("intent").create_index(["state", "told_at"])
    db.table("intent_version").create(
        {"intent_key": int, "number": int, "capability_key": int, "note": str, "account_key": int, "at": str},
        pk=("intent_key", "number"),
    )
    db.table("intent_line").create(
        {"intent_key": int, "number": int, "requirement": int, "text": str, "status": str, "evidence": str},
        pk=("intent_key", "number", "requirement"),
    )
    db.table("consent").create(
        {
            "key": int, "pairing_key": int, "side": str, "act": str, "purpose": str, "account_key": int, "at": str,
            "withdrawn_at": str, "withdrawn_by": int, "live_mark": str,
        },
        pk="key",
        not_null={"pairing_key", "side", "act", "live_mark"},
    )  # fmt: skip
    db.table("consent").create_index(["pairing_key", "key"])
    # While it holds the mark is "pairing:side", afterwards the row's own key.
    db.table("consent").create_index(["live_mark"], unique=True)
    db.table("question").create(
        {
            "key": int, "opportunity_key": int, "organisation_key": int, "account_key": int, "state": str,
            "text": str, "digest": str, "answer": str, "answered_by": int, "asked_at": str, "answered_at": str,
        },
        pk="key",
        not_null={"opportunity_key", "organisation_key", "state", "text"},
    )  # fmt: skip
    db.table("question").create_index(["opportunity_key", "digest"], unique=True)
    db.table("question").create_index(["organisation_key"])
