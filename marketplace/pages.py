"""What the marketplace answers: frozen views of records, ready to be presented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from marketplace.rotation import Rotation
from matching import Band, Capability, NumberCheck, Opportunity, Posting, Side, VerdictKind

if TYPE_CHECKING:
    from marketplace.answers.pages import Answering


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list as asked for; every facet empty means no filter. ``page`` counts from 1."""

    side: Side
    text: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: str = "newest"
    page: int = 1
    page_size: int = 20


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet with the number of postings it would leave."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet (name is the URL parameter) with its values, most frequent first."""

    name: str
    label: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class PostingCard:
    """A posting as one card of a list.

    ``snippet`` is verbatim text; ``hits`` are the words to mark in title and snippet;
    ``benchmark_years`` are the years in which it is part of a benchmark candidate.
    """

    key: int
    posting: Posting
    state: str
    state_label: str
    snippet: str
    hits: tuple[str, ...] = ()
    published_on: str | None = None
    last_confirmed: str | None = None
    benchmark_years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, its total and its facets.

    ``semantic`` says whether the meaning of the query took part in the search.
    """

    query: ListQuery
    cards: tuple[PostingCard, ...]
    total: int
    pages: int
    facets: tuple[Facet, ...]
    semantic: bool
    relax: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """What a matchmaker says against the machine: who (by post), when, why, and what the machine says.

    ``value`` and ``machine`` are verdicts, or bands where ``requirement`` is -1. ``lapsed``: the requirement reads
    differently now, so that the machine counts again.
    """

    key: int
    requirement: int
    value: str
    machine: str
    reason: str
    name: str
    at: str
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The judgement of one requirement: kind, quoted sentence, its place, compared numbers.

    For a need that lists no requirements these are the sentences of its story. With a ``correction`` the kind is
    the matchmaker's.
    """

    requirement: int
    requirement_text: str
    kind: VerdictKind
    source: str | None
    index: int | None
    text: str | None
    numbers: tuple[NumberCheck, ...] = ()
    limit: str | None = None
    score: float = 0.0
    correction: CorrectionView | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the viewer said of a pair: useful or not, the coded reason why not, a note, and when."""

    useful: bool
    reason_code: str
    note: str
    at: str


@dataclass(frozen=True, slots=True)
class MatchView:
    """One counterpart in a ranked list. ``rank`` counts from 1; ``score`` is in 0..1.

    ``ask_first`` are ready questions on what the text leaves open, most important first. With an ``override`` the
    band is a matchmaker's. ``feedback`` is what the viewer said of this pair.
    """

    rank: int
    score: float
    band: Band
    counterpart: PostingCard
    verdicts: tuple[VerdictView, ...]
    ask_first: tuple[str, ...]
    benchmark_years: tuple[int, ...] = ()
    override: CorrectionView | None = None
    feedback: Feedback | None = None

    def count(self, kind: VerdictKind) -> int:
        """How many requirements were judged ``kind``."""
        return sum(verdict.kind is kind for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class TeamView:
    """A consortium proposal: cards with the requirements each member covers, lead first."""

    members: tuple[tuple[PostingCard, tuple[int, ...]], ...]
    covered: tuple[int, ...]
    uncovered: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GapView:
    """A kind of requirement this capability most often leaves open, over the needs near to it."""

    text: str
    opportunity: PostingCard
    kind: VerdictKind


@dataclass(frozen=True, slots=True)
class OpportunityPage:
    """Everything the page of one opportunity shows.

    ``matches`` is None when the viewer may see none; ``own_only`` says that only pairs of the viewer's
    own organisation are among them; ``may_contact`` that there is a protected contact this viewer may
    ask for; ``may_edit`` that it is the viewer's own. ``pending`` says the matches are being renewed after a change.
    ``team`` is None when one capability covers all or nothing does. ``rotation`` is the rule by which near-equal
    matches changed places, None where they stand by rank. ``may_judge``: this viewer may say what a pair is worth.
    """

    card: PostingCard
    opportunity: Opportunity
    matches: tuple[MatchView, ...] | None
    total_matches: int
    pending: bool
    team: TeamView | None
    own_only: bool = False
    answering: Answering | None = None
    may_contact: bool = False
    may_edit: bool = False
    rotation: Rotation | None = None
    may_judge: bool = False


@dataclass(frozen=True, slots=True)
class CapabilityPage:
    """Everything the page of one capability shows; ``cross_field`` is 跨界机会."""

    card: PostingCard
    capability: Capability
    matches: tuple[MatchView, ...] | None
    cross_field: tuple[MatchView, ...] | None
    gaps: tuple[GapView, ...]
    total_matches: int
    pending: bool
    own_only: bool = False
    may_contact: bool = False
    may_edit: bool = False
    may_judge: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature added to the log-odds of the score, in words."""

    name: str
    label: str
    value: float
    explanation: str


@dataclass(frozen=True, slots=True)
class PairLink:
    """What the page of a pair says of its pairing: the one this viewer may see, and whether one may be opened."""

    key: int = 0
    stage_label: str = ""
    may_open: bool = False


@dataclass(frozen=True, slots=True)
class PairPage:
    """One opportunity beside one capability; ``band_limits`` are the lowest scores of the bands.

    ``may_correct``: this viewer may say something against the machine here. ``answer_way`` is write for the company
    that may answer the need with this capability, read for those who read the answers, else empty. ``lapsed`` are
    corrections that no longer count, because their requirement was rewritten.

    ``rank_for_opportunity`` and ``rank_for_capability`` are (place, of how many) or None when the
    pair is not among the stored best. ``intercept`` plus the contributions is the log-odds.
    """

    opportunity: PostingCard
    capability: PostingCard
    score: float
    band: Band
    rank_for_opportunity: tuple[int, int] | None
    rank_for_capability: tuple[int, int] | None
    verdicts: tuple[VerdictView, ...]
    contributions: tuple[Contribution, ...]
    intercept: float
    ask_first: tuple[str, ...]
    benchmark_years: tuple[int, ...] = ()
    band_limits: tuple[tuple[Band, float], ...] = ()
    override: CorrectionView | None = None
    lapsed: tuple[CorrectionView, ...] = ()
    may_correct: bool = False
    answer_way: str = ""
    pairing: PairLink = PairLink()
    feedback: Feedback | None = None
    may_judge: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate of the benchmark: ``result`` is passed, failed or missing; ``fact`` says why, ``source`` whence."""

    name: str
    label: str
    result: str
    fact: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """A promised and a measured figure; ``reached`` is None when nothing was measured."""

    name: str
    unit: str
    planned: float | None
    measured: float | None
    reached: bool | None
    method: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A landed pair seen through the gates of one year.

    ``status`` is candidate (every gate passed), failed or incomplete.
    """

    landing_id: str
    opportunity: PostingCard
    capability: PostingCard
    accepted_on: str
    status: str
    gates: tuple[Gate, ...]
    effects: tuple[Effect, ...]
    user_report: str | None
    innovation: str | None
    replications: tuple[str, ...]
    safety: str | None


@dataclass(frozen=True, slots=True)
class BenchmarkPage:
    """The candidates of one year, flagged ones first, and the rules they were held against."""

    year: int
    cutoff: str
    candidates: tuple[Candidate, ...]
    years: tuple[int, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CityFigures:
    """Counts for one city of the circle."""

    city: str
    opportunities: int
    capabilities: int


@dataclass(frozen=True, slots=True)
class HomePage:
    """The start page: counts, newest needs, unmatched needs, cities."""

    opportunities: int
    capabilities: int
    strong_pairs: int
    needs_with_good_match: int
    unmatched: tuple[PostingCard, ...]
    newest_opportunities: tuple[PostingCard, ...]
    newest_capabilities: tuple[PostingCard, ...]
    cities: tuple[CityFigures, ...]
    benchmark_year: int | None
    benchmark_candidates: int


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What is running: encoder, counts, index and statistics ages, and the worker with its queue.

    ``worker_beat`` and ``fresh_at`` (the last look at what is still valid) are moments, empty for never.
    """

    encoder: str
    fingerprint: str
    recipe_version: int
    weights_version: str
    opportunities: int
    capabilities: int
    vectors: int
    matches: int
    changes: int
    matched_through: int
    index_seen: int
    snapshot_number: int
    snapshot_created: str
    last_change: str | None
    encoder_ready: bool
    database_bytes: int
    problems: tuple[str, ...]
    worker_alive: bool = True
    worker_beat: str = ""
    jobs_queued: int = 0
    jobs_running: int = 0
    fresh_at: str = ""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Both lists searched at once: the first cards of each and the totals."""

    text: str
    opportunities: ListPage
    capabilities: ListPage
