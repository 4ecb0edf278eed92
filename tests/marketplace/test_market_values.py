"""Sums of money as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.records.values import (
    Money,
    UnreadableError,
    comparable,
    format_money,
    quoted,
    read_money,
    read_numeral,
)


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        (300, 300, 300), (300.0, 300, 300), ("300", 300, 300), ("３００", 300, 300), ("300万", 300, 300),
        ("300 万 元", 300, 300), ("①300万元", 300, 300), ("0", 0, 0), ("1.44亿", 14400, 14400),
        ("１．４４億元", 14400, 14400), ("1亿2000万", 12000, 12000), ("3,000万元", 3000, 3000),
        ("3，000万元", 3000, 3000), ("3千万", 3000, 3000), ("1000元", 0.1, 0.1), ("￥300,000", 30, 30),
        ("人民币叁佰万元整", 300, 300), ("參佰萬圓整", 300, 300), ("叁佰元伍角整", 0.03005, 0.03005),
        ("三百万", 300, 300), ("五十万元", 50, 50), ("两百万", 200, 200), ("一万五千元", 1.5, 1.5),
        ("一亿二", 12000, 12000), ("一点四四亿", 14400, 14400), ("约300万", 300, 300), ("300万左右", 300, 300),
        ("投资总额：约1.2亿元人民币", 12000, 12000), ("300万元（含软件和三年运维）", 300, 300),
        ("人民币叁佰万元整（¥3,000,000.00）", 300, 300), ("10万亿", 1e9, 1e9),
        ("100万元以内", None, 100), ("不超过100万", None, 100), ("≤100万", None, 100), ("100万元以内（含）", None, 100),
        ("不低于50万", 50, None), ("50万元以上", 50, None), ("≥50萬", 50, None), ("300余万元", 300, None),
        ("3000–5000万", 3000, 5000), ("3000-5000万元", 3000, 5000), ("3000万至5000万", 3000, 5000),
        ("3000～5000 万", 3000, 5000), ("3000 -5000万", 3000, 5000), ("0.3-0.5亿", 3000, 5000),
        ("5000万-1亿", 5000, 10000), ("3000万-5000", 3000, 5000), ("50万以上100万以下", 50, 100),
    ],
)  # fmt: skip
def test_sums(written: str | float, low: float | None, high: float | None) -> None:
    money = read_money(written)
    assert (money.low_wan, money.high_wan, money.note) == (low, high, "")


@pytest.mark.parametrize(
    ("written", "unit", "wan"),
    [
        (300, "元", 0.03), (3, "亿元", 30000), ("500", "千元", 50), ("3-5", "亿元", 30000),
        # A unit of its own is stronger than the column's.
        ("300万", "元", 300), ("￥300,000", "亿元", 30), ("5000元", "万元", 0.5),
    ],
)  # fmt: skip
def test_column_unit_counts_for_bare_numbers_only(written: str | int, unit: str, wan: float) -> None:
    assert read_money(written, unit=unit).low_wan == wan


def test_unknown_column_unit() -> None:
    with pytest.raises(KeyError):
        read_money(300, unit="美元")


@pytest.mark.parametrize("written", [None, "", "  ", "/", "-", "—", "无", "／"])
def test_blank(written: str | None) -> None:
    assert read_money(written) == Money(None, None, "", "")


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("面议", "面议"), ("面議", "面议"), ("价格面议", "面议"), ("自筹", "自筹"), ("企业自筹", "自筹"),
        ("另议", "另议"), ("待定", "待定"), ("暂无", "暂无"), ("财政资金", "财政资金"), ("视项目情况而定", "待定"),
        ("一事一议", "另议"),
    ],
)  # fmt: skip
def test_words_without_a_sum(written: str, note: str) -> None:
    assert read_money(f" {written}\n") == Money(None, None, note, written)


@pytest.mark.parametrize(
    ("written", "says", "suggestion"),
    [
        ("总投资9000万元，其中财政3000万元", "2 个金额", "9000万元"),
        ("300万元（其中自筹100万）", "2 个金额", "300万元"), ("项目预算300万元，分两年拨付", "别的话", "300万元"),
        ("5000–3000万", "下限大于上限", "3000–5000 万元"), ("3000-1亿", "下限大于上限", "3000 万元–1 亿元"),
        ("300w", "字母", "300万元"), ("3 000万元", "空格", "3000万元"), ("300\n500", "空格", None),
        ("300万500万", "看不出金额", None), ("100万美元", "外币", None), ("50万欧元", "外币", None),
        ("$300", "外币", None), (-3, "负数", None), ("-300", "负数", None), ("负三百万", "负数", None),
        ("－300万", "负数", None), ("300万元/年", "单价或每年", None), ("100001亿", "10 万亿", None),
        ("1,2345万", "看不出金额", None), ("3万5", "看不出金额", None), ("数百万", "看不出金额", None),
        ("百万元", "看不出金额", None), ("随便写", "看不出金额", None), ("2025-06-03", "看不出金额", None),
        (date(2025, 6, 3), "看不出金额", None), (True, "看不出金额", None), (float("nan"), "看不出金额", None),
        ("长" * 300, "300 个字", None), ("300½万", "看不出金额", None),
    ],
)  # fmt: skip
def test_refused(written: str | float, says: str, suggestion: str | None) -> None:
    with pytest.raises(UnreadableError, match=says) as caught:
        read_money(written)
    assert caught.value.suggestion == suggestion
    if suggestion:
        assert read_money(suggestion).high_wan is not None


def test_text_stays_as_written() -> None:
    assert read_money(" 3000～5000 萬 ").text == "3000～5000 萬"
    assert read_money(1440.0000000001).text == "1440"


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (3000, 5000, "3000–5000 万元"), (14400, 14400, "1.44 亿元"), (300, 300, "300 万元"), (50, None, "50 万元以上"),
        (None, 100, "100 万元以内"), (0.1, 0.1, "1000 元"), (5000, 12000, "5000 万元–1.2 亿元"), (0, 0, "0 万元"),
        (None, None, ""),
    ],
)  # fmt: skip
def test_shown(low: float | None, high: float | None, shown: str) -> None:
    assert format_money(Money(low, high, "", "")) == shown
    assert format_money(Money(None, None, "面议", "面议")) == "面议"


_WAN = st.decimals(0, 10**8, places=4).map(float)


@given(st.none() | _WAN, st.none() | _WAN)
def test_what_is_shown_reads_back(first: float | None, second: float | None) -> None:
    low, high = (first, second) if None in (first, second) else sorted((first or 0.0, second or 0.0))
    read = read_money(format_money(Money(low, high, "", "")))
    assert (read.low_wan, read.high_wan) == (low, high)


@given(st.text(max_size=40) | st.text("0123456789.,万亿元-–至（）约不超过一二十百千¥ ", max_size=20))
def test_any_text_is_read_within_the_limit_or_refused(text: str) -> None:
    with suppress(UnreadableError):
        money = read_money(text)
        assert all(end is None or 0 <= end <= 1e9 for end in (money.low_wan, money.high_wan))
        assert money.text in {"", text.strip()}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("十", 10), ("一百零五", 105), ("二〇二五", 2025), ("三百五", 350), ("三百五十", 350), ("一万零五", 10005),
        ("贰仟陆佰柒拾捌", 2678), ("1万2千亿", 1.2e12), ("百", None), ("1亿2亿", None), ("3万5", None), ("1,23", None),
        ("", None),
    ],
)  # fmt: skip
def test_numerals(written: str, number: float | None) -> None:
    assert read_numeral(written) == (None if number is None else Decimal(number))


def test_list_marks_do_not_join_figures_and_mobiles_are_not_repeated() -> None:
    assert comparable("①300\u200b万②") == "300万、"
    assert quoted("电话13800000000" + "长" * 30) == "“电话138****0000长长长长长长长长长长…”"
