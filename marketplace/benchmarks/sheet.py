"""The parameters of one year's round: gates, criteria with anchored bands, quotas, tie rule, calendar, documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from marketplace.benchmarks.canonical import canonical, digest_of
from marketplace.benchmarks.gates import GATE_NAMES, YearRules

EFFECT, INNOVATION, REPLICATION = "effect", "innovation", "replication"
BENEFIT, SAFETY = "benefit", "safety"
CRITERIA = {
    EFFECT: "应用成效",
    INNOVATION: "创新性",
    REPLICATION: "可复制推广性",
    BENEFIT: "经济社会效益",
    SAFETY: "安全合规与可持续",
}
BANDS = 4
# In the order of a year; the last three are those of the publication.
CALENDAR = {
    "opens_on": "申报开始",
    "closes_on": "申报截止",
    "formal_until": "形式审查截止",
    "facts_until": "数据核实截止",
    "scoring_from": "专家评审开始",
    "scoring_until": "专家评审截止",
    "notice_from": "公示开始",
    "notice_until": "公示截止",
    "freeze_on": "公布日期",
}
# Numbers of the sheet: label, lowest and highest.
NUMBERS: Mapping[str, tuple[str, int, int]] = {
    "months": ("落地运行月数", 1, 36),
    "threshold": ("入选分数线", 0, 100),
    "quota_field": ("每个领域名额", 1, 200),
    "quota_total": ("总名额", 1, 500),
    "recommend_quota": ("每个部门推荐名额", 1, 50),
    "self_quota": ("每个单位自荐名额", 1, 50),
    "experts_min": ("每项最少专家数", 3, 15),
    "experts_max": ("每项最多专家数", 3, 15),
    "drop_from": ("去掉最高最低分的起始专家数", 5, 16),
    "spread_limit": ("需第二轮评分的分差", 1, 100),
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a hundred points: its share in percent and what each band means, best band first."""

    code: str
    label: str
    weight: int
    bands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything one year decides by; ``limits`` are the lowest points of the bands, ``tie_order`` breaks ties.

    ``by_default`` says that criteria and gates are those the program proposes and nobody changed them.
    """

    year: int
    last_day: str
    gates: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    limits: tuple[int, ...]
    numbers: Mapping[str, int]
    tie_order: tuple[str, ...]
    calendar: Mapping[str, str]
    holidays: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    by_default: bool = False
    field_quotas: Mapping[str, int] = field(default_factory=dict)

    @property
    def weights(self) -> dict[str, int]:
        """The share of each criterion in percent."""
        return {one.code: one.weight for one in self.criteria}

    @property
    def rules(self) -> YearRules:
        """The gates as the pure rules take them."""
        return YearRules(self.year, self.numbers["months"], self.gates, date.fromisoformat(self.last_day))

    def quota_of(self, domain: str) -> int:
        """How many of a field may be chosen."""
        return self.field_quotas.get(domain, self.numbers["quota_field"])

    def plain(self) -> dict[str, Any]:
        """Return the sheet as plain values, for JSON."""
        return {
            "year": self.year, "last_day": self.last_day, "gates": list(self.gates), "limits": list(self.limits),
            "criteria": [
                {"code": one.code, "label": one.label, "weight": one.weight, "bands": list(one.bands)}
                for one in self.criteria
            ],
            "numbers": dict(self.numbers), "tie_order": list(self.tie_order), "calendar": dict(self.calendar),
            "holidays": list(self.holidays), "documents": list(self.documents), "by_default": self.by_default,
            "field_quotas": dict(self.field_quotas),
        }  # fmt: skip

    @property
    def digest(self) -> str:
        """Hash of the whole sheet."""
        return digest_of(canonical(self.plain()))

    @property
    def scoring_digest(self) -> str:
        """Hash of what candidate flags depend on."""
        return digest_of(canonical([list(self.gates), self.numbers["months"], self.last_day, self.weights]))[:16]


def sheet_of(raw: Mapping[str, Any]) -> Sheet:
    """Return the sheet of plain values."""
    return Sheet(
        year=raw["year"], last_day=raw["last_day"], gates=tuple(raw["gates"]), limits=tuple(raw["limits"]),
        criteria=tuple(
            Criterion(one["code"], one["label"], one["weight"], tuple(one["bands"])) for one in raw["criteria"]
        ),
        numbers=dict(raw["numbers"]), tie_order=tuple(raw["tie_order"]), calendar=dict(raw["calendar"]),
        holidays=tuple(raw["holidays"]), documents=tuple(raw["documents"]), by_default=raw["by_default"],
        field_quotas=dict(raw["field_quotas"]),
    )  # fmt: skip


def default_sheet(year: int) -> Sheet:
    """Return the sheet the program proposes: its own weights, to be called a default until somebody changes them."""
    bands = {
        EFFECT: ("主要指标实测值全部达到约定值，且多数明显超过", "主要指标达到约定值", "部分指标达到，其余差距不大",
                 "多数指标没有达到，或没有实测"),
        INNOVATION: ("解决了同类场景没有解决的问题，有第三方证明", "有明显的技术或模式创新", "在已有做法上有改进",
                     "沿用已有做法"),
        REPLICATION: ("已在三个以上地方复制，有成套方案", "已在其他地方复制，条件清楚", "可以复制，尚未复制",
                      "依赖特殊条件，难以复制"),
        BENEFIT: ("经济社会效益显著，有用户单位和第三方数据", "效益明显，有用户单位数据", "有一定效益，数据不全",
                  "效益不明显"),
        SAFETY: ("安全合规材料齐全，长期运行有保障", "安全合规，运行维护有安排", "基本合规，维护安排不全",
                 "存在安全或合规缺口"),
    }  # fmt: skip
    weights = {EFFECT: 30, INNOVATION: 25, REPLICATION: 20, BENEFIT: 15, SAFETY: 10}
    return Sheet(
        year=year, last_day=f"{year}-12-31", gates=GATE_NAMES, limits=(85, 70, 60, 0),
        criteria=tuple(Criterion(code, label, weights[code], bands[code]) for code, label in CRITERIA.items()),
        numbers={"months": 6, "threshold": 60, "quota_field": 3, "quota_total": 20, "recommend_quota": 3,
                 "self_quota": 3, "experts_min": 3, "experts_max": 5, "drop_from": 5, "spread_limit": 20},
        tie_order=(EFFECT, INNOVATION), calendar=dict.fromkeys(CALENDAR, ""),
        documents=("用户单位使用报告", "验收材料", "成效数据及其统计方法", "不涉密、无知识产权争议声明",
                   "安全与运行维护说明"),
        by_default=True,
    )  # fmt: skip


def next_sheet(last: Sheet, year: int) -> Sheet:
    """Return last year's sheet for another year: the days are left to be filled in, everything else is copied."""
    return replace(
        last, year=year, last_day=f"{year}-12-31", calendar=dict.fromkeys(CALENDAR, ""), holidays=()
    )  # fmt: skip


def same_criteria(one: Sheet, other: Sheet) -> bool:
    """Whether two sheets ask and weigh the same."""
    return (one.criteria, one.gates, one.limits) == (other.criteria, other.gates, other.limits)
