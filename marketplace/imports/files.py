"""Uploaded files while their import is open: kept beside the database, readable by the program only."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Collection
from pathlib import Path

from marketplace.errors import NotFoundError
from marketplace.settings import MarketSettings
from marketplace.store.imports import RunRow
from marketplace.workbooks import Workbook, read_workbook

KEPT_DAYS = 30


def digest_of(path: Path) -> str:
    """Return a hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_file(settings: MarketSettings, key: int, source: Path) -> None:
    """Copy an uploaded file to its place; only the program's own user may read it."""
    folder = settings.uploads_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = _place(settings, key)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as copy, source.open("rb") as original:
        shutil.copyfileobj(original, copy)


def drop_file(settings: MarketSettings, key: int) -> None:
    """Delete a kept file; nothing happens when it is gone."""
    _place(settings, key).unlink(missing_ok=True)


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
    """Read a run's file again."""
    return read_workbook(kept_file(settings, run), run.file_name)


def _place(settings: MarketSettings, key: int) -> Path:
    return settings.uploads_dir / f"{key}.bin"
