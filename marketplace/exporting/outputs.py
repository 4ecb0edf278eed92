"""The room of outputs: every file, page and feed that carries lists out of the marketplace."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from marketplace import lists
from marketplace.access import Viewer
from marketplace.desk import DeskKeeper
from marketplace.errors import BadRequestError, NotFoundError
from marketplace.exporting.feed import NEWEST, FeedPage, feed_page
from marketplace.exporting.files import csv_text, workbook_bytes, write_list
from marketplace.exporting.handbook import Handbook, HandbookQuery, lay_out
from marketplace.exporting.handbook_docx import handbook_docx
from marketplace.exporting.like_import import export_like_import
from marketplace.exporting.open_data import FORMATS, OpenDataPage, Shelf, open_list
from marketplace.exporting.public import open_rows, public_rows
from marketplace.exporting.records import CheckedRecord, RecordPage, checked_record, described, record_page
from marketplace.exporting.template import template_workbook
from marketplace.finder import Finder
from marketplace.imports.rights import find_run
from marketplace.pages import ListQuery
from marketplace.records import SIDE_NAMES, shown_batch, uniform_batch
from marketplace.settings import MarketSettings
from marketplace.store import PostingRow
from marketplace.store.changes import installation_number, last_change, last_change_at
from marketplace.store.outputs import changed_at, import_posting_keys, last_import_of, organisation_posting_keys
from marketplace.store.postings import load_rows
from marketplace.store.versions import BatchRow, load_batches
from marketplace.terms import load_book
from matching import Side

# A Word file of more would take longer to make than a page may.
HANDBOOK_LIMIT = 1000
NAMES = {Side.OPPORTUNITY: "opportunities", Side.CAPABILITY: "capabilities"}
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "sqlite": "application/vnd.sqlite3",
}


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file to hand out: its Chinese name, one in plain letters, its media type, its bytes, read once.

    ``mark`` tells one state of its content from another, empty when it is made anew each time.
    """

    name: str
    plain_name: str
    media_type: str
    stream: BinaryIO
    size: int
    mark: str = ""


class OutputDesk:
    """Hands out lists, templates, handbooks, open data and feeds; what leaves is public and masked."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings, finder: Finder | None = None) -> None:
        self._keeper, self._settings = keeper, settings
        self._finder = finder or Finder(settings, keeper)
        self._shelf = Shelf(settings.database.parent / "exports")

    def list_file(self, query: ListQuery, kind: str) -> OutputFile:
        """Return a list as filtered and ordered, all its pages, as xlsx or csv."""
        rows, side = public_rows(self._selected(query)), query.side
        # The byte order mark is what makes Excel and WPS read the text as UTF-8.
        content = workbook_bytes(rows, side) if kind == "xlsx" else csv_text(rows, side).encode("utf-8-sig")
        return _file(f"{SIDE_NAMES[side]}清单", NAMES[side], kind, content)

    def records(self, query: ListQuery) -> RecordPage:
        """Return one page of a list, as filtered and ordered, as exchange objects."""
        return record_page(open_rows(self._selected(query)), page=query.page, size=query.page_size)

    def record(self, side: Side, key: int) -> Mapping[str, Any]:
        """Return one public posting as an exchange object; raises NotFoundError for any other."""
        row = next((row for row in self._keeper.desk().side(side) if row.key == key), None)
        if row is None:
            raise NotFoundError(f"没有这条{SIDE_NAMES[side]}，可能已撤回或不公开。")
        return record_page([row], page=1, size=1).records[0][1]

    def check(self, side: Side, values: Mapping[str, Any]) -> CheckedRecord:
        """Return what would become of a record, and every sentence that keeps it out; nothing is stored."""
        return checked_record(side, values, load_book(self._keeper.db, self._settings))

    def described(self, side: Side) -> list[dict[str, Any]]:
        """Return every public field of a record with what is allowed in it."""
        return described(side, load_book(self._keeper.db, self._settings))

    def template_file(self, side: Side) -> OutputFile:
        """Return the workbook an office fills in."""
        content = template_workbook(side, load_book(self._keeper.db, self._settings))
        return _file(f"{SIDE_NAMES[side]}清单填报模板", f"{NAMES[side]}-template", "xlsx", content, dated=False)

    def like_import_file(self, viewer: Viewer, import_key: int) -> OutputFile:
        """Return the postings of a finished import under the columns its file had.

        Raises NotFoundError for an import of others.
        """
        db = self._keeper.db
        run = find_run(db, viewer, import_key)
        rows = _in_order(load_rows(db, keys := import_posting_keys(db, import_key)), keys)
        content = export_like_import(db, run.side, import_key, rows)
        return _file(f"{SIDE_NAMES[run.side]}清单（原列）", f"{NAMES[run.side]}-own-columns", "xlsx", content)

    def own_file(self, viewer: Viewer, organisation_key: int, side: Side) -> OutputFile:
        """Return an organisation's visible postings under the columns of its last import, else the usual ones.

        Raises NotFoundError for an organisation the viewer does not belong to.
        """
        if not viewer.owns(organisation_key):
            raise NotFoundError("没有找到这个单位的清单，可能是链接有误。")
        db = self._keeper.db
        rows = _in_order(load_rows(db, keys := organisation_posting_keys(db, organisation_key, side)), keys)
        content = export_like_import(db, side, last_import_of(db, organisation_key, side), rows)
        return _file(f"本单位{SIDE_NAMES[side]}清单", f"own-{NAMES[side]}", "xlsx", content)

    def handbook(self, query: HandbookQuery, *, issuer: str = "") -> Handbook:
        """Return the handbook of a batch or a filtered list; ``issuer`` stands in where the batch names none.

        Raises BadRequestError when it would hold more than 1000 postings.
        """
        rows = self._selected(query.listing)
        if query.batch:
            rows = [row for row in rows if _is_of(row, query.batch)]
            query = replace(query, batch=_batch_of(rows[0]) if rows else uniform_batch(query.batch))
        if len(rows) > HANDBOOK_LIMIT:
            raise BadRequestError(
                f"符合条件的有 {len(rows)} 条，一册手册最多 {HANDBOOK_LIMIT} 条；请按批次、领域或区域筛选后再生成。"
            )
        domains = load_book(self._keeper.db, self._settings).labels("scene_domain")
        conditions = self._conditions(query.listing)
        batch = self._batch(query)
        return lay_out(public_rows(rows), query, batch=batch, issuer=issuer, domains=domains, conditions=conditions)

    def handbook_file(self, query: HandbookQuery, *, issuer: str = "") -> OutputFile:
        """Return the handbook as a Word document."""
        book = self.handbook(query, issuer=issuer)
        return _file(book.title, f"{NAMES[book.side]}-handbook", "docx", handbook_docx(book))

    def open_data(self) -> OpenDataPage:
        """Return what the open-data page tells."""
        found = tuple(open_list(open_rows(self._keeper.desk().side(side)), side) for side in Side)
        return OpenDataPage(found, last_change_at(self._keeper.db))

    def open_data_file(self, side: Side, kind: str) -> OutputFile:
        """Return a whole list as csv, jsonl or sqlite; built once for each change and day, then handed out.

        Raises NotFoundError for another kind.
        """
        if kind not in FORMATS:
            raise NotFoundError(f"开放数据没有这种格式；可选：{'、'.join(FORMATS)}。")
        # The day is part of the state of the data: postings expire with it.
        today = date.today().isoformat().replace("-", "")
        mark = f"{last_change(self._keeper.db)}-{today}"
        stream = self._shelf.take(NAMES[side], kind, mark, lambda path: self._write(side, kind, path))
        size = os.fstat(stream.fileno()).st_size
        title, plain = f"{SIDE_NAMES[side]}清单-{today}.{kind}", f"{NAMES[side]}-{today}.{kind}"
        return OutputFile(title, plain, MEDIA_TYPES[kind], stream, size, f"{NAMES[side]}-{kind}-{mark}")

    def feed(self, query: ListQuery) -> FeedPage:
        """Return the feed of a list as filtered."""
        db, rows = self._keeper.db, self._selected(query)
        changed = changed_at(db, (row.key for row in rows))
        newest = sorted(rows, key=lambda row: (changed.get(row.key, ""), row.key), reverse=True)
        shown = public_rows(newest[:NEWEST])
        return feed_page(
            query.side, shown, changed, installation=installation_number(db), last_change=last_change_at(db),
            conditions=self._conditions(query),
        )  # fmt: skip

    def _write(self, side: Side, kind: str, target: Path) -> None:
        write_list(public_rows(self._keeper.desk().side(side)), side, kind, target)

    def _selected(self, query: ListQuery) -> list[PostingRow]:
        """Every row of a list that may go out, as filtered and ordered, whatever its page; not masked yet."""
        if query.order not in lists.ORDERS:
            raise BadRequestError(f"排序方式“{query.order}”不存在；可选：相关度、最新、截止日期、最近确认。")
        rows, places = self._keeper.desk().side(query.side), None
        if query.text.strip():
            places, _ = self._finder.search(query.side, query.text)
            rows = [row for row in rows if row.key in places]
        return open_rows(lists.ordered(lists.keep(rows, query, date.today()), query.order, places))

    def _conditions(self, query: ListQuery) -> tuple[str, ...]:
        return lists.conditions(self._keeper.desk().side(query.side), query, date.today())

    def _batch(self, query: HandbookQuery) -> BatchRow | None:
        if not query.batch:
            return None
        found = load_batches(self._keeper.db, side=query.listing.side)
        return next(
            (one for one in found if one.name == query.batch and one.published_on and not one.recalled_at), None
        )


def _batch_of(row: PostingRow) -> str:
    return shown_batch(row.posting, row.published_on)


def _is_of(row: PostingRow, batch: str) -> bool:
    """Whether a posting is of a batch, named as pages name it or as the posting's own text does."""
    return uniform_batch(batch) in (_batch_of(row), uniform_batch(row.posting.listing.batch or ""))


def _in_order(rows: Iterable[PostingRow], keys: list[int]) -> list[PostingRow]:
    places = {key: place for place, key in enumerate(keys)}
    return sorted(rows, key=lambda row: places[row.key])


def _file(title: str, plain: str, kind: str, content: bytes, *, dated: bool = True) -> OutputFile:
    today = f"-{date.today():%Y%m%d}" if dated else ""
    return OutputFile(
        f"{title}{today}.{kind}", f"{plain}{today}.{kind}", MEDIA_TYPES[kind], io.BytesIO(content), len(content)
    )
