"""The first half of an import: files come in, their columns are understood, their rows are checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.contacts import ContactBook
from marketplace.desk import DeskKeeper
from marketplace.errors import ForbiddenError, NotFoundError, RefusedError, StaleError
from marketplace.finder import Finder
from marketplace.imports.checking_job import CHECK_AT_ONCE, failure_of, given_back, keep_checked
from marketplace.imports.choosing import Chosen, understood
from marketplace.imports.files import digest_of, keep_file, kept_file, read_kept
from marketplace.imports.intake import MEANING_AT_ONCE, Owner, examine
from marketplace.imports.packing import pack_row, unpack_row
from marketplace.imports.pages import (
    CHECKED,
    CHECKING,
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
from marketplace.imports.rights import choose_owner, find_run, for_any, may_see, owner_of, require_importer, sides_of
from marketplace.imports.views import run_view
from marketplace.jobs import queue_job, start_job
from marketplace.records import FIELDS, SIDE_NAMES, mask_personal
from marketplace.settings import MarketSettings
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.imports import (
    RunRow,
    insert_run,
    load_import_rows,
    load_runs,
    move_run,
    organisation_of,
    read_memory,
    replace_rows,
    update_run,
)
from marketplace.terms import Terms, load_book
from marketplace.workbooks import read_workbook
from marketplace.workbooks.annotating import annotate_workbook
from marketplace.workbooks.columns import choose_sheet, guess_columns
from marketplace.workbooks.refusals import doubled_sentence, missing_sentence, private_sentence, unknown_sentence
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
        mine = [given_back(self._db, run) for run in runs if may_see(self._db, viewer, run)]
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
        # The name goes on to notices, jobs and histories that others read.
        file_name = mask_personal(file_name)
        workbook = read_workbook(path, file_name)
        allowed = sides_of(viewer)
        only = side or (allowed[0] if len(allowed) == 1 else None)
        place, guess = choose_sheet(workbook, only)
        side = only or guess.side
        owner = choose_owner(viewer, side, organisation_key)
        if owner and not organisation_of(self._db, owner)[0]:
            raise NotFoundError("没有找到这个单位，可能是链接有误。")
        memory = read_memory(self._db, owner, side) if owner else {}
        guess = guess_columns(workbook.sheets[place], only, memory)
        if guess.header_row < 0:
            raise RefusedError(missing_sentence(workbook.sheets[place], guess) or "没有找到表头。")
        values = {
            "state": UPLOADED, "file_name": file_name, "digest": digest_of(path), "options": {}, "counts": {},
            "account_key": viewer.account_key, "organisation_key": owner,
        }  # fmt: skip
        with transaction(self._db):
            key = insert_run(self._db, side, Chosen(workbook, place, guess).values() | values | {"kind": str(side)})
            keep_file(self._settings, key, path, workbook)
            record_action(self._db, viewer, "import.uploaded", "import", key, 文件=file_name)
        return key

    def columns_page(self, viewer: Viewer, key: int, choice: ColumnChoice | None = None) -> ColumnsPage:
        """Return how the columns are understood; ``choice`` looks at another sheet, list or header row."""
        run = self._find(viewer, key, EDITABLE)
        chosen = understood(self._db, run, read_kept(self._settings, run), choice)
        workbook, sheet, guess = chosen.workbook, chosen.sheet, chosen.guess
        allowed = tuple(side for side in guess.sides if side in sides_of(viewer)) or (guess.side,)
        return ColumnsPage(
            run=run_view(self._db, run),
            sheets=tuple(SheetView(at, one.name, sum(map(bool, one.rows))) for at, one in enumerate(workbook.sheets)),
            sheet=chosen.place,
            side=guess.side,
            sides=allowed,
            header_row=guess.header_row,
            header_number=sheet.first_row + guess.header_row,
            headers=guess.headers,
            fields=FIELDS[guess.side],
            notices=(*workbook.notices, *guess.notices),
            missing=missing_sentence(sheet, guess, organisation_known=bool(run.organisation_key)),
            failed=failure_of(run),
            aside=chosen.filled > CHECK_AT_ONCE,
        )

    def choose_columns(self, viewer: Viewer, key: int, choice: ColumnChoice) -> int:
        """Take the columns as chosen and check every row; return 0, or for a long file the key of the job that does.

        Raises RefusedError naming the column that is missing, the field that two columns claim or that there is
        none of, the column that may not go along; or while the rows are being checked.
        """
        run = self._find(viewer, key, EDITABLE)
        chosen = understood(self._db, run, read_kept(self._settings, run), choice)
        owner = owner_of(self._db, viewer, choose_owner(viewer, chosen.guess.side, run.organisation_key))
        guess = chosen.guess
        refusal = (
            unknown_sentence(guess.side, guess.fields.values())
            or missing_sentence(chosen.sheet, guess, organisation_known=bool(owner.key))
            or doubled_sentence(guess)
            or private_sentence(guess, choice.kept or ())
        )
        if refusal:
            raise RefusedError(refusal)
        if chosen.filled > CHECK_AT_ONCE:
            return self._check_aside(viewer, run, chosen, owner)
        encoder = self._finder.encoder if self._finder else None
        rows = examine(self._db, chosen, owner=owner, terms=self._terms(), encoder=encoder)
        packed = [pack_row(key, row, self._seal) for row in rows]
        with transaction(self._db):
            meaning = encoder is not None and len(rows) <= MEANING_AT_ONCE
            self._take_columns(key, chosen, owner, CHECKED, {"meaning": meaning})
            keep_checked(self._db, key, chosen, owner, packed)
        return 0

    def annotated(self, viewer: Viewer, key: int) -> bytes:
        """Return the user's own workbook as xlsx with a column 问题 that says what is wrong in each row.

        Raises ForbiddenError for everyone but who uploaded it and its organisation: it holds contacts in full.
        """
        if not is_own(viewer, find_run(self._db, viewer, key)):
            raise ForbiddenError("原文件可能含有受保护的联系方式，只有上传人和所属单位可以下载；请在网页上查看各行。")
        run = self._find(viewer, key, (CHECKED, SETTLING, IMPORTING, DONE))
        chosen = understood(self._db, run, read_kept(self._settings, run))
        rows = [unpack_row(row) for row in load_import_rows(self._db, key)]
        return annotate_workbook(kept_file(self._settings, run), chosen.workbook, chosen.place, chosen.guess, rows)

    def _check_aside(self, viewer: Viewer, run: RunRow, chosen: Chosen, owner: Owner) -> int:
        """Let a job check the rows; return its key."""
        db = self._db
        with transaction(db):
            self._take_columns(run.key, chosen, owner, CHECKING, {"meaning": False})
            replace_rows(db, run.key, [])
            title = f"检查{SIDE_NAMES[chosen.guess.side]}清单“{run.file_name}”"
            job = start_job(
                db, "check_rows", title=title, arguments={"import_key": run.key}, viewer=viewer,
                link=f"/imports/{run.key}",
            )  # fmt: skip
            update_run(db, run.key, job_key=job)
        queue_job(self._settings, job)
        return job

    def _take_columns(self, key: int, chosen: Chosen, owner: Owner, state: str, options: dict[str, Any]) -> None:
        """Keep the columns of a run and move it on, inside a transaction."""
        if not move_run(self._db, key, EDITABLE, state):
            raise StaleError("这次导入已在检查，或已被确认、放弃，没有改动。")
        update_run(self._db, key, **chosen.values(), organisation_key=owner.key, options=options, counts={})

    @property
    def _db(self) -> Database:
        return self._keeper.db

    def _terms(self) -> Terms:
        return load_book(self._db, self._settings)

    def _seal(self, text: str) -> str:
        return self._contacts.seal_cell(text)[1]

    def _run(self, viewer: Viewer, key: int) -> RunRow:
        """Return an import the viewer may see, as it stands."""
        return given_back(self._db, find_run(self._db, viewer, key))

    def _find(self, viewer: Viewer, key: int, states: tuple[str, ...]) -> RunRow:
        """Return an import the viewer may see that is in one of some states."""
        run = self._run(viewer, key)
        if run.state not in states:
            raise RefusedError(f"这次导入{RUN_STATES[run.state]}，不能再做这一步。")
        return run


def is_own(viewer: Viewer, run: RunRow) -> bool:
    """Whether the viewer uploaded an import or belongs to its organisation."""
    return run.account_key == viewer.account_key or viewer.owns(run.organisation_key)
