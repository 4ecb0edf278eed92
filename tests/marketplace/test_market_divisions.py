"""Place names as people write them, brought to a division or to a suggestion."""

from __future__ import annotations

import pytest
from market_tools import sample_lines

from marketplace.regions import CITIES
from marketplace.taxonomies import (
    CIRCLE,
    DivisionBook,
    Term,
    find_division,
    read_taxonomy_files,
    same_name_divisions,
    suggest_division,
)

JIANGXIA, QIANJIANG, EAST_LAKE = "420115", "429005", "420100-DHGX"


@pytest.fixture(scope="module")
def terms() -> list[Term]:
    return read_taxonomy_files()["divisions"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("武汉市江夏区", JIANGXIA),
        ("江夏区", JIANGXIA),
        ("江夏", JIANGXIA),
        ("湖北省武汉市江夏区", JIANGXIA),
        ("湖北武汉江夏", JIANGXIA),
        ("湖北省 / 武汉市 / 江夏区", JIANGXIA),
        ("武漢市江夏區", JIANGXIA),
        ("　武汉市　江夏区", JIANGXIA),
        ("４２０１１５", JIANGXIA),
        ("潜江", QIANJIANG),
        ("潛江市", QIANJIANG),
        ("湖北省潜江市", QIANJIANG),
        ("东湖高新区", EAST_LAKE),
        ("武汉市东湖高新区", EAST_LAKE),
        ("武汉东湖新技术开发区", EAST_LAKE),
        ("湖北武漢東湖新技術開發區", EAST_LAKE),
        ("光谷", EAST_LAKE),
        ("武汉经济技术开发区（汉南区）", "420100-WHJK"),
        ("东西湖区(临空港经开区)", "420112"),
        ("黄石市开发区·铁山区", "420200-KFTS"),
        ("铁山区", "420205"),
        ("大冶市", "420281"),
        ("黄石市大冶市", "420281"),
        ("神农架林区", "429021"),
        ("恩施州", "422800"),
        ("恩施市", "422801"),
        ("长沙", "430100"),
        ("长沙县", "430121"),
        ("湖北", "420000"),
        ("北京", "110000"),
        ("海淀区", "110108"),
        ("重庆市忠县", "500233"),
        ("广东东莞", "441900"),
        ("杭州西湖", "330106"),
    ],
)
def test_written_place_finds_its_division(text, code):
    found = find_division(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "（）", "市", "县", "市辖区", "省直辖县级行政区划", "潜江市区", "黄石市江夏区", "浙江省江夏区",
        "东湖", "海淀", "全国",
    ],
)  # fmt: skip
def test_no_place_is_guessed(text):
    assert find_division(text) is None


def test_a_name_of_several_places_is_taken_only_within_the_nine_cities():
    assert find_division("西湖区") is None
    assert {place.city for place in same_name_divisions("西湖区")} == {"杭州市", "南昌市"}
    assert suggest_division("西湖区") is None
    assert {place.city for place in same_name_divisions("青山区")} == {"武汉市", "包头市"}
    assert find_division("青山区") == find_division("武汉市青山区")
    assert find_division("包头青山") == find_division("内蒙古自治区包头市青山区")


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("潜江市区", "潜江市"),
        ("潛江市區", "潜江市"),
        ("潜江市园林街道办事处", "潜江市"),
        ("江夏", "武汉市江夏区"),
        ("武汉市江夏区纸坊街道", "武汉市江夏区"),
        ("桥口区", "武汉市硚口区"),
        ("武汉市江厦区", "武汉市"),
        ("杭州市西湖区文三路", "杭州市西湖区"),
        ("武汉东湖高新", "武汉市东湖高新区"),
        ("东湖", None),
        ("甲乙丙丁", None),
        ("", None),
    ],
)
def test_suggestion(text, suggested):
    assert suggest_division(text) == suggested


def test_the_nine_cities_are_the_market_s_and_carry_their_codes(terms):
    assert tuple(CIRCLE) == CITIES
    names = {term.code: term.label for term in terms}
    assert {names[code]: code for code in CIRCLE.values()} == CIRCLE
    for name, code in CIRCLE.items():
        city = find_division(name)
        assert city is not None
        assert (city.code, city.level, city.city, city.city_code, city.in_circle) == (code, "city", name, code, True)
        assert find_division(name.removesuffix("市")) == city


def test_a_district_knows_its_city_and_province():
    district = find_division("江夏")
    assert district is not None
    assert (district.level, district.full_name, district.city, district.city_code, district.province) == (
        "county", "武汉市江夏区", "武汉市", "420100", "湖北省",
    )  # fmt: skip
    beijing = find_division("北京市海淀区")
    assert beijing is not None
    assert (beijing.city, beijing.province, beijing.in_circle) == ("北京市", "北京市", False)


def test_every_division_is_found_by_its_written_address(terms):
    book = DivisionBook(terms)
    places = [place for term in terms if (place := book.by_code(term.code))]
    assert len(places) == len(terms) - 9  # the rows that only sum up
    for place in places:
        city = "" if place.level in ("province", "city") else place.city
        address = "".join((place.province if place.level != "province" else "", city, place.name))
        assert book.find(address) == place
        assert book.find(place.code) == place


def test_zones_have_a_code_of_their_own_and_say_so(terms):
    zones = [term for term in terms if not term.code.isdigit()]
    assert {"东湖高新区", "武汉经开区", "东湖风景区", "长江新区", "临空港经开区"} <= {term.label for term in zones}
    for term in zones:
        assert term.code.startswith(f"{term.parent}-")
        assert not term.verified
        assert "无国标代码" in term.note


def test_every_district_of_the_sample_lists_is_known():
    written = {raw["district"] for raw in sample_lines("opportunities")}
    written |= {raw["district_or_city"] for raw in sample_lines("capabilities")}
    assert [text for text in written if find_division(text) is None] == []


def test_a_book_can_be_made_of_edited_terms(terms):
    added = Term("divisions", "421200-XXQ", "咸宁新区", parent="421200", synonyms=("咸宁滨湖新区",))
    assert find_division("咸宁滨湖新区") is None
    found = DivisionBook([*terms, added]).find("咸寧濱湖新區")
    assert found is not None
    assert (found.code, found.level, found.city, found.full_name) == ("421200-XXQ", "zone", "咸宁市", "咸宁新区")
