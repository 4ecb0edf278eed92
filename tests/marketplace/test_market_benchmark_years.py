"""The year book: a default sheet that says so, copied, edited, and locked for everyone once the call is open."""

from __future__ import annotations

import sqlite3

import pytest
from benchmark_tools import DAYS, YEAR, Round
from people import make_person

from marketplace import FaultyError, ForbiddenError, NotFoundError, RefusedError, StaleError
from marketplace.benchmarks.days import last_of, working_days
from marketplace.benchmarks.sheet import default_sheet, next_sheet, sheet_of
from marketplace.benchmarks.sheet_reading import SheetReader, written


def test_the_default_sheet_is_whole_and_called_a_default() -> None:
    sheet = default_sheet(2026)
    assert list(sheet.weights.values()) == [30, 25, 20, 15, 10]
    assert [len(one.bands) for one in sheet.criteria] == [4] * 5
    assert all(text for one in sheet.criteria for text in one.bands)
    assert sheet.by_default
    assert len(sheet.gates) == 5
    assert sheet.numbers["months"] == 6
    assert sheet.tie_order == ("effect", "innovation")


def test_a_sheet_comes_back_from_its_form_and_from_its_record() -> None:
    sheet = default_sheet(2026)
    reader = SheetReader(2026, written(sheet) | DAYS | {"field_quotas": "智慧城市：5", "holidays": "2026-10-01"})
    read = reader.read()
    assert reader.faults == []
    assert read.by_default
    assert read.criteria == sheet.criteria
    assert (read.quota_of("智慧城市"), read.quota_of("新材料"), read.holidays) == (5, 3, ("2026-10-01",))
    assert sheet_of(read.plain()) == read
    assert sheet_of(read.plain()).digest == read.digest


def test_a_changed_weight_is_no_default_any_more() -> None:
    changed = written(default_sheet(2026)) | {"weight_effect": "35", "weight_safety": "5"}
    reader = SheetReader(2026, changed)
    assert not reader.read().by_default
    assert reader.faults == []


@pytest.mark.parametrize(
    ("changes", "field", "part"),
    [
        ({"weight_effect": "31"}, "weight_effect", "合计 101"),
        ({"weight_effect": "三十"}, "weight_effect", "0 到 100"),
        ({"band_safety_3": ""}, "band_safety_3", "没有填写"),
        ({"label_effect": ""}, "label_effect", "1 到 20 字"),
        ({"limit_1": "90"}, "limit_0", "从高到低"),
        ({"months": "0"}, "months", "1 到 36"),
        ({"threshold": "101"}, "threshold", "0 到 100"),
        ({"threshold": "000000060999"}, "threshold", "0 到 100"),
        ({"threshold": "0" * 9 + "1" * 5000}, "threshold", "0 到 100"),
        ({"field_quotas": "智慧城市：²"}, "field_quotas", "领域：名额"),
        ({"field_quotas": "智慧城市：፩"}, "field_quotas", "领域：名额"),
        ({"experts_max": "3", "experts_min": "4"}, "experts_max", "不应少于"),
        ({"tie_0": "beauty"}, "tie_0", "指标中的一项"),
        ({"holidays": "国庆"}, "holidays", "每行一个日期"),
        ({"field_quotas": "智慧城市"}, "field_quotas", "领域：名额"),
        ({"closes_on": "2026-08-01"}, "closes_on", "早于"),
        ({"notice_until": "2026-11-13", "holidays": "2026-11-11"}, "notice_until", "4 个工作日"),
        ({"notice_until": "2026-11-12"}, "notice_until", "最早到 2026-11-13"),
        ({"freeze_on": "2026-11-16"}, "freeze_on", "晚于公示截止"),
        ({"opens_on": "明天以后"}, "opens_on", "应为一个日期"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(changes: dict[str, str], field: str, part: str) -> None:
    reader = SheetReader(2026, written(default_sheet(2026)) | DAYS | changes)
    reader.read()
    assert [one.field for one in reader.faults][:1] == [field]
    assert part in reader.faults[0].sentence


def test_no_gate_at_all_is_refused() -> None:
    typed = {name: value for name, value in written(default_sheet(2026)).items() if not name.startswith("gate_")}
    reader = SheetReader(2026, typed)
    reader.read()
    assert [one.field for one in reader.faults] == ["gates"]


def test_working_days_leave_out_weekends_and_holidays() -> None:
    from datetime import date

    friday = date(2026, 11, 13)
    assert working_days(friday, date(2026, 11, 16)) == 2
    assert working_days(friday, date(2026, 11, 16), {"2026-11-16"}) == 1
    assert last_of(friday, 5) == date(2026, 11, 19)
    assert last_of(friday, 5, {"2026-11-17"}) == date(2026, 11, 20)


def test_the_next_year_is_copied_and_its_days_are_left_open(year_round: Round) -> None:
    year_round.set_up(weight_effect="40", weight_innovation="15")
    year_round.market.year_book.create(year_round.admin, YEAR + 1)
    page = year_round.market.year_book.page(year_round.admin, YEAR + 1)
    assert page.sheet.weights["effect"] == 40
    assert set(page.sheet.calendar.values()) == {""}
    assert page.sheet.last_day == "2027-12-31"
    assert next_sheet(default_sheet(2026), 2027).by_default
    lines = year_round.market.year_book.list_page(year_round.admin)
    assert [(line.year, line.by_default) for line in lines.lines] == [(2027, False), (2026, False)]
    assert lines.next_year == 2028


def test_a_year_is_made_once(year_round: Round) -> None:
    year_round.set_up()
    with pytest.raises(RefusedError, match="已经有了"):
        year_round.market.year_book.create(year_round.organiser, YEAR)
    with pytest.raises(RefusedError, match="2000 到 2100"):
        year_round.market.year_book.create(year_round.organiser, 1)


def test_who_may_set_a_year_up(year_round: Round) -> None:
    for role in ("publisher", "company", "matchmaker", "expert", "security", "auditor"):
        with pytest.raises(ForbiddenError):
            year_round.market.year_book.create(make_person(year_round.db, role), YEAR)
    far = make_person(year_round.db, "reviewer", districts=("随州市",))
    with pytest.raises(ForbiddenError, match="全部地区"):
        year_round.market.year_book.create(far, YEAR)
    with pytest.raises(NotFoundError):
        year_round.market.year_book.page(year_round.admin, YEAR)


def test_the_slower_of_two_editors_is_told(year_round: Round) -> None:
    year_round.set_up()
    page = year_round.market.year_book.page(year_round.admin, YEAR)
    year_round.edit(threshold="70")
    with pytest.raises(StaleError):
        year_round.market.year_book.save(year_round.admin, YEAR, dict(page.values) | {"threshold": "65"}, page.stamp)


def test_an_opened_year_is_locked_for_the_administrator_and_in_sql(year_round: Round) -> None:
    year_round.set_up()
    year_round.open_call()
    page = year_round.market.year_book.page(year_round.admin, YEAR)
    assert not page.editable
    with pytest.raises(RefusedError, match="已锁定"):
        year_round.edit(year_round.admin, threshold="70")
    with pytest.raises(sqlite3.IntegrityError, match="locked"):
        year_round.db.conn.execute("update benchmark_year set sheet = '{}' where year = ?", [YEAR])
    with pytest.raises(sqlite3.IntegrityError, match="locked"):
        year_round.db.conn.execute("update benchmark_year set state = 'draft' where year = ?", [YEAR])
    with pytest.raises(sqlite3.IntegrityError, match="kept"):
        year_round.db.conn.execute("delete from benchmark_year")
    assert year_round.market.year_book.page(year_round.admin, YEAR).sheet == page.sheet
    assert year_round.actions() == ["benchmark.year_created", "benchmark.year_changed", "benchmark.call_opened"]


def test_a_call_is_opened_with_all_its_days_and_not_too_late(year_round: Round) -> None:
    year_round.market.year_book.create(year_round.organiser, YEAR)
    with pytest.raises(FaultyError) as caught:
        year_round.market.year_book.open_call(year_round.organiser, YEAR, 1)
    assert [one.field for one in caught.value.faults] == list(DAYS)
    year_round.edit(**DAYS)
    year_round.at("2026-10-01")
    with pytest.raises(FaultyError, match="1 处"):
        year_round.market.year_book.open_call(year_round.organiser, YEAR, 2)
