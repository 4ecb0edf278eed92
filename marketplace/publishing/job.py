"""Publishes approved texts chunk by chunk; what is done stays done when the job is broken off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from marketplace.audit import record_action
from marketplace.jobs.context import JobContext
from marketplace.jobs.renewal import renew_matches
from marketplace.notices import accounts_of, notify
from marketplace.publishing.checking import check_draft
from marketplace.publishing.publication import CHANGED, Publication, find_obstacle, posting_of, write_posting
from marketplace.publishing.states import APPROVED, PUBLISHED, RECALLED
from marketplace.records import TermBook
from marketplace.store import Database
from marketplace.store.database import now, transaction
from marketplace.store.drafts import DraftRow, load_drafts
from marketplace.store.versions import load_batches, load_publications, update_batch
from marketplace.terms import load_book
from matching import Posting, encode_postings

CHUNK = 20
_NAMED = 3


def publish_batch(context: JobContext) -> dict[str, Any]:
    """Publish the drafts named in the arguments, finish their batch, and match; safe to run again.

    Returns how many were ``published`` in this run, and ``refused`` as sentences.
    """
    keys = [int(key) for key in context.arguments["draft_keys"]]
    publication = _publication(context)
    terms = load_book(context.db, context.settings)
    published, refused = 0, []
    for start in range(0, len(keys), CHUNK):
        rows = load_drafts(context.db, keys=keys[start : start + CHUNK])
        ready, faulty = _ready(context.db, rows, terms, publication)
        done, obstacles = _publish(context, ready, publication)
        published += done
        refused += [*faulty, *obstacles]
        context.say(min(start + CHUNK, len(keys)), len(keys), f"已发布 {published} 条，正在继续")
    message = _finish(context, publication, published, refused)
    renew_matches(context)
    return {"published": published, "refused": refused, "message": message}


def _publication(context: JobContext) -> Publication:
    batch_key = int(context.arguments.get("batch_key") or 0)
    batches = load_batches(context.db, key=batch_key) if batch_key else []
    return Publication(batches[0] if batches else None, date.today(), int(context.arguments["valid_months"]))


def _ready(
    db: Database, rows: Sequence[DraftRow], terms: TermBook, publication: Publication
) -> tuple[list[tuple[DraftRow, Posting]], list[str]]:
    ready, faulty = [], []
    for row in rows:
        record, faults = check_draft(db, row, terms)
        if row.state != APPROVED:
            faulty.append(f"“{row.title}”：{CHANGED}")
        elif record is None:
            faulty.append(f"“{row.title}”：{faults[0].sentence}")
        else:
            ready.append((row, posting_of(row, record, publication)))
    return ready, faulty


def _publish(
    context: JobContext, ready: Sequence[tuple[DraftRow, Posting]], publication: Publication
) -> tuple[int, list[str]]:
    """Encode one chunk and write it in one transaction."""
    if not ready:
        return 0, []
    db, model = context.db, context.workshop.encoder()
    vectors = encode_postings([posting for _, posting in ready], model)
    done, refused = [], []
    with transaction(db):
        for (row, posting), own in zip(ready, vectors, strict=True):
            obstacle = find_obstacle(db, row, posting)
            if obstacle:
                refused.append(f"“{row.title}”：{obstacle}")
                continue
            write_posting(
                db, context.viewer, row, posting, vectors=own, model=model.fingerprint, publication=publication
            )  # fmt: skip
            done.append(row)
        _tell(db, done, publication)
    return len(done), refused


def _tell(db: Database, rows: Sequence[DraftRow], publication: Publication) -> None:
    """Tell authors and their organisations, one notice a chunk."""
    by_reader: dict[int, list[str]] = {}
    for row in rows:
        for account in {row.author_key, *accounts_of(db, row.organisation_key)} - {0}:
            by_reader.setdefault(account, []).append(row.title)
    where = f"，编入{publication.batch.name}" if publication.batch else ""
    for account, titles in by_reader.items():
        named = "、".join(f"“{title}”" for title in titles[:_NAMED])
        more = f"等 {len(titles)} 条" if len(titles) > _NAMED else ""
        notify(
            db, [account], kind="publishing", title=f"{named}{more}已发布{where}", link="/my",
            reason="您填写了这些内容，或是其单位的成员。",
        )  # fmt: skip


def _finish(context: JobContext, publication: Publication, published: int, refused: list[str]) -> str:
    """Close the batch; one that holds nothing gives its number back."""
    db, batch = context.db, publication.batch
    problems = f"；{len(refused)} 条没有发布：{refused[0]}" if refused else ""
    if batch is None:
        return f"已发布 {published} 条{problems}"
    count = len(load_publications(db, batch_key=batch.key))
    with transaction(db):
        if count:
            today = publication.day.isoformat()
            update_batch(db, batch.key, state=PUBLISHED, published_on=today, published_at=now())
            record_action(db, context.viewer, "batch.published", "batch", batch.key, 批次=batch.name, 条数=count)
        else:
            update_batch(db, batch.key, state=RECALLED, recalled_at=now())
    return f"{batch.name}已发布 {count} 条{problems}" if count else f"{batch.name}没有可发布的内容{problems}"
