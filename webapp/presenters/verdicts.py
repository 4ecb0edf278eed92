"""Verdicts as strips of words and as rows of an evidence table.

``story`` says that a need lists no requirements: the sentences of its story are judged instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from marketplace import CorrectionView, VerdictView
from matching import Band, VerdictKind
from webapp.presenters import figures, labels
from webapp.presenters.marking import mark

STORY_NOTE = "需求未列条目，以下按需求描述逐句比对"
_SILENT = {False: "能力清单没有说到这一条", True: "能力清单没有说到这一句"}


@dataclass(frozen=True, slots=True)
class StripCell:
    """One requirement in the strip: its name, the judgement and the full sentence for readers."""

    name: str
    label: labels.Label
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A threshold beside the figure offered, and whether it holds."""

    required: str
    offered: str
    label: labels.Label


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One row of the evidence table; ``quote`` is None when the text is silent.

    ``corrected`` says who judged otherwise than the machine, empty where nobody did.
    """

    name: str
    text: Markup
    label: labels.Label
    quote: Markup | None
    silence: str
    place: str
    comparisons: tuple[Comparison, ...]
    limit: str | None
    conflict: bool
    corrected: str = ""


def strip(verdicts: tuple[VerdictView, ...], *, story: bool) -> tuple[StripCell, ...]:
    """The judgement of every requirement, in the order of the need."""
    return tuple(
        StripCell(figures.item_name(v.requirement, story=story), labels.VERDICTS[v.kind], v.requirement_text)
        for v in verdicts
    )


def tally(verdicts: tuple[VerdictView, ...]) -> str:
    """How many requirements got which judgement: 满足 4 · 待确认 1."""
    counts = {kind: sum(v.kind is kind for v in verdicts) for kind in labels.VERDICTS}
    return " · ".join(f"{labels.VERDICTS[kind].word} {n}" for kind, n in counts.items() if n)


def best(verdicts: tuple[VerdictView, ...]) -> VerdictView | None:
    """The verdict whose sentence proves most, or None when no sentence supports anything."""
    proving = [v for v in verdicts if v.text and v.kind in (VerdictKind.MET, VerdictKind.PARTIAL)]
    return max(
        proving,
        key=lambda v: (v.kind is VerdictKind.MET, any(n.holds for n in v.numbers), v.score, -v.requirement),
        default=None,
    )


def quote(verdict: VerdictView) -> Markup | None:
    """The sentence a verdict rests on, with the figures and limits that decided it marked."""
    if verdict.text is None:
        return None
    words = [number.offered for number in verdict.numbers]
    return mark(verdict.text, [*words, verdict.limit or ""])


def rows(verdicts: tuple[VerdictView, ...], *, story: bool) -> tuple[VerdictRow, ...]:
    """The evidence table."""
    return tuple(_row(verdict, story) for verdict in verdicts)


def told(correction: CorrectionView) -> str:
    """Who corrected the machine, when, what it says, and why, in one line."""
    kinds, bands = labels.VERDICTS, labels.BANDS
    machine = correction.machine
    word = (bands[Band(machine)] if correction.requirement < 0 else kinds[VerdictKind(machine)]).word if machine else ""
    says = f"系统判断为“{word}”，" if word else ""
    return f"{says}{correction.name}于 {figures.day(correction.at)} 更正。理由：{correction.reason}"


def corrections(verdicts: tuple[VerdictView, ...], override: CorrectionView | None, *, story: bool) -> tuple[str, ...]:
    """What matchmakers corrected about a pair, the band first, one line each."""
    lines = [f"档次：{told(override)}"] if override else []
    names = ((figures.item_name(v.requirement, story=story), v.correction) for v in verdicts)
    return (*lines, *(f"{name}：{told(correction)}" for name, correction in names if correction))


def missing(verdicts: tuple[VerdictView, ...], kind: VerdictKind, *, story: bool) -> tuple[str, ...]:
    """The requirements judged ``kind``, as R5 全部数据存放在本单位机房."""
    return tuple(
        f"{figures.item_name(v.requirement, story=story)} {v.requirement_text}" for v in verdicts if v.kind is kind
    )


def _row(verdict: VerdictView, story: bool) -> VerdictRow:
    return VerdictRow(
        name=figures.item_name(verdict.requirement, story=story),
        text=mark(verdict.requirement_text, [number.required for number in verdict.numbers]),
        label=labels.VERDICTS[verdict.kind],
        quote=quote(verdict),
        silence=_SILENT[story],
        place=labels.place(verdict.source, verdict.index),
        comparisons=tuple(
            Comparison(
                number.required,
                number.offered,
                labels.Label("达到", "good") if number.holds else labels.Label("未达到", "poor"),
            )
            for number in verdict.numbers
        ),
        limit=verdict.limit,
        conflict=verdict.kind is VerdictKind.CONFLICT,
        corrected=told(verdict.correction) if verdict.correction else "",
    )
