"""Export: lines, tables and re-imports come back unchanged; nothing personal, closed or expired goes out."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from factories import make_capability, make_opportunity, write_lines
from hypothesis import given
from hypothesis import strategies as st
from market_tools import Shop, sample_lines, stored
from openpyxl import load_workbook

from marketplace import MarketSettings, RefusedError
from marketplace.exporting import LikeColumn, export_like_import, export_list
from marketplace.exporting.public import masked
from marketplace.exporting.table import list_table, numbered
from marketplace.imports.command import WorkbookOptions, take_workbook
from marketplace.records import FIELDS, check_record, field_of
from marketplace.records.listed import read_lines
from marketplace.records.written import guard_formula, read_exact_lines, unguard_formula, write_exact_lines
from marketplace.store import PostingRow
from matching import MatchingSettings, Posting, Side, read_postings, to_exchange

FORMULAS = ("=1+1", "+86", "-2", "@SUM(A1)")
EVERYTHING = {
    "state": "recheck", "batch": "第一批", "index_number": "WHN-1", "valid_until": "2027-12-31",
    "last_confirmed": "2026-10-01", "extra": {"联系": "办公室", "层": {"数": [1, 2.5, None, True]}},
}  # fmt: skip


def write(shop: Shop, kind: str, tmp_path: Path, side: Side = Side.OPPORTUNITY) -> Path:
    target = tmp_path / f"{side}.{kind}"
    assert export_list(shop.db, side, kind, target) >= 0
    assert list(tmp_path.glob("*.new")) == []
    return target


def exported(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n") if line]


def open_table(path: Path) -> list[list[Any]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.reader(stream))
    sheet = load_workbook(path).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("side", Side)
def test_samples_come_back_unchanged(
    stocked_shop: Shop, matching_settings: MatchingSettings, tmp_path: Path, side: Side
) -> None:
    path = write(stocked_shop, "jsonl", tmp_path, side)
    name = "opportunities" if side is Side.OPPORTUNITY else "capabilities"
    originals = {posting.id: posting for posting in read_postings(tmp_path_of(name), side).postings}
    reading = read_postings(path)
    assert reading.side is side
    assert reading.notices == ()
    assert all(posting == originals[posting.id] for posting in reading.postings)
    other = Shop(MarketSettings(tmp_path / "other.db", matching_settings))
    other.take(*exported(path))
    (tmp_path / "second").mkdir()
    assert write(other, "jsonl", tmp_path / "second", side).read_bytes() == path.read_bytes()
    stocked_shop.take(*exported(path))
    assert "新增 0，更新 0" in stocked_shop.said[-1]


def tmp_path_of(name: str) -> Path:
    return Path(__file__).resolve().parents[2] / "data" / "samples" / f"{name}.jsonl"


@pytest.mark.parametrize(
    "posting",
    [
        make_opportunity(**EVERYTHING), make_capability(**EVERYTHING), make_opportunity(budget_wan=12.5, deadline=None),
        make_opportunity(background="第一行\n第二行\u2028第三行 🛰️ \"引号\" \\ ，"),
        make_capability(title="長" * 10_000),
        make_opportunity(domain="", district="", publisher="", publisher_type="", requirements=(), year=None),
    ],
    ids=["opportunity", "capability", "half", "marks", "long", "bare"],
)  # fmt: skip
def test_every_field_comes_back_unchanged(shop: Shop, tmp_path: Path, posting: Any) -> None:
    shop.take(posting, kind="opportunities" if posting.side is Side.OPPORTUNITY else "capabilities")
    path = write(shop, "jsonl", tmp_path, posting.side)
    assert exported(path) == [json.loads(json.dumps(to_exchange(posting)))]
    assert read_postings(path).postings == (posting,)


def test_state_of_the_export_is_the_state_of_the_posting(shop: Shop, tmp_path: Path) -> None:
    shop.take(make_opportunity(id="JH-1", state="withdrawn"), make_opportunity(id="JH-2"))
    shop.withdraw("JH-1", undo=True)
    states = {raw["id"]: raw.get("state", "published") for raw in exported(write(shop, "jsonl", tmp_path))}
    assert states == {"JH-1": "published", "JH-2": "published"}


def test_only_what_is_public_is_exported(shop: Shop, tmp_path: Path) -> None:
    shop.take(
        *(make_opportunity(id=f"JH-{state}", state=state) for state in ("draft", "published", "recheck", "expired"))
    )
    shop.withdraw("JH-recheck")
    assert [raw["id"] for raw in exported(write(shop, "jsonl", tmp_path))] == ["JH-published"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_tables_are_readable(shop: Shop, tmp_path: Path, kind: str) -> None:
    shop.take(make_opportunity(**EVERYTHING), make_opportunity(id="JH-002", budget_wan=None))
    header, first, second = open_table(write(shop, kind, tmp_path))
    row, empty = dict(zip(header, first, strict=True)), dict(zip(header, second, strict=True))
    need = make_opportunity()
    assert (row["编号"], row["场景名称"], row["批次"]) == ("JH-001", need.title, "第一批")
    assert row["需求条目"] == "\n".join(f"{place}. {text}" for place, text in enumerate(need.requirements, 1))
    assert (row["预算"], row["单位类型"], row["状态"]) == ("120万元", "政府部门", "需复核")
    assert json.loads(row["其他信息"]) == EVERYTHING["extra"]
    assert (empty["预算"] or "", empty["状态"]) == ("", "已发布")
    shop.take(make_capability(extra={"trial_offer": True, "qualifications": ["高新技术企业", "专精特新"]}))
    header, first = open_table(write(shop, kind, tmp_path, Side.CAPABILITY))
    row = dict(zip(header, first, strict=True))
    assert (row["领域"], row["企业资质"], row["可否试用"]) == ("智慧城市、应急安全", "高新技术企业、专精特新", "是")
    assert int(row["技术成熟度"]) == 8
    assert header[-1] == "状态"
    assert not {"联系方式（受保护）", "其他信息"} & set(header)


def test_formula_like_text_is_harmless_in_csv(shop: Shop, tmp_path: Path) -> None:
    shop.take(*(make_opportunity(id=f"JH-{n}", title=text, requirements=(text,)) for n, text in enumerate(FORMULAS)))
    raw = write(shop, "csv", tmp_path)
    cells = [cell for row in open_table(raw)[1:] for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert all(f"'{text}" in cells for text in FORMULAS)
    assert raw.read_bytes().startswith(b"\xef\xbb\xbf")


def test_formula_like_text_stays_text_in_a_workbook(shop: Shop, tmp_path: Path) -> None:
    shop.take(*(make_opportunity(id=f"JH-{n}", title=text) for n, text in enumerate(FORMULAS)))
    sheet = load_workbook(write(shop, "xlsx", tmp_path))["场景机会"]
    assert [sheet.cell(row, 2).value for row in range(2, 6)] == list(FORMULAS)
    assert {sheet.cell(row, 2).data_type for row in range(2, 6)} == {"s"}


def test_sqlite_file_is_searchable(shop: Shop, tmp_path: Path) -> None:
    shop.take(make_opportunity(**EVERYTHING), make_opportunity(id="JH-002", title="粮情监测"))
    with contextlib.closing(sqlite3.connect(write(shop, "sqlite", tmp_path))) as db:
        assert db.execute("select id, title, budget_wan from opportunities order by id").fetchall() == [
            ("JH-001", make_opportunity().title, 120), ("JH-002", "粮情监测", 120),
        ]  # fmt: skip
        (requirements,) = db.execute("select requirements from opportunities where id = 'JH-001'").fetchone()
        assert tuple(json.loads(requirements)) == make_opportunity().requirements
        hits = db.execute(
            "select o.id from opportunities o join opportunities_fts f on f.rowid = o.rowid "
            "where opportunities_fts match '粮情监'"
        ).fetchall()
        assert hits == [("JH-002",)]


def counted(kind: str) -> Callable[[Path], int]:
    def rows(path: Path) -> int:
        if kind == "sqlite":
            with contextlib.closing(sqlite3.connect(path)) as db:
                names = {name for (name,) in db.execute("select name from sqlite_master")}
                return db.execute("select count(*) from opportunities").fetchone()[0] if "opportunities" in names else 0
        return len(exported(path)) if kind == "jsonl" else len(open_table(path)) - 1

    return rows


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx", "sqlite"])
def test_empty_list_and_writing_over_an_old_export(shop: Shop, tmp_path: Path, kind: str) -> None:
    path = write(shop, kind, tmp_path)
    assert counted(kind)(path) == 0
    shop.take(make_opportunity())
    assert counted(kind)(write(shop, kind, tmp_path)) == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx", "sqlite"])
def test_odd_texts_can_be_exported(shop: Shop, tmp_path: Path, kind: str) -> None:
    shop.take(make_opportunity(background="长" * 40_000 + "\u2028🛰️\r\n\"'", extra={"id": "假的", "新 字段": "="}))
    assert counted(kind)(write(shop, kind, tmp_path)) == 1


def test_refusals_leave_the_disk_alone(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for target in (tmp_path / "missing" / "out.csv", tmp_path / "folder"):
        with pytest.raises(RefusedError, match="没有导出"):
            export_list(shop.db, Side.OPPORTUNITY, "csv", target)
    assert sorted(tmp_path.rglob("*")) == before


def test_written_samples_equal_the_shipped_lines(stocked_shop: Shop, tmp_path: Path) -> None:
    ours = {raw["id"]: raw for raw in exported(write(stocked_shop, "jsonl", tmp_path))}
    for raw in sample_lines("opportunities"):
        if raw["id"] in ours:
            again = ours[raw["id"]]
            assert {key: again.get(key) for key in raw} == raw
            assert not any(value for key, value in again.items() if key not in raw)


def test_export_reads_back_through_the_same_writer(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "one.jsonl", [make_opportunity(**EVERYTHING)])
    assert read_postings(path).postings == (make_opportunity(**EVERYTHING),)


FULL_NEED = make_opportunity(
    batch="第1批", index_number="SM-JH-2026-001-0001", valid_until="2027-06-30", last_confirmed="2026-11-01",
    background="第一段：1.5米、3、5、7号楼。\n第二段\tA；B", budget_wan=5000, deadline=None,
    requirements=("≥95%；含夜间。",),
    extra={
        "department": "市政设施科", "scene_class": "人工智能", "scale": "高价值小切口场景",
        "expected_effect": "巡查减半",
        "budget": {"low_wan": 3000.0, "high_wan": 5000.0, "text": "3000–5000万元"}, "funding_state": "已落实",
        "deadline_text": "签约后6个月", "cooperation_mode": ["联合建设", "试用验证"], "procurement_route": "竞争性磋商",
        "needed_trl": 7, "disclosure": "主动公开", "office_phone": "027-87654321", "备注": {"层": [1, None, "=甲"]},
    },
)  # fmt: skip
FULL_OFFER = make_capability(
    id="001", batch="第2批", valid_until="2027-12-31", maturity=9, cases=("某市｜2025-06｜3200套", "某县，漏报率1.5%"),
    extra={
        "credit_code": "91420100MA4KTEST0X", "qualifications": ["高新技术企业"], "intellectual_property": "发明专利3项",
        "trial_offer": False, "service_area": "全国",
    },
)  # fmt: skip


def read_back(posting: Posting) -> Posting:
    """The posting that the cells of its table make, read as a form or an import would."""
    side, names = posting.side, {spec.label: spec.name for spec in FIELDS[posting.side]}
    table = list_table([stored(posting)], side)
    cells = dict(zip(table.header, table.rows[0], strict=True))
    other = json.loads(str(cells.pop("其他信息", "{}")))
    assert cells.pop("状态") == "已发布"
    values = {names[label]: cell for label, cell in cells.items() if cell is not None}
    record, faults = check_record(side, values | {"other": other})
    assert faults == ()
    assert record is not None
    return record.to_posting(state=posting.listing.state)


@pytest.mark.parametrize("posting", [FULL_NEED, FULL_OFFER, make_opportunity(), make_capability(maturity=None)])
def test_cells_make_the_same_posting_again(posting: Posting) -> None:
    assert to_exchange(read_back(posting)) == to_exchange(posting)


def test_a_value_that_is_not_what_its_field_holds_is_kept_as_it_is() -> None:
    extra = {"needed_trl": "七级左右", "department": ["市政", "环卫"], "cooperation_mode": ["联合/共建"]}
    odd = make_opportunity(extra=extra)
    assert to_exchange(read_back(odd)) == to_exchange(odd)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("side", Side)
def test_our_own_tables_come_in_again_unchanged(
    stocked_shop: Shop, matching_settings: MatchingSettings, tmp_path: Path, kind: str, side: Side
) -> None:
    full = FULL_NEED if side is Side.OPPORTUNITY else FULL_OFFER
    stocked_shop.take(full, kind="opportunities" if side is Side.OPPORTUNITY else "capabilities")
    path = write(stocked_shop, kind, tmp_path, side)
    other = Shop(MarketSettings(tmp_path / "other.db", matching_settings))
    take_workbook(other.work, path, WorkbookOptions(side, keep_twins=True))
    (tmp_path / "second").mkdir()
    first, second = (exported(write(one, "jsonl", folder, side)) for one, folder in (
        (stocked_shop, tmp_path), (other, tmp_path / "second")
    ))  # fmt: skip
    # The state is the marketplace's own: no file sets it.
    assert [raw | {"state": None} for raw in second] == [raw | {"state": None} for raw in first]
    take_workbook(stocked_shop.work, path, WorkbookOptions(side, keep_twins=True))
    assert exported(write(stocked_shop, "jsonl", tmp_path, side)) == first


@pytest.mark.parametrize(
    "items",
    [
        ("5G覆盖",), ("甲；",), ("甲\n乙", "丙"), ("①甲 ②乙", "丙"), ("支持1.图像识别 2.视频分析",), ("1. 甲", "3. 乙"),
        ("- 甲",), ("无",),
    ],
)  # fmt: skip
def test_a_list_is_numbered_once_and_exactly(items: tuple[str, ...]) -> None:
    cell = numbered(items)
    assert cell.startswith("1.")
    exact = read_exact_lines(cell)
    assert (read_lines(cell) if exact is None else exact) == items


@given(st.lists(st.text("1①甲；.、 \n\u00a0-A）", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=25))
def test_exact_lists_survive_whatever_stands_in_them(items: list[str]) -> None:
    assert read_exact_lines(write_exact_lines(items)) == tuple(items)
    cell = numbered(items)
    exact = read_exact_lines(cell)
    assert (read_lines(cell) if exact is None else exact) == tuple(items)


@given(st.text("=+-@'甲\t"))
def test_guarded_text_comes_back(text: str) -> None:
    guarded = guard_formula(text)
    assert guarded[:1] not in ("=", "+", "-", "@")
    assert unguard_formula(guarded) == text


@pytest.mark.parametrize("text", ["1. 甲\n2. 乙", "1.\u00a0甲\n3.\u00a0乙", "甲\u00a01.\u00a0乙", "", "1.甲"])
def test_what_a_person_wrote_is_no_exact_list(text: str) -> None:
    assert read_exact_lines(text) is None


PERSONAL = ("13800000000", "zhangsan@example.cn")


def private_need() -> Posting:
    return make_opportunity(
        title="巡检 13800000000", requirements=("来电13800000000", "邮件 zhangsan@example.cn"),
        extra={"联系人": "张三（示例）", "说明": {"备注": ["请拨 13800000000"]}, "contact": "李四",
               "13800000000": "甲"},
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx", "sqlite"])
def test_nothing_personal_goes_out(shop: Shop, tmp_path: Path, kind: str) -> None:
    shop.take(private_need())
    path = write(shop, kind, tmp_path)
    if kind == "xlsx":
        text = str(open_table(path))
    elif kind == "sqlite":
        with contextlib.closing(sqlite3.connect(path)) as db:
            text = "\n".join(db.iterdump())
    else:
        text = path.read_text(encoding="utf-8")
    assert "138****0000" in text
    assert not any(found in text for found in (*PERSONAL, "张三", "李四"))


def test_masking_leaves_all_else_alone() -> None:
    assert masked(FULL_NEED) is FULL_NEED
    clean = masked(private_need())
    assert clean.listing.extra == {"说明": {"备注": ["请拨 138****0000"]}, "138****0000": "甲"}
    assert clean.title == "巡检 138****0000"


def test_ids_that_masking_made_equal_are_told_apart(shop: Shop, tmp_path: Path) -> None:
    shop.take(make_opportunity(id="13800000000"), make_opportunity(id="13811110000"))
    with contextlib.closing(sqlite3.connect(write(shop, "sqlite", tmp_path))) as db:
        assert [name for (name,) in db.execute("select id from opportunities")] == ["138****0000", "138****0000-2"]


def test_expired_and_withheld_postings_stay_in(shop: Shop, tmp_path: Path) -> None:
    words = ("依申请公开", "不予公开", "依申請公開")
    closed = [make_opportunity(id=f"JH-{word}", extra={"disclosure": word}) for word in words]
    shop.take(make_opportunity(id="JH-old", valid_until="2020-01-01"), *closed, make_opportunity(id="JH-open"))
    assert [raw["id"] for raw in exported(write(shop, "jsonl", tmp_path))] == ["JH-open"]


def test_text_beyond_a_cell_says_that_it_is_cut(shop: Shop, tmp_path: Path) -> None:
    shop.take(make_opportunity(background="长" * 40_000))
    cells = {cell for row in open_table(write(shop, "xlsx", tmp_path)) for cell in row if isinstance(cell, str)}
    (longest,) = (cell for cell in cells if len(cell) > 1000)
    assert len(longest) == 32_767
    assert longest.endswith("完整内容见 JSON 或 CSV 文件）")


def test_escapes_of_the_format_are_written_out(shop: Shop, tmp_path: Path) -> None:
    shop.take(make_opportunity(title="温度_x0041_传感\ufffe"))
    with contextlib.closing(load_workbook(write(shop, "xlsx", tmp_path))) as book:
        assert book["场景机会"]["B2"].value == "温度_x005F_x0041_传感"


COLUMNS = (
    LikeColumn("序号"), LikeColumn("技术难点", "requirements"), LikeColumn("需求名称", "title"),
    LikeColumn("联系人", "contact"),
    LikeColumn("技术指标", "requirements"), LikeColumn("预算（元）", "budget"), LikeColumn("街道意见", keep=True),
    LikeColumn("经办"),
)  # fmt: skip


def like_rows(*postings: Posting) -> list[PostingRow]:
    return [stored(posting, key) for key, posting in enumerate(postings, 1)]


def test_columns_come_back_as_they_came_in(shop: Shop) -> None:
    need = make_opportunity(
        requirements=("技术难点：夜间误报", "技术难点：积水", "技术指标：≤5分钟", "免维护"),
        extra={"街道意见": "同意", "经办": "不要", "disclosure": "依申请公开"},
    )
    rows = like_rows(need, make_opportunity(id="2", state="off_shelf"))
    rows[1] = stored(rows[1].posting, 2, state="off_shelf")
    content = export_like_import(shop.db, Side.OPPORTUNITY, COLUMNS, rows)
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    header, line = sheet.iter_rows(values_only=True)
    assert list(header) == [column.text for column in COLUMNS]
    assert list(line) == [
        1, "1. 夜间误报\n2. 积水\n3. 免维护", need.title, None, "1. ≤5分钟", "120万元", "同意", None,
    ]  # fmt: skip


def test_without_known_columns_the_usual_ones_are_written(shop: Shop) -> None:
    content = export_like_import(shop.db, Side.CAPABILITY, 5, like_rows(make_capability()))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet["B1"].value == field_of(Side.CAPABILITY, "title").label
