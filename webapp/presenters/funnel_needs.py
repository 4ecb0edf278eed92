"""The needs behind one number of the funnel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.insight import FunnelList, FunnelNeed, FunnelPairing
from webapp.presenters import figures
from webapp.presenters.funnel import TITLE, funnel_url
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.paging import Paging, paging

_PARTS = {"reached": "已到达“{}”的需求", "resting": "停留在“{}”的需求", "stale": "停留在“{}”且停滞的需求",
          "stale_any": "停滞的需求"}  # fmt: skip
_HIDDEN = "（不公开的内容）"


@dataclass(frozen=True, slots=True)
class PairingLine:
    """A pairing of a need; ``url`` is empty where the viewer may not open it."""

    words: str
    stage: Label
    late: str
    url: str


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One need; ``url`` is empty where it cannot be opened."""

    key: int
    title: str
    url: str
    organisation: str
    published_on: str
    step: str
    since: str
    stale: Label | None
    pairings: tuple[PairingLine, ...]
    more: str


@dataclass(frozen=True)
class FunnelNeedsContext(Context):
    """One page of needs."""

    template: ClassVar[str] = "funnel/needs.html"

    title: str
    notices: tuple[str, ...]
    total: str
    rows: tuple[NeedLine, ...]
    paging: Paging | None
    back_url: str


def present_funnel_needs(page: FunnelList, notices: tuple[str, ...] = ()) -> FunnelNeedsContext:
    """The context of the list behind one number."""
    title = _PARTS[page.part].format(page.step_label)
    back = funnel_url("funnel.index", page.query)
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(TITLE, back), Crumb(title))

    def url_of(number: int) -> str:
        return funnel_url("funnel.needs", page.query, step=page.step, part=page.part, page=number)

    return FunnelNeedsContext(
        head=Head(title, f"{title}，按到达该步骤的时间由近到远排列。", crumbs, "funnel"),
        title=title,
        notices=notices,
        total=figures.count(page.total),
        rows=tuple(_need(one, page.may_open) for one in page.rows),
        paging=paging(url_of, page.page, page.pages),
        back_url=back,
    )


def _need(need: FunnelNeed, may_open: bool) -> NeedLine:
    left = need.pairing_count - len(need.pairings)
    return NeedLine(
        need.key, need.title or _HIDDEN,
        url_for("opportunities.detail", key=need.key) if need.title and need.on_list else "",
        need.organisation or figures.UNSTATED, need.published_on, need.step_label, need.since,
        Label("停滞", "warn") if need.stale else None,
        tuple(_pairing(one, may_open) for one in need.pairings), f"另有 {left} 个对接" if left else "",
    )  # fmt: skip


def _pairing(pairing: FunnelPairing, may_open: bool) -> PairingLine:
    words = f"{pairing.company}：{pairing.capability}" if pairing.capability else "（不公开的能力）"
    tone = {"failed": "quiet", "paused": "quiet", "landed": "good"}.get(pairing.stage, "info")
    url = url_for("pairings.detail", key=pairing.key) if may_open and pairing.capability else ""
    return PairingLine(words, Label(pairing.stage_label, tone), "已超时限" if pairing.overdue else "", url)
