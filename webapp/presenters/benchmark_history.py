"""Dossiers of cases, and the years side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.benchmarks.tally import OUTCOMES
from marketplace.selection import LEVELS, Dossier, YearSummary
from webapp.presenters import figures, labels
from webapp.presenters.benchmark_results import SECTION, crumbs
from webapp.presenters.flags import GateLine
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

_REACHED = {None: Label("未测", "warn"), True: Label("达到", "good"), False: Label("未达到", "poor")}


@dataclass(frozen=True, slots=True)
class EffectLine:
    """A promised figure beside the measured one."""

    name: str
    planned: str
    measured: str
    result: Label
    method: str


@dataclass(frozen=True)
class DossierContext(Context):
    """一案一档."""

    template: ClassVar[str] = "benchmarks/dossier.html"

    dossier: Dossier
    effects: tuple[EffectLine, ...]
    gates: tuple[GateLine, ...]
    outcome: str
    docx_url: str


@dataclass(frozen=True, slots=True)
class YearColumn:
    """One frozen year in figures."""

    year: int
    url: str
    verified: Label
    facts: tuple[tuple[str, str], ...]
    winners: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class HistoryContext(Context):
    """The years side by side, and what became of past benchmarks."""

    template: ClassVar[str] = "benchmarks/history.html"

    years: tuple[YearColumn, ...]


def present_dossier(dossier: Dossier) -> DossierContext:
    """The context of a dossier."""
    effects = tuple(
        EffectLine(one.name, figures.figure(one.planned, one.unit), figures.figure(one.measured, one.unit),
                   _REACHED[one.reached], one.method or figures.UNSTATED)
        for one in dossier.effects
    )  # fmt: skip
    gates = tuple(GateLine(one.label, labels.GATES[one.result], one.fact, one.source or "—") for one in dossier.gates)
    return DossierContext(
        Head(dossier.title, "一案一档。", crumbs(dossier.year, dossier.code), SECTION), dossier, effects, gates,
        OUTCOMES.get(dossier.outcome, ""), url_for("benchmarks.dossier_file", year=dossier.year, number=dossier.number),
    )  # fmt: skip


def present_history(years: Sequence[YearSummary]) -> HistoryContext:
    """The context of the years side by side."""
    path = (Crumb("首页", url_for("home.index")), Crumb("年度标杆", url_for("benchmarks.index")), Crumb("历年标杆"))
    return HistoryContext(
        Head("历年标杆", "历年入选数量、领域、城市与成效，以及后续情况。", path, SECTION), tuple(map(_column, years))
    )


def _column(one: YearSummary) -> YearColumn:
    sums = "；".join(
        f"{name}{'平均' if unit in LEVELS else '合计'} {figures.figure(value, unit)}（{number} 项）"
        for name, unit, value, number in one.sums
    )
    facts = (
        ("入选", f"{one.selected} 项（参评 {one.cases} 项）"),
        ("领域", _counted(one.domains)), ("城市", _counted(one.cities)),
        ("成效指标", f"{one.effects} 个，达到约定 {one.reached} 个"), ("合同金额合计", figures.money(one.contract_wan)),
        ("同名指标", sums or "没有两项以上同名同单位的指标"),
    )  # fmt: skip
    winners = tuple(
        (title, f"{need}；{offer}", later or "—", url_for("benchmarks.dossier", year=one.year, number=number))
        for number, title, need, offer, later in one.winners
    )
    verified = Label("校验一致", "good") if one.sound else Label("校验不符", "poor")
    return YearColumn(one.year, url_for("benchmarks.result", year=one.year), verified, facts, winners)


def _counted(pairs: Sequence[tuple[str, int]]) -> str:
    return "、".join(f"{name} {number}" for name, number in pairs) or "—"
