"""The import of a workbook from the command line: checked whole, told row by row, then written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marketplace.access import OPERATOR
from marketplace.audit import record_action
from marketplace.contacts import ContactBook
from marketplace.desk import DeskKeeper
from marketplace.errors import RefusedError
from marketplace.imports.choosing import Chosen
from marketplace.imports.files import digest_of, keep_file
from marketplace.imports.intake import Owner, examine
from marketplace.imports.job import import_rows
from marketplace.imports.packing import pack_row
from marketplace.imports.pages import ADDED, CHANGED, IMPORTING, PASSED, PUBLISH, UNCHANGED
from marketplace.jobs import JobContext
from marketplace.records import SIDE_NAMES
from marketplace.store.database import transaction
from marketplace.store.imports import find_broken_run, insert_run, load_import_rows, replace_rows
from marketplace.terms import load_book
from marketplace.workbooks import Workbook, read_workbook
from marketplace.workbooks.checking import BAD, GOOD, SKIPPED, TWIN, CheckedRow
from marketplace.workbooks.columns import ColumnGuess, choose_sheet, guess_columns
from marketplace.workbooks.refusals import doubled_sentence, missing_sentence
from marketplace.workbooks.twins import KEEP, SKIP
from matching import Side

if TYPE_CHECKING:
    from marketplace.commands import Workshop

_EXCHANGE = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, slots=True)
class WorkbookOptions:
    """What the command line says about a workbook; ``sheet`` is a name or a number from 1."""

    side: Side | None = None
    sheet: str = ""
    good_rows: bool = False
    keep_twins: bool = False


@dataclass(slots=True)
class _ToldContext(JobContext):
    """A job run here and now, whose progress goes to the terminal."""

    tell: Callable[[int, int, str], None] = field(default=lambda done, total, message: None)

    def say(self, done: int, total: int, message: str) -> None:
        """Tell how far the import is."""
        self.tell(done, total, message)


def is_exchange_file(path: Path) -> bool:
    """Whether a file is JSON Lines by its name or first sign; a file that is not there counts as one."""
    if path.suffix.lower() in _EXCHANGE or not path.is_file():
        return True
    with path.open("rb") as file:
        return file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def take_workbook(workshop: Workshop, path: Path, options: WorkbookOptions) -> int:
    """Import a workbook as the operator; return 0.

    Raises RefusedError before anything is written when the columns or, without ``good_rows``, a row are
    faulty. Rows that resemble others are listed and left out unless ``keep_twins``.
    """
    say = workshop.say
    workbook = read_workbook(path, path.name)
    broken = find_broken_run(workshop.db, digest_of(path))
    if broken is not None:
        say("提示：这个文件上次没有导入完，从停下的地方继续。")
        _write(workshop, broken.key, broken.side)
        return 0
    place, guess = _columns(workbook, path, options)
    for notice in (*workbook.notices, *guess.notices):
        say("提示：" + notice)
    terms = load_book(workshop.db, workshop.settings)
    chosen = Chosen(workbook, place, guess)
    rows = examine(workshop.db, chosen, owner=Owner(sees_all=True), terms=terms)
    _tell_rows(rows, say, options)
    bad = sum(row.state == BAD for row in rows)
    if bad and not options.good_rows:
        raise RefusedError(
            f"{path.name}：{bad} 行有问题，没有写入任何数据；请改正后再导入，或加 --good-rows 只导入没有问题的行。"
        )
    if not any(row.state == GOOD or (row.state == TWIN and options.keep_twins) for row in rows):
        raise RefusedError(f"{path.name}：没有可以导入的行，没有写入任何数据。")
    key = _store(workshop, path, chosen, rows, options)
    _write(workshop, key, guess.side)
    return 0


def _columns(workbook: Workbook, path: Path, options: WorkbookOptions) -> tuple[int, ColumnGuess]:
    names = [sheet.name for sheet in workbook.sheets]
    if not options.sheet:
        place, guess = choose_sheet(workbook, options.side)
        others = [name for at, name in enumerate(names) if at != place]
        if others:
            shown = "、".join(f"“{name}”" for name in others)
            notice = f"文件有 {len(names)} 张表，只导入“{names[place]}”；其余（{shown}）请用 --sheet 指明后另行导入。"
            guess = _with_notice(guess, notice)
    else:
        place = _place_of(names, options.sheet, path)
        guess = guess_columns(workbook.sheets[place], options.side)
    sheet = workbook.sheets[place]
    refusal = missing_sentence(sheet, guess) or doubled_sentence(guess)
    if refusal:
        raise RefusedError(f"{path.name}：{refusal}没有写入任何数据。")
    if options.side is None and len(guess.sides) > 1:
        raise RefusedError(
            f"{path.name}：从表头看不出是场景机会还是场景能力；请用 --kind opportunities 或 --kind capabilities 指明。"
        )
    return place, guess


def _place_of(names: Sequence[str], wanted: str, path: Path) -> int:
    if wanted in names:
        return names.index(wanted)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    raise RefusedError(f"{path.name}：没有名为“{wanted}”的工作表；有：{'、'.join(names)}。")


def _with_notice(guess: ColumnGuess, notice: str) -> ColumnGuess:
    return ColumnGuess(guess.side, guess.sides, guess.header_row, guess.headers, (*guess.notices, notice))


def _tell_rows(rows: Sequence[CheckedRow], say: Callable[[str], None], options: WorkbookOptions) -> None:
    for row in rows:
        for fault in row.blocking:
            say(f"错误：第 {row.row_number} 行 {fault.sentence}")
        if row.state == GOOD:
            for fault in row.faults:
                say(f"提示：第 {row.row_number} 行 {fault.sentence}")
        elif row.state == SKIPPED:
            say(f"提示：第 {row.row_number} 行未作为条目：{row.reason}")
        elif row.state == TWIN:
            twin = row.twins[0]
            where = f"第 {twin.row_number} 行" if twin.row_number else "库中"
            fate = "仍然导入" if options.keep_twins else "没有导入；确需都保留请加 --keep-twins"
            say(f"疑似重复：第 {row.row_number} 行“{row.title}”与{where}“{twin.title}”{twin.how}，{fate}")


def _store(workshop: Workshop, path: Path, chosen: Chosen, rows: Sequence[CheckedRow], options: WorkbookOptions) -> int:
    """Keep the run and its rows, so that it can be looked at and taken back like any other."""
    contacts = ContactBook(DeskKeeper(workshop.settings), workshop.settings)
    decision = KEEP if options.keep_twins else SKIP
    values = chosen.values() | {
        "state": IMPORTING, "file_name": path.name, "digest": digest_of(path), "counts": {}, "account_key": 0,
        "options": {"how": PUBLISH, "meaning": options.keep_twins}, "organisation_key": 0,
    }  # fmt: skip
    db = workshop.db
    with transaction(db):
        key = insert_run(db, chosen.guess.side, values)
        packed = (
            pack_row(key, row, lambda text: contacts.seal_cell(text)[1], decision=decision if row.state == TWIN else "")
            for row in rows
        )
        replace_rows(db, key, packed)
        keep_file(workshop.settings, key, path)
        record_action(db, OPERATOR, "import.uploaded", "import", key, 文件=path.name)
        record_action(db, OPERATOR, "import.started", "import", key, 文件=path.name, 方式="直接发布")
    return key


def _write(workshop: Workshop, key: int, side: Side) -> None:
    say = workshop.say
    bar = _Bar() if sys.stderr.isatty() else None
    tell = bar.tell if bar else lambda done, total, message: say(message)
    context = _ToldContext(workshop.db, workshop.settings, workshop, 0, {"import_key": key}, OPERATOR, tell=tell)
    counts = import_rows(context)
    if bar:
        bar.close()
    added, changed, unchanged = (counts.get(name, 0) for name in (ADDED, CHANGED, UNCHANGED))
    passed = f"，跳过 {counts[PASSED]}" if counts.get(PASSED) else ""
    say(f"{SIDE_NAMES[side]}：新增 {added}，更新 {changed}，未变 {unchanged}{passed}")
    for row in load_import_rows(workshop.db, key, states=(TWIN,)):
        twin = row.twins[0]
        say(
            f"疑似重复：第 {row.row_number} 行“{row.title}”与“{twin['title']}”{twin['how']}，没有导入；"
            "可在网页“导入”中决定，或加 --keep-twins 再次导入"
        )
    if counts.get("scored"):
        say(f"匹配已更新：重新计算 {counts['scored']} 条")


class _Bar:
    """A progress bar on the terminal."""

    def __init__(self) -> None:
        from tqdm import tqdm

        self._bar: Any = tqdm(unit="行", dynamic_ncols=True)

    def tell(self, done: int, total: int, message: str) -> None:
        """Move the bar."""
        self._bar.total = total or None
        self._bar.n = done
        self._bar.set_description_str(message.partition("：")[0])
        self._bar.refresh()

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()
