"""Rows under a known header: raw values, what is passed over, faults and hints, ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from marketplace.records.written import write_exact_lines
from marketplace.store.database import open_database
from marketplace.terms import load_book
from marketplace.workbooks import Sheet
from marketplace.workbooks.checking import CheckedRow, check_rows, made_id, settle_ids
from marketplace.workbooks.columns import guess_columns, with_choice
from marketplace.workbooks.rows import RawRow, read_rows
from matching import MatchingSettings, Side

NEED, OFFER = Side.OPPORTUNITY, Side.CAPABILITY
TODAY = date(2026, 11, 1)


def sheet(*rows: Sequence[Any], merged: Sequence[tuple[int, int, int, int]] = ()) -> Sheet:
    return Sheet("清单", tuple(tuple(row) for row in rows), 1, tuple(merged))


def read(*rows: Sequence[Any], side: Side = NEED, exact: bool = False, **more: Any) -> tuple[RawRow, ...]:
    one = sheet(*rows, **more)
    return read_rows(one, guess_columns(one, side), exact_lists=exact)


def one_value(header: str, cell: Any, side: Side = NEED) -> Any:
    """The raw value of a field from one cell under a header."""
    title = "场景名称" if side is NEED else "能力名称"
    (row,) = read([title, header], ["甲", cell], side=side)
    return next((value for name, value in row.values.items() if name != "title"), None)


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("terms")

    class Settings:
        matching = MatchingSettings(Path(__file__).resolve().parents[2] / "data", folder)

    return load_book(open_database(folder / "terms.db"), Settings())  # type: ignore[arg-type]


def check(terms: Any, *rows: Sequence[Any], side: Side = NEED, organisation: str = "") -> list[CheckedRow]:
    return check_rows(read(*rows, side=side), side, terms, organisation=organisation, today=TODAY)


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("投资额（元）", 3_000_000, "3000000元"),
        ("投资额（元）", "300,000", "300,000元"),
        ("投资额（元）", "30–50", "30–50元"),
        ("投资额（元）", "30万元", "30万元"),
        ("预算（亿元）", 1.44, "1.44亿元"),
        ("预算（万元）", 300, 300),
        ("截止日期", datetime(2027, 6, 3, 12), "2027-06-03"),
        ("截止日期", date(2027, 6, 3), "2027-06-03"),
        ("背景", "'=1+1", "=1+1"),
        ("需求条目", write_exact_lines(["①1.5米", "两行\n一条"]), ["①1.5米", "两行\n一条"]),
    ],
)  # fmt: skip
def test_cells_become_values(header: str, cell: Any, value: Any) -> None:
    assert one_value(header, cell) == value


def test_items_of_an_exchange_file_are_taken_as_they_stand() -> None:
    (row,) = read(["title", "requirements"], ["甲", "1.第一\n；第二；第三"], exact=True)
    assert row.values["requirements"] == ["1.第一", "；第二；第三"]


def test_columns_of_one_field_are_joined_under_their_names() -> None:
    (row,) = read(
        ["场景名称", "背景与问题", "研究内容", "技术指标", "合作需求"],
        ["甲", "乱。", "算法", "1. 快\n2. 准", "联合建设"],
    )
    assert row.values["background"] == "乱。\n研究内容：算法"
    assert row.values["requirements"] == ["技术指标：快", "技术指标：准", "合作需求：联合建设"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["场景名称", "发布单位", None], "重复的表头"),
        (["合 计", None, 300], "合计行"),
        (["小计：", "3项", None], "合计行"),
        (["一、城市治理", None, None], "分组标题"),
        (["智慧水务", "智慧水务", "智慧水务"], "分组标题"),
        ([None, None, "以下为二批"], "分组标题"),
        (["注：以批复为准", None, None], "说明文字"),
        (["填报人：张", "审核人：李", None], "说明文字"),
        (["合计费用自动核算", "甲局（示例）", 3], ""),
        (["注塑车间能耗监测", None, None], ""),
        (["说明书自动生成", "甲局（示例）", None], ""),
    ],
)
def test_rows_that_are_no_record_say_why(cells: list[Any], reason: str) -> None:
    (row,) = read(["场景名称", "发布单位", "预算"], cells)
    assert row.skipped.startswith(reason) if reason else not row.skipped


def test_a_blank_organisation_is_the_one_above_and_said_so() -> None:
    rows = read(
        ["领域", "场景名称", "发布单位"],
        ["智慧水务", "甲", "水局（示例）"],
        [None, "乙", None],
        [None, None, None],
        [None, "丙", "城局（示例）"],
    )
    assert [(row.values["domain"], row.values["publisher"]) for row in rows] == [
        ("智慧水务", "水局（示例）"), ("智慧水务", "水局（示例）"), ("智慧水务", "城局（示例）"),
    ]  # fmt: skip
    assert {fault.field for fault in rows[1].faults} == {"domain", "publisher"}
    assert not any(fault.blocking for fault in rows[1].faults)
    # To the right of the name a blank field means that nothing was written.
    assert "domain" not in read(["场景名称", "领域"], ["甲", "智慧水务"], ["乙", None])[1].values


def test_rows_under_one_merged_name_are_one_record() -> None:
    rows = read(
        ["场景名称", "发布单位", "背景", "需求条目"],
        ["甲", "水局（示例）", "乱。", "快"], ["甲", "水局（示例）", "乱。", "准"],
        ["甲", "水局（示例）", "脏。", "准"], ["甲", "水局（示例）", None, "稳"],
        merged=[(1, 0, 3, 0)],
    )  # fmt: skip
    assert [(row.row_number, bool(row.skipped)) for row in rows] == [(2, False), (3, True), (4, True), (5, False)]
    assert rows[0].values["requirements"] == ["快", "准"]
    assert rows[0].values["background"] == "乱。\n脏。"


@pytest.mark.parametrize(
    ("phone", "contact", "public", "kept"),
    [
        ("027-00000000", None, "027-00000000", ""),
        (None, "027-00000000", "027-00000000", "027-00000000"),
        ("13800000000", None, None, "13800000000"),
        ("027-00000000 13800000000", "张三", "027-00000000", "张三 13800000000"),
        (None, 13800000000, None, "13800000000"),
    ],
)  # fmt: skip
def test_phones_go_where_they_belong(phone: Any, contact: Any, public: str | None, kept: str) -> None:
    (row,) = read(["场景名称", "办公电话", "联系方式"], ["甲", phone, contact])
    assert (row.values.get("office_phone"), row.contact) == (public, kept)


def test_a_failed_formula_is_a_fault_and_text_like_one_a_hint(terms: Any) -> None:
    head = ["场景名称", "发布单位", "背景"]
    failed, like, temperature = check(
        terms,
        head,
        ["甲", "水局（示例）", "#N/A"],
        ["乙", "水局（示例）", "=cmd|' /C calc'!A0"],
        ["丙", "水局（示例）", "-5℃以下"],
    )
    assert (failed.state, failed.faults[0].found, failed.faults[0].field) == ("bad", "#N/A", "background")
    assert (like.state, [fault.blocking for fault in like.faults]) == ("good", [False])
    assert temperature.faults == ()


def test_faults_name_field_finding_and_what_is_allowed(terms: Any) -> None:
    head = ["场景名称", "发布单位", "预算", "资金落实状态", "截止日期"]
    (row,) = check(terms, head, [None, "水局（示例）", "-5万", "已经落实", "2026-02-30"])
    assert {fault.field for fault in row.blocking} == {"title", "budget", "funding_state", "deadline"}
    assert all(fault.label in fault.sentence for fault in row.faults)
    assert next(fault for fault in row.faults if fault.field == "funding_state").suggestion == "已落实"


@pytest.mark.parametrize(
    ("place", "better"),
    [
        ("潜江市区", "潜江市"),
        ("江夏", "武汉市江夏区"),
        ("武汉市江夏区", None),
        ("武漢市江夏區", None),
        ("火星基地", ""),
    ],
)
def test_places_are_only_asked_about(terms: Any, place: str, better: str | None) -> None:
    (row,) = check(terms, ["场景名称", "发布单位", "所在区域"], ["甲", "水局（示例）", place])
    assert row.state == "good"
    assert [fault.suggestion or "" for fault in row.faults] == ([] if better is None else [better])


def test_hints_do_not_keep_a_row_out(terms: Any) -> None:
    head = ["场景名称", "发布单位", "截止日期", "需求条目"]
    (row,) = check(terms, head, ["甲", "水局（示例）", "2026-10-31", "供应商限本地企业\n24小时响应"])
    assert (row.state, {fault.field for fault in row.faults}) == ("good", {"deadline", "requirements"})
    assert any("公平竞争" in fault.sentence for fault in row.faults)
    (quiet,) = check(terms, head, ["甲", "水局（示例）", "2026-11-01", "不限企业规模"])
    assert quiet.faults == ()


def test_columns_that_go_along_are_public_too(terms: Any) -> None:
    one = sheet(
        ["场景名称", "发布单位", "口径"],
        *([f"场景{place}", "水局（示例）", "季度"] for place in range(250)),
        ["尾", "水局（示例）", "问 13800000000"],
        ["末", "水局（示例）", 13800000000],
    )
    rows = check_rows(read_rows(one, guess_columns(one, NEED)), NEED, terms, today=TODAY)
    assert rows[0].record is not None
    assert rows[0].record.other == {}
    wanted = with_choice(guess_columns(one, NEED), {}, {2})
    rows = check_rows(read_rows(one, wanted), NEED, terms, today=TODAY)
    assert rows[0].record is not None
    assert rows[0].record.other == {"口径": "季度"}
    # Personal data further down than the columns were looked at keep their rows out.
    assert [(row.state, row.faults[0].field) for row in rows[-2:]] == [("bad", "other.口径")] * 2


def test_ids_are_lasting_and_unique() -> None:
    def row(place: int, **values: Any) -> CheckedRow:
        return CheckedRow(place, place + 1, values, "good")

    rows = [
        row(1, title="甲", publisher="水局（示例）"), row(2, title=" 甲 ", publisher="水局(示例)"),
        row(3, title="乙", publisher="水局（示例）"), row(4, title="丙", id="007"),
        row(5, title="丁", id=7), row(6, title="戊", id=7.0),
    ]  # fmt: skip
    first, second, third, zeros, number, again = settle_ids(rows, NEED)
    assert first.posting_id == made_id(NEED, rows[0].values)
    assert first.posting_id.startswith("AUTO-")
    assert len(first.posting_id) == 15
    assert second.posting_id == f"{first.posting_id}-2"
    assert third.posting_id != first.posting_id
    assert (zeros.posting_id, number.posting_id) == ("007", "7")
    assert (again.state, again.faults[0].sentence) == (
        "bad",
        "“编号”：“7”与第 6 行重复；应为：文件内不重复的编号，或留空。",
    )


def test_the_own_organisation_is_filled_in_and_no_other_allowed(terms: Any) -> None:
    head = ["场景名称", "发布单位"]
    blank, same, other = check(
        terms, head, ["甲", None], ["乙", "示例 水局(示例)"], ["丙", "城局（示例）"], organisation="示例水局（示例）"
    )
    assert (blank.values["publisher"], blank.state, same.state) == ("示例水局（示例）", "good", "good")
    assert (other.state, other.faults[0].suggestion) == ("bad", "示例水局（示例）")
