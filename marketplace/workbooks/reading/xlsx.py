"""Workbooks of Excel 2007 and later: a clean copy of the needed parts is made and checked, and only it is read."""

from __future__ import annotations

import io
import posixpath
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from marketplace.workbooks.reading import notices
from marketplace.workbooks.reading.archive import Archive
from marketplace.workbooks.reading.calamine import open_calamine, rows_of
from marketplace.workbooks.reading.cells import plain
from marketplace.workbooks.reading.grid import build_sheet, cut
from marketplace.workbooks.reading.limits import (
    MAX_COLUMNS,
    MAX_GRID,
    MAX_PART_BYTES,
    MAX_SHEETS,
    MAX_UNPACKED_BYTES,
    UNPACKED_COPY_BYTES,
)
from marketplace.workbooks.reading.refusal import DAMAGED, Unreadable
from marketplace.workbooks.reading.sheet_scan import SheetScan, TextScan, Totals
from marketplace.workbooks.reading.workbook import Cell, Sheet, Workbook

WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TYPES = "[Content_Types].xml"
_TEXTS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
# The clean copy has its workbook in the usual place, whatever the file says.
_ROOT = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" \
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{WORKBOOK}"/>\
</Relationships>"""
Listen = Callable[[expat.XMLParserType], None]


@dataclass(frozen=True, slots=True)
class _Part:
    """A worksheet: its name, where its XML is in the zip, and whether it is hidden."""

    name: str
    path: str
    hidden: bool


def read_xlsx(archive: Archive) -> Workbook:
    """The visible sheets of a workbook; raises Unreadable."""
    copy = io.BytesIO()
    totals = Totals()
    # Packing takes a third of the reading and is worth it only where memory is.
    method = zipfile.ZIP_STORED if archive.unpacked_bytes <= UNPACKED_COPY_BYTES else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(copy, "w", method, compresslevel=1) as clean:
        clean.writestr("_rels/.rels", _ROOT)
        listed, targets = _listed(archive, clean)
        parts = _worksheets(listed, targets)
        shown = [part for part in parts if not part.hidden]
        for name in {_TYPES, next((path for kind, path in targets.values() if kind == "styles"), _STYLES)}:
            if name in archive:
                _copy(archive, clean, name)
        texts = TextScan(totals)
        name = next((path for kind, path in targets.values() if kind == "sharedStrings"), _TEXTS)
        if name in archive:
            _copy(archive, clean, name, texts.listen, MAX_UNPACKED_BYTES)
        scans = [_scan(archive, clean, part, SheetScan(part.name, totals, texts)) for part in shown]
    del texts
    sheets = tuple(_sheets(copy, shown, scans))
    said = notices.about_formulas(totals.formulas, totals.programs, totals.uncached, totals.uncached_names)
    said += notices.about_hidden([part.name for part in parts if part.hidden])
    names = archive.names()
    if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in names):
        said.append(notices.MACROS)
    if any(name.startswith("xl/externallinks/") for name in names):
        said.append(notices.LINKS)
    return Workbook("xlsx", sheets, tuple(said))


def _listed(archive: Archive, clean: zipfile.ZipFile) -> tuple[list[dict[str, str]], dict[str, tuple[str, str]]]:
    """What the workbook lists: the attributes of its sheets, and kind and path of its parts by their ids."""
    listed: list[dict[str, str]] = []
    targets: dict[str, tuple[str, str]] = {}

    def on_sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            listed.append({key.rpartition(":")[2]: value for key, value in attributes.items()})

    def on_relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = attributes.get("Target", "").replace("\\", "/")
            targets[attributes.get("Id", "")] = (kind, posixpath.normpath(posixpath.join("/xl", target))[1:])

    _copy(archive, clean, WORKBOOK, lambda parser: setattr(parser, "StartElementHandler", on_sheet))
    _copy(archive, clean, _RELATIONS, lambda parser: setattr(parser, "StartElementHandler", on_relation))
    return listed, targets


def _worksheets(listed: list[dict[str, str]], targets: dict[str, tuple[str, str]]) -> list[_Part]:
    """The worksheets in the order of the workbook, without chart and macro sheets."""
    parts = []
    for sheet in listed:
        kind, path = targets.get(sheet.get("id", ""), ("", ""))
        if kind == "worksheet":
            parts.append(_Part(sheet.get("name", ""), path, sheet.get("state", "visible") != "visible"))
    if len(parts) > MAX_SHEETS:
        raise Unreadable(f"的工作表超过 {MAX_SHEETS} 个，没有读取，请分成几个文件上传")
    # Two sheets over one part would be read twice for the price of one.
    if len({part.path.lower() for part in parts}) < len(parts) or len({part.name for part in parts}) < len(parts):
        raise Unreadable(DAMAGED)
    return parts


def _copy(
    archive: Archive, clean: zipfile.ZipFile, name: str, listen: Listen | None = None, at_most: int = MAX_PART_BYTES
) -> None:
    """Copy one part into the clean zip while it is checked."""
    with clean.open(name, "w") as part:
        for piece in archive.xml(name, listen=listen, at_most=at_most):
            part.write(piece)


def _scan(archive: Archive, clean: zipfile.ZipFile, part: _Part, scan: SheetScan) -> SheetScan:
    """Copy one worksheet while it is scanned."""
    _copy(archive, clean, part.path, scan.listen, MAX_UNPACKED_BYTES)
    scan.close()
    return scan


def _sheets(copy: io.BytesIO, parts: list[_Part], scans: list[SheetScan]) -> Iterator[Sheet]:
    """The sheets with content, each read by the reader that its extent allows."""
    book = None
    for part, scan in zip(parts, scans, strict=True):
        if not scan.filled_rows:
            continue
        if scan.grid <= MAX_GRID:
            book = book or open_calamine(copy)
            rows = rows_of(book, part.name, scan.errors)
        else:
            rows = _wide_rows(copy, part.name, min(scan.width, MAX_COLUMNS))
        sheet = build_sheet(part.name, rows, scan.merged)
        if sheet:
            yield sheet


def _wide_rows(copy: io.BytesIO, name: str, width: int) -> dict[int, list[Cell]]:
    """The rows of a sheet whose content lies too far apart for a full grid, read one by one."""
    import openpyxl  # it is slow to import and seldom needed

    rows: dict[int, list[Cell]] = {}
    blank = (None,) * width
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(copy, read_only=True, data_only=True, keep_links=False)
        sheet: Any = book[name]
        sheet.reset_dimensions()
        for number, values in enumerate(sheet.iter_rows(max_col=width, values_only=True), 1):
            if values != blank and (cells := cut([plain(value) for value in values])):
                rows[number] = cells
    return rows
