"""Reads what the funnel counts: published needs, first views, what pairings reached and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.stages import BUILDING, CONTACTED, LANDED, MEETING, SIGNED
from marketplace.store.database import Database

# Published once, whatever became of it; a need that was withdrawn never stood on the list for good.
COUNTED = ("published", "recheck", "off_shelf", "expired", "failed")
DATED = (CONTACTED, MEETING, SIGNED, BUILDING, LANDED)
NeedTuple = tuple[int, int, str, str, str, str, str]
_CHUNK = 500


def published_needs(db: Database) -> list[NeedTuple]:
    """Return (key, organisation key, its name, district, city, day of publication, state) by key.

    The name is the one written in the list; that of a known organisation is read apart.
    """
    marks = ",".join("?" * len(COUNTED))
    sql = (
        "select key, coalesce(organisation_key, 0), coalesce(organisation, ''), coalesce(district, ''), "
        "coalesce(region, ''), published_on, state from posting "
        f"where kind = 'opportunity' and state in ({marks}) and published_on is not null order by key"
    )
    return list(db.conn.execute(sql, COUNTED))


def organisation_names(db: Database) -> dict[int, str]:
    """Return the names of all organisations by key."""
    return dict(db.conn.execute("select key, name from organisation"))


def first_domains(db: Database) -> dict[int, str]:
    """Return the first declared field of each posting."""
    return dict(db.conn.execute("select posting_key, domain from posting_domain where position = 0"))


def first_views(db: Database) -> dict[int, str]:
    """Return the first day on which each posting was opened by others."""
    return dict(db.conn.execute("select posting_key, min(day) from view_count where views > 0 group by posting_key"))


@dataclass(frozen=True, slots=True)
class PairingTexts:
    """Every pairing by key, a column as one text parted by commas: thousands of rows cost twice as much to read.

    The days are those of the end of the stage, of signing, of acceptance and of confirmed use, empty for none.
    """

    keys: str
    needs: str
    offers: str
    matchmakers: str
    stages: str
    due: str
    signed: str
    accepted: str
    confirmed: str
    stamps: str


def pairing_texts(db: Database) -> PairingTexts:
    """Return every pairing by key in columns, all of them empty when there is none."""
    columns = (
        "key", "opportunity_key", "capability_key", "coalesce(matchmaker_key, 0)", "stage", "coalesce(due_on, '')",
        "coalesce(signed_on, '')", "coalesce(accepted_on, '')", "coalesce(use_confirmed_on, '')", "stamp",
    )  # fmt: skip
    joined = ", ".join(f"coalesce(group_concat({column}), '')" for column in columns)
    return PairingTexts(*db.conn.execute(f"select {joined} from (select * from pairing order by key)").fetchone())


def out_of_use(db: Database) -> dict[int, str]:
    """Return the newest day on which a revisit found a pairing out of use, by pairing."""
    sql = "select pairing_key, max(done_on) from revisit where running = 0 and done_on <> '' group by pairing_key"
    return dict(db.conn.execute(sql))


def first_hours(db: Database, stage: str, keys: Sequence[int] | None = None) -> list[tuple[str, str]]:
    """Return who came to a stage and their first hour in UTC (2026-01-31T08), of ``keys`` or of all.

    Each item is a pair of lists parted by commas, pairings and hours: made into arrays, two long texts cost
    less than half of what a hundred thousand rows do. What was undone is no move.
    """
    sql = (
        "select group_concat(pairing_key), group_concat(hour) from ("
        "select pairing_key, substr(min(at), 1, 13) as hour from pairing_event where to_stage = ? "
        "and coalesce(undone_at, '') = '' and action <> 'undo'{} group by pairing_key)"
    )
    if keys is None:
        found = list(db.conn.execute(sql.format(""), [stage]))
    else:
        found = []
        for start in range(0, len(keys), _CHUNK):
            part = keys[start : start + _CHUNK]
            within = f" and pairing_key in ({','.join('?' * len(part))})"
            found += db.conn.execute(sql.format(within), [stage, *part])
    return [(own, hours) for own, hours in found if own]


def newest_event(db: Database) -> int:
    """Return the key of the newest entry of any journal, 0 when there is none."""
    return int(db.conn.execute("select coalesce(max(key), 0) from pairing_event").fetchone()[0])


def moved_since(db: Database, event: int) -> list[int]:
    """Return the pairings with an entry after this one."""
    return [row[0] for row in db.conn.execute("select distinct pairing_key from pairing_event where key > ?", [event])]


def matchmaker_names(db: Database) -> dict[int, str]:
    """Return the names of everyone who was given a pairing."""
    sql = "select key, name from account where key in (select distinct matchmaker_key from pairing)"
    return dict(db.conn.execute(sql))
