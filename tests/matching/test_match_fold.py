"""Folding: one form for every way of writing, and nothing changed that means something else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import fold
from matching.text.fold import _UNITS, _regional

FOLDED = {
    "ＡＩ＋５Ｇ　全连接工厂": "ai+5g 全连接工厂",
    "１５分鐘內告警": "15分钟内告警",
    "①接口开放": "1接口开放",
    "（準確率≧９５％）": "(准确率≥95%)",
    "≥95 %": "≥95 %",
    ">=90%": "≥90%",
    "＜＝2％": "≤2%",
    "-20℃～55℃": "-20°c~55°c",
    "25摄氏度": "25°c",
    "120㎡": "120平方米",
    "30m³": "30立方米",
    "10公里": "10千米",
    "3平方公里": "3平方千米",
    "12公分": "12厘米",
    "500毫秒": "500ms",
    "5公斤": "5千克",
    "㎞": "km",
    "ﾃﾞｰﾀ": "データ",
    "  污水 处理\n厂\t": "污水处理厂",
    "open API": "open api",
    "公 里": "千米",
    "": "",
    # regional words
    "軟體": "软件",
    "資訊": "信息",
    "資訊安全": "信息安全",
    "光達點雲": "激光雷达点云",
    "雲端平台": "云平台",
    "網路": "网络",
    "資料庫": "数据库",
    "機器學習": "机器学习",
    "影像辨識": "图像识别",
    "視訊": "视频",
    "解析度": "分辨率",
    "資料庫軟體與網路資訊": "数据库软件与网络信息",
    "程式設計": "程序设计",
    # what only looks like one
    "二元一次方程式": "二元一次方程式",
    "參數位置": "参数位置",
    "参数位置": "参数位置",
    "觀光達人": "观光达人",
    "陽光達標": "阳光达标",
    "軟體機器人": "软体机器人",
    "软体机器人": "软体机器人",
    "管网路由": "管网路由",
    "文件": "文件",
    "程序": "程序",
}


@pytest.mark.parametrize(("written", "folded"), FOLDED.items())
def test_folded_form(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("井盖缺失移位自动发现", "井蓋缺失移位自動發現"),
        ("老旧小区电动车进楼治理", "老舊小區電動車進樓治理"),
        ("污水处理厂曝气节能优化", "污水處理廠曝氣節能優化"),
        ("数据不出域，等保三级", "數據不出域，等保三級"),
        ("激光雷达点云数据库软件", "光達點雲資料庫軟體"),
        ("云平台网络信息安全", "雲端平台網路資訊安全"),
    ],
)
def test_both_writings_are_one(simplified: str, traditional: str) -> None:
    assert fold(simplified) == fold(traditional)


words = [*_UNITS, *_regional(True)[1], *_regional(True)[1].values()]
signs = [*sorted(set("".join(words))), *" \u3000\n軟體雲網"]
pieces = st.one_of(st.sampled_from(words), st.sampled_from(signs), st.text(max_size=3))
any_text = st.one_of(st.text(), st.lists(pieces).map("".join))


@settings(max_examples=400)
@given(any_text)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(any_text)
def test_folded_text_has_no_outer_or_double_space(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())


@given(st.text(st.characters()))
def test_no_text_is_refused(text: str) -> None:
    fold(text).encode()


def test_torn_and_zero_characters() -> None:
    assert fold("井\ud83d盖\x00") == "井盖\x00"
