"""What a file is by its first bytes; its name is never trusted."""

from __future__ import annotations

from enum import Enum

from marketplace.workbooks.reading.refusal import SAVE_AS, Unreadable

RETYPE = "请把其中的表格录入 xlsx 后再上传"


class Container(Enum):
    """The three kinds of file that may hold a list."""

    ZIP = "zip"
    COMPOUND = "compound"
    TEXT = "text"


_CONTAINERS = ((b"PK\x03\x04", Container.ZIP), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Container.COMPOUND))
_OTHERS = (
    (b"PK\x05\x06", f"是空的压缩包，没有内容，{SAVE_AS}"),
    (b"%PDF", f"是 PDF，不能读取，{RETYPE}"),
    (b"Rar!", "是 RAR 压缩包，不能读取，请解压后上传其中的 xlsx"),
    (b"7z\xbc\xaf\x27\x1c", "是 7z 压缩包，不能读取，请解压后上传其中的 xlsx"),
    (b"\x1f\x8b", "是 gzip 压缩包，不能读取，请解压后上传其中的 xlsx"),
    (b"\x89PNG", f"是图片，不能读取，{RETYPE}"),
    (b"\xff\xd8\xff", f"是图片，不能读取，{RETYPE}"),
    (b"GIF8", f"是图片，不能读取，{RETYPE}"),
    (b"BM", f"是图片，不能读取，{RETYPE}"),
    (b"II*\x00", f"是图片，不能读取，{RETYPE}"),
    (b"MM\x00*", f"是图片，不能读取，{RETYPE}"),
    (b"{\\rtf", f"是 RTF 文档，不能读取，{SAVE_AS}"),
    (b"<", f"是网页或 XML 文件，不能读取，{SAVE_AS}"),
    (b"MIME-Version:", f"是网页文件，不能读取，{SAVE_AS}"),
    (b"MZ", f"是程序，不能读取，{SAVE_AS}"),
    (b"\x7fELF", f"是程序，不能读取，{SAVE_AS}"),
)
# Two letters are too few to tell a picture or a program from a list that begins with them.
_SHORT = {b"BM", b"MZ"}


def container_of(head: bytes) -> Container:
    """The kind of file its first bytes show; raises Unreadable, saying what it is, for one that is not read."""
    for start, container in _CONTAINERS:
        if head.startswith(start):
            return container
    begun = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not begun:
        raise Unreadable("是空的，没有内容，请检查后再上传")
    for start, reason in _OTHERS:
        if (head if b"\x00" in start else begun).startswith(start) and (start not in _SHORT or b"\x00" in head):
            raise Unreadable(reason)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        raise Unreadable(f"是图片，不能读取，{RETYPE}")
    return Container.TEXT
