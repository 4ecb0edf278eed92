"""Which organisation belongs to which: noted so that interests are found, withdrawn when it was wrong, never a ring."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.errors import NotFoundError, RefusedError
from marketplace.organisations.naming import find_named
from marketplace.selection.recusal import bar_everywhere, readmit_everywhere
from marketplace.selection.rights import find_open_year, require_organiser
from marketplace.store import Database
from marketplace.store.benchmark_panel import chain_of, parents, save_parent
from marketplace.store.database import transaction
from marketplace.store.organisations import merged_keys, organisation_names

_GONE = "没有找到这条隶属关系，可能刚刚已有改动。"


@dataclass(frozen=True, slots=True)
class TieLine:
    """That an organisation belongs to another directly."""

    key: int
    organisation: str
    parent: str


def ties_of(db: Database) -> tuple[TieLine, ...]:
    """Return every tie by the name of who belongs."""
    held = parents(db)
    named = organisation_names(db, [*held, *held.values()])
    lines = [TieLine(own, named.get(own, "未登记"), named.get(over, "未登记")) for own, over in held.items()]
    return tuple(sorted(lines, key=lambda one: (one.organisation, one.key)))


def note_tie(db: Database, viewer: Viewer, year: int, organisation: str, parent: str) -> None:
    """Note to which group or superior an organisation belongs, in place of what was noted before.

    Raises RefusedError for an organisation that is not found, and for a tie that would come round to where it began.
    """
    with transaction(db):
        find_open_year(db, year)
        require_organiser(db, viewer, year)
        own, over = named_organisation(db, organisation, "单位"), named_organisation(db, parent, "上级单位或集团")
        known = _standing(db)
        if own == over:
            raise RefusedError("“上级单位或集团”：与本单位相同；没有登记。")
        chain = chain_of(known, over)
        if own in chain:
            names = organisation_names(db, chain)
            steps = pairwise(chain[: chain.index(own) + 1])
            way = "，".join(f"“{names.get(below, '')}”隶属“{names.get(above, '')}”" for below, above in steps)
            raise RefusedError(f"“上级单位或集团”：已登记{way}，这样登记会循环隶属；没有登记。")
        if known.get(own) == over:
            return
        save_parent(db, own, over, "", viewer.account_key)
        record_action(db, viewer, "benchmark.tie_noted", "organisation", own, 上级=parent[:80])
        readmit_everywhere(db, viewer)
        bar_everywhere(db, viewer)


def _standing(db: Database) -> dict[int, int]:
    """Return the ties between the organisations that stand for those they were noted of; own ones come first."""
    held, merged = parents(db), merged_keys(db)
    return {merged.get(own, own): merged.get(over, over) for own, over in held.items() if own in merged} | {
        own: merged.get(over, over) for own, over in held.items() if own not in merged
    }


def withdraw_tie(db: Database, viewer: Viewer, year: int, organisation_key: int) -> None:
    """Take a tie back that was noted wrongly; whom it alone kept out is seated again, with the sheets put aside."""
    with transaction(db):
        find_open_year(db, year)
        require_organiser(db, viewer, year)
        over = parents(db).get(organisation_key)
        if over is None:
            raise NotFoundError(_GONE)
        save_parent(db, organisation_key, 0, "", viewer.account_key)
        name = organisation_names(db, [over]).get(over, "")
        record_action(db, viewer, "benchmark.tie_withdrawn", "organisation", organisation_key, 上级=name)
        readmit_everywhere(db, viewer)


def named_organisation(db: Database, text: str, label: str) -> int:
    """Return the organisation of a full name or code; raises RefusedError naming the field when there is none."""
    short = text.strip()[:80]
    if not short:
        raise RefusedError(f"“{label}”：没有填写；请填单位全称或统一社会信用代码。")
    found = find_named(db, short)
    if not found:
        raise RefusedError(f"“{label}”：发现“{short}”，没有这个单位；请填全称或统一社会信用代码。")
    return found[0].key
