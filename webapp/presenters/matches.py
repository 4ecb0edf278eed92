"""Ranked counterparts and consortium proposals for the detail pages."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from marketplace import MatchView, PostingCard, TeamView, VerdictView
from matching import Band, Side, VerdictKind
from webapp.presenters import figures, labels, verdicts
from webapp.presenters.cards import badges, closed, is_story, organisation, pair_url, posting_url
from webapp.presenters.judging import Judge, present_judge
from webapp.query_args import MAX_TOP

# The question repeats the requirement; the pair page has them all.
ASKED_FIRST = 1


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One counterpart: what it is, how well it fits, which sentence proves it, what is open.

    ``snippet`` stands in where no sentence can be quoted; ``note`` says that the judged sentences
    are those of the need's story. ``numbered`` is false where the place among competitors is not told.
    """

    rank: int
    numbered: bool
    title: str
    url: str
    organisation: str
    place: str
    band: labels.Label
    closed: labels.Label | None
    note: str
    strip: tuple[verdicts.StripCell, ...]
    quote: Markup | None
    quote_place: str
    quote_for: str
    snippet: str
    unclear: tuple[str, ...]
    conflicts: tuple[str, ...]
    ask_first: tuple[str, ...]
    why_url: str
    badges: tuple[str, ...]
    corrections: tuple[str, ...] = ()
    judge: Judge | None = None


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One member of a proposed consortium."""

    role: str
    title: str
    url: str
    organisation: str
    covers: str


@dataclass(frozen=True, slots=True)
class Team:
    """A consortium proposal; ``uncovered`` is empty when every requirement is covered."""

    members: tuple[TeamRow, ...]
    covered: str
    uncovered: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The counterparts of a posting, best first, those not recommended apart; ranks stay theirs.

    ``more`` says that a longer list may hold more that is worth showing.
    """

    public: bool
    rows: tuple[MatchRow, ...]
    rest: tuple[MatchRow, ...]
    more: bool
    own_only: bool = False

    @property
    def nothing_fits(self) -> bool:
        """Whether a whole ranking holds nothing worth recommending."""
        return self.public and not self.rows and not self.own_only

    @property
    def none_of_own(self) -> bool:
        """Whether the viewer's own organisation has no pair to see here."""
        return self.public and self.own_only and not self.shown

    @property
    def shown(self) -> int:
        """How many counterparts are on the page."""
        return len(self.rows) + len(self.rest)

    @property
    def summary(self) -> str:
        """How many are shown and how many of them are worth it."""
        if not self.rows:
            return ""
        if self.own_only:
            return f"与本单位有关的 {self.shown} 项"
        return f"列出匹配度最高的 {self.shown} 项" + (f"，其中可了解以上 {len(self.rows)} 项" if self.rest else "")


def present_ranking(
    of: PostingCard,
    matches: tuple[MatchView, ...] | None,
    *,
    total: int,
    own_only: bool = False,
    may_judge: bool = False,
) -> Ranking:
    """The ranking of a posting's page; empty when this viewer may see none of it."""
    found = matches or ()
    worth = [match for match in found if match.band is not Band.NONE]
    ordered = [*worth, *(match for match in found if match.band is Band.NONE)]
    rows = [_row(of, match, place, numbered=not own_only, judged=may_judge) for place, match in enumerate(ordered, 1)]
    more = bool(worth) and found[-1].band is not Band.NONE and len(found) < min(total, MAX_TOP)
    return Ranking(
        public=matches is not None,
        rows=tuple(rows[: len(worth)]),
        rest=tuple(rows[len(worth) :]),
        more=more,
        own_only=own_only,
    )


def present_matches(
    of: PostingCard, matches: tuple[MatchView, ...] | None, *, may_judge: bool = False
) -> tuple[MatchRow, ...]:
    """Some counterparts of a posting, in their order."""
    return tuple(_row(of, match, place, judged=may_judge) for place, match in enumerate(matches or (), 1))


def present_team(team: TeamView | None, *, story: bool) -> Team | None:
    """The consortium proposal, lead first."""
    if team is None:
        return None
    rows = tuple(
        TeamRow(
            role="成员" if place else "牵头",
            title=card.posting.title,
            url=posting_url(card),
            organisation=organisation(card),
            covers=figures.item_names(covers, story=story),
        )
        for place, (card, covers) in enumerate(team.members)
    )
    return Team(rows, figures.item_names(team.covered, story=story), figures.item_names(team.uncovered, story=story))


def _row(of: PostingCard, match: MatchView, place: int, *, numbered: bool = True, judged: bool = False) -> MatchRow:
    other = match.counterpart
    story = is_story(of) or is_story(other)
    # A need told in one sentence is open as a whole or not at all: the strip says it.
    told = match.verdicts if not story or len(match.verdicts) > 1 else ()
    proof = verdicts.best(match.verdicts)
    return MatchRow(
        rank=match.rank,
        numbered=numbered,
        title=other.posting.title,
        url=posting_url(other),
        organisation=organisation(other),
        place=_district(other),
        band=labels.BANDS[match.band],
        closed=closed(other),
        note=verdicts.STORY_NOTE if is_story(other) else "",
        strip=verdicts.strip(match.verdicts, story=story),
        quote=verdicts.quote(proof) if proof else None,
        quote_place=labels.place(proof.source, proof.index) if proof else "",
        quote_for=_answered(proof, other, story) if proof else "",
        snippet="" if proof else other.snippet,
        unclear=verdicts.missing(told, VerdictKind.UNCLEAR, story=story),
        conflicts=verdicts.missing(match.verdicts, VerdictKind.CONFLICT, story=story),
        ask_first=match.ask_first[:ASKED_FIRST] if told else (),
        why_url=pair_url(of, other, position=place if judged else 0),
        badges=badges(match.benchmark_years),
        corrections=verdicts.corrections(match.verdicts, match.override, story=story),
        judge=_judge(of, match, place) if judged else None,
    )


def _judge(of: PostingCard, match: MatchView, place: int) -> Judge:
    kind = "opportunity" if of.posting.side is Side.OPPORTUNITY else "capability"
    return present_judge(of, match.counterpart, match.feedback, place=kind, position=place, rank=match.rank)


def _answered(proof: VerdictView, other: PostingCard, story: bool) -> str:
    name = figures.item_name(proof.requirement, story=story)
    # On the page of a capability the requirements are not listed beside.
    return f"{name} {proof.requirement_text}" if other.posting.side is Side.OPPORTUNITY else name


def _district(card: PostingCard) -> str:
    posting = card.posting
    return getattr(posting, "district", "") or getattr(posting, "district_or_city", "")
