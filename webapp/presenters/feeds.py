"""A list's newest postings as an Atom feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlencode
from uuid import UUID, uuid5

from flask import url_for

from marketplace import ListQuery
from marketplace.exporting import FeedEntry, FeedPage
from matching import Side
from webapp import query_args
from webapp.presenters.output_links import NAMES, feed_url


@dataclass(frozen=True, slots=True)
class EntryView:
    """One posting as an Atom entry; ``published`` is empty when it is not known."""

    id: str
    title: str
    url: str
    author: str
    summary: str
    domains: tuple[str, ...]
    published: str
    updated: str


@dataclass(frozen=True, slots=True)
class Feed:
    """What the feed's template shows; every address has scheme and host, no id has."""

    id: str
    title: str
    subtitle: str
    updated: str
    self_url: str
    page_url: str
    entries: tuple[EntryView, ...]


def present_feed(page: FeedPage, query: ListQuery, *, site_name: str) -> Feed:
    """The feed of a list as filtered."""
    args = query_args.url_args(query_args.on_page(query, 1))
    args.pop("order", None)
    name = NAMES[query.side]
    narrowed = f"?{urlencode(sorted(args.items()), doseq=True)}" if args else ""
    return Feed(
        id=_id(page.installation, f"feeds/{name}{narrowed}"),
        title=f"{site_name}：{page.title}",
        subtitle="；".join(page.conditions) or f"最近变更的{page.title}条目",
        updated=page.changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        self_url=feed_url(query, whole=True),
        page_url=url_for(f"{name}.index", _external=True, **args),  # type: ignore[arg-type]
        entries=tuple(_entry(entry, query.side, page.installation) for entry in page.entries),
    )


def _entry(entry: FeedEntry, side: Side, installation: UUID) -> EntryView:
    name = NAMES[side]
    return EntryView(
        id=_id(installation, f"{name}/{entry.key}"),
        title=entry.title,
        url=url_for(f"{name}.detail", key=entry.key, _external=True),
        author=entry.organisation,
        summary=entry.summary,
        domains=entry.domains,
        published=entry.published,
        updated=entry.updated,
    )


def _id(installation: UUID, name: str) -> str:
    """An id of this installation that never changes: readers would take everything for new."""
    return uuid5(installation, name).urn
