"""OLE2, the container of old Office files: checked before it is opened, one stream taken out, written anew."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import olefile

from marketplace.workbooks.reading.limits import MAX_FILE_BYTES
from marketplace.workbooks.reading.refusal import DAMAGED, ENCRYPTED, SAVE_AS, Unreadable

_SECTOR = 4096
_PER_SECTOR = _SECTOR // 4
_HEADER_LISTED = 109
_FREE, _END, _TABLE, _NOBODY = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_ROOT, _STREAM = 5, 2


def read_compound(path: Path) -> tuple[str, bytes, bool]:
    """Name and content of the stream with an old workbook, and whether there are macros.

    Raises Unreadable for a file with a password, for another old Office file and for a damaged one.
    """
    _check_header(path)
    try:
        with olefile.OleFileIO(str(path)) as ole:
            streams = {"/".join(parts).lower() for parts in ole.listdir(storages=True)}
            if "encryptedpackage" in streams:
                raise Unreadable(ENCRYPTED)
            name = next((name for name in ("Workbook", "Book") if name.lower() in streams), None)
            if name is None:
                raise Unreadable(_what(streams))
            macros = any("vba_project" in stream for stream in streams)
            return name, ole.openstream(name).read(MAX_FILE_BYTES), macros
    except (OSError, ValueError, IndexError, KeyError, TypeError, struct.error, RecursionError) as error:
        raise Unreadable(DAMAGED) from error


def _check_header(path: Path) -> None:
    """Refuse sector tables longer than the file, which would be gathered without end."""
    with path.open("rb") as file:
        header = file.read(512)
    if len(header) < 512:
        raise Unreadable(DAMAGED)
    shift, tables = struct.unpack_from("<H", header, 30)[0], struct.unpack_from("<I", header, 44)[0]
    if shift not in (9, 12) or tables << shift > path.stat().st_size:
        raise Unreadable(DAMAGED)


def _what(streams: set[str]) -> str:
    if "worddocument" in streams:
        return "是旧版 Word（doc）或 WPS 文字文件，不能读取，请另存为 docx，或把表格另存为 xlsx 后再上传"
    if "powerpoint document" in streams:
        return "是旧版演示文稿（ppt），不能读取，请把其中的表格录入 xlsx 后再上传"
    return f"是旧版 Office 文件，但其中没有工作表，{SAVE_AS}"


def write_compound(name: str, content: bytes) -> io.BytesIO:
    """A plain OLE2 file with one stream, padded with zeros to whole sectors of 4096 bytes."""
    data = -(-len(content) // _SECTOR) or 1
    tables = 1
    while tables * _PER_SECTOR < tables + 2 + data:
        tables += 1
    if tables > _HEADER_LISTED:
        raise Unreadable(DAMAGED)
    # Sectors: the tables, the directory, one for small streams, which calamine wants to see, and the stream.
    small, first = tables + 1, tables + 2
    table = [_TABLE] * tables + [_END, _END] + [first + n + 1 for n in range(data - 1)] + [_END]
    table += [_FREE] * (tables * _PER_SECTOR - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 4, 0xFFFE, 12, 6)
    header += struct.pack("<IIIIIIIII", 1, tables, tables, 0, _SECTOR, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(tables), *[_FREE] * (_HEADER_LISTED - tables))
    file = io.BytesIO()
    file.write(header.ljust(_SECTOR, b"\0"))
    file.write(struct.pack(f"<{len(table)}I", *table))
    directory = _entry("Root Entry", _ROOT, child=1, start=small, length=0)
    directory += _entry(name, _STREAM, child=_NOBODY, start=first, length=data * _SECTOR)
    file.write(directory.ljust(_SECTOR, b"\0"))
    file.write(bytes(_SECTOR))
    file.write(content.ljust(data * _SECTOR, b"\0"))
    file.seek(0)
    return file


def _entry(name: str, kind: int, *, child: int, start: int, length: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    links = struct.pack("<HBBIII", len(encoded), kind, 1, _NOBODY, _NOBODY, child)
    return encoded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, length)
