"""Everything of the viewer's own organisations: drafts by state, published postings with their days."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

from marketplace.access import REVIEWER, Viewer
from marketplace.publishing.clock import recall_until
from marketplace.publishing.lines import draft_lines
from marketplace.publishing.pages import MyPage, OwnOrganisation, OwnPosting
from marketplace.publishing.rights import readable_posting, writes_for
from marketplace.publishing.states import EDITABLE
from marketplace.rules import FreshnessRules
from marketplace.settings import MarketSettings
from marketplace.stages import DERIVED, furthest
from marketplace.states import SHOWN_STATES, VISIBLE, WITHDRAWN
from marketplace.store import Database, PostingRow
from marketplace.store.drafts import DraftRow, drafts_of_postings, load_drafts, organisation_names
from marketplace.store.pairings import stages_of_opportunities
from marketplace.store.postings import load_rows
from marketplace.store.versions import PublicationRow, load_publications
from marketplace.validity import is_expired, judge
from matching import Side

# A whole list fits on one page, so that a link to one of its postings finds it there.
PAGE = 500
_ORDER = ("returned", "draft", "review", "second_review", "approved")


def own_organisations(db: Database, viewer: Viewer) -> tuple[OwnOrganisation, ...]:
    """Return the organisations the viewer may write for, by name."""
    keys = viewer.publisher_of | viewer.company_of
    names = organisation_names(db, keys)
    sides = {key: tuple(side for side in Side if writes_for(viewer, side, key)) for key in names}
    return tuple(OwnOrganisation(key, names[key], sides[key]) for key in sorted(names, key=lambda key: names[key]))


def my_page(db: Database, viewer: Viewer, settings: MarketSettings, page: int) -> MyPage:
    """Return drafts, returned ones first, and one page of the postings: those to be looked at, then newest first."""
    organisations = own_organisations(db, viewer)
    keys = [one.key for one in organisations]
    mine = sorted(_drafts(db, viewer, keys), key=lambda row: (_ORDER.index(row.state), -row.key))
    owned = load_publications(db, organisations=keys) if keys else []
    published = [row for row in owned if writes_for(viewer, row.side, row.organisation_key)]
    due = {row.key for row in published if _asks(row, settings.freshness)}
    published.sort(key=lambda row: row.key not in due)
    pages = max(1, math.ceil(len(published) / PAGE))
    shown = min(max(1, page), pages)
    part = published[(shown - 1) * PAGE : shown * PAGE]
    names = {one.key: one.name for one in organisations}
    exports = {row.side for row in published if row.organisation_key == viewer.acting_for}
    return MyPage(
        organisations, draft_lines(db, mine), _postings(db, part, names, settings), len(published), len(due), shown,
        pages, tuple(side for side in Side if side in exports), names.get(viewer.acting_for, ""),
    )  # fmt: skip


def _drafts(db: Database, viewer: Viewer, organisations: list[int]) -> list[DraftRow]:
    """The drafts of the viewer's organisations, and those entered on behalf of others.

    Of the rows of an import that a reviewer entered only those that came back are theirs to work on.
    """
    found = load_drafts(db, organisations=organisations) if organisations else []
    mine = {row.key: row for row in found if writes_for(viewer, row.side, row.organisation_key)}
    if viewer.has(REVIEWER) and viewer.account_key:
        entered = load_drafts(db, entered_by=viewer.account_key)
        mine |= {row.key: row for row in entered if row.state in EDITABLE or not row.import_key}
    return list(mine.values())


def own_posting(db: Database, viewer: Viewer, key: int, settings: MarketSettings) -> OwnPosting:
    """Return one posting for its organisation or a reviewer of its district.

    Raises NotFoundError for everyone else.
    """
    stored = readable_posting(db, viewer, key)
    row = load_publications(db, keys=[key])[0]
    draft_key = drafts_of_postings(db, [key]).get(key, (0, ""))[0]
    names = organisation_names(db, [row.organisation_key])
    shown = _posting(row, stored, names, draft_key, settings)
    member = writes_for(viewer, row.side, row.organisation_key)
    return replace(shown, member=member, may_revise=member and shown.may_revise)


def _postings(
    db: Database, part: list[PublicationRow], names: dict[int, str], settings: MarketSettings
) -> tuple[OwnPosting, ...]:
    keys = [row.key for row in part]
    reached = stages_of_opportunities(db, keys)
    stored = {
        row.key: replace(row, followed=DERIVED.get(furthest(reached.get(row.key, ())), ""))
        for row in load_rows(db, keys)
    }
    drafts = drafts_of_postings(db, keys)
    return tuple(
        _posting(row, stored[row.key], names, drafts.get(row.key, (0, ""))[0], settings) for row in part
    )  # fmt: skip


def _posting(
    row: PublicationRow, stored: PostingRow, names: dict[int, str], draft_key: int, settings: MarketSettings
) -> OwnPosting:
    listing = stored.posting.listing
    asked = _asks(row, settings.freshness)
    return OwnPosting(
        key=row.key,
        side=row.side,
        title=row.title,
        state=row.state,
        state_label=SHOWN_STATES.get(stored.shown_state, stored.shown_state),
        organisation_name=names.get(row.organisation_key, ""),
        on_behalf=row.on_behalf,
        published_on=row.published_on,
        last_confirmed=listing.last_confirmed or "",
        valid_until=listing.valid_until or "",
        freshness=asked,
        due=bool(asked),
        public=row.state in VISIBLE and not is_expired(row.valid_until, date.today()),
        draft_key=draft_key,
        recall_until=recall_until(row.published_at, settings.publishing.recall_minutes) if row.state in VISIBLE else "",
        may_revise=row.state != WITHDRAWN,
    )


def _asks(row: PublicationRow, rules: FreshnessRules) -> str:
    """What the days of a posting ask for today, as a reminder would say it; empty when they ask for nothing."""
    if row.state not in VISIBLE:
        return ""
    today = date.today()
    if is_expired(row.valid_until, today):
        return f"有效期至 {row.valid_until}，已过期，不再出现在公开清单"
    judgement = judge(row.valid_until, row.last_confirmed or row.published_on, None, today, rules)
    return judgement.remind or judgement.take_off
