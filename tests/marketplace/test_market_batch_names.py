"""What batches are called, however they were written."""

from __future__ import annotations

import pytest
from factories import make_opportunity
from hypothesis import given
from hypothesis import strategies as st

from marketplace.records import batch_label, batch_order, read_batch, shown_batch, uniform_batch


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026年第一批", "2026年第1批"), ("2026年第1批", "2026年第1批"), ("２０２６年第１批", "2026年第1批"),
        ("2026年度第一批次", "2026年第1批"), ("2026 年 第 12 批", "2026年第12批"), ("2026年第十二批", "2026年第12批"),
        ("2026年第二十批", "2026年第20批"), ("第3批", "2025年第3批"), ("三批", "2025年第3批"),
        ("第两批", "2025年第2批"),
    ],
)  # fmt: skip
def test_one_form_for_every_batch(written: str, shown: str) -> None:
    assert uniform_batch(written, 2025) == shown


@pytest.mark.parametrize("written", ["", "首批", "第0批", "第1000批", "试点批", "某区2026年第一批清单", "第十十批"])
def test_what_is_no_number_of_a_batch_stays(written: str) -> None:
    assert (read_batch(written), uniform_batch(written, 2025)) == (None, written)


def test_the_year_is_the_postings_else_that_of_its_publication() -> None:
    assert shown_batch(make_opportunity(batch="第1批", year=2024), "2026-11-01") == "2024年第1批"
    assert shown_batch(make_opportunity(batch="第1批", year=None), "2026-11-01") == "2026年第1批"
    assert shown_batch(make_opportunity(batch="第1批", year=None)) == "第1批"
    assert shown_batch(make_opportunity(batch=None)) == ""


@given(st.integers(1, 999), st.integers(1949, 2200), st.integers(1949, 2200))
def test_a_label_is_its_own_form(number: int, year: int, other: int) -> None:
    label = batch_label(number, year)
    assert uniform_batch(label, other) == label
    assert batch_order(label) < batch_order(batch_label(number + 1, year)) < batch_order("首批")
