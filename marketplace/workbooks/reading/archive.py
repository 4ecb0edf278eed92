"""A zip opened with distrust: judged by its directory first, then unpacked piece by piece, never as a whole."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from marketplace.workbooks.reading.limits import (
    MAX_ENTRIES,
    MAX_PART_BYTES,
    MAX_RATIO,
    MAX_TOKEN_BYTES,
    MAX_UNPACKED_BYTES,
    RATIO_FROM_BYTES,
)
from marketplace.workbooks.reading.refusal import BOMB, DAMAGED, ENCRYPTED, SAVE_AS, Unreadable

CHUNK = 256 * 1024
# The signature of one entry in a zip's directory.
_ENTRY = b"PK\x01\x02"
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENTITIES = f"含有 XML 实体声明（疑似攻击文件），没有读取，{SAVE_AS}"


class Archive:
    """The parts of a zip by name, in lower case and with forward slashes; use as a context manager."""

    def __init__(self, path: Path) -> None:
        # The directory is built in memory by the zip module, so its length is looked at before.
        if _count_entries(path) > MAX_ENTRIES:
            raise Unreadable(f"压缩包里的条目超过 {MAX_ENTRIES:,} 个（疑似压缩炸弹），没有读取，{SAVE_AS}")
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise Unreadable(DAMAGED) from error
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self._zip.infolist():
            name = entry.filename.replace("\\", "/").lower()
            if name in self._entries:
                raise Unreadable(DAMAGED)
            self._entries[name] = entry
        _refuse_bombs(self._zip.infolist())

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    @property
    def unpacked_bytes(self) -> int:
        """How long all parts are together, as the directory declares; a part that is longer is refused."""
        return sum(entry.file_size for entry in self._entries.values())

    def names(self) -> list[str]:
        """The names of all parts, in lower case."""
        return list(self._entries)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part piece by piece, never more than its entry declares; raises Unreadable when it is damaged."""
        entry = self._entries.get(name.lower())
        if entry is None:
            raise Unreadable(DAMAGED)
        if entry.flag_bits & 0x1:
            raise Unreadable(ENCRYPTED)
        if entry.compress_type not in _METHODS:
            raise Unreadable(DAMAGED)
        try:
            with self._zip.open(entry) as part:
                while piece := part.read(CHUNK):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise Unreadable(DAMAGED) from error

    def read(self, name: str, at_most: int = MAX_PART_BYTES) -> bytes:
        """A whole part as checked XML; raises Unreadable when it is longer than `at_most` bytes or damaged."""
        return b"".join(self.xml(name, at_most=at_most))

    def xml(
        self, name: str, *, listen: Callable[[expat.XMLParserType], None] | None = None, at_most: int = MAX_PART_BYTES
    ) -> Iterator[bytes]:
        """The pieces of an XML part, each already parsed; `listen` sets the handlers of the parser.

        Raises Unreadable beyond `at_most` bytes and for anything but well-formed XML without a document type, which
        is where entities are declared.
        """
        # The readers take every part for UTF-8, whatever it declares; the check must see the same.
        parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        if listen:
            listen(parser)
        seen = 0
        try:
            for piece in self.chunks(name):
                seen += len(piece)
                if seen > at_most:
                    raise Unreadable(BOMB)
                parser.Parse(piece)
                # What is not parsed yet is one token, held in memory until it ends.
                if seen - max(parser.CurrentByteIndex, 0) > MAX_TOKEN_BYTES:
                    raise Unreadable(DAMAGED)
                yield piece
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Unreadable(DAMAGED) from error


def _count_entries(path: Path) -> int:
    """How many directory entries a file seems to have; a signature across two pieces is missed, which is no harm."""
    count = 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            count += piece.count(_ENTRY)
    return count


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    """Raise Unreadable when the directory declares more than is ever unpacked."""
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise Unreadable(BOMB)
    for entry in entries:
        if entry.file_size > RATIO_FROM_BYTES and entry.file_size > MAX_RATIO * entry.compress_size:
            raise Unreadable(BOMB)


def _refuse_doctype(*_: object) -> None:
    raise Unreadable(ENTITIES)
