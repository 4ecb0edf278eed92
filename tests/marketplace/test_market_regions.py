"""The city that a written district belongs to."""

from __future__ import annotations

import pytest

from marketplace.regions import CITIES, OTHER, city_of


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize(
    "form", ["{}", "{}某区", "湖北省{}", "湖北省{}某县", "湖北{}", "湖北 {}", " {} ", "　{}　某镇"]
)
def test_nine_cities_in_every_written_form(city: str, form: str) -> None:
    assert city_of(form.format(city)) == city
    assert city_of(form.format(city.removesuffix("市"))) == city


@pytest.mark.parametrize(
    ("written", "city"),
    [
        ("武漢市江夏區", "武汉市"), ("黃石港區", "黄石市"), ("黃岡", "黄冈市"), ("咸寧市", "咸宁市"),
        ("天門市", "天门市"), ("潛江市", "潜江市"), ("孝感市雲夢縣", "孝感市"),
        ("武汉东湖新技术开发区", "武汉市"), ("鄂州葛店经开区", "鄂州市"),
    ],
)  # fmt: skip
def test_traditional_and_short_forms(written: str, city: str) -> None:
    assert city_of(written) == city


@pytest.mark.parametrize(
    ("written", "city"),
    [
        ("北京市海淀区", "北京市"), ("上海", "上海"), ("广东省深圳市南山区", "深圳市"), ("湖北省宜昌市", "宜昌市"),
        ("浙江省杭州市", "杭州市"), ("襄阳市樊城区", "襄阳市"),
    ],
)  # fmt: skip
def test_other_places_keep_their_own_city(written: str, city: str) -> None:
    assert city_of(written) == city


@pytest.mark.parametrize("written", ["", " ", "　", "\n"])
def test_nothing_written(written: str) -> None:
    assert city_of(written) == OTHER
