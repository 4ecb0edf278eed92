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
    "written",
    [
        "138,0000,1234", "138，0000，1234", "１３８，００００，１２３４", "138、0000、1234", "138/0000/1234",
        "138_0000_1234", "138－0000－1234", "138·0000·1234", "138•0000•1234", "138)0000-1234", "138\t0000\t1234",
        "1 3 8 0 0 0 0 1 2 3 4", "1-3-8-0-0-0-0-1-2-3-4", "1，3，8，0，0，0，0，1，2，3，4",
        "１　３　８　０　０　０　０　１　２　３　４", "一三八〇〇〇〇一二三四", "幺三八零零零零幺二三四",
        "壹叁捌零零零零壹贰叁肆", "一三八-〇〇〇〇-一二三四", "一 三 八 〇 〇 〇 〇 一 二 三 四", "138零零零零1234",
        "一38 〇〇〇〇 1234",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["{}", "有意者请拨打{}洽谈", "+86 {}", "（{}）", "027-87650000，{}"])
def test_mobiles_broken_up_or_spelled_out(written: str, around: str) -> None:
    text = around.format(written)
    (found,) = find_personal(text)
    assert (found.kind, found.text) == ("mobile", written)
    assert mask_personal(text) == around.format("138****1234")
    assert read_contact(f"手机：{written}").mobile == "13800001234"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("手机：13 800 00 1234", "手机：138****1234"), ("电话1380 0001 234", "电话138****1234"),
        ("联系电话：138,000,01234。", "联系电话：138****1234。"), ("致电 158,3000,2000 咨询", "致电 158****2000 咨询"),
        ("138，0000，1234，139，0000，5678", "138****1234，139****5678"), ("VX13800001234", "VX138****1234"),
        ("手机幺三八，零零零零，一二三四，座机027-87650000", "手机138****1234，座机027-87650000"),
    ],
)  # fmt: skip
def test_mobiles_in_any_grouping_behind_a_label_or_in_a_row(text: str, masked: str) -> None:
    assert {found.kind for found in find_personal(text)} == {"mobile"}
    assert mask_personal(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "管径分100、150、2000、3000四档", "规格150，2000，3000", "投资13,800,001,234元", "截面150/1280/1920",
        "150，2023，2024年度数据", "序号1,2,3,4,5,6,7,8,9,10,11", "编号一三八〇〇〇〇一二三四五",
        "第一三八〇〇〇〇一二三四号", "计一百三十八万零二百", "二〇二五一三八〇〇〇〇", "采购1500部、2000台",
        "一三五七九单号限行", "电话量1500、1600、1700通", "一三八〇〇〇〇一二三四元",
    ],
)  # fmt: skip
def test_figures_that_are_no_mobile(text: str) -> None:
    assert find_personal(text) == ()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("微信号：abc_123456", "微信号：a***"), ("微信：zhangsan88", "微信：z***"),
        ("加微信 wxid_a1b2c3d4", "加微信 w***"), ("对接可加微信lisiwuhan", "对接可加微信l***"),
        ("微信 li_si88，备注单位", "微信 l***，备注单位"), ("微信（lisi2088）", "微信（l***）"),
        ("微信号是lisi-wh", "微信号是l***"), ("微信號：lisi_88", "微信號：l***"),
        ("企业微信：lisi_88", "企业微信：l***"), ("WeChat: li_si88", "WeChat: l***"),
        ("WeChat ID li_si88", "WeChat ID l***"), ("VX：lisi2088", "VX：l***"), ("加V lisi2088", "加V l***"),
        ("微信：12345678", "微信：1***"), ("QQ 12345678", "QQ 1***"), ("ＱＱ：１２３４５６７８", "ＱＱ：1***"),
        ("qq号12345678、87654321", "qq号1***"), ("扣扣 12345678", "扣扣 1***"), ("微信/QQ：12345678", "微信/QQ：1***"),
        ("wxid_a1b2c3d4", "w***"),
    ],
)  # fmt: skip
def test_chat_accounts(text: str, masked: str) -> None:
    assert [found.kind for found in find_personal(text)] == ["account"]
    assert mask_personal(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "微信公众号：jiangxia_gov", "官方微信：jiangxia2025gov", "微信小程序办理", "对接企业微信、钉钉",
        "微信 Android/iOS 端", "接入微信OpenID", "支持微信OAuth2.0授权", "微信：OpenAPI3", "微信JS-SDK",
        "日活微信用户100000人", "微信100000用户", "微信支付2000000笔", "QQ群：123456789", "QQ 100000人同时在线",
        "QQ2013", "微信推送、QQ通知", "微信：weixin.qq.com", "微信同号", "家长微信群", "微信10000并发", "型号WX-200300",
        "增加Vehicle2Cloud接口",
    ],
)  # fmt: skip
def test_what_only_mentions_a_chat_service(text: str) -> None:
    assert find_personal(text) == ()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("联系王建国主任", "联系王**主任"), ("请找李伟经理", "请找李**经理"), ("联系人王建国", "联系人王**"),
        ("請聯繫王建國主任", "請聯繫王**主任"), ("请联系市水务局王建国科长对接", "请联系市水务局王**科长对接"),
        ("可找信息科王局长", "可找信息科王**"), ("由李伟经理负责对接", "由李**经理负责对接"),
        ("经王建国主任同意", "经王**主任同意"), ("与王建国教授团队合作", "与王**教授团队合作"),
        ("联系欧阳明主任", "联系欧**主任"), ("咨询李医生", "咨询李**"), ("请联系王建国。", "请联系王**。"),
        ("请与王芳联系", "请与王**联系"), ("对接：王建国", "对接：王**"), ("联系：李芳", "联系：李**"),
        ("联系文建国主任", "联系文**主任"),
        ("联系王建国，电话027-87650000", "联系王**，电话027-87650000"), ("联系王建国同志", "联系王**同志"),
        ("联系人王建国负责技术对接", "联系人王**负责技术对接"), ("联系人：王建国主任负责", "联系人：王**主任负责"),
        ("联系人是王建国", "联系人是王**"), ("联系人（王建国）", "联系人（王**）"),
        ("联系人【王建国】", "联系人【王**】"), ("联系人\n王建国", "联系人\n王**"), ("对接人—王建国", "对接人—王**"),
        ("对接人员：王建国", "对接人员：王**"), ("接口人：王建国", "接口人：王**"), ("联络员王建国", "联络员王**"),
        ("联系老师：李芳", "联系老师：李**"), ("责任人：王建国", "责任人：王**"), ("填报人：李芳", "填报人：李**"),
        ("负责人是王建国", "负责人是王**"), ("项目经理：王建国", "项目经理：王**"), ("联系人：方向东", "联系人：方**"),
        ("联系人：市水务局信息科 王建国", "联系人：市水务局信息科 王**"),
        ("联系人：信息科王建国", "联系人：信息科王**"), ("联系人：信息科科长王建国", "联系人：信息科科长王**"),
        ("王建国 138****0000", "王** 138****0000"), ("市水务局王建国138****0000", "市水务局王**138****0000"),
    ],
)  # fmt: skip
def test_names_without_a_colon(text: str, masked: str) -> None:
    assert [found.kind for found in find_personal(text)] == ["person"]
    assert mask_personal(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        # Bodies and places.
        "联系单位", "联系区城管局", "联系单位主任", "联系区卫健局应急办主任", "联系村居委会主任", "联系卫健委主任",
        "联系市总工会", "请与江夏区联系", "请与金融机构联系", "对接：江夏区", "对接：高校", "经办：综合科",
        "联系人：街道办、江夏区", "与武大教授合作", "联系人：办公室，成立于2010年", "与农业局局长期合作",
        "与张江总部对接", "与石家庄工行签约", "请与文旅局联系", "由文化专员跟进",
        # Words that begin like a surname.
        "找准问题", "负责人民调解", "王家湾主任务", "联系王家湾主任务完成", "找平层施工", "和马路两侧", "寻找安全专员",
        "请与施工单位联系", "请联系施工方。", "请联系管理员。", "请联系车间主任", "联系班主任", "联系党委书记",
        "联系常务副主任", "联系项目经理", "联系安全主管", "联系农业主管部门", "由高级工程师审核", "由于工程师不足",
        "咨询全科医生", "和代接要老师点头", "联系医院方工程师", "联系优先生产单位", "由司法助理跟进", "联系金工车间",
        "联系万名博士", "向道路平均排队长度", "联系高校，电话027-87650000", "联系管理员电话",
        "学习习近平总书记重要讲话", "与习近平总书记", "密切联系群众工作",
        # Behind a label.
        "联系人应当负责", "联系人全程负责", "联系人安排专人", "联系人方便联系", "联系人向其咨询", "经办人员管理",
        "对接人社预警", "对接人工智能平台", "联系人：项目经理", "联系人：单位负责人", "联系人：施工负责人",
        "责任人：安全员", "责任人：施工方", "申报人：高校", "负责人：高级工程师", "责任人：单位法定代表人",
        "方便加微信号", "项目经理微信",
    ],
)  # fmt: skip
def test_official_text_that_names_nobody(text: str) -> None:
    assert find_personal(text) == ()


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


def test_a_name_beside_an_account() -> None:
    text = "王建国（微信 abc_123456），请勿电话"
    assert [found.kind for found in find_personal(text)] == ["person", "account"]
    assert mask_personal(text) == "王**（微信 a***），请勿电话"


def test_several_in_one_text() -> None:
    text = "联系人：张三、李四（主任），手机：138 0000 0000，li@example.cn；电话 027-00000000"
    assert [found.kind for found in find_personal(text)] == ["person", "person", "mobile", "email"]
    masked = "联系人：张**、李**（主任），手机：138****0000，l***@example.cn；电话 027-00000000"
    assert mask_personal(text) == masked


_PIECES = st.sampled_from([
    "13800000000", "138 0000 0000", "１３９００００００００", "+86", "li@example.cn", "li＠example.cn", "@", IDENTITY,
    "联系人：", "联系人", "负责人：", "请找", "张三", "李四", "王工", "（主任）", "、", "，", " ", "电话",
    "027-00000000", "转", "-", ".", "8", "a", "*", "元", "\n", "联系", "信息科", "王建国", "经理", "微信号：",
    "abc_123456", "QQ", "12345678", "一三八〇〇〇〇一二三四", "138,0000,1234", "高新", "负责",
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
        ("王建国 微信：abc_123456", ("", "王建国", "", "", "微信:abc_123456")),
        ("幺三八零零零零一二三四 王建国", ("", "王建国", "13800001234", "", "")),
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
