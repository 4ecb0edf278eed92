"""Chinese numerals, units of several meanings and rates: what they read as, and which words are no figures."""

from __future__ import annotations

import re

import pytest

from matching.text import read_quantities
from matching.text.numerals import NUMERAL, read_numeral

DAY, MONTH, YEAR = 86400, 30 * 86400, 365 * 86400


@pytest.mark.parametrize(
    ("token", "low", "high"),
    [("三百五十", 350, 350), ("一万五千", 15_000, 15_000), ("七万六", 76_000, 76_000), ("一百零五", 105, 105),
     ("二百五", 250, 250), ("一亿两千万", 1.2e8, 1.2e8), ("九十九点三", 99.3, 99.3), ("零点零四", 0.04, 0.04),
     ("十六七", 16, 17), ("三五", 3, 5), ("二三十", 20, 30), ("九成七", 97, 97), ("半成", 5, 5), ("3千", 3000, 3000),
     ("1.5万亿", 1.5e12, 1.5e12), ("3,200", 3200, 3200), ("一万亿", 1e12, 1e12)],
)  # fmt: skip
def test_numeral(token: str, low: float, high: float) -> None:
    match = re.match(NUMERAL, token)
    assert match is not None
    assert match.group() == token
    numeral = read_numeral(token)
    assert numeral is not None
    assert (numeral.low, numeral.high) == pytest.approx((low, high))


READ = {
    "老人跌倒判对的有九成二": (92, 92, "percent", ""),
    "废水回用八到九成": (80, 90, "percent", ""),
    "能耗同比降一成四到一成六": (14, 16, "percent", ""),
    "差错低于千分之五": (0.5, 0.5, "percent", "≤"),
    "在线率百分之九十九点三": (99.3, 99.3, "percent", ""),
    "偏差百分之九到十二": (9, 12, "percent", ""),
    "节水三分之二": (200 / 3, 200 / 3, "percent", ""),
    "波动不超过两个百分点": (2, 2, "percent", "≤"),
    "半小时以内到场": (1800, 1800, "time", "≤"),
    "一个半小时送达": (5400, 5400, "time", ""),
    "续航十二个半小时": (45_000, 45_000, "time", ""),
    "三小时四十分修复": (13_200, 13_200, "time", ""),
    "三十来个钟头": (108_000, 108_000, "time", ""),
    "接入两千三百余台": (2300, 2300, "count:台", ""),
    "容纳七十二人": (72, 72, "count:人", ""),
    "容纳60名": (60, 60, "count:人", ""),
    "时延六十到八十毫秒": (0.06, 0.08, "time", ""),
    "电池重8斤": (4, 4, "mass", ""),
    "耗氢七公斤二两": (7.1, 7.1, "mass", ""),
    "采血40微升": (4e-8, 4e-8, "volume", ""),
    "走25里路": (12_500, 12_500, "length", ""),
    "压下一万七千千瓦": (1.7e7, 1.7e7, "power", ""),
    "每条3角5分": (3.5e-5, 3.5e-5, "money", ""),
    "售价0.28万元": (0.28, 0.28, "money", ""),
    "售价0.28万美元": (0.28, 0.28, "money:美元", ""),
    "整套报价七万六，含运费": (7.6, 7.6, "money", ""),
    "噪声五十二分贝": (52, 52, "sound", ""),
    "炉膛温度七百二十度": (720, 720, "temperature", ""),
    "云台俯仰90度": (90, 90, "angle", ""),
    "单月耗电350度": (350, 350, "energy", ""),
    "专线带宽2千兆": (2000, 2000, "rate", ""),
    "净容量3PB": (3e15, 3e15, "bytes", ""),
    "每秒4次": (0.25, 0.25, "cadence", ""),
    "至少每10分钟上传一次": (600, 600, "cadence", "≤"),
    "每5分钟上报": (300, 300, "cadence", ""),
    "每小时至少测量一次": (3600, 3600, "cadence", "≤"),
    "采集间隔不大于10秒": (10, 10, "cadence", "≤"),
    "恒温39±0.8℃": (38.2, 39.8, "temperature", ""),
    "温度30℃降至3.9℃": (3.9, 3.9, "temperature", "≤"),
    "定位精度达2厘米": (0.02, 0.02, "length", "≤"),
    "分辨率不低于1微米": (1e-6, 1e-6, "length", "≤"),
    "误差优于1毫米": (0.001, 0.001, "length", "≤"),
    "召回率优于95%": (95, 95, "percent", "≥"),
    "没有超过十只": (10, 10, "count:个", "≤"),
    "能耗低于硬盘阵列的20%": (20, 20, "percent", "≤"),
    "不低于总量的三成": (30, 30, "percent", "≥"),
    "半径5公里内的村户听得清": (5000, 5000, "length", "≥"),
    "半径5公里内不得有污染源": (5000, 5000, "length", ""),
    "桌面照度不低于300lx": (300, 300, "light", "≥"),
    "方位误差6°": (6, 6, "angle", ""),
    "节气180万Nm³": (1.8e6, 1.8e6, "volume", ""),
    "电费不超过养殖成本4%": (4, 4, "percent", "≤"),
    "两名操作员": (2, 2, "count:人", ""),
    "吨水成本低于2元": (2e-7, 2e-7, "money/mass", "≤"),
    "浓度0.5mg/L": (0.0005, 0.0005, "mass/volume", ""),
}


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_figure(text: str, expected: tuple[float, float, str, str]) -> None:
    found = read_quantities(text)[-1]
    assert (found.low, found.high) == pytest.approx(expected[:2])
    assert (found.dimension, found.direction) == expected[2:]


@pytest.mark.parametrize(
    ("text", "per_s", "sure"),
    [("每分钟25个人", 60, True), ("25人/分钟", 60, True), ("时速15公里", 3600, True), ("日均50万条", DAY, True),
     ("全年培训3000人", YEAR, False), ("年培训乡村医生1000人次", YEAR, False), ("日处理200吨", DAY, False),
     ("一天测完30个", DAY, False), ("每月42元", MONTH, True), ("50台", None, True), ("今年培训500人", None, True),
     ("15分钟内处理50条", None, True), ("60km/h", 3600, True)],
)  # fmt: skip
def test_what_a_figure_is_counted_within(text: str, per_s: float | None, sure: bool) -> None:
    found = read_quantities(text)[-1]
    assert (found.per_s, found.per_sure) == (per_s, sure)


@pytest.mark.parametrize(
    "text",
    ["一个平台", "一套系统", "三级等保", "三方协同", "三元锂电池", "五成员单位", "二〇二四年投运", "十几个", "几十台",
     "配比1:3", "每10米", "第三类医疗器械", "十四五规划", "一次性投入", "停留超过3分钟自动告警"],
)  # fmt: skip
def test_words_are_no_figures(text: str) -> None:
    assert read_quantities(text) == []


def test_old_value_of_a_change_is_left_out() -> None:
    assert [one.text for one in read_quantities("由原来的30分钟缩短至5分钟")] == ["缩短至5分钟"]
    assert [one.high for one in read_quantities("提升6.4个百分点至91.3%")] == [6.4, 91.3]


@pytest.mark.parametrize(
    "text", ["9" * 5000 + "年", "每0." + "0" * 320 + "1米5元", "1" + "0" * 400 + "次/天", "十" * 3000]
)
def test_absurd_figures_stop_nothing(text: str) -> None:
    for found in read_quantities(text):
        assert found.low <= found.high
