"""Writes a handbook as a Word document: cover, contents, a section for each field, page numbers."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from marketplace.exporting.handbook import Handbook, HandbookEntry, day_words
from marketplace.exporting.public import xml_text

TEXT_FONT, HEAD_FONT = "宋体", "黑体"
_LATIN = "Times New Roman"
_INK = RGBColor(0x1A, 0x22, 0x30)
_DISCLAIMER = "清单内容由发布单位负责；列入清单不构成采购结果或推荐供应商。"
_BORDERS = "".join(
    f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="C9D3DF"/>'
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
)
# A label and a value, twice in a row; twentieths of a point.
_CELLS = (1300, 3200, 1300, 3200)


def handbook_docx(handbook: Handbook) -> bytes:
    """Return the handbook as a .docx file."""
    document = Document()
    _set_up(document, handbook)
    _cover(document, handbook)
    _contents(document, handbook)
    for section in handbook.sections:
        heading = document.add_heading(f"{section.number}　{xml_text(section.domain)}", 1)
        heading.paragraph_format.page_break_before = True
        for entry in section.entries:
            _entry(document, entry)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _set_up(document: Any, handbook: Handbook) -> None:
    """A4, Chinese fonts in every style used, running title and page numbers from the second page on."""
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(25)
    page.top_margin = page.bottom_margin = Mm(25)
    page.different_first_page_header_footer = True
    _font(document.styles["Normal"], TEXT_FONT, 11)
    _font(document.styles["Title"], HEAD_FONT, 30)
    _font(document.styles["Heading 1"], HEAD_FONT, 18)
    _font(document.styles["Heading 2"], HEAD_FONT, 13)
    document.core_properties.title = xml_text(handbook.title)
    document.core_properties.author = xml_text(handbook.issuer)
    document.core_properties.language = "zh-CN"
    head = page.header.paragraphs[0]
    head.text, head.alignment = xml_text(handbook.title), WD_ALIGN_PARAGRAPH.RIGHT
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run("第 ")
    _field(foot, "PAGE", "1")
    foot.add_run(" 页　共 ")
    _field(foot, "NUMPAGES", "1")
    foot.add_run(" 页")


def _font(style: Any, name: str, size: int) -> None:
    """Set the font of a style; Chinese text only follows the eastAsia attribute."""
    style.font.name, style.font.size, style.font.color.rgb = _LATIN, Pt(size), _INK
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # A theme font would win over the one named here.
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), name)


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    """Add a field that the word processor fills in; ``shown`` stands there until it does."""
    _mark(paragraph, "begin")
    run = paragraph.add_run()
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    run._r.append(code)
    _mark(paragraph, "separate")
    paragraph.add_run(shown)
    _mark(paragraph, "end")


def _mark(paragraph: Any, kind: str) -> Any:
    char = OxmlElement("w:fldChar")
    char.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(char)
    return char


def _cover(document: Any, handbook: Handbook) -> None:
    for _ in range(5):
        document.add_paragraph()
    title = document.add_paragraph(style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run(xml_text(handbook.title))
    for text in (f"共 {handbook.total} 条", *handbook.conditions):
        document.add_paragraph(xml_text(text)).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for _ in range(8):
        document.add_paragraph()
    for text in (handbook.issuer, day_words(handbook.published_on)):
        if text:
            line = document.add_paragraph()
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            line.add_run(xml_text(text)).font.size = Pt(16)


def _contents(document: Any, handbook: Handbook) -> None:
    """Details of publication and a table of contents; the field shows the sections until it is updated."""
    head = document.add_paragraph()
    head.paragraph_format.page_break_before = True
    run = head.add_run("公开信息")
    run.bold, run.font.size = True, Pt(14)
    _table(document, handbook.metadata)
    document.add_paragraph(_DISCLAIMER)
    run = document.add_paragraph().add_run("目录")
    run.bold, run.font.size = True, Pt(14)
    lines = [f"{one.number}　{one.domain}（{len(one.entries)} 条）" for one in handbook.sections]
    lines = lines or ["没有符合条件的条目。"]
    first = document.add_paragraph()
    # Dirty: the word processor puts in titles and pages when it opens the file.
    _mark(first, "begin").set(qn("w:dirty"), "true")
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = ' TOC \\o "1-2" \\h \\z \\u '
    first.add_run()._r.append(code)
    _mark(first, "separate")
    first.add_run(xml_text(lines[0]))
    last = first
    for text in lines[1:]:
        last = document.add_paragraph(xml_text(text))
    _mark(last, "end")


def _entry(document: Any, entry: HandbookEntry) -> None:
    document.add_heading(f"{entry.number}　{xml_text(entry.title)}", 2)
    line = document.add_paragraph()
    line.add_run(xml_text(entry.organisation)).bold = True
    line.paragraph_format.keep_with_next = True
    _table(document, entry.facts)
    for text in entry.texts:
        label = document.add_paragraph()
        label.add_run(text.label).bold = True
        label.paragraph_format.keep_with_next = True
        label.paragraph_format.space_before, label.paragraph_format.space_after = Pt(6), Pt(2)
        for words in text.paragraphs:
            paragraph = document.add_paragraph(xml_text(words))
            paragraph.paragraph_format.first_line_indent = Pt(22)
        for place, item in enumerate(text.items, 1):
            paragraph = document.add_paragraph(f"{place}. {xml_text(item)}")
            paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Pt(22), Pt(-22)
            paragraph.paragraph_format.space_after = Pt(2)


def _table(document: Any, facts: Sequence[tuple[str, str]]) -> None:
    """Add labelled values as a table of four columns; written as XML, which is many times faster."""
    if not facts:
        return
    cells = [text for fact in facts for text in fact]
    cells += [""] * (-len(cells) % len(_CELLS))
    rows = (cells[start : start + len(_CELLS)] for start in range(0, len(cells), len(_CELLS)))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in _CELLS)
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{_BORDERS}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(map(_row, rows))}</w:tbl>'
    )
    document.element.body.insert_element_before(table, "w:sectPr")


def _row(cells: Iterable[str]) -> str:
    parts = []
    for place, (width, text) in enumerate(zip(_CELLS, cells, strict=True)):
        label = place % 2 == 0
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="EEF2F7"/>' if label else ""
        parts.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr><w:p><w:pPr><w:spacing w:after="0"/>'
            f'</w:pPr><w:r><w:rPr><w:sz w:val="20"/></w:rPr><w:t xml:space="preserve">{escape(xml_text(text))}</w:t>'
            "</w:r></w:p></w:tc>"
        )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(parts)}</w:tr>"
