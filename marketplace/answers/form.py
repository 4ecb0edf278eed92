"""Builds the page a company writes its answer on, and the list of its answers."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.access import Viewer
from marketplace.answers.pages import AnswerLine, AnswerPage, MyAnswer, MyAnswers, OwnOffer
from marketplace.answers.rights import held_companies, need_of, points_of
from marketplace.answers.terms import as_terms, terms_of
from marketplace.cards import card_of
from marketplace.desk import DeskKeeper
from marketplace.errors import MarketError
from marketplace.followup.rights import is_taken_up
from marketplace.matched import MatchedPages
from marketplace.pages import VerdictView
from marketplace.publicity import masked
from marketplace.settings import MarketSettings
from marketplace.sight import Sight
from marketplace.store import Database, PostingRow
from marketplace.store.answers import (
    DRAFT,
    IntentRow,
    LineRow,
    RuleRow,
    VersionRow,
    intents_by,
    load_rules,
    load_version,
    load_versions,
)
from marketplace.store.drafts import organisation_names
from marketplace.store.matches import matches_of
from marketplace.store.pairings import load_pairings
from marketplace.store.postings import load_rows
from matching import Opportunity, Side, VerdictKind


def answer_page(
    keeper: DeskKeeper, settings: MarketSettings, viewer: Viewer, need: PostingRow, mine: IntentRow | None,
    offer_key: int, closed: str,
) -> AnswerPage:  # fmt: skip
    """Return the company's answer as far as it is written, with what the match found beside each requirement."""
    db = keeper.db
    draft = load_version(db, mine.key, 0) if mine else None
    sent = load_version(db, mine.key, mine.number) if mine and mine.number else None
    version = draft or sent
    offers = _offers(keeper, viewer, need)
    locked = mine is not None and mine.number > 0
    chosen = _chosen(offers, offer_key, mine, version, locked)
    verdicts = _verdicts(keeper, settings, viewer, need, chosen) if chosen else {}
    # With another capability what was typed stays, what was taken over from the former match is taken over anew.
    former = {} if version is None or version.capability_key == chosen else _verdicts(
        keeper, settings, viewer, need, version.capability_key)  # fmt: skip
    typed = {line.requirement: line for line in version.lines} if version else {}
    lines = tuple(
        _line(place, text, typed.get(place), verdicts.get(place), former.get(place))
        for place, text in points_of(need).items()
    )
    shown = _shown_pairings(db, [mine] if mine else [])
    return AnswerPage(
        card_of(need, keeper.desk().key_years), not any(need_of(need).requirements), terms_of(db, need), offers, chosen,
        lines, version.note if version else "", mine.state if mine else "", mine.number if mine else 0,
        mine.stamp if mine else 0, mine.sent_at if mine else "", mine.withdrawn_at if mine else "",
        draft is not None and sent is not None, locked, closed, shown.get(mine.key, 0) if mine else 0,
    )  # fmt: skip


def _offers(keeper: DeskKeeper, viewer: Viewer, need: PostingRow) -> tuple[OwnOffer, ...]:
    """The company's published capabilities, best match first."""
    desk = keeper.desk()
    scored = {row.capability_key: row for row in matches_of(keeper.db, need.key, Side.OPPORTUNITY)}
    held = held_companies(viewer)
    own = [
        row for row in desk.postings.values()
        if row.posting.side is Side.CAPABILITY and row.organisation_key and row.organisation_key in held
    ]  # fmt: skip
    own.sort(key=lambda row: (-scored[row.key].score if row.key in scored else 1.0, row.posting.id))
    return tuple(
        OwnOffer(row.key, row.posting.title, scored[row.key].band if row.key in scored else None) for row in own
    )


def _chosen(
    offers: tuple[OwnOffer, ...], asked: int, mine: IntentRow | None, version: VersionRow | None, locked: bool
) -> int:
    if mine is not None and locked:
        return mine.capability_key
    known = {one.key for one in offers}
    wanted = (asked, version.capability_key if version else 0, offers[0].key if len(offers) == 1 else 0)
    return next((key for key in wanted if key in known), 0)


def _verdicts(
    keeper: DeskKeeper, settings: MarketSettings, viewer: Viewer, need: PostingRow, offer_key: int
) -> dict[int, VerdictView]:
    """What the match says of the company's own pair; nothing while it is not scored or one side is off the lists."""
    desk = keeper.desk()
    offer, listed = desk.postings.get(offer_key), desk.postings.get(need.key)
    if offer is None or listed is None:
        return {}
    try:
        page = MatchedPages(keeper.db, desk, Sight(viewer)).pair(listed, offer, settings.matching)
    except MarketError:
        return {}
    return {one.requirement: one for one in page.verdicts}


def _line(
    place: int, text: str, typed: LineRow | None, verdict: VerdictView | None, former: VerdictView | None
) -> AnswerLine:
    quote, kind = (verdict.text, verdict.kind) if verdict else (None, None)
    # What the text is silent about has no sentence to begin with.
    found = quote if kind is not VerdictKind.UNCLEAR else None
    by_person = verdict is not None and verdict.correction is not None
    if typed is None:
        return AnswerLine(place, text, "", found or "", found, kind, by_person)
    taken_over = former is not None and typed.evidence == (former.text or "")
    return AnswerLine(
        place, text, typed.status, (found or "") if taken_over else typed.evidence, found, kind, by_person
    )


def _shown_pairings(db: Database, intents: Sequence[IntentRow]) -> dict[int, int]:
    """Return the pairing of each answer that leads to one somebody works on, by the answer's key."""
    told = {one.key: one.pairing_key for one in intents if one.told_at and one.pairing_key}
    taken = {row.key for row in load_pairings(db, told.values()) if is_taken_up(row)}
    return {key: pairing for key, pairing in told.items() if pairing in taken}


def my_answers(keeper: DeskKeeper, viewer: Viewer) -> MyAnswers:
    """Return every answer of the viewer's companies: drafts first, then the newest."""
    db, listed = keeper.db, keeper.desk().postings
    intents = intents_by(db, viewer.company_of)
    keys = {key for one in intents for key in (one.opportunity_key, one.capability_key)}
    postings = {row.key: row for row in load_rows(db, keys)}
    rules = load_rules(db, {one.opportunity_key for one in intents})
    names = organisation_names(db, {one.owner_key for one in intents})
    drafts = load_versions(db, [(one.key, 0) for one in intents])
    pairings = _shown_pairings(db, intents)
    intents.sort(key=lambda one: one.updated_at, reverse=True)
    lines = []
    for one in sorted(intents, key=lambda one: one.state != DRAFT):
        need, offer = postings[one.opportunity_key], postings[one.capability_key]
        posting = masked(need.posting)
        assert isinstance(posting, Opportunity)
        terms = as_terms(rules.get(need.key, RuleRow(need.key)), posting.deadline or "")
        lines.append(
            MyAnswer(
                need.key, posting.title, posting.publisher, masked(offer.posting).title, names.get(one.owner_key, ""),
                one.state, one.number, one.key in drafts and one.number > 0, terms.closes_on,
                terms.closed or need.key not in listed, one.updated_at,
                pairings.get(one.key, 0),
            )
        )  # fmt: skip
    return MyAnswers(tuple(lines))
