"""Handbooks, open data, and the addresses under which a list goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import HandbookQuery, ListQuery
from marketplace.exporting import Handbook, HandbookEntry, HandbookSection, OpenDataPage, OpenList
from matching import Side
from webapp import assets, query_args
from webapp.presenters import figures, labels
from webapp.presenters.cards import Fact
from webapp.presenters.lists import list_url
from webapp.presenters.output_links import NAMES, feed_url, handbook_url
from webapp.presenters.page import Context, Crumb, Head

STYLES = "handbook.css"
LICENCE = "任何单位和个人可以免费使用、复制、传播和再加工本页数据；使用时请注明来源和下载日期，不得改变原意。"
_FORMATS = {
    "csv": ("CSV", "表格软件可直接打开"),
    "jsonl": ("JSON 行", "一行一条，供程序读取"),
    "sqlite": ("SQLite", "含全文检索索引的数据库文件"),
}


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A longer part of an entry: paragraphs, or numbered items."""

    label: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting of a handbook."""

    anchor: str
    number: str
    title: str
    url: str
    organisation: str
    facts: tuple[Fact, ...]
    texts: tuple[TextBlock, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One field of a handbook."""

    anchor: str
    number: int
    domain: str
    count: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class HandbookContext(Context):
    """A handbook to be read and printed."""

    template: ClassVar[str] = "outputs/handbook.html"

    styles: str
    side_label: str
    issuer: str
    published: str
    total: str
    metadata: tuple[Fact, ...]
    conditions: tuple[str, ...]
    sections: tuple[Section, ...]
    docx_url: str
    back_url: str


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """One file to download."""

    label: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class OpenListView:
    """One list as open data."""

    id: str
    name: str
    count: str
    downloads: tuple[DownloadLink, ...]
    columns: tuple[tuple[str, str, str, str, str], ...]
    handbooks: tuple[DownloadLink, ...]
    template_url: str
    feed_url: str


@dataclass(frozen=True)
class OpenDataContext(Context):
    """What may be downloaded and what it means."""

    template: ClassVar[str] = "outputs/open_data.html"

    licence: str
    changed: str
    lists: tuple[OpenListView, ...]


def present_handbook(book: Handbook, query: HandbookQuery) -> HandbookContext:
    """The context of a handbook's page."""
    label = labels.SIDES[book.side]
    back = list_url(query_args.on_page(query.listing, 1))
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(f"{label}清单", back), Crumb("清单手册"))
    return HandbookContext(
        head=Head(
            title=book.title,
            description=f"{book.title}，共 {book.total} 条。",
            crumbs=crumbs,
            section=NAMES[book.side],
            published=book.published_on or None,
            source=book.issuer,
        ),
        styles=assets.asset_url(STYLES),
        side_label=label,
        issuer=book.issuer,
        published=_day_words(book.published_on),
        total=figures.count(book.total),
        metadata=tuple(Fact(name, value) for name, value in book.metadata),
        conditions=book.conditions,
        sections=tuple(_section(section, book.side) for section in book.sections),
        docx_url=handbook_url(query, docx=True),
        back_url=back,
    )


def _day_words(day: str) -> str:
    """An ISO day in Chinese words, empty for none."""
    if not day:
        return ""
    year, month, number = day.split("-")
    return f"{year}年{int(month)}月{int(number)}日"


def _section(section: HandbookSection, side: Side) -> Section:
    entries = tuple(_entry(entry, side) for entry in section.entries)
    return Section(section.anchor, section.number, section.domain, figures.count(len(entries)), entries)


def _entry(entry: HandbookEntry, side: Side) -> Entry:
    return Entry(
        entry.anchor,
        entry.number,
        entry.title,
        url_for(f"{NAMES[side]}.detail", key=entry.key),
        entry.organisation,
        tuple(Fact(label, value) for label, value in entry.facts),
        tuple(TextBlock(text.label, text.paragraphs, text.items) for text in entry.texts),
    )


def present_open_data(page: OpenDataPage, licence: str) -> OpenDataContext:
    """The context of the open-data page; ``licence`` is this site's own wording, empty for the usual one."""
    crumbs = (Crumb("首页", url_for("home.index")), Crumb("开放数据"))
    return OpenDataContext(
        head=Head("开放数据", "场景机会清单和场景能力清单的开放数据：下载、字段说明和使用许可。", crumbs, "open_data"),
        licence=licence or LICENCE,
        changed=figures.moment(page.changed_at) if page.changed_at else "",
        lists=tuple(_open_list(one) for one in page.lists),
    )


def _open_list(one: OpenList) -> OpenListView:
    name, whole = NAMES[one.side], ListQuery(one.side)
    downloads = tuple(
        DownloadLink(*_FORMATS[ending], url_for("outputs.open_data_file", kind=name, ending=ending))
        for ending in one.formats
    )
    books = tuple(
        DownloadLink(batch, f"{figures.count(count)} 条", handbook_url(HandbookQuery(whole, batch)))
        for batch, count in one.batches
    )
    return OpenListView(
        id=name,
        name=f"{one.name}清单",
        count=figures.count(one.count),
        downloads=downloads,
        columns=tuple((column.label, column.name, column.kind, column.note, column.example) for column in one.columns),
        handbooks=books,
        template_url=url_for("outputs.template", kind=name),
        feed_url=feed_url(whole),
    )
