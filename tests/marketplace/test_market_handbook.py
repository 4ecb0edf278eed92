"""What the room of outputs lays out: handbooks as pages and Word files, open data, feeds, an office's own lists."""

from __future__ import annotations

import io
import json
import os
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from factories import make_capability, make_opportunity
from market_tools import Shop
from openpyxl import load_workbook
from people import make_person, own

from marketplace import BadRequestError, HandbookQuery, ListQuery, NotFoundError, Viewer
from marketplace.access import COMPANY, PUBLISHER, REVIEWER
from marketplace.desk import DeskKeeper
from marketplace.exporting import Handbook, OutputDesk, outputs
from marketplace.exporting.handbook import day_words
from marketplace.exporting.handbook_docx import HEAD_FONT, TEXT_FONT, handbook_docx
from marketplace.store.database import transaction
from marketplace.store.imports import insert_run
from marketplace.store.versions import insert_batch
from matching import Side

NEEDS, OFFERS = ListQuery(Side.OPPORTUNITY), ListQuery(Side.CAPABILITY)


def today() -> str:
    """Today as file names write it; asked anew, as a run may go past midnight."""
    return f"{date.today():%Y%m%d}"


def desk_of(shop: Shop) -> OutputDesk:
    return OutputDesk(DeskKeeper(shop.settings), shop.settings)


@pytest.fixture
def desk(shop: Shop) -> OutputDesk:
    """Outputs of four needs, of which three are public, and two capabilities."""
    shop.take(
        make_opportunity(batch="第1批", index_number="SM-JH-2026-001-0001", valid_until="2099-06-30",
                         extra={"expected_effect": "漏报率低于2%", "office_phone": "027-87654321"}),
        make_opportunity(id="JH-002", title="闸门无人值守", domain="智慧水利", batch="第1批",
                         index_number="SM-JH-2026-001-0002", background="来电 13800000000", budget_wan=None),
        make_opportunity(id="JH-003", title="未分类的事", domain="", batch="第2批", deadline=None),
        make_opportunity(id="JH-004", title="已撤回", batch="第1批", state="withdrawn"),
    )  # fmt: skip
    shop.take(make_capability(), make_capability(id="NL-002", title="水位计", domains=("智慧水利",)))
    return desk_of(shop)


def publish_batch(shop: Shop, number: int = 1, **columns: Any) -> None:
    values = {"name": "第1批", "issuer": "江夏区数据局（示例）", "document_number": "江数〔2026〕1号",
              "disclosure": "主动公开", "state": "published", "published_on": "2026-11-20"}  # fmt: skip
    with transaction(shop.db):
        insert_batch(shop.db, Side.OPPORTUNITY, number, values | columns)


def titles(book: Handbook) -> list[tuple[str, list[str]]]:
    return [(section.domain, [entry.title for entry in section.entries]) for section in book.sections]


def test_a_handbook_has_a_section_for_each_field(desk: OutputDesk) -> None:
    book = desk.handbook(HandbookQuery(NEEDS))
    assert titles(book) == [
        ("智慧城市", [make_opportunity().title]), ("智慧水利", ["闸门无人值守"]), ("未注明领域", ["未分类的事"]),
    ]  # fmt: skip
    assert (book.title, book.total, book.batch) == ("场景机会清单手册", 3, "")
    first = book.sections[0].entries[0]
    assert first.number == "1.1"
    assert dict(first.facts)["预算"] == "120万元"
    assert dict(first.facts)["截止日期"] == "2027年3月31日"
    assert dict(first.facts)["办公电话"] == "027-87654321"
    assert [text.label for text in first.texts] == ["背景与问题", "需求条目", "预期成效"]
    assert first.texts[1].items == make_opportunity().requirements
    assert "13800000000" not in str(book)


def test_a_capability_stands_once_under_its_first_field(desk: OutputDesk) -> None:
    book = desk.handbook(HandbookQuery(OFFERS))
    assert titles(book) == [("智慧城市", ["窨井状态感知终端"]), ("智慧水利", ["水位计"])]
    facts = [dict(section.entries[0].facts) for section in book.sections]
    assert facts[0]["领域"] == "智慧城市、应急安全"
    assert "领域" not in facts[1]
    assert facts[0]["技术成熟度"] == "8 级"


def test_metadata_are_those_of_the_published_batch(shop: Shop, desk: OutputDesk) -> None:
    publish_batch(shop, recalled_at="2026-11-20T00:00:00Z", issuer="别的单位", published_on="2026-11-19")
    publish_batch(shop, 2)
    book = desk.handbook(HandbookQuery(NEEDS, "第1批"), issuer="网站主办单位（示例）")
    assert book.title == "2026年第1批场景机会清单手册"
    assert dict(book.metadata) == {
        "索引号": "SM-JH-2026-001-0001 至 SM-JH-2026-001-0002（共 2 个）", "文号": "江数〔2026〕1号",
        "发布机构": "江夏区数据局（示例）", "公开类别": "主动公开", "主题分类": "场景机会清单",
        "发布日期": "2026年11月20日",
        "有效性": "有效（各条有效期不同，最早至2099年6月30日）",
    }  # fmt: skip
    assert book.total == 2
    assert "批次" not in dict(book.sections[0].entries[0].facts)


def test_a_batch_is_one_however_it_was_written(shop: Shop) -> None:
    written = ("2026年第一批", "第1批", "２０２６年第 1 批", "2026年第十批", "2026年第2批", "首批")
    shop.take(*(make_opportunity(id=f"JH-{place}", batch=text, year=2026) for place, text in enumerate(written)))
    desk = desk_of(shop)
    (needs, _) = desk.open_data().lists
    assert needs.batches == (("2026年第1批", 3), ("2026年第2批", 1), ("2026年第10批", 1), ("首批", 1))
    for name in ("2026年第1批", "2026年第一批"):
        assert desk.handbook(HandbookQuery(NEEDS, name)).total == 3
    book = desk.handbook(HandbookQuery(NEEDS))
    facts = [dict(entry.facts)["批次"] for section in book.sections for entry in section.entries]
    assert facts == [*["2026年第1批"] * 3, "2026年第10批", "2026年第2批", "首批"]


def test_without_a_batch_the_site_issues_it(desk: OutputDesk) -> None:
    metadata = dict(desk.handbook(HandbookQuery(NEEDS, "第2批"), issuer="网站主办单位（示例）").metadata)
    assert metadata["发布机构"] == "网站主办单位（示例）"
    assert metadata["有效性"] == "有效"
    assert "文号" not in metadata
    assert "索引号" not in metadata


def test_filters_are_those_of_the_list_and_said_in_words(desk: OutputDesk) -> None:
    query = replace(NEEDS, facets={"domain": ("智慧水利", "none")}, page=7, page_size=1)
    book = desk.handbook(HandbookQuery(query))
    assert [domain for domain, _ in titles(book)] == ["智慧水利", "未注明领域"]
    assert book.conditions == ("领域：未注明、智慧水利",)
    searched = desk.handbook(HandbookQuery(replace(NEEDS, text="闸门", order="relevance")))
    assert searched.conditions == ("搜索词：闸门",)
    assert searched.sections[0].entries[0].title == "闸门无人值守"


def test_an_empty_handbook_and_one_too_many(desk: OutputDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.handbook(HandbookQuery(NEEDS, "没有这一批")).sections == ()
    assert "没有符合条件的条目" in words_of(desk.handbook_file(HandbookQuery(NEEDS, "没有这一批")).stream.read())
    monkeypatch.setattr(outputs, "HANDBOOK_LIMIT", 2)
    with pytest.raises(BadRequestError, match=r"有 3 条，一册手册最多 2 条"):
        desk.handbook(HandbookQuery(NEEDS))


def words_of(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


def test_the_word_file_has_cover_contents_sections_and_pages(desk: OutputDesk) -> None:
    file = desk.handbook_file(HandbookQuery(NEEDS), issuer="网站主办单位（示例）")
    assert file.name == f"场景机会清单手册-{today()}.docx"
    document = Document(file.stream)
    styles = [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs if paragraph.style]
    assert ("Title", "场景机会清单手册") in styles
    assert [text for style, text in styles if style == "Heading 1"] == ["1　智慧城市", "2　智慧水利", "3　未注明领域"]
    assert [text for style, text in styles if style == "Heading 2"][1] == "2.1　闸门无人值守"
    text = "\n".join(text for _, text in styles)
    assert "1. 井盖移位、缺失后15分钟内告警" in text
    assert "13800000000" not in text
    tables = [[cell.text for row in table.rows for cell in row.cells] for table in document.tables]
    assert "网站主办单位（示例）" in tables[0]
    assert "120万元" in tables[1]
    codes = [code.text for code in document.element.iter(qn("w:instrText"))]
    assert any("TOC" in code for code in codes)
    section = document.sections[0]
    assert section.different_first_page_header_footer
    assert [code.text.strip() for code in section.footer._element.iter(qn("w:instrText"))] == ["PAGE", "NUMPAGES"]
    assert section.page_width is not None
    assert round(section.page_width.mm) == 210
    breaks = [one for one in document.paragraphs if one.style and one.style.name == "Heading 1"]
    assert all(one.paragraph_format.page_break_before for one in breaks)


def test_the_word_file_names_chinese_fonts(desk: OutputDesk) -> None:
    document = Document(io.BytesIO(handbook_docx(desk.handbook(HandbookQuery(NEEDS)))))
    fonts = {name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) for name in ("Normal", "Heading 1")}
    assert fonts == {"Normal": TEXT_FONT, "Heading 1": HEAD_FONT}
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsiaTheme")) is None


def test_fields_of_the_word_file_are_closed(desk: OutputDesk) -> None:
    document = Document(io.BytesIO(handbook_docx(desk.handbook(HandbookQuery(NEEDS)))))
    kinds = [mark.get(qn("w:fldCharType")) for mark in document.element.iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", "end"]


def test_what_xml_cannot_hold_does_not_break_the_word_file(shop: Shop) -> None:
    shop.take(make_opportunity(title="甲\ufffe<乙>&", requirements=('\uffff"丙"',), publisher="<单位>&"))
    file = desk_of(shop).handbook_file(HandbookQuery(NEEDS))
    assert "1.1　甲<乙>&" in words_of(file.stream.read())


@pytest.mark.parametrize(("day", "words"), [("2026-01-05", "2026年1月5日"), ("长期", "长期"), ("", "")])
def test_days_in_words(day: str, words: str) -> None:
    assert day_words(day) == words


def test_list_files_hold_every_page_in_the_order_asked_for(desk: OutputDesk) -> None:
    query = replace(NEEDS, order="deadline", page=3, page_size=1)
    file = desk.list_file(query, "xlsx")
    assert (file.name, file.plain_name) == (f"场景机会清单-{today()}.xlsx", f"opportunities-{today()}.xlsx")
    sheet = load_workbook(file.stream).active
    assert sheet is not None
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["JH-001", "JH-002", "JH-003"]
    text = desk.list_file(replace(NEEDS, facets={"domain": ("智慧水利",)}), "csv").stream.read().decode("utf-8-sig")
    assert "闸门无人值守" in text
    assert "138****0000" in text
    assert "未分类的事" not in text
    with pytest.raises(BadRequestError, match="排序方式"):
        desk.list_file(replace(NEEDS, order="best"), "csv")


def test_open_data_files_are_built_once_for_a_change(shop: Shop, desk: OutputDesk) -> None:
    folder = shop.settings.database.parent / "exports"
    first = desk.open_data_file(Side.OPPORTUNITY, "jsonl")
    ids = [json.loads(line)["id"] for line in first.stream.read().decode().splitlines()]
    assert ids == ["JH-001", "JH-002", "JH-003"]
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes() + b"\n")
    again = desk.open_data_file(Side.OPPORTUNITY, "jsonl")
    assert again.size == first.size + 1
    assert again.mark == first.mark
    desk.open_data_file(Side.OPPORTUNITY, "csv").stream.close()
    half = folder / "opportunities-1.jsonl.0.new"
    half.touch()
    os.utime(half, (0, 0))
    shop.withdraw("JH-001")
    changed = desk.open_data_file(Side.OPPORTUNITY, "jsonl")
    assert changed.mark != first.mark
    assert "JH-001" not in changed.stream.read().decode()
    assert sorted(one.suffix for one in folder.iterdir()) == [".csv", ".jsonl"]
    assert again.stream.read().endswith(b"\n\n")
    for file in (first, again, changed):
        file.stream.close()


def test_open_data_tells_columns_counts_and_batches(desk: OutputDesk) -> None:
    page = desk.open_data()
    needs, offers = page.lists
    assert (needs.count, offers.count) == (3, 2)
    assert needs.batches == (("2026年第1批", 2), ("2026年第2批", 1))
    names = {column.label: column.name for column in needs.columns}
    assert (names["预算"], names["牵头部门"], names["截止日期"]) == ("budget_wan", "extra.department", "deadline")
    assert "联系方式（受保护）" not in names
    assert page.changed_at is not None
    with pytest.raises(NotFoundError):
        desk.open_data_file(Side.OPPORTUNITY, "exe")


def test_a_feed_has_what_changed_last_first(shop: Shop, desk: OutputDesk) -> None:
    with transaction(shop.db):
        shop.db.table("posting").update(shop.key("JH-002"), {"updated_at": "2099-01-02T03:04:05Z"})
    page = desk.feed(NEEDS)
    newest, *others = page.entries
    assert newest.title == "闸门无人值守"
    assert len(others) == 2
    assert (newest.updated, newest.organisation, newest.domains) == (
        "2099-01-02T03:04:05Z", "江夏区城市管理执法局（示例）", ("智慧水利",),
    )  # fmt: skip
    assert newest.summary == "来电 138****0000"
    assert f"{page.changed:%Y-%m-%d}" == "2099-01-02"
    assert desk.feed(replace(NEEDS, facets={"domain": ("智慧水利",)})).conditions == ("领域：智慧水利",)


def test_a_feed_stops_at_fifty_and_may_be_empty(shop: Shop) -> None:
    assert desk_of(shop).feed(NEEDS).entries == ()
    shop.take(*(make_opportunity(id=f"JH-{number}") for number in range(52)))
    assert len(desk_of(shop).feed(NEEDS).entries) == 50


def header_of(stream: Any) -> list[Any]:
    sheet = load_workbook(stream).active
    assert sheet is not None
    return [cell.value for cell in sheet[1]]


def test_an_organisation_gets_its_list_under_its_own_columns(shop: Shop, desk: OutputDesk) -> None:
    key = own(shop.db, shop.key("JH-001"), "江夏区城市管理执法局第二分局（示例）")
    viewer = make_person(shop.db, PUBLISHER, organisation=key)
    assert header_of(desk.own_file(viewer, key, Side.OPPORTUNITY).stream)[:2] == ["编号", "场景名称"]
    mapping = [{"index": place, "text": text, "field": field, "unit": "", "keep": False} for place, (text, field) in
               enumerate((("项目名称", "title"), ("项目编号", "id"), ("备注", "")))]  # fmt: skip
    run = {"state": "done", "file_name": "清单.xlsx", "mapping": mapping, "account_key": viewer.account_key,
           "organisation_key": key, "finished_at": "2026-11-20T00:00:00Z"}  # fmt: skip
    with transaction(shop.db):
        import_key = insert_run(shop.db, Side.OPPORTUNITY, run)
        rows = (("added", "JH-002"), ("unchanged", "JH-001"), ("drafted", "JH-003"))
        shop.db.table("import_row").insert_all(
            {"import_key": import_key, "position": place, "state": state, "posting_key": shop.key(posting_id)}
            for place, (state, posting_id) in enumerate(rows)
        )
    sheet = load_workbook(desk.own_file(viewer, key, Side.OPPORTUNITY).stream).active
    assert sheet is not None
    assert list(sheet.iter_rows(values_only=True)) == [
        ("项目名称", "项目编号", "备注"), (make_opportunity().title, "JH-001", None),
    ]  # fmt: skip
    sheet = load_workbook(desk.like_import_file(viewer, import_key).stream).active
    assert sheet is not None
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["JH-002", "JH-001"]
    for other in (Viewer(), make_person(shop.db, COMPANY, organisation=key + 1)):
        with pytest.raises(NotFoundError):
            desk.like_import_file(other, import_key)
        with pytest.raises(NotFoundError):
            desk.own_file(other, key, Side.OPPORTUNITY)
    assert desk.like_import_file(make_person(shop.db, REVIEWER), import_key).size
    with pytest.raises(NotFoundError):
        desk.like_import_file(viewer, import_key + 1)


def test_imports_of_the_command_line_are_not_a_visitors(shop: Shop, desk: OutputDesk) -> None:
    with transaction(shop.db):
        key = insert_run(shop.db, Side.OPPORTUNITY, {"state": "done", "account_key": 0, "organisation_key": 0})
    with pytest.raises(NotFoundError):
        desk.like_import_file(Viewer(), key)


def test_nothing_here_ranks(desk: OutputDesk) -> None:
    told = str(desk.open_data()) + str(desk.handbook(HandbookQuery(NEEDS))) + str(desk.feed(NEEDS))
    assert not re.search("匹配|排名|score|band", told)
