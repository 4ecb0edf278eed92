"""Writes what an import brings without touching hand-set states, and puts back what was there before."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from marketplace.states import VISIBLE, WITHDRAWN
from marketplace.store.contacts import drop_contact, load_contacts, save_contact
from marketplace.store.database import Database
from marketplace.store.matches import forget
from marketplace.store.postings import save_posting, set_state
from marketplace.store.versions import last_version
from matching import Posting, PostingVectors, Side, compose, parse_posting

_POSTING = "posting"


def posting_state(db: Database, key: int) -> tuple[str, int, bool] | None:
    """Return state, revision and whether the state was set by hand of a posting, None when there is none."""
    sql = "select state, revision, state_by_hand from posting where key = ?"
    row = db.conn.execute(sql, [key]).fetchone()
    return (row[0], int(row[1]), bool(row[2])) if row else None


def put_posting(db: Database, posting: Posting, vectors: PostingVectors, model: str) -> tuple[int, int]:
    """Write a posting inside a transaction without touching the state it is in; return key and revision."""
    found = list(db.query(
        "select key, state from posting where kind = ? and external_id = ?", [str(posting.side), posting.id]
    ))  # fmt: skip
    key = save_posting(db, posting, vectors, model)
    if found and found[0]["state"] != WITHDRAWN:
        _keep_state(db, key, posting.side, found[0]["state"], vectors, model)
    revision = db.conn.execute("select revision from posting where key = ?", [key]).fetchone()[0]
    return key, int(revision)


def _keep_state(db: Database, key: int, side: Side, state: str, vectors: PostingVectors, model: str) -> None:
    now_in = db.conn.execute("select state from posting where key = ?", [key]).fetchone()[0]
    if now_in != state:
        seen = state in VISIBLE
        set_state(db, key, side, state, vectors if seen else None, model if seen else "")


def pack_before(db: Database, key: int) -> str:
    """Return everything a posting is now, so that ``put_back`` can restore it."""
    columns = next(iter(db.table("posting").rows_where("key = ?", [key])))
    found = list(db.table("vector").rows_where("posting_key = ?", [key]))
    vector = None
    if found:
        value = base64.b64encode(bytes(found[0]["value"])).decode()
        vector = {"model": found[0]["model"], "parts": found[0]["parts"], "value": value}
    contact = load_contacts(db, _POSTING, [key]).get(key)
    kept = {"columns": columns, "vector": vector, "contact": contact, "version": last_version(db, key)}
    return json.dumps(kept, ensure_ascii=False)


def model_before(before: str) -> str:
    """Return the encoder whose vectors were packed, empty when the posting had none."""
    vector = json.loads(before)["vector"]
    return str(vector["model"]) if vector else ""


def posting_before(before: str) -> Posting:
    """Return the posting that was packed."""
    columns = json.loads(before)["columns"]
    return parse_posting(json.loads(columns["record"]), Side(columns["kind"]))


def put_back(db: Database, before: str, fresh: tuple[PostingVectors, str] | None = None) -> None:
    """Restore a packed posting inside a transaction; ``fresh`` vectors and model stand in for its own.

    Its stored pairs go: they belong to the text that goes; the next matching makes them anew.
    """
    kept = json.loads(before)
    columns, posting = kept["columns"], posting_before(before)
    key, side = columns["key"], posting.side
    vectors, model = fresh or _unpacked(kept["vector"], posting)
    save_posting(db, posting, vectors, model)
    _keep_state(db, key, side, columns["state"], vectors, model)
    # The revision stays ahead, so that whoever read the text in between is told.
    db.table(_POSTING).update(key, {name: value for name, value in columns.items() if name not in ("key", "revision")})
    forget(db, key, side)
    drop_contact(db, _POSTING, key)
    if kept["contact"]:
        save_contact(db, _POSTING, key, *kept["contact"])
    forget_versions(db, key, kept["version"])


def forget_versions(db: Database, key: int, after: int = 0) -> None:
    """Delete the versions of a posting that came after a number, inside a transaction."""
    db.table("version").delete_where("posting_key = ? and number > ?", [key, after])


def _unpacked(vector: dict[str, Any] | None, posting: Posting) -> tuple[PostingVectors, str]:
    if vector is None:
        # Only a posting nobody sees has none; what stands in is deleted again with the state.
        nothing = np.zeros((len(compose(posting).passages) + 2, 1), np.float32)
        return PostingVectors(nothing[0], nothing[1], nothing[2:]), ""
    raw = np.frombuffer(base64.b64decode(vector["value"]), "<f2").reshape(vector["parts"], -1).astype(np.float32)
    return PostingVectors(raw[0], raw[1], raw[2:]), vector["model"]
