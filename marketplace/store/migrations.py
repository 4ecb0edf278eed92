"""The database's shape as numbered steps, each run once in a transaction."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

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


@migrations()
def m005_organisations(db: Any) -> None:
    """Organisations, who belongs to them, and what was merged or claimed."""
    db.table("organisation").create(
        {
            "key": int, "name": str, "folded": str, "kind": str, "credit_code": str, "district": str,
            "size": str, "qualifications": str, "verified": int, "claimed": int, "merged_into": int,
            "revision": int, "created_at": str, "updated_at": str,
        },
        pk="key",
        not_null={"name", "folded", "kind", "qualifications", "verified", "claimed", "revision"},
    )  # fmt: skip
    db.table("organisation").create_index(["folded"])
    db.table("organisation").create_index(["credit_code"])
    db.table("organisation_merge").create(
        {"key": int, "kept_key": int, "merged_key": int, "moved": str, "account_key": int, "at": str, "undone_at": str},
        pk="key",
    )
    db.table("claim").create(
        {
            "key": int, "organisation_key": int, "account_key": int, "credit_code": str, "note": str, "state": str,
            "at": str, "decided_by": int, "decided_at": str, "reason": str,
        },
        pk="key",
    )  # fmt: skip
    db.table("claim").create_index(["state"])


@migrations()
def m006_accounts(db: Any) -> None:
    """People who sign in, and the roles they hold, with or without an organisation."""
    db.table("account").create(
        {
            "key": int, "login": str, "password_hash": str, "name": str, "state": str, "must_change": int,
            "failures": int, "locked_until": str, "password_at": str, "old_hashes": str, "session_number": int,
            "last_login_at": str, "created_at": str,
        },
        pk="key",
        not_null={"login", "password_hash", "name", "state", "must_change", "failures", "session_number"},
    )  # fmt: skip
    db.table("account").create_index(["login"], unique=True)
    # organisation_key is 0 for the roles that serve no organisation: a key column holds no null.
    db.table("membership").create(
        {"account_key": int, "role": str, "organisation_key": int, "districts": str, "created_at": str},
        pk=("account_key", "role", "organisation_key"),
    )
    db.table("membership").create_index(["organisation_key"])


@migrations()
def m007_trace(db: Any) -> None:
    """What was done by whom (append-only, chained), protected contacts, and notices to people."""
    db.table("audit").create(
        {
            "seq": int, "at": str, "account_key": int, "actor": str, "role": str, "action": str, "subject": str,
            "subject_key": int, "detail": str, "address": str, "request_id": str, "previous": str, "digest": str,
        },
        pk="seq",
        not_null={"at", "actor", "action", "detail", "previous", "digest"},
    )  # fmt: skip
    db.table("audit").create_index(["subject", "subject_key"])
    db.table("audit").create_index(["account_key", "seq"])
    for verb in ("update", "delete"):
        db.execute(
            f"create trigger audit_never_{verb} before {verb} on audit "
            "begin select raise(abort, 'the audit table only grows'); end"
        )
    db.table("contact").create(
        {"subject": str, "subject_key": int, "office_phone": str, "sealed": str, "updated_at": str},
        pk=("subject", "subject_key"),
    )
    db.table("notice").create(
        {
            "key": int, "account_key": int, "kind": str, "title": str, "body": str, "link": str, "reason": str,
            "created_at": str, "read_at": str,
        },
        pk="key",
    )  # fmt: skip
    db.table("notice").create_index(["account_key", "read_at"])


@migrations()
def m008_jobs(db: Any) -> None:
    """Work done aside, with its progress."""
    db.table("job").create(
        {
            "key": int, "kind": str, "title": str, "state": str, "done": int, "total": int, "message": str,
            "arguments": str, "result": str, "account_key": int, "attempts": int, "created_at": str,
            "started_at": str, "beat_at": str, "finished_at": str,
        },
        pk="key",
    )  # fmt: skip
    db.table("job").create_index(["state"])


@migrations()
def m009_imports(db: Any) -> None:
    """Uploaded files on their way in, row by row, and the columns an organisation uses."""
    db.table("import_run").create(
        {
            "key": int, "kind": str, "state": str, "file_name": str, "digest": str, "sheet": str, "columns": str,
            "mapping": str, "options": str, "counts": str, "account_key": int, "organisation_key": int,
            "job_key": int, "created_at": str, "updated_at": str, "finished_at": str,
        },
        pk="key",
    )  # fmt: skip
    db.table("import_run").create_index(["account_key", "created_at"])
    db.table("import_row").create(
        {
            "import_key": int, "position": int, "row_number": int, "state": str, "title": str, "record": str,
            "sealed": str, "problems": str, "twins": str, "decision": str, "posting_key": int, "before": str,
            "revision": int,
        },
        pk=("import_key", "position"),
    )  # fmt: skip
    db.table("import_row").create_index(["import_key", "state"])
    db.table("import_row").create_index(["posting_key"])
    db.table("column_memory").create(
        {"organisation_key": int, "kind": str, "header": str, "field": str},
        pk=("organisation_key", "kind", "header"),
    )


@migrations()
def m010_publishing(db: Any) -> None:
    """Texts being written, the review of them, published versions and batches."""
    for column, kind in (("organisation_key", int), ("on_behalf", int), ("published_at", str), ("batch_key", int),
                         ("author_key", int), ("state_by_hand", int), ("reminded_at", str)):  # fmt: skip
        db.table("posting").add_column(column, kind)
    db.table("posting").create_index(["organisation_key"])
    db.table("draft").create(
        {
            "key": int, "posting_key": int, "kind": str, "external_id": str, "organisation_key": int, "title": str,
            "state": str, "record": str, "sealed": str, "stamp": int, "author_key": int, "import_key": int,
            "on_behalf": int, "secrecy_by": int, "secrecy_at": str, "first_reviewer": int, "approved_by": int,
            "submitted_at": str, "created_at": str, "updated_at": str,
        },
        pk="key",
        not_null={"kind", "state", "record", "stamp"},
    )  # fmt: skip
    db.table("draft").create_index(["state", "kind"])
    db.table("draft").create_index(["organisation_key"])
    db.table("draft").create_index(["posting_key"])
    db.table("review_event").create(
        {
            "key": int, "draft_key": int, "posting_key": int, "action": str, "note": str, "account_key": int, "at": str,
        },
        pk="key",
    )  # fmt: skip
    db.table("review_event").create_index(["draft_key"])
    db.table("review_event").create_index(["posting_key"])
    db.table("version").create(
        {
            "posting_key": int,
            "number": int,
            "record": str,
            "account_key": int,
            "batch_key": int,
            "note": str,
            "at": str,
        },
        pk=("posting_key", "number"),
    )
    db.table("batch").create(
        {
            "key": int, "kind": str, "number": int, "name": str, "issuer": str, "document_number": str,
            "disclosure": str, "state": str, "account_key": int, "published_on": str, "published_at": str,
            "recalled_at": str,
        },
        pk="key",
    )  # fmt: skip
    db.table("batch").create_index(["kind", "number"], unique=True)


@migrations()
def m011_taxonomies(db: Any) -> None:
    """Lists of terms that offices edit, each with the days it is valid."""
    db.table("taxonomy_term").create(
        {
            "key": int, "taxonomy": str, "code": str, "label": str, "parent": str, "position": int, "verified": int,
            "note": str, "synonyms": str, "valid_from": str, "valid_to": str, "updated_at": str,
        },
        pk="key",
        not_null={"taxonomy", "code", "label", "position", "verified"},
    )  # fmt: skip
    db.table("taxonomy_term").create_index(["taxonomy", "position"])


@migrations()
def m012_installation(db: Any) -> None:
    """A number that names this installation for good, whatever address it is reached by."""
    db.table("meta").insert({"name": "installation", "value": str(uuid4())})


@migrations()
def m013_version_hashes(db: Any) -> None:
    """A hash beside each published text; those kept so far are taken as they stand."""
    db.table("version").add_column("content_hash", str)
    db.conn.create_function("text_hash", 1, lambda text: hashlib.sha256((text or "").encode()).hexdigest())
    db.execute("update version set content_hash = text_hash(record)")
