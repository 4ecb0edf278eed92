"""The workbook that superiors ask for: title, period, unit, rows by department with totals, and how each is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from marketplace.exporting.sheets import LINE, WRAP, header_cell, plain_text, saved
from marketplace.insight.pages import FunnelPage, FunnelQuery, FunnelRow

TITLE = "场景供需对接情况统计表"
HEADER = (
    "序号", "", "已发布", "有人查看", "已联系", "已洽谈", "已签约", "已落地", "运行中", "停滞", "对接率", "签约率",
    "落地率",
)  # fmt: skip
STEP_HEADER = (
    "步骤", "需求数", "对接数", "占上一步", "占已发布", "距上一步中位天数", "距发布中位天数", "停留在此步", "停滞",
    "期间发生",
)  # fmt: skip
Value = str | int | float | None
PERCENT, DAYS = "0.0%", "0.0"
_TITLE_FONT, _BOLD = Font(bold=True, size=16), Font(bold=True)


def funnel_workbook(page: FunnelPage, *, issuer: str = "") -> bytes:
    """Return the funnel as a workbook: one sheet a table, departments first, the notes under the first table."""
    book = Workbook(write_only=True)
    for place, cut in enumerate(page.cuts):
        sheet = book.create_sheet(f"按{cut.label.partition('（')[0]}")
        _top(sheet, page, issuer, len(HEADER), f"{TITLE}（按{cut.label}）")
        sheet.append([header_cell(sheet, name or cut.label) for name in HEADER])
        for number, row in enumerate(cut.rows, 1):
            sheet.append(_line(sheet, (number, *_cells(row))))
        sheet.append(_line(sheet, ("", *_cells(page.total_of(cut))), bold=True))
        if place == 0:
            _notes(sheet, page.notes, len(HEADER))
        _fit(sheet, (6, 34, *(10,) * (len(HEADER) - 2)))
    sheet = book.create_sheet("各步情况")
    _top(sheet, page, issuer, len(STEP_HEADER), "场景供需对接各步情况表")
    sheet.append([header_cell(sheet, name) for name in STEP_HEADER])
    for step in page.steps:
        cells = (step.label, step.needs, step.pairings, step.from_previous, step.from_published, step.median_days,
                 step.days_from_start, step.resting, step.stale, step.happened)  # fmt: skip
        sheet.append(_line(sheet, cells, percents=(3, 4)))
    _notes(sheet, page.notes, len(STEP_HEADER))
    _fit(sheet, (16, *(13,) * (len(STEP_HEADER) - 1)))
    return saved(book)


def period(query: FunnelQuery) -> str:
    """Return the months asked for in words."""
    if query.since and query.until:
        return f"{_month(query.since)}至{_month(query.until)}" if query.since != query.until else _month(query.since)
    if query.since:
        return f"{_month(query.since)}起"
    return f"截至{_month(query.until)}" if query.until else "开始使用至今"


def conditions(page: FunnelPage) -> str:
    """Return what the figures are narrowed to, in words; everything when nothing is chosen."""
    names = {"city": "地市", "domain": "领域", "organisation": "部门（单位）", "matchmaker": "撮合员"}
    asked = {"city": page.query.city, "domain": page.query.domain, "organisation": page.query.organisation,
             "matchmaker": str(page.query.matchmaker) if page.query.matchmaker else ""}  # fmt: skip
    words = []
    for name, value in asked.items():
        if value:
            label = next((one.label for one in page.choices.get(name, ()) if one.value == value), value)
            words.append(f"{names[name]}：{label}")
    return "；".join(words) or ("本单位全部场景机会" if page.own_only else "全部场景机会")


def _month(text: str) -> str:
    return f"{text[:4]}年{int(text[5:7])}月"


def _top(sheet: Any, page: FunnelPage, issuer: str, width: int, title: str) -> None:
    """Write title, period, scope and unit above the table."""
    heading = _text(sheet, title)
    heading.font, heading.alignment = _TITLE_FONT, Alignment(horizontal="center")
    sheet.append([heading])
    sheet.append([_text(sheet, f"统计期间：{period(page.query)}（按发布日期）　　统计日期：{page.made_on}")])
    sheet.append([_text(sheet, f"填报单位：{issuer or '________'}　　统计范围：{conditions(page)}")])
    sheet.append([_text(sheet, "计量单位：项、%、天")])
    for row in range(1, 5):
        sheet.merged_cells.ranges.add(f"A{row}:{_letter(width)}{row}")


def _letter(number: int) -> str:
    return chr(ord("A") + number - 1)


def _notes(sheet: Any, notes: Iterable[str], width: int) -> None:
    sheet.append([])
    for number, text in enumerate(notes, 1):
        cell = _text(sheet, f"注 {number}　{text}" if number > 1 else f"注：1　{text}")
        cell.alignment = WRAP
        sheet.append([cell])


def _cells(row: FunnelRow) -> tuple[Value, ...]:
    return (
        row.label, row.published, row.viewed, row.contacted, row.met, row.signed, row.landed, row.running, row.stale,
        row.contact_rate, row.sign_rate, row.land_rate,
    )  # fmt: skip


def _line(
    sheet: Any, values: Sequence[Value], *, percents: Sequence[int] = (10, 11, 12), bold: bool = False
) -> list[Any]:
    """Return the cells of one row: text stays text, shares and days are written as such, nothing is a dash."""
    line = []
    for place, value in enumerate(values):
        if value is None or isinstance(value, str):
            cell = _text(sheet, "—" if value is None else value)
        else:
            cell = WriteOnlyCell(sheet, value=value)
        if isinstance(value, float):
            cell.number_format = PERCENT if place in percents else DAYS
        cell.border = LINE
        if bold:
            cell.font = _BOLD
        line.append(cell)
    return line


def _text(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=plain_text(text))
    cell.data_type = "s"
    return cell


def _fit(sheet: Any, widths: Sequence[int]) -> None:
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[_letter(place)].width = width
