"""How the sheet of an import is understood: as guessed or kept, with what a person chose over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.errors import BadRequestError
from marketplace.imports.pages import ColumnChoice
from marketplace.store import Database
from marketplace.store.imports import RunRow, read_memory
from marketplace.workbooks import Sheet, Workbook
from marketplace.workbooks.columns import ColumnGuess, columns_at, guess_columns, with_choice
from marketplace.workbooks.headers import KEPT, header_key
from matching import Side


@dataclass(frozen=True, slots=True)
class Chosen:
    """One sheet of a workbook, by its place, and what its columns are."""

    workbook: Workbook
    place: int
    guess: ColumnGuess

    @property
    def sheet(self) -> Sheet:
        """The sheet itself."""
        return self.workbook.sheets[self.place]

    @property
    def filled(self) -> int:
        """How many rows under the header hold anything."""
        return sum(map(bool, self.sheet.rows[self.guess.header_row + 1 :]))

    def values(self) -> dict[str, Any]:
        """Return what a run keeps of it, so that ``understood`` comes to the same again."""
        return {
            "kind": str(self.guess.side),
            "sheet": self.sheet.name,
            "columns": {
                "sheet": self.place,
                "header_row": self.guess.header_row,
                "sides": [str(side) for side in self.guess.sides],
                "notices": [*self.workbook.notices, *self.guess.notices],
                "format": self.workbook.format,
            },
            # In the order of the file: header text, field, unit, and whether it goes along unread.
            "mapping": [
                {"index": one.index, "text": one.text, "field": one.field or "", "unit": one.unit, "keep": one.keep}
                for one in self.guess.headers
            ],
        }

    def remembered(self) -> dict[str, str]:
        """Return what an organisation's next file is to know of these columns, by compared header."""
        return {
            header_key(header.text): header.field or (KEPT if header.keep else "")
            for header in self.guess.headers
            if header.text
        }


def understood(db: Database, run: RunRow, workbook: Workbook, choice: ColumnChoice | None = None) -> Chosen:
    """Return the sheet of a run and its columns: as kept, with what is chosen anew over it.

    Raises BadRequestError for a sheet or row that is not there.
    """
    choice = choice or ColumnChoice()
    place = run.columns["sheet"] if choice.sheet is None else choice.sheet
    if not 0 <= place < len(workbook.sheets):
        raise BadRequestError("文件中没有这张工作表。")
    sheet, side = workbook.sheets[place], choice.side or run.side
    memory = read_memory(db, run.organisation_key, side) if run.organisation_key else {}
    kept = place == run.columns["sheet"] and side is run.side
    row = run.columns["header_row"] if kept else -1
    row = row if choice.header_row is None else choice.header_row
    if row < 0:
        guess = guess_columns(sheet, choice.side, memory)
    elif row < len(sheet.rows):
        sides = [Side(one) for one in run.columns["sides"]] if kept else [side]
        guess = columns_at(sheet, side, row, memory, sides=sides)
    else:
        raise BadRequestError("工作表中没有这一行。")
    if kept and row == run.columns["header_row"]:
        fields = {int(one["index"]): one["field"] or "" for one in run.mapping}
        guess = with_choice(guess, fields, [int(one["index"]) for one in run.mapping if one["keep"]])
    return Chosen(workbook, place, with_choice(guess, choice.fields, choice.kept))
