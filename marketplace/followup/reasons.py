"""Why pairings are put aside or fail: coded reasons, grouped, each tagged with the side that declined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.stages import SIDES_OF_REASON
from marketplace.taxonomies import Term

TAXONOMY = "outcome_reason"
_NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with the side it belongs to and the name of its group."""

    code: str
    label: str
    side: str
    group: str


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Reasons under one heading; ``title`` names the side and the group."""

    side: str
    title: str
    reasons: tuple[Reason, ...]


def read_reasons(terms: Sequence[Term]) -> dict[str, Reason]:
    """Return every reason by code in the order of the list; sides and groups themselves are no reasons.

    The side is the term at the top. A reason an office added without one belongs to neither side.
    """
    by_code = {term.code: term for term in terms}
    above = {term.parent for term in terms if term.parent}
    found = {}
    for term in terms:
        if term.code in above or term.code in SIDES_OF_REASON:
            continue
        group = by_code.get(term.parent or "")
        found[term.code] = Reason(term.code, term.label, _side(term, by_code), group.label if group else "其他")
    return found


def grouped(reasons: Sequence[Reason]) -> tuple[ReasonGroup, ...]:
    """Return reasons under their headings, in their order."""
    groups: dict[tuple[str, str], list[Reason]] = {}
    for one in reasons:
        groups.setdefault((one.side, one.group), []).append(one)
    return tuple(
        ReasonGroup(side, f"{SIDES_OF_REASON[side]}：{group}", tuple(found)) for (side, group), found in groups.items()
    )


def _side(term: Term, by_code: dict[str, Term]) -> str:
    top = term
    while top.parent and top.parent in by_code:
        top = by_code[top.parent]
    return top.code if top.code in SIDES_OF_REASON else _NEITHER
