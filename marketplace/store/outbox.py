"""Reads and writes mail on its way out, and the mail addresses of accounts; bodies and addresses come sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now

# handing: given to the mail server, which has not answered yet; unsure: it never did.
WAITING, HANDING, SENT, FAILED, UNSURE, DROPPED = "waiting", "handing", "sent", "failed", "unsure", "dropped"


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter; ``body`` is sealed and empty once the letter has ended, ``stop`` is the token that ends its kind."""

    key: int
    account_key: int
    kind: str
    mark: str
    subject: str
    body: str
    stop: str
    state: str
    attempts: int
    due_at: str
    error: str
    created_at: str


@dataclass(frozen=True, slots=True)
class MailRow:
    """The mail address of an account, sealed; ``pending`` waits for its code."""

    account_key: int
    sealed: str = ""
    confirmed_at: str = ""
    pending: str = ""
    code_digest: str = ""
    code_until: str = ""
    tries: int = 0
    asked_at: str = ""


def insert_letter(
    db: Database, account_key: int, kind: str, mark: str, *, subject: str, body: str, stop: str = ""
) -> int:
    """Write a waiting letter inside a transaction; 0 when the account was written a letter of that mark before."""
    where = "account_key = ? and kind = ? and mark = ?"
    if db.conn.execute(f"select 1 from outbox where {where}", [account_key, kind, mark]).fetchone():
        return 0
    newest = int(db.conn.execute("select coalesce(max(key), 0) from outbox").fetchone()[0])
    key, moment = max(new_key(), newest + 1), now()
    db.table("outbox").insert(
        {"key": key, "account_key": account_key, "kind": kind, "mark": mark, "subject": subject, "body": body,
         "stop": stop, "state": WAITING, "attempts": 0, "due_at": moment, "error": "", "created_at": moment,
         "ended_at": ""}
    )  # fmt: skip
    return key


def due_letters(db: Database, limit: int) -> list[LetterRow]:
    """Return waiting letters whose time has come, oldest first."""
    sql = "select * from outbox where state = ? and due_at <= ? order by key limit ?"
    return list(map(_letter, db.query(sql, [WAITING, now(), limit])))


def count_due(db: Database) -> int:
    """Return how many letters could be sent now; those a broken run left with the mail server count too."""
    sql = "select count(*) from outbox where (state = ? and due_at <= ?) or state = ?"
    return int(db.conn.execute(sql, [WAITING, now(), HANDING]).fetchone()[0])


def count_waiting(db: Database, before: str) -> int:
    """Return how many letters have waited since before ``before``."""
    sql = "select count(*) from outbox where state = ? and created_at < ?"
    return int(db.conn.execute(sql, [WAITING, before]).fetchone()[0])


def count_letters(db: Database) -> dict[str, int]:
    """Return how many letters are in each state."""
    return {row["state"]: row["n"] for row in db.query("select state, count(*) as n from outbox group by state")}


def hand_over(db: Database, key: int) -> bool:
    """Note inside a transaction that the mail server gets a letter now; False when another run was first."""
    done = db.conn.execute("update outbox set state = ? where key = ? and state = ?", [HANDING, key, WAITING])
    return bool(done.rowcount)


def end_letter(db: Database, key: int, state: str, error: str = "") -> None:
    """Note inside a transaction how a letter ended; its text is not kept."""
    db.table("outbox").update(key, {"state": state, "error": error, "body": "", "stop": "", "ended_at": now()})


def drop_waiting(db: Database, account_key: int, kind: str) -> None:
    """Take back the waiting letters of a kind to an account, inside a transaction."""
    where = "account_key = ? and kind = ? and state = ?"
    sql = f"update outbox set state = ?, body = '', stop = '', ended_at = ? where {where}"
    db.conn.execute(sql, [DROPPED, now(), account_key, kind, WAITING])


def postpone_letter(db: Database, key: int, due_at: str, error: str) -> None:
    """Let a letter wait for another try inside a transaction."""
    sql = "update outbox set state = ?, attempts = attempts + 1, due_at = ?, error = ? where key = ?"
    db.conn.execute(sql, [WAITING, due_at, error, key])


def handed_letters(db: Database) -> list[int]:
    """Return the letters a broken run left with the mail server."""
    return [row["key"] for row in db.query("select key from outbox where state = ? order by key", [HANDING])]


def fail_old_letters(db: Database, before: str, error: str) -> int:
    """Give up letters that have waited since before ``before``, inside a transaction; return how many."""
    done = db.conn.execute(
        "update outbox set state = ?, error = ?, body = '', stop = '', ended_at = ? where state = ? and created_at < ?",
        [FAILED, error, now(), WAITING, before],
    )
    return int(done.rowcount)


def drop_old_letters(db: Database, before: str) -> int:
    """Delete letters that ended before ``before``, inside a transaction; return how many."""
    sql = "delete from outbox where state not in (?, ?) and ended_at < ?"
    return int(db.conn.execute(sql, [WAITING, HANDING, before]).rowcount)


def load_mail(db: Database, account_key: int) -> MailRow:
    """Return the mail address of an account, an empty one when it has none."""
    found = list(db.query("select * from account_mail where account_key = ?", [account_key]))
    if not found:
        return MailRow(account_key)
    return MailRow(**found[0])


def save_mail(db: Database, account_key: int, **values: Any) -> None:
    """Write columns of an account's mail address inside a transaction."""
    if not db.conn.execute("select 1 from account_mail where account_key = ?", [account_key]).fetchone():
        empty = {"sealed": "", "confirmed_at": "", "pending": "", "code_digest": "", "code_until": "", "tries": 0,
                 "asked_at": ""}  # fmt: skip
        db.table("account_mail").insert({"account_key": account_key} | empty | values)
        return
    db.table("account_mail").update(account_key, values)


def delete_mail(db: Database, account_key: int) -> None:
    """Delete an account's mail address inside a transaction."""
    db.table("account_mail").delete_where("account_key = ?", [account_key])


def _letter(raw: dict[str, Any]) -> LetterRow:
    return LetterRow(**{name: value for name, value in raw.items() if name != "ended_at"})
