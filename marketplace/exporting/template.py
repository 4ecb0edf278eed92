"""Makes the workbook an office fills in: headers with notes, drop-downs, formats, and a page of instructions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from marketplace.exporting.sheets import (
    HEADER_ALIGNMENT,
    HEADER_FILL,
    HEADER_FONT,
    LINE,
    REQUIRED_FILL,
    WRAP,
    saved,
)
from marketplace.records import FIELDS, PUBLISHER_TYPES, SIDE_NAMES, FieldSpec, TermBook
from marketplace.taxonomies import CIRCLE, FOLDER, find_division, read_taxonomy_files
from matching import Side

INSTRUCTIONS, OPTIONS = "填写说明", "选项"
# Rows that get drop-downs and formats.
ROWS = 2000
_WIDTHS = {"long": 48, "lines": 48, "cases": 36, "text": 22, "whole": 10, "switch": 10, "day": 14, "phone": 18}
_FORMATS = {"day": "yyyy-mm-dd", "whole": "0"}
_ALLOWED = {
    "text": "文字",
    "long": "文字，可分段",
    "lines": "一条一行",
    "cases": "一条一行",
    "money": "金额加单位，如 120万元、3000–5000万元；只写数字按万元；也可写面议、自筹",
    "day": "日期，如 2027-03-31；也可写 2027年底、24个月、长期",
    "division": "区县或市的名称，如 武汉市江夏区、潜江市；可从下拉中选，也可自行填写",
    "phone": "固定电话，含区号；不要填手机号",
    "switch": "是 或 否",
    "protected": "姓名、手机、邮箱等；加密保存，不公开、不导出",
}


def template_workbook(side: Side, terms: TermBook) -> bytes:
    """Return an empty workbook for a list; ``terms`` give the drop-downs."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = SIDE_NAMES[side]
    specs = FIELDS[side]
    offered = {spec.name: choices for spec in specs if (choices := _choices(spec, terms))}
    ranges = _add_options(book, specs, offered)
    for place, spec in enumerate(specs, 1):
        _head(sheet, place, spec)
        _prepare(sheet, place, spec, ranges.get(spec.name))
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 30
    _add_instructions(book, specs, offered)
    # The reader takes the first sheet; the options only serve the drop-downs.
    book.move_sheet(OPTIONS, offset=1)
    book.active = 0
    return saved(book)


def _choices(spec: FieldSpec, terms: TermBook) -> tuple[str, ...]:
    if spec.name == "publisher_type":
        return tuple(PUBLISHER_TYPES.values())
    if spec.kind == "division":
        return circle_places()
    if spec.kind in ("choice", "choices") and spec.taxonomy:
        return terms.labels(spec.taxonomy)
    return ("是", "否") if spec.kind == "switch" else ()


@cache
def circle_places() -> tuple[str, ...]:
    """Return the full names of the nine cities and their districts, in the order of their codes."""
    codes = (term.code for term in read_taxonomy_files(FOLDER)["divisions"])
    found = (find_division(code) for code in codes if code[:4] in {city[:4] for city in CIRCLE.values()})
    return tuple(dict.fromkeys(one.full_name for one in found if one is not None and one.in_circle))


def _add_options(book: Workbook, specs: Iterable[FieldSpec], offered: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Write the choices to the hidden sheet; return the range of each field's."""
    sheet = book.create_sheet(OPTIONS)
    sheet.sheet_state = "hidden"
    ranges = {}
    for place, spec in enumerate((spec for spec in specs if spec.name in offered), 1):
        letter, choices = get_column_letter(place), offered[spec.name]
        for row, text in enumerate((spec.label, *choices), 1):
            _text(sheet, row, place, text)
        ranges[spec.name] = f"'{OPTIONS}'!${letter}$2:${letter}${len(choices) + 1}"
    return ranges


def _head(sheet: Any, place: int, spec: FieldSpec) -> None:
    cell = _text(sheet, 1, place, spec.label)
    cell.font, cell.alignment, cell.border = HEADER_FONT, HEADER_ALIGNMENT, LINE
    cell.fill = REQUIRED_FILL if spec.required else HEADER_FILL
    lines = ["* 必填" if spec.required else "选填", allowed_text(spec), spec.note]
    if spec.example:
        lines.append(f"示例：{spec.example}")
    note = Comment("\n".join(dict.fromkeys(filter(None, lines))), "填报说明")
    note.width, note.height = 300, 40 + 22 * sum(1 + len(line) // 22 for line in note.text.split("\n"))
    cell.comment = note


def _prepare(sheet: Any, place: int, spec: FieldSpec, choices: str | None) -> None:
    """Give a column its width, its format and its drop-down."""
    letter = get_column_letter(place)
    column = sheet.column_dimensions[letter]
    column.width = max(_WIDTHS.get(spec.kind, 18), 2 * len(spec.label) + 4)
    # Text by default: numbers keep their leading zeros.
    column.number_format = _FORMATS.get(spec.kind, "@")
    column.alignment = WRAP
    rule = _rule(spec, choices)
    if rule is not None:
        rule.add(f"{letter}2:{letter}{ROWS + 1}")
        sheet.add_data_validation(rule)


def _rule(spec: FieldSpec, choices: str | None) -> DataValidation | None:
    if choices is not None:
        rule = DataValidation(type="list", formula1=choices, allow_blank=True)
        # Only a strict single choice may refuse; elsewhere the list is an offer.
        strict = spec.kind == "switch" or (spec.strict and spec.kind == "choice")
        rule.showErrorMessage = strict
        rule.errorTitle, rule.error = spec.label, "请从下拉列表中选择，或留空。"
    elif spec.kind == "whole":
        low, high = (1, 9) if spec.taxonomy == "trl" else (1990, 2100)
        rule = DataValidation(type="whole", operator="between", formula1=str(low), formula2=str(high))
        rule.allow_blank, rule.showErrorMessage = True, True
        rule.errorTitle, rule.error = spec.label, f"应为 {low}–{high} 的整数，或留空。"
    else:
        return None
    rule.showInputMessage = True
    rule.promptTitle, rule.prompt = spec.label[:32], allowed_text(spec)[:255]
    return rule


def allowed_text(spec: FieldSpec) -> str:
    """Return what may be written in a field, in words."""
    match spec.kind:
        case "choice":
            return "从下拉列表中选一项" if spec.strict else "从下拉列表中选一项，也可自行填写"
        case "choices":
            return "可写多项，用顿号隔开；下拉列表供参考"
        case "whole":
            return "1–9 的整数" if spec.taxonomy == "trl" else "四位年份"
        case _:
            limit = f"，不超过 {spec.max_length} 字" if spec.kind == "text" else ""
            return _ALLOWED[spec.kind] + limit


def _add_instructions(book: Workbook, specs: Iterable[FieldSpec], offered: dict[str, tuple[str, ...]]) -> None:
    sheet = book.create_sheet(INSTRUCTIONS)
    header = ("列名", "是否必填", "可以怎样填写", "可选内容", "填写示例")
    for place, (text, width) in enumerate(zip(header, (20, 10, 44, 44, 44), strict=True), 1):
        cell = _text(sheet, 1, place, text)
        cell.font, cell.fill, cell.alignment, cell.border = HEADER_FONT, HEADER_FILL, HEADER_ALIGNMENT, LINE
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row, spec in enumerate(specs, 2):
        hint = "；".join(dict.fromkeys(filter(None, (allowed_text(spec), spec.note))))
        line = (spec.label, "必填" if spec.required else "选填", hint, _shown(spec, offered), spec.example)
        for place, text in enumerate(line, 1):
            cell = _text(sheet, row, place, text)
            cell.alignment, cell.border = WRAP, LINE
    for row, text in enumerate(_REMARKS, sheet.max_row + 2):
        _text(sheet, row, 1, text).font = Font(color="4A5568")
    sheet.freeze_panes = "A2"


_REMARKS = (
    "一行填一条；表头不要改动，不用的列可以留空或删去，也可以另加列，导入时可选择是否保留。",
    "红色表头为必填。需求条目、能力要点一条一行（单元格内换行用 Alt+Enter），可写 1. 2. 3. 编号。",
    "除“联系方式（受保护）”外，各列内容都会公开：不要填写个人姓名、手机号和邮箱。",
)


def _shown(spec: FieldSpec, offered: dict[str, tuple[str, ...]]) -> str:
    if spec.kind == "division":
        return "武汉城市圈各市、区县见下拉列表"
    return "、".join(offered.get(spec.name, ()))


def _text(sheet: Any, row: int, column: int, text: str) -> Any:
    """Write text as text, also when it begins like a formula."""
    cell = sheet.cell(row=row, column=column, value=text or None)
    if text:
        cell.data_type = "s"
    return cell
