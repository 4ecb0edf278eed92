"""Which organisations a reviewer, administrator or security officer may see."""

from __future__ import annotations

from marketplace.access import ADMIN, REVIEWER, SECURITY, Viewer
from marketplace.errors import NotFoundError
from marketplace.regions import city_of
from marketplace.store import Database
from marketplace.store.organisations import OrganisationRow, load_exact, load_organisation

MISSING = "没有找到这个单位，可能是链接有误。"


def in_reach(viewer: Viewer, row: OrganisationRow) -> bool:
    """Whether the viewer sees an organisation: reviewers within their districts, who has none belongs to all."""
    if viewer.has(ADMIN, SECURITY):
        return True
    if not viewer.has(REVIEWER):
        return False
    return not row.district or viewer.serves(REVIEWER, city_of(row.district), row.district)


def districts_of(viewer: Viewer) -> tuple[str, ...]:
    """Return the beginnings of districts the viewer is limited to; none means all."""
    return () if viewer.has(ADMIN, SECURITY) else tuple(viewer.districts.get(REVIEWER, ()))


def reached(db: Database, viewer: Viewer, key: int, *, exact: bool = False) -> OrganisationRow:
    """Return an organisation the viewer sees, a merged one as what it leads to unless ``exact``.

    Raises NotFoundError.
    """
    row = load_exact(db, key) if exact else load_organisation(db, key)
    if row is None or not in_reach(viewer, row):
        raise NotFoundError(MISSING)
    return row
