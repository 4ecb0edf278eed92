"""Every way the marketplace can refuse, as one tree.

MarketError
├── BadRequestError   what was asked for cannot be asked
├── NotFoundError     nothing of that name
├── GoneError         it was there and has been withdrawn
├── ForbiddenError    this viewer may not do this
├── RefusedError      a file or command is refused; nothing was written
│   ├── FaultyError   a record has faults, field by field
│   ├── StaleError    someone else changed it in between
│   └── CapError      as many as allowed are under way already
└── DamagedError      stored data contradict one another
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class MarketError(Exception):
    """Base of all marketplace errors; the message is one Chinese sentence for the user."""


class BadRequestError(MarketError):
    """The request names a value that does not exist."""


class NotFoundError(MarketError):
    """The record does not exist."""


class GoneError(MarketError):
    """The record existed and was taken back."""


class ForbiddenError(MarketError):
    """The viewer lacks the role for this."""


class RefusedError(MarketError):
    """Nothing was written; the sentence says why and what is allowed."""


class FaultyError(RefusedError):
    """A record cannot be taken; ``faults`` says why, field by field."""

    def __init__(self, sentence: str, faults: Sequence[Any] = ()) -> None:
        super().__init__(sentence)
        self.faults = tuple(faults)


class StaleError(RefusedError):
    """The record was changed by someone else since it was read; nothing was written."""


class CapError(RefusedError):
    """As many pairings as an installation allows are under way; nothing was written."""


class DamagedError(MarketError):
    """The database holds something that cannot be right."""
