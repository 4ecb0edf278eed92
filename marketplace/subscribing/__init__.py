"""Saved searches, subscriptions, digests and the mail that carries them.

Jobs: ``make_digests`` on Monday, ``tell_at_once`` when new postings are matched, ``send_mail`` while something waits
in the outbox. Letters tell what their reader may see, and nothing more.
"""

from marketplace.subscribing.book import SubscriptionBook
from marketplace.subscribing.fits import Fit, Group
from marketplace.subscribing.mailbox import MailBook
from marketplace.subscribing.pages import (
    MailView,
    Offer,
    SavedSearchView,
    SearchPageView,
    StopPage,
    SubscriptionListPage,
    SubscriptionPage,
    SubscriptionView,
    Volume,
)
from marketplace.subscribing.shelf import SearchShelf
from marketplace.subscribing.subjects import FREQUENCIES, SUBJECTS

__all__ = [
    "FREQUENCIES",
    "SUBJECTS",
    "Fit",
    "Group",
    "MailBook",
    "MailView",
    "Offer",
    "SavedSearchView",
    "SearchPageView",
    "SearchShelf",
    "StopPage",
    "SubscriptionBook",
    "SubscriptionListPage",
    "SubscriptionPage",
    "SubscriptionView",
    "Volume",
]
