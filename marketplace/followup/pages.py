"""What the follow-up answers: frozen views of pairings, ready to be presented."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.followup.facts import FactSpec
from marketplace.followup.reasons import ReasonGroup
from marketplace.pages import PostingCard


@dataclass(frozen=True, slots=True)
class PairingLine:
    """A pairing in a list; ``late`` says by how many days it is overdue, 0 for in time."""

    key: int
    need_title: str
    need_organisation: str
    offer_title: str
    offer_organisation: str
    stage: str
    stage_label: str
    acting: str
    acting_label: str
    matchmaker: str
    next_step: str
    next_on: str
    due_on: str
    late: int


@dataclass(frozen=True, slots=True)
class PairingQuery:
    """A list as asked for: ``show`` is open, closed or all; ``page`` counts from 1.

    ``mine`` keeps those the viewer is in charge of, ``turn`` those where the viewer's side is to act.
    """

    show: str = "open"
    stage: str = ""
    mine: bool = False
    turn: bool = False
    overdue: bool = False
    revisit: bool = False
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class PairingList:
    """One page of a list; ``stages`` are (code, label, count) of what the other choices leave."""

    query: PairingQuery
    lines: tuple[PairingLine, ...]
    total: int
    page: int
    pages: int
    stages: tuple[tuple[str, str, int], ...]
    may_open: bool
    in_charge: bool


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One entry of the journal as this viewer may read it; ``facts`` are (label, value)."""

    key: int
    action: str
    title: str
    facts: tuple[tuple[str, str], ...]
    note: str
    audience: str
    actor: str
    at: str
    undone_at: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """An attachment."""

    key: int
    name: str
    size: int
    at: str


@dataclass(frozen=True, slots=True)
class RevisitLine:
    """A revisit; ``due`` says that it should have been made by today."""

    key: int
    due_on: str
    done_on: str
    running: bool
    note: str
    due: bool


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One figure, planned and real; ``reached`` is None while one of both is missing."""

    name: str
    unit: str
    planned: float | None
    real: float | None
    lower: bool
    reached: bool | None


@dataclass(frozen=True, slots=True)
class NextStage:
    """A stage a pairing may enter, and what it asks for: facts, figures and files (None: not asked, True: must)."""

    stage: str
    label: str
    facts: tuple[FactSpec, ...]
    effects: bool | None
    files: bool | None


@dataclass(frozen=True, slots=True)
class Acts:
    """What this viewer may do now."""

    move: bool = False
    pause: bool = False
    resume: bool = False
    fail: bool = False
    assign: bool = False
    step: bool = False
    write: bool = False
    revisit: bool = False
    undo_until: str = ""
    undo_label: str = ""


@dataclass(frozen=True, slots=True)
class PairingPage:
    """Everything the page of one pairing shows to one viewer.

    ``ways`` lead on: own for the company's own answer, read for all answers, contact for exchanging contacts.
    """

    key: int
    stamp: int
    stage: str
    stage_label: str
    way: tuple[tuple[str, str, str], ...]
    origin: str
    opportunity: PostingCard
    capability: PostingCard
    matchmaker_key: int
    matchmaker: str
    acting: str
    acting_label: str
    next_step: str
    next_on: str
    stage_since: str
    due_on: str
    late: int
    reason: str
    reason_side: str
    amount_wan: float | None
    signed_on: str
    procurement_route: str
    accepted_on: str
    use_confirmed_on: str
    effects: tuple[EffectLine, ...]
    journal: tuple[JournalLine, ...]
    files: tuple[FileLine, ...]
    revisits: tuple[RevisitLine, ...]
    next_stages: tuple[NextStage, ...]
    acts: Acts
    reasons: tuple[ReasonGroup, ...]
    routes: tuple[str, ...]
    audiences: tuple[tuple[str, str], ...]
    matchmakers: tuple[tuple[int, str], ...]
    longest_pause: str
    office: bool
    ways: tuple[str, ...] = ()
