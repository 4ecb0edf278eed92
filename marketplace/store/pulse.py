"""Tells a process in one statement whether anything moved since it last looked, and which pairings those were."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.store.database import Database
from marketplace.store.landings import VERSION as LANDINGS
from marketplace.store.organisations import VERSION as ORGANISATIONS
from marketplace.store.pairings import VERSION as PAIRINGS

_PULSE = f"""
select 'changes', 0, '', coalesce(max(seq), 0) from change
union all select name, 0, '', value from meta where name in ('{ORGANISATIONS}', '{LANDINGS}', '{PAIRINGS}')
union all select '', opportunity_key, stage, count(*) from pairing
  where opportunity_key in (select opportunity_key from pairing where moved > ?) group by opportunity_key, stage
union all select '', capability_key, stage, count(*) from pairing
  where capability_key in (select capability_key from pairing where moved > ?) group by capability_key, stage
"""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Four numbers, each of which grows when something of its kind was written."""

    changes: int
    organisations: int
    landings: int
    pairings: int


def feel_pulse(db: Database, pairings: int = -1) -> tuple[Pulse, dict[int, dict[str, int]]]:
    """Return the numbers, and for the postings whose pairings moved after ``pairings`` how many stand at which stage.

    All of one state of the database; every posting that has pairings when no number is named.
    """
    numbers, stages = dict[str, int](), dict[int, dict[str, int]]()
    for name, key, stage, value in db.conn.execute(_PULSE, [pairings, pairings]):
        if name:
            numbers[name] = int(value)
        else:
            stages.setdefault(key, {})[stage] = value
    counted = (numbers.get(name, 0) for name in (ORGANISATIONS, LANDINGS, PAIRINGS))
    return Pulse(numbers["changes"], *counted), stages
