"""The 真榜 check: whether a text says what a reader needs. It gives hints; the reviewer decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from marketplace.publishing.fairness import find_restrictions
from marketplace.records import CapabilityRecord, OpportunityRecord, PostingRecord, format_money
from matching import fold

ENOUGH = 30
LONG_POINT = 80
SHOWN = 40


@dataclass(frozen=True, slots=True)
class QualityPoint:
    """One point of the check. ``passed`` None is 待确认: the words alone do not tell."""

    name: str
    label: str
    passed: bool | None
    found: str
    hint: str
    good_example: str
    bad_example: str


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """All points and their share in 0..100; an open point counts half."""

    points: tuple[QualityPoint, ...]
    score: int


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    label: str
    judge: Callable[[PostingRecord], tuple[bool | None, str]]
    hint: str
    good: str
    bad: str


_MEASURE = re.compile(
    r"(?:≥|≤|>|<|不(?:低|少|高|大|小|多)于|不超过|至少|至多|达到|降至|提升至|缩短至)\s*\d+(?:\.\d+)?"
    r"|\d+(?:\.\d+)?\s*(?:%|‰|°c|ms|秒|分钟|小时|天|个月|年|毫米|厘米|米|千米|mm|cm|km|吨|千克|kg|平方米|立方米|"
    r"万?(?:台|套|个|路|条|户|家|次|人|座|处|点|项)|级|倍|fps|帧|db|mpa|kwh?|w|元)"
)
_BUILDING = re.compile(
    r"土建|土方|装修|装饰工程|道路(?:改造|硬化|拓宽|修缮|刷黑)|绿化(?:工程|提升)|外墙|房屋(?:修缮|建设)|楼宇建设|基坑|"
    r"采购.{0,8}(?:办公|电脑|打印机|家具|空调|车辆)|(?:办公|会议)(?:设备|家具)|物业(?:服务|管理)|保洁服务|招商引资|征地|拆迁"
)
_TECHNICAL = re.compile(
    r"检测|识别|监测|感知|算法|预警|告警|数据|传感|智能|机器人|无人机|定位|模型|自动|仿真|溯源|预测|诊断|物联|"
    r"材料|工艺|配方|装备|系统|平台|软件"
)
_PROBLEM = re.compile(
    r"靠人工|人工|难以?|慢|漏|不足|无法|不能|没有|没人|不到位|不及时|不准|效率低|成本高|误报|误差|风险|隐患|投诉|滞后|缺少?|短缺|"
    r"事故|故障|损失|浪费|拥堵|超标|不清|看不|摔|耗时|费力|依赖|瓶颈|痛点|问题|堵|老化|断"
)
_UNSETTLED = re.compile(r"待定|面议|另议|未定|待确认|未落实|正在申请|暂无")
_LIMIT = re.compile(
    r"不含|不包括|不适用|不支持|仅限|仅支持|只支持|需要?(?:配合|甲方|用户|现场)|前提|除外|以外|不超过|范围内|条件下|限于"
)
_BOAST = re.compile(
    r"国内领先|国际领先|国际一流|国际先进|行业第一|首创|独家|填补.{0,6}空白|最(?:先进|优秀|好)|遥遥领先|完美"
)
_SEVERAL = re.compile(r"[；;]|，(?:并|且|同时|还|另)|(?:并且|以及|同时)")


def check_quality(record: PostingRecord) -> QualityCheck:
    """Return the check of a text as far as it can be read."""
    rules = _OPPORTUNITY if isinstance(record, OpportunityRecord) else _CAPABILITY
    points = []
    for rule in rules:
        passed, found = rule.judge(record)
        points.append(QualityPoint(rule.name, rule.label, passed, _cut(found), rule.hint, rule.good, rule.bad))
    gained = sum(1.0 if point.passed else 0.5 if point.passed is None else 0.0 for point in points)
    return QualityCheck(tuple(points), round(100 * gained / len(points)))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _need(record: PostingRecord) -> OpportunityRecord:
    return cast(OpportunityRecord, record)


def _offer(record: PostingRecord) -> CapabilityRecord:
    return cast(CapabilityRecord, record)


def _measured(texts: tuple[str, ...]) -> list[str]:
    return [match.group() for text in texts for match in _MEASURE.finditer(fold(text))]


def _target(record: PostingRecord) -> tuple[bool | None, str]:
    need = _need(record)
    found = _measured((*need.requirements, need.expected_effect))
    return bool(found), "、".join(dict.fromkeys(found))


def _budget(record: PostingRecord) -> tuple[bool | None, str]:
    need = _need(record)
    words = [format_money(need.budget)] if need.budget else []
    stated = "，".join(filter(None, [*words, need.funding_state]))
    if not stated:
        return False, ""
    known = need.budget is not None and (need.budget.low_wan, need.budget.high_wan) != (None, None)
    return True if known or not _UNSETTLED.search(stated) else None, stated


def _deadline(record: PostingRecord) -> tuple[bool | None, str]:
    deadline = _need(record).deadline
    if deadline is None:
        return False, ""
    # "签约后6个月" is a term, though not a day yet.
    return (True if deadline.day else None), deadline.day or deadline.text


def _department(record: PostingRecord) -> tuple[bool | None, str]:
    return bool(_need(record).department), _need(record).department


def _no_building(record: PostingRecord) -> tuple[bool | None, str]:
    need = _need(record)
    text = fold("\n".join((need.title, need.background, *need.requirements)))
    found = _BUILDING.search(text)
    if not found:
        return True, ""
    return (None if _TECHNICAL.search(text) else False), found.group()


def _problem(record: PostingRecord) -> tuple[bool | None, str]:
    text = _need(record).background
    if len(text) < ENOUGH:
        return (None if _PROBLEM.search(fold(text)) else False), text
    found = _PROBLEM.search(fold(text))
    return (True if found else None), found.group() if found else ""


def _open_to_all(record: PostingRecord) -> tuple[bool | None, str]:
    need = _need(record)
    found = find_restrictions("\n".join((need.title, need.background, *need.requirements, need.expected_effect)))
    return not found, "、".join(words for _, words in found)


def _single_points(record: PostingRecord) -> tuple[bool | None, str]:
    points = _need(record).requirements
    if not points:
        return False, ""
    crowded = [point for point in points if len(point) > LONG_POINT or len(_SEVERAL.findall(point)) >= 2]
    return (None if crowded else True), crowded[0] if crowded else f"{len(points)} 条"


def _figures(record: PostingRecord) -> tuple[bool | None, str]:
    found = _measured((*_offer(record).features, _offer(record).summary))
    return bool(found), "、".join(dict.fromkeys(found))


def _cases(record: PostingRecord) -> tuple[bool | None, str]:
    cases = _offer(record).cases
    if not cases:
        return False, ""
    return (True if _measured(cases) else None), cases[0]


def _level(record: PostingRecord) -> tuple[bool | None, str]:
    level = _offer(record).maturity
    return level is not None, f"{level} 级" if level is not None else ""


def _limits(record: PostingRecord) -> tuple[bool | None, str]:
    text = fold("\n".join((_offer(record).summary, *_offer(record).features)))
    found = _LIMIT.search(text)
    return (True if found else None), found.group() if found else ""


def _sober(record: PostingRecord) -> tuple[bool | None, str]:
    offer = _offer(record)
    found = _BOAST.search(fold("\n".join((offer.title, offer.summary, *offer.features))))
    return (None if found else True), found.group() if found else ""


_OPPORTUNITY = (
    _Rule("target", "有可核对的指标", _target, "写出数字和单位，让能力方知道做到什么程度算完成。",
          "井盖移位后 15 分钟内告警，漏报率低于 2%", "提升智能化管理水平"),
    _Rule("budget", "预算或资金状态明确", _budget, "写明预算或“已落实、自筹、正在申请”等资金状态。",
          "预算 120 万元，已落实", "资金面议"),
    _Rule("deadline", "有完成时限", _deadline, "写明希望完成的日期或期限。", "2027 年 3 月 31 日前", "尽快完成"),
    _Rule("department", "有具体牵头部门", _department, "写明由哪个科室或部门负责对接。", "市政设施科", "（空）"),
    _Rule("scene", "不是普通工程或采购", _no_building, "场景机会解决技术问题；土建、装修、办公采购请走普通项目渠道。",
          "老旧管网漏点自动定位", "办公楼外墙装修"),
    _Rule("problem", "说清了现状和问题", _problem, "写出现在怎么做、难在哪里、影响有多大。",
          "靠巡查员每周走一遍，去年两起摔伤", "为贯彻落实有关精神"),
    _Rule("fair", "没有排斥性条件", _open_to_all, "不得限定本地企业、注册地、品牌或型号，请核对公平竞争审查要求。",
          "提供 24 小时内到场服务", "仅限本市注册企业"),
    _Rule("points", "每条需求只写一个可核对的点", _single_points, "把“并且、同时、以及”连着的要求拆成几条。",
          "电池使用不少于 5 年", "续航长；外形美观；并支持联网，且操作简便"),
)  # fmt: skip
_CAPABILITY = (
    _Rule("figures", "有可核对的数字", _figures, "写出性能数字和单位。",
          "移位后 5 分钟内告警，电池使用 6 年", "性能优异、稳定可靠"),
    _Rule("cases", "有案例和成效", _cases, "写明用在哪里、用了多少、效果如何。",
          "某地级市布设 3200 套，漏报率低于 2%", "广泛应用于各行业"),
    _Rule("level", "写明技术成熟度", _level, "按 1–9 级填写技术成熟度。", "8 级", "（空）"),
    _Rule("limits", "写明适用条件或不含什么", _limits, "写清前提和边界，免得白谈。",
          "不含土建；须有窄带物联网信号", "适用于一切场景"),
    _Rule("sober", "没有空泛的自夸", _sober, "“领先、首创、唯一”要有出处，否则请换成数字。",
          "第三方检测准确率 98.2%", "国际领先、填补空白"),
)  # fmt: skip
