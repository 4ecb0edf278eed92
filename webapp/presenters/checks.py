"""The check beside a text: its points in words, how far it reaches, what it may repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from marketplace import Fault
from marketplace.publishing import Likeness, QualityCheck, QualityPoint, Reach, ReviewNote
from matching import Side
from webapp.presenters import figures
from webapp.presenters.labels import Label

_PASSED = {True: Label("做到", "good"), False: Label("未做到", "poor"), None: Label("待确认", "warn")}
_ENDPOINTS = {Side.OPPORTUNITY: "opportunities.detail", Side.CAPABILITY: "capabilities.detail"}
_OTHERS = {Side.OPPORTUNITY: "能力", Side.CAPABILITY: "机会"}
# What needs the eye comes first.
_ORDER = {False: 0, None: 1, True: 2}


@dataclass(frozen=True, slots=True)
class PointLine:
    """One point of the check."""

    name: str
    label: str
    state: Label
    found: str
    hint: str
    good: str
    bad: str
    open: bool


@dataclass(frozen=True, slots=True)
class LikeLine:
    """A posting that says much the same."""

    title: str
    organisation: str
    how: str
    url: str


@dataclass(frozen=True, slots=True)
class CheckPanel:
    """The whole check; ``reach`` and ``reach_hint`` are sentences, the hint empty when there is none."""

    score: int
    points: tuple[PointLine, ...]
    reach: str
    reach_hint: str
    likes: tuple[LikeLine, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One step of a review."""

    label: str
    note: str
    actor: str
    moment: str


def present_check(
    side: Side, quality: QualityCheck, likes: Sequence[Likeness], hints: Sequence[Fault], reach: Reach | None = None
) -> CheckPanel:
    """The panel of a text; without ``reach`` nothing is said about it."""
    ordered = sorted(quality.points, key=lambda point: _ORDER[point.passed])
    return CheckPanel(
        score=quality.score,
        points=tuple(map(_point, ordered)),
        reach=_reach(side, reach) if reach else "",
        reach_hint=_reach_hint(reach) if reach else "",
        likes=tuple(map(_like, likes)),
        hints=tuple(hint.sentence for hint in hints),
    )


def _point(point: QualityPoint) -> PointLine:
    return PointLine(
        point.name, point.label, _PASSED[point.passed], point.found, point.hint, point.good_example,
        point.bad_example, not point.passed,
    )  # fmt: skip


def _like(one: Likeness) -> LikeLine:
    return LikeLine(one.title, one.organisation, one.how, url_for(_ENDPOINTS[one.side], key=one.key))


def _reach(side: Side, reach: Reach) -> str:
    other = _OTHERS[side]
    if reach.state == "loading":
        return "匹配引擎正在加载，稍后刷新就能看到能匹配到多少。"
    if reach.state == "nothing":
        return f"公开清单里还没有可比的{other}。"
    if not reach.total:
        return f"按现在的写法还没有匹配得较好的{other}；补充具体的指标和条件后再看。"
    strong = f"，其中高度匹配 {figures.count(reach.strong)} 项" if reach.strong else ""
    return f"按现在的写法能匹配到 {figures.count(reach.total)} 项{other}{strong}。"


def _reach_hint(reach: Reach) -> str:
    if not reach.open_count:
        return ""
    return f"最常找不到充分依据的是“{reach.open_text}”（{reach.open_count} 项能力没有写明）；可考虑写清条件或放宽。"


def present_notes(notes: Sequence[ReviewNote]) -> tuple[NoteLine, ...]:
    """The steps of a review, newest first."""
    return tuple(NoteLine(one.label, one.note, one.actor, figures.moment(one.at)) for one in reversed(notes))
