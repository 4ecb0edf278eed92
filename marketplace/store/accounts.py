"""Reads and writes accounts and the roles they hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now, rows_of

_CHUNK = 500
ACTIVE, DISABLED = "active", "disabled"


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A stored account; ``old_hashes`` are those before the present one, newest first."""

    key: int
    login: str
    name: str
    state: str
    must_change: bool
    failures: int
    locked_until: str
    password_at: str
    session_number: int
    last_login_at: str
    created_at: str
    password_hash: str = field(repr=False)
    old_hashes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """One role of an account; ``organisation_key`` 0 for the roles of the whole site."""

    account_key: int
    role: str
    organisation_key: int
    districts: tuple[str, ...] = ()
    created_at: str = ""


def load_account(db: Database, key: int) -> AccountRow | None:
    """Return the account of a key."""
    return next(iter(_accounts(db, "key = ?", [key])), None)


def load_accounts(db: Database, keys: Iterable[int]) -> list[AccountRow]:
    """Return the accounts of some keys; keys of none are left out."""
    wanted, found = sorted(set(keys)), list[AccountRow]()
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        found += _accounts(db, f"key in ({','.join('?' * len(part))})", part)
    return found


def find_account(db: Database, login: str) -> AccountRow | None:
    """Return the account of a login, written exactly so."""
    return next(iter(_accounts(db, "login = ?", [login])), None)


def search_accounts(
    db: Database, *, text: str = "", role: str = "", limit: int = 50, offset: int = 0
) -> tuple[list[AccountRow], int]:
    """Return one stretch of the accounts by login, and how many there are in all."""
    clauses, values = ["1 = 1"], list[Any]()
    if text:
        clauses.append("(login like ? escape '!' or name like ? escape '!')")
        values += [contains(text), contains(text)]
    if role:
        clauses.append("key in (select account_key from membership where role = ?)")
        values.append(role)
    where = " and ".join(clauses)
    total = int(db.conn.execute(f"select count(*) from account where {where}", values).fetchone()[0])
    return _accounts(db, f"{where} order by login limit ? offset ?", [*values, limit, offset]), total


def contains(text: str) -> str:
    """Return the ``like`` pattern of a text anywhere, its own wildcards taken as written (escape '!')."""
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return f"%{text}%"


def insert_account(db: Database, login: str, name: str, password_hash: str) -> int:
    """Write a new account that must change its password, inside a transaction; return its key."""
    newest = db.conn.execute("select coalesce(max(key), 0) from account").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    at = now()
    db.table("account").insert(
        {
            "key": key, "login": login, "password_hash": password_hash, "name": name, "state": ACTIVE,
            "must_change": 1, "failures": 0, "locked_until": "", "password_at": at, "old_hashes": "[]",
            "session_number": 1, "last_login_at": "", "created_at": at,
        }
    )  # fmt: skip
    return key


def update_account(db: Database, key: int, **values: Any) -> None:
    """Write columns of an account inside a transaction; ``old_hashes`` is given as texts."""
    if "old_hashes" in values:
        values["old_hashes"] = json.dumps(list(values["old_hashes"]))
    db.table("account").update(key, values)


def memberships_of(db: Database, account_keys: Sequence[int]) -> list[MembershipRow]:
    """Return the roles of accounts, in a stable order."""
    found: list[MembershipRow] = []
    for start in range(0, len(account_keys), _CHUNK):
        part = account_keys[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        found += _memberships(db, f"account_key in ({marks})", part)
    return found


def members_of(db: Database, organisation_key: int) -> list[MembershipRow]:
    """Return the roles held for an organisation."""
    return _memberships(db, "organisation_key = ?", [organisation_key])


def save_membership(db: Database, row: MembershipRow) -> bool:
    """Write a role inside a transaction; return whether it is new and not only for other districts."""
    values = {"districts": json.dumps(list(row.districts), ensure_ascii=False)}
    done = db.conn.execute(
        "update membership set districts = ? where account_key = ? and role = ? and organisation_key = ?",
        [values["districts"], row.account_key, row.role, row.organisation_key],
    )
    if done.rowcount:
        return False
    db.table("membership").insert(
        values
        | {"account_key": row.account_key, "role": row.role, "organisation_key": row.organisation_key,
           "created_at": row.created_at or now()}
    )  # fmt: skip
    return True


def drop_membership(db: Database, account_key: int, role: str, organisation_key: int) -> bool:
    """Take a role away inside a transaction; return whether it was held."""
    done = db.conn.execute(
        "delete from membership where account_key = ? and role = ? and organisation_key = ?",
        [account_key, role, organisation_key],
    )
    return bool(done.rowcount)


def account_names(db: Database, keys: Iterable[int]) -> dict[int, str]:
    """Return the names of accounts by key."""
    wanted = sorted(set(keys))
    names: dict[int, str] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        names.update(db.conn.execute(f"select key, name from account where key in ({marks})", part).fetchall())
    return names


# Asked for every request: plain statements, where rows_where would look up the table first.
def _accounts(db: Database, where: str, values: Sequence[Any]) -> list[AccountRow]:
    return [
        AccountRow(
            row["key"], row["login"], row["name"], row["state"], bool(row["must_change"]), row["failures"],
            row["locked_until"] or "", row["password_at"] or "", row["session_number"], row["last_login_at"] or "",
            row["created_at"] or "", row["password_hash"], tuple(json.loads(row["old_hashes"] or "[]")),
        )
        for row in rows_of(db, f"select * from account where {where}", values)
    ]  # fmt: skip


def _memberships(db: Database, where: str, values: Sequence[Any]) -> list[MembershipRow]:
    sql = f"select * from membership where {where} order by account_key, role, organisation_key"
    return [
        MembershipRow(
            row["account_key"], row["role"], row["organisation_key"], tuple(json.loads(row["districts"] or "[]")),
            row["created_at"] or "",
        )
        for row in rows_of(db, sql, values)
    ]  # fmt: skip
