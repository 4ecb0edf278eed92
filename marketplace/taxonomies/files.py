"""Reads the shipped lists of terms and refuses files that cannot be trusted."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from marketplace.errors import RefusedError
from marketplace.taxonomies.terms import TAXONOMIES, Term, first_fault

FOLDER = Path(__file__).resolve().parents[2] / "data" / "taxonomies"
_HEADER = ["code", "label", "parent", "valid_from", "valid_to", "verified", "note"]
_OPTIONAL = "synonyms"
_TRUTH = {"true": True, "false": False}


def read_taxonomy_files(folder: Path = FOLDER) -> dict[str, list[Term]]:
    """Return the terms of every ``*.csv`` file of ``folder`` by taxonomy, in the order of the file.

    Raises RefusedError with a sentence naming file and line for the first fault found.
    """
    if not folder.is_dir():
        raise RefusedError(f"分类表文件夹 {folder} 不存在；应为含 .csv 分类表的文件夹。")
    return {path.stem: _read(path) for path in sorted(folder.glob("*.csv"))}


def _read(path: Path) -> list[Term]:
    if path.stem not in TAXONOMIES:
        raise RefusedError(f"分类表文件 {path.name} 不认识；文件名应为：{'、'.join(TAXONOMIES)}（加 .csv）。")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        raise _refusal(path, before.count(b"\n") + 1, "不是 UTF-8 编码；应另存为 UTF-8") from error
    except OSError as error:
        raise RefusedError(f"分类表文件 {path.name} 读不出（{error.strerror}）；应为可读的文件。") from error
    reader = csv.reader(io.StringIO(text), strict=True)
    terms: list[Term] = []
    lines: list[int] = []
    try:
        header = next(reader, [])
        if header not in (_HEADER, [*_HEADER, _OPTIONAL]):
            allowed = ",".join(_HEADER)
            raise _refusal(path, 1, f"表头为“{','.join(header)}”；应为 {allowed}（末尾可加 {_OPTIONAL}）")
        for row in reader:
            if row:
                lines.append(reader.line_num)
                terms.append(_term(path, reader.line_num, dict(_pairs(path, reader.line_num, header, row)), len(lines)))
    except csv.Error as error:
        raise _refusal(path, reader.line_num, f"不是合格的 CSV（{error}）；应检查引号是否成对") from error
    fault = first_fault(terms)
    if fault:
        raise _refusal(path, lines[fault[0]], fault[1])
    return terms


def _pairs(path: Path, line: int, header: list[str], row: list[str]) -> list[tuple[str, str]]:
    if len(row) != len(header):
        raise _refusal(path, line, f"有 {len(row)} 列；应与表头一样为 {len(header)} 列")
    return list(zip(header, (cell.strip() for cell in row), strict=True))


def _term(path: Path, line: int, cells: dict[str, str], position: int) -> Term:
    if cells["verified"] not in _TRUTH:
        raise _refusal(path, line, f"verified 为“{cells['verified']}”；应为 true 或 false")
    synonyms = cells.get(_OPTIONAL, "").split(";")
    return Term(
        path.stem,
        cells["code"],
        cells["label"],
        parent=cells["parent"] or None,
        valid_from=cells["valid_from"] or None,
        valid_to=cells["valid_to"] or None,
        verified=_TRUTH[cells["verified"]],
        note=cells["note"],
        position=position,
        synonyms=tuple(synonym.strip() for synonym in synonyms if synonym.strip()),
    )


def _refusal(path: Path, line: int, fault: str) -> RefusedError:
    return RefusedError(f"分类表 {path.name} 第 {line} 行：{fault}。")
