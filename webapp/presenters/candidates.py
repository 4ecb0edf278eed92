"""Candidates of a year as the office sees them: groups never mixed, stability, promising pairs; facts noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.selection import GROUPS, CandidateLine, CandidatePage, FactPage
from webapp.presenters import figures
from webapp.presenters.flags import FlagBlock, present_flag
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.page import Context, Crumb, Head

TITLE, SECTION = "标杆候选", "candidates"
_NOTES = {
    "certain": "按暂评分从高到低。",
    "open_facts": "给出最低到最高的区间；材料补齐前不排名次，按验收日期列出。",
    "unfit": "有条件未通过，不排名次，按验收日期列出。",
}
_YES_NO = (("yes", "是"), ("no", "否"))


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One landed pair."""

    place: str
    anchor: str
    title: str
    need_organisation: str
    offer: str
    offer_organisation: str
    domain: str
    flag: FlagBlock
    pair_url: str
    facts_url: str


@dataclass(frozen=True, slots=True)
class CandidateGroup:
    """One group with its rule."""

    name: str
    label: str
    note: str
    rows: tuple[CandidateRow, ...]


@dataclass(frozen=True, slots=True)
class PotentialRow:
    """A pair not landed yet."""

    title: str
    offer: str
    url: str
    stage: str
    signals: str


@dataclass(frozen=True)
class CandidatesContext(Context):
    """All landed pairs of a year."""

    template: ClassVar[str] = "candidates/index.html"

    year: int
    action: str
    years: tuple[int, ...]
    domains: tuple[str, ...]
    domain: str
    default_note: str
    stability: str
    groups: tuple[CandidateGroup, ...]
    potentials: tuple[PotentialRow, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class FactsContext(Context):
    """The form of what was checked about a landed pair."""

    template: ClassVar[str] = "candidates/facts.html"

    title: str
    offer_title: str
    action: str
    stamp: str
    fields: tuple[FormField, ...]
    faults: tuple[FaultLine, ...]
    back_url: str


def present_candidates(page: CandidatePage, domain: str, *, may_note: bool) -> CandidatesContext:
    """The context of a year's candidates."""
    found = page.stability
    stable = "材料齐全的候选不足两项，无法计算排序稳定性。"
    if found:
        stable = (
            f"前 {found.candidates} 项在各权重变动 ±20% 的 {found.draws} 组试算下，"
            f"与现排序的 Kendall τ 最低 {found.lowest:.3f}，中位 {found.middle:.3f}（1 为完全一致）。"
        )
    groups = tuple(
        CandidateGroup(name, label, _NOTES[name],
                       tuple(_row(one, may_note) for one in page.lines if one.flag.group == name))
        for name, label in GROUPS.items()
    )  # fmt: skip
    potentials = tuple(
        PotentialRow(one.title, one.offer_title, url_for("pairings.detail", key=one.pairing_key), one.stage,
                     "；".join(one.signals))
        for one in page.potentials
    )  # fmt: skip
    return CandidatesContext(
        head=Head(f"{page.year} 年度{TITLE}", "机器按事实提示候选，是否入选由评审决定。", _crumbs(), SECTION),
        year=page.year,
        action=url_for("candidates.index"),
        years=page.years,
        domains=page.domains,
        domain=domain,
        default_note=_sheet_note(page),
        stability=stable,
        groups=groups,
        potentials=potentials,
        rules=page.rules,
    )


def present_facts(
    page: FactPage, typed: Mapping[str, str] | None = None, faults: Sequence[FaultLike] = (), stale: str = ""
) -> FactsContext:
    """The context of the form; ``typed`` is what was sent and refused, ``stale`` that somebody else was faster.

    Then each field says what is noted now wherever that is not what was typed, so that nobody's work is passed over.
    """
    values, errors = typed if typed is not None else page.values, errors_by_field(faults)
    if stale:
        errors = _noted_now(page.values, values)

    def field(name: str, label: str, kind: str = "text", *, hint: str = "", example: str = "") -> FormField:
        choice = kind == "choice"
        return FormField(
            f"f-{name}", name, label, value=values.get(name, ""), kind=kind, hint=hint, example=example,
            error=errors.get(name, ""), options=_YES_NO if choice else (),
            chosen=(values.get(name, ""),) if choice else (), required=name == "source", max_length=1000,
        )  # fmt: skip

    fields = (
        field("credit", "信用核查：未见严重失信、经营异常", "choice"),
        field("dispute", "存在涉密内容或知识产权争议", "choice"),
        field("report_unit", "用户单位"),
        field("report_on", "报告日期", example="2026-10-15"),
        field("report_text", "用户单位使用报告", "area"),
        field("test_report", "检测或测试报告", "area", hint="出具单位和报告编号"),
        field("replications", "复制推广情况", "area", hint="每行一处，写明地方和日期"),
        field("no_replication", "没有在其他地方复制", "tick"),
        field("innovation", "创新点", "area"),
        field("safety", "安全与运行维护说明", "area"),
        field("source", "依据", hint="从哪里查到、由谁提供；对外显示岗位，不显示姓名"),
    )
    return FactsContext(
        Head("登记核实情况", "已落地对接的核实材料。", (*_crumbs()[:1], Crumb(TITLE, url_for("candidates.index")),
             Crumb("登记核实情况")), SECTION),
        page.title, page.offer_title, url_for("candidates.note", landing=page.landing_id), page.stamp, fields,
        (FaultLine(stale, "#main"),) if stale else fault_lines(faults), url_for("candidates.index"),
    )  # fmt: skip


def _noted_now(noted: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    words = {**dict(_YES_NO), "1": "已勾选"}
    return {
        name: f"现已登记为“{words.get(value, '；'.join(value.splitlines()))}”，与您填写的不同；请核对后再登记。"
        if value else "现在没有登记，与您填写的不同；请核对后再登记。"
        for name, value in noted.items()
        if value.split() != typed.get(name, "").split()
    }  # fmt: skip


def _sheet_note(page: CandidatePage) -> str:
    if page.drafted:
        return "按编制中的评选办法试算，申报开启前不对外显示。"
    return "权重和条件为默认评分表，尚未按年度确定。" if page.by_default else ""


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb("首页", url_for("home.index")), Crumb(TITLE))


def _row(line: CandidateLine, may_note: bool) -> CandidateRow:
    flag = present_flag(line.flag)
    assert flag is not None
    place = figures.count(line.place) if line.place else "—"
    return CandidateRow(
        place, f"c-{line.flag.landing_id}", line.title, line.need_organisation, line.offer_title,
        line.offer_organisation, line.domain, flag,
        url_for("pairs.detail", o=line.flag.opportunity_key, c=line.flag.capability_key),
        url_for("candidates.facts", landing=line.flag.landing_id) if may_note else "",
    )  # fmt: skip
