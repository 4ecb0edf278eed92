"""Writes a list out again: exchange lines, csv, workbook or an open-data SQLite file."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from marketplace.errors import RefusedError
from marketplace.states import PUBLISHED
from marketplace.store import Database, PostingRow
from marketplace.store.opendata import write_open_data
from marketplace.store.postings import load_rows
from matching import Side, to_exchange

_COLUMNS = {
    Side.OPPORTUNITY: {
        "id": "编号", "title": "场景名称", "publisher": "发布单位", "publisher_type": "单位类型",
        "district": "所在区域", "domain": "领域", "background": "背景与问题", "requirements": "需求条目",
        "budget_wan": "预算（万元）", "deadline": "截止日期", "year": "年度",
    },
    Side.CAPABILITY: {
        "id": "编号", "title": "能力名称", "company": "企业名称", "district_or_city": "所在地", "domains": "领域",
        "summary": "能力简介", "features": "能力要点", "maturity": "技术成熟度", "cases": "案例", "year": "年度",
    },
}  # fmt: skip
_LISTING = {"batch": "批次", "index_number": "索引号", "valid_until": "有效期至", "last_confirmed": "最近确认"}


def export_list(db: Database, side: Side, kind: str, target: Path) -> int:
    """Write the public postings of a list to ``target``; return how many.

    Raises RefusedError when the folder does not exist or the target is one.
    """
    if not target.parent.is_dir():
        raise RefusedError(f"文件夹 {target.parent} 不存在；没有导出。")
    if target.is_dir():
        raise RefusedError(f"{target} 是文件夹，应为文件名；没有导出。")
    records = [_public(row) for row in load_rows(db, side=side)]
    writer: Callable[[list[dict[str, Any]], Side, Path], None] = {
        "jsonl": _jsonl, "csv": _csv, "xlsx": _xlsx, "sqlite": write_open_data,
    }[kind]  # fmt: skip
    aside = target.with_name(target.name + ".new")
    aside.unlink(missing_ok=True)
    writer(records, side, aside)
    os.replace(aside, target)
    return len(records)


def _public(row: PostingRow) -> dict[str, Any]:
    """Return the exchange object of a posting with the state it has now, not the one it came with."""
    raw = to_exchange(row.posting)
    return raw if raw.get("state", PUBLISHED) == row.state else raw | {"state": row.state}


def _jsonl(records: list[dict[str, Any]], _: Side, target: Path) -> None:
    target.write_text("".join(json.dumps(raw, ensure_ascii=False) + "\n" for raw in records), encoding="utf-8")


def _table(records: list[dict[str, Any]], side: Side) -> tuple[list[str], list[list[Any]]]:
    columns = _COLUMNS[side] | _LISTING
    rows = [[_cell(raw.get(key)) for key in columns] for raw in records]
    return list(columns.values()), rows


def _cell(value: Any) -> Any:
    return "\n".join(value) if isinstance(value, list | tuple) else value


def _csv(records: list[dict[str, Any]], side: Side, target: Path) -> None:
    header, rows = _table(records, side)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    # The byte order mark is what makes Excel and WPS read the file as UTF-8.
    target.write_text(stream.getvalue(), encoding="utf-8-sig", newline="")


def _harmless(cell: Any) -> Any:
    """Keep a spreadsheet from running text that begins like a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell


def _xlsx(records: list[dict[str, Any]], side: Side, target: Path) -> None:
    header, rows = _table(records, side)
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "场景机会" if side is Side.OPPORTUNITY else "场景能力"
    for number, line in enumerate([header, *rows], 1):
        for column, value in enumerate(line, 1):
            cell = sheet.cell(row=number, column=column, value=value)
            if isinstance(value, str):
                # Text stays text, even when it begins with an equals sign.
                cell.data_type = "s"
    sheet.freeze_panes = "A2"
    book.save(target)
