"""A workbook that was read once, as bytes to keep: reading it again costs a tenth of reading the file."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from marketplace.workbooks.reading.workbook import Cell, Sheet, Workbook

# To be raised with every change of how files are read: a copy made before says what the file said then.
EDITION = 1


def pack_workbook(workbook: Workbook) -> bytes:
    """Return a workbook as bytes for ``unpack_workbook``."""
    sheets = [[sheet.name, sheet.first_row, sheet.merged, sheet.rows] for sheet in workbook.sheets]
    content = {"edition": EDITION, "format": workbook.format, "notices": workbook.notices, "sheets": sheets}
    return json.dumps(content, ensure_ascii=False, default=_packed, separators=(",", ":")).encode()


def unpack_workbook(content: bytes) -> Workbook | None:
    """Return the workbook of a copy, None for a copy of another edition or none at all."""
    try:
        kept = json.loads(content, object_hook=_unpacked)
    except ValueError:
        return None
    if not isinstance(kept, dict) or kept.get("edition") != EDITION:
        return None
    return Workbook(kept["format"], tuple(_sheet(*one) for one in kept["sheets"]), tuple(kept["notices"]))


def _sheet(name: str, first_row: int, merged: list[list[int]], rows: list[list[Cell]]) -> Sheet:
    areas = tuple((top, left, bottom, right) for top, left, bottom, right in merged)
    return Sheet(name, tuple(map(tuple, rows)), first_row, areas)


def _packed(value: Any) -> dict[str, str]:
    """A cell that JSON has no form for; a moment is a date too, so it is asked for first."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    raise TypeError(f"no cell: {type(value).__name__}")


def _unpacked(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        if "day" in found:
            return date.fromisoformat(found["day"])
        if "moment" in found:
            return datetime.fromisoformat(found["moment"])
    return found
