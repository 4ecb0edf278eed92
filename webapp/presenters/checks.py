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
# The point of the check that asks for figures, and why they help.
_FIGURES = {
    "target": "需求里还没有数字；写上数字和单位，才能和能力逐条对照。",
    "figures": "能力里还没有数字；写上数字和单位，才能和需求逐条对照。",
}
_PLAINER = {
    Side.OPPORTUNITY: "换用行业里常用的说法，写明用在什么场所、解决什么问题，更容易找到。",
    Side.CAPABILITY: "写明用在什么场所、解决什么问题，更容易被需求方找到。",
}
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
    """The whole check; ``reach`` says how far the text reaches, ``reach_hints`` what would take it further."""

    score: int
    points: tuple[PointLine, ...]
    reach: str
    reach_hints: tuple[str, ...]
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
        reach_hints=_reach_hints(side, reach, quality) if reach else (),
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
        return f"按现在的写法，还没有匹配得较好的{other}。"
    strong = f"，其中高度匹配 {figures.count(reach.strong)} 项" if reach.strong else ""
    return f"按现在的写法能匹配到 {figures.count(reach.total)} 项{other}{strong}。"


def _reach_hints(side: Side, reach: Reach, quality: QualityCheck) -> tuple[str, ...]:
    """What would help: the requirement most often left open, figures where there are none."""
    if reach.state != "counted":
        return ()
    found = []
    if reach.open_count:
        who = "这些能力" if reach.total else "比较接近的能力"
        found.append(
            f"{who}里有 {figures.count(reach.open_count)} 项（共看了 {figures.count(reach.open_of)} 项）没有写清"
            f"“{reach.open_text}”。这一条可以写得更具体，或注明是否必须。"
        )
    unfigured = next((one for one in quality.points if one.name in _FIGURES and not one.passed), None)
    if unfigured is not None:
        found.append(f"{_FIGURES[unfigured.name]}例如：{unfigured.good_example}。")
    if not found and not reach.total:
        found.append(_PLAINER[side])
    return tuple(found)


def present_notes(notes: Sequence[ReviewNote]) -> tuple[NoteLine, ...]:
    """The steps of a review, newest first."""
    return tuple(NoteLine(one.label, one.note, one.actor, figures.moment(one.at)) for one in notes)
