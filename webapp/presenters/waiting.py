"""待撮合清单 as pages: needs with candidates, and unmatched ones apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for

from marketplace import shown_budget
from marketplace.matchmaking import MATCHED, UNMATCHED, Waiting, WaitingCandidate, WaitingPage
from matching import Opportunity
from webapp.presenters import figures, labels, verdicts
from webapp.presenters.cards import Fact, closed, organisation, posting_url
from webapp.presenters.desk import tally
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.paging import Paging, paging

_TITLE = "待撮合清单"
PARTS = {MATCHED: "有候选能力", UNMATCHED: "没有合适能力"}
# A need with its candidates takes half a screen.
PAGE = 10


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One capability that could serve the need."""

    title: str
    url: str
    company: str
    band: Label
    score: str
    tally: str
    ask_first: tuple[str, ...]
    corrected: str
    pair_url: str


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One need that waits."""

    key: int
    title: str
    url: str
    agency: str
    closed: Label | None
    facts: tuple[Fact, ...]
    candidates: tuple[CandidateRow, ...]


@dataclass(frozen=True, slots=True)
class PartLink:
    """One part of the list with how many needs are in it."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class WaitingContext(Context):
    """One page of one part of the list of a month."""

    template: ClassVar[str] = "waiting/index.html"

    title: str
    as_of: str
    action: str
    months: tuple[str, ...]
    month: str
    file_url: str
    part: str
    parts: tuple[PartLink, ...]
    part_title: str
    rows: tuple[WaitingRow, ...]
    paging: Paging | None
    notes: tuple[str, ...]


def present_waiting(page: WaitingPage, part: str = MATCHED) -> WaitingContext:
    """The context of one page of one part."""
    lines = {MATCHED: page.matched, UNMATCHED: page.unmatched}
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(_TITLE))
    return WaitingContext(
        head=Head(f"{page.month} {_TITLE}", "已发布、还没有进行中或已落地对接的场景机会。", crumbs, "waiting"),
        title=f"{page.month} {_TITLE}",
        as_of=f"截至 {page.as_of}，还没有进行中或已落地对接的场景机会；候选能力按今天的匹配结果列出。",
        action=url_for("waiting.index"),
        months=tuple(dict.fromkeys((page.month, *page.months))),
        month=page.month,
        file_url=url_for("waiting.file", month=page.month),
        part=part,
        parts=tuple(
            PartLink(f"{label}（{figures.count(page.totals[one])}）", _url(page, one), one == part)
            for one, label in PARTS.items()
        ),
        part_title=f"{PARTS[part]}的 {figures.count(page.totals[part])} 项",
        rows=tuple(map(_row, lines[part])),
        paging=paging(lambda place: _url(page, part, place), page.number, page.pages),
        notes=page.notes,
    )


def _url(page: WaitingPage, part: str, number: int = 1) -> str:
    """The address of a page of one part of the same month; what is at its default is left out."""
    asked: dict[str, Any] = {
        "month": page.month if page.month != page.months[0] else "", "part": part if part != MATCHED else "",
        "page": number if number > 1 else "",
    }  # fmt: skip
    return url_for("waiting.index", **{name: value for name, value in asked.items() if value})


def _row(line: Waiting) -> WaitingRow:
    card = line.opportunity
    need = card.posting
    budget = shown_budget(need) if isinstance(need, Opportunity) else None
    facts = (
        Fact("等待", f"{figures.count(line.days)} 天"),
        Fact("发布", card.published_on or figures.UNSTATED, day=card.published_on is not None),
        Fact("区域", getattr(need, "district", "") or figures.UNSTATED),
        Fact("预算", budget or figures.UNSTATED),
        *((Fact("未成", f"{line.tried} 次"),) if line.tried else ()),
    )
    return WaitingRow(
        card.key, need.title, posting_url(card), organisation(card), closed(card), facts,
        tuple(_candidate(card.key, one) for one in line.candidates),
    )  # fmt: skip


def _candidate(need_key: int, one: WaitingCandidate) -> CandidateRow:
    card = one.capability
    return CandidateRow(
        card.posting.title, posting_url(card), organisation(card), labels.BANDS[one.band], figures.score(one.score),
        tally(one.tally), one.ask_first, verdicts.told(one.override) if one.override else "",
        url_for("pairs.detail", o=need_key, c=card.key),
    )  # fmt: skip
