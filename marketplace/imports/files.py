"""Uploaded files and what was read in them while their import is open: beside the database, for the program only."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from marketplace.errors import NotFoundError
from marketplace.settings import MarketSettings
from marketplace.store.imports import RunRow
from marketplace.workbooks import Workbook, pack_workbook, read_workbook, unpack_workbook

KEPT_DAYS = 30


def digest_of(path: Path) -> str:
    """Return a hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_file(settings: MarketSettings, key: int, source: Path, workbook: Workbook | None = None) -> None:
    """Copy an uploaded file to its place, with what was read in it; only the program's own user may read either."""
    settings.uploads_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _copy_of(settings, key).unlink(missing_ok=True)
    with _created(_place(settings, key)) as copy, source.open("rb") as original:
        shutil.copyfileobj(original, copy)
    if workbook is not None:
        _keep_read(settings, key, workbook)


def drop_file(settings: MarketSettings, key: int) -> None:
    """Delete a kept file and what was read in it; nothing happens when they are gone."""
    _place(settings, key).unlink(missing_ok=True)
    _copy_of(settings, key).unlink(missing_ok=True)


def sweep_files(settings: MarketSettings, open_keys: Collection[int]) -> int:
    """Delete files older than 30 days whose import is not among the open ones; return how many.

    A list may hold names and numbers of people: it is not kept for longer than it is of use.
    """
    if not settings.uploads_dir.is_dir():
        return 0
    limit, swept = time.time() - KEPT_DAYS * 86_400, 0
    for path in settings.uploads_dir.iterdir():
        if path.stat().st_mtime < limit and not (path.stem.isdigit() and int(path.stem) in open_keys):
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def kept_file(settings: MarketSettings, run: RunRow) -> Path:
    """Return where a run's file lies; raises NotFoundError when it is gone."""
    path = _place(settings, run.key)
    if not path.is_file():
        raise NotFoundError(f"文件“{run.file_name}”已不在；请重新上传。")
    return path


def read_kept(settings: MarketSettings, run: RunRow) -> Workbook:
    """Return what is in a run's file: as read when it came, or read again when that was not kept."""
    path, copy = kept_file(settings, run), _copy_of(settings, run.key)
    workbook = unpack_workbook(copy.read_bytes()) if copy.is_file() else None
    if workbook is None:
        workbook = read_workbook(path, run.file_name)
        _keep_read(settings, run.key, workbook)
    return workbook


def _keep_read(settings: MarketSettings, key: int, workbook: Workbook) -> None:
    # Moved into place whole: another process may be reading it.
    aside = settings.uploads_dir / f"{key}.{os.getpid()}.{threading.get_ident()}"
    with _created(aside) as copy:
        copy.write(pack_workbook(workbook))
    aside.replace(_copy_of(settings, key))


def _created(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _place(settings: MarketSettings, key: int) -> Path:
    return settings.uploads_dir / f"{key}.bin"


def _copy_of(settings: MarketSettings, key: int) -> Path:
    return settings.uploads_dir / f"{key}.json"
