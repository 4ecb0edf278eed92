"""One pass over the records of an old xls: how large its sheets are, and its stream made harmless for the reader."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from marketplace.workbooks.reading.cells import address
from marketplace.workbooks.reading.limits import MAX_CELLS, MAX_COLUMNS, MAX_OLD_GRID, MAX_ROWS, MAX_SHEETS
from marketplace.workbooks.reading.refusal import (
    DAMAGED,
    ENCRYPTED,
    SAVE_AS,
    TOO_MANY_CELLS,
    Unreadable,
    too_many_columns,
    too_many_rows,
)
from marketplace.workbooks.reading.sheet_scan import Totals

# Records by their numbers in [MS-XLS].
BEGIN, END, CONTINUE = 0x0809, 0x000A, 0x003C
PASSWORD, SHEET, TEXTS, DIMENSIONS, MULTIPLE_RK = 0x002F, 0x0085, 0x00FC, 0x0200, 0x00BD
FORMULA, BOOL_OR_ERROR, SHARED_TEXT = 0x0006, 0x0205, 0x00FD
# Also LABEL, NUMBER, RK and RSTRING: they all begin with row and column.
_CELLS = {FORMULA, 0x0204, 0x0203, 0x027E, BOOL_OR_ERROR, SHARED_TEXT, 0x00D6, MULTIPLE_RK}
# Names and links to other files: only formulas need them.
_FORMULA_PARTS = {0x0018, 0x0017, 0x01AE, 0x0023}
# No record has this number, so readers pass over it.
_IGNORED = 0x1FFF
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class OldSheet:
    """Extent and errors of one sheet; rows counted from 1, columns from 0."""

    def __init__(self) -> None:
        self.first_row = self.last_row = self.width = self.filled_rows = 0
        self.errors: dict[tuple[int, int], str] = {}


class OldBook:
    """The stream of an old workbook, scanned: `stream` is safe to hand on, `totals` tells of formulas."""

    def __init__(self, stream: bytes) -> None:
        self.stream = bytearray(stream)
        self.totals = Totals()
        self._names: dict[int, str] = {}
        self._lengths: list[int] = []
        self._sheets: dict[int, OldSheet] = {}
        self._scan()
        if len(self._names) > MAX_SHEETS:
            raise Unreadable(f"的工作表超过 {MAX_SHEETS} 个，没有读取，请分成几个文件上传")
        if not set(self._names) <= set(self._sheets):
            raise Unreadable(DAMAGED)
        grids = ((sheet.last_row - sheet.first_row + 1) * sheet.width for sheet in self._sheets.values())
        if sum(grids) > MAX_OLD_GRID:
            raise Unreadable(f"的内容分布过散，没有读取，{SAVE_AS}")

    def sheets(self) -> list[OldSheet]:
        """The sheets in the order of the workbook."""
        return [self._sheets[place] for place in self._names]

    def _records(self) -> Iterator[tuple[int, int, int]]:
        """Place, number and length of every record."""
        place, end = 0, len(self.stream)
        while place + 4 <= end:
            number, length = struct.unpack_from("<HH", self.stream, place)
            if place + 4 + length > end:
                raise Unreadable(DAMAGED)
            yield place, number, length
            place += 4 + length

    def _scan(self) -> None:
        depth, sheet = 0, OldSheet()
        if self.stream[:2] != struct.pack("<H", BEGIN):
            raise Unreadable(DAMAGED)
        for place, number, length in self._records():
            if number == BEGIN:
                depth += 1
                if depth == 1:
                    sheet = self._sheets[place] = OldSheet()
            if depth > 1 or number in _FORMULA_PARTS:
                # A chart inside a sheet has cells of its own, which are not the sheet's.
                struct.pack_into("<H", self.stream, place, _IGNORED)
            elif number in _HANDLERS:
                _HANDLERS[number](self, place + 4, length)
            elif number in _CELLS:
                self._count_cells(sheet, number, place + 4, length)
            if number == END:
                depth = max(depth - 1, 0)
        if depth:
            raise Unreadable(DAMAGED)

    def _refuse_password(self, _: int, __: int) -> None:
        raise Unreadable(ENCRYPTED)

    def _note_texts(self, place: int, _: int) -> None:
        self._lengths = _text_lengths(self.stream, place - 4)

    def _note_sheet(self, place: int, length: int) -> None:
        start, _, _, size = struct.unpack_from("<IBBB", self.stream, place)
        if start in self._names:
            raise Unreadable(DAMAGED)
        wide = length > 7 + size and self.stream[place + 7] == 1
        raw = bytes(self.stream[place + 8 : place + length])
        self._names[start] = raw.decode("utf-16-le" if wide else "latin-1", "replace")

    def _set_dimensions(self, place: int, length: int) -> None:
        """Readers make room for what this record claims; let it claim one cell."""
        claim = struct.pack("<IIHHH", 0, 1, 0, 1, 0) if length >= 14 else struct.pack("<HHHHH", 0, 1, 0, 1, 0)
        self.stream[place : place + length] = claim[:length].ljust(length, b"\0")

    def _count_cells(self, sheet: OldSheet, number: int, place: int, length: int) -> None:
        row, column = struct.unpack_from("<HH", self.stream, place)
        row, last, characters, count = row + 1, column, 0, 1
        if row < sheet.last_row:
            raise Unreadable(DAMAGED)
        if number == MULTIPLE_RK:
            count = (length - 6) // 6
            last = column + count - 1
        elif number == SHARED_TEXT:
            text = struct.unpack_from("<I", self.stream, place + 6)[0]
            if text >= len(self._lengths):
                raise Unreadable(DAMAGED)
            characters = self._lengths[text]
        elif number == BOOL_OR_ERROR:
            value, is_error = struct.unpack_from("<BB", self.stream, place + 6)
            if is_error:
                sheet.errors[row, column] = _ERRORS.get(value, "#VALUE!")
        elif number == FORMULA:
            self._take_formula(sheet, row, column, place)
        self.totals.add(count, characters)
        sheet.first_row = sheet.first_row or row
        sheet.filled_rows += row != sheet.last_row
        sheet.last_row, sheet.width = row, max(sheet.width, last + 1)
        if last >= MAX_COLUMNS:
            raise too_many_columns(self._name(sheet), f" {address(row, last)} 单元格")
        if sheet.filled_rows > MAX_ROWS:
            raise too_many_rows(self._name(sheet))

    def _take_formula(self, sheet: OldSheet, row: int, column: int, place: int) -> None:
        """Note the formula and empty it, leaving only its value."""
        self.totals.formulas += 1
        kind, error, marker = struct.unpack_from("<BxBxxxH", self.stream, place + 6)
        if marker == 0xFFFF and kind == 2:
            sheet.errors[row, column] = _ERRORS.get(error, "#VALUE!")
        struct.pack_into("<H", self.stream, place + 20, 0)

    def _name(self, sheet: OldSheet) -> str:
        place = next(place for place, other in self._sheets.items() if other is sheet)
        return self._names.get(place, "工作表")


_HANDLERS: dict[int, Callable[[OldBook, int, int], None]] = {
    PASSWORD: OldBook._refuse_password,
    SHEET: OldBook._note_sheet,
    TEXTS: OldBook._note_texts,
    DIMENSIONS: OldBook._set_dimensions,
}


class _Pieces:
    """The texts of a workbook, which may run on over several records."""

    def __init__(self, stream: bytearray, place: int) -> None:
        self._stream = stream
        self._place = place + 4
        self._end = self._place + struct.unpack_from("<H", stream, place + 2)[0]

    def _next(self) -> None:
        number, length = struct.unpack_from("<HH", self._stream, self._end)
        if number != CONTINUE or not length:
            raise Unreadable(DAMAGED)
        self._place = self._end + 4
        self._end = self._place + length

    def take(self, form: str) -> int:
        """A number, which is never split between records."""
        if self._place == self._end:
            self._next()
        self._place += struct.calcsize(form)
        if self._place > self._end:
            raise Unreadable(DAMAGED)
        return int(struct.unpack_from(form, self._stream, self._place - struct.calcsize(form))[0])

    def skip(self, count: int) -> None:
        """Pass over bytes."""
        while count > self._end - self._place:
            count -= self._end - self._place
            self._next()
        self._place += count

    def skip_text(self, count: int, wide: int) -> None:
        """Pass over characters; each record they run on to says anew how wide they are."""
        while (there := (self._end - self._place) >> wide) < count:
            count -= there
            self._next()
            wide = self.take("<B") & 1
        self._place += count << wide


def _text_lengths(stream: bytearray, place: int) -> list[int]:
    """The length of each shared text; the number of texts the record claims must be true."""
    pieces, lengths = _Pieces(stream, place), []
    pieces.take("<I")
    count = pieces.take("<I")
    if count > MAX_CELLS:
        raise Unreadable(TOO_MANY_CELLS)
    for _ in range(count):
        characters, flags = pieces.take("<H"), pieces.take("<B")
        runs = pieces.take("<H") if flags & 8 else 0
        extension = pieces.take("<I") if flags & 4 else 0
        pieces.skip_text(characters, flags & 1)
        pieces.skip(runs * 4 + extension)
        lengths.append(characters)
    return lengths
