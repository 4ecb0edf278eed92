"""Who may see a pairing and who may do what about it; for everyone else it does not exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

from marketplace.access import COMPANY, MATCHMAKER, OF_DISTRICTS, OF_ORGANISATION, Viewer
from marketplace.errors import ForbiddenError, NotFoundError
from marketplace.notices import accounts_with
from marketplace.publicity import masked
from marketplace.stages import PAST_CONTACT, RECOMMENDED
from marketplace.store import Database, PostingRow
from marketplace.store.accounts import memberships_of
from marketplace.store.pairings import PairingRow, load_pairings
from marketplace.store.postings import load_rows
from matching import Opportunity

NO_PAIRING = "没有找到这个对接，可能是链接有误。"
_OFFICE_ONLY = "这项操作由撮合员办理；如有变化，请在对接记录中写明，撮合员会看到。"


@dataclass(frozen=True, slots=True)
class Seen:
    """A pairing with both postings, without personal data, and as what this viewer sees it; roles may overlap."""

    row: PairingRow
    need: PostingRow
    offer: PostingRow
    office: bool
    matchmaker: bool
    publisher: bool
    company: bool

    @property
    def party(self) -> str:
        """The side this viewer speaks for: matchmaker, publisher, company, or empty for who only reads."""
        if self.matchmaker:
            return "matchmaker"
        return "publisher" if self.publisher else "company" if self.company else ""

    @property
    def may_move(self) -> bool:
        """Whether this viewer moves the pairing on: the matchmaker, and the agency once both have met."""
        return self.matchmaker or (self.publisher and self.row.stage in PAST_CONTACT)

    @property
    def may_decline(self) -> bool:
        """Whether this viewer may end it: the matchmaker, and either side for itself."""
        return bool(self.party)

    @property
    def reads(self) -> frozenset[str]:
        """The audiences this viewer belongs to."""
        if self.office:
            return frozenset({"office", "publisher", "company", "all"})
        held = (("publisher", self.publisher), ("company", self.company), ("all", True))
        return frozenset(name for name, holds in held if holds)


def is_taken_up(row: PairingRow) -> bool:
    """Whether somebody has begun to work on a pairing that a company's answer opened.

    Until then its pages do not lead the company there: an answer that waits because the need is full looks the same.
    """
    return row.origin != "intent" or row.stage != RECOMMENDED or row.matchmaker_key != 0


def place_of(row: PostingRow) -> tuple[str, str]:
    """Return region and district of a posting."""
    posting = row.posting
    return row.region, posting.district if isinstance(posting, Opportunity) else posting.district_or_city


def see(db: Database, viewer: Viewer, key: int) -> Seen:
    """Return a pairing as this viewer sees it; raises NotFoundError for everyone whom it does not concern."""
    return see_all(db, viewer, [key])[0]


def see_all(db: Database, viewer: Viewer, keys: Iterable[int]) -> list[Seen]:
    """Return pairings as this viewer sees them, oldest first; raises NotFoundError as soon as one does not exist."""
    wanted = tuple(dict.fromkeys(keys))
    rows = load_pairings(db, wanted)
    stored = load_rows(db, {key for row in rows for key in (row.opportunity_key, row.capability_key)})
    found = {one.key: replace(one, posting=masked(one.posting)) for one in stored}
    if len(rows) < len(wanted):
        raise NotFoundError(NO_PAIRING)
    every = []
    for row in rows:
        if row.opportunity_key not in found or row.capability_key not in found:
            raise NotFoundError(NO_PAIRING)
        seen = as_seen(viewer, row, found[row.opportunity_key], found[row.capability_key])
        if not (seen.office or seen.publisher or seen.company):
            raise NotFoundError(NO_PAIRING)
        every.append(seen)
    return every


def as_seen(viewer: Viewer, row: PairingRow, need: PostingRow, offer: PostingRow) -> Seen:
    """Return what the viewer is to a pairing of two loaded postings, whether or not it concerns the viewer.

    A competitor is neither office nor publisher, and a member of either side never the office.
    """
    places = (place_of(need), place_of(offer))
    apart = competes(viewer.company_of, need, offer)
    neutral = is_neutral(viewer, need, offer)
    return Seen(
        row, need, offer,
        office=neutral and any(viewer.serves(role, *place) for role in OF_DISTRICTS for place in places),
        matchmaker=neutral and any(viewer.serves(MATCHMAKER, *place) for place in places),
        publisher=not apart and need.organisation_key in viewer.publisher_of,
        company=offer.organisation_key in viewer.company_of,
    )  # fmt: skip


def competes(companies: Set[int], *rows: PostingRow) -> bool:
    """Whether somebody who stands for these companies also stands for one that none of the postings belongs to.

    Such a person could read what a competitor offers: whatever other roles are held, they do not count there.
    """
    return bool(companies - {row.organisation_key for row in rows})


def is_neutral(viewer: Viewer, need: PostingRow, offer: PostingRow) -> bool:
    """Whether the viewer stands on neither side of a pair and for no competitor, as the office has to."""
    owned = any(viewer.owns(row.organisation_key) for row in (need, offer))
    return not owned and not competes(viewer.company_of, need, offer)


def require_neutral(viewer: Viewer, need: PostingRow, offer: PostingRow) -> None:
    """Pass for who is neutral in a pair; raises ForbiddenError for a member of a side and for a competitor."""
    if not is_neutral(viewer, need, offer):
        raise ForbiddenError("这一对涉及您所在的单位或与其竞争的单位，请由其他撮合员建立对接。")


def serves_pair(viewer: Viewer, need: PostingRow, offer: PostingRow) -> bool:
    """Whether the viewer is a matchmaker of the district of either side, and neutral there."""
    served = any(viewer.serves(MATCHMAKER, *place_of(row)) for row in (need, offer))
    return served and is_neutral(viewer, need, offer)


def without_competitors(db: Database, accounts: Iterable[int], *rows: PostingRow) -> tuple[int, ...]:
    """Return the accounts without those that stand for a company to which none of the postings belongs."""
    wanted, companies = tuple(dict.fromkeys(accounts)), defaultdict[int, set[int]](set)
    for one in memberships_of(db, wanted):
        if one.role == COMPANY:
            companies[one.account_key].add(one.organisation_key)
    return tuple(key for key in wanted if not competes(companies[key], *rows))


def matchmakers_for(db: Database, need: PostingRow, offer: PostingRow, *of: PostingRow) -> tuple[int, ...]:
    """Return the accounts of neutral matchmakers of a pair, by the districts of both sides or of those named."""
    found = [key for row in of or (need, offer) for key in accounts_with(db, MATCHMAKER, *place_of(row))]
    sides = {row.organisation_key for row in (need, offer)}
    members = {
        one.account_key
        for one in memberships_of(db, tuple(dict.fromkeys(found)))
        if one.role in OF_ORGANISATION and one.organisation_key in sides
    }
    return tuple(key for key in without_competitors(db, found, need, offer) if key not in members)


def require_matchmaker(seen: Seen) -> None:
    """Pass for a matchmaker of the district; raises ForbiddenError for the others who see the pairing."""
    if not seen.matchmaker:
        raise ForbiddenError(_OFFICE_ONLY)


def require_party(seen: Seen) -> None:
    """Pass for who takes part in the pairing; raises ForbiddenError for who only reads it."""
    if not seen.party:
        raise ForbiddenError("这项操作由撮合员或双方单位办理；您可以查看这个对接，不能改动。")
