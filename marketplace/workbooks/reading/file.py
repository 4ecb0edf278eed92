"""The way in: what a file is, which reader takes it, and the refusal in words the user can act on."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from marketplace.workbooks.reading import notices
from marketplace.workbooks.reading.archive import Archive
from marketplace.workbooks.reading.delimited import decode, read_delimited, split_lines
from marketplace.workbooks.reading.docx import DOCUMENT, read_docx
from marketplace.workbooks.reading.json_lines import read_json_lines
from marketplace.workbooks.reading.limits import MAX_FILE_BYTES, MIB
from marketplace.workbooks.reading.refusal import DAMAGED, SAVE_AS, FileRefusedError, Unreadable
from marketplace.workbooks.reading.signature import Container, container_of
from marketplace.workbooks.reading.workbook import Workbook
from marketplace.workbooks.reading.xls import read_xls
from marketplace.workbooks.reading.xlsx import WORKBOOK, read_xlsx

_JSON_ARRAY = re.compile(r"\s*\[\s*[{\[]")
_HEAD = 4096
_SHOWN_NAME = 80


def read_workbook(path: Path, name: str | None = None) -> Workbook:
    """The sheets of an uploaded file, by what it is and not by what it is called; hidden and empty ones left out.

    `name` is the user's name of the file, for the sentences. Raises FileRefusedError, a sentence that says why the
    file is not read and what to do; OSError when there is no such file.
    """
    shown = "".join(letter for letter in PurePath(name or path.name).name if letter.isprintable())[-_SHOWN_NAME:]
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
    try:
        if size > MAX_FILE_BYTES:
            raise Unreadable(f"大于 {MAX_FILE_BYTES // MIB} MB，没有读取，请删去图片或分成几个文件后再上传")
        book = _read(path, head)
        if not book.sheets:
            raise Unreadable("中没有能读取的内容（隐藏的工作表不读取），请检查后再上传")
    except Unreadable as reason:
        raise FileRefusedError(f"文件“{shown}”{reason}。") from reason
    except MemoryError:
        raise
    except Exception as error:
        # Whatever a library stumbles over in a file that is not as it should be: the user gets a sentence.
        raise FileRefusedError(f"文件“{shown}”{DAMAGED}。") from error
    return Workbook(book.format, book.sheets, (*notices.about_name(shown, book.format), *book.notices))


def _read(path: Path, head: bytes) -> Workbook:
    kind = container_of(head)
    if kind is Container.ZIP:
        with Archive(path) as archive:
            return _read_archive(archive)
    if kind is Container.COMPOUND:
        return read_xls(path)
    text = decode(path.read_bytes())
    if text.lstrip().startswith("{"):
        return read_json_lines(split_lines(text))
    if _JSON_ARRAY.match(text):
        raise Unreadable("是 JSON 数组，不能读取，请改成每行一个对象（JSON Lines）后再上传")
    return read_delimited(text)


def _read_archive(archive: Archive) -> Workbook:
    if WORKBOOK in archive:
        return read_xlsx(archive)
    names = archive.names()
    if any(DOCUMENT.match(name) for name in names):
        return read_docx(archive)
    if "xl/workbook.bin" in names:
        raise Unreadable(f"是 xlsb 二进制工作簿，不能读取，{SAVE_AS}")
    if "content.xml" in names:
        raise Unreadable(f"是 OpenDocument 文件（ods 或 odt），不能读取，{SAVE_AS}")
    if "ofd.xml" in names:
        raise Unreadable("是 OFD 版式文件，不能读取，请把其中的表格录入 xlsx 后再上传")
    if "ppt/presentation.xml" in names:
        raise Unreadable("是演示文稿（pptx），不能读取，请把其中的表格录入 xlsx 后再上传")
    raise Unreadable("是压缩包，不能读取，请解压后逐个上传其中的 xlsx")
