"""What the pages of subscriptions, saved searches and the own mail address show."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.pages import ListQuery
from marketplace.subscribing.fits import Group

WEEKS = 8


@dataclass(frozen=True, slots=True)
class Volume:
    """How much a subscription would have told in the last ``WEEKS`` weeks: items, and on how many days."""

    items: int
    days: int
    weeks: int = WEEKS


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """One subscription; ``about`` names what it follows, empty where the subject says it all.

    ``idle`` says why nothing can come at the moment, empty when all is well.
    """

    key: int
    subject: str
    subject_label: str
    about: str
    path: str
    frequency: str
    frequency_label: str
    stamp: int
    idle: str = ""


@dataclass(frozen=True, slots=True)
class SavedSearchView:
    """One saved search; ``subscription_key`` is 0 while nobody is told of it."""

    key: int
    name: str
    query: ListQuery
    conditions: tuple[str, ...]
    subscription_key: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """Something the viewer may subscribe to."""

    subject: str
    subject_key: int
    label: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class MailView:
    """The viewer's mail address. ``pending`` waits for its code until ``code_until``.

    ``by_server``: letters go through a mail server; else they lie as files with the administrator.
    """

    address: str
    confirmed_at: str
    pending: str
    code_until: str
    by_server: bool


@dataclass(frozen=True, slots=True)
class SubscriptionListPage:
    """All subscriptions and saved searches of the viewer, and what else may be followed."""

    subscriptions: tuple[SubscriptionView, ...]
    searches: tuple[SavedSearchView, ...]
    offers: tuple[Offer, ...]
    mail: MailView


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    """One subscription with what it would have told of late; of a new one the view's key is 0."""

    view: SubscriptionView
    choices: tuple[tuple[str, str], ...]
    volume: Volume | None
    groups: tuple[Group, ...]
    mail: MailView


@dataclass(frozen=True, slots=True)
class SearchPageView:
    """The form of a saved search; of a new one the key is 0. ``found`` counts what is public now."""

    key: int
    name: str
    query: ListQuery
    conditions: tuple[str, ...]
    volume: Volume


@dataclass(frozen=True, slots=True)
class StopPage:
    """What a link from a letter stops; ``stopped`` when nothing of it runs any more."""

    label: str
    stopped: bool
