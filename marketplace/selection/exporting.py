"""Scores and results of a year as files: JSON that can be recomputed, csv and workbook to read, certificates."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from marketplace.access import AUDITOR, Viewer
from marketplace.audit import record_action
from marketplace.benchmarks.sheet import sheet_of
from marketplace.benchmarks.tally import OUTCOMES
from marketplace.desk import DeskKeeper
from marketplace.errors import NotFoundError
from marketplace.exporting import OutputFile
from marketplace.exporting.sheets import body_cell, header_cell, saved
from marketplace.records.written import guard_formula
from marketplace.selection.cases import code_of
from marketplace.selection.record import record_of
from marketplace.selection.rights import find_open_year, require_no_expert, require_organiser, require_state
from marketplace.selection_states import FROZEN, NOTICE, RANKED
from marketplace.store.benchmark_years import load_result
from marketplace.store.database import transaction

JSON, CSV = "application/json; charset=utf-8", "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CASE, ROUND, EXPERT = "案例编号", "轮次", "评审号"
KINDS = ("json", "csv", "xlsx")
_CERTIFICATE = ("证书编号", "年度", "案例名称", "需求单位", "能力单位", "领域", "城市", "名次", "得分")
Row = Sequence[str | int]


class ScoreOutputs:
    """Files of a year's scores and of its result."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def scores(self, viewer: Viewer, year: int, kind: str) -> OutputFile:
        """Return all marks with what follows from them, for organisers and auditors, once the scoring has ended.

        Raises NotFoundError for an unknown kind, ForbiddenError for an expert of the year until the result is frozen;
        each export is on record.
        """
        db = self._keeper.db
        if kind not in KINDS:
            raise NotFoundError("没有这种格式；可选：json、csv、xlsx。")
        found = find_open_year(db, year)
        if not viewer.has(AUDITOR):
            require_organiser(db, viewer, year)
        elif found.row.state != FROZEN:
            require_no_expert(db, viewer, year)
        require_state(found, RANKED, NOTICE, FROZEN)
        frozen = load_result(db, year)
        record = json.loads(frozen.content) if frozen else record_of(db, found)
        with transaction(db):
            record_action(db, viewer, "benchmark.exported", "benchmark", year, 格式=kind)
        name = f"{year}年度标杆评分"
        if kind == "json":
            return _file(name, f"benchmark-{year}-scores", kind, JSON, _text(record).encode())
        if kind == "csv":
            return _file(name, f"benchmark-{year}-scores", kind, CSV, marks_csv(record))
        return _file(name, f"benchmark-{year}-scores", kind, XLSX, _scores_workbook(record))

    def record(self, year: int) -> OutputFile:
        """Return the frozen record exactly as it was hashed, for everyone."""
        row = load_result(self._keeper.db, year)
        if row is None:
            raise NotFoundError(f"{year} 年度的结果还没有公布。")
        return _file(f"{year}年度标杆结果", f"benchmark-{year}", "json", JSON, row.content.encode())

    def certificates(self, viewer: Viewer, year: int) -> OutputFile:
        """Return the list from which certificates are printed; raises NotFoundError before the result is frozen."""
        db = self._keeper.db
        require_organiser(db, viewer, year)
        row = load_result(db, year)
        if row is None:
            raise NotFoundError(f"{year} 年度的结果还没有公布。")
        content = certificate_workbook(json.loads(row.content))
        return _file(f"{year}年度标杆证书名单", f"benchmark-{year}-certificates", "xlsx", XLSX, content)


def marks_csv(record: dict[str, Any]) -> bytes:
    """Return the marks of a record as comma-separated text."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    header, rows = _marks(record)
    writer.writerow(header)
    writer.writerows([guard_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def certificate_workbook(record: dict[str, Any]) -> bytes:
    """Return one line for each benchmark chosen."""
    cases, year = {one["number"]: one for one in record["cases"]}, record["year"]
    rows = []
    for one in record["result"]:
        if one["outcome"] == "selected":
            case = cases[one["case"]]
            rows.append((f"CJBG-{code_of(year, one['case'])}", year, case["title"], case["need"], case["offer"],
                         case["domain"], case["city"], one["rank"], one["total"]))  # fmt: skip
    return _book({"证书名单": (_CERTIFICATE, rows)})


def _marks(record: dict[str, Any]) -> tuple[Row, list[Row]]:
    criteria = record["sheet"]["criteria"]
    header = (CASE, ROUND, EXPERT, *(one["label"] for one in criteria))
    rows: list[Row] = [
        (code_of(record["year"], one["case"]), one["round"], one["expert"],
         *(one["scores"][criterion["code"]] for criterion in criteria))
        for one in record["marks"]
    ]  # fmt: skip
    return header, rows


def _scores_workbook(record: dict[str, Any]) -> bytes:
    criteria = record["sheet"]["criteria"]
    header = (
        "名次",
        CASE,
        "案例名称",
        "领域",
        "得分",
        *(one["label"] for one in criteria),
        "分差",
        "去掉的评审号",
        "结果",
    )
    result: list[Row] = [
        (one["rank"], code_of(record["year"], one["case"]), one["title"], one["domain"], one["total"],
         *(one["means"][criterion["code"]] for criterion in criteria), one["spread"],
         "、".join(map(str, one["dropped"])), OUTCOMES[one["outcome"]])
        for one in record["result"]
    ]  # fmt: skip
    sheet = sheet_of(record["sheet"])
    rules: list[Row] = [(one.label, one.weight, *one.bands) for one in sheet.criteria]
    bands = ("指标", "权重（%）", *(f"{low} 分起" for low in sheet.limits))
    return _book({"结果": (header, result), "评分": _marks(record), "评分标准": (bands, rules)})


def _book(sheets: dict[str, tuple[Row, Sequence[Row]]]) -> bytes:
    book = Workbook(write_only=True)
    for title, (header, rows) in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for place in range(len(header)):
            sheet.column_dimensions[chr(ord("A") + place)].width = 30 if "名称" in str(header[place]) else 16
        sheet.append([header_cell(sheet, str(text)) for text in header])
        for row in rows:
            sheet.append([body_cell(sheet, value) for value in row])
    return saved(book)


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def _file(name: str, plain: str, kind: str, media: str, content: bytes) -> OutputFile:
    return OutputFile(f"{name}.{kind}", f"{plain}.{kind}", media, io.BytesIO(content), len(content))
