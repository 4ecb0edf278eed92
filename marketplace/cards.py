"""Turns stored rows into the cards, verdicts and matches that pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from marketplace.pages import CorrectionView, MatchView, PostingCard, VerdictView
from marketplace.questions import ask_first
from marketplace.records.personal import mask_personal
from marketplace.states import SHOWN_STATES
from marketplace.store import MatchRow, PostingRow
from matching import Opportunity, Posting, Side, Verdict, compose

SNIPPET = 110


def card_of(row: PostingRow, years: Mapping[int, tuple[int, ...]], hits: tuple[str, ...] = ()) -> PostingCard:
    """Return the card of a posting; ``years`` maps a key to its benchmark years."""
    return PostingCard(
        key=row.key,
        posting=row.posting,
        state=row.shown_state,
        state_label=SHOWN_STATES.get(row.shown_state, row.shown_state),
        snippet=_snippet(row.posting, hits),
        hits=hits,
        published_on=row.published_on,
        last_confirmed=row.posting.listing.last_confirmed,
        benchmark_years=years.get(row.key, ()),
    )


def _snippet(posting: Posting, hits: tuple[str, ...]) -> str:
    """Return verbatim text that starts a little before the first hit, else at the beginning."""
    text = posting.background if isinstance(posting, Opportunity) else posting.summary
    parts = posting.requirements if isinstance(posting, Opportunity) else posting.features
    if not text or (hits and not any(hit in text for hit in hits)):
        text = next((part for part in parts if any(hit in part for hit in hits)), text or "；".join(parts))
    first = min((text.find(hit) for hit in hits if hit in text), default=0)
    start = max(0, first - SNIPPET // 3) if first > SNIPPET * 2 // 3 else 0
    cut = text[start : start + SNIPPET]
    return ("…" if start else "") + cut + ("…" if start + SNIPPET < len(text) else "")


def verdict_views(
    opportunity: Posting, verdicts: Sequence[Verdict], corrections: Sequence[CorrectionView] = ()
) -> tuple[VerdictView, ...]:
    """Return the verdicts beside what they judge: requirements, or sentences of the story."""
    told = {one.requirement: one for one in corrections if not one.lapsed}
    passages = compose(opportunity).passages
    texts = {row if one.index is None else one.index: one.text for row, one in enumerate(passages)}
    views = []
    for verdict in verdicts:
        passage = verdict.passage
        views.append(
            VerdictView(
                verdict.requirement,
                texts[verdict.requirement],
                verdict.kind,
                passage.source if passage else None,
                passage.index if passage else None,
                mask_personal(passage.text) if passage else None,
                verdict.numbers,
                verdict.limit,
                verdict.score,
                told.get(verdict.requirement),
            )
        )
    return tuple(views)


def correction_views(row: MatchRow) -> tuple[CorrectionView, ...]:
    """Return what matchmakers say against the machine about a pair, oldest first."""
    return tuple(
        CorrectionView(one.key, one.requirement, one.value, one.machine, one.reason, one.name, one.at, one.lapsed)
        for one in row.corrections
    )


def override_of(corrections: Sequence[CorrectionView]) -> CorrectionView | None:
    """Return the one that is about the band of the pair."""
    return next((one for one in corrections if one.requirement < 0), None)


def match_views(
    rows: Sequence[MatchRow],
    side: Side,
    postings: Mapping[int, PostingRow],
    years: Mapping[int, tuple[int, ...]],
    pair_years: Mapping[tuple[int, int], tuple[int, ...]],
    ranks: Sequence[int] = (),
) -> tuple[MatchView, ...]:
    """Return the counterparts of a posting of ``side`` in their order; without ``ranks`` rows come best first."""
    views = []
    for rank, row in zip(ranks or range(1, len(rows) + 1), rows, strict=True):
        other = row.capability_key if side is Side.OPPORTUNITY else row.opportunity_key
        told = correction_views(row)
        verdicts = verdict_views(postings[row.opportunity_key].posting, row.verdicts, told)
        views.append(
            MatchView(
                rank,
                row.score,
                row.band,
                card_of(postings[other], years),
                verdicts,
                ask_first(verdicts),
                pair_years.get((row.opportunity_key, row.capability_key), ()),
                override_of(told),
            )
        )
    return tuple(views)
