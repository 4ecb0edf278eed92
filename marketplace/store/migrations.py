"""The database's shape as numbered steps, each run once in a transaction."""

from __future__ import annotations

from typing import Any

from sqlite_utils.migrations import Migrations

migrations = Migrations("marketplace")


@migrations()
def m001_postings(db: Any) -> None:
    """Postings with their items, fields and vectors."""
    db.table("posting").create(
        {
            "key": int, "kind": str, "external_id": str, "title": str, "organisation": str,
            "organisation_type": str, "district": str, "region": str, "state": str, "batch": str,
            "index_number": str, "budget_wan": float, "trl": int, "deadline": str, "year": int,
            "valid_until": str, "last_confirmed": str, "published_on": str, "revision": int,
            "content_hash": str, "record": str, "updated_at": str,
        },
        pk="key",
        not_null={"kind", "external_id", "title", "state", "revision", "record"},
    )  # fmt: skip
    db.table("posting").create_index(["kind", "external_id"], unique=True)
    db.table("posting").create_index(["kind", "state"])
    db.table("posting_domain").create(
        {"posting_key": int, "position": int, "domain": str}, pk=("posting_key", "position")
    )
    db.table("item").create(
        {"posting_key": int, "source": str, "position": int, "text": str},
        pk=("posting_key", "source", "position"),
    )
    db.table("vector").create({"posting_key": int, "model": str, "parts": int, "value": bytes}, pk="posting_key")


@migrations()
def m002_change_log(db: Any) -> None:
    """What changed in which order, and small named values."""
    db.table("change").create({"seq": int, "posting_key": int, "kind": str, "op": str, "at": str}, pk="seq")
    db.table("change").create_index(["posting_key", "seq"])
    db.table("meta").create({"name": str, "value": str}, pk="name")


@migrations()
def m003_matches(db: Any) -> None:
    """Statistics snapshots and scored pairs."""
    db.table("snapshot").create(
        {"number": int, "created_at": str, "fingerprint": str, "postings": int, "content": bytes}, pk="number"
    )
    db.table("match").create(
        {
            "opportunity_key": int, "capability_key": int, "score": float, "band": str,
            "features": str, "verdicts": str, "fingerprint": str,
        },
        pk=("opportunity_key", "capability_key"),
    )  # fmt: skip
    db.table("match").create_index(["capability_key", "score"])
    db.table("match").create_index(["opportunity_key", "score"])
    db.table("team").create(
        {"opportunity_key": int, "members": str, "covered": str, "uncovered": str}, pk="opportunity_key"
    )


@migrations()
def m004_landings(db: Any) -> None:
    """Landed pairs with their effects, the source of benchmark candidates."""
    db.table("landing").create(
        {"id": str, "opportunity_key": int, "capability_key": int, "accepted_on": str, "record": str}, pk="id"
    )
