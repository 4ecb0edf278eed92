"""Figures: what is read out of a text, and what a comparison of two texts says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evidence.numbers import compare
from matching.text import read_quantities

DAY, YEAR = 86400, 365 * 86400
READ = {
    "识别准确率≥95%": (95, 95, "percent", "≥"),
    "准确率不低于９５％": (95, 95, "percent", "≥"),
    "漏报率控制在2%以内": (2, 2, "percent", "≤"),
    "误差率0.5%以下": (0.5, 0.5, "percent", "≤"),
    "盐度误差8‰": (0.8, 0.8, "percent", ""),
    "提升至98.5%": (98.5, 98.5, "percent", "≥"),
    "15分钟内告警": (900, 900, "time", "≤"),
    "響應不超過１５分鐘": (900, 900, "time", "≤"),
    "两小时到场": (7200, 7200, "time", ""),
    "二十四小时内到场": (DAY, DAY, "time", "≤"),
    "十五个工作日内交付": (15 * DAY, 15 * DAY, "time", "≤"),
    "质保不少于3年": (3 * YEAR, 3 * YEAR, "time", "≥"),
    "三年以上运维": (3 * YEAR, 3 * YEAR, "time", "≥"),
    "运维3-5年": (3 * YEAR, 5 * YEAR, "time", ""),
    "时延小于500毫秒": (0.5, 0.5, "time", "≤"),
    "时延<50ms": (0.05, 0.05, "time", "≤"),
    "缩短至10分钟": (600, 600, "time", "≤"),
    "接入20万台": (200_000, 200_000, "count:台", ""),
    "1.44亿条记录": (144_000_000, 144_000_000, "count:条", ""),
    "布设3,200套": (3200, 3200, "count:套", ""),
    "不少于3千台": (3000, 3000, "count:台", "≥"),
    "最多5台": (5, 5, "count:台", "≤"),
    "50人以上": (50, 50, "count:人", "≥"),
    "工作温度-20℃～55℃": (-20, 55, "temperature", ""),
    "温度-10到60℃": (-10, 60, "temperature", ""),
    "定位误差5厘米": (0.05, 0.05, "length", ""),
    "误差±2厘米": (0.02, 0.02, "length", ""),
    "航程≥10公里": (10_000, 10_000, "length", "≥"),
    "覆盖10平方公里": (1e7, 1e7, "area", ""),
    "日处理3万吨": (3e7, 3e7, "mass", ""),
    "装机3千瓦": (3000, 3000, "power", ""),
    "年节电3.5亿千瓦时": (3.5e8, 3.5e8, "energy", ""),
    "单价3万元": (3, 3, "money", ""),
    "带宽10Gbps": (10_000, 10_000, "rate", ""),
    "达到百分之九十五以上": (95, 95, "percent", "≥"),
    "不低于百分之98.5": (98.5, 98.5, "percent", "≥"),
    "覆盖率百分之百": (100, 100, "percent", ""),
}


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_figure_of_a_text(text: str, expected: tuple[float, float, str, str]) -> None:
    (found,) = read_quantities(text)
    assert (found.low, found.high) == pytest.approx(expected[:2])
    assert (found.dimension, found.direction) == expected[2:]


@pytest.mark.parametrize(
    "text",
    ["操作简便", "", "符合GB/T 22239-2019", "5G专网", "防护等级IP68", "达到TRL 7", "等保三级", "H.265编码",
     "算力20 TOPS", "2026年11月", "2024年投运"],
)  # fmt: skip
def test_names_are_no_figures(text: str) -> None:
    assert read_quantities(text) == []


def test_several_figures_come_in_order_and_as_written() -> None:
    found = read_quantities("检出率≥97%，误剔率≤2%，节拍12秒")
    assert [one.text for one in found] == ["≥97%", "≤2%", "12秒"]
    assert [one.context.split()[0] for one in found] == ["检出率", "误剔率", "节拍"]


@pytest.mark.parametrize("text", ["不超過１５分鐘", "≧９５％", "不少于3年"])
def test_words_of_a_figure_are_verbatim_where_folding_keeps_the_length(text: str) -> None:
    assert read_quantities(text)[0].text in text


HOLDS, FAILS, SILENT = True, False, None
COMPARED = [
    ("识别准确率不低于95%", "识别准确率达98.2%", HOLDS),
    ("识别准确率不低于95%", "识别准确率92%", FAILS),
    ("识别准确率不低于95%", "识别准确率≥95%", HOLDS),
    ("识别准确率不低于95%", "误报率低于2%", SILENT),
    ("误差≤5%", "精度≥98%", SILENT),
    ("漏报率不超过3%", "漏报率≤5%", FAILS),
    ("15分钟内告警", "5分钟内告警到手机", HOLDS),
    ("15分钟内告警", "30分钟内告警", FAILS),
    ("响应时间≤2小时", "响应时间≤30分钟", HOLDS),
    ("告警不超過１５分鐘", "告警10分钟", HOLDS),
    ("电池使用不少于5年", "一次性锂电池供电，使用6年", HOLDS),
    ("定位误差不超过1米", "定位误差80厘米", HOLDS),
    ("定位误差≤5厘米", "定位误差±2厘米", HOLDS),
    ("续航≥10公里", "续航15千米", HOLDS),
    ("带宽不少于100Mbps", "带宽1Gbps", HOLDS),
    ("接入20万台设备", "接入30万台设备", HOLDS),
    ("接入20万台设备", "接入5万台设备", FAILS),
    ("接入不少于20万台设备", "已接入1.44亿条数据", SILENT),
    ("工作温度-20℃～55℃", "工作温度-40℃～70℃", HOLDS),
    ("工作温度-20℃～55℃", "工作温度0℃～40℃", FAILS),
    ("工作温度-20℃～55℃", "工作温度最高70℃", SILENT),
    ("巡检周期7天", "巡检周期3天", SILENT),
    ("操作简便", "识别准确率98%", SILENT),
    ("识别准确率不低于95%", "识别准确", SILENT),
    ("不少于20类缺陷", "支持30类缺陷", HOLDS),
    ("质保不少于3年", "质保36个月", HOLDS),
    ("质保不少于3年", "质保35个月", FAILS),
    ("日志留存不少于6个月", "日志留存180天", HOLDS),
    ("工期不超过30天", "工期1个月", HOLDS),
    ("质保不少于3年", "2024年在某市投运", SILENT),
    ("载重不低于20吨", "算力20 TOPS", SILENT),
    ("准确率不低于95%", "准确率百分之九十七", HOLDS),
    ("告警不超过15分钟", "告警15.2分钟", FAILS),
    # Numerals and units.
    ("老人跌倒识别率不低于95%", "跌倒十次里判对的有九成七", HOLDS),
    ("报价不超过8万元", "整套报价九万二", FAILS),
    ("整机重量不超过5千克", "称重8斤", HOLDS),
    ("出口带宽不低于1Gbps", "光纤专线带宽2兆", FAILS),
    ("采购价不超过3000元", "报价0.28万美元", SILENT),
    ("单件不超过2吨", "算力2T", SILENT),
    # Rates.
    ("安检每小时通过不少于1200人", "每分钟能走25个人", HOLDS),
    ("安检每小时通过不少于1200人", "每小时能走25个人", FAILS),
    ("日均审核不少于50万条", "引擎每年审核80万条", FAILS),
    ("每小时分拣不少于1500册", "馆藏1800册", SILENT),
    ("一年培训不少于3000人", "每月培训320名", HOLDS),
    ("押金不超过500元", "每月交300元", SILENT),
    ("续航不低于20公里", "时速30公里", SILENT),
    ("车速不低于4米/秒", "每小时行6公里", FAILS),
    ("吨水成本低于2元", "药剂费合每升1.2元", SILENT),
    # Frequencies.
    ("数据至少每10分钟上传一次", "压力每5分钟报一回", HOLDS),
    ("数据至少每10分钟上传一次", "压力每5小时报一回", FAILS),
    ("采样频率不低于每秒4次", "每0.2秒取一个点", HOLDS),
    ("更新间隔不大于10秒", "行驶中半分钟报一次经纬度", FAILS),
    # What is measured.
    ("转写准确率95%以上", "实测字错率3%", HOLDS),
    ("转写准确率95%以上", "实测字错率9%", FAILS),
    ("设备在线率不低于98%", "掉线率1%", HOLDS),
    ("设备故障识别准确率不低于90%", "故障识别准确率93%", HOLDS),
    ("误报率不超过5%", "误报率降低30%", SILENT),
    ("能耗下降10%以上", "能耗降低15%", HOLDS),
    ("能耗下降10%以上", "效率提升15%", SILENT),
    ("投诉下降50%", "投诉减少58%", HOLDS),
    ("误差5%", "误差3%", HOLDS),
    ("重量误差不超过1%", "称重精度±0.5%", HOLDS),
    ("支持不少于60人", "一间教室最多45人", FAILS),
    ("能发现0.2毫米以上的裂纹", "可辨0.1毫米裂纹", HOLDS),
    ("约6.3万家商户", "接入六万家", HOLDS),
    # Shares told in two counts.
    ("票据识别率不低于99.5%", "一千张票据里认错的不到三张", HOLDS),
    ("票据识别率不低于99.5%", "一千张票据里认错的约有十二张", FAILS),
    ("差错率低于千分之五", "每千份报告出错八份", FAILS),
    ("定位准确率90%及以上", "两百次演练中认准九十四次", FAILS),
    ("准确率90%及以上", "三百台设备，另有二十台备用", SILENT),
    ("误判率不超过0.5%", "好件被错判的，一万件里九十件", FAILS),
    # Wishes of bare figures.
    ("重复定位精度0.1毫米", "位置重复性为100微米", HOLDS),
    ("称重正负1克", "称重偏差正负1.5克", FAILS),
    ("浪情提前1小时预警", "平均提前60秒推送", FAILS),
    ("日处理淤泥3000吨", "全年处理三千吨", FAILS),
    ("年产能不少于20万件", "满产一季出4万件", FAILS),
    ("日清洗能力500只", "洗五百只一个月", FAILS),
    # Ranges.
    ("车厢温度保持在0至4℃", "全程最高6.8℃、最低1.2℃", FAILS),
    ("全程温度保持在2至8℃", "箱内温度3.1至6.9℃", HOLDS),
    ("全程温度保持在2至8℃", "箱内温度1.1至9.4℃", FAILS),
    ("全程温度保持在2至8℃", "箱内温度5℃", HOLDS),
]


@pytest.mark.parametrize(("required", "offered", "expected"), COMPARED)
def test_comparison(required: str, offered: str, expected: bool | None) -> None:
    checks = compare(read_quantities(required), read_quantities(offered))
    assert ([check.holds for check in checks] or [None]) == [expected]


def test_of_several_figures_the_one_in_like_words_is_taken() -> None:
    wanted = read_quantities("缺陷检出率≥97%")
    (check,) = compare(wanted, read_quantities("外观合格率99%，缺陷检出率95%"))
    assert (check.offered, check.holds, check.same_measure) == ("95%", False, True)


def test_of_several_figures_the_one_of_the_same_rate_is_taken() -> None:
    wanted = read_quantities("每小时处理不少于100吨")
    (check,) = compare(wanted, read_quantities("储存200吨，每小时处理80吨"))
    assert (check.offered, check.holds) == ("80吨", False)


def test_figures_of_unlike_words_are_no_same_measure() -> None:
    (check,) = compare(read_quantities("系统可用率不低于99%"), read_quantities("节水60%"))
    assert not check.same_measure


@given(st.text())
def test_no_text_stops_the_reader(text: str) -> None:
    for found in read_quantities(text):
        assert found.low <= found.high


@given(st.lists(st.sampled_from([*READ, "≥", "不", "%", "~", "/", "十", "百分之", "5", "-", ",", " "])).map("".join))
def test_no_mixture_of_figures_stops_the_comparison(text: str) -> None:
    found = read_quantities(text)
    assert all(isinstance(check.holds, bool) for check in compare(found, found))
