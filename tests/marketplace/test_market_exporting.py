"""Export: exchange lines come back unchanged, tables are readable and harmless."""

from __future__ import annotations

import contextlib
import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from factories import make_capability, make_opportunity, write_lines
from market_tools import Shop, sample_lines
from openpyxl import load_workbook

from marketplace import MarketSettings, RefusedError
from marketplace.exporting import export_list
from matching import MatchingSettings, Side, read_postings, to_exchange

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
    assert row["需求条目"] == "\n".join(need.requirements)
    assert float(row["预算（万元）"]) == 120
    assert empty["预算（万元）"] in ("", None)
    shop.take(make_capability())
    header, first = open_table(write(shop, kind, tmp_path, Side.CAPABILITY))
    row = dict(zip(header, first, strict=True))
    assert row["领域"] == "智慧城市\n应急安全"
    assert int(row["技术成熟度"]) == 8


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
