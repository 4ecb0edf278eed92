"""Everything of the viewer's own organisations: drafts by state, published postings with their days."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

from marketplace.access import Viewer
from marketplace.publishing.clock import recall_until
from marketplace.publishing.lines import draft_lines
from marketplace.publishing.pages import MyPage, OwnOrganisation, OwnPosting
from marketplace.publishing.rights import readable_posting, writes_for
from marketplace.rules import FreshnessRules
from marketplace.settings import MarketSettings
from marketplace.states import STATES, VISIBLE, WITHDRAWN
from marketplace.store import Database, PostingRow
from marketplace.store.drafts import drafts_of_postings, load_drafts, organisation_names
from marketplace.store.postings import load_rows
from marketplace.store.versions import PublicationRow, load_publications
from marketplace.validity import is_expired, judge
from matching import Side

PAGE = 50
_ORDER = ("returned", "draft", "review", "second_review", "approved")


def own_organisations(db: Database, viewer: Viewer) -> tuple[OwnOrganisation, ...]:
    """Return the organisations the viewer may write for, by name."""
    keys = viewer.publisher_of | viewer.company_of
    names = organisation_names(db, keys)
    sides = {key: tuple(side for side in Side if writes_for(viewer, side, key)) for key in names}
    return tuple(OwnOrganisation(key, names[key], sides[key]) for key in sorted(names, key=lambda key: names[key]))


def my_page(db: Database, viewer: Viewer, settings: MarketSettings, page: int) -> MyPage:
    """Return drafts, returned ones first, and one page of the postings, newest first."""
    organisations = own_organisations(db, viewer)
    keys = [one.key for one in organisations]
    drafts = load_drafts(db, organisations=keys) if keys else []
    mine = [row for row in drafts if writes_for(viewer, row.side, row.organisation_key)]
    mine.sort(key=lambda row: (_ORDER.index(row.state), -row.key))
    owned = load_publications(db, organisations=keys) if keys else []
    published = [row for row in owned if writes_for(viewer, row.side, row.organisation_key)]
    pages = max(1, math.ceil(len(published) / PAGE))
    shown = min(max(1, page), pages)
    part = published[(shown - 1) * PAGE : shown * PAGE]
    names = {one.key: one.name for one in organisations}
    return MyPage(
        organisations, draft_lines(db, mine), _postings(db, part, names, settings), len(published), shown, pages
    )  # fmt: skip


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
    stored = {row.key: row for row in load_rows(db, keys)}
    drafts = drafts_of_postings(db, keys)
    return tuple(
        _posting(row, stored[row.key], names, drafts.get(row.key, (0, ""))[0], settings) for row in part
    )  # fmt: skip


def _posting(
    row: PublicationRow, stored: PostingRow, names: dict[int, str], draft_key: int, settings: MarketSettings
) -> OwnPosting:
    listing = stored.posting.listing
    return OwnPosting(
        key=row.key,
        side=row.side,
        title=row.title,
        state=row.state,
        state_label=STATES.get(row.state, row.state),
        organisation_name=names.get(row.organisation_key, ""),
        on_behalf=row.on_behalf,
        published_on=row.published_on,
        last_confirmed=listing.last_confirmed or "",
        valid_until=listing.valid_until or "",
        freshness=_freshness(
            listing.valid_until, listing.last_confirmed or row.published_on, row.state, settings.freshness
        ),
        draft_key=draft_key,
        recall_until=recall_until(row.published_at, settings.publishing.recall_minutes) if row.state in VISIBLE else "",
        may_revise=row.state != WITHDRAWN,
    )


def _freshness(valid_until: str | None, confirmed: str, state: str, rules: FreshnessRules) -> str:
    """What the days ask for today, as a reminder would say it."""
    if state not in VISIBLE:
        return ""
    today = date.today()
    if is_expired(valid_until, today):
        return f"有效期至 {valid_until}，已过期，不再出现在公开清单"
    judgement = judge(valid_until, confirmed, None, today, rules)
    return judgement.remind or judgement.take_off
