"""Carries a pair from recommendation to landing.

Everything that changes a pairing writes its journal, its audit entry and its notices in one transaction. Its stamp
grows with each change, so that of two writers one is told. For those whom a pairing does not concern it does not exist.
"""

from marketplace.errors import CapError
from marketplace.followup.journal import ACTIONS, AUDIENCES, write_event
from marketplace.followup.opening import open_pairing
from marketplace.stages import (
    NEXT,
    OPEN_STAGES,
    ORIGINS,
    PARTIES,
    PAST_CONTACT,
    STAGE_LIMIT_DAYS,
    STAGES,
    WAY,
)

__all__ = [
    "ACTIONS",
    "AUDIENCES",
    "NEXT",
    "OPEN_STAGES",
    "ORIGINS",
    "PARTIES",
    "PAST_CONTACT",
    "STAGES",
    "STAGE_LIMIT_DAYS",
    "WAY",
    "CapError",
    "open_pairing",
    "write_event",
]
