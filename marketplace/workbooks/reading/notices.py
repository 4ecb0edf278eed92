"""What the user should know about a file that was read, as Chinese sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

MACROS = "文件含宏，宏没有运行也没有保留。"
LINKS = "文件引用了其他文件，没有打开，引用处按已存的值读取。"

_SUFFIXES = {
    "xlsx": {".xlsx", ".xlsm", ".xltx", ".xltm"},
    "xls": {".xls", ".xlt", ".et", ".ett"},
    "csv": {".csv", ".tsv", ".txt"},
    "docx": {".docx", ".docm", ".dotx", ".dotm"},
    "jsonl": {".jsonl", ".ndjson", ".json", ".txt"},
}
_TITLES = {"xlsx": "xlsx", "xls": "旧版 xls", "csv": "文本表格（csv）", "docx": "docx", "jsonl": "JSON Lines"}


def about_name(name: str, kind: str) -> list[str]:
    """A sentence when the ending of the file's name does not fit what the file is."""
    suffix = PurePath(name).suffix.lower()
    if not suffix or suffix in _SUFFIXES[kind]:
        return []
    return [f"文件名为 {suffix}，实为{'' if kind == 'xls' else ' '}{_TITLES[kind]}，已按内容读取。"]


def about_formulas(count: int, programs: int, uncached: int, names: Sequence[str]) -> list[str]:
    """Sentences on formulas: how many, which would start programs, which have no stored value."""
    said = []
    if count:
        said.append(f"{count} 个单元格是公式，按其显示的值读取。")
    if programs:
        said.append(f"{programs} 个单元格的公式会启动外部程序，没有运行也没有保留，只取其显示的值，请核实文件来源。")
    if uncached:
        places = "、".join(names) + ("等" if uncached > len(names) else "")
        said.append(f"{uncached} 个单元格的公式没有存下结果，按空白读取（{places}），请用 WPS 打开保存后再上传。")
    return said


def about_hidden(names: Sequence[str]) -> list[str]:
    """A sentence naming the hidden sheets, which are skipped."""
    return [f"{len(names)} 个隐藏的工作表没有读取：{'、'.join(names)}。"] if names else []
