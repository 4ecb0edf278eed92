"""Reads the pairs that could be suggested, best first, and what a matchmaker put aside for the day."""

from __future__ import annotations

from collections.abc import Iterator

from marketplace.stages import MISTAKEN
from marketplace.store.database import Database, now

_CHUNK = 200


def promising_pairs(db: Database, account_key: int, day: str, lowest: float) -> Iterator[tuple[int, int, float, str]]:
    """Yield (opportunity, capability, score, the machine's band) from the best score down to ``lowest``.

    Left out are pairs that were ever followed up, but for openings that were undone, and those this account put
    aside for the day. The reader stops when it has enough: rows are fetched as they are asked for.
    """
    sql = (
        "select m.opportunity_key, m.capability_key, m.score, m.band from match m where m.score >= ? "
        "and not exists (select 1 from pairing p where p.opportunity_key = m.opportunity_key "
        "and p.capability_key = m.capability_key and coalesce(p.reason_code, '') <> ?) "
        "and not exists (select 1 from suggestion_dismissal d where d.account_key = ? and d.day = ? "
        "and d.opportunity_key = m.opportunity_key and d.capability_key = m.capability_key) "
        "order by m.score desc"
    )
    cursor = db.conn.execute(sql, [lowest, MISTAKEN, account_key, day])
    while rows := cursor.fetchmany(_CHUNK):
        yield from rows


def dismiss(db: Database, account_key: int, day: str, pair: tuple[int, int]) -> bool:
    """Put a suggestion aside for a day, inside a transaction; return whether it was not yet."""
    values = {"account_key": account_key, "day": day, "opportunity_key": pair[0], "capability_key": pair[1]}
    where = " and ".join(f"{name} = ?" for name in values)
    table = db.table("suggestion_dismissal")
    if table.count_where(where, list(values.values())):
        return False
    # What was put aside on other days is of no use to anyone.
    table.delete_where("account_key = ? and day < ?", [account_key, day])
    table.insert(values | {"at": now()})
    return True


def recall_dismissed(db: Database, account_key: int, day: str) -> int:
    """Bring back what an account put aside today, inside a transaction; return how many those were."""
    where, values = "account_key = ? and day = ?", [account_key, day]
    count = int(db.table("suggestion_dismissal").count_where(where, values))
    db.table("suggestion_dismissal").delete_where(where, values)
    return count
