"""Cells with several items, names, yes or no, a whole number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.records.listed import read_choices, read_lines, read_switch, read_whole
from marketplace.records.values import UnreadableError

THREE = ("漏点定位", "压力监测", "远程抄表")


@pytest.mark.parametrize(
    "written",
    [
        "漏点定位\n压力监测\r\n\r\n远程抄表\n", "1.漏点定位\n2. 压力监测\n3．远程抄表",
        "１、漏点定位\n２、压力监测\n３、远程抄表", "1、漏点定位；2、压力监测；3、远程抄表",
        "1.漏点定位2.压力监测3.远程抄表", "①漏点定位；②压力监测；③远程抄表", "①漏点定位\n②压力监测\n③远程抄表",
        "（1）漏点定位（2）压力监测（3）远程抄表", "(一)漏点定位\n（二）压力监测\n(三)远程抄表",
        "一、漏点定位\n二、压力监测\n三、远程抄表", "第一，漏点定位；第二，压力监测；第三，远程抄表",
        "1)漏点定位 2)压力监测 3)远程抄表", "⑴漏点定位⑵压力监测⑶远程抄表", "• 漏点定位\n• 压力监测\n• 远程抄表",
        "•漏点定位•压力监测•远程抄表", "- 漏点定位\n- 压力监测\n- 远程抄表", "漏点定位；压力监测；远程抄表",
        "漏点定位;压力监测;;远程抄表;", "4、漏点定位\n5、压力监测\n6、远程抄表",
        "一、（1）漏点定位（2）压力监测\n二、远程抄表",
    ],
)  # fmt: skip
def test_three_items_in_every_form(written: str) -> None:
    assert read_lines(written) == THREE


@pytest.mark.parametrize(
    "written",
    [
        "定位误差不超过1.5米", "3、5、7号楼改造", "1、2号楼改造", "1、2、3号楼改造", "1、3、5号楼加固，2、4号楼拆除",
        "楼栋1、楼栋2、楼栋3", "周一、周二、周三", "一、二、三级医院", "-20℃~55℃", "V2.0版本", "GB/T 1.2、2.3 标准",
        "2025.1.定位", "设备5、6、7台", "无人机巡检", "（甲；乙）两种方案",
    ],
)  # fmt: skip
def test_figures_are_no_marks(written: str) -> None:
    assert read_lines(written) == (written,)


@pytest.mark.parametrize(
    ("written", "items"),
    [
        ("1.5米以内\n2.5米以内", ("1.5米以内", "2.5米以内")),
        ("1.误差不超过1.5米\n2.24小时值守\n3.远程抄表", ("误差不超过1.5米", "24小时值守", "远程抄表")),
        ("1、24小时值守；2、3分钟响应", ("24小时值守", "3分钟响应")),
        ("需要解决：①定位；②监测", ("需要解决", "定位", "监测")),
        ("-20℃\n55℃", ("-20℃", "55℃")),
        ("误差1.5米；（甲；乙）两种；可离线", ("误差1.5米", "（甲；乙）两种", "可离线")),
        ("① 定位；可离线\n② 监测\n说明", ("定位；可离线", "监测", "说明")),
        ("1.定位", ("定位",)), (3, ("3",)), (3.0, ("3",)), (None, ()), ("", ()), (" / ", ()), ("无", ()),
    ],
)  # fmt: skip
def test_items(written: str | float | None, items: tuple[str, ...]) -> None:
    assert read_lines(written) == items


def test_ten_thousand_marks_are_read() -> None:
    assert len(read_lines("1、甲\n" * 5000)) == 5000
    assert "".join(read_lines("1.甲 2.乙 " * 2000)).count("甲") == 2000


_MARKLIKE = "一二三四五六七八九十第"
_LETTER = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF, exclude_characters=_MARKLIKE)
_ITEM = st.text(_LETTER, min_size=1, max_size=8)


@given(st.lists(_ITEM, min_size=2, max_size=9))
def test_numbered_items_come_back(items: list[str]) -> None:
    for form in ("{}.{}", "{}、{}", "（{}）{}"):
        for joint in ("\n", "；"):
            written = joint.join(form.format(place, item) for place, item in enumerate(items, 1))
            assert read_lines(written) == tuple(items)


@given(st.text(max_size=60) | st.text("1234一二、.（）；①②- \n甲乙", max_size=30))
def test_no_word_is_lost(text: str) -> None:
    items = read_lines(text)
    assert all(item and item in text for item in items)
    for char in "甲乙":
        assert sum(item.count(char) for item in items) == text.count(char)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("②人工智能、智能终端", ("人工智能", "智能终端")), ("①智能制造②智能建造", ("智能制造", "智能建造")),
        ("人工智能，大数据,物联网;5G；北斗/低空", ("人工智能", "大数据", "物联网", "5G", "北斗", "低空")),
        ("智能制造\n智慧医疗 智慧教育", ("智能制造", "智慧医疗", "智慧教育")),
        ("人工智能（机器视觉、语音）、大数据", ("人工智能（机器视觉、语音）", "大数据")),
        ("人工智能(机器视觉、大数据", ("人工智能(机器视觉", "大数据")),
        ("1.智能制造 2.智能建造", ("智能制造", "智能建造")),
        ("物联网、物聯網、ＡＩ、ai、智能制造", ("物联网", "ＡＩ", "智能制造")), ("OPC UA、MQTT", ("OPC UA", "MQTT")),
        ("A/B测试、GB/T标准、AI/大数据", ("A/B测试", "GB/T标准", "AI", "大数据")), ("3D打印", ("3D打印",)),
        ("智能制造、", ("智能制造",)), ("无", ()), ("—", ()), ("暂无", ()), ("", ()), (None, ()),
    ],
)  # fmt: skip
def test_names(written: str | None, names: tuple[str, ...]) -> None:
    assert read_choices(written) == names


@pytest.mark.parametrize(
    "written", ["是", "可", "有", "√", "Y", "ｙ", "yes", "TRUE", True, 1, 1.0, "支持", "☑是 □否", "√是 □否"]
)
def test_yes(written: str | float) -> None:
    assert read_switch(written) is True


@pytest.mark.parametrize("written", ["否", "不可", "无", "無", "×", "N", "Ｎ", "false", False, 0, "不支持", "□是 ☑否"])
def test_no(written: str | float) -> None:
    assert read_switch(written) is False


@pytest.mark.parametrize("written", [None, "", "/", "—", "待定", "□是 □否"])
def test_neither(written: str | None) -> None:
    assert read_switch(written) is None


@pytest.mark.parametrize("written", ["可能", "2", "是□ 否☑", "是否"])
def test_unclear_switch_is_refused(written: str) -> None:
    with pytest.raises(UnreadableError, match="应写是或否"):
        read_switch(written)


@pytest.mark.parametrize("written", ["8级", "TRL8", "TRL 8级", "ＴＲＬ－８", "第八级", "8.0", 8.0, 8, "八", "①8级"])
def test_eight(written: str | float) -> None:
    assert read_whole(written) == 8


@pytest.mark.parametrize(
    ("written", "number"),
    [("1,200人", 1200), ("1.2万", 12000), ("十二", 12), ("2026年", 2026), ("", None), ("—", None)],
)
def test_whole_numbers(written: str, number: int | None) -> None:
    assert read_whole(written) == number


@pytest.mark.parametrize("written", ["8.5", 8.5, "8-9级", "-3", -3, "很高", True, "9" * 60])
def test_no_whole_number_is_refused(written: str | float) -> None:
    with pytest.raises(UnreadableError, match="不是整数"):
        read_whole(written)
