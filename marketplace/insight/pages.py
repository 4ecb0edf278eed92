"""What the funnel, the report on exposure and feedback answer: frozen, ready to be presented."""

from __future__ import annotations

from dataclasses import dataclass, replace

from marketplace.pages import PostingCard


@dataclass(frozen=True, slots=True)
class FunnelQuery:
    """What is counted: empty texts and zeros mean everything.

    ``since`` and ``until`` are months of publication (2026-01), both included; ``matchmaker`` counts only what
    that person was given, −1 stands for pairings given to nobody.
    """

    city: str = ""
    domain: str = ""
    organisation: str = ""
    matchmaker: int = 0
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step: needs that came this far, their share, how long it took, and who stands here too long.

    ``from_previous`` and ``from_published`` are shares of 0..1, None without anything to divide by;
    ``median_days`` counts from the step before, ``days_from_start`` from publication. ``resting`` needs came
    this far and no farther; ``happened`` are dated within the months asked for, whenever they were published.
    ``pairings`` is None for the steps before a pairing.
    """

    code: str
    label: str
    needs: int
    pairings: int | None
    from_previous: float | None
    from_published: float | None
    median_days: float | None
    days_from_start: float | None
    resting: int
    stale: int
    happened: int


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One line of a table: how many needs of a group came how far. Rates are shares of those published."""

    value: str
    label: str
    published: int
    viewed: int
    contacted: int
    met: int
    signed: int
    landed: int
    running: int
    stale: int

    @property
    def contact_rate(self) -> float | None:
        """对接率."""
        return self.contacted / self.published if self.published else None

    @property
    def sign_rate(self) -> float | None:
        """签约率."""
        return self.signed / self.published if self.published else None

    @property
    def land_rate(self) -> float | None:
        """落地率."""
        return self.landed / self.published if self.published else None


@dataclass(frozen=True, slots=True)
class FunnelCut:
    """One table: ``name`` is the argument that narrows to one of its rows."""

    name: str
    label: str
    rows: tuple[FunnelRow, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that the funnel can be narrowed to."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FunnelPage:
    """The funnel of what a viewer may count, its tables and what it can be narrowed to.

    ``own_only`` says that only needs of the viewer's own organisations are counted.
    """

    query: FunnelQuery
    steps: tuple[FunnelStep, ...]
    total: FunnelRow
    cuts: tuple[FunnelCut, ...]
    choices: dict[str, tuple[Choice, ...]]
    notes: tuple[str, ...]
    made_on: str
    own_only: bool = False

    def total_of(self, cut: FunnelCut) -> FunnelRow:
        """Return the last line of a table: several people may work on one need, so their lines do not add up."""
        return replace(self.total, label="全部需求") if cut.name == "matchmaker" else self.total


@dataclass(frozen=True, slots=True)
class FunnelPairing:
    """A pairing of a listed need; ``capability`` is empty where the viewer may not know who it is with."""

    key: int
    capability: str
    company: str
    stage: str
    stage_label: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class FunnelNeed:
    """A need behind a number; ``title`` is empty where the viewer may not read it."""

    key: int
    title: str
    organisation: str
    published_on: str
    step_label: str
    since: str
    stale: bool
    pairings: tuple[FunnelPairing, ...]
    pairing_count: int
    on_list: bool = True


@dataclass(frozen=True, slots=True)
class FunnelList:
    """The needs behind one number, newest step first. ``page`` counts from 1."""

    query: FunnelQuery
    step: str
    step_label: str
    part: str
    rows: tuple[FunnelNeed, ...]
    total: int
    page: int
    pages: int
    may_open: bool = False


@dataclass(frozen=True, slots=True)
class ExposureLine:
    """How often things were shown at one kind of place, and to how many capabilities it fell."""

    place: str
    label: str
    shown: int
    capabilities: int
    never: int


@dataclass(frozen=True, slots=True)
class ExposurePage:
    """How evenly capabilities came to be seen over some days.

    ``never_share`` is the share of published capabilities shown nowhere, ``newcomer_share`` the same among those
    published within the days, ``top_share`` the share of all showings that fell to the most shown tenth.
    """

    days: int
    since: str
    until: str
    begun: str
    capabilities: int
    never: int
    never_share: float | None
    newcomers: int
    newcomers_never: int
    newcomer_share: float | None
    top_share: float | None
    gini: float | None
    lines: tuple[ExposureLine, ...]
    unseen: tuple[PostingCard, ...]
    rotation_width: float
