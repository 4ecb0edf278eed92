"""Files attached to a pairing: told by their first bytes, kept by digest, read by those it concerns."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
import time
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from marketplace.errors import NotFoundError, RefusedError
from marketplace.records import Fault
from marketplace.settings import MarketSettings

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_FILES = 30
MAX_NAME = 80
_MAX_PARTS = 5000
_DAY_S = 86_400
# Ending, media type; an Office file is a zip that holds one of these parts.
_PLAIN = ((b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))
_PARTS = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("ppt/presentation.xml", "pptx"),
    ("OFD.xml", "ofd"),
)
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ofd": "application/ofd",
}
ALLOWED = "PDF、OFD、Word（docx）、Excel（xlsx）、PPT（pptx）或 PNG、JPG 图片，每个不超过 20 MB"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that may be kept: its name with the ending of what it really is, its digest, its content."""

    name: str
    ending: str
    digest: str
    content: bytes

    @property
    def stored_as(self) -> str:
        """Its place in the folder of attachments."""
        return f"{self.digest[:2]}/{self.digest}.{self.ending}"

    def columns(self) -> dict[str, str | int]:
        """What the store keeps of it."""
        return {"name": self.name, "size": len(self.content), "digest": self.digest, "stored_as": self.stored_as}


def check_uploads(uploads: Sequence[Upload], already: int = 0) -> tuple[list[Attachment], list[Fault]]:
    """Return the files that may be kept, each once, and what is wrong with the others."""
    kept: dict[str, Attachment] = {}
    faults = []
    for upload in uploads:
        try:
            one = _look_at(upload)
        except RefusedError as refusal:
            faults.append(Fault("files", "附件", upload.name[:MAX_NAME], str(refusal)))
        else:
            kept.setdefault(one.digest, one)
    if already + len(kept) > MAX_FILES:
        sentence = f"“附件”：已有 {already} 个，再加 {len(kept)} 个超过了上限 {MAX_FILES} 个。"
        faults.append(Fault("files", "附件", str(already + len(kept)), sentence))
    return list(kept.values()), faults


def keep_attachment(settings: MarketSettings, one: Attachment) -> None:
    """Write a file to its place, whole or not at all; only the program's own user may read it."""
    place = settings.attachments_dir / one.stored_as
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if place.is_file() and place.stat().st_size == len(one.content):
        # A file just kept must not be swept away for its age.
        os.utime(place)
        return
    handle, aside = tempfile.mkstemp(prefix="new-", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(one.content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, place)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        raise


def read_attachment(settings: MarketSettings, stored_as: str, name: str) -> bytes:
    """Return the content of a kept file; raises NotFoundError when it is gone."""
    try:
        return (settings.attachments_dir / stored_as).read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"附件“{name}”的文件已不在；请联系系统管理员从备份恢复。") from None


def sweep_attachments(settings: MarketSettings, known: Collection[str]) -> int:
    """Delete files older than a day that no pairing knows, left by what was not finished; return how many."""
    if not settings.attachments_dir.is_dir():
        return 0
    limit, swept = time.time() - _DAY_S, 0
    for path in settings.attachments_dir.glob("*/*"):
        if path.relative_to(settings.attachments_dir).as_posix() not in known and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def missing_attachments(settings: MarketSettings, known: dict[str, int]) -> list[str]:
    """Return a sentence for every kept file that is gone or not of its size."""
    faults = []
    for stored_as, size in sorted(known.items()):
        path: Path = settings.attachments_dir / stored_as
        if not path.is_file():
            faults.append(f"对接附件 {stored_as} 的文件不在；请从备份恢复")
        elif path.stat().st_size != size:
            faults.append(f"对接附件 {stored_as} 的大小与登记的不一致")
    return faults


def _look_at(upload: Upload) -> Attachment:
    name = PurePath(upload.name.replace("\\", "/")).name
    name = "".join(one for one in name if one.isprintable()).strip() or "附件"
    if not upload.content:
        raise RefusedError(f"“附件”：“{name[:MAX_NAME]}”是空文件。")
    if len(upload.content) > MAX_FILE_BYTES:
        size = f"{len(upload.content) / 1_048_576:.1f} MB"
        raise RefusedError(f"“附件”：“{name[:MAX_NAME]}”有 {size}；每个不超过 {MAX_FILE_BYTES >> 20} MB。")
    ending = _ending(upload.content)
    if not ending:
        raise RefusedError(f"“附件”：“{name[:MAX_NAME]}”的内容不是可收的文件；应为：{ALLOWED}。")
    stem = PurePath(name).stem[:MAX_NAME] or "附件"
    return Attachment(f"{stem}.{ending}", ending, hashlib.sha256(upload.content).hexdigest(), upload.content)


def _ending(content: bytes) -> str:
    """What a file is by its first bytes, empty for what is not taken; its name is never believed."""
    for start, ending in _PLAIN:
        if content.startswith(start):
            return ending
    if not content.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    # Macros do not come in under the name of a plain document.
    if len(names) > _MAX_PARTS or any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""
    return next((ending for part, ending in _PARTS if part in names), "")
