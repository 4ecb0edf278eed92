"""The records that travel through the engine: postings, passages, verdicts, scored pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Side(StrEnum):
    """Which of the two lists a posting belongs to."""

    OPPORTUNITY = "opportunity"
    CAPABILITY = "capability"

    @property
    def other(self) -> Side:
        """The list on the opposite side."""
        return Side.CAPABILITY if self is Side.OPPORTUNITY else Side.OPPORTUNITY


class Band(StrEnum):
    """How well a pair fits, comparable everywhere."""

    STRONG = "strong"
    GOOD = "good"
    POSSIBLE = "possible"
    NONE = "none"


class VerdictKind(StrEnum):
    """Judgement of one requirement against one capability."""

    MET = "met"
    PARTIAL = "partial"
    UNCLEAR = "unclear"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Listing:
    """What both kinds of posting carry beside their own fields."""

    state: str | None = None
    batch: str | None = None
    index_number: str | None = None
    valid_until: str | None = None
    last_confirmed: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A 场景机会: what a public body or company needs."""

    id: str
    title: str
    publisher: str = ""
    publisher_type: str = ""
    district: str = ""
    domain: str = ""
    background: str = ""
    requirements: tuple[str, ...] = ()
    budget_wan: float | None = None
    deadline: str | None = None
    year: int | None = None
    listing: Listing = Listing()

    @property
    def side(self) -> Side:
        """Always the opportunity list."""
        return Side.OPPORTUNITY

    @property
    def domains(self) -> tuple[str, ...]:
        """The declared field as a tuple, empty when none is declared."""
        return (self.domain,) if self.domain else ()


@dataclass(frozen=True, slots=True)
class Capability:
    """A 场景能力: what a company can do."""

    id: str
    title: str
    company: str = ""
    district_or_city: str = ""
    domains: tuple[str, ...] = ()
    summary: str = ""
    features: tuple[str, ...] = ()
    maturity: int | None = None
    cases: tuple[str, ...] = ()
    year: int | None = None
    listing: Listing = Listing()

    @property
    def side(self) -> Side:
        """Always the capability list."""
        return Side.CAPABILITY


Posting = Opportunity | Capability


@dataclass(frozen=True, slots=True)
class Passage:
    """One quotable sentence of a posting.

    ``source`` is title, background, requirement, summary, feature or case; ``index`` is 0-based
    within requirements, features or cases and None elsewhere; ``text`` is verbatim.
    """

    source: str
    index: int | None
    text: str


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """A threshold of the need beside the figure of the capability, both as written.

    ``same_measure`` says that the words around both figures agree on what is measured; only then
    is the comparison shown, or a shortfall called a conflict.
    """

    required: str
    offered: str
    holds: bool
    same_measure: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one requirement (by its place in the list), with the sentence it rests on.

    ``score`` is in 0..1, higher = more surely met. A silent text has no passage.
    """

    requirement: int
    kind: VerdictKind
    score: float
    passage: Passage | None = None
    numbers: tuple[NumberCheck, ...] = ()
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """One opportunity beside one capability.

    ``score`` is in 0..1, higher is better; ``contributions`` add up, with the intercept among
    them, to the log-odds of ``score``.
    """

    opportunity_id: str
    capability_id: str
    score: float
    band: Band
    contributions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Team:
    """The smallest set of capabilities that serves a need together, lead first."""

    opportunity_id: str
    members: tuple[str, ...]
    covered: tuple[int, ...]
    uncovered: tuple[int, ...]
