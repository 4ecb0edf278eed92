"""Documents that the year asks for, as applicants attach them; read by them, the organisers and the case's experts."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.access import EXPERT, REVIEWER, Viewer
from marketplace.audit import record_action
from marketplace.benchmarks.sheet import Sheet
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, ForbiddenError, NotFoundError, RefusedError
from marketplace.exporting import OutputFile
from marketplace.followup.attachments import (
    MEDIA_TYPES,
    Upload,
    check_uploads,
    keep_attachment,
    read_attachment,
)
from marketplace.records import Fault, mask_personal
from marketplace.selection.cases import NO_CASE, SUBJECT, Case, find_case
from marketplace.selection.panel import may_score
from marketplace.selection.rights import Year, editable, find_open_year, require_call, require_organiser
from marketplace.selection_states import CASE_STATES, CHECKED, RETURNED
from marketplace.settings import MarketSettings
from marketplace.store import Database
from marketplace.store.benchmark_files import (
    ADDED,
    REMOVED,
    CaseFileRow,
    case_files,
    drop_case_file,
    insert_case_file,
    mark_case_file,
)
from marketplace.store.database import transaction

OTHER = "其他材料"
_GONE = "没有找到这份申报材料，可能刚刚已删除。"


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A file as it is listed."""

    key: int
    name: str
    size: int
    at: str


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document the year asks for with the files that were attached as it; ``asked`` is False for what is extra."""

    document: str
    files: tuple[DocumentFile, ...]
    asked: bool = True

    @property
    def missing(self) -> bool:
        """Whether it is asked for and nothing was attached."""
        return self.asked and not self.files


def documents_of(db: Database, sheet: Sheet, case_key: int, *, own: bool = False) -> tuple[DocumentLine, ...]:
    """Return the documents a year asks for with the files of a case as it was sent, and what else was attached.

    With ``own`` as its organisation has them, which changes those of a case sent back before it is sent again.
    """
    files: dict[str, list[DocumentFile]] = {}
    for row in _shown(case_files(db, case_key), own=own):
        document = row.document if row.document in sheet.documents else OTHER
        files.setdefault(document, []).append(DocumentFile(row.key, mask_personal(row.name), row.size, row.at))
    lines = [DocumentLine(one, tuple(files.get(one, ()))) for one in sheet.documents]
    return (*lines, *([DocumentLine(OTHER, tuple(files[OTHER]), asked=False)] if OTHER in files else ()))


class DocumentBook:
    """Attaching, taking off and reading documents; every method takes the viewer first."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings

    def attach(self, viewer: Viewer, key: int, document: str, uploads: Sequence[Upload]) -> int:
        """Keep files as one of the documents of the own case; return how many are new. The same content is kept once.

        Raises FaultyError naming every file that is not taken and why, RefusedError once the case is under way.
        """
        db = self._keeper.db
        year, _ = self._open(db, viewer, key)
        files, faults = check_uploads(uploads, len(_shown(case_files(db, key), own=True)))
        if not uploads:
            faults.append(Fault("files", "附件", "", "“附件”：没有选择文件。"))
        if document not in (*year.sheet.documents, OTHER):
            allowed = "、".join((*year.sheet.documents, OTHER))
            told = f"“材料”：发现“{document[:20]}”；应为：{allowed}之一。"
            faults.append(Fault("document", "材料", document[:20], told))
        if faults:
            raise FaultyError(f"没有上传材料：有 {len(faults)} 处需要改正。", faults)
        for one in files:
            keep_attachment(self._settings, one)
        with transaction(db):
            # Looked at once more: it may have been sent meanwhile, or the same form pressed twice.
            _, returned = self._open(db, viewer, key)
            rows = _shown(case_files(db, key), own=True)
            known = {(one.document, one.digest) for one in rows}
            fresh = [one for one in files if (document, one.digest) not in known]
            _, faults = check_uploads(uploads, len(rows)) if fresh else ([], [])
            if faults:
                raise FaultyError(f"没有上传材料：有 {len(faults)} 处需要改正。", faults)
            for one in fresh:
                own = {"document": document, "account_key": viewer.account_key, "pending": ADDED if returned else ""}
                _put(db, year.number, key, one.columns() | own)
            if fresh:
                names = "、".join(one.name for one in fresh)[:200]
                record_action(db, viewer, "benchmark.document_added", SUBJECT, key, 材料=document, 附件=names)
        return len(fresh)

    def remove(self, viewer: Viewer, key: int, file_key: int) -> None:
        """Take a file off the own case; raises NotFoundError when it is gone, RefusedError once it is under way."""
        db = self._keeper.db
        with transaction(db):
            _, returned = self._open(db, viewer, key)
            row = _find(db, key, file_key, own=True)
            if returned and row.pending != ADDED:
                # The organisers keep what was sent until it is sent again.
                mark_case_file(db, file_key, REMOVED)
            else:
                drop_case_file(db, file_key)
            record_action(
                db, viewer, "benchmark.document_removed", SUBJECT, key, 材料=row.document, 附件=row.name[:200]
            )

    def file(self, viewer: Viewer, key: int, file_key: int) -> OutputFile:
        """Return a document; raises NotFoundError for all but the applicant, organisers and the case's experts."""
        db = self._keeper.db
        case = find_case(db, key)
        if not _may_read(db, viewer, case):
            raise NotFoundError(NO_CASE)
        row = _find(db, key, file_key, own=viewer.owns(case.row.organisation_key))
        content, ending = read_attachment(self._settings, row.stored_as, row.name), row.stored_as.rpartition(".")[2]
        media, name = MEDIA_TYPES.get(ending, "application/octet-stream"), mask_personal(row.name)
        return OutputFile(name, f"document-{row.key}.{ending}", media, io.BytesIO(content), len(content))

    def _open(self, db: Database, viewer: Viewer, key: int) -> tuple[Year, bool]:
        """Return the year of the own case while documents may still come and go, and whether it was sent back."""
        case = find_case(db, key)
        if not viewer.owns(case.row.organisation_key):
            raise NotFoundError(NO_CASE)
        year = find_open_year(db, case.row.year)
        if not editable(year, case.row.state):
            raise RefusedError(f"这个申报现在是“{CASE_STATES[case.row.state]}”，材料不能再改；没有改动。")
        returned = case.row.state == RETURNED
        require_call(year, returned=returned)
        return year, returned


def _shown(rows: Iterable[CaseFileRow], *, own: bool) -> list[CaseFileRow]:
    """Return the files of a case as its organisation has them, or as they were sent."""
    hidden = REMOVED if own else ADDED
    return [one for one in rows if one.pending != hidden]


def _find(db: Database, key: int, file_key: int, *, own: bool) -> CaseFileRow:
    row = next((one for one in _shown(case_files(db, key), own=own) if one.key == file_key), None)
    if row is None:
        raise NotFoundError(_GONE)
    return row


def _put(db: Database, year: int, key: int, columns: Mapping[str, Any]) -> None:
    """Add a file, or let one stay that was sent and taken off since."""
    same = (columns["document"], columns["digest"])
    kept = next((one for one in case_files(db, key) if (one.document, one.digest) == same), None)
    if kept is None:
        insert_case_file(db, year, key, columns)
    else:
        mark_case_file(db, kept.key, "")


def _may_read(db: Database, viewer: Viewer, case: Case) -> bool:
    if viewer.owns(case.row.organisation_key):
        return True
    if viewer.has(EXPERT) and case.row.state == CHECKED and may_score(db, viewer, case):
        return True
    if not viewer.has(REVIEWER) or not case.row.sent:
        return False
    try:
        require_organiser(db, viewer, case.row.year)
    except ForbiddenError:
        return False
    return True
