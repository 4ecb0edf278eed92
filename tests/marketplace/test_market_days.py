"""Dates and terms as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.records.days import Day, read_day
from marketplace.records.values import UnreadableError

BASE = date(2025, 6, 15)


@pytest.mark.parametrize(
    "written",
    [
        "2025-6-3", "2025.06.03", "2025/6/3", "20250603", "2025年6月3日", "2025 年 6 月 3 号", "二〇二五年六月三日",
        "二○二五年六月三日", "２０２５－０６－０３", "2025-06-03 17:00", "2025-06-03T00:00:00", "2025年6月3日17时30分",
        "2025年6月3日（星期二）", "2025 06 03", "截至2025年6月3日", "2025年6月3日前", date(2025, 6, 3),
        datetime(2025, 6, 3, 9, 30), 45811, 45811.5, "45811", 20250603,
    ],
)  # fmt: skip
def test_one_day_in_every_form(written: str | date | float) -> None:
    assert read_day(written).day == "2025-06-03"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025年底", "2025-12-31"), ("二〇二五年底", "2025-12-31"), ("2026年上半年", "2026-06-30"),
        ("2026年三季度", "2026-09-30"), ("2026年第三季度末", "2026-09-30"), ("2026Q3", "2026-09-30"),
        ("2026年前三季度", "2026-09-30"), ("2026年6月底", "2026-06-30"), ("2026年6月", "2026-06-30"),
        ("2026年六月底前建成", "2026-06-30"), ("2024年2月", "2024-02-29"), ("202606", "2026-06-30"),
        ("2026.6", "2026-06-30"), (2026.06, "2026-06-30"), ("2026年6月上旬", "2026-06-10"), ("2027", "2027-12-31"),
        (2027, "2027-12-31"), ("有效期至2027年6月30日", "2027-06-30"), ("2026年底（签约后）", "2026-12-31"),
    ],
)  # fmt: skip
def test_ends_of_seasons_and_years(written: str | float, day: str) -> None:
    assert read_day(written) == Day(day, str(written), False)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025年1月至12月", "2025-12-31"), ("2025年1-12月", "2025-12-31"), ("2025.1-12", "2025-12-31"),
        ("2025.1-2025.12", "2025-12-31"), ("2025.01.01-2025.12.31", "2025-12-31"),
        ("2025-01-01~2025-12-31", "2025-12-31"), ("2025年11月至次年2月", "2026-02-28"), ("2025-2027年", "2027-12-31"),
        ("2025年1月1日—3月31日", "2025-03-31"), ("2025年6月3日至5日", "2025-06-05"),
        ("即日起至2025年12月31日", "2025-12-31"), ("2025年第1-3季度", "2025-09-30"),
        ("2025年6月1日起至2026年5月31日", "2026-05-31"),
    ],
)  # fmt: skip
def test_last_day_of_a_range(written: str, day: str) -> None:
    assert read_day(written).day == day


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("24个月", "2027-06-15"), ("两年", "2027-06-15"), ("兩年內", "2027-06-15"), ("18个月内", "2026-12-15"),
        ("一年半", "2026-12-15"), ("半年", "2025-12-15"), ("2.5年", "2027-12-15"), ("3-6个月", "2025-12-15"),
        ("不超过18个月", "2026-12-15"), ("90天", "2025-09-13"), ("30日内", "2025-07-15"), ("工期：180天", "2025-12-12"),
        ("自发布之日起6个月", "2025-12-15"), ("即日起", "2025-06-15"), ("明年", "2026-12-31"),
        ("明年6月底", "2026-06-30"), ("年底前", "2025-12-31"), ("今年内完成", "2025-12-31"), ("6月底前", "2025-06-30"),
        ("5月底前", "2026-05-31"), ("6月", "2025-06-30"), ("6月14日", "2026-06-14"), ("6月15日", "2025-06-15"),
        ("一季度", "2026-03-31"), ("3月至8月", "2025-08-31"),
    ],
)  # fmt: skip
def test_counted_from_the_base(written: str, day: str) -> None:
    assert read_day(written, base=BASE) == Day(day, written, False)
    assert read_day(written) == Day(None, written, False)


def test_months_end_where_the_month_does() -> None:
    assert read_day("1个月", base=date(2025, 1, 31)).day == "2025-02-28"


@pytest.mark.parametrize(
    "written",
    [
        "签约后6个月", "自合同签订之日起12个月", "6个月（签约后）", "中标后两年内", "以合同约定为准", "30个工作日",
        "至少6个月",
    ],
)  # fmt: skip
def test_counted_from_an_event_to_come(written: str) -> None:
    assert read_day(written, base=BASE) == Day(None, written, False)


@pytest.mark.parametrize("written", ["长期", "长期有效", "長期有效", "常年", "长期（另行通知除外）"])
def test_open_ended(written: str) -> None:
    assert read_day(written, base=BASE) == Day(None, written, True)


@pytest.mark.parametrize("written", [None, "", " ", "待定", "—", "/", "无"])
def test_blank(written: str | None) -> None:
    assert read_day(written, base=BASE) == Day(None, "", False)


@pytest.mark.parametrize(
    ("written", "says", "suggestion"),
    [
        ("2027/2/30", "不是有效日期", "2027-02-28"), ("2026年6月31日", "不是有效日期", "2026-06-30"),
        ("2027-13-01", "不是有效日期", None), ("2月30日", "不是有效日期", None), ("25.6.3", "两位", "2025-06-03"),
        ("25年6月3日", "两位", "2025-06-03"), ("25年底", "两位", "2025-12-31"), ("24月", "几个月", "24个月"),
        ("24", "没有单位", "24个月"), ("6/30", "没有年份", "2025-06-30"), ("2025年11月至2月", "早于开始", "2026-02-28"),
        ("2026-01-01至2025-01-01", "早于开始", None), ("2025年6月起", "只写了开始", None),
        ("建设期为2025年，力争2026年6月底投用", "不是日期或期限", "2026-06-30"), ("1989-12-31", "1990–2100", None),
        ("2101年", "1990–2100", None), ("999年", "1990–2100", None), (date(1900, 1, 1), "1990–2100", None),
        (2025.1, "1 月还是 10 月", None), ("03/06/2025", "不是日期或期限", None), ("随便", "不是日期或期限", None),
        (True, "不是日期或期限", None), ("长" * 200, "200 个字", None),
    ],
)  # fmt: skip
def test_refused(written: str | float | date, says: str, suggestion: str | None) -> None:
    with pytest.raises(UnreadableError, match=says) as caught:
        read_day(written, base=BASE)
    assert caught.value.suggestion == suggestion
    if suggestion:
        assert read_day(suggestion, base=BASE).day


@pytest.mark.parametrize("year", [1990, 2100])
def test_first_and_last_year(year: int) -> None:
    assert read_day(f"{year}年底").day == f"{year}-12-31"


@pytest.mark.parametrize(("serial", "day"), [(45000, "2023-03-15"), (60000, "2064-04-08")])
def test_serials_are_shown_as_days(serial: int, day: str) -> None:
    assert read_day(serial) == read_day(str(serial)) == Day(day, day, False)
    with pytest.raises(UnreadableError):
        read_day(serial + (1 if serial == 60000 else -1))


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_iso_days_read_as_themselves(day: date) -> None:
    han = f"{day.year}年{day.month}月{day.day}日"
    for form in (day.isoformat(), han, f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}"):
        assert read_day(form).day == day.isoformat()


_ALIKE = st.text("0123456789年月日季度底-./至起后个天一二十半 ", max_size=16)


@given(st.text(max_size=30) | _ALIKE, st.none() | st.just(BASE))
def test_any_text_is_read_within_the_years_or_refused(text: str, base: date | None) -> None:
    with suppress(UnreadableError):
        day = read_day(text, base=base).day
        assert day is None or date(1990, 1, 1) <= date.fromisoformat(day) <= date(2100, 12, 31)
