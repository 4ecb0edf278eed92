"""The newest postings of a list, as a feed tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from marketplace.cards import card_of
from marketplace.days import BEIJING
from marketplace.exporting.public import xml_text
from marketplace.records import SIDE_NAMES
from marketplace.store import PostingRow
from matching import Opportunity, Side

NEWEST = 50
# Nothing was ever written: a feed still needs a date, and one that does not move.
_BEGINNING = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One posting; ``updated`` and ``published`` are ISO-8601, the latter empty when it is not known."""

    key: int
    title: str
    organisation: str
    summary: str
    domains: tuple[str, ...]
    published: str
    updated: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Up to 50 postings, last changed first; ``changed`` is when the feed as a whole last changed.

    ``installation`` is the number of this installation, the same under whatever address it is asked.
    """

    side: Side
    title: str
    conditions: tuple[str, ...]
    entries: tuple[FeedEntry, ...]
    changed: datetime
    installation: UUID


def feed_page(
    side: Side,
    rows: Sequence[PostingRow],
    changed: Mapping[int, str],
    *,
    installation: UUID,
    last_change: str | None,
    conditions: Sequence[str] = (),
) -> FeedPage:
    """Return the feed of public rows, at most 50 of them, last changed first.

    ``changed`` is the time of writing by key, ``last_change`` that of the whole marketplace.
    """
    entries = tuple(_entry(row, changed.get(row.key, "")) for row in rows)
    moments = [one.updated for one in entries] + [last_change or _BEGINNING]
    # What expires overnight leaves the feed without being written.
    midnight = datetime.now(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    newest = datetime.fromisoformat(max(moments))
    if entries or last_change is not None:
        newest = max(newest, midnight)
    return FeedPage(side, f"{SIDE_NAMES[side]}清单", tuple(map(xml_text, conditions)), entries, newest, installation)


def _entry(row: PostingRow, changed: str) -> FeedEntry:
    posting = row.posting
    name = posting.publisher if isinstance(posting, Opportunity) else posting.company
    updated = changed or row.published_at or f"{row.published_on or '1970-01-01'}T00:00:00Z"
    return FeedEntry(
        row.key,
        xml_text(posting.title),
        xml_text(name) or "未注明单位",
        xml_text(card_of(row, {}).snippet),
        tuple(xml_text(domain) for domain in posting.domains),
        row.published_at or (f"{row.published_on}T00:00:00+08:00" if row.published_on else ""),
        updated,
    )
