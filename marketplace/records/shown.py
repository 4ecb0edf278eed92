"""What a posting says beyond the fields every list shows, in words for a page."""

from __future__ import annotations

from marketplace.records.batches import uniform_batch
from marketplace.records.fields import FIELDS
from marketplace.records.posting import to_values
from marketplace.records.values import UnreadableError, format_money, read_money
from matching import Opportunity, Posting

# Shown by the pages in places of their own.
_ELSEWHERE = {
    "id", "title", "publisher", "publisher_type", "company", "district", "district_or_city", "domain", "domains",
    "background", "summary", "requirements", "features", "cases", "budget", "deadline", "maturity", "batch",
    "index_number", "valid_until", "last_confirmed", "contact",
}  # fmt: skip


def shown_facts(posting: Posting) -> tuple[tuple[str, str], ...]:
    """Return label and text of the further public fields that are filled in, in the order of the form."""
    values, _ = to_values(posting)
    found = []
    for spec in FIELDS[posting.side]:
        value = values.get(spec.name)
        if spec.name in _ELSEWHERE or not spec.public or value in (None, "", ()):
            continue
        found.append((spec.label, _words(value)))
    return tuple(found)


def shown_budget(posting: Opportunity) -> str:
    """Return the budget as written, units made plain; empty when none is told."""
    written = to_values(posting)[0].get("budget")
    if not written:
        return ""
    try:
        return format_money(read_money(written))
    except UnreadableError:
        return str(written)


def shown_batch(posting: Posting, published_on: str | None = None) -> str:
    """Return the batch in the form every page has; a year the text lacks is that of the posting or its publication."""
    return uniform_batch(posting.listing.batch or "", posting.year or int((published_on or "0")[:4]))


def shown_day(posting: Posting, name: str) -> str:
    """Return the words that stand for a day that has no date, such as 长期 or 24个月; empty otherwise."""
    return str(posting.listing.extra.get(f"{name}_text") or "")


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple | list):
        return "、".join(map(str, value))
    return str(value)
