"""Who may import what, and who may see an import."""

from __future__ import annotations

from marketplace.access import ADMIN, COMPANY, PUBLISHER, REVIEWER, Viewer, require
from marketplace.errors import ForbiddenError, NotFoundError, RefusedError
from marketplace.imports.intake import Owner
from marketplace.organisations.reach import in_reach
from marketplace.records import SIDE_NAMES
from marketplace.store import Database
from marketplace.store.imports import RunRow, load_run, organisation_of
from marketplace.store.organisations import load_organisation
from matching import Side


def for_any(viewer: Viewer) -> bool:
    """Whether the viewer imports for every organisation (代填)."""
    return viewer.has(REVIEWER, ADMIN)


def own_organisations(viewer: Viewer, side: Side) -> frozenset[int]:
    """Return the organisations whose list of a side the viewer keeps."""
    return viewer.publisher_of if side is Side.OPPORTUNITY else viewer.company_of


def sides_of(viewer: Viewer) -> tuple[Side, ...]:
    """Return the lists the viewer may import into."""
    return tuple(side for side in Side if for_any(viewer) or own_organisations(viewer, side))


def require_importer(viewer: Viewer) -> None:
    """Pass when the viewer may import anything; raises ForbiddenError."""
    require(viewer, PUBLISHER, COMPANY, REVIEWER, ADMIN)


def choose_owner(viewer: Viewer, side: Side, organisation_key: int) -> int:
    """Return the organisation an import is for, 0 when its rows name theirs.

    Raises NotFoundError for another's organisation, ForbiddenError for a list the viewer does not keep.
    """
    if for_any(viewer):
        return organisation_key
    own = own_organisations(viewer, side)
    if not own:
        raise ForbiddenError(f"您的单位不发布{SIDE_NAMES[side]}；请改选另一份清单，或联系安全管理员增加身份。")
    if organisation_key:
        if organisation_key not in own:
            raise NotFoundError("没有找到这个单位，可能是链接有误。")
        return organisation_key
    if viewer.acting_for in own:
        return viewer.acting_for
    if len(own) > 1:
        raise RefusedError("您属于几个单位；请先选择为哪个单位导入。")
    return next(iter(own))


def owner_of(db: Database, viewer: Viewer, organisation_key: int) -> Owner:
    """Return for whom an import is, with the organisation's name."""
    return Owner(organisation_key, organisation_of(db, organisation_key)[0], for_any(viewer))


def may_see(db: Database, viewer: Viewer, run: RunRow) -> bool:
    """Whether an import is of one of the viewer's organisations, or in reach of one who imports for others.

    Having uploaded it is not enough: who has left an organisation has left its imports. A reviewer of some
    districts sees the own ones and those of organisations there.
    """
    if run.organisation_key in own_organisations(viewer, run.side):
        return True
    if not for_any(viewer):
        return False
    if viewer.has(ADMIN) or not viewer.districts.get(REVIEWER):
        return True
    if viewer.signed_in and run.account_key == viewer.account_key:
        return True
    row = load_organisation(db, run.organisation_key) if run.organisation_key else None
    return row is not None and in_reach(viewer, row)


def find_run(db: Database, viewer: Viewer, key: int) -> RunRow:
    """Return an import that ``may_see`` shows; raises NotFoundError otherwise: it does not exist for the rest."""
    run = load_run(db, key)
    if run is None or not may_see(db, viewer, run):
        raise NotFoundError("没有找到这次导入，可能是链接有误。")
    return run


def may_publish(viewer: Viewer) -> bool:
    """Whether the viewer may put rows before the public at once."""
    return viewer.has(REVIEWER)
