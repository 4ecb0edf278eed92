"""Headers as offices write them: which row they stand in, which field each names, what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from marketplace.records import FIELDS
from marketplace.workbooks import Sheet, Workbook
from marketplace.workbooks.columns import choose_sheet, columns_at, guess_columns, with_choice
from marketplace.workbooks.headers import header_key, unit_of
from marketplace.workbooks.refusals import doubled_sentence, missing_sentence, private_sentence, unknown_sentence
from matching import Side

NEED, OFFER = Side.OPPORTUNITY, Side.CAPABILITY


def sheet(*rows: Sequence[Any], name: str = "Sheet1", first: int = 1) -> Sheet:
    return Sheet(name, tuple(tuple(row) for row in rows), first)


def fields(*headers: str, side: Side | None = NEED) -> list[str | None]:
    return [header.field for header in guess_columns(sheet(headers, ["x"] * len(headers)), side).headers]


@pytest.mark.parametrize("side", list(Side))
def test_every_label_and_synonym_is_known(side: Side) -> None:
    labels = {header_key(spec.label): spec.name for spec in FIELDS[side]}
    for spec in FIELDS[side]:
        for written in (spec.label, f" {spec.label}（必填）", f"*{spec.label}：", *spec.synonyms):
            wanted = labels.get(header_key(written), spec.name)
            guess = guess_columns(sheet([written, "甲乙丙丁"], ["x", "y"]), side)
            assert (guess.headers[0].field, guess.headers[0].sure) == (wanted, True), written


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        (["場 景 名 稱", "發佈單位"], ["title", "publisher"]),
        (["场景\n名称", "ＴＩＴＬＥ２", "預算(萬元)"], ["title", None, "budget"]),
        (["场景名称", "需求单位名称", "场景领域分类"], ["title", "publisher", "domain"]),
        (["序号", "场景名称", "单位名称", "单位"], [None, "title", "publisher", None]),
        (["项目名称", "场景名称", "单位"], [None, "title", "publisher"]),
        (["场景名称", "技术难点", "技术指标", "研究内容"], ["title", "background", "requirements", "background"]),
        (["场景名称", "联系人", "手机", "办公电话"], ["title", "contact", "contact", "office_phone"]),
        (["title", "publisher", "budget_wan", "extra", "state"], ["title", "publisher", "budget", "other", None]),
    ],
)  # fmt: skip
def test_headers_name_fields(headers: list[str], wanted: list[str | None]) -> None:
    assert fields(*headers) == wanted


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("预算（万元）", "万元"), ("投资额(元)", "元"), ("预算（单位：亿元）", "亿元"), ("預算（萬元）", "万元"),
        ("预算", ""), ("人数（千人）", ""),
    ],
)  # fmt: skip
def test_units_of_headers(header: str, unit: str) -> None:
    assert unit_of(header) == unit


def test_the_header_is_found_under_titles_and_above_data() -> None:
    rows = [
        ["示例市场景机会清单"] * 4, ["填报日期：2026年5月", None, None, None], [],
        ["序号", "场景名称", "发布单位", "备注"], [1, "场景名称牌自动识别", "甲局（示例）", "发布单位"],
    ]  # fmt: skip
    guess = guess_columns(sheet(*rows, first=3))
    assert (guess.side, guess.sides, guess.header_row) == (NEED, (NEED,), 3)
    assert guess.notices[0].startswith("表头在第 6 行；它上面的第 3、4 行是标题")
    assert guess.headers[1].samples == ("场景名称牌自动识别",)


def test_a_header_of_two_lines_is_read_as_one() -> None:
    rows = [
        ["序号", "场景名称", "发布单位", "需求内容", None],
        [None, None, None, "存在问题", "技术指标"],
        [1, "甲", "乙", "丙", None],
    ]
    guess = guess_columns(sheet(*rows))
    assert guess.header_row == 1
    assert guess.fields == {1: "title", 2: "publisher", 3: "background", 4: "requirements"}


@pytest.mark.parametrize(
    ("headers", "side"),
    [
        (["场景名称", "发布单位"], NEED), (["能力名称", "企业名称"], OFFER), (["名称", "单位", "预算"], NEED),
        (["名称", "单位", "案例"], OFFER),
    ],
)  # fmt: skip
def test_the_list_is_told_by_its_columns(headers: list[str], side: Side) -> None:
    guess = guess_columns(sheet(headers, ["x"] * len(headers)))
    assert (guess.side, guess.sides) == (side, (side,))


def test_where_columns_do_not_tell_the_title_may_and_else_both_are_offered() -> None:
    rows = (["名称", "单位"], ["a", "b"])
    assert set(guess_columns(sheet(*rows)).sides) == set(Side)
    assert guess_columns(sheet(*rows, name="能力清单")).sides == (OFFER,)
    assert guess_columns(sheet(["2026年场景机会清单", None], *rows)).sides == (NEED,)


def test_what_was_remembered_comes_first() -> None:
    rows = sheet(["场景名称", "事项", "单位"], ["a", "b", "c"])
    memory = {header_key("事项"): "title", header_key("场景名称"): "background", header_key("单位"): ""}
    assert guess_columns(rows, NEED, memory).fields == {0: "background", 1: "title"}
    # A field there is none of any more says nothing.
    assert guess_columns(rows, NEED, {header_key("事项"): "no_field"}).fields == {0: "title", 2: "publisher"}


UNREAD = sheet(
    ["序号", "场景名称", "单位", "口径", "跟进", "电联", "经办人", "手機號", None],
    [1, "a", "b", "季度", "１３８ ０００１ ２３４５", 13800000000.0, "張三", "略", "无表头"],
)


def test_unread_columns_are_left_out_unless_a_person_wants_them() -> None:
    guess = guess_columns(UNREAD, NEED)
    assert guess.kept == frozenset()
    (aside,) = (notice for notice in guess.notices if "口径" in notice)
    assert aside.startswith("“口径”不对应任何一项，默认不导入")
    assert not any("序号" in notice for notice in guess.notices)
    assert with_choice(guess, {}, {3}).kept == {3}
    assert guess_columns(UNREAD, NEED, {header_key("口徑"): "+"}).kept == {3}
    assert private_sentence(guess, {3}) is None


@pytest.mark.parametrize(
    ("place", "name"), [(4, "“跟进”"), (5, "“电联”"), (6, "“经办人”"), (7, "“手機號”"), (8, "第 9 列")]
)
def test_what_names_people_cannot_be_kept(place: int, name: str) -> None:
    memory = {header_key(header.text): "+" for header in guess_columns(UNREAD, NEED).headers if header.index == place}
    guess = guess_columns(UNREAD, NEED, memory)
    dropped = with_choice(guess, {place: ""}, {place})
    assert (guess.kept, dropped.kept) == (frozenset(), frozenset())
    assert (private_sentence(dropped, {place}) or "").startswith(f"{name}一列")
    # Taken for a field that is not public it may come in.
    taken = with_choice(guess, {place: "contact"}, {place})
    assert private_sentence(taken, {place}) is None


def test_a_list_without_a_name_column_takes_what_says_it() -> None:
    guess = guess_columns(sheet(["公司名称", "企业与产品简介", "场景能力"], ["a", "b", "c"]))
    assert guess.fields == {0: "company", 1: "summary", 2: "title"}
    assert not guess.headers[2].sure


def test_people_may_say_otherwise() -> None:
    rows = sheet(["场景名称", "单位", "甲"], ["a", "b", "c"])
    guess = with_choice(guess_columns(rows, NEED), {2: "domain", 1: ""}, {1})
    assert (guess.fields, guess.kept) == ({0: "title", 2: "domain"}, {1})
    assert missing_sentence(rows, guess) is not None
    assert missing_sentence(rows, guess, organisation_known=True) is None
    twice = with_choice(guess, {1: "title"})
    assert "“场景名称”和“单位”两列都对应“场景名称”" in (doubled_sentence(twice) or "")
    assert unknown_sentence(NEED, ["title", None, "other"]) is None
    assert "没有名为“company”的项；可选：编号、场景名称" in (unknown_sentence(NEED, ["title", "company"]) or "")
    both = with_choice(guess, {1: "background", 2: "background"})
    assert doubled_sentence(both) is None


def test_a_missing_column_is_named_with_what_was_found() -> None:
    rows = sheet(["事项", "单位"], ["a", "b"], first=2)
    sentence = missing_sentence(rows, columns_at(rows, NEED, 0))
    assert sentence is not None
    assert sentence.startswith(
        "“Sheet1”第 2 行表头没有“场景名称”一列；找到的列有：事项、单位；应有：编号、场景名称、发布单位"
    )
    nothing = sheet(["a", "b"], ["c", "d"])
    assert guess_columns(nothing).header_row == -1
    assert "没有找到" in (missing_sentence(nothing, guess_columns(nothing, NEED)) or "")


def test_the_sheet_that_is_a_list_is_taken() -> None:
    aside = sheet(["场景名称", "发布单位", "领域", "预算"], ["如", "如", "如", "如"], name="填写说明")
    small = sheet(["场景名称"], ["a"], name="草稿")
    real = sheet(["场景名称", "发布单位"], ["a", "b"], name="清单")
    assert choose_sheet(Workbook("xlsx", (aside, small, real), ()))[0] == 2
