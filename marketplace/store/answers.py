"""Reads and writes what companies answer to opportunities, and the rules they answer by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now

DRAFT, SENT, WITHDRAWN = "draft", "sent", "withdrawn"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class RuleRow:
    """By which rules an opportunity is answered; ``stamp`` 0 means that nobody has set any."""

    opportunity_key: int
    closes_on: str = ""
    sealed: bool = False
    questions_until: str = ""
    stamp: int = 0


@dataclass(frozen=True, slots=True)
class IntentRow:
    """The answer of one company to one need.

    ``owner_key`` is the organisation the capability belongs to now, ``organisation_key`` the one that answered.
    ``number`` is the last version sent, 0 for none; ``told_at`` is empty until the agency was told.
    """

    key: int
    opportunity_key: int
    organisation_key: int
    owner_key: int
    capability_key: int
    pairing_key: int
    state: str
    number: int
    stamp: int
    author_key: int
    updated_at: str
    sent_at: str
    withdrawn_at: str
    told_at: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """What was answered to one requirement; ``text`` is the requirement as it stood then."""

    requirement: int
    text: str
    status: str
    evidence: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One text of an answer; number 0 is the one being written."""

    intent_key: int
    number: int
    capability_key: int
    note: str
    account_key: int
    at: str
    lines: tuple[LineRow, ...] = ()


def load_rule(db: Database, opportunity_key: int) -> RuleRow:
    """Return the rules of an opportunity, the plain ones where none were set."""
    for row in db.table("answer_rule").rows_where("opportunity_key = ?", [opportunity_key]):
        return _rule(row)
    return RuleRow(opportunity_key)


def load_rules(db: Database, opportunity_keys: Collection[int]) -> dict[int, RuleRow]:
    """Return the rules that were set, by opportunity."""
    return {row["opportunity_key"]: _rule(row) for row in _rows_of(db, "answer_rule", opportunity_keys)}


def save_rule(db: Database, rule: RuleRow, account_key: int) -> None:
    """Write the rules of an opportunity inside a transaction, with the next stamp."""
    values = {
        "closes_on": rule.closes_on, "sealed": int(rule.sealed), "questions_until": rule.questions_until,
        "stamp": rule.stamp + 1, "account_key": account_key, "updated_at": now(),
    }  # fmt: skip
    if rule.stamp:
        db.table("answer_rule").update(rule.opportunity_key, values)
    else:
        db.table("answer_rule").insert({"opportunity_key": rule.opportunity_key} | values)


def _rule(row: dict[str, Any]) -> RuleRow:
    return RuleRow(
        row["opportunity_key"], row["closes_on"] or "", bool(row["sealed"]), row["questions_until"] or "", row["stamp"]
    )


def _rows_of(db: Database, table: str, opportunity_keys: Collection[int]) -> Iterable[dict[str, Any]]:
    wanted = sorted(opportunity_keys)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        yield from db.table(table).rows_where(f"opportunity_key in ({','.join('?' * len(part))})", part)


_INTENTS = (
    "select i.*, p.organisation_key as owner_key from intent i join posting p on p.key = i.capability_key "
    "join posting o on o.key = i.opportunity_key where "
)


def _intents(db: Database, where: str, values: Sequence[Any]) -> list[IntentRow]:
    return [
        IntentRow(
            row["key"], row["opportunity_key"], row["organisation_key"], row["owner_key"] or 0, row["capability_key"],
            row["pairing_key"] or 0, row["state"], row["number"], row["stamp"], row["author_key"] or 0,
            row["updated_at"] or "", row["sent_at"] or "", row["withdrawn_at"] or "", row["told_at"] or "",
        )
        for row in db.query(f"{_INTENTS}{where} order by i.sent_at, i.key", list(values))
    ]  # fmt: skip


def load_intent(db: Database, key: int) -> IntentRow | None:
    """Return one answer."""
    return next(iter(_intents(db, "i.key = ?", [key])), None)


def intents_to(db: Database, opportunity_key: int) -> list[IntentRow]:
    """Return every answer to a need in whatever state, those sent first to come first."""
    return _intents(db, "i.opportunity_key = ?", [opportunity_key])


def intents_by(db: Database, organisations: Collection[int], opportunity_key: int = 0) -> list[IntentRow]:
    """Return the answers of some companies to all needs or to one."""
    if not organisations:
        return []
    own = sorted(organisations)
    where = f"p.organisation_key in ({','.join('?' * len(own))})"
    if opportunity_key:
        return _intents(db, f"{where} and i.opportunity_key = ?", [*own, opportunity_key])
    return _intents(db, where, own)


def count_sent(db: Database, opportunity_key: int) -> int:
    """Return how many answers to a need stand."""
    sql = (
        "select count(*) from intent i join posting p on p.key = i.capability_key "
        "where i.opportunity_key = ? and i.state = ?"
    )
    return int(db.conn.execute(sql, [opportunity_key, SENT]).fetchone()[0])


def untold_intents(db: Database) -> list[IntentRow]:
    """Return the answers that were sent and of which nobody was told yet."""
    return _intents(db, "i.state = ? and i.told_at = ''", [SENT])


def holds_due_answers(db: Database, today: str) -> bool:
    """Whether an answer waits to be made known whose need is not, or no longer, sealed."""
    sql = (
        "select 1 from intent i join posting p on p.key = i.capability_key join posting o on o.key = i.opportunity_key "
        "left join answer_rule r on r.opportunity_key = i.opportunity_key where i.state = ? and i.told_at = '' "
        "and (r.sealed is null or r.sealed = 0 or r.closes_on < ?) limit 1"
    )
    return db.conn.execute(sql, [SENT, today]).fetchone() is not None


def insert_intent(db: Database, opportunity_key: int, organisation_key: int, capability_key: int, author: int) -> int:
    """Begin the answer of a company inside a transaction; return its key."""
    newest = db.conn.execute("select coalesce(max(key), 0) from intent").fetchone()[0]
    key, moment = max(new_key(), int(newest) + 1), now()
    db.table("intent").insert(
        {
            "key": key, "opportunity_key": opportunity_key, "organisation_key": organisation_key,
            "capability_key": capability_key, "pairing_key": 0, "state": DRAFT, "number": 0, "stamp": 0,
            "author_key": author, "created_at": moment, "updated_at": moment, "sent_at": "", "withdrawn_at": "",
            "told_at": "",
        }
    )  # fmt: skip
    return key


def update_intent(db: Database, key: int, **columns: Any) -> None:
    """Change columns of an answer inside a transaction."""
    db.table("intent").update(key, columns | {"updated_at": now()})


def save_version(db: Database, version: VersionRow) -> None:
    """Write one text of an answer inside a transaction, in place of the one with its number."""
    drop_version(db, version.intent_key, version.number)
    own = {"intent_key": version.intent_key, "number": version.number}
    db.table("intent_version").insert(
        own | {"capability_key": version.capability_key, "note": version.note, "account_key": version.account_key,
               "at": now()}
    )  # fmt: skip
    db.table("intent_line").insert_all(
        own | {"requirement": one.requirement, "text": one.text, "status": one.status, "evidence": one.evidence}
        for one in version.lines
    )


def drop_version(db: Database, intent_key: int, number: int) -> None:
    """Delete one text of an answer inside a transaction."""
    for table in ("intent_version", "intent_line"):
        db.table(table).delete_where("intent_key = ? and number = ?", [intent_key, number])


def load_version(db: Database, intent_key: int, number: int) -> VersionRow | None:
    """Return one text of an answer with its lines."""
    return load_versions(db, [(intent_key, number)]).get(intent_key)


def load_versions(db: Database, wanted: Sequence[tuple[int, int]]) -> dict[int, VersionRow]:
    """Return one numbered text of each of several answers, by the answer's key: two statements for all."""
    numbers = dict(wanted)
    lines: dict[int, list[LineRow]] = {}
    found: dict[int, VersionRow] = {}
    keys = sorted(numbers)
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        where = f"intent_key in ({','.join('?' * len(part))})"
        for row in db.table("intent_line").rows_where(where, part, order_by="requirement"):
            if row["number"] == numbers[row["intent_key"]]:
                line = LineRow(row["requirement"], row["text"] or "", row["status"] or "", row["evidence"] or "")
                lines.setdefault(row["intent_key"], []).append(line)
        for row in db.table("intent_version").rows_where(where, part):
            key = row["intent_key"]
            if row["number"] == numbers[key]:
                found[key] = VersionRow(
                    key, row["number"], row["capability_key"], row["note"] or "", row["account_key"] or 0,
                    row["at"] or "", tuple(lines.get(key, ())),
                )  # fmt: skip
    return found
