"""Who may see a pairing and who may do what about it; for everyone else it does not exist."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.access import MATCHMAKER, OF_DISTRICTS, Viewer
from marketplace.errors import ForbiddenError, NotFoundError
from marketplace.stages import PAST_CONTACT
from marketplace.store import Database, PostingRow
from marketplace.store.pairings import PairingRow, load_pairing
from marketplace.store.postings import load_rows
from matching import Opportunity

NO_PAIRING = "没有找到这个对接，可能是链接有误。"
_OFFICE_ONLY = "这项操作由撮合员办理；如有变化，请在对接记录中写明，撮合员会看到。"


@dataclass(frozen=True, slots=True)
class Seen:
    """A pairing with both postings and as what this viewer sees it: office, publisher and company may overlap."""

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


def place_of(row: PostingRow) -> tuple[str, str]:
    """Return region and district of a posting."""
    posting = row.posting
    return row.region, posting.district if isinstance(posting, Opportunity) else posting.district_or_city


def see(db: Database, viewer: Viewer, key: int) -> Seen:
    """Return a pairing as this viewer sees it; raises NotFoundError for everyone whom it does not concern."""
    row = load_pairing(db, key)
    if row is None:
        raise NotFoundError(NO_PAIRING)
    found = {one.key: one for one in load_rows(db, [row.opportunity_key, row.capability_key])}
    if row.opportunity_key not in found or row.capability_key not in found:
        raise NotFoundError(NO_PAIRING)
    seen = as_seen(viewer, row, found[row.opportunity_key], found[row.capability_key])
    if not (seen.office or seen.publisher or seen.company):
        raise NotFoundError(NO_PAIRING)
    return seen


def as_seen(viewer: Viewer, row: PairingRow, need: PostingRow, offer: PostingRow) -> Seen:
    """Return what the viewer is to a pairing of two loaded postings, whether or not it concerns the viewer."""
    places = (place_of(need), place_of(offer))
    return Seen(
        row, need, offer,
        office=any(viewer.serves(role, *place) for role in OF_DISTRICTS for place in places),
        matchmaker=any(viewer.serves(MATCHMAKER, *place) for place in places),
        publisher=viewer.owns(need.organisation_key), company=viewer.owns(offer.organisation_key),
    )  # fmt: skip


def require_matchmaker(seen: Seen) -> None:
    """Pass for a matchmaker of the district; raises ForbiddenError for the others who see the pairing."""
    if not seen.matchmaker:
        raise ForbiddenError(_OFFICE_ONLY)


def require_party(seen: Seen) -> None:
    """Pass for who takes part in the pairing; raises ForbiddenError for who only reads it."""
    if not seen.party:
        raise ForbiddenError("这项操作由撮合员或双方单位办理；您可以查看这个对接，不能改动。")
