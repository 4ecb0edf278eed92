"""What of a posting may be shown to anyone: valid, open to the public, and without personal data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any

from marketplace.records import field_of, mask_personal
from marketplace.store import PostingRow
from matching import Capability, Listing, Opportunity, Posting, Side, fold, parse_posting, to_exchange

# 依申请公开 and 不予公开 as label, code or other spelling of the taxonomy.
_WITHHELD = frozenset({"依申请公开", "依申请", "on_request", "不予公开", "不公开", "withheld"})
# Nothing personal reaches across a full stop on a line of its own.
_APART = "\n。\n"


def is_expired(row: PostingRow, today: str) -> bool:
    """Whether a posting's last day of validity has passed; the day itself still counts."""
    last = row.posting.listing.valid_until
    return last is not None and last < today


def is_open(posting: Posting) -> bool:
    """Whether a posting is 主动公开, which is what nothing stated means."""
    return is_open_word(posting.listing.extra.get("disclosure"))


def is_open_word(disclosure: Any) -> bool:
    """Whether what a posting says of its disclosure means 主动公开."""
    return not isinstance(disclosure, str) or fold(disclosure).strip() not in _WITHHELD


def masked(posting: Posting) -> Posting:
    """Return the posting without personal data and protected contacts; the same object when it holds none."""
    protected = _protected(posting.side)
    if not any(_key(key) in protected for key in _keys(posting.listing.extra)):
        # Looking once at everything is many times faster than text by text, and finds the same or more.
        whole = _APART.join(_texts([getattr(posting, name) for name in _names(posting.side)]))
        if mask_personal(whole) == whole:
            return posting
    raw = to_exchange(posting)
    clean = _masked(raw, protected)
    return posting if clean == raw else parse_posting(clean, posting.side)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield key
            yield from _keys(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _keys(one)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Listing):
        yield from _texts([value.batch, value.index_number, value.extra])
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield key
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


@lru_cache
def _names(side: Side) -> tuple[str, ...]:
    return tuple(one.name for one in fields(Opportunity if side is Side.OPPORTUNITY else Capability))


@lru_cache
def _protected(side: Side) -> frozenset[str]:
    spec = field_of(side, "contact")
    return frozenset(map(_key, (spec.name, spec.label, *spec.synonyms)))


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return "".join(fold(name).split())


def _masked(value: Any, protected: frozenset[str]) -> Any:
    if isinstance(value, str):
        return mask_personal(value)
    if isinstance(value, dict):
        # A column nobody mapped may hold a person under its own header.
        return {mask_personal(key): _masked(one, protected) for key, one in value.items() if _key(key) not in protected}
    if isinstance(value, list | tuple):
        return [_masked(one, protected) for one in value]
    return value
