"""Reads and writes questions on opportunities, and the consents to give a contact away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now

ASKED, ANSWERED, RETURNED = "asked", "answered", "returned"


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question with what was said to it: the published answer, or why it was returned."""

    key: int
    opportunity_key: int
    organisation_key: int
    account_key: int
    state: str
    text: str
    answer: str
    asked_at: str
    answered_at: str


def insert_question(
    db: Database, opportunity_key: int, organisation_key: int, account_key: int, text: str, digest: str
) -> int:
    """Write a question inside a transaction; return its key."""
    newest = db.conn.execute("select coalesce(max(key), 0) from question").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    db.table("question").insert(
        {
            "key": key, "opportunity_key": opportunity_key, "organisation_key": organisation_key,
            "account_key": account_key, "state": ASKED, "text": text, "digest": digest, "answer": "",
            "answered_by": 0, "asked_at": now(), "answered_at": "",
        }
    )  # fmt: skip
    return key


def find_same_question(db: Database, opportunity_key: int, digest: str) -> int:
    """Return the key of a question asked before in the same words by the same company, 0 for none.

    ``digest`` is of company and words, so that a company may be merged into another that asked the same.
    """
    sql = "select key from question where opportunity_key = ? and digest = ?"
    found = db.conn.execute(sql, [opportunity_key, digest]).fetchone()
    return int(found[0]) if found else 0


def close_question(db: Database, key: int, state: str, words: str, account_key: int) -> None:
    """Answer a question or return it, inside a transaction."""
    values = {"state": state, "answer": words, "answered_by": account_key, "answered_at": now()}
    db.table("question").update(key, values)


def load_question(db: Database, key: int) -> QuestionRow | None:
    """Return one question."""
    return next(iter(_questions(db, "key = ?", [key], "key")), None)


def published_questions(db: Database, opportunity_key: int) -> list[QuestionRow]:
    """Return the questions on a need that were answered for all to read, newest answer first."""
    where = "opportunity_key = ? and state = ?"
    return _questions(db, where, [opportunity_key, ANSWERED], "answered_at desc, key desc")


def open_questions(db: Database, opportunity_key: int) -> list[QuestionRow]:
    """Return the questions on a need that wait for an answer, oldest first."""
    return _questions(db, "opportunity_key = ? and state = ?", [opportunity_key, ASKED], "key")


def questions_by(db: Database, organisations: Collection[int], opportunity_key: int) -> list[QuestionRow]:
    """Return what some companies asked on a need, newest first."""
    own = sorted(organisations)
    where = f"opportunity_key = ? and organisation_key in ({','.join('?' * len(own))})"
    return _questions(db, where, [opportunity_key, *own], "key desc") if own else []


def _questions(db: Database, where: str, values: Sequence[Any], order: str) -> list[QuestionRow]:
    return [
        QuestionRow(
            row["key"], row["opportunity_key"], row["organisation_key"], row["account_key"] or 0, row["state"],
            row["text"], row["answer"] or "", row["asked_at"] or "", row["answered_at"] or "",
        )
        for row in db.table("question").rows_where(where, list(values), order_by=order)
    ]  # fmt: skip
