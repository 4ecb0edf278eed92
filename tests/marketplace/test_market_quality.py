"""The 真榜 check: each point passes, fails or stays open on real wordings."""

from __future__ import annotations

import pytest

from marketplace.publishing.fairness import find_restrictions
from marketplace.publishing.quality import check_quality
from marketplace.publishing.reading import read_so_far
from matching import Side

NEED = {
    "title": "窨井盖缺失移位自动发现",
    "publisher": "江夏区城市管理执法局（示例）",
    "department": "市政设施科",
    "background": "井盖丢了没人知道，靠巡查员每周走一遍，雨后积水时看不见井口，去年有两起摔伤。",
    "requirements": "1. 井盖移位后15分钟内告警\n2. 终端电池使用不少于5年",
    "budget": "120万元",
    "deadline": "2027-03-31",
}
OFFER = {
    "title": "窨井状态感知终端",
    "company": "武汉楚光智感科技有限公司（示例）",
    "summary": "低功耗终端，移位5分钟内告警。不含土建，须有窄带物联网信号为前提。",
    "features": "一次性锂电池供电，使用6年",
    "maturity": "8",
    "cases": "某地级市水务集团布设3200套，漏报率低于2%",
}


def judged(side: Side, values: dict, **changes: object) -> dict[str, bool | None]:
    record = read_so_far(side, values | changes, None)
    return {point.name: point.passed for point in check_quality(record).points}


def test_a_complete_text_passes_every_point() -> None:
    for side, values in ((Side.OPPORTUNITY, NEED), (Side.CAPABILITY, OFFER)):
        check = check_quality(read_so_far(side, values, None))
        assert [point.name for point in check.points if not point.passed] == []
        assert check.score == 100
        assert all(point.hint and point.good_example and point.bad_example for point in check.points)


@pytest.mark.parametrize(
    ("changes", "name", "passed"),
    [
        ({"requirements": "提升管理水平\n做到智能化"}, "target", False),
        ({"requirements": "覆盖率≥９５％"}, "target", True),
        ({"requirements": "提升水平", "expected_effect": "漏報率降至2%"}, "target", True),
        ({"budget": None}, "budget", False),
        ({"budget": None, "funding_state": "已落实"}, "budget", True),
        ({"budget": "面议"}, "budget", None),
        ({"budget": None, "funding_state": "正在申请"}, "budget", None),
        ({"deadline": ""}, "deadline", False),
        ({"deadline": "签约后6个月"}, "deadline", None),
        ({"department": ""}, "department", False),
        ({"title": "办公楼外墙装修", "background": "楼体老旧。", "requirements": "外墙面积3000平方米"}, "scene", False),
        ({"title": "道路改造中的沉降监测"}, "scene", None),
        ({"background": "为贯彻落实有关会议精神，进一步推动高质量发展，特提出本项目，意义重大深远。"}, "problem", None),
        ({"background": "推动发展"}, "problem", False),
        ({"background": ""}, "problem", False),
        ({"requirements": "限本地企业，15分钟内告警"}, "fair", False),
        ({"requirements": ""}, "points", False),
        ({"requirements": "15分钟内告警，并能联网，且操作简便，同时支持语音；外观美观"}, "points", None),
    ],
)
def test_points_of_an_opportunity(changes: dict, name: str, passed: bool | None) -> None:
    assert judged(Side.OPPORTUNITY, NEED, **changes)[name] is passed


@pytest.mark.parametrize(
    ("changes", "name", "passed"),
    [
        ({"summary": "性能优异，稳定可靠", "features": "操作简便"}, "figures", False),
        ({"cases": ""}, "cases", False),
        ({"cases": "广泛应用于各行业"}, "cases", None),
        ({"maturity": ""}, "level", False),
        ({"summary": "移位5分钟内告警。"}, "limits", None),
        ({"summary": "填補國內空白，移位5分钟内告警，不含土建"}, "sober", None),
    ],
)
def test_points_of_a_capability(changes: dict, name: str, passed: bool | None) -> None:
    assert judged(Side.CAPABILITY, OFFER, **changes)[name] is passed


def test_a_text_hardly_begun_is_judged_without_failing() -> None:
    for side in Side:
        check = check_quality(read_so_far(side, {"budget": "说不清", "title": "井" * 500, "cases": 5}, None))
        assert 0 <= check.score < 60


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("仅限本市注册企业报名", ["限定地域"]),
        ("僅限本地企業", ["限定地域"]),
        ("限本省企业", ["限定地域"]),
        ("本地企业优先", ["限定地域"]),
        ("注册地须在武汉市", ["限定注册地"]),
        ("须在江夏区设立分公司", ["限定注册地"]),
        ("指定某某品牌服务器", ["指定品牌"]),
        ("须提供原厂授权", ["指定品牌"]),
        ("仅限国有企业", ["限定所有制"]),
        ("注册资本不低于1000万元", ["限定规模"]),
        ("数据部署在本地机房，24小时内到场", []),
        ("不限品牌，不限企业注册地", []),
        ("不限本地企业，也无指定品牌", []),
        ("在武汉市政务云部署", []),
        ("覆盖本市全部企业", []),
    ],
)
def test_restrictions_are_found_and_ordinary_wording_is_not(text: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in find_restrictions(text)] == kinds
