"""Who answers, who reads answers, and which posting is meant; what belongs to others does not exist."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from marketplace.access import MATCHMAKER, PUBLISHER, Viewer
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError
from marketplace.followup.rights import without_competitors
from marketplace.notices import accounts_of, accounts_with
from marketplace.publicity import masked
from marketplace.store import Database, PostingRow
from marketplace.store.postings import load_rows
from matching import Opportunity, Side, compose

NO_NEED = "没有这条场景机会，可能是链接有误。"


def find_posting(keeper: DeskKeeper, key: int, side: Side) -> PostingRow:
    """Return a posting of a list in whatever state, without personal data.

    Raises NotFoundError when there is none.
    """
    shown = keeper.desk().postings.get(key)
    rows = [shown] if shown else load_rows(keeper.db, [key])
    for row in rows:
        if row.posting.side is side:
            return replace(row, posting=masked(row.posting))
    raise NotFoundError(NO_NEED if side is Side.OPPORTUNITY else "没有这条场景能力，可能是链接有误。")


def is_listed(keeper: DeskKeeper, key: int) -> bool:
    """Whether a posting is published and valid today."""
    return key in keeper.desk().postings


def need_of(row: PostingRow) -> Opportunity:
    """Return the opportunity of a row."""
    return cast(Opportunity, row.posting)


def points_of(row: PostingRow) -> dict[int, str]:
    """Return what is answered one by one: the requirements, or the sentences of the story where none are listed."""
    passages = compose(row.posting).passages
    return {place if one.index is None else one.index: one.text for place, one in enumerate(passages)}


def reads_answers(viewer: Viewer, need: PostingRow) -> bool:
    """Whether the viewer may read what was answered, once the rules allow it: the agency and the matchmaker.

    Whoever also stands on the side of another company reads nothing: a competitor must not look over the table.
    """
    if viewer.company_of - {need.organisation_key}:
        return False
    return is_agency(viewer, need) or is_matchmaker(viewer, need)


def is_agency(viewer: Viewer, need: PostingRow) -> bool:
    """Whether the viewer belongs to the organisation that has the need."""
    return bool(need.organisation_key) and need.organisation_key in viewer.publisher_of


def is_matchmaker(viewer: Viewer, need: PostingRow) -> bool:
    """Whether the viewer is matchmaker of the need's district."""
    return viewer.serves(MATCHMAKER, need.region, need_of(need).district)


def speaks_for(db: Database, viewer: Viewer, need: PostingRow) -> bool:
    """Whether the viewer may decide in the agency's name: its members, its matchmaker while it has no account."""
    if not reads_answers(viewer, need):
        return False
    return is_agency(viewer, need) or not _members(db, need)


def held_companies(viewer: Viewer) -> frozenset[int]:
    """Return the companies the viewer answers for now: the one chosen as 当前身份, else all of them."""
    return frozenset({viewer.acting_for} & viewer.company_of or viewer.company_of)


def agency_accounts(db: Database, need: PostingRow) -> tuple[int, ...]:
    """Return the accounts that act for the agency; the matchmakers of its district while it has none."""
    return _members(db, need) or matchmakers_of(db, need)


def matchmakers_of(db: Database, need: PostingRow) -> tuple[int, ...]:
    """Return the accounts of the matchmakers of the need's district who may read its answers."""
    return without_competitors(db, accounts_with(db, MATCHMAKER, need.region, need_of(need).district), need)


def _members(db: Database, need: PostingRow) -> tuple[int, ...]:
    """The agency's own accounts that may read its answers."""
    return without_competitors(db, accounts_of(db, need.organisation_key, (PUBLISHER,)), need)
