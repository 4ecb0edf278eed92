"""Notices to people, each with the reason why it came and how it is stopped, and the inbox they are read in."""

from marketplace.notices.book import InboxPage, NoticeBook, NoticeView
from marketplace.notices.telling import (
    CHOSEN,
    KINDS,
    Notice,
    accounts_of,
    accounts_with,
    how_to_stop,
    notify,
    notify_each,
)

__all__ = [
    "CHOSEN",
    "KINDS",
    "InboxPage",
    "Notice",
    "NoticeBook",
    "NoticeView",
    "accounts_of",
    "accounts_with",
    "how_to_stop",
    "notify",
    "notify_each",
]
