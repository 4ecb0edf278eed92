"""What forms send besides texts: keys of records, alone or with their stamps, cleaned once."""

from __future__ import annotations

from webapp.converters import MAX_KEY


def key_number(raw: str | None) -> int:
    """The key that a field names, 0 for anything that is no key."""
    text = (raw or "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > len(str(MAX_KEY)):
        return 0
    number = int(text)
    return number if number <= MAX_KEY else 0


def ticked(texts: list[str]) -> dict[int, int]:
    """The ticked records, each named as key.stamp: stamps by key; what cannot be read does not count."""
    found = {}
    for text in texts:
        key, _, stamp = text.partition(".")
        if key_number(key):
            found[key_number(key)] = key_number(stamp)
    return found
