"""The workbooks offices really send: every good row comes in as it was meant, every other is named."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dirty_workbooks as dirty
import pytest
from dirty_workbooks import BUREAU, FIRM, PHONE, POLICE, WATER
from market_tools import Shop
from openpyxl import load_workbook
from people import make_person

from marketplace import RefusedError
from marketplace.access import REVIEWER
from marketplace.desk import DeskKeeper
from marketplace.imports import ColumnChoice, ImportDesk
from marketplace.jobs import run_job_now
from marketplace.store.imports import load_import_rows
from marketplace.store.postings import load_rows
from matching import Side, to_exchange


@dataclass(frozen=True)
class Expected:
    """What becomes of a workbook: good rows with values of their postings, bad rows with the fields at fault,
    rows that resemble others with how, rows that are no record with a word of the reason.

    ``columns`` are headers that were not taken for a field; a list's expected value is its length or content.
    """

    good: dict[int, dict[str, Any]]
    bad: dict[int, set[str]] = field(default_factory=dict)
    twins: dict[int, str] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    hinted: dict[int, set[str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)


LINES = ["识别率≥90%", "单株耗时不超过2秒"]
TABLE: dict[Callable[[Path], Path], Expected] = {
    dirty.title_rows: Expected(
        good={
            4: {"title": "渣土车夜间撒漏自动识别", "publisher": BUREAU, "budget_wan": 300, "deadline": "2027-06-30"},
            5: {"title": "湖泊蓝藻早期预警", "domain": "生态环保", "budget_wan": 5000, "deadline": None},
        },
        skipped={6: "说明"},
        unread={"序号"},
    ),
    dirty.merged_cells: Expected(
        good={
            2: {"title": "窨井盖缺失移位自动发现", "domain": "智慧城市", "publisher": BUREAU, "budget_wan": 120,
                "requirements": ["移位后15分钟内告警", "电池使用不少于5年", "数据部署在区政务云"]},
            5: {"title": "背街小巷垃圾满溢提醒", "domain": "智慧城市", "publisher": BUREAU, "budget_wan": None,
                "requirements": 1},
            6: {"title": "排涝泵站少人值守", "publisher": WATER, "budget_wan": 14400},
        },
        skipped={3: "第 2 行", 4: "第 2 行"},
    ),
    dirty.old_workbook: Expected(
        good={
            3: {"title": "窨井状态感知终端", "company": FIRM, "domains": ["人工智能", "智能终端"],
                "features": ["市政井盖", "管廊"]},
            4: {"title": "积水点水位监测终端", "company": FIRM, "features": ["下穿通道", "地下车库"]},
            5: {"title": "管网清淤机器人", "company": dirty.OTHER_FIRM, "features": ["排水管网清淤"]},
        },
        hinted={4: {"company"}},
        unread={"序号"},
    ),
    dirty.gbk_csv: Expected(
        good={
            2: {"title": "水稻叶瘟早期识别", "budget_wan": 14400, "deadline": "2027-12-31", "requirements": LINES,
                "background": "技术难点：病斑早期肉眼难辨\n研究内容：叶片多光谱特征提取"},
            4: {"title": "冷链断链自动追责", "budget_wan": None, "deadline": None, "requirements": 1},
        },
    ),
    dirty.bom_csv: Expected(
        good={2: {"id": "A-1", "budget_wan": 50, "deadline": "2027-02-28", "district": "潜江市区"}},
        bad={3: {"title"}, 4: {"budget", "deadline"}},
        hinted={2: {"district"}},
    ),
    dirty.word_table: Expected(
        good={
            2: {"title": "大型活动低空安保", "publisher": POLICE, "domain": "低空安全保障",
                "requirements": ["联合建设"]},
            3: {"title": "高架桥违停无人机取证", "publisher": POLICE, "domain": "低空安全保障"},
            4: {"title": "血液制品无人机转运", "publisher": "示例市中心血站（示例）", "domain": "低空物流"},
        },
        unread={"序号"},
    ),
    dirty.json_lines: Expected(
        good={1: {"id": "NL-1", "features": ["1.5米内成像清晰", "续航2小时"], "maturity": 8, "year": 2026,
                  "extra": {"service_area": "全国", "sales": "直销"}}},
        bad={2: {"maturity"}},
    ),
    dirty.two_sheets: Expected(
        good={2: {"title": "园区无人配送", "budget_wan": 100, "deadline": "2026-09-30"}},
    ),
    dirty.totals: Expected(
        good={
            3: {"title": "违建无人机巡查", "budget_wan": 80},
            4: {"title": "合计费用智能核算", "budget_wan": 60},
            9: {"title": "河道漂浮物自动打捞", "publisher": WATER, "budget_wan": 2500},
        },
        skipped={2: "分组标题", 5: "合计", 7: "表头", 8: "分组标题", 11: "合计", 12: "说明"},
        unread={"序号"},
    ),
    dirty.hidden_columns: Expected(
        good={2: {"title": "公厕异味联动排风", "extra": None}, 3: {"title": "路灯单灯故障定位", "extra": None}},
        unread={"内部跟进", "考核口径"},
    ),
    dirty.traditional: Expected(
        good={
            2: {"title": "橋樑裂縫自動識別", "domain": "智慧城市", "budget_wan": 300, "deadline": "2027-06-03"},
            3: {"title": "工地塔吊AI防碰撞", "domain": "智能建造", "budget_wan": 12000, "deadline": "2027-06-03"},
        },
    ),
    dirty.serial_dates: Expected(
        good={
            2: {"title": "污水厂曝气节能", "budget_wan": 300, "deadline": "2026-12-31"},
            3: {"budget_wan": 120, "deadline": "2027-03-31"},
            4: {"budget_wan": 80, "deadline": "2026-12-31"},
        },
    ),
    dirty.personal_data: Expected(
        good={3: {"title": "共享单车潮汐调度", "background": "早晚高峰淤积。"}},
        bad={2: {"background"}, 4: {"background"}},
        hinted={3: {"office_phone"}},
    ),
    dirty.duplicates: Expected(
        good={2: {"id": "D-1"}, 3: {"id": "D-2"}, 7: {"id": "D-5", "publisher": "外区水务局（示例）"}},
        bad={4: {"id"}},
        twins={5: "标题相同", 6: "文字相似"},
    ),
    dirty.formulas: Expected(
        good={2: {"id": "F-1", "budget_wan": 300}, 5: {"background": "-5℃以下仍需作业。", "budget_wan": 40}},
        bad={3: {"title"}, 4: {"background"}},
    ),
    dirty.many_items: Expected(
        good={
            2: {"id": "007", "requirements": ["提前3天预警", "误报率低于5%", "支持国产操作系统"]},
            3: {"id": "8", "requirements": ["测量精度1.5毫米", "断网可存30天", "无人值守"]},
            5: {"id": "010", "requirements": ["定位误差不大于10米", "响应时间小于1分钟"]},
        },
        bad={4: {"requirements"}},
    ),
    dirty.two_line_header: Expected(
        good={4: {"title": "古树名木健康监测", "background": "倒伏无预警", "requirements": ["倾角精度0.1度"],
                  "budget_wan": 45, "extra": {"funding_state": "部分落实"}}},
        bad={5: {"funding_state"}},
        unread={"序号"},
    ),
}  # fmt: skip


@dataclass
class Intake:
    """An installation with a reviewer who imports."""

    shop: Shop
    desk: ImportDesk

    def __post_init__(self) -> None:
        self.person = make_person(self.shop.db, REVIEWER)

    def check(self, path: Path) -> int:
        """Upload a file and take the columns as guessed; return the key of the import."""
        key = self.desk.upload(self.person, path, file_name=path.name)
        self.desk.choose_columns(self.person, key, ColumnChoice())
        return key


@pytest.fixture
def intake(shop: Shop) -> Intake:
    return Intake(shop, ImportDesk(DeskKeeper(shop.settings), shop.settings))


@pytest.mark.parametrize("make", TABLE, ids=lambda make: make.__name__)
def test_every_row_is_told_apart(make: Callable[[Path], Path], intake: Intake, tmp_path: Path) -> None:
    wanted = TABLE[make]
    key = intake.check(make(tmp_path))
    rows = load_import_rows(intake.shop.db, key)
    named = {
        state: {row.row_number: row for row in rows if row.state == state}
        for state in ("good", "bad", "twin", "skipped")
    }
    assert set(named["good"]) == set(wanted.good)
    blocking = {
        number: {one["field"] for one in row.problems if one["blocking"]} for number, row in named["bad"].items()
    }
    assert blocking == wanted.bad
    assert {number: row.twins[0]["how"] for number, row in named["twin"].items()} == wanted.twins
    assert named["skipped"].keys() == wanted.skipped.keys()
    assert all(word in named["skipped"][number].record["reason"] for number, word in wanted.skipped.items())
    for number, fields in wanted.hinted.items():
        assert {one["field"] for one in named["good"][number].problems} == fields
    headers = intake.desk.columns_page(intake.person, key).headers
    assert {header.text for header in headers if not header.field} == wanted.unread


@pytest.mark.parametrize("make", TABLE, ids=lambda make: make.__name__)
def test_good_rows_come_in_as_meant(make: Callable[[Path], Path], intake: Intake, tmp_path: Path) -> None:
    wanted = TABLE[make]
    key = intake.check(make(tmp_path))
    if wanted.twins:
        assert intake.desk.decide_all(intake.person, key, "skip") == len(wanted.twins)
    job = intake.desk.confirm(intake.person, key, how="publish", only_good=True, secrecy_checked=True)
    run_job_now(intake.shop.work, job)
    stored = {row.key: to_exchange(row.posting) for side in Side for row in load_rows(intake.shop.db, side=side)}
    kept = {row.row_number: row for row in load_import_rows(intake.shop.db, key)}
    assert len(stored) == len(wanted.good)
    for number, values in wanted.good.items():
        assert kept[number].state == "added"
        raw = stored[kept[number].posting_key]
        for name, value in values.items():
            found = raw.get(name)
            assert (len(found) if isinstance(value, int) and isinstance(found, list) else found) == value, (
                number,
                name,
            )
    assert "1380000" not in str(stored)
    assert intake.shop.work.check() == 0


def test_wrong_header_names_the_column_that_was_expected(intake: Intake, tmp_path: Path) -> None:
    path = dirty.wrong_header(tmp_path)
    key = intake.desk.upload(intake.person, path, file_name=path.name)
    with pytest.raises(RefusedError) as refused:
        intake.desk.choose_columns(intake.person, key, ColumnChoice())
    sentence = str(refused.value)
    assert "第 1 行表头没有“能力名称”一列" in sentence
    assert "找到的列有：企业名称、注册资本（万元）、员工人数、经营异常、所在地" in sentence
    assert load_import_rows(intake.shop.db, key) == []


def test_contact_cells_are_parted_and_sealed(intake: Intake, tmp_path: Path) -> None:
    key = intake.check(dirty.word_table(tmp_path))
    landline, person = load_import_rows(intake.shop.db, key)[:2]
    assert landline.record["values"]["office_phone"] == PHONE
    assert (landline.sealed, bool(person.sealed)) == ("", True)
    assert "王五" not in str(person)
    assert "王五" in ImportDesk(DeskKeeper(intake.shop.settings), intake.shop.settings)._contacts.written(person.sealed)


@pytest.mark.parametrize(
    "make", [dirty.bom_csv, dirty.formulas, dirty.old_workbook, dirty.two_line_header, dirty.word_table]
)
def test_the_own_workbook_comes_back_with_remarks(make: Callable[[Path], Path], intake: Intake, tmp_path: Path) -> None:
    path = make(tmp_path)
    key = intake.check(path)
    content = intake.desk.annotated(intake.person, key)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    remarks = {number: str(sheet.cell(number, sheet.max_column).value or "") for number in range(1, sheet.max_row + 1)}
    assert "问题" in remarks.values()
    for row in load_import_rows(intake.shop.db, key):
        assert all(one["sentence"] in remarks[row.row_number] for one in row.problems)
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)
    # What comes back can go in again: the remarks are no column of the list.
    again = tmp_path / "again.xlsx"
    again.write_bytes(content)
    second = intake.check(again)
    before, after = (load_import_rows(intake.shop.db, one) for one in (key, second))
    assert [(row.state, row.title) for row in after] == [(row.state, row.title) for row in before]
