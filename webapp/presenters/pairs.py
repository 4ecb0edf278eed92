"""The page that sets one need beside one capability and says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import Contribution, PairPage
from webapp.presenters import figures, labels, verdicts
from webapp.presenters.answering import pair_link
from webapp.presenters.cards import Card, badges, is_story, present_card
from webapp.presenters.corrections import Corrections, Typed, present_corrections
from webapp.presenters.judging import Judge, TypedFeedback, present_judge
from webapp.presenters.page import Context, Crumb, Head
from webapp.query_args import MAX_TOP

# Half the width of the bar drawing, in its own units.
_HALF = 100


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """One line of the account; the bar runs from the middle line to the right (+) or left (−)."""

    label: str
    value: str
    explanation: str
    bar_start: int
    bar_width: int
    tone: str


@dataclass(frozen=True, slots=True)
class PairingBeside:
    """The pairing of this pair: ``url`` leads to it, ``open_url`` opens one; either may be empty."""

    url: str
    label: str
    open_url: str
    opportunity: str
    capability: str


@dataclass(frozen=True)
class PairContext(Context):
    """Two cards, the judgement in words, the evidence row by row, the account of the score."""

    template: ClassVar[str] = "pairs/detail.html"

    opportunity: Card
    capability: Card
    band: labels.Label
    score: str
    limits: str
    ranks: tuple[str, ...]
    badges: tuple[str, ...]
    strip: tuple[verdicts.StripCell, ...]
    tally: str
    story_note: str
    rows: tuple[verdicts.VerdictRow, ...]
    ask_first: tuple[str, ...]
    contributions: tuple[ContributionRow, ...]
    total: str
    band_corrected: str
    corrections: Corrections
    judge: Judge | None
    answer_link: tuple[str, str] | None
    pairing: PairingBeside | None


def present_pair(
    page: PairPage, typed: Typed | None = None, *, position: int = 0, feedback: TypedFeedback | None = None
) -> PairContext:
    """The context of one pair's page; ``typed`` is a correction, ``feedback`` a word, that was sent and refused.

    ``position`` is the place on the list that led here, 0 for none.
    """
    story = is_story(page.opportunity)
    total = page.intercept + sum(c.value for c in page.contributions)
    return PairContext(
        head=_head(page),
        opportunity=present_card(page.opportunity),
        capability=present_card(page.capability),
        band=labels.BANDS[page.band],
        score=figures.score(page.score),
        limits=_limits(page),
        ranks=_ranks(page),
        badges=badges(page.benchmark_years),
        strip=verdicts.strip(page.verdicts, story=story),
        tally=verdicts.tally(page.verdicts),
        story_note=verdicts.STORY_NOTE if story else "",
        rows=verdicts.rows(page.verdicts, story=story),
        ask_first=page.ask_first,
        contributions=_contributions(page),
        total=figures.signed(total),
        band_corrected=verdicts.told(page.override) if page.override else "",
        corrections=present_corrections(page, story=story, typed=typed),
        judge=_judge(page, position, feedback) if page.may_judge else None,
        answer_link=pair_link(page.answer_way, page.opportunity.key, page.capability.key),
        pairing=_pairing(page),
    )


def _judge(page: PairPage, position: int, typed: TypedFeedback | None) -> Judge:
    return present_judge(page.opportunity, page.capability, page.feedback, position=position, typed=typed)


def _pairing(page: PairPage) -> PairingBeside | None:
    """The pairing this viewer may see or open, None for neither."""
    link = page.pairing
    if not (link.key or link.may_open):
        return None
    return PairingBeside(
        url_for("pairings.detail", key=link.key) if link.key else "",
        f"查看对接（{link.stage_label}）",
        url_for("pairings.begin") if link.may_open else "",
        str(page.opportunity.key),
        str(page.capability.key),
    )


def _head(page: PairPage) -> Head:
    need, offer = page.opportunity.posting, page.capability.posting
    crumbs = (
        Crumb("首页", url_for("home.index")),
        Crumb("场景机会清单", url_for("opportunities.index")),
        Crumb(need.title, url_for("opportunities.detail", key=page.opportunity.key)),
        Crumb("匹配说明"),
    )
    title = f"{need.title} 与 {offer.title} - 匹配说明"
    return Head(title, f"逐条说明“{offer.title}”能否满足“{need.title}”。"[:120], crumbs, "opportunities")


def _limits(page: PairPage) -> str:
    """The lowest scores of the bands, best first: 高度匹配 ≥0.50 · 较匹配 ≥0.20."""
    rising = sorted(page.band_limits, key=lambda limit: -limit[1])
    return " · ".join(f"{labels.BANDS[band].word} ≥{low:.2f}" for band, low in rising if low > 0)


def _ranks(page: PairPage) -> tuple[str, ...]:
    return (
        _rank("在这项需求的各项能力中", page.rank_for_opportunity),
        _rank("在这项能力的各项需求中", page.rank_for_capability),
    )


def _rank(where: str, rank: tuple[int, int] | None) -> str:
    # Only the best of each list are stored for certain, so a later place would be too good.
    if rank is None or rank[0] > MAX_TOP:
        return f"{where}排在第 {MAX_TOP} 名以后"
    return f"{where}排第 {rank[0]}"


def _contributions(page: PairPage) -> tuple[ContributionRow, ...]:
    start = Contribution("intercept", "起点", page.intercept, "随意取一对需求与能力，多半不合适，所以从负数算起")
    every = (start, *page.contributions)
    largest = max((abs(c.value) for c in every), default=0.0) or 1.0
    return tuple(_contribution(c, largest, plain=c is start) for c in every)


def _contribution(contribution: Contribution, largest: float, *, plain: bool) -> ContributionRow:
    width = round(_HALF * abs(contribution.value) / largest)
    positive = contribution.value >= 0
    return ContributionRow(
        label=contribution.label,
        value=figures.signed(contribution.value),
        explanation=contribution.explanation,
        bar_start=_HALF if positive else _HALF - width,
        bar_width=width,
        tone="plain" if plain else "good" if positive else "poor",
    )
