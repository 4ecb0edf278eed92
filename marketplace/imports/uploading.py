"""The first half of an import: files come in, their columns are understood, their rows are checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.contacts import ContactBook
from marketplace.desk import DeskKeeper
from marketplace.errors import BadRequestError, RefusedError, StaleError
from marketplace.finder import Finder
from marketplace.imports.files import digest_of, keep_file, kept_file, read_kept
from marketplace.imports.intake import MEANING_AT_ONCE, examine
from marketplace.imports.packing import pack_row, unpack_row
from marketplace.imports.pages import (
    CHECKED,
    DONE,
    IMPORTING,
    RUN_STATES,
    SETTLING,
    UPLOADED,
    ColumnChoice,
    ColumnsPage,
    ImportListPage,
    SheetView,
)
from marketplace.imports.rights import choose_owner, find_run, for_any, owner_of, require_importer, sides_of
from marketplace.imports.views import run_view
from marketplace.records import FIELDS
from marketplace.settings import MarketSettings
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.imports import (
    RunRow,
    count_states,
    insert_run,
    load_import_rows,
    load_runs,
    move_run,
    organisation_of,
    read_memory,
    replace_rows,
    save_memory,
    update_run,
)
from marketplace.terms import Terms, load_book
from marketplace.workbooks import Workbook, read_workbook
from marketplace.workbooks.annotating import annotate_workbook
from marketplace.workbooks.columns import (
    ColumnGuess,
    choose_sheet,
    columns_at,
    doubled_sentence,
    guess_columns,
    missing_sentence,
    with_choice,
)
from marketplace.workbooks.headers import header_key
from matching import Side

EDITABLE = (UPLOADED, CHECKED)


class UploadDesk:
    """Takes files in and checks them; nothing here writes to the lists."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings, finder: Finder | None = None) -> None:
        self._keeper, self._settings, self._finder = keeper, settings, finder
        self._contacts = ContactBook(keeper, settings)

    def list_page(self, viewer: Viewer) -> ImportListPage:
        """Return the viewer's imports and what it may import; raises ForbiddenError for who may import nothing."""
        require_importer(viewer)
        own = sorted(viewer.publisher_of | viewer.company_of)
        runs = load_runs(self._db, account_key=None if for_any(viewer) else viewer.account_key, organisations=own)
        mine = [run for run in runs if for_any(viewer) or _mine(viewer, run)]
        organisations = tuple((key, organisation_of(self._db, key)[0]) for key in own)
        views = tuple(run_view(self._db, run) for run in mine)
        return ImportListPage(views, organisations, sides_of(viewer), for_any(viewer))

    def upload(
        self, viewer: Viewer, path: Path, *, file_name: str, side: Side | None = None, organisation_key: int = 0
    ) -> int:
        """Take a file in and return the key of its import; nothing of it is stored as a record yet.

        Raises FileRefusedError for a file that cannot be read, RefusedError when no header is found.
        """
        require_importer(viewer)
        workbook = read_workbook(path, file_name)
        allowed = sides_of(viewer)
        only = side or (allowed[0] if len(allowed) == 1 else None)
        place, guess = choose_sheet(workbook, only)
        side = only or guess.side
        owner = choose_owner(viewer, side, organisation_key)
        memory = read_memory(self._db, owner, side) if owner else {}
        guess = guess_columns(workbook.sheets[place], only, memory)
        if guess.header_row < 0:
            raise RefusedError(missing_sentence(workbook.sheets[place], guess) or "没有找到表头。")
        values = {
            "state": UPLOADED, "file_name": file_name, "digest": digest_of(path), "sheet": workbook.sheets[place].name,
            "columns": columns_kept(place, guess, workbook), "mapping": mapping_kept(guess), "options": {},
            "counts": {}, "account_key": viewer.account_key, "organisation_key": owner,
        }  # fmt: skip
        with transaction(self._db):
            key = insert_run(self._db, side, values)
            keep_file(self._settings, key, path)
            record_action(self._db, viewer, "import.uploaded", "import", key, 文件=file_name)
        return key

    def columns_page(self, viewer: Viewer, key: int, choice: ColumnChoice | None = None) -> ColumnsPage:
        """Return how the columns are understood; ``choice`` looks at another sheet, list or header row."""
        run = self._find(viewer, key, EDITABLE)
        workbook = read_kept(self._settings, run)
        place, guess = self._guess(run, workbook, choice or ColumnChoice())
        sheet = workbook.sheets[place]
        allowed = tuple(side for side in guess.sides if side in sides_of(viewer)) or (guess.side,)
        return ColumnsPage(
            run=run_view(self._db, run),
            sheets=tuple(SheetView(at, one.name, sum(map(bool, one.rows))) for at, one in enumerate(workbook.sheets)),
            sheet=place,
            side=guess.side,
            sides=allowed,
            header_row=guess.header_row,
            header_number=sheet.first_row + guess.header_row,
            headers=guess.headers,
            fields=FIELDS[guess.side],
            notices=(*workbook.notices, *guess.notices),
            missing=missing_sentence(sheet, guess, organisation_known=bool(run.organisation_key)),
        )

    def choose_columns(self, viewer: Viewer, key: int, choice: ColumnChoice) -> None:
        """Take the columns as chosen and check every row.

        Raises RefusedError naming the column that is missing or the field that two columns claim.
        """
        run = self._find(viewer, key, EDITABLE)
        workbook = read_kept(self._settings, run)
        place, guess = self._guess(run, workbook, choice)
        sheet = workbook.sheets[place]
        owner = owner_of(self._db, viewer, choose_owner(viewer, guess.side, run.organisation_key))
        refusal = missing_sentence(sheet, guess, organisation_known=bool(owner.key)) or doubled_sentence(guess)
        if refusal:
            raise RefusedError(refusal)
        encoder = self._finder.encoder if self._finder else None
        rows = examine(
            self._db, sheet, guess, owner=owner, terms=self._terms(), encoder=encoder,
            exact_lists=workbook.format == "jsonl",
        )  # fmt: skip
        packed = [pack_row(key, row, self._seal) for row in rows]
        with transaction(self._db):
            if not move_run(self._db, key, EDITABLE, CHECKED):
                raise StaleError("这次导入已被确认或放弃，没有改动。")
            replace_rows(self._db, key, packed)
            update_run(
                self._db, key, kind=str(guess.side), sheet=sheet.name, columns=columns_kept(place, guess, workbook),
                mapping=mapping_kept(guess), options={"meaning": encoder is not None and len(rows) <= MEANING_AT_ONCE},
                organisation_key=owner.key, counts=count_states(self._db, key),
            )  # fmt: skip
            if owner.key:
                save_memory(self._db, owner.key, guess.side, _remembered(guess))

    def annotated(self, viewer: Viewer, key: int) -> bytes:
        """Return the user's own workbook as xlsx with a column 问题 that says what is wrong in each row."""
        run = self._find(viewer, key, (CHECKED, SETTLING, IMPORTING, DONE))
        workbook = read_kept(self._settings, run)
        place, guess = self._guess(run, workbook, ColumnChoice())
        rows = [unpack_row(row) for row in load_import_rows(self._db, key)]
        return annotate_workbook(kept_file(self._settings, run), workbook, place, guess, rows)

    @property
    def _db(self) -> Database:
        return self._keeper.db

    def _terms(self) -> Terms:
        return load_book(self._db, self._settings)

    def _seal(self, text: str) -> str:
        return self._contacts.seal_cell(text)[1]

    def _find(self, viewer: Viewer, key: int, states: tuple[str, ...]) -> RunRow:
        """Return an import the viewer may see that is in one of some states."""
        run = find_run(self._db, viewer, key)
        if run.state not in states:
            raise RefusedError(f"这次导入{RUN_STATES[run.state]}，不能再做这一步。")
        return run

    def _guess(self, run: RunRow, workbook: Workbook, choice: ColumnChoice) -> tuple[int, ColumnGuess]:
        """Return the sheet and its columns: as kept, with what was chosen anew over it."""
        place = run.columns["sheet"] if choice.sheet is None else choice.sheet
        if not 0 <= place < len(workbook.sheets):
            raise BadRequestError("文件中没有这张工作表。")
        sheet, side = workbook.sheets[place], choice.side or run.side
        memory = read_memory(self._db, run.organisation_key, side) if run.organisation_key else {}
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
            fields = {at: one["field"] or "" for at, one in _by_index(run).items()}
            guess = with_choice(guess, fields, [at for at, one in _by_index(run).items() if one["keep"]])
        return place, with_choice(guess, choice.fields, choice.kept)


def _mine(viewer: Viewer, run: RunRow) -> bool:
    return run.account_key == viewer.account_key or viewer.owns(run.organisation_key)


def _by_index(run: RunRow) -> dict[int, dict[str, Any]]:
    return {int(one["index"]): one for one in run.mapping}


def mapping_kept(guess: ColumnGuess) -> list[dict[str, Any]]:
    """The columns in the order of the file: header text, field, unit, and whether it goes along unread."""
    return [
        {"index": one.index, "text": one.text, "field": one.field or "", "unit": one.unit, "keep": one.keep}
        for one in guess.headers
    ]


def columns_kept(place: int, guess: ColumnGuess, workbook: Workbook) -> dict[str, Any]:
    """How the sheet was understood, as a run keeps it."""
    return {
        "sheet": place,
        "header_row": guess.header_row,
        "sides": [str(side) for side in guess.sides],
        "notices": [*workbook.notices, *guess.notices],
        "format": workbook.format,
    }


def _remembered(guess: ColumnGuess) -> dict[str, str]:
    return {header_key(header.text): header.field or "" for header in guess.headers if header.text}
