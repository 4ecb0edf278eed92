"""Provisional points of a landed pair, criterion by criterion, only where records carry facts.

Each criterion is a sum of parts with a share of its hundred points. A part with its fact has a figure; a part whose
fact is missing lies between 0 and its share, so that what is missing counts neither as nothing nor as everything.
Novelty is not for a machine: that criterion is left to the experts and no part of the provisional total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from marketplace.benchmarks.sheet import BENEFIT, EFFECT, INNOVATION, REPLICATION, SAFETY

# Points of a figure by how far it reached what was promised: (reached, points), read with straight lines between.
ATTAINED = ((0.0, 0.0), (0.75, 60.0), (0.9, 70.0), (1.0, 85.0), (1.2, 100.0))
REUSED = {0: 30.0, 1: 65.0, 2: 75.0, 3: 85.0, 4: 92.0}
DAYS_RUN = ((0.0, 0.0), (180.0, 60.0), (365.0, 85.0), (730.0, 100.0))
RULES = (
    "应用成效：每个指标按实测值与约定值之比计分，达到约定得 85 分，超过二成得满分，只到九成得 70 分，各指标平均；"
    "没有实测的指标计为 0 至 100。",
    "创新性：由专家评定，机器不计分；只提示与往届标杆在意思上的远近。",
    "可复制推广性：在其他地方复制 1、2、3、4、5 处起，得 65、75、85、92、100 分；登记为没有复制得 30 分；"
    "没有登记的，以已知的落地处数为下限。",
    "经济社会效益：用户单位证明 50 分，第三方检测或测试报告 50 分；机器只看材料在不在，成色由专家评定。",
    "安全合规与可持续：回访确认的运行天数 60 分（180 天、1 年、2 年分别为六成、八成五、满分），"
    "安全与维护说明 20 分，不涉密无争议声明 20 分。",
    "材料不全的，给出最低到最高的区间，单列为“待补材料”，按验收日期列出，不排名次。",
)


@dataclass(frozen=True, slots=True)
class Interval:
    """Points between two limits; equal limits are a figure."""

    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether no fact is missing."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class CriterionPoints:
    """What the records say of one criterion of a hundred points; ``facts`` why, ``missing`` what would settle it.

    ``points`` is None where a machine may not judge.
    """

    code: str
    points: Interval | None
    facts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def read_points(facts: Mapping[str, Any]) -> tuple[CriterionPoints, ...]:
    """Return the points of every criterion for the facts of a landed pair."""
    return (_effect(facts), CriterionPoints(INNOVATION, None), _replication(facts), _benefit(facts), _safety(facts))


def total_of(points: Sequence[CriterionPoints], weights: Mapping[str, int]) -> Interval:
    """Return the provisional total: weighted points of the criteria a machine may judge, out of ``reachable``."""
    low = high = 0.0
    for one in points:
        if one.points is not None:
            low += one.points.low * weights.get(one.code, 0) / 100
            high += one.points.high * weights.get(one.code, 0) / 100
    return Interval(round(low, 2), round(high, 2))


def reachable(weights: Mapping[str, int]) -> int:
    """Return the highest provisional total there is under these weights."""
    return sum(weight for code, weight in weights.items() if code != INNOVATION)


def attained(effect: Mapping[str, Any]) -> float | None:
    """Return how much of a promised figure was reached, 1 for all of it; None while one of the two is missing."""
    planned, measured = effect.get("planned"), effect.get("measured")
    if planned is None or measured is None:
        return None
    if effect.get("higher_is_better", True):
        return float(measured / planned) if planned > 0 else float(measured >= planned)
    if measured <= 0:
        return 1.2
    return max(0.0, float(planned / measured))


def _effect(facts: Mapping[str, Any]) -> CriterionPoints:
    effects = facts.get("effects") or ()
    if not effects:
        return CriterionPoints(EFFECT, Interval(0, 100), (), ("成效指标的约定值和实测值",))
    lows, highs, told, missing = [], [], [], []
    for one in effects:
        share = attained(one)
        if share is None:
            lows.append(0.0)
            highs.append(100.0)
            what = "约定值" if one.get("planned") is None else "实测值"
            missing.append(f"“{one['name']}”的{what}")
            continue
        points = _between(ATTAINED, share)
        lows.append(points)
        highs.append(points)
        told.append(f"“{one['name']}”达到约定的 {share:.0%}")
    size = len(effects)
    return CriterionPoints(
        EFFECT, Interval(round(sum(lows) / size, 2), round(sum(highs) / size, 2)), tuple(told), tuple(missing)
    )  # fmt: skip


def _replication(facts: Mapping[str, Any]) -> CriterionPoints:
    known, told = facts.get("replications"), int(facts.get("landed_elsewhere") or 0)
    stated = len(known) if known is not None else None
    count = max(stated or 0, told)
    words = [f"登记在 {stated} 处复制"] if stated else ["登记为尚未复制"] if stated == 0 else []
    words += [f"同一能力在本站另有 {told} 处落地"] if told else []
    points = REUSED.get(count, 100.0)
    if stated is None:
        low = points if told else 0.0
        return CriterionPoints(REPLICATION, Interval(low, 100), tuple(words), ("复制推广情况（没有复制也请登记）",))
    return CriterionPoints(REPLICATION, Interval(points, points), tuple(words))


def _benefit(facts: Mapping[str, Any]) -> CriterionPoints:
    report = facts.get("user_report") or {}
    parts = (
        (50.0, bool(report.get("text")), "有用户单位使用报告", "用户单位使用报告"),
        (50.0, bool(facts.get("test_report")), "有第三方检测或测试报告", "第三方检测或测试报告"),
    )
    low, high, told, missing = _held(parts)
    files = int(facts.get("files") or 0)
    told += (f"对接附件 {files} 个",) if files else ()
    return CriterionPoints(BENEFIT, Interval(low, high), told, missing)


def _safety(facts: Mapping[str, Any]) -> CriterionPoints:
    dispute, revisit = facts.get("secret_or_ip_dispute"), facts.get("revisit_on")
    parts = [(20.0, bool(facts.get("safety")), "有安全与运行维护说明", "安全与运行维护说明")]
    # A declared dispute is a fact: nothing can come of that part any more.
    if not dispute:
        parts.append((20.0, dispute is False, "已声明不涉密、无争议", "不涉密、无知识产权争议声明"))
    low, high, told, missing = _held(parts)
    if not revisit:
        return CriterionPoints(SAFETY, Interval(low, high + 60), told, (*missing, "回访确认仍在使用"))
    days = max(0, (date.fromisoformat(revisit) - date.fromisoformat(facts["accepted_on"])).days)
    points = round(_between(DAYS_RUN, days) * 0.6, 2)
    told = (f"回访确认运行 {days} 天", *told)
    return CriterionPoints(SAFETY, Interval(low + points, high + points), told, missing)


def _held(parts: Sequence[tuple[float, bool, str, str]]) -> tuple[float, float, tuple[str, ...], tuple[str, ...]]:
    """Return the least and the most that parts come to, what is there, and what is missing."""
    low = sum(share for share, there, _, _ in parts if there)
    told = tuple(words for _, there, words, _ in parts if there)
    return low, sum(share for share, *_ in parts), told, tuple(words for _, there, _, words in parts if not there)


def _between(table: Sequence[tuple[float, float]], value: float) -> float:
    """Return the points of a value, by straight lines between the rows of a table."""
    if value <= table[0][0]:
        return table[0][1]
    for (left, low), (right, high) in pairwise(table):
        if value <= right:
            return low + (high - low) * (value - left) / (right - left)
    return table[-1][1]
