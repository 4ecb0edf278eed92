"""The matchmaker's desk: suggestions with their reasons, what is overdue, what is due soon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for

from marketplace.followup import UNASSIGNED
from marketplace.matchmaking import DeskPage, Factor, Suggestion
from matching import VerdictKind
from webapp.presenters import figures, labels, verdicts
from webapp.presenters.cards import closed, organisation, posting_url
from webapp.presenters.desk_cards import Noted, PairingCard, present_pairing
from webapp.presenters.forms import FaultLine
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

TITLE = "撮合工作台"


@dataclass(frozen=True, slots=True)
class SuggestionCard:
    """One pair suggested today, with the factors that put it there."""

    place: int
    need: str
    need_url: str
    agency: str
    offer: str
    offer_url: str
    company: str
    band: Label
    closed: Label | None
    corrected: tuple[str, ...]
    why: str
    tally: str
    ask_first: tuple[str, ...]
    pair_url: str
    begin_url: str
    aside_url: str


@dataclass(frozen=True, slots=True)
class DeskTab:
    """One of the pages of the desk."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class DeskContext(Context):
    """Today's desk."""

    template: ClassVar[str] = "desk/index.html"

    tabs: tuple[DeskTab, ...]
    faults: tuple[FaultLine, ...]
    figures: tuple[tuple[str, str, str], ...]
    suggestions: tuple[SuggestionCard, ...]
    rules: tuple[str, ...]
    overdue: tuple[PairingCard, ...]
    overdue_more: str
    soon: tuple[PairingCard, ...]
    soon_more: str
    late_url: str
    week_url: str
    bring_back_url: str


def present_desk(page: DeskPage, noted: Noted | None = None) -> DeskContext:
    """The context of the desk; ``noted`` is a note that was sent and refused."""
    late, week = (url_for("desk.listing", due=due) for due in ("late", "week"))
    return DeskContext(
        head=Head(TITLE, "今日建议、超期的对接和即将到期的对接。", crumbs(), "desk"),
        tabs=tabs("desk.index"),
        faults=note_faults(noted),
        figures=(
            ("我的在办对接", figures.count(page.mine_total), url_for("desk.listing", who="mine")),
            ("超期", figures.count(page.overdue_total), late),
            ("7 天内到期", figures.count(page.soon_total), week),
            (UNASSIGNED, figures.count(page.free), url_for("desk.listing", who="free")),
        ),
        suggestions=tuple(_suggestion(place, one) for place, one in enumerate(page.suggestions, 1)),
        rules=page.rules,
        overdue=tuple(present_pairing(card, noted) for card in page.overdue),
        overdue_more=_more(len(page.overdue), page.overdue_total),
        soon=tuple(present_pairing(card, noted) for card in page.soon),
        soon_more=_more(len(page.soon), page.soon_total),
        late_url=late,
        week_url=week,
        bring_back_url=url_for("desk.bring_back"),
    )


def tabs(here: str) -> tuple[DeskTab, ...]:
    """The pages of the desk, with the one shown marked."""
    pages = (
        ("desk.index", "今日"),
        ("desk.board", "看板"),
        ("desk.listing", "列表"),
        ("desk.workload", "工作量与积分"),
    )
    return tuple(DeskTab(label, url_for(endpoint), endpoint == here) for endpoint, label in pages)


def crumbs(last: str = "") -> tuple[Crumb, ...]:
    """The path to a page of the desk."""
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(TITLE, url_for("desk.index")), Crumb(last)) if last else (home, Crumb(TITLE))


def note_faults(noted: Noted | None) -> tuple[FaultLine, ...]:
    """The summary of a refused note, leading to its field."""
    return (FaultLine(noted.fault, f"#n-{noted.key}"),) if noted else ()


def tally(counts: tuple[tuple[str, int], ...]) -> str:
    """How many requirements got which verdict, best first."""
    found = dict(counts)
    words = (f"{label.word} {found[kind]}" for kind, label in labels.VERDICTS.items() if found.get(VerdictKind(kind)))
    return " · ".join(words)


def _suggestion(place: int, one: Suggestion) -> SuggestionCard:
    need, offer = one.opportunity, one.capability
    pair: dict[str, Any] = {"o": need.key, "c": offer.key}
    return SuggestionCard(
        place=place, need=need.posting.title, need_url=posting_url(need), agency=organisation(need),
        offer=offer.posting.title, offer_url=posting_url(offer), company=organisation(offer),
        band=labels.BANDS[one.band], closed=closed(need),
        corrected=(f"档次：{verdicts.told(one.override)}",) if one.override else (),
        why=f"{' × '.join(map(_factor, one.factors))} = {one.worth:.2f}", tally=tally(one.tally),
        ask_first=one.ask_first, pair_url=url_for("pairs.detail", **pair), begin_url=url_for("desk.begin", **pair),
        aside_url=url_for("desk.put_aside", **pair),
    )  # fmt: skip


def _factor(factor: Factor) -> str:
    fact = f"（{factor.fact}）" if factor.fact else ""
    value = f"{factor.value:g}" if factor.fact else figures.score(factor.value)
    return f"{factor.label} {value}{fact}"


def _more(shown: int, total: int) -> str:
    return f"还有 {figures.count(total - shown)} 个，查看全部" if total > shown else ""
