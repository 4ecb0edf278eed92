"""Text files: their encoding found, and tables separated by comma, semicolon or tab read line by line."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from marketplace.records.written import unguard_formula
from marketplace.workbooks.reading.cells import plain_text
from marketplace.workbooks.reading.grid import build_sheet, cut
from marketplace.workbooks.reading.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from marketplace.workbooks.reading.refusal import (
    SAVE_AS,
    TOO_MANY_CELLS,
    Unreadable,
    too_many_columns,
    too_many_rows,
)
from marketplace.workbooks.reading.workbook import Cell, Workbook

_DELIMITERS = ",;\t"
_LOOKED_AT = 30
_HEAD = 1_000_000
# One cell of a list does not run over so many lines: a quotation mark was left open.
_MAX_LINES = 2_000
_END_MARK = "\x1fend"
_UNREADABLE = f"不是能识别的表格文件，也不是 UTF-8 或 GBK 编码的文字，{SAVE_AS}"


def decode(raw: bytes) -> str:
    """The text of a file in UTF-8, GB 18030 (GBK) or UTF-16 with its mark; raises Unreadable for anything else."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if raw.startswith(mark):
            encodings: Sequence[str] = (encoding,)
            break
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(_UNREADABLE)


def split_lines(text: str) -> Iterator[str]:
    """The lines of a text as an editor counts them, one by one, with their ends as `\\n`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    yield text[start:]


def read_delimited(text: str) -> Workbook:
    """The one sheet of a text table; raises Unreadable. Rows keep the numbers of their lines."""
    lines = split_lines(text)
    head = list(islice(split_lines(text[:_HEAD]), _LOOKED_AT * 10))
    skipped = 0
    if re.fullmatch("sep=[,;\t]\n?", head[0], re.IGNORECASE):
        delimiter, skipped = next(lines)[4], 1
    else:
        delimiter = find_delimiter(head)
    rows: dict[int, list[Cell]] = {}
    count = 0
    for number, values in _records(lines, delimiter):
        cells = cut([plain_text(unguard_formula(value)) for value in values])
        if len(cells) > MAX_COLUMNS:
            raise too_many_columns("文本表格", f"第 {number + skipped} 行第 {len(cells)} 列")
        count += len(cells)
        if count > MAX_CELLS:
            raise Unreadable(TOO_MANY_CELLS)
        if cells:
            rows[number + skipped] = cells
        if len(rows) > MAX_ROWS:
            raise too_many_rows("文本表格")
    sheet = build_sheet("文本表格", rows)
    return Workbook("csv", (sheet,) if sheet else (), ())


def find_delimiter(lines: Sequence[str]) -> str:
    """The separator that cuts the first lines into the most equal rows of more than one cell; else a comma."""
    head = [line for line in lines if line.strip()][:_LOOKED_AT]

    def evenness(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(head, delimiter=delimiter) if len(row) > 1)
        except csv.Error:
            return 0, 0
        return max(((many, width) for width, many in widths.items()), default=(0, 0))

    return max(_DELIMITERS, key=evenness)


def _records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; raises Unreadable where a quotation mark is left open."""
    begun, read = 1, 0

    def fed() -> Iterator[str]:
        nonlocal read
        for line in chain(lines, (_END_MARK,)):
            read += 1
            if read - begun > _MAX_LINES:
                raise Unreadable(_open_quote(begun))
            # More separators than any table has would be gathered before they could be counted.
            if line.count(delimiter) > MAX_COLUMNS * 100:
                raise too_many_columns("文本表格", f"第 {read} 行")
            yield line

    try:
        for values in csv.reader(fed(), delimiter=delimiter):
            if values == [_END_MARK]:
                return
            if values and values[-1].endswith(_END_MARK):
                raise Unreadable(_open_quote(begun))
            yield begun, values
            begun = read + 1
    except csv.Error as error:
        raise Unreadable(_open_quote(begun)) from error


def _open_quote(line: int) -> str:
    return f"从第 {line} 行起引号不成对或单元格过长，没有读取，请改正引号，或另存为 xlsx 后再上传"
