"""One pass over a worksheet's XML that keeps no cells: how large it is, and what calamine does not tell."""

from __future__ import annotations

import re
from xml.parsers import expat

from marketplace.workbooks.reading.cells import address
from marketplace.workbooks.reading.limits import MAX_CELLS, MAX_CHARACTERS, MAX_COLUMNS, MAX_NAMED_CELLS, MAX_ROWS
from marketplace.workbooks.reading.refusal import (
    DAMAGED,
    TOO_MANY_CELLS,
    TOO_MUCH_TEXT,
    Unreadable,
    too_many_columns,
    too_many_rows,
)
from marketplace.workbooks.reading.workbook import Area

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
# Elements inside a cell of formatted text; any other one ends the cell.
_TEXT = ("is", "r", "rPr", "rPh", "phoneticPr", "b", "i", "strike", "condense", "extend", "outline", "shadow", "u")
_WITHIN = frozenset((*_TEXT, "vertAlign", "sz", "color", "rFont", "family", "charset", "scheme"))
# What is kept of a value: enough for the number of a shared text or the name of an error.
_KEPT = 64


class Totals:
    """What has been met so far in all sheets of a file, against the limits of a file."""

    def __init__(self) -> None:
        self.cells = self.characters = self.formulas = self.programs = self.uncached = 0
        self.uncached_names: list[str] = []

    def add(self, cells: int, characters: int) -> None:
        """Count further cells and characters; raises Unreadable beyond the limits."""
        self.cells += cells
        self.characters += characters
        if self.cells > MAX_CELLS:
            raise Unreadable(TOO_MANY_CELLS)
        if self.characters > MAX_CHARACTERS:
            raise Unreadable(TOO_MUCH_TEXT)

    def note_uncached(self, sheet: str, row: int, column: int) -> None:
        """Count a formula without a stored value; the first few are named."""
        self.uncached += 1
        if len(self.uncached_names) < MAX_NAMED_CELLS:
            self.uncached_names.append(f"{sheet}!{address(row, column)}")


class TextScan:
    """The length of each shared text of a workbook, and whether it shows anything."""

    def __init__(self, totals: Totals) -> None:
        self.lengths: list[int] = []
        self.shown = bytearray()
        self._totals, self._reading = totals, False

    def listen(self, parser: expat.XMLParserType) -> None:
        """Set the handlers of the parser that reads the part."""
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._characters

    def _start(self, name: str, _: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self._reading = name == "t"
        if name == "si":
            self.lengths.append(0)
            self.shown.append(0)
            if len(self.lengths) > MAX_CELLS:
                raise Unreadable(TOO_MANY_CELLS)

    def _characters(self, data: str) -> None:
        if not (self._reading and self.lengths):
            return
        self._totals.add(0, len(data))
        self.lengths[-1] += len(data)
        self.shown[-1] |= not data.isspace()


class SheetScan:
    """Extent, errors, merged areas and formulas of one worksheet; raises Unreadable beyond the limits."""

    def __init__(self, sheet: str, totals: Totals, texts: TextScan) -> None:
        self.first_row = self.last_row = 0
        self.width = self.filled_rows = 0
        self.errors: dict[tuple[int, int], str] = {}
        self.merged: list[Area] = []
        self._sheet, self._totals, self._texts = sheet, totals, texts
        self._columns: dict[str, int] = {}
        self._row = self._column = self._counted = 0
        self._open = False
        self._taking = self._type = self._text = self._formula_text = ""
        self._formula = self._valued = False
        self._length = 0

    def listen(self, parser: expat.XMLParserType) -> None:
        """Set the handlers of the parser that reads the part; ends of elements need no handler."""
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._characters

    @property
    def grid(self) -> int:
        """How many cells a full grid over the content has."""
        return (self.last_row - self.first_row + 1) * self.width if self.last_row else 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self.close()
            self._open_cell(attributes)
        elif name == "v" or name == "t":
            self._taking = "v" if self._open else ""
            self._valued = True
        elif name == "row":
            self.close()
            self._open_row(attributes)
        elif name == "f" and self._open:
            self._taking = "f"
            self._formula = True
        else:
            self._taking = ""
            if name not in _WITHIN:
                self.close()
                if name == "mergeCell":
                    self._note_merged(attributes.get("ref", ""))

    def _characters(self, data: str) -> None:
        if self._taking == "v":
            self._length += len(data)
            if len(self._text) < _KEPT:
                self._text += data
        elif self._taking == "f" and len(self._formula_text) < _KEPT * 8:
            self._formula_text += data

    def _open_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        row = self._row + 1 if number is None else int(number) if number.isdecimal() else 0
        self._move(row)
        self._column = -1

    def _open_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            row, self._column = self._place(place)
            if row != self._row:
                self._move(row)
        self._open, self._taking = True, ""
        self._type = attributes.get("t", "")
        self._formula = self._valued = False
        self._text = self._formula_text = ""
        self._length = 0

    def _move(self, row: int) -> None:
        # calamine and openpyxl both rely on rows in order.
        if not max(self._row, 1) <= row <= LAST_ROW:
            raise Unreadable(DAMAGED)
        self._row = row

    def _place(self, text: str) -> tuple[int, int]:
        """Row counted from 1 and column counted from 0 of a cell's name."""
        match = _PLACE.match(text)
        if not match:
            raise Unreadable(DAMAGED)
        letters = match[1]
        column = self._columns.get(letters)
        if column is None:
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - 64
            self._columns[letters] = column = column - 1
        row = int(match[2])
        if row > LAST_ROW or column >= LAST_COLUMN:
            raise Unreadable(DAMAGED)
        return row, column

    def close(self) -> None:
        """Count the cell read last; to be called once more when the part has ended."""
        if not self._open:
            return
        self._open = False
        if self._formula:
            self._count_formula()
        if not self._valued:
            return
        text = self._text.strip()
        shared = self._shared(text) if self._type == "s" and text else None
        characters = self._length if shared is None else self._texts.lengths[shared]
        self._totals.add(1, characters)
        self.first_row = self.first_row or self._row
        self.last_row = self._row
        self.width = max(self.width, self._column + 1)
        if not text or (shared is not None and not self._texts.shown[shared]):
            return
        if self._type == "e":
            self.errors[self._row, self._column] = text
        if self._column >= MAX_COLUMNS:
            raise too_many_columns(self._sheet, f" {address(self._row, self._column)} 单元格")
        if self._counted != self._row:
            self._counted = self._row
            self.filled_rows += 1
            if self.filled_rows > MAX_ROWS:
                raise too_many_rows(self._sheet)

    def _shared(self, text: str) -> int:
        """The number of a shared text, which must exist."""
        if not text.isdecimal() or int(text) >= len(self._texts.lengths):
            raise Unreadable(DAMAGED)
        return int(text)

    def _count_formula(self) -> None:
        self._totals.formulas += 1
        # DDE: program | document ! item.
        program, bar, rest = self._formula_text.partition("|")
        if bar and "!" in rest and program.strip():
            self._totals.programs += 1
        if not (self._valued and (self._text.strip() or self._type == "str")):
            self._totals.note_uncached(self._sheet, self._row, self._column)

    def _note_merged(self, reference: str) -> None:
        start, _, end = reference.partition(":")
        (top, left), (bottom, right) = self._place(start), self._place(end or start)
        if bottom < top or right < left:
            raise Unreadable(DAMAGED)
        self.merged.append((top, left, bottom, right))
        if len(self.merged) > MAX_CELLS // 10:
            raise Unreadable(TOO_MANY_CELLS)
