"""The refusal of a file, and the sentences that several readers share."""

from __future__ import annotations

from marketplace.errors import RefusedError
from marketplace.workbooks.reading.limits import MAX_CELLS, MAX_CHARACTERS, MAX_COLUMNS, MAX_ROWS

SAVE_AS = "请用 WPS 或 Excel 打开后另存为 xlsx 再上传"
DAMAGED = f"已损坏或不完整，读不出内容，{SAVE_AS}"
ENCRYPTED = "有密码，不能读取，请在 WPS 或 Excel 中去掉密码并保存后再上传"
BOMB = f"解压后过大（疑似压缩炸弹），没有读取，{SAVE_AS}"
TOO_MANY_CELLS = f"有内容的单元格（含合并单元格）超过 {MAX_CELLS:,} 个，没有读取，请分成几个文件上传"
TOO_MUCH_TEXT = f"文字超过 {MAX_CHARACTERS:,} 个字，没有读取，请分成几个文件上传"


class FileRefusedError(RefusedError):
    """A file that is not read; the message is one Chinese sentence with the file's name and what to do."""


class Unreadable(Exception):  # noqa: N818 - a reason to be put into words, not an error of its own
    """Why a file cannot be read, without its name, which the readers do not know."""


def too_many_rows(sheet: str) -> Unreadable:
    """The refusal of a sheet with more filled rows than are read."""
    return Unreadable(f"的“{sheet}”有内容的行超过 {MAX_ROWS:,} 行，没有读取，请分成几个文件上传")


def too_many_columns(sheet: str, where: str) -> Unreadable:
    """The refusal of a sheet with something beyond the last column that is read; `where` names the place."""
    return Unreadable(f"的“{sheet}”在{where}有内容，超过 {MAX_COLUMNS} 列，没有读取，请删去多余的列后再上传")
