"""Carries a pair from recommendation to landing.

Everything that changes a pairing writes its journal, its audit entry and its notices in one transaction. Its stamp
grows with each change, so that of two writers one is told. For those whom a pairing does not concern it does not exist.
"""

from marketplace.errors import CapError
from marketplace.followup.attachments import ALLOWED, MAX_FILE_BYTES, Upload
from marketplace.followup.book import PairingBook
from marketplace.followup.daily import look_after_pairings
from marketplace.followup.facts import MAX_EFFECTS, EffectTyped, FactSpec
from marketplace.followup.journal import ACTIONS, AUDIENCES, write_event
from marketplace.followup.moving import MoveForm, StopForm
from marketplace.followup.noting import StepForm
from marketplace.followup.opening import open_pairing
from marketplace.followup.pages import (
    EffectLine,
    JournalLine,
    NextStage,
    PairingLine,
    PairingList,
    PairingPage,
    PairingQuery,
    RevisitLine,
)
from marketplace.followup.revisiting import RUNNING, RevisitForm
from marketplace.stages import (
    NEXT,
    OPEN_STAGES,
    ORIGINS,
    PARTIES,
    PAST_CONTACT,
    STAGE_LIMIT_DAYS,
    STAGES,
    UNASSIGNED,
    WAY,
)

__all__ = [
    "ACTIONS",
    "ALLOWED",
    "AUDIENCES",
    "MAX_EFFECTS",
    "MAX_FILE_BYTES",
    "NEXT",
    "OPEN_STAGES",
    "ORIGINS",
    "PARTIES",
    "PAST_CONTACT",
    "RUNNING",
    "STAGES",
    "STAGE_LIMIT_DAYS",
    "UNASSIGNED",
    "WAY",
    "CapError",
    "EffectLine",
    "EffectTyped",
    "FactSpec",
    "JournalLine",
    "MoveForm",
    "NextStage",
    "PairingBook",
    "PairingLine",
    "PairingList",
    "PairingPage",
    "PairingQuery",
    "RevisitForm",
    "RevisitLine",
    "StepForm",
    "StopForm",
    "Upload",
    "look_after_pairings",
    "open_pairing",
    "write_event",
]
