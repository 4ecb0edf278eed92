"""The benchmark candidates of one year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import BenchmarkPage, Candidate, Effect
from marketplace.selection import YearPage
from webapp.presenters import figures, labels
from webapp.presenters.cards import Card, pair_url, present_card
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

STATE_TONES = {"open": "info", "scoring": "info", "ranked": "warn", "notice": "warn", "frozen": "good"}
_CLOSED = "本站不公开具名匹配结果，这里只列出通过全部条件的候选；其他已落地场景的对照结果，请有关单位向主办单位查询。"


@dataclass(frozen=True, slots=True)
class GateRow:
    """One gate with its result, the fact it rests on and where that stands."""

    label: str
    result: labels.Label
    fact: str
    source: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """A promised figure beside the measured one."""

    name: str
    planned: str
    measured: str
    result: labels.Label
    method: str


@dataclass(frozen=True, slots=True)
class CandidateBlock:
    """One landed pair with everything it was held against."""

    id: str
    anchor: str
    opportunity: Card
    capability: Card
    pair_url: str | None
    accepted_on: str
    status: labels.Label
    gates: tuple[GateRow, ...]
    gate_tally: str
    effects: tuple[EffectRow, ...]
    effect_tally: str
    user_report: str | None
    innovation: str | None
    replications: tuple[str, ...]
    safety: str | None


@dataclass(frozen=True, slots=True)
class YearLink:
    """Another year's page."""

    year: int
    url: str
    current: bool


@dataclass(frozen=True)
class BenchmarkContext(Context):
    """Summary on top, then each candidate gate by gate, then the rules."""

    template: ClassVar[str] = "benchmarks/detail.html"

    year: int
    cutoff: str
    years: tuple[YearLink, ...]
    summary: str
    closed_note: str
    empty_note: str
    candidates: tuple[CandidateBlock, ...]
    rules: tuple[str, ...]
    stage: labels.Label | None
    links: tuple[Crumb, ...]


def present_benchmarks(page: BenchmarkPage, *, public_matches: bool, stage: YearPage | None = None) -> BenchmarkContext:
    """The context of one year's page; ``stage`` is the round once its call was opened.

    Where rankings are not public the page holds only pairs that passed every gate, and links no
    pair page.
    """
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(f"{page.year} 年度标杆候选"))
    return BenchmarkContext(
        head=Head(f"{page.year} 年度标杆候选", "已落地场景逐项对照年度标杆条件。", crumbs, "benchmarks"),
        year=page.year,
        cutoff=page.cutoff,
        years=tuple(YearLink(year, url_for("benchmarks.detail", year=year), year == page.year) for year in page.years),
        summary=_summary(page.candidates) if public_matches else f"通过全部条件的候选 {len(page.candidates)} 项。",
        closed_note="" if public_matches else _CLOSED,
        empty_note=f"{page.year} 年度还没有{'已落地的场景' if public_matches else '通过全部条件的候选'}。",
        candidates=tuple(_block(candidate, public_matches) for candidate in page.candidates),
        rules=page.rules,
        stage=Label(stage.state_label, STATE_TONES[stage.state]) if stage else None,
        links=_links(page.year, stage),
    )


def _links(year: int, stage: YearPage | None) -> tuple[Crumb, ...]:
    """The pages of a round that everyone may read by now."""
    links = [Crumb("历年标杆", url_for("benchmarks.history"))]
    if stage is not None:
        links.append(Crumb("评选办法", url_for("benchmarks.rules", year=year)))
        if stage.state in ("notice", "frozen"):
            links.append(Crumb("公示", url_for("benchmarks.notice", year=year)))
        if stage.state == "frozen":
            links.append(Crumb("入选结果", url_for("benchmarks.result", year=year)))
    return tuple(links)


def present_no_benchmarks(year: int, *, public_matches: bool) -> BenchmarkContext:
    """The context while nothing has landed yet."""
    return present_benchmarks(BenchmarkPage(year, "", (), (), ()), public_matches=public_matches)


def _summary(candidates: tuple[Candidate, ...]) -> str:
    counts = {name: sum(c.status == name for c in candidates) for name in labels.CANDIDATES}
    parts = [f"{labels.CANDIDATES[name].word} {n} 项" for name, n in counts.items() if n]
    return f"共对照 {len(candidates)} 项已落地场景" + (f"：{'，'.join(parts)}。" if parts else "。")


def _block(candidate: Candidate, public_matches: bool) -> CandidateBlock:
    gates = tuple(GateRow(g.label, labels.GATES[g.result], g.fact, g.source or "—") for g in candidate.gates)
    passed = sum(gate.result == "passed" for gate in candidate.gates)
    reached = sum(effect.reached is True for effect in candidate.effects)
    return CandidateBlock(
        id=candidate.landing_id,
        anchor=f"c-{candidate.landing_id}",
        opportunity=present_card(candidate.opportunity),
        capability=present_card(candidate.capability),
        pair_url=pair_url(candidate.opportunity, candidate.capability) if public_matches else None,
        accepted_on=candidate.accepted_on,
        status=labels.CANDIDATES[candidate.status],
        gates=gates,
        gate_tally=f"{passed} / {len(gates)}",
        effects=tuple(_effect(effect) for effect in candidate.effects),
        effect_tally=f"{reached} / {len(candidate.effects)}",
        user_report=candidate.user_report,
        innovation=candidate.innovation,
        replications=candidate.replications,
        safety=candidate.safety,
    )


def _effect(effect: Effect) -> EffectRow:
    if effect.reached is None:
        result = labels.Label("未测", "warn")
    else:
        result = labels.Label("达到", "good") if effect.reached else labels.Label("未达到", "poor")
    return EffectRow(
        effect.name,
        figures.figure(effect.planned, effect.unit),
        figures.figure(effect.measured, effect.unit),
        result,
        effect.method or figures.UNSTATED,
    )
