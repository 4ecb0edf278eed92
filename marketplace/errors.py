"""Every way the marketplace can refuse, as one tree.

MarketError
├── BadRequestError   what was asked for cannot be asked
├── NotFoundError     nothing of that name
├── GoneError         it was there and has been withdrawn
├── RefusedError      a file or command is refused; nothing was written
└── DamagedError      stored data contradict one another
"""


class MarketError(Exception):
    """Base of all marketplace errors; the message is one Chinese sentence for the user."""


class BadRequestError(MarketError):
    """The request names a value that does not exist."""


class NotFoundError(MarketError):
    """The record does not exist."""


class GoneError(MarketError):
    """The record existed and was taken back."""


class RefusedError(MarketError):
    """Nothing was written; the sentence says why and what is allowed."""


class DamagedError(MarketError):
    """The database holds something that cannot be right."""
