"""Tells the people of a pairing what happened to it, each with the reason why it came."""

from __future__ import annotations

from marketplace.access import COMPANY, PUBLISHER, Viewer
from marketplace.followup.rights import Seen, matchmakers_for, without_competitors
from marketplace.notices import accounts_of, notify
from marketplace.records import SIDE_NAMES, mask_personal
from marketplace.stages import STAGES, UNASSIGNED, is_open
from marketplace.store import Database, PostingRow
from marketplace.store.pairings import pairings_of_opportunity
from marketplace.store.postings import load_rows

KIND = "pairing"
_IN_CHARGE, _SERVING = "您是这个对接的撮合员。", f"这个对接{UNASSIGNED}撮合员，您是该区域的撮合员。"
_LEFT = "这个对接原来的撮合员不再负责，您是该区域的撮合员。"


def link_of(key: int) -> str:
    """Return the path of a pairing's page."""
    return f"/pairings/{key}"


def name_of(need: PostingRow, offer: PostingRow) -> str:
    """Return what people call a pairing: both titles."""
    return f"“{mask_personal(need.posting.title)}”与“{mask_personal(offer.posting.title)}”"


def matchmakers_of(
    db: Database, matchmaker_key: int, need: PostingRow, offer: PostingRow
) -> tuple[tuple[int, ...], str]:
    """Return whom to tell in the office and why: the one in charge who still may, else all of the need's district."""
    if matchmaker_key and matchmaker_key in matchmakers_for(db, need, offer):
        return (matchmaker_key,), _IN_CHARGE
    return matchmakers_for(db, need, offer, need), _LEFT if matchmaker_key else _SERVING


def tell_opened(
    db: Database, viewer: Viewer, key: int, need: PostingRow, offer: PostingRow, *, origin: str, in_charge: bool
) -> None:
    """Tell of a new pairing: both sides, or the office alone where a company opened it by its intent."""
    name = name_of(need, offer)
    if origin != "intent":
        for row in (need, offer):
            _tell_members(db, viewer, (need, offer), row, f"已为{name}建立对接", "撮合员将与双方联系。", link_of(key))
    if not in_charge:
        people, why = matchmakers_of(db, 0, need, offer)
        told = [one for one in people if one != viewer.account_key]
        notify(db, told, kind=KIND, title=f"{name}有新的对接，等待受理", link=link_of(key), reason=why)


def tell_moved(db: Database, viewer: Viewer, seen: Seen, title: str, body: str = "") -> None:
    """Tell everyone of a pairing but who did it."""
    tell_sides(db, viewer, seen, title, body)
    tell_office(db, viewer, seen, title, body)


def tell_sides(db: Database, viewer: Viewer, seen: Seen, title: str, body: str = "") -> None:
    """Tell the members of both organisations, but not who did it."""
    for row in (seen.need, seen.offer):
        _tell_members(db, viewer, (seen.need, seen.offer), row, title, body, link_of(seen.row.key))


def tell_office(db: Database, viewer: Viewer, seen: Seen, title: str, body: str = "") -> None:
    """Tell the matchmaker in charge, or those of the district, but not who did it."""
    people, why = matchmakers_of(db, seen.row.matchmaker_key, seen.need, seen.offer)
    told = [one for one in people if one != viewer.account_key]
    notify(db, told, kind=KIND, title=title, body=body, link=link_of(seen.row.key), reason=why)


def tell_others_of_need(db: Database, viewer: Viewer, seen: Seen, title: str, body: str) -> None:
    """Tell the matchmakers of the need's other open pairings, those of its districts where one has none yet.

    Companies never learn of one another.
    """
    others = [
        row
        for row in pairings_of_opportunity(db, seen.row.opportunity_key)
        if row.key != seen.row.key and is_open(row.stage)
    ]
    offers = {row.key: row for row in load_rows(db, dict.fromkeys(one.capability_key for one in others))}
    for row in others:
        people, why = matchmakers_of(db, row.matchmaker_key, seen.need, offers[row.capability_key])
        if why == _IN_CHARGE:
            why = "您是同一场景机会另一个对接的撮合员。"
        told = [one for one in people if one != viewer.account_key]
        notify(db, told, kind=KIND, title=title, body=body, link=link_of(row.key), reason=why)


def moved_title(seen: Seen, stage: str) -> str:
    """Return the title of the notice that a pairing reached a stage."""
    return f"{name_of(seen.need, seen.offer)}的对接进入“{STAGES[stage]}”"


def members_of(db: Database, need: PostingRow, offer: PostingRow, role: str) -> tuple[int, ...]:
    """Return who stands for one side of a pair; who stands for a competitor as well is to hear nothing of it."""
    if role == COMPANY:
        return accounts_of(db, offer.organisation_key, (COMPANY,))
    return without_competitors(db, accounts_of(db, need.organisation_key, (PUBLISHER,)), need, offer)


def _tell_members(
    db: Database, viewer: Viewer, pair: tuple[PostingRow, PostingRow], row: PostingRow, title: str, body: str, link: str
) -> None:
    """Tell those who stand for one side of a pair, but not who did it."""
    found = members_of(db, *pair, PUBLISHER if row is pair[0] else COMPANY)
    people = [one for one in found if one != viewer.account_key]
    why = f"您是{SIDE_NAMES[row.posting.side]}“{mask_personal(row.posting.title)}”所属单位的成员。"
    notify(db, people, kind=KIND, title=title, body=body, link=link, reason=why)
