"""What the forms of an import send, cleaned: the file, the columns, the decisions."""

from __future__ import annotations

import os
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from werkzeug.datastructures import FileStorage, MultiDict

from marketplace import FIELDS, BadRequestError, ColumnChoice, RefusedError
from matching import Side
from webapp.presenters.import_columns import DROPPED, KEPT, OTHER
from webapp.query_args import MAX_PAGE, clean_text, whole_number

MAX_NAME = 120


@contextmanager
def received(sent: FileStorage | None, folder: Path) -> Iterator[tuple[Path, str]]:
    """An uploaded file on disk with its name, gone again afterwards.

    Raises RefusedError when no file was chosen or it is empty.
    """
    name = clean_text(PurePath((sent.filename or "").replace("\\", "/")).name).text if sent else ""
    if sent is None or not name:
        raise RefusedError("没有选择文件；请选择要导入的清单文件。")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, place = tempfile.mkstemp(prefix="incoming-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as copy:
            sent.save(copy)
        yield Path(place), name[-MAX_NAME:]
    finally:
        Path(place).unlink(missing_ok=True)


def side_of(form: MultiDict[str, str]) -> Side | None:
    """The list chosen, None when the columns are to tell."""
    return Side(form["side"]) if form.get("side") in tuple(Side) else None


def looked_at(args: MultiDict[str, str]) -> ColumnChoice:
    """Which sheet, list and header row to look at; the row is counted as spreadsheet programs count."""
    first = whole_number(args.get("first"), default=1, low=0, high=MAX_PAGE)
    number = _number(args.get("header"))
    row = None if number is None else max(0, number - first)
    return ColumnChoice(sheet=_number(args.get("sheet")), side=side_of(args), header_row=row)


def chosen_columns(form: MultiDict[str, str]) -> ColumnChoice:
    """The columns as sent: a field, or whether the column goes along.

    Raises BadRequestError for a field that the list does not have.
    """
    sent, side = _numbered(form, "c-"), side_of(form)
    offered = {DROPPED, KEPT, OTHER, *(spec.name for spec in (FIELDS[side] if side else ()))}
    unknown = next((value for value in sent.values() if value not in offered), None)
    if unknown is not None:
        raise BadRequestError(f"没有名为“{clean_text(unknown).text[:MAX_NAME]}”的项；请从列表中选择。")
    return ColumnChoice(
        sheet=_number(form.get("sheet")),
        side=side,
        header_row=_number(form.get("header_row")),
        fields={index: "" if value in (DROPPED, KEPT) else value for index, value in sent.items()},
        kept=frozenset(index for index, value in sent.items() if value == KEPT),
    )


def decisions(form: MultiDict[str, str]) -> dict[int, str]:
    """What was decided, by position of the row."""
    return _numbered(form, "d-")


def _numbered(form: MultiDict[str, str], prefix: str) -> dict[int, str]:
    """The fields whose names are the prefix and a number, by number."""
    numbers = {name: _number(name.removeprefix(prefix)) for name in form if name.startswith(prefix)}
    return {number: form[name] for name, number in numbers.items() if number is not None}


def _number(raw: str | None) -> int | None:
    """A whole number as typed, full-width digits too; None for anything else."""
    found = whole_number(unicodedata.normalize("NFKC", raw or ""), default=-1, low=0, high=MAX_PAGE)
    return found if found >= 0 else None
