"""Personal data in texts and contact cells; every number and name is made up."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.records.personal import ContactParts, find_personal, mask_personal, read_contact, read_office_phone
from marketplace.records.values import UnreadableError

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity(first: str) -> str:
    """An identity number nobody has (order 000), with the right check figure."""
    return first + "10X98765432"[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first, strict=True)) % 11]


IDENTITY = identity("42011519900101000")


@pytest.mark.parametrize(
    "written",
    [
        "13800000000", "138 0000 0000", "138-0000-0000", "１３８００００００００", "138 00000000", "1380 0000 000",
        "138 00 00 00 00", "138\u200b0000\u200b0000", "138．0000．0000", "138–0000–0000",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "around", ["{}", "电话{}转告", "+86 {}", "+86{}", "Tel:{}；", "①{}", "（{}）", "027-00000000/{}"]
)
def test_mobiles(written: str, around: str) -> None:
    text = around.format(written)
    (found,) = find_personal(text)
    assert (found.kind, found.text) == ("mobile", written)
    assert text[found.start : found.end] == written
    assert mask_personal(text) == around.format("138****0000")


@pytest.mark.parametrize(
    ("text", "kind", "masked"),
    [
        ("li@example.cn", "email", "l***@example.cn"), ("邮箱：li＠example.cn。", "email", "邮箱：l***@example.cn。"),
        ("li.si+a@mail.example.com.cn", "email", "l***@mail.example.com.cn"),
        ("13800000000@example.com", "email", "1***@example.com"),
        (f"身份证{IDENTITY}", "identity", f"身份证42{'*' * 14}{IDENTITY[-2:]}"),
        (f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}", "identity", f"42{'*' * 14}{IDENTITY[-2:]}"),
        ("联系人：张三", "person", "联系人：张**"), ("联系人:李四（主任）", "person", "联系人:李**（主任）"),
        ("聯絡人：張三", "person", "聯絡人：張**"), ("联系人　张三", "person", "联系人　张**"),
        ("联系人：欧阳某", "person", "联系人：欧**"),
        ("联系人：张三电话：027-00000000", "person", "联系人：张**电话：027-00000000"),
        ("联系人：忻某", "person", "联系人：忻**"), ("联系人：王女士", "person", "联系人：王**"),
        ("项目负责人：张三丰", "person", "项目负责人：张**"), ("请找王工对接", "person", "请找王**对接"),
        ("请联系李主任", "person", "请联系李**"), ("张三 138****0000", "person", "张** 138****0000"),
        ("联系人：买买提·艾力", "person", "联系人：买**"),
    ],
)  # fmt: skip
def test_other_kinds(text: str, kind: str, masked: str) -> None:
    assert [found.kind for found in find_personal(text)] == [kind]
    assert mask_personal(text) == masked


def test_identity_number_ending_in_x() -> None:
    number = next(one for day in range(10, 29) if (one := identity(f"420115199001{day}000")).endswith("X"))
    assert mask_personal(number.lower()).startswith("42**")


@pytest.mark.parametrize(
    "text",
    [
        "027-87654321", "（027）87654321", "400-880-0000", "91420115MA4K000001", "914201150000000010",
        IDENTITY[:-1] + "Y", identity("42011519901301000"),
        IDENTITY[:17] + str((int(IDENTITY[17].replace("X", "9")) + 1) % 10), "13800台", "SN13800000000",
        "DN-13800000000", "13800000000A", "138-0000-0000B", "138000000001234", "2025138000000000", "预算13800000000元",
        "¥13800000000", "30.15000000000", "GB 13800-138000", "联系人：办公室", "联系人：综合科", "联系人：高新区管委会",
        "联系人：待定", "联系人应具备资质", "联系人方式见附件", "联系人员：5名", "负责人：应当熟悉业务",
        "负责人：高级职称", "请联系高工业园", "请联系市水务局", "张三丰景区", "",
    ],
)  # fmt: skip
def test_not_personal(text: str) -> None:
    assert find_personal(text) == ()
    assert mask_personal(text) is text


def test_several_in_one_text() -> None:
    text = "联系人：张三、李四（主任），手机：138 0000 0000，li@example.cn；电话 027-00000000"
    assert [found.kind for found in find_personal(text)] == ["person", "person", "mobile", "email"]
    masked = "联系人：张**、李**（主任），手机：138****0000，l***@example.cn；电话 027-00000000"
    assert mask_personal(text) == masked


_PIECES = st.sampled_from([
    "13800000000", "138 0000 0000", "１３９００００００００", "+86", "li@example.cn", "li＠example.cn", "@", IDENTITY,
    "联系人：", "联系人", "负责人：", "请找", "张三", "李四", "王工", "（主任）", "、", "，", " ", "电话",
    "027-00000000", "转", "-", ".", "8", "a", "*", "元", "\n",
])  # fmt: skip


@given(st.lists(_PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_masking_leaves_nothing_and_repeats_nothing(text: str) -> None:
    masked = mask_personal(text)
    assert find_personal(masked) == ()
    assert mask_personal(masked) is masked
    places = [(found.start, found.end) for found in find_personal(text)]
    assert all(start < end for start, end in places)
    assert all(one[1] <= other[0] for one, other in pairwise(places))


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        (
            "张三 13800000000 / 027-87654321 zhang@example.cn",
            ("027-87654321", "张三", "13800000000", "zhang@example.cn", ""),
        ),
        (
            "联系人：李四（主任） 电话：027-87654321转801，手机138 0000 0000",
            ("027-87654321转801", "李四", "13800000000", "", "主任"),
        ),
        ("023-00000000", ("023-00000000", "", "", "", "")),
        ("水务局办公室 027-87654321", ("027-87654321", "", "", "", "水务局办公室")),
        ("张三、李四 13800000000、13900000000", ("", "张三、李四", "13800000000、13900000000", "", "")),
        ("王工，１３８００００００００", ("", "王工", "13800000000", "", "")),
        ("忻某某 13800000000", ("", "忻某某", "13800000000", "", "")),
        ("武汉市江夏区 周先生 027-87654321 微信同号", ("027-87654321", "周先生", "", "", "武汉市江夏区")),
        ("027-87654321 QQ 12345678", ("027-87654321", "", "", "", "QQ 12345678")),
        ("12345热线", ("12345", "", "", "", "")), ("87654321", ("87654321", "", "", "", "")),
        (13800000000, ("", "", "13800000000", "", "")), (13800000000.0, ("", "", "13800000000", "", "")),
        ("/", ("", "", "", "", "")), (None, ("", "", "", "", "")),
    ],
)  # fmt: skip
def test_contact_cells(written: str | float | None, parts: tuple[str, ...]) -> None:
    assert read_contact(written) == ContactParts(*parts)


@given(st.lists(_PIECES, max_size=8).map("".join) | st.text(max_size=40))
def test_whoever_is_taken_out_of_a_cell_can_be_masked(text: str) -> None:
    parts = read_contact(text)
    for name in filter(None, parts.person.split("、")):
        assert name not in mask_personal(f"联系人：{parts.person}；手机：{parts.mobile}")
    assert not re.search(r"\d{11}", mask_personal(f"{parts.mobile}；{parts.office_phone}"))


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("027-87654321", "027-87654321"), ("02787654321", "027-87654321"), ("（027）87654321", "027-87654321"),
        ("０２７－８７６５４３２１", "027-87654321"), ("027 8765 4321", "027-87654321"),
        ("+86-27-87654321", "027-87654321"), ("电话：027—87654321", "027-87654321"), ("07138888888", "0713-8888888"),
        ("010-62000000", "010-62000000"), ("027-00000000", "027-00000000"), ("027-87654321转801", "027-87654321转801"),
        ("027-87654321-801", "027-87654321转801"), ("027-87654321/027-87654322", "027-87654321、027-87654322"),
        ("027-87654321、027-87654321", "027-87654321"), ("4008800000", "400-880-0000"), ("12345", "12345"),
        (12345, "12345"), ("96510", "96510"), ("", ""), (None, ""), ("/", ""),
    ],
)  # fmt: skip
def test_office_phones(written: str | int | None, phone: str) -> None:
    assert read_office_phone(written) == phone


@pytest.mark.parametrize(
    "written", ["13800000000", "138 0000 0000", 13800000000, 13800000000.0, "027-87654321 / 13800000000"]
)
def test_a_mobile_is_no_office_phone(written: str | float) -> None:
    with pytest.raises(UnreadableError, match="是手机号，不能作为公开电话") as caught:
        read_office_phone(written)
    assert caught.value.suggestion == "填入受保护的联系方式"
    assert not re.search(r"1[3-9]\d{9}", str(caught.value))


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("87654321", None), (2787654321, "027-87654321"), ("张三 027-87654321", "027-87654321"),
        ("li@example.cn", None), ("027-87654321或87654322", "027-87654321、027-87654322"), ("027-8765", None),
        ("详见公告", None),
    ],
)  # fmt: skip
def test_other_office_phones_are_refused_without_naming_anyone(written: str | int, suggestion: str | None) -> None:
    with pytest.raises(UnreadableError, match="应写成 027-87654321") as caught:
        read_office_phone(written)
    assert caught.value.suggestion == suggestion
    assert "张三" not in str(caught.value)
    assert "li@" not in str(caught.value)
