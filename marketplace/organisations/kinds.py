"""The kinds of organisations and the side of the market each usually stands on."""

from __future__ import annotations

from marketplace.access import COMPANY, PUBLISHER
from marketplace.records.organisation import KINDS

UNSTATED = "未注明"
_OFFICES = frozenset({"government", "institution", "soe"})


def kind_label(kind: str) -> str:
    """Return the Chinese name of a kind."""
    return KINDS.get(kind, UNSTATED)


def roles_for(kind: str, sides: frozenset[str]) -> tuple[str, ...]:
    """Return the roles a member gets: the one of its kind, and those of the lists it already stands in."""
    held = {PUBLISHER: "opportunity", COMPANY: "capability"}
    usual = PUBLISHER if kind in _OFFICES else COMPANY
    return tuple(role for role, side in held.items() if role == usual or side in sides)
