"""Reads and writes what has been published: versions, the events of a review, batches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from marketplace.keys import new_key
from marketplace.records import uniform_batch
from marketplace.states import PUBLISHED
from marketplace.store.changes import append_change
from marketplace.store.contacts import drop_contact
from marketplace.store.database import Database, now
from marketplace.store.matches import forget
from marketplace.store.matchmaking import end_corrections
from marketplace.store.postings import content_hash, save_posting
from matching import Posting, PostingVectors, Side, parse_posting, to_exchange

_CHUNK = 500
_HIDDEN = "off_shelf"
_PUBLICATION = ("organisation_key", "on_behalf", "published_at", "batch_key", "author_key", "state_by_hand",
                "reminded_at")  # fmt: skip


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published text of a posting; ``number`` counts from 1."""

    posting_key: int
    number: int
    posting: Posting
    account_key: int
    batch_key: int
    note: str
    at: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """One step of a review."""

    draft_key: int
    posting_key: int
    action: str
    note: str
    account_key: int
    at: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A numbered batch of one list."""

    key: int
    side: Side
    number: int
    name: str
    issuer: str
    document_number: str
    disclosure: str
    state: str
    account_key: int
    published_on: str
    published_at: str
    recalled_at: str


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """Where a stored posting comes from and when it was put before the public."""

    key: int
    side: Side
    title: str
    state: str
    organisation_key: int
    batch_key: int
    author_key: int
    on_behalf: bool
    published_at: str
    published_on: str
    state_by_hand: bool
    valid_until: str
    last_confirmed: str


def add_version(
    db: Database, posting_key: int, posting: Posting, *, account_key: int, batch_key: int, note: str
) -> int:
    """Keep a published text inside a transaction; return its number."""
    number = last_version(db, posting_key) + 1
    record = json.dumps(to_exchange(posting), ensure_ascii=False)
    db.table("version").insert(
        {"posting_key": posting_key, "number": number, "record": record, "content_hash": text_hash(record),
         "account_key": account_key, "batch_key": batch_key, "note": note, "at": now()}
    )  # fmt: skip
    return number


def text_hash(record: str) -> str:
    """Return the hash of a version's text exactly as it is stored."""
    return hashlib.sha256(record.encode()).hexdigest()


def changed_versions(db: Database) -> list[tuple[str, int]]:
    """Return posting id and number of the versions whose text is not the one that was hashed."""
    rows = db.query(
        "select coalesce(p.external_id, v.posting_key) as id, v.number, v.record, v.content_hash "
        "from version v left join posting p on p.key = v.posting_key order by v.posting_key, v.number"
    )
    return [
        (str(row["id"]), row["number"]) for row in rows if text_hash(row["record"] or "") != row["content_hash"]
    ]  # fmt: skip


def last_version(db: Database, posting_key: int) -> int:
    """Return the number of a posting's newest version, 0 when none was kept."""
    sql = "select coalesce(max(number), 0) from version where posting_key = ?"
    return int(db.conn.execute(sql, [posting_key]).fetchone()[0])


def load_versions(db: Database, posting_key: int, side: Side) -> list[VersionRow]:
    """Return every kept text of a posting, newest first."""
    rows = db.table("version").rows_where("posting_key = ?", [posting_key], order_by="number desc")
    return [
        VersionRow(row["posting_key"], row["number"], parse_posting(json.loads(row["record"]), side),
                   row["account_key"] or 0, row["batch_key"] or 0, row["note"] or "", row["at"] or "")
        for row in rows
    ]  # fmt: skip


def add_event(db: Database, action: str, *, draft_key: int, posting_key: int, account_key: int, note: str = "") -> None:
    """Write down one step of a review inside a transaction."""
    newest = db.conn.execute("select coalesce(max(key), 0) from review_event").fetchone()[0]
    db.table("review_event").insert(
        {"key": max(new_key(), int(newest) + 1), "draft_key": draft_key, "posting_key": posting_key,
         "action": action, "note": note, "account_key": account_key, "at": now()}
    )  # fmt: skip


def load_events(db: Database, *, draft_key: int = 0, posting_key: int = 0) -> list[EventRow]:
    """Return the steps of a draft's or a posting's reviews, oldest first."""
    column, key = ("draft_key", draft_key) if draft_key else ("posting_key", posting_key)
    rows = db.table("review_event").rows_where(f"{column} = ?", [key], order_by="key")
    return [
        EventRow(row["draft_key"] or 0, row["posting_key"] or 0, row["action"], row["note"] or "",
                 row["account_key"] or 0, row["at"])
        for row in rows
    ]  # fmt: skip


def insert_batch(db: Database, side: Side, number: int, values: dict[str, Any]) -> int:
    """Add a batch inside a transaction; return its key."""
    newest = db.conn.execute("select coalesce(max(key), 0) from batch").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    db.table("batch").insert({"key": key, "kind": str(side), "number": number} | values)
    return key


def update_batch(db: Database, key: int, **columns: Any) -> None:
    """Change columns of a batch inside a transaction."""
    db.table("batch").update(key, columns)


def load_batches(db: Database, *, key: int = 0, side: Side | None = None, number: int = 0) -> list[BatchRow]:
    """Return batches, newest first: one by key, or those of a side, of a number, or all."""
    asked = {"key": key, "kind": str(side) if side else "", "number": number}
    where = {column: value for column, value in asked.items() if value}
    clause = " and ".join(f"[{column}] = ?" for column in where) or "1 = 1"
    rows = db.table("batch").rows_where(clause, list(where.values()), order_by="key desc")
    return [
        BatchRow(row["key"], Side(row["kind"]), row["number"], _batch_name(row), row["issuer"] or "",
                 row["document_number"] or "", row["disclosure"] or "", row["state"], row["account_key"] or 0,
                 row["published_on"] or "", row["published_at"] or "", row["recalled_at"] or "")
        for row in rows
    ]  # fmt: skip


def _batch_name(row: dict[str, Any]) -> str:
    """The name in today's form: batches used to be named without a year."""
    return uniform_batch(row["name"], int((row["published_on"] or "0")[:4]))


def highest_batch(db: Database, side: Side) -> int:
    """Return the highest batch number of a list, 0 when it has none."""
    sql = "select coalesce(max(number), 0) from batch where kind = ?"
    return int(db.conn.execute(sql, [str(side)]).fetchone()[0])


def imported_batches(db: Database, side: Side) -> list[str]:
    """Return the batches that postings of a list were imported with, as written."""
    sql = "select distinct batch from posting where kind = ? and batch <> '' and coalesce(batch_key, 0) = 0"
    return [row[0] for row in db.conn.execute(sql, [str(side)])]


def job_of_batch(db: Database, key: int) -> int:
    """Return the newest job that publishes a batch, 0 when there is none."""
    # Inside a text of the arguments a quotation mark is escaped, so that the pattern meets the key alone.
    sql = "select max(key) from job where kind = 'publish_batch' and arguments like ?"
    return int(db.conn.execute(sql, [f'%"batch_key": {key},%']).fetchone()[0] or 0)


def next_index(db: Database, side: Side, prefix: str) -> int:
    """Return the next running number of the index numbers that begin with ``prefix``."""
    sql = "select index_number from posting where kind = ? and index_number like ?"
    tails = (row[0][len(prefix) :] for row in db.conn.execute(sql, [str(side), f"{prefix}%"]))
    return max((int(tail) for tail in tails if tail.isdigit()), default=0) + 1


def set_publication(db: Database, key: int, **columns: Any) -> None:
    """Write where a posting comes from inside a transaction; raises KeyError for another column."""
    if not columns.keys() <= set(_PUBLICATION):
        raise KeyError(", ".join(columns.keys() - set(_PUBLICATION)))
    db.table("posting").update(key, columns)


def load_publications(
    db: Database, *, keys: Sequence[int] | None = None, organisations: Sequence[int] = (), batch_key: int = 0
) -> list[PublicationRow]:
    """Return postings by key, of some organisations or of a batch, in every state, newest first."""
    columns = ("key, kind, title, state, organisation_key, batch_key, author_key, on_behalf, published_at, "
               "published_on, state_by_hand, valid_until, last_confirmed")  # fmt: skip
    if batch_key:
        column, wanted = "batch_key", [batch_key]
    else:
        column, wanted = ("key", list(keys)) if keys is not None else ("organisation_key", list(organisations))
    found = []
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        found += [_publication(row) for row in db.query(
            f"select {columns} from posting where {column} in ({marks})", part)]  # fmt: skip
    return sorted(found, key=lambda row: (row.published_at or row.published_on, row.key), reverse=True)


def _publication(row: dict[str, Any]) -> PublicationRow:
    return PublicationRow(
        row["key"], Side(row["kind"]), row["title"], row["state"], row["organisation_key"] or 0,
        row["batch_key"] or 0, row["author_key"] or 0, bool(row["on_behalf"]), row["published_at"] or "",
        row["published_on"] or "", bool(row["state_by_hand"]), row["valid_until"] or "", row["last_confirmed"] or "",
    )  # fmt: skip


def find_child(db: Database, key: int, *, own: bool = False) -> str:
    """Return what has been built on a posting, empty when nothing has.

    An answer nobody may know of yet counts for its own company (``own``) alone: to all others a refusal would tell
    of it. Where they take the capability away, it ends with it.
    """
    for table, name in (("landing", "落地案例"), ("pairing", "对接")):
        sql = f"select count(*) from {table} where opportunity_key = ? or capability_key = ?"
        if db.conn.execute(sql, [key, key]).fetchone()[0]:
            return name
    # Only of the own capability: that a need was answered may still be a secret, also to its agency.
    sql = "select count(*) from intent where capability_key = ? and state = 'sent' and (told_at <> '' or ?)"
    return "企业答复" if db.conn.execute(sql, [key, own]).fetchone()[0] else ""


def restore_text(db: Database, key: int, posting: Posting) -> None:
    """Put a former text back inside a transaction, off the lists until it is encoded anew."""
    hidden = replace(posting, listing=replace(posting.listing, state=_HIDDEN))
    nothing = np.zeros((0, 0), np.float32)
    save_posting(db, hidden, PostingVectors(nothing, nothing, nothing), "")
    shown = replace(posting, listing=replace(posting.listing, state=PUBLISHED))
    record = json.dumps(to_exchange(shown), ensure_ascii=False)
    db.table("posting").update(key, {"record": record, "content_hash": content_hash(shown)})
    forget(db, key, posting.side)


def remove_posting(db: Database, key: int, side: Side) -> None:
    """Take a posting out of the database inside a transaction; its versions and review stay.

    A draft that revised it becomes a new text.
    """
    forget(db, key, side)
    end_corrections(db, key)
    db.conn.execute("update draft set posting_key = 0 where posting_key = ?", [key])
    for table in ("item", "posting_domain", "vector"):
        db.table(table).delete_where("posting_key = ?", [key])
    drop_contact(db, "posting", key)
    db.table("posting").delete_where("key = ?", [key])
    append_change(db, key, side, "remove")
