"""Notices to people, each with the reason why it came, and the inbox they are read in."""

from marketplace.notices.book import InboxPage, NoticeBook, NoticeView
from marketplace.notices.telling import KINDS, accounts_of, accounts_with, notify

__all__ = ["KINDS", "InboxPage", "NoticeBook", "NoticeView", "accounts_of", "accounts_with", "notify"]
