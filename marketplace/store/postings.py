"""Reads and writes postings with their items, fields and vectors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from marketplace.days import day_of
from marketplace.keys import new_key
from marketplace.regions import city_of
from marketplace.states import PUBLISHED, VISIBLE, WITHDRAWN
from marketplace.store.changes import append_change
from marketplace.store.database import Database, now, rows_of
from matching import Opportunity, Posting, PostingVectors, Side, compose, parse_posting, to_exchange

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A stored posting with the columns lists filter by.

    ``followed`` is what its pairings make of a published opportunity, empty for nothing; ``benchmark_years`` are the
    years in which it is part of a candidate.
    """

    key: int
    posting: Posting
    state: str
    region: str
    published_on: str | None
    revision: int
    organisation_key: int = 0
    on_behalf: bool = False
    published_at: str | None = None
    followed: str = ""
    benchmark_years: tuple[int, ...] = ()

    @property
    def shown_state(self) -> str:
        """The state people read: that of the pairings where the posting is simply published."""
        return self.followed if self.followed and self.state == PUBLISHED else self.state


def content_hash(posting: Posting) -> str:
    """Return a hash of everything the posting says."""
    text = json.dumps(to_exchange(posting), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def stored_hashes(db: Database, side: Side, ids: Sequence[str]) -> dict[str, tuple[int, str, str]]:
    """Return key, content hash and state of those ids that are stored."""
    found = {}
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        sql = f"select external_id, key, content_hash, state from posting where kind = ? and external_id in ({marks})"
        for row in db.query(sql, [str(side), *part]):
            found[row["external_id"]] = (row["key"], row["content_hash"], row["state"])
    return found


def save_posting(db: Database, posting: Posting, vectors: PostingVectors, model: str) -> int:
    """Write record, items, vectors and change row; call inside a transaction. Return the key.

    A posting that was withdrawn by hand stays withdrawn: an import does not undo a decision.
    """
    found = stored_hashes(db, posting.side, [posting.id]).get(posting.id)
    key = found[0] if found else _free_key(db)
    withdrawn = found is not None and found[2] == WITHDRAWN
    state = WITHDRAWN if withdrawn else posting.listing.state or PUBLISHED
    values = _columns(posting, state)
    if found:
        old = next(iter(db.query("select revision from posting where key = ?", [key])))
        db.table("posting").update(key, values | {"revision": old["revision"] + 1})
    else:
        db.table("posting").insert(values | {"key": key, "revision": 1, "published_on": day_of(now()).isoformat()})
    _replace_parts(db, key, posting)
    db.table("vector").delete_where("posting_key = ?", [key])
    if state in VISIBLE:
        _insert_vectors(db, key, vectors, model)
    append_change(db, key, posting.side, "put" if state in VISIBLE else "remove")
    return key


def _free_key(db: Database) -> int:
    """Return a key above every stored one: another process may have counted in the same millisecond."""
    newest = db.conn.execute("select coalesce(max(key), 0) from posting").fetchone()[0]
    return max(new_key(), int(newest) + 1)


def save_vectors(db: Database, row: PostingRow, vectors: PostingVectors, model: str) -> None:
    """Replace the vectors of an unchanged posting, for instance after a change of encoder."""
    db.table("vector").delete_where("posting_key = ?", [row.key])
    _insert_vectors(db, row.key, vectors, model)
    append_change(db, row.key, row.posting.side, "put")


def outdated_rows(db: Database, model: str) -> list[PostingRow]:
    """Return the visible postings without vectors of ``model``."""
    known = {raw["posting_key"] for raw in db.query("select posting_key from vector where model = ?", [model])}
    return [row for side in Side for row in load_rows(db, side=side) if row.key not in known]


def holds_other_vectors(db: Database, model: str) -> bool:
    """Whether any vector was made by another encoder than ``model``."""
    return db.conn.execute("select 1 from vector where model <> ? limit 1", [model]).fetchone() is not None


def _insert_vectors(db: Database, key: int, vectors: PostingVectors, model: str) -> None:
    rows = np.vstack([vectors.title[None], vectors.body[None], vectors.items]).astype("<f2")
    db.table("vector").insert({"posting_key": key, "model": model, "parts": len(rows), "value": rows.tobytes()})


def set_state(db: Database, key: int, side: Side, state: str, vectors: PostingVectors | None, model: str) -> None:
    """Change only the state; vectors go when the posting is no longer seen. Inside a transaction."""
    db.table("posting").update(key, {"state": state, "updated_at": now()})
    db.table("vector").delete_where("posting_key = ?", [key])
    if vectors is not None:
        _insert_vectors(db, key, vectors, model)
    append_change(db, key, side, "put" if vectors is not None else "remove")


def _columns(posting: Posting, state: str) -> dict[str, Any]:
    return {
        **derived_columns(posting),
        "state": state,
        "content_hash": content_hash(posting),
        "record": json.dumps(to_exchange(posting), ensure_ascii=False),
        "updated_at": now(),
    }


def derived_columns(posting: Posting) -> dict[str, Any]:
    """Return the columns that only repeat what the record says, so that lists can filter by them."""
    listing = posting.listing
    district = posting.district if isinstance(posting, Opportunity) else posting.district_or_city
    return {
        "kind": str(posting.side),
        "external_id": posting.id,
        "title": posting.title,
        "organisation": posting.publisher if isinstance(posting, Opportunity) else posting.company,
        "organisation_type": posting.publisher_type if isinstance(posting, Opportunity) else "enterprise",
        "district": district,
        "region": city_of(district),
        "batch": listing.batch,
        "index_number": listing.index_number,
        "budget_wan": posting.budget_wan if isinstance(posting, Opportunity) else None,
        "trl": None if isinstance(posting, Opportunity) else posting.maturity,
        "deadline": posting.deadline if isinstance(posting, Opportunity) else None,
        "year": posting.year,
        "valid_until": listing.valid_until,
        "last_confirmed": listing.last_confirmed,
    }


def _replace_parts(db: Database, key: int, posting: Posting) -> None:
    db.table("posting_domain").delete_where("posting_key = ?", [key])
    domains = dict.fromkeys(posting.domains)
    db.table("posting_domain").insert_all(
        {"posting_key": key, "position": place, "domain": domain} for place, domain in enumerate(domains)
    )
    db.table("item").delete_where("posting_key = ?", [key])
    db.table("item").insert_all(
        {"posting_key": key, "source": passage.source, "position": place, "text": passage.text}
        for place, passage in enumerate(compose(posting).passages)
    )


def load_rows(db: Database, keys: Iterable[int] | None = None, side: Side | None = None) -> list[PostingRow]:
    """Return stored postings by key, or all visible ones, of one side or both, ordered by external id."""
    sql = (
        "select key, kind, record, state, region, published_on, revision, organisation_key, on_behalf, published_at "
        "from posting"
    )
    rows: list[PostingRow] = []
    if keys is None:
        marks = ",".join("?" * len(VISIBLE))
        where, values = f" where state in ({marks})", list(VISIBLE)
        if side is not None:
            where, values = f"{where} and kind = ?", [*values, str(side)]
        return [_row(raw) for raw in rows_of(db, f"{sql}{where} order by external_id", values)]
    wanted = list(keys)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        rows += [_row(raw) for raw in rows_of(db, f"{sql} where key in ({marks})", part)]
    return rows


def _row(raw: dict[str, Any]) -> PostingRow:
    posting = parse_posting(json.loads(raw["record"]), Side(raw["kind"]))
    return PostingRow(
        raw["key"], posting, raw["state"], raw["region"], raw["published_on"], raw["revision"],
        raw["organisation_key"] or 0, bool(raw["on_behalf"]), raw["published_at"],
    )  # fmt: skip


def load_vectors(db: Database, model: str, keys: Sequence[int] | None = None) -> dict[int, PostingVectors]:
    """Return the vectors of a model by posting key, widened to float32."""
    sql = "select posting_key, parts, value from vector where model = ?"
    if keys is None:
        return dict(map(_vectors, db.query(sql, [model])))
    found: dict[int, PostingVectors] = {}
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        found.update(map(_vectors, db.query(f"{sql} and posting_key in ({marks})", [model, *part])))
    return found


def _vectors(raw: dict[str, Any]) -> tuple[int, PostingVectors]:
    rows = np.frombuffer(raw["value"], "<f2").reshape(raw["parts"], -1).astype(np.float32)
    return raw["posting_key"], PostingVectors(rows[0], rows[1], rows[2:])


def find_keys(db: Database, external_id: str, side: Side | None = None) -> list[tuple[int, Side, str]]:
    """Return key, side and state of the postings with an id; at most one a side."""
    sql, values = "select key, kind, state from posting where external_id = ?", [external_id]
    if side is not None:
        sql, values = f"{sql} and kind = ?", [external_id, str(side)]
    return [(row["key"], Side(row["kind"]), row["state"]) for row in db.query(sql, values)]
