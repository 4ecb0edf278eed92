"""Reads and writes what matchmakers say against the machine: corrected verdicts and overridden bands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now, rows_of
from matching import Band, VerdictKind

if TYPE_CHECKING:
    from marketplace.store.matches import MatchRow

_CHUNK = 400
VERDICT, BAND = "verdict_correction", "rank_override"
# One statement for both: every page that shows a pair asks.
_LIVE = """
select '{verdict}' as kind, c.key, c.opportunity_key, c.capability_key, c.requirement, c.verdict as value, c.machine,
  c.reason, c.account_key, a.name, c.at, c.requirement_text, i.text as now_text
from verdict_correction c left join account a on a.key = c.account_key
left join item i on i.posting_key = c.opportunity_key and i.position = c.position
where c.live_mark is not null and c.{column} in ({marks})
union all
select '{band}', o.key, o.opportunity_key, o.capability_key, -1, o.band, o.machine, o.reason, o.account_key, a.name,
  o.at, '', ''
from rank_override o left join account a on a.key = o.account_key
where o.live_mark is not null and o.{column} in ({marks})
"""


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One standing word of a matchmaker against the machine.

    ``value`` is a verdict, or a band when ``requirement`` is -1; ``machine`` is what the machine says; ``name`` is
    the name of the account, which is its post. ``lapsed``: the requirement reads differently now, so that the word
    no longer counts.
    """

    key: int
    opportunity_key: int
    capability_key: int
    requirement: int
    value: str
    machine: str
    reason: str
    account_key: int
    name: str
    at: str
    lapsed: bool = False


def live_corrections(
    db: Database, *, opportunity_keys: Collection[int] = (), capability_keys: Collection[int] = ()
) -> list[CorrectionRow]:
    """Return what stands on the pairs of these opportunities, or of these capabilities, oldest first."""
    column, keys = ("opportunity_key", opportunity_keys) if opportunity_keys else ("capability_key", capability_keys)
    found: list[CorrectionRow] = []
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        sql = _LIVE.format(verdict=VERDICT, band=BAND, column=column, marks=",".join("?" * len(part)))
        found += map(_row, rows_of(db, sql, [*part, *part]))
    return sorted(found, key=lambda row: row.key)


def _row(raw: dict[str, Any]) -> CorrectionRow:
    return CorrectionRow(
        raw["key"], raw["opportunity_key"], raw["capability_key"], raw["requirement"], raw["value"],
        raw["machine"] or "", raw["reason"], raw["account_key"], raw["name"] or "", raw["at"],
        raw["kind"] == VERDICT and raw["requirement_text"] != raw["now_text"],
    )  # fmt: skip


def corrected(db: Database, rows: Sequence[MatchRow]) -> list[MatchRow]:
    """Return scored pairs as matchmakers left them: their verdicts and bands stand in place of the machine's."""
    needs, offers = {row.opportunity_key for row in rows}, {row.capability_key for row in rows}
    if not rows:
        return []
    found = (
        live_corrections(db, opportunity_keys=needs)
        if len(needs) <= len(offers)
        else live_corrections(db, capability_keys=offers)
    )
    of_pair: dict[tuple[int, int], list[CorrectionRow]] = {}
    for one in found:
        of_pair.setdefault((one.opportunity_key, one.capability_key), []).append(one)
    return [
        _apply(row, told) if (told := of_pair.get((row.opportunity_key, row.capability_key))) else row for row in rows
    ]


def _apply(row: MatchRow, told: Iterable[CorrectionRow]) -> MatchRow:
    kinds = {verdict.requirement: str(verdict.kind) for verdict in row.verdicts}
    standing = [
        replace(one, machine=str(row.band) if one.requirement < 0 else kinds.get(one.requirement, one.machine))
        for one in told
    ]
    said = {one.requirement: one for one in standing if not one.lapsed}
    verdicts = tuple(
        replace(verdict, kind=VerdictKind(said[verdict.requirement].value)) if verdict.requirement in said else verdict
        for verdict in row.verdicts
    )
    band = Band(said[-1].value) if -1 in said else row.band
    return replace(row, band=band, verdicts=verdicts, corrections=tuple(standing))


def requirement_at(db: Database, opportunity_key: int, position: int) -> str | None:
    """Return what is judged at a place of an opportunity, as stored."""
    sql = "select text from item where posting_key = ? and position = ?"
    found = db.conn.execute(sql, [opportunity_key, position]).fetchone()
    return str(found[0]) if found else None


def insert_correction(db: Database, table: str, pair: tuple[int, int], values: dict[str, Any]) -> int:
    """Write a word that stands from now on, inside a transaction; return its key.

    What stood at the same place is taken back first, by the same account.
    """
    mark = _mark(pair, values.get("requirement"))
    # "limit 1" is not portable in an update, and the mark is unique anyway.
    db.conn.execute(
        f"update {table} set live_mark = null, withdrawn_at = ?, withdrawn_by = ? where live_mark = ?",
        [now(), values["account_key"], mark],
    )
    newest = db.conn.execute(f"select coalesce(max(key), 0) from {table}").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    db.table(table).insert(
        values
        | {"key": key, "opportunity_key": pair[0], "capability_key": pair[1], "at": now(), "withdrawn_at": "",
           "withdrawn_by": 0, "live_mark": mark}
    )  # fmt: skip
    return key


def _mark(pair: tuple[int, int], requirement: int | None) -> str:
    return ":".join(map(str, pair if requirement is None else (*pair, requirement)))


def withdraw_correction(db: Database, table: str, key: int, account_key: int) -> bool:
    """Take a standing word back inside a transaction; return whether it still stood."""
    done = db.conn.execute(
        f"update {table} set live_mark = null, withdrawn_at = ?, withdrawn_by = ? "
        "where key = ? and live_mark is not null",
        [now(), account_key, key],
    )
    return bool(done.rowcount)


def end_corrections(db: Database, posting_key: int) -> None:
    """Let nothing stand any more on the pairs of a posting that leaves the database, inside a transaction."""
    for table in (VERDICT, BAND):
        db.conn.execute(
            f"update {table} set live_mark = null, withdrawn_at = ? "
            "where live_mark is not null and (opportunity_key = ? or capability_key = ?)",
            [now(), posting_key, posting_key],
        )


def overridden_pairs(db: Database, *, stored: bool) -> list[tuple[int, int]]:
    """Return the pairs (opportunity, capability) with a matchmaker's band that are, or are not, stored as scored."""
    return [(need, offer) for need, offer, _, machine in overridden_bands(db) if bool(machine) is stored]


def overridden_bands(db: Database) -> list[tuple[int, int, str, str]]:
    """Return (opportunity, capability, band now, band of the machine) of every pair with a matchmaker's band.

    The machine's band is empty for a pair that is not stored.
    """
    sql = (
        "select o.opportunity_key, o.capability_key, o.band, coalesce(m.band, '') from rank_override o "
        "left join match m on m.opportunity_key = o.opportunity_key and m.capability_key = o.capability_key "
        "where o.live_mark is not null"
    )
    return [tuple(row) for row in db.conn.execute(sql)]
