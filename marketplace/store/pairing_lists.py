"""Lists of pairings for one viewer: what may be seen is part of the question, never sorted out afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.stages import RECOMMENDED
from marketplace.store.database import Database
from marketplace.store.pairings import PairingRow, pairing_of

_FROM = "from pairing p join posting n on n.key = p.opportunity_key join posting o on o.key = p.capability_key"
# Earliest of limit and next step first; what has ended last.
_ORDER = (
    "case when p.closed_at = '' then 0 else 1 end, "
    "case when p.next_on <> '' and (p.due_on = '' or p.next_on < p.due_on) then p.next_on "
    "when p.due_on = '' then '9999' else p.due_on end, p.key"
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a viewer may see: everything or these districts, what these agencies need and these companies offer.

    Pairings of the organisations ``apart`` are not among those of the districts. Of what an agency needs, only
    those count in which each of ``companies`` takes part: the others are competitors'.
    """

    everything: bool = False
    places: tuple[str, ...] = ()
    agencies: tuple[int, ...] = ()
    companies: tuple[int, ...] = ()
    apart: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sifting:
    """What to list: empty values mean no choice; ``overdue`` is the day before which a pairing is late."""

    stages: tuple[str, ...] = ()
    matchmaker: int | None = None
    acting: tuple[str, ...] = ()
    overdue: str = ""
    text: str = ""
    revisit_by: str = ""


@dataclass(frozen=True, slots=True)
class ListedPairing:
    """A pairing with what a list shows of its two postings."""

    row: PairingRow
    need_title: str
    need_organisation: str
    offer_title: str
    offer_organisation: str


def list_pairings(db: Database, reach: Reach, sifting: Sifting, *, limit: int, offset: int = 0) -> list[ListedPairing]:
    """Return one part of what a viewer may see, the most urgent first."""
    where, values = _where(reach, sifting)
    sql = (
        "select p.*, n.title as need_title, n.organisation as need_organisation, o.title as offer_title, "
        f"o.organisation as offer_organisation {_FROM} where {where} order by {_ORDER} limit ? offset ?"
    )
    return [
        ListedPairing(
            pairing_of(raw), raw["need_title"], raw["need_organisation"] or "", raw["offer_title"],
            raw["offer_organisation"] or "",
        )
        for raw in db.query(sql, [*values, limit, offset])
    ]  # fmt: skip


def count_pairings(db: Database, reach: Reach, sifting: Sifting) -> dict[str, int]:
    """Return how many pairings of each stage a viewer may see of what is asked for."""
    where, values = _where(reach, sifting)
    sql = f"select p.stage as stage, count(*) as n {_FROM} where {where} group by p.stage"
    return {raw["stage"]: raw["n"] for raw in db.query(sql, values)}


def _where(reach: Reach, sifting: Sifting) -> tuple[str, list[Any]]:
    parts, values = _seen(reach)
    if sifting.stages:
        parts.append(f"p.stage in ({_marks(sifting.stages)})")
        values += sifting.stages
    if sifting.matchmaker is not None:
        parts.append("p.matchmaker_key = ?")
        values.append(sifting.matchmaker)
    if sifting.acting:
        parts.append(f"p.acting in ({_marks(sifting.acting)})")
        values += sifting.acting
    if sifting.overdue:
        late = "(p.due_on <> '' and p.due_on < ?) or (p.next_on <> '' and p.next_on < ?)"
        parts.append(f"p.closed_at = '' and ({late})")
        values += [sifting.overdue, sifting.overdue]
    if sifting.revisit_by:
        due = "select pairing_key from revisit where done_on = '' and due_on <= ?"
        parts.append(f"p.key in ({due})")
        values.append(sifting.revisit_by)
    if sifting.text:
        columns = ("n.title", "o.title", "n.organisation", "o.organisation", "n.external_id", "o.external_id")
        # instr finds the words as they are, where a pattern would read % and _ as something else.
        parts.append("(" + " or ".join(f"instr({column}, ?) > 0" for column in columns) + ")")
        values += [sifting.text] * len(columns)
    return " and ".join(parts) or "1 = 1", values


def _seen(reach: Reach) -> tuple[list[str], list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if reach.everything or reach.places:
        one = "n.region = ? or substr(n.district, 1, ?) = ? or o.region = ? or substr(o.district, 1, ?) = ?"
        served = "1 = 1" if reach.everything else " or ".join([one] * len(reach.places))
        values += [] if reach.everything else [v for place in reach.places for v in (place, len(place), place) * 2]
        apart = f"coalesce({{}}.organisation_key, 0) not in ({_marks(reach.apart)})"
        outside = [apart.format(side) for side in ("n", "o")] if reach.apart else []
        values += reach.apart * 2
        parts.append(" and ".join([f"({served})", *outside]))
    if reach.agencies:
        takes_part = ["(n.organisation_key = ? or o.organisation_key = ?)"] * len(reach.companies)
        parts.append(" and ".join([f"n.organisation_key in ({_marks(reach.agencies)})", *takes_part]))
        values += [*reach.agencies, *(key for key in reach.companies for _ in range(2))]
    if reach.companies:
        # What their own answer opened appears once somebody works on it (``is_taken_up``).
        waits = "p.origin = 'intent' and p.stage = ? and p.matchmaker_key = 0"
        parts.append(f"o.organisation_key in ({_marks(reach.companies)}) and not ({waits})")
        values += [*reach.companies, RECOMMENDED]
    return ["(" + (" or ".join(f"({part})" for part in parts) or "1 = 0") + ")"], values


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))
