"""Who may write and who may review a text; what belongs to others does not exist for the rest."""

from __future__ import annotations

from marketplace.access import REVIEWER, Viewer
from marketplace.errors import NotFoundError
from marketplace.publishing.reading import DISTRICT_FIELD
from marketplace.publishing.states import DRAFT
from marketplace.regions import city_of
from marketplace.store import Database, PostingRow
from marketplace.store.drafts import DraftRow, load_draft, organisation_facts
from marketplace.store.postings import load_rows
from matching import Opportunity, Side

NO_DRAFT = "没有找到这份草稿，可能是链接有误，或已经撤回送审、发布、删除。"


def writes_for(viewer: Viewer, side: Side, organisation_key: int) -> bool:
    """Whether the viewer belongs to the organisation on the side of this list."""
    held = viewer.publisher_of if side is Side.OPPORTUNITY else viewer.company_of
    return bool(organisation_key) and organisation_key in held


def may_write(viewer: Viewer, row: DraftRow) -> bool:
    """Whether the viewer may change the draft: its organisation, and a reviewer who enters it on behalf."""
    entered = row.on_behalf and viewer.has(REVIEWER) and 0 != viewer.account_key == row.author_key
    return writes_for(viewer, row.side, row.organisation_key) or entered


def place_of(db: Database, row: DraftRow) -> tuple[str, str]:
    """Return region and district of a draft, its organisation's where the text names none."""
    district = str(row.values.get(DISTRICT_FIELD[row.side]) or "")
    if not district and row.organisation_key:
        facts = organisation_facts(db, row.organisation_key)
        district = facts[2] if facts else ""
    return city_of(district), district


def may_review(db: Database, viewer: Viewer, row: DraftRow) -> bool:
    """Whether the draft lies in the viewer's districts as a reviewer; what was not sent is its writers' alone."""
    return (row.state != DRAFT or may_write(viewer, row)) and viewer.serves(REVIEWER, *place_of(db, row))


def own_draft(db: Database, viewer: Viewer, key: int) -> DraftRow:
    """Return a draft the viewer may change; raises NotFoundError for every other."""
    row = load_draft(db, key)
    if row is None or not may_write(viewer, row):
        raise NotFoundError(NO_DRAFT)
    return row


def served_draft(db: Database, viewer: Viewer, key: int) -> DraftRow:
    """Return a draft of the reviewer's districts that was sent to review; raises NotFoundError for every other."""
    row = load_draft(db, key)
    if row is None or not may_review(db, viewer, row):
        raise NotFoundError(NO_DRAFT)
    return row


def is_author(viewer: Viewer, row: DraftRow) -> bool:
    """Whether the viewer wrote the text or last changed it, or belongs to its organisation."""
    return viewer.account_key in (row.author_key, row.saved_by) or writes_for(viewer, row.side, row.organisation_key)


def readable_posting(db: Database, viewer: Viewer, key: int) -> PostingRow:
    """Return a posting in any state for its organisation or a reviewer of its district.

    Raises NotFoundError for everyone else.
    """
    for row in load_rows(db, [key]):
        posting = row.posting
        district = posting.district if isinstance(posting, Opportunity) else posting.district_or_city
        if writes_for(viewer, posting.side, row.organisation_key) or viewer.serves(REVIEWER, row.region, district):
            return row
    raise NotFoundError("没有找到这条清单，可能是链接有误。")
