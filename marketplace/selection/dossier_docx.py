"""Writes a dossier as a Word file: A4, Chinese fonts, tables for facts, figures, evidence and scores."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from marketplace.benchmarks.tally import OUTCOMES
from marketplace.exporting.public import xml_text

if TYPE_CHECKING:
    from marketplace.selection.dossier import Dossier

_TEXT, _HEAD, _LATIN = "宋体", "黑体", "Times New Roman"


def dossier_docx(dossier: Dossier) -> bytes:
    """Return the dossier as a .docx file."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(25)
    for name, font, size in (("Normal", _TEXT, 11), ("Title", _HEAD, 20), ("Heading 1", _HEAD, 14)):
        _font(document.styles[name], font, size)
    document.core_properties.title, document.core_properties.author = xml_text(dossier.title), ""
    title = document.add_paragraph(style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run(xml_text(dossier.title))
    line = document.add_paragraph(f"{dossier.year} 年度场景创新标杆　一案一档　{dossier.code}")
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _table(document, (), dossier.facts)
    for label, text in dossier.texts:
        document.add_heading(xml_text(label), 1)
        paragraph = document.add_paragraph(xml_text(text or "—"))
        paragraph.paragraph_format.first_line_indent = Pt(22)
    document.add_heading("成效：约定与实测", 1)
    rows = [(one.name, _figure(one.planned, one.unit), _figure(one.measured, one.unit), _reached(one.reached),
             one.method or "未注明") for one in dossier.effects]  # fmt: skip
    _table(document, ("指标", "约定", "实测", "结果", "依据"), rows or [("没有成效数字", "", "", "", "")])
    document.add_heading("基本条件与证明", 1)
    words = {"passed": "通过", "failed": "未通过", "missing": "缺材料"}
    _table(document, ("条件", "结果", "事实", "来源"),
           [(one.label, words[one.result], one.fact, one.source or "—") for one in dossier.gates])  # fmt: skip
    _table(document, (), dossier.evidence)
    if dossier.scores:
        document.add_heading("评分", 1)
        lines = [(label, f"{weight}%", mean) for label, weight, mean in dossier.scores]
        _table(document, ("指标", "权重", "平均分"), lines)
        told = f"总分 {dossier.total}　{dossier.rank}　{OUTCOMES.get(dossier.outcome, '')}　分差 {dossier.spread}"
        document.add_paragraph(told)
    for day, kind, text in dossier.aftermath:
        document.add_paragraph(xml_text(f"{day}　{kind}：{text}"))
    if dossier.digest:
        document.add_paragraph(f"年度结果校验值 {dossier.digest}")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _font(style: Any, name: str, size: int) -> None:
    """Set the font of a style; Chinese text only follows the eastAsia attribute."""
    style.font.name, style.font.size = _LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), name)


def _table(document: Any, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [*([header] if header else []), *rows]
    if not lines:
        return
    table = document.add_table(rows=0, cols=len(lines[0]))
    table.style = "Table Grid"
    for place, line in enumerate(lines):
        cells = table.add_row().cells
        for column, (cell, text) in enumerate(zip(cells, line, strict=True)):
            run = cell.paragraphs[0].add_run(xml_text(str(text)))
            run.font.size = Pt(10)
            run.bold = bool(header and place == 0) or (not header and column == 0)
    document.add_paragraph()


def _figure(value: float | None, unit: str) -> str:
    return "无数据" if value is None else f"{value:g} {unit}".strip()


def _reached(reached: bool | None) -> str:
    return "未测" if reached is None else "达到" if reached else "未达到"
