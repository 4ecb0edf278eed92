"""Which named pairs a viewer may see: the one place where the rules of visibility stand.

Everyone sees everything where rankings are public. Otherwise an agency sees what concerns its own
opportunities, a company its own pairs without its place among competitors, matchmakers and reviewers
all of their districts, and a visitor nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.access import MATCHMAKER, OF_DISTRICTS, VISITOR, Viewer
from marketplace.publicity import is_open
from marketplace.store import PostingRow
from matching import Opportunity


@dataclass(frozen=True, slots=True)
class Sight:
    """What one viewer sees on a site whose rankings are ``public`` or not."""

    viewer: Viewer = VISITOR
    public: bool = False

    def posting(self, row: PostingRow) -> bool:
        """Whether the posting itself may be seen: 主动公开 by everyone, others by those it concerns."""
        return is_open(row.posting) or self.viewer.owns(row.organisation_key) or self._serves(row)

    def whole(self, row: PostingRow) -> bool:
        """Whether the whole ranking of this posting may be seen, with places and teams.

        The owner of a capability sees all needs ranked for it: needs do not compete with one another.
        """
        return (self.public and self.posting(row)) or self.viewer.owns(row.organisation_key) or self._serves(row)

    def pair(self, need: PostingRow, offer: PostingRow) -> bool:
        """Whether this pair with its verdicts may be seen."""
        if not (self.posting(need) and self.posting(offer)):
            return False
        return self.whole(need) or self.viewer.owns(offer.organisation_key) or self._serves(offer)

    def place(self, need: PostingRow) -> bool:
        """Whether the place among the competitors for a need may be told."""
        return self.whole(need)

    def may_correct(self, need: PostingRow, offer: PostingRow) -> bool:
        """Whether the viewer's word stands against the machine's here: a matchmaker of the pair, of neither side."""
        return self.served(need, offer) and not any(self.viewer.owns(row.organisation_key) for row in (need, offer))

    def served(self, need: PostingRow, offer: PostingRow) -> bool:
        """Whether the viewer is a matchmaker of the district of either side."""
        return any(self._serves(row, MATCHMAKER) for row in (need, offer))

    @property
    def anything(self) -> bool:
        """Whether this viewer may see any pair at all."""
        return self.public or bool(self.viewer.publisher_of or self.viewer.company_of or self.viewer.has(*OF_DISTRICTS))

    def _serves(self, row: PostingRow, *roles: str) -> bool:
        posting = row.posting
        district = posting.district if isinstance(posting, Opportunity) else posting.district_or_city
        return any(self.viewer.serves(role, row.region, district) for role in roles or OF_DISTRICTS)
