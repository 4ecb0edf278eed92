"""What offices send is read by what it is: grids, dates, merged cells; attacks and damage are refused in words."""

from __future__ import annotations

import contextlib
import json
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import hostile_files as hostile
import openpyxl
import pytest
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from marketplace.errors import RefusedError
from marketplace.workbooks.reading import (
    MAX_COLUMNS,
    MAX_ROWS,
    FileRefusedError,
    Sheet,
    Workbook,
    pack_workbook,
    read_workbook,
    unpack_workbook,
)
from marketplace.workbooks.reading.cells import column_letters, plain

ROOT = Path(__file__).resolve().parents[2]
GIB = 1024**3
PEAK = """
import pathlib, re, sys
from marketplace.workbooks.reading import FileRefusedError, read_workbook
for path in sys.argv[1:]:
    try:
        book = read_workbook(pathlib.Path(path))
        print("read", sum(any(row) for sheet in book.sheets for row in sheet.rows))
    except FileRefusedError as error:
        print("refused", error)
# Not ru_maxrss: a child inherits its parent's, and the parent of this one is a whole test run.
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) * 1024)
"""


def refusal(path: Path, name: str | None = None) -> str:
    with pytest.raises(FileRefusedError) as caught:
        read_workbook(path, name)
    text = str(caught.value)
    assert isinstance(caught.value, RefusedError)
    assert f"“{name or path.name}”" in text
    assert text.endswith("。")
    assert text.count("。") == 1
    return text


def text_file(folder: Path, content: str | bytes, encoding: str = "utf-8", name: str = "清单.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def only(book: Workbook) -> tuple[tuple[object, ...], ...]:
    assert len(book.sheets) == 1
    return book.sheets[0].rows


# Workbooks


def test_cells_keep_their_kind(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    values = ["泵站\n巡检", 120, 0.5, True, date(2026, 5, 1), datetime(2026, 5, 1, 8, 30), "0012", "=A1 不是公式", "　"]
    for column, value in enumerate(values, 2):
        written = sheet.cell(3, column, value)
        if isinstance(value, str):
            written.data_type = "s"
    sheet.cell(5, 2, "末")
    for path, epoch in ((tmp_path / "a.xlsx", book.epoch), (tmp_path / "b.xlsx", CALENDAR_MAC_1904)):
        book.epoch = epoch
        book.save(path)
        read = read_workbook(path)
        assert read.format == "xlsx"
        assert read.notices == ()
        (only_sheet,) = read.sheets
        assert only_sheet.first_row == 3
        # The empty column A stays, the empty row 4 too; the blank at the end of row 3 is cut.
        assert only_sheet.rows == ((None, *values[:-1]), (), (None, "末"))
        assert [type(cell) for cell in only_sheet.rows[0][2:5]] == [int, float, bool]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a_\x00\x0bb\r\nc\rd\te\x85\ufeff\ud800", "a_b\nc\nd\te"),
        (" \n\u3000", None),
        (3.0, 3),
        (2.0**60, 2.0**60),
        (float("inf"), "inf"),
        (False, False),
        (datetime(2026, 5, 1), date(2026, 5, 1)),
        (datetime(2026, 5, 1, 8, 30).time(), "08:30"),
        (datetime(2026, 5, 2, 6) - datetime(2026, 5, 1), "30:00:00"),
    ],
)
def test_plain_cells(value: object, expected: object) -> None:
    got = plain(value)
    assert got == expected
    assert type(got) is type(expected)


def test_letters_of_columns() -> None:
    assert [column_letters(n) for n in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_merged_areas_are_filled_as_far_as_there_is_content(tmp_path: Path) -> None:
    rows = (
        hostile.row(2, "场景清单")
        + hostile.row(3, "单位", "名称")
        + hostile.row(4, "甲（示例）", "一")
        + '<row r="5"><c r="B5"><v>2</v></c></row>'
    )
    after = '<mergeCells><mergeCell ref="A2:H2"/><mergeCell ref="A4:A9"/><mergeCell ref="D4:E5"/></mergeCells>'
    (sheet,) = read_workbook(hostile.xlsx(tmp_path / "m.xlsx", {"清单": hostile.worksheet(rows, after)})).sheets
    assert sheet.first_row == 2
    assert sheet.rows == (("场景清单", "场景清单"), ("单位", "名称"), ("甲（示例）", "一"), ("甲（示例）", 2))
    assert sheet.merged == ((0, 0, 0, 1), (2, 0, 3, 0))


def test_formulas_give_their_stored_values_only(tmp_path: Path) -> None:
    book = read_workbook(hostile.with_formulas(tmp_path))
    assert only(book) == ((3, "显示的字", None, "#DIV/0!", "=cmd|' /C calc'!A0", None, True),)
    assert [notice for notice in book.notices if notice.startswith("5 个单元格是公式")]
    assert [notice for notice in book.notices if notice.startswith("2 个单元格的公式会启动外部程序")]
    assert [notice for notice in book.notices if "1 个单元格的公式没有存下结果" in notice and "清单!C1" in notice]


def test_hidden_and_empty_sheets_macros_and_links_are_left_out_and_named(tmp_path: Path) -> None:
    sheets = {
        "清单": hostile.worksheet(hostile.row(1, "名称")),
        "底稿": hostile.worksheet(hostile.row(1, "不给人看")),
        "空": hostile.worksheet('<row r="9"><c r="A9" s="1"/></row>'),
    }
    extra = {"xl/vbaProject.bin": b"Auto_Open", "xl/externalLinks/externalLink1.xml": b"<x/>"}
    book = read_workbook(hostile.xlsx(tmp_path / "a.xlsm", sheets, extra, hidden=["底稿"]))
    assert [sheet.name for sheet in book.sheets] == ["清单"]
    assert book.notices == (
        "1 个隐藏的工作表没有读取：底稿。",
        "文件含宏，宏没有运行也没有保留。",
        "文件引用了其他文件，没有打开，引用处按已存的值读取。",
    )
    assert "没有能读取的内容" in refusal(hostile.xlsx(tmp_path / "b.xlsx", sheets, hidden=["清单", "底稿"]))


def test_prefixed_xml_and_cells_without_places(tmp_path: Path) -> None:
    """As some programs write it: every element with a prefix, rows and cells by their order only."""
    sheet = hostile.worksheet(
        '<row><c t="s"><v>1</v></c><c t="str"><v>乙</v></c></row><row/><row><c/><c><v>3</v></c></row>'
    )
    sheet = re.sub(rb"<(/?)(\w+)", rb"<\1x:\2", sheet).replace(b"xmlns=", b"xmlns:x=").replace(b"<?x:xml", b"<?xml")
    path = hostile.xlsx(tmp_path / "x.xlsx", {"清单": sheet}, texts=hostile.shared_texts("", "甲"))
    assert only(read_workbook(path)) == (("甲", "乙"), (), (None, 3))


def test_old_workbook_under_a_new_name(tmp_path: Path) -> None:
    book = read_workbook(hostile.old_xls(tmp_path))
    assert book.format == "xls"
    assert book.notices == (
        "文件名为 .xlsx，实为旧版 xls，已按内容读取。",
        "1 个单元格是公式，按其显示的值读取。",
        "1 个隐藏的工作表没有读取：底稿。",
    )
    (sheet,) = book.sheets
    assert sheet.rows == (
        ("场景清单",) * 3,
        ("名称", "预算", "日期"),
        ("泵站巡检", 120, date(2026, 5, 1)),
        ("字" * 9_000, 0.5, True),
        ("0012", "#N/A"),
    )
    assert sheet.merged == ((0, 0, 0, 2),)


def test_twenty_thousand_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("清单")
    for number in range(20_000):
        sheet.append([f"场景{number % 700}" * 3, number, *("需求说明",) * 10])
    book.save(tmp_path / "a.xlsx")
    rows = only(read_workbook(tmp_path / "a.xlsx"))
    assert len(rows) == 20_000
    assert rows[-1] == ("场景399" * 3, 19_999, *("需求说明",) * 10)


# Limits


def test_rows_up_to_the_limit(tmp_path: Path) -> None:
    assert len(only(read_workbook(hostile.many_rows(tmp_path, MAX_ROWS)))) == MAX_ROWS
    assert "50,000 行" in refusal(hostile.many_rows(tmp_path, MAX_ROWS + 1))
    lines = "名称\n" * (MAX_ROWS + 1)
    assert "50,000 行" in refusal(text_file(tmp_path, lines))
    assert "50,000 行" in refusal(text_file(tmp_path, '{"名称": 1}\n' * (MAX_ROWS + 1), name="a.jsonl"))


def test_columns_up_to_the_limit(tmp_path: Path) -> None:
    assert len(only(read_workbook(hostile.one_cell(tmp_path, "GR7")))[0]) == MAX_COLUMNS
    said = refusal(hostile.one_cell(tmp_path, "GS7"))
    assert "GS7" in said
    assert "200 列" in said
    assert "200 列" in refusal(text_file(tmp_path, "a\n" + "b," * 200 + "c\n"))
    assert "200 列" in refusal(text_file(tmp_path, "," * 3_000_000 + "c"))
    old = xlwt.Workbook()
    old.add_sheet("清单").write(0, 200, "x")
    old.save(str(tmp_path / "w.xls"))
    assert "GS1" in refusal(tmp_path / "w.xls")


def test_long_texts_are_kept(tmp_path: Path) -> None:
    text = "长" * 40_000
    path = hostile.xlsx(tmp_path / "a.xlsx", {"清单": hostile.worksheet(hostile.row(1, text))})
    assert only(read_workbook(path)) == ((text,),)


def test_content_in_the_last_row_of_a_sheet(tmp_path: Path) -> None:
    (sheet,) = read_workbook(hostile.last_row(tmp_path)).sheets
    assert sheet.rows[0] == ("名称",)
    assert sheet.rows[1:-1] == ((),) * 1_048_574
    assert sheet.rows[-1] == ("末行", date(2026, 5, 1), "#REF!", *(None,) * 36, 7)


# Attacks and damage


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (hostile.zip_bomb, "疑似压缩炸弹"),
        (hostile.huge_claim, "疑似压缩炸弹"),
        (hostile.many_entries, "条目超过 5,000 个"),
        (hostile.billion_laughs, "XML 实体"),
        (hostile.long_tag, "损坏"),
        (hostile.amplified_text, "50,000,000 个字"),
        (hostile.merged_everything, "2,000,000 个"),
        (hostile.too_big, "大于 50 MB"),
        (hostile.password_xlsx, "有密码"),
        (hostile.password_xls, "有密码"),
        (hostile.looping_compound, "损坏"),
        (hostile.old_document, "旧版 Word（doc）"),
    ],
)
def test_refused(tmp_path: Path, make: Callable[[Path], Path], said: str) -> None:
    assert said in refusal(make(tmp_path))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_entities_are_refused_in_every_part(tmp_path: Path, part: str) -> None:
    assert "XML 实体" in refusal(hostile.billion_laughs(tmp_path, part))


def test_entities_are_refused_in_word(tmp_path: Path) -> None:
    path = hostile.docx(tmp_path / "a.docx", table(["名称"]))
    bad = b'<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;">]><w:document '
    content = hostile.docx_document(table(["名称"])).replace(b"<w:document ", bad)
    assert "XML 实体" in refusal(hostile.pack(path, {"word/document.xml": content}))


def test_shared_text_cannot_be_multiplied_in_an_old_workbook(tmp_path: Path) -> None:
    old = xlwt.Workbook()
    sheet = old.add_sheet("清单")
    for number in range(2_000):
        sheet.write(number, 0, "字" * 32_000)
    old.save(str(tmp_path / "a.xls"))
    assert "50,000,000 个字" in refusal(tmp_path / "a.xls")


def test_old_workbook_claims_are_not_believed(tmp_path: Path) -> None:
    """Four billion rows, or texts, would be made room for before the first is read."""

    def dimensions(stream: bytearray) -> bytearray:
        place = next(place for place, number, _ in hostile.records(stream) if number == 0x0200)
        struct.pack_into("<IIHH", stream, place + 4, 0, 0xFFFFFFFF, 0, 0xFFFF)
        return stream

    def texts(stream: bytearray) -> bytearray:
        place = next(place for place, number, _ in hostile.records(stream) if number == 0x00FC)
        struct.pack_into("<II", stream, place + 4, 0x7FFFFFFF, 0x7FFFFFFF)
        return stream

    path = hostile.changed_stream(hostile.old_xls(tmp_path, "a.xls"), dimensions)
    assert read_workbook(path).sheets[0].rows[2] == ("泵站巡检", 120, date(2026, 5, 1))
    assert "没有读取" in refusal(hostile.changed_stream(hostile.old_xls(tmp_path, "b.xls"), texts))


@pytest.mark.parametrize("make", [hostile.plain_xlsx, hostile.old_xls])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.97])
def test_truncated(tmp_path: Path, make: Callable[[Path], Path], share: float) -> None:
    assert "损坏" in refusal(hostile.truncated(make(tmp_path), share))


@pytest.mark.parametrize("make", [hostile.with_formulas, hostile.old_xls])
def test_damage_never_ends_in_anything_but_a_sentence(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    damaged = tmp_path / "damaged"
    for content in hostile.damaged_forms(make(tmp_path), 150, seed=7):
        damaged.write_bytes(content)
        with contextlib.suppress(FileRefusedError):
            read_workbook(damaged)


@pytest.mark.slow
def test_attacks_stay_below_a_gigabyte(tmp_path: Path) -> None:
    makers = (
        hostile.zip_bomb,
        hostile.lying_zip,
        hostile.amplified_text,
        hostile.merged_everything,
        hostile.million_empty_rows,
        hostile.last_row,
    )
    paths = [make(tmp_path) for make in makers]
    paths.append(text_file(tmp_path, b"a,\n" * 16_000_000))
    paths.append(text_file(tmp_path, b'{"a":1}' + b"\n" * 10_000_000, name="a.jsonl"))
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    *said, peak = done.stdout.splitlines()
    assert [line.split()[0] for line in said] == [*["refused"] * 4, "read", "read", "refused", "read"]
    assert said[4] == "read 3"
    assert int(peak) < GIB


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf \n", "空的"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"\xff\xd8\xff\xe0", "图片"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"{\\rtf1 x}", "RTF"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "网页"),
        (b"\x00\x01\x02\x03", "不是能识别的表格文件"),
        (b"\xff\xfe\xfd\xfc\x81", "不是能识别的表格文件"),
        (b'[{"a": 1}]', "JSON 数组"),
        (b'{\n "a": 1\n}', "第 1 行不是一个完整的 JSON 对象"),
        (b'{"a": 1}\n[1]\n', "第 2 行不是 JSON 对象"),
        (b'{"a": NaN}', "第 1 行"),
        (b'{"a": ' + b"[" * 100_000, "第 1 行"),
        ('名称,说明\n甲,"开了没有合\n乙,x\n'.encode(), "从第 2 行起引号不成对"),
    ],
)
def test_other_files_are_named(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refusal(text_file(tmp_path, content, name="清单.xlsx"))


def test_other_zips_are_named(tmp_path: Path) -> None:
    for part, said in (("a/清单.xlsx", "是压缩包"), ("content.xml", "OpenDocument"), ("OFD.xml", "OFD")):
        assert said in refusal(hostile.pack(tmp_path / "a.xlsx", {part: b"x"}))


def test_the_users_name_is_shown_and_made_safe(tmp_path: Path) -> None:
    path = text_file(tmp_path, b"", name="upload-1")
    assert "“需求 清单.xlsx”" in refusal(path, "需求 清单.xlsx")
    with pytest.raises(FileRefusedError, match=r"“b\.xlsx”"):
        read_workbook(path, "../a/\x1b\nb.xlsx")


# Text


ROWS = (("名称", "说明", "编号"), ("泵站巡检", "一，二\n三", "007"), ("=cmd|' /C calc'!A0", None, "-1"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_tables(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    lines = [f'"{ROWS[0][0]}"', "说明", "编号"], ["泵站巡检", '"一，二\n三"', "007"], [str(ROWS[2][0]), "", "-1"]
    text = end.join(delimiter.join(line) for line in lines) + end
    book = read_workbook(text_file(tmp_path, text, encoding))
    assert book.format == "csv"
    assert book.notices == ()
    # The second record takes two lines; the third keeps the number of its line.
    assert only(book) == (ROWS[0], ROWS[1], (), ROWS[2])


def test_text_tables_keep_line_numbers_and_odd_quotes(tmp_path: Path) -> None:
    text = 'sep=;\n\n名称;说明;;\n甲;5" 屏幕\n\n乙;"a""b"\n'
    (sheet,) = read_workbook(text_file(tmp_path, text, name="a.txt")).sheets
    assert sheet.first_row == 3
    assert sheet.rows == (("名称", "说明"), ("甲", '5" 屏幕'), (), ("乙", 'a"b'))


def test_commas_inside_texts_do_not_pass_for_separators(tmp_path: Path) -> None:
    text = "名称\t说明\n甲\ta,b,c\n乙\ta,b\n丙\td,e\n"
    assert only(read_workbook(text_file(tmp_path, text)))[1] == ("甲", "a,b,c")
    assert only(read_workbook(text_file(tmp_path, "名称\n甲\n"))) == (("名称",), ("甲",))


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        {"名称": "甲", "指标": ["一", "二"], "预算": 12.0, "现场": {"有": True}},
        {"名称": "乙", "备注": [1, "x"], "公开": False},
    ]
    text = json.dumps(lines[0], ensure_ascii=False) + "\n\n" + json.dumps(lines[1]) + "\n"
    book = read_workbook(text_file(tmp_path, text, "utf-8-sig", "清单.xlsx"))
    assert book.format == "jsonl"
    assert book.notices == ("文件名为 .xlsx，实为 JSON Lines，已按内容读取。",)
    (sheet,) = book.sheets
    assert sheet.first_row == 0
    assert sheet.rows == (
        ("名称", "指标", "预算", "现场", "备注", "公开"),
        ("甲", "一\n二", 12, '{"有": true}'),
        (),
        ("乙", None, None, None, '[1, "x"]', False),
    )


# Word


def cell(text: str, properties: str = "") -> str:
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.split("\n"))
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraphs}</w:tc>"


def table(*rows: list[str]) -> str:
    lines = (
        "<w:tr>" + "".join(text if text.startswith("<") else cell(text) for text in row) + "</w:tr>" for row in rows
    )
    return f"<w:tbl>{''.join(lines)}</w:tbl>"


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_word_tables_with_merged_cells(tmp_path: Path) -> None:
    start, go_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    control = f"<w:sdt><w:sdtContent>{cell('控件里的字')}</w:sdtContent></w:sdt>"
    deleted = "<w:tr><w:trPr><w:del/></w:trPr>" + cell("删掉的行") + "</w:tr>"
    first = table(
        [cell("场景机会清单", '<w:gridSpan w:val="3"/>')],
        ["单位", "名称", "说明"],
        [cell("甲（示例）", start), "一", "第一行\n第二行"],
        [cell("", go_on), "二", control],
        ["乙（示例）", "三", ""],
    ).replace("</w:tbl>", f"{deleted}</w:tbl>")
    body = paragraph("附件") + first + paragraph("二、能力清单") + table(["企业", "能力"], ["丙（示例）", "巡检"])
    book = read_workbook(hostile.docx(tmp_path / "清单.docx", body))
    assert book.format == "docx"
    assert book.notices == ()
    one, two = book.sheets
    assert (one.name, two.name) == ("表1", "表2")
    assert one.rows == (
        ("场景机会清单",) * 3,
        ("单位", "名称", "说明"),
        ("甲（示例）", "一", "第一行\n第二行"),
        ("甲（示例）", "二", "控件里的字"),
        ("乙（示例）", "三"),
    )
    assert one.merged == ((0, 0, 0, 2), (2, 0, 3, 0))
    assert two.rows == (("企业", "能力"), ("丙（示例）", "巡检"))


def test_word_tables_cut_by_a_page_are_joined(tmp_path: Path) -> None:
    head = ["名称", "单位"]
    cut = table(head, ["一", "甲"]) + paragraph("") + paragraph("（续表）") + table(head, ["二", "乙"])
    book = read_workbook(hostile.docx(tmp_path / "a.docx", cut))
    assert only(book) == (("名称", "单位"), ("一", "甲"), ("二", "乙"))
    assert book.notices == ("表1 与紧随其后的 1 个表头相同的表格合并读取。",)
    apart = table(head, ["一", "甲"]) + paragraph("二、第二批") + table(head, ["二", "乙"])
    assert len(read_workbook(hostile.docx(tmp_path / "b.docx", apart)).sheets) == 2


def test_word_tables_within_tables_and_without(tmp_path: Path) -> None:
    inner = table(["里", "面"])
    outer = table([f"<w:tc>{paragraph('外')}{inner}{paragraph('')}</w:tc>", "旁"])
    book = read_workbook(hostile.docx(tmp_path / "a.docx", outer, {"word/vbaProject.bin": b"x"}))
    assert [sheet.rows for sheet in book.sheets] == [(("外", "旁"),), (("里", "面"),)]
    assert book.notices == ("文件含宏，宏没有运行也没有保留。",)
    assert "没有表格" in refusal(hostile.docx(tmp_path / "b.docx", paragraph("通知")))
    wide = table([cell("宽", '<w:gridSpan w:val="100000000"/>')])
    assert "200 列" in refusal(hostile.docx(tmp_path / "c.docx", wide))


def test_a_kept_copy_says_what_the_file_said() -> None:
    days = (date(2026, 3, 1), datetime(2026, 3, 1, 9, 30))
    rows = (("名称", None, 3, 2.5, True, False), (), (*days, '"引号"\n🚧', -1))
    book = Workbook("xlsx", (Sheet("表一", rows, 3, ((0, 0, 0, 1),)), Sheet("空", ((),))), ("第 1 张表隐藏。",))
    again = unpack_workbook(pack_workbook(book))
    assert again == book
    assert again is not None
    assert [list(map(type, row)) for row in again.sheets[0].rows] == [list(map(type, row)) for row in rows]
