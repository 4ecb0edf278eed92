"""How evenly capabilities are shown, and which were never shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.insight import PERIODS, ExposurePage
from webapp.presenters import figures
from webapp.presenters.cards import Fact, organisation, posting_url
from webapp.presenters.page import Context, Crumb, Head

_TITLE = "展示机会"
_NONE = "—"


@dataclass(frozen=True, slots=True)
class PeriodLink:
    """A period one may look at."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One kind of place."""

    label: str
    shown: str
    capabilities: str
    never: str
    share: str
    bar: int


@dataclass(frozen=True, slots=True)
class UnseenRow:
    """A capability that was never shown."""

    key: int
    title: str
    url: str
    organisation: str
    published_on: str


@dataclass(frozen=True)
class ExposureContext(Context):
    """The report; ``begun`` is empty while nothing was counted."""

    template: ClassVar[str] = "exposure/index.html"

    periods: tuple[PeriodLink, ...]
    period: str
    begun: str
    facts: tuple[Fact, ...]
    places: tuple[PlaceRow, ...]
    unseen: tuple[UnseenRow, ...]
    unseen_note: str
    rule: str


def present_exposure(page: ExposurePage) -> ExposureContext:
    """The context of the report."""
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(_TITLE))
    facts = (
        Fact("公开的能力", f"{figures.count(page.capabilities)} 项"),
        Fact("从未展示", _part(page.never, page.never_share)),
        Fact("期内新发布的能力", f"{figures.count(page.newcomers)} 项"),
        Fact("其中从未展示", _part(page.newcomers_never, page.newcomer_share)),
        Fact("展示最多的 10% 能力所占次数", _percent(page.top_share)),
        Fact("基尼系数（0 为完全平均）", _NONE if page.gini is None else f"{page.gini:.2f}"),
    )
    left = page.never - len(page.unseen)
    return ExposureContext(
        head=Head(_TITLE, "各项能力在清单和匹配结果中被展示的次数是否均衡，哪些从未被展示。", crumbs, "exposure"),
        periods=tuple(
            PeriodLink(f"近 {days} 天", url_for("exposure.index", days=days), days == page.days) for days in PERIODS
        ),
        period=f"{page.since} 至 {page.until}",
        begun=page.begun,
        facts=facts,
        places=tuple(
            PlaceRow(
                line.label,
                figures.count(line.shown),
                figures.count(line.capabilities),
                figures.count(line.never),
                _percent(line.never / page.capabilities if page.capabilities else None),
                round(100 * line.never / page.capabilities) if page.capabilities else 0,
            )
            for line in page.lines
        ),
        unseen=tuple(
            UnseenRow(card.key, card.posting.title, posting_url(card), organisation(card), card.published_on or "")
            for card in page.unseen
        ),
        unseen_note=f"列出最新的 {len(page.unseen)} 项，另有 {figures.count(left)} 项。" if left else "",
        rule=_rule(page.rotation_width),
    )


def _rule(width: float) -> str:
    if not width:
        return "本站没有启用轮换：匹配度接近的能力始终按名次排列。"
    return (
        f"需求页的匹配结果中，匹配度相差不超过 {width:.2f} 且同档的能力为一组，组内次序每天按种子轮换；"
        "种子为日期加需求编号，印在页面上。名次、匹配度和档次不变，“不推荐”的不参与。"
    )


def _part(number: int, share: float | None) -> str:
    return f"{figures.count(number)} 项" + ("" if share is None else f"，占 {_percent(share)}")


def _percent(value: float | None) -> str:
    return _NONE if value is None else f"{100 * value:.1f}%"
