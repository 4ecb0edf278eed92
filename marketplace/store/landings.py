"""Reads and writes landed pairs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from marketplace.store.changes import read_value, write_value
from marketplace.store.database import Database, rows_of

VERSION = "landings_version"
_CHUNK = 500


def save_landing(db: Database, raw: dict[str, Any], opportunity_key: int, capability_key: int) -> None:
    """Write one landing inside a transaction, replacing the one of the same id."""
    write_value(db, VERSION, str(int(read_value(db, VERSION) or 0) + 1))
    db.table("landing").delete_where("id = ?", [raw["id"]])
    db.table("landing").insert(
        {"id": raw["id"], "opportunity_key": opportunity_key, "capability_key": capability_key,
         "accepted_on": raw["accepted_on"], "record": json.dumps(raw, ensure_ascii=False)}
    )  # fmt: skip


def load_landings(db: Database) -> list[tuple[int, int, dict[str, Any]]]:
    """Return (opportunity key, capability key, landing) of every landing, by acceptance date and id."""
    return [
        (raw["opportunity_key"], raw["capability_key"], json.loads(raw["record"]))
        for raw in rows_of(db, "select * from landing order by accepted_on, id")
    ]


def find_landing(db: Database, landing_id: str) -> dict[str, Any] | None:
    """Return one landing as it was written, None when there is none of this id."""
    found = db.conn.execute("select record from landing where id = ?", [landing_id]).fetchone()
    return json.loads(found[0]) if found else None


def find_landings(db: Database, landing_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return these landings as they were written, by id."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(landing_ids), _CHUNK):
        part = list(landing_ids[start : start + _CHUNK])
        sql = f"select id, record from landing where id in ({','.join('?' * len(part))})"
        found |= {key: json.loads(record) for key, record in db.conn.execute(sql, part)}
    return found


def drop_landing(db: Database, landing_id: str) -> None:
    """Remove one landing inside a transaction; nothing happens when there is none."""
    write_value(db, VERSION, str(int(read_value(db, VERSION) or 0) + 1))
    db.table("landing").delete_where("id = ?", [landing_id])


def find_landing_keys(db: Database, landing_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the keys of opportunity and capability of these landings by id; unknown ones are left out."""
    found: dict[str, tuple[int, int]] = {}
    for start in range(0, len(landing_ids), _CHUNK):
        part = list(landing_ids[start : start + _CHUNK])
        sql = f"select id, opportunity_key, capability_key from landing where id in ({','.join('?' * len(part))})"
        found.update({one: (need, offer) for one, need, offer in db.conn.execute(sql, part)})
    return found
