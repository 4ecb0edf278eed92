"""Reads the pairs that could be suggested, best first, and what a matchmaker put aside for the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from marketplace.stages import MISTAKEN
from marketplace.store.database import Database, now
from matching import Band

_CHUNK = 200


# Nothing was ever followed up between the two but for openings that were undone, and nobody put the pair aside.
_FREE = (
    "not exists (select 1 from pairing p where p.opportunity_key = {0}.opportunity_key "
    "and p.capability_key = {0}.capability_key and coalesce(p.reason_code, '') <> ?) "
    "and not exists (select 1 from suggestion_dismissal d where d.account_key = ? and d.day = ? "
    "and d.opportunity_key = {0}.opportunity_key and d.capability_key = {0}.capability_key)"
)


def promising_pairs(
    db: Database, account_key: int, day: str, bands: Mapping[str, float]
) -> Iterator[tuple[int, int, float, str]]:
    """Yield (opportunity, capability, score, the machine's band) from the best score down to that of a good pair.

    A pair the machine scores lower and a matchmaker called good counts with the least score of that band: the word
    of a person wins. Without a stored score there is no evidence to call with. Left out are pairs that were ever
    followed up, but for openings that were undone, and those this account put aside for the day. The reader stops
    when it has enough: rows are fetched as they are asked for.
    """
    lowest, best = bands[Band.GOOD], bands[Band.STRONG]
    sql = (
        f"select m.opportunity_key, m.capability_key, m.score as score, m.band from match m "
        f"where m.score >= ? and {_FREE.format('m')} union all "
        f"select o.opportunity_key, o.capability_key, case o.band when ? then ? else ? end as score, o.band "
        f"from rank_override o join match m on m.opportunity_key = o.opportunity_key "
        f"and m.capability_key = o.capability_key where o.live_mark is not null and o.band in (?, ?) and m.score < ? "
        f"and {_FREE.format('o')} order by score desc"
    )
    free = [MISTAKEN, account_key, day]
    strong, good = str(Band.STRONG), str(Band.GOOD)
    cursor = db.conn.execute(sql, [lowest, *free, strong, best, lowest, strong, good, lowest, *free])
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
