"""The rows of a list that may go out, and how their texts go into files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from marketplace.publicity import is_expired, is_open, masked
from marketplace.states import PUBLISHED, VISIBLE
from marketplace.store import PostingRow
from matching import to_exchange

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def public_rows(rows: Iterable[PostingRow], *, every_disclosure: bool = False) -> list[PostingRow]:
    """Return what may go out of ``rows``, in their order, personal data masked.

    ``every_disclosure`` also keeps what is not 主动公开: for the organisation the postings belong to.
    """
    return [replace(row, posting=masked(row.posting)) for row in open_rows(rows, every_disclosure=every_disclosure)]


def open_rows(rows: Iterable[PostingRow], *, every_disclosure: bool = False) -> list[PostingRow]:
    """Return the rows that may go out once they are masked; for counting and choosing among many."""
    today = date.today().isoformat()
    return [
        row
        for row in rows
        if row.state in VISIBLE and not is_expired(row, today) and (every_disclosure or is_open(row.posting))
    ]


def exchange_of(row: PostingRow) -> dict[str, Any]:
    """Return the exchange object of a posting with the state it has now, not the one it came with."""
    raw = to_exchange(row.posting)
    return raw if raw.get("state", PUBLISHED) == row.state else raw | {"state": row.state}


def xml_text(text: str) -> str:
    """Return text without the characters that no XML document may hold."""
    return _NO_XML.sub("", text)
