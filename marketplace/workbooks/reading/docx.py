"""Tables of Word documents, by the elements of python-docx; only the text part is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marketplace.workbooks.reading import notices
from marketplace.workbooks.reading.archive import Archive
from marketplace.workbooks.reading.cells import plain_text
from marketplace.workbooks.reading.grid import build_sheet
from marketplace.workbooks.reading.limits import MAX_CELLS, MAX_COLUMNS, MAX_DOCUMENT_BYTES
from marketplace.workbooks.reading.refusal import DAMAGED, SAVE_AS, TOO_MANY_CELLS, Unreadable, too_many_columns
from marketplace.workbooks.reading.workbook import Area, Cell, Workbook

DOCUMENT = re.compile(r"word/document[0-9]*\.xml\Z")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = (b"http://purl.oclc.org/ooxml/wordprocessingml/main", _W[1:-1].encode())
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SKIPPED = {f"{_W}tbl", _FALLBACK, f"{_W}pPr", f"{_W}rPr", f"{_W}moveFrom"}
# What may stand between the parts of one table cut by a page.
_CONTINUED = re.compile(r"[（(]?(续表|接上表|表?续|续上表)[一二三四五六七八九十0-9]*[）)]?\Z")


@dataclass(slots=True)
class _Table:
    """A table being read: rows in order, areas counted from 0, what stood before it, how many it was joined from."""

    rows: list[list[Cell]]
    merged: list[Area]
    parent: Any
    follows: bool = False
    joined: int = 0


def read_docx(archive: Archive) -> Workbook:
    """Every table of a document as a sheet named 表1, 表2 …; raises Unreadable."""
    from docx.oxml.parser import parse_xml  # slow to import

    name = min(name for name in archive.names() if DOCUMENT.match(name))
    raw = archive.read(name, MAX_DOCUMENT_BYTES).replace(*_STRICT)
    try:
        root = parse_xml(raw)
    except SyntaxError as error:  # the base of lxml's error
        raise Unreadable(DAMAGED) from error
    tables, count = _joined(_tables(root)), 0
    if not tables:
        raise Unreadable(f"中没有表格，没有读取，请把清单做成表格，或{SAVE_AS.removeprefix('请')}")
    sheets, said = [], []
    for number, table in enumerate(tables, 1):
        count += sum(map(len, table.rows))
        if count > MAX_CELLS:
            raise Unreadable(TOO_MANY_CELLS)
        merged = [(top + 1, left, bottom + 1, right) for top, left, bottom, right in table.merged]
        sheet = build_sheet(f"表{number}", dict(enumerate(table.rows, 1)), merged)
        if sheet:
            sheets.append(sheet)
        if table.joined:
            said.append(f"表{number} 与紧随其后的 {table.joined} 个表头相同的表格合并读取。")
    if any(name.endswith("vbaproject.bin") for name in archive.names()):
        said.append(notices.MACROS)
    return Workbook("docx", tuple(sheets), tuple(said))


def _tables(root: Any) -> Iterator[_Table]:
    """All tables in the order of the document, also those within others; not the second form of a text box."""
    before: _Table | None = None
    for element in root.iter(f"{_W}tbl"):
        if any(True for _ in element.iterancestors(_FALLBACK)):
            continue
        table = _read_table(element)
        table.follows = before is not None and before.parent is element.getparent() and _only_continues(element)
        yield table
        before = table


def _only_continues(element: Any) -> bool:
    """Whether nothing but empty lines, or the words 续表, stand between a table and the one before it."""
    for sibling in element.itersiblings(preceding=True):
        if sibling.tag == f"{_W}tbl":
            return True
        text = "".join(_text(sibling).split())
        if text and not _CONTINUED.match(text):
            return False
    return False


def _joined(tables: Iterator[_Table]) -> list[_Table]:
    """The tables, with the parts of one cut by pages put together."""
    whole: list[_Table] = []
    for table in tables:
        last = whole[-1] if whole else None
        if last and table.follows and table.rows and last.rows and table.rows[0] == last.rows[0] and any(last.rows[0]):
            shift = len(last.rows) - 1
            last.merged += [(top + shift, left, low + shift, right) for top, left, low, right in table.merged if top]
            last.rows += table.rows[1:]
            last.joined += 1
        else:
            whole.append(table)
    return whole


def _read_table(element: Any) -> _Table:
    rows: list[list[Cell]] = []
    # Areas by their top-left cell, and the top rows of those that still grow downwards by their first column.
    merged: dict[tuple[int, int], Area] = {}
    growing: dict[int, int] = {}
    for number, row in enumerate(_children(element, "tr")):
        cells: list[Cell] = [None] * min(row.grid_before, MAX_COLUMNS + 1)
        still: dict[int, int] = {}
        for cell in _children(row, "tc"):
            left, span = len(cells), max(cell.grid_span, 1)
            if left + span > MAX_COLUMNS:
                raise too_many_columns("表格", f"第 {number + 1} 行")
            top = growing.get(left, number) if cell.vMerge == "continue" else number
            value = plain_text(_text(cell)) if top == number else rows[top][left]
            cells += [value] * span
            if cell.vMerge is not None:
                still[left] = top
            if span > 1 or top < number:
                merged[top, left] = (top, left, number, left + span - 1)
        growing = still
        rows.append(cells)
    return _Table(rows, list(merged.values()), element.getparent())


def _children(element: Any, tag: str) -> Iterator[Any]:
    """Rows or cells, also those inside content controls; without those deleted while changes were tracked."""
    for child in element:
        if child.tag == f"{_W}{tag}":
            if child.find(f"{_W}trPr/{_W}del") is None:
                yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml"):
            yield from _children(child, tag)


def _text(element: Any) -> str:
    """The text of a cell or paragraph, its paragraphs one below the other, without tables inside it."""
    pieces: list[str] = []

    def gather(node: Any) -> None:
        for child in node:
            tag = child.tag
            if tag == f"{_W}t":
                pieces.append(child.text or "")
            elif tag in _BREAKS:
                pieces.append(_BREAKS[tag])
            elif tag not in _SKIPPED:
                gather(child)
                if tag == f"{_W}p":
                    pieces.append("\n")

    gather(element)
    return "".join(pieces).strip("\n")
