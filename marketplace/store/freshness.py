"""Reads the days of postings and writes confirmations, reminders and who decided a state."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from marketplace.states import VISIBLE
from marketplace.store.changes import append_change, last_change, read_value, write_value
from marketplace.store.database import Database, now
from marketplace.store.matches import forget
from marketplace.store.postings import content_hash, set_state
from matching import Posting, Side, to_exchange

OFF_SHELF = "off_shelf"
_MATCHED = "matched_through"
_COLUMNS = (
    "key, kind, title, organisation, organisation_key, region, district, state, state_by_hand, valid_until, "
    "last_confirmed, published_on, reminded_at"
)


@dataclass(frozen=True, slots=True)
class PostingDays:
    """The columns of a posting by which its freshness is judged."""

    key: int
    side: Side
    title: str
    organisation: str
    organisation_key: int
    region: str
    district: str
    state: str
    by_hand: bool
    valid_until: str | None
    last_confirmed: str | None
    published_on: str | None
    reminded_at: str | None

    @property
    def confirmed(self) -> str | None:
        """The last confirmation, or the publication when there was none."""
        return self.last_confirmed or self.published_on


def visible_days(db: Database) -> list[PostingDays]:
    """Return the days of every visible posting, by key."""
    marks = ",".join("?" * len(VISIBLE))
    sql = f"select {_COLUMNS} from posting where state in ({marks}) order by key"
    return [_days(raw) for raw in db.query(sql, list(VISIBLE))]


def days_of(db: Database, key: int) -> PostingDays | None:
    """Return the days of one posting in any state."""
    found = list(db.query(f"select {_COLUMNS} from posting where key = ?", [key]))
    return _days(found[0]) if found else None


def write_confirmation(db: Database, key: int, posting: Posting, state: str) -> None:
    """Write a posting of which only the days moved, inside a transaction; texts, vectors and matches stay.

    A visible posting is logged as changed, so that every worker shows the new days; ``state`` is its state after.
    """
    current = is_matched(db)
    db.table("posting").update(
        key,
        {
            "record": json.dumps(to_exchange(posting), ensure_ascii=False),
            "content_hash": content_hash(posting),
            "valid_until": posting.listing.valid_until,
            "last_confirmed": posting.listing.last_confirmed,
            "reminded_at": None,
            "state": state,
            "updated_at": now(),
        },
    )
    if state in VISIBLE:
        append_change(db, key, posting.side, "put")
        if current:
            mark_matched(db)


def take_away(db: Database, key: int, side: Side) -> None:
    """Take a posting off the shelf inside a transaction: out of the lists, the indexes and the stored pairs.

    The matches stay current unless a team has lost a member by it.
    """
    current = is_matched(db)
    set_state(db, key, side, OFF_SHELF, None, "")
    broken_teams = forget(db, key, side)
    mark_by_hand(db, key, False)
    if current and not broken_teams:
        mark_matched(db)


def mark_reminded(db: Database, keys: Iterable[int], moment: str) -> None:
    """Note that the owners of these postings were reminded, inside a transaction."""
    for key in keys:
        db.table("posting").update(key, {"reminded_at": moment})


def mark_by_hand(db: Database, key: int, by_hand: bool) -> None:
    """Note whether a person decided the state of a posting, inside a transaction."""
    db.table("posting").update(key, {"state_by_hand": int(by_hand)})


def is_matched(db: Database) -> bool:
    """Whether the matches are those of the newest change."""
    return last_change(db) == int(read_value(db, _MATCHED) or 0)


def mark_matched(db: Database) -> None:
    """Note inside a transaction that the matches need nothing for the newest change."""
    write_value(db, _MATCHED, str(last_change(db)))


def _days(raw: dict[str, Any]) -> PostingDays:
    return PostingDays(
        raw["key"], Side(raw["kind"]), raw["title"], raw["organisation"] or "", raw["organisation_key"] or 0,
        raw["region"] or "", raw["district"] or "", raw["state"], bool(raw["state_by_hand"]), raw["valid_until"],
        raw["last_confirmed"], raw["published_on"], raw["reminded_at"],
    )  # fmt: skip
