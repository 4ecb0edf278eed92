"""Lays a batch or a filtered list out as a handbook: cover data, a section for each field, its postings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from marketplace.exporting.table import cells_of, public_fields
from marketplace.pages import ListQuery
from marketplace.records import SIDE_NAMES, FieldSpec, shown_batch
from marketplace.store import PostingRow
from marketplace.store.versions import BatchRow
from matching import Opportunity, Side

UNSTATED = "未注明领域"
# Said at the head of an entry or of the whole handbook, not among an entry's facts.
_APART = {"title", "publisher", "company", "domain", "year", "disclosure"}
_TEXTS = ("long", "lines", "cases")
_DISCLOSED = "主动公开"


@dataclass(frozen=True, slots=True)
class HandbookQuery:
    """What a handbook holds: a list as filtered, ``batch`` names one batch of it, empty for all."""

    listing: ListQuery
    batch: str = ""


@dataclass(frozen=True, slots=True)
class HandbookText:
    """One longer part of an entry: paragraphs, or numbered ``items``."""

    label: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandbookEntry:
    """One posting; ``number`` is its place in the handbook, such as 2.3."""

    key: int
    anchor: str
    number: str
    title: str
    organisation: str
    facts: tuple[tuple[str, str], ...]
    texts: tuple[HandbookText, ...]


@dataclass(frozen=True, slots=True)
class HandbookSection:
    """One field (领域) with its postings."""

    anchor: str
    number: int
    domain: str
    entries: tuple[HandbookEntry, ...]


@dataclass(frozen=True, slots=True)
class Handbook:
    """A handbook; ``metadata`` are the details of 政府信息公开 that are known, ``conditions`` the filters in words."""

    side: Side
    title: str
    issuer: str
    published_on: str
    batch: str
    total: int
    metadata: tuple[tuple[str, str], ...]
    conditions: tuple[str, ...]
    sections: tuple[HandbookSection, ...] = field(default=())


def lay_out(
    rows: Sequence[PostingRow],
    query: HandbookQuery,
    *,
    batch: BatchRow | None = None,
    issuer: str = "",
    domains: Sequence[str] = (),
    conditions: Iterable[str] = (),
) -> Handbook:
    """Return the handbook of public rows.

    ``batch`` is the published batch of that name, ``issuer`` stands in where it names none; ``domains``
    is the order of the fields, others follow by name. An entry stands once, under its first field.
    """
    side = query.listing.side
    name = SIDE_NAMES[side]
    issuer = (batch.issuer if batch else "") or issuer
    published = (batch.published_on if batch else "") or max((row.published_on or "" for row in rows), default="")
    return Handbook(
        side=side,
        title=f"{query.batch}{name}清单手册",
        issuer=issuer,
        published_on=published,
        batch=query.batch,
        total=len(rows),
        metadata=_metadata(rows, name, batch, issuer, published),
        conditions=tuple(conditions),
        sections=_sections(rows, domains, _APART | ({"batch"} if query.batch else set())),
    )


def day_words(day: str) -> str:
    """Return an ISO day as 2026年11月22日; anything else as it is."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found.year}年{found.month}月{found.day}日"


def _metadata(
    rows: Sequence[PostingRow], name: str, batch: BatchRow | None, issuer: str, published: str
) -> tuple[tuple[str, str], ...]:
    disclosure = (batch.disclosure if batch else "") or _DISCLOSED
    found = (
        ("索引号", _index_numbers(rows)),
        ("文号", batch.document_number if batch else ""),
        ("发布机构", issuer),
        ("公开类别", disclosure),
        ("主题分类", f"{name}清单"),
        ("发布日期", day_words(published)),
        ("有效性", _validity(rows)),
    )
    return tuple((label, value) for label, value in found if value)


def _index_numbers(rows: Sequence[PostingRow]) -> str:
    numbers = sorted(row.posting.listing.index_number for row in rows if row.posting.listing.index_number)
    if not numbers:
        return ""
    return numbers[0] if len(numbers) == 1 else f"{numbers[0]} 至 {numbers[-1]}（共 {len(numbers)} 个）"


def _validity(rows: Sequence[PostingRow]) -> str:
    """Only valid postings are printed; until when is told as far as they name a day."""
    days = {row.posting.listing.valid_until for row in rows}
    first = min((day for day in days if day), default="")
    if not first:
        return "有效" if rows else ""
    return f"有效（至{day_words(first)}）" if len(days) == 1 else f"有效（各条有效期不同，最早至{day_words(first)}）"


def _sections(rows: Sequence[PostingRow], domains: Sequence[str], apart: Set[str]) -> tuple[HandbookSection, ...]:
    grouped: dict[str, list[PostingRow]] = {}
    for row in rows:
        grouped.setdefault((row.posting.domains or (UNSTATED,))[0], []).append(row)
    places = {domain: place for place, domain in enumerate(domains)}
    order = sorted(grouped, key=lambda domain: (domain == UNSTATED, places.get(domain, len(places)), domain))
    return tuple(
        HandbookSection(
            f"s{number}", number, domain,
            tuple(_entry(row, f"{number}.{place}", apart) for place, row in enumerate(grouped[domain], 1)),
        )
        for number, domain in enumerate(order, 1)
    )  # fmt: skip


def _entry(row: PostingRow, number: str, apart: Set[str]) -> HandbookEntry:
    posting = row.posting
    one = cells_of(row)
    facts, texts = [], []
    for spec in public_fields(posting.side):
        cell = one.cells.get(spec.name)
        # The one field of a posting is the heading it stands under.
        if cell is None or spec.name in apart or (spec.name == "domains" and len(posting.domains) < 2):
            continue
        if spec.kind in _TEXTS:
            texts.append(_text(spec, one.values[spec.name]))
        else:
            batch = shown_batch(posting, row.published_on) if spec.name == "batch" else ""
            facts.append((spec.label, batch or _fact(spec, str(cell))))
    name = posting.publisher if isinstance(posting, Opportunity) else posting.company
    return HandbookEntry(
        row.key, f"p{row.key}", number, posting.title, name or "未注明单位", tuple(facts), tuple(texts)
    )


def _fact(spec: FieldSpec, text: str) -> str:
    if spec.kind == "day":
        return day_words(text)
    return f"{text} 级" if spec.taxonomy == "trl" else text


def _text(spec: FieldSpec, value: object) -> HandbookText:
    if isinstance(value, tuple):
        return HandbookText(spec.label, items=tuple(item for item in value if item))
    lines = (line.strip() for line in str(value).splitlines())
    return HandbookText(spec.label, paragraphs=tuple(line for line in lines if line))
