"""What the matchmaker's pages are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marketplace.pages import CorrectionView, PostingCard
from matching import Band


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a suggestion's order: its name, its value in 0..1, and the fact it comes from."""

    label: str
    value: float
    fact: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pair suggested today; ``worth`` is the product of the factors, ``tally`` counts verdicts by kind."""

    opportunity: PostingCard
    capability: PostingCard
    band: Band
    override: CorrectionView | None
    factors: tuple[Factor, ...]
    worth: float
    tally: tuple[tuple[str, int], ...]
    ask_first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeskCard:
    """One pairing on the desk.

    ``days`` were spent in the stage, ``limit`` are allowed, 0 for no limit; ``late`` says how many days it is
    overdue, 0 when it is not; ``act_on`` is the day something has to be done, empty for none.
    """

    key: int
    opportunity_key: int
    capability_key: int
    need: str
    agency: str
    offer: str
    company: str
    stage: str
    stage_label: str
    days: int
    limit: int
    late: int
    act_on: str
    acting_label: str
    next_step: str
    next_on: str
    matchmaker_key: int
    matchmaker: str
    score: float | None
    band: Band | None
    stamp: int
    may_note: bool
    ask_first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The desk of one matchmaker on one day.

    ``free`` counts open pairings of the districts that have no matchmaker; ``dismissed`` what was put aside today;
    ``rules`` say how suggestions are ordered.
    """

    day: str
    suggestions: tuple[Suggestion, ...]
    overdue: tuple[DeskCard, ...]
    soon: tuple[DeskCard, ...]
    overdue_total: int
    soon_total: int
    mine_total: int
    free: int
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeskQuery:
    """What a board or list shows: ``who`` is mine, free, all or an account's key; ``due`` is late, week or empty."""

    who: str = "all"
    stage: str = ""
    due: str = ""
    text: str = ""
    region: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class DeskChoices:
    """What a board or list can be narrowed to: (value, label)."""

    people: tuple[tuple[str, str], ...]
    stages: tuple[tuple[str, str], ...]
    regions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One stage with its first cards and how many it holds."""

    stage: str
    label: str
    limit: int
    total: int
    cards: tuple[DeskCard, ...]


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Pairings by stage."""

    query: DeskQuery
    choices: DeskChoices
    columns: tuple[BoardColumn, ...]
    total: int


@dataclass(frozen=True, slots=True)
class DeskListPage:
    """Pairings as a list; ``assignable`` are the accounts pairings can be given to."""

    query: DeskQuery
    choices: DeskChoices
    cards: tuple[DeskCard, ...]
    total: int
    pages: int
    assignable: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Load:
    """What one matchmaker carries, and the points of a year: ``reached`` counts pairings by stage."""

    account_key: int
    name: str
    open: int
    overdue: int
    reached: tuple[tuple[str, int], ...]
    points: int


@dataclass(frozen=True, slots=True)
class WorkloadPage:
    """Workload and points of everyone in a year; ``rule`` are the points of each step, in words and numbers."""

    year: int
    years: tuple[int, ...]
    loads: tuple[Load, ...]
    rule: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class WaitingCandidate:
    """One capability that could serve a waiting need."""

    capability: PostingCard
    score: float
    band: Band
    override: CorrectionView | None
    tally: tuple[tuple[str, int], ...]
    ask_first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A need that waits: the days since it was published, its best candidates."""

    opportunity: PostingCard
    days: int
    tried: int
    candidates: tuple[WaitingCandidate, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One page of one part of 待撮合清单: how many needs a page holds, and which it is."""

    part: str
    number: int
    size: int


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """待撮合清单 as of a day: needs with candidates worth contacting, and unmatched ones apart.

    ``totals`` counts each part; where one page was asked for, only its part is filled, and ``number`` of ``pages``
    is that page. ``notes`` say what counts.
    """

    month: str
    as_of: str
    months: tuple[str, ...]
    matched: tuple[Waiting, ...]
    unmatched: tuple[Waiting, ...]
    totals: Mapping[str, int]
    number: int
    pages: int
    notes: tuple[str, ...]
