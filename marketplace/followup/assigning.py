"""Gives pairings to a matchmaker: all or none, and never over what somebody else has just decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from marketplace.access import MATCHMAKER, VISITOR, Viewer
from marketplace.accounts.signing import viewer_of
from marketplace.audit import record_actions
from marketplace.errors import RefusedError, StaleError
from marketplace.followup.changing import SUBJECT, stale_sentence
from marketplace.followup.journal import AS, write_events
from marketplace.followup.noting import require_open
from marketplace.followup.rights import Seen, require_matchmaker, see_all, serves_pair
from marketplace.followup.telling import KIND, link_of, name_of
from marketplace.notices import Notice, notify_each
from marketplace.store import Database
from marketplace.store.accounts import ACTIVE, load_accounts, memberships_of
from marketplace.store.database import transaction
from marketplace.store.pairings import hand_over


def assign(db: Database, viewer: Viewer, stamps: Mapping[int, int], account_key: int) -> int:
    """Give pairings to a matchmaker of their district in one go; return how many changed hands.

    ``stamps`` are those of the page the pairings were chosen on, by key. Who had a pairing before is told.
    Raises NotFoundError for one the viewer may not see, ForbiddenError for who is no matchmaker there,
    RefusedError when the account is no matchmaker of a pairing's district, StaleError when one was changed since it
    was shown. Then none is changed.
    """
    with transaction(db):
        every = see_all(db, viewer, stamps)
        people = _holders(db, {account_key, *(seen.row.matchmaker_key for seen in every)})
        new = people.get(account_key, VISITOR)
        moving = [seen for seen in every if _is_given(db, viewer, seen, stamps, new, account_key)]
        _give(db, viewer, moving, new)
        notify_each(db, _notices(viewer, moving, new, people))
    return len(moving)


def _is_given(
    db: Database, viewer: Viewer, seen: Seen, stamps: Mapping[int, int], new: Viewer, account_key: int
) -> bool:
    """Whether a pairing changes hands, False when it is where it is to go; raises as ``assign`` does."""
    require_matchmaker(seen)
    # What has ended keeps whose work it was.
    require_open(seen, "指派")
    if not serves_pair(new, seen.need, seen.offer):
        # Who is no matchmaker is not named: the key alone tells nobody whose account it is.
        name = new.name if new.roles else "所选账号"
        raise RefusedError(f"“{name}”不是{name_of(seen.need, seen.offer)}所在区域的撮合员，不能指派。")
    if seen.row.matchmaker_key == account_key:
        return False
    if seen.row.stamp != stamps[seen.row.key]:
        which = f"{name_of(seen.need, seen.offer)}：" if len(stamps) > 1 else ""
        raise StaleError(which + stale_sentence(db, viewer, seen))
    return True


def _give(db: Database, viewer: Viewer, moving: Sequence[Seen], new: Viewer) -> None:
    """Write who has the pairings now, with journal and audit, in as many statements as one takes."""
    if not moving:
        return
    if not hand_over(db, [seen.row for seen in moving], new.account_key):
        raise StaleError(stale_sentence(db, viewer, moving[0]))
    facts = {"to": new.account_key, AS: MATCHMAKER}
    write_events(db, [seen.row.key for seen in moving], "assign", viewer, facts=facts)
    details = {
        seen.row.key: {"场景机会": seen.need.posting.id, "场景能力": seen.offer.posting.id, "撮合员": new.name}
        for seen in moving
    }
    record_actions(db, viewer, "pairing.assigned", SUBJECT, details)


def _holders(db: Database, keys: Iterable[int]) -> dict[int, Viewer]:
    """Return by key the people of accounts in use that are matchmakers somewhere."""
    wanted = sorted(key for key in keys if key)
    roles = memberships_of(db, wanted)
    people = [
        viewer_of(row, [one for one in roles if one.account_key == row.key])
        for row in load_accounts(db, wanted)
        if row.state == ACTIVE
    ]
    return {one.account_key: one for one in people if one.has(MATCHMAKER)}


def _notices(viewer: Viewer, moving: Sequence[Seen], new: Viewer, people: Mapping[int, Viewer]) -> Iterator[Notice]:
    """Yield what tells who has each pairing now, and who had it and may still know of it."""
    for seen in moving:
        name, link = name_of(seen.need, seen.offer), link_of(seen.row.key)
        if new.account_key != viewer.account_key:
            yield Notice(new.account_key, KIND, f"{name}的对接已交给您", "您被指派为这个对接的撮合员。", link=link)
        former = people.get(seen.row.matchmaker_key, VISITOR)
        if former.account_key != viewer.account_key and serves_pair(former, seen.need, seen.offer):
            title, why = f"{name}的对接已交给{new.name}", "您此前是这个对接的撮合员。"
            yield Notice(former.account_key, KIND, title, why, link=link)
