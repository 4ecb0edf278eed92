"""Templates: every column is recognised again, drop-downs offer the terms, nothing but the header is in the way."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from marketplace.exporting import template_workbook
from marketplace.exporting.template import INSTRUCTIONS, OPTIONS, circle_places
from marketplace.records import FIELDS, PUBLISHER_TYPES, SIDE_NAMES, check_record
from marketplace.taxonomies import read_taxonomy_files
from marketplace.terms import Terms
from marketplace.workbooks import read_workbook
from marketplace.workbooks.columns import guess_columns
from marketplace.workbooks.refusals import missing_sentence
from marketplace.workbooks.rows import read_rows
from matching import Side

both_sides = pytest.mark.parametrize("side", Side)


@pytest.fixture(scope="module")
def terms() -> Terms:
    return Terms(read_taxonomy_files())


def opened(side: Side, terms: Terms) -> Workbook:
    return load_workbook(io.BytesIO(template_workbook(side, terms)))


def rules_of(book: Workbook, side: Side) -> dict[str, Any]:
    sheet = book[SIDE_NAMES[side]]
    labels = {cell.column_letter: cell.value for cell in sheet[1]}
    columns = ((re.match("[A-Z]+", str(rule.sqref)), rule) for rule in sheet.data_validations.dataValidation)
    return {labels[column[0]]: rule for column, rule in columns if column}


def offered(book: Workbook, rule: Any) -> list[str]:
    """The choices a rule points at on the sheet of options."""
    sheet, _, cells = rule.formula1.partition("!")
    assert sheet == f"'{OPTIONS}'"
    return [cell.value for (cell,) in book[OPTIONS][cells.replace("$", "")]]


@both_sides
def test_headers_are_the_labels_and_notes_say_what_is_required(side: Side, terms: Terms) -> None:
    book = opened(side, terms)
    assert book.sheetnames == [SIDE_NAMES[side], INSTRUCTIONS, OPTIONS]
    assert book[OPTIONS].sheet_state == "hidden"
    assert book.active is book[SIDE_NAMES[side]]
    sheet = book[SIDE_NAMES[side]]
    assert [cell.value for cell in sheet[1]] == [spec.label for spec in FIELDS[side]]
    assert sheet.max_row == 1
    for cell, spec in zip(sheet[1], FIELDS[side], strict=True):
        assert cell.comment is not None
        lines = cell.comment.text.split("\n")
        assert lines[0] == ("* 必填" if spec.required else "选填")
        assert (spec.note or lines[1]) in lines
        assert not spec.example or any(spec.example.split("\n")[0] in line for line in lines)


@both_sides
def test_drop_downs_offer_the_terms(side: Side, terms: Terms) -> None:
    book = opened(side, terms)
    rules = rules_of(book, side)
    place = "所在区域" if side is Side.OPPORTUNITY else "所在地"
    assert offered(book, rules[place]) == list(circle_places())
    assert not rules[place].showErrorMessage
    assert offered(book, rules["领域"]) == list(terms.labels("scene_domain"))
    assert offered(book, rules["公开属性"]) == list(terms.labels("disclosure"))
    assert rules["公开属性"].showErrorMessage
    if side is Side.OPPORTUNITY:
        assert offered(book, rules["单位类型"]) == list(PUBLISHER_TYPES.values())
        level = rules["所需成熟度"]
    else:
        assert offered(book, rules["可否试用"]) == ["是", "否"]
        assert not rules["企业资质"].showErrorMessage
        level = rules["技术成熟度"]
    assert (level.type, level.formula1, level.formula2) == ("whole", "1", "9")


def test_places_are_written_as_lists_write_them() -> None:
    places = circle_places()
    assert {"武汉市江夏区", "潜江市", "武汉市", "黄石市下陆区"} <= set(places)
    assert not any("直辖" in place or "市辖" in place for place in places)
    assert len(set(places)) == len(places)


@both_sides
def test_formats_keep_what_is_typed(side: Side, terms: Terms) -> None:
    sheet = opened(side, terms)[SIDE_NAMES[side]]
    formats = {cell.value: sheet.column_dimensions[cell.column_letter].number_format for cell in sheet[1]}
    assert (formats["编号"], formats["有效期至"], formats["年度"]) == ("@", "yyyy-mm-dd", "0")


@both_sides
def test_instructions_name_every_field(side: Side, terms: Terms) -> None:
    header, *lines = opened(side, terms)[INSTRUCTIONS].iter_rows(values_only=True)
    assert header == ("列名", "是否必填", "可以怎样填写", "可选内容", "填写示例")
    told = {line[0]: line for line in lines if line[0]}
    for spec in FIELDS[side]:
        assert told[spec.label][1] == ("必填" if spec.required else "选填")
        assert told[spec.label][2]
        assert (told[spec.label][4] or "") == spec.example


@both_sides
def test_the_importer_knows_every_column_and_reads_what_was_filled_in(side: Side, terms: Terms, tmp_path: Path) -> None:
    book = opened(side, terms)
    for place, spec in enumerate(FIELDS[side], 1):
        book[SIDE_NAMES[side]].cell(2, place, spec.example or None)
    path = tmp_path / "模板.xlsx"
    book.save(path)
    sheet = read_workbook(path, path.name).sheets[0]
    guess = guess_columns(sheet)
    assert guess.sides == (side,)
    assert missing_sentence(sheet, guess) is None
    assert [(header.field, header.sure) for header in guess.headers] == [(spec.name, True) for spec in FIELDS[side]]
    (row,) = read_rows(sheet, guess)
    assert row.faults == ()
    record, faults = check_record(side, row.values, terms)
    assert faults == ()
    assert record is not None
    assert record.title == next(spec.example for spec in FIELDS[side] if spec.name == "title")


def test_an_empty_template_holds_no_rows(terms: Terms, tmp_path: Path) -> None:
    path = tmp_path / "空.xlsx"
    path.write_bytes(template_workbook(Side.OPPORTUNITY, terms))
    sheet = read_workbook(path, path.name).sheets[0]
    assert read_rows(sheet, guess_columns(sheet)) == ()
