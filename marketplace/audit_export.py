"""The audit log as a file for auditors; taking it is itself on record."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from marketplace.access import Viewer
from marketplace.audit import ACTIONS, AuditTrail, record_action
from marketplace.errors import BadRequestError
from marketplace.store.database import transaction

FORMATS = ("csv", "jsonl")
_HEADER = (
    "序号", "时间（UTC）", "操作人", "身份", "操作代码", "操作", "对象", "对象编号", "说明", "来源地址", "请求号",
    "上一条校验值", "校验值",
)  # fmt: skip
# A workbook program would run a cell that begins like this.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AuditOffice(AuditTrail):
    """The log with its export."""

    def download(self, viewer: Viewer, file_format: str) -> bytes:
        """Return the whole log, this export included, as csv (UTF-8 with BOM) or as JSON lines.

        JSON lines hold every column as it is chained, so that the digests can be checked outside.
        Raises ForbiddenError for everyone but auditors, BadRequestError for another format.
        """
        if file_format not in FORMATS:
            raise BadRequestError(f"审计记录没有“{file_format}”格式；可选：{'、'.join(FORMATS)}。")
        self.export(viewer)
        with transaction(self._keeper.db) as db:
            record_action(db, viewer, "audit.exported", "audit", 0, 格式=file_format)
            rows = self.export(viewer)
        return _csv(rows) if file_format == "csv" else _lines(rows)


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _csv(rows: Iterable[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADER)
    for row in rows:
        detail = "；".join(f"{name}：{value}" for name, value in json.loads(row["detail"]).items())
        cells = (
            row["seq"], row["at"], row["actor"], row["role"], row["action"], ACTIONS.get(row["action"], ""),
            row["subject"], row["subject_key"], detail, row["address"], row["request_id"], row["previous"],
            row["digest"],
        )  # fmt: skip
        writer.writerow([_still(cell) for cell in cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _still(cell: Any) -> Any:
    """A cell that stays text in every program."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
