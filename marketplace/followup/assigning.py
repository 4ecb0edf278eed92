"""Gives pairings to a matchmaker: all or none, and never over what somebody else has just decided."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.access import MATCHMAKER, VISITOR, Viewer
from marketplace.accounts.signing import viewer_of
from marketplace.errors import RefusedError, StaleError
from marketplace.followup.changing import audit, change, stale_sentence
from marketplace.followup.noting import require_open
from marketplace.followup.rights import Seen, require_matchmaker, see_all, serves_pair
from marketplace.followup.telling import KIND, link_of, name_of
from marketplace.notices import notify
from marketplace.store import Database
from marketplace.store.accounts import ACTIVE, load_account, memberships_of
from marketplace.store.database import transaction


def assign(db: Database, viewer: Viewer, stamps: Mapping[int, int], account_key: int) -> int:
    """Give pairings to a matchmaker of their district in one go; return how many changed hands.

    ``stamps`` are those of the page the pairings were chosen on, by key. Who had a pairing before is told.
    Raises NotFoundError for one the viewer may not see, ForbiddenError for who is no matchmaker there,
    RefusedError when the account is no matchmaker of a pairing's district, StaleError when one was changed since it
    was shown. Then none is changed.
    """
    moved = 0
    with transaction(db):
        new = _holder(db, account_key)
        people = dict[int, Viewer]()
        for seen in see_all(db, viewer, stamps):
            require_matchmaker(seen)
            # What has ended keeps whose work it was.
            require_open(seen, "指派")
            if not serves_pair(new, seen.need, seen.offer):
                # Who is no matchmaker is not named: the key alone tells nobody whose account it is.
                name = new.name if new.roles else "所选账号"
                raise RefusedError(f"“{name}”不是{name_of(seen.need, seen.offer)}所在区域的撮合员，不能指派。")
            if seen.row.matchmaker_key == account_key:
                continue
            if seen.row.stamp != stamps[seen.row.key]:
                which = f"{name_of(seen.need, seen.offer)}：" if len(stamps) > 1 else ""
                raise StaleError(which + stale_sentence(db, viewer, seen))
            change(db, viewer, seen, "assign", columns={"matchmaker_key": account_key}, facts={"to": account_key})
            audit(db, viewer, "pairing.assigned", seen, 撮合员=new.name)
            former = seen.row.matchmaker_key
            if former and former not in people:
                people[former] = _holder(db, former)
            _tell(db, viewer, seen, new, people.get(former, VISITOR))
            moved += 1
    return moved


def _holder(db: Database, account_key: int) -> Viewer:
    """Return the person of an account in use that is a matchmaker somewhere, else nobody."""
    row = load_account(db, account_key)
    person = viewer_of(row, memberships_of(db, [account_key])) if row is not None and row.state == ACTIVE else VISITOR
    return person if person.has(MATCHMAKER) else VISITOR


def _tell(db: Database, viewer: Viewer, seen: Seen, new: Viewer, former: Viewer) -> None:
    """Tell who has the pairing now, and who had it and may still know of it."""
    name, link = name_of(seen.need, seen.offer), link_of(seen.row.key)
    if new.account_key != viewer.account_key:
        notify(
            db, [new.account_key], kind=KIND, title=f"{name}的对接已交给您", link=link,
            reason="您被指派为这个对接的撮合员。",
        )  # fmt: skip
    if former.account_key != viewer.account_key and serves_pair(former, seen.need, seen.offer):
        notify(
            db, [former.account_key], kind=KIND, title=f"{name}的对接已交给{new.name}", link=link,
            reason="您此前是这个对接的撮合员。",
        )  # fmt: skip
