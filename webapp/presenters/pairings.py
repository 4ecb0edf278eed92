"""The list of pairings, and the form that opens one by numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for

from marketplace.followup import UNASSIGNED, PairingLine, PairingList, PairingQuery
from webapp.presenters import figures
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.paging import Paging, paging

TITLE, SECTION = "对接", "pairings"
TONES = {
    "recommended": "info", "contacted": "info", "meeting": "info", "signed": "good", "building": "good",
    "landed": "good", "paused": "warn", "failed": "quiet",
}  # fmt: skip
_SHOWS = (("open", "进行中"), ("closed", "已结束"), ("all", "全部"))
_TICKS = (("overdue", "只看超期"), ("turn", "只看由我方办理的"))
_OFFICE_TICKS = (("mine", "只看我负责的"), *_TICKS, ("revisit", "只看应回访的"))


@dataclass(frozen=True, slots=True)
class PairingRow:
    """A pairing in the list; ``late`` is empty while it is in time."""

    key: int
    url: str
    need: str
    need_organisation: str
    offer: str
    offer_organisation: str
    stage: Label
    acting: str
    step: str
    step_on: str
    due_on: str
    late: Label | None
    matchmaker: str


@dataclass(frozen=True, slots=True)
class StageLink:
    """One stage with how many pairings stand there."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """One choice of the filter."""

    name: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class PairingsContext(Context):
    """The pairings one viewer may see, the most urgent first."""

    template: ClassVar[str] = "pairings/index.html"

    action: str
    text: str
    show: FormField
    ticks: tuple[Tick, ...]
    stages: tuple[StageLink, ...]
    rows: tuple[PairingRow, ...]
    total: str
    paging: Paging | None
    new_url: str
    with_matchmaker: bool


@dataclass(frozen=True)
class NewPairingContext(Context):
    """The form that opens a pairing by the numbers of two postings."""

    template: ClassVar[str] = "pairings/new.html"

    action: str
    fields: tuple[FormField, ...]
    faults: tuple[FaultLine, ...]
    back_url: str


def present_pairings(page: PairingList) -> PairingsContext:
    """The context of the list."""
    query = page.query
    chosen = {"mine": query.mine, "turn": query.turn, "overdue": query.overdue, "revisit": query.revisit}
    ticks = _OFFICE_TICKS if page.in_charge else _TICKS
    return PairingsContext(
        head=Head(TITLE, "正在跟进和已经结束的对接。", crumbs(), SECTION),
        action=url_for("pairings.index"),
        text=query.text,
        show=FormField("f-show", "show", "范围", value=query.show, kind="choice", options=_SHOWS, chosen=(query.show,)),
        ticks=tuple(Tick(name, label, chosen[name]) for name, label in ticks),
        stages=_stages(page),
        rows=tuple(map(present_row, page.lines)),
        total=f"共 {figures.count(page.total)} 个" if page.total else "",
        paging=paging(lambda number: _url(query, page=number), page.page, page.pages),
        new_url=url_for("pairings.new") if page.may_open else "",
        with_matchmaker=any(line.matchmaker for line in page.lines),
    )


def present_row(line: PairingLine) -> PairingRow:
    """A pairing as a line of a list."""
    late = Label(f"超期 {line.late} 天", "poor") if line.late else None
    return PairingRow(
        line.key, url_for("pairings.detail", key=line.key), line.need_title, line.need_organisation, line.offer_title,
        line.offer_organisation, Label(line.stage_label, TONES.get(line.stage, "quiet")), line.acting_label or "—",
        line.next_step, line.next_on, line.due_on, late, line.matchmaker or UNASSIGNED,
    )  # fmt: skip


def present_new_pairing(typed: Mapping[str, str] | None = None, fault: str = "") -> NewPairingContext:
    """The context of the form; ``typed`` is what was sent and refused with ``fault``."""
    given = typed or {}
    fields = (
        FormField("f-opportunity", "opportunity", "场景机会编号", value=given.get("opportunity", ""), required=True,
                  example="JH-2026-001", max_length=64),
        FormField("f-capability", "capability", "场景能力编号", value=given.get("capability", ""), required=True,
                  example="NL-2026-001", max_length=64),
        FormField("f-note", "note", "撮合理由", value=given.get("note", ""), kind="area", max_length=1000,
                  hint="认为合适的依据；仅撮合人员可见"),
    )  # fmt: skip
    return NewPairingContext(
        head=Head("人工建立对接", "按编号为一项机会和一项能力建立对接。", crumbs("人工建立对接"), SECTION),
        action=url_for("pairings.add"),
        fields=fields,
        faults=(FaultLine(fault, _field_of(fault)),) if fault else (),
        back_url=url_for("pairings.index"),
    )


def crumbs(last: str = "") -> tuple[Crumb, ...]:
    """The path to a page about pairings."""
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(TITLE, url_for("pairings.index")), Crumb(last)) if last else (home, Crumb(TITLE))


def _field_of(fault: str) -> str:
    return "#f-opportunity" if "场景机会编号" in fault else "#f-capability" if "场景能力编号" in fault else "#main"


def _stages(page: PairingList) -> tuple[StageLink, ...]:
    query, every = page.query, sum(count for _, _, count in page.stages)
    if not page.stages:
        return ()
    links = [StageLink(f"全部阶段（{figures.count(every)}）", _url(query, stage=""), not query.stage)]
    links += [
        StageLink(f"{label}（{figures.count(count)}）", _url(query, stage=code), code == query.stage)
        for code, label, count in page.stages
    ]
    return tuple(links)


def _url(query: PairingQuery, **changes: Any) -> str:
    """The address of the same list with something changed; it begins at its first page again."""
    args: dict[str, Any] = {
        "q": query.text, "show": query.show if query.show != "open" else "", "stage": query.stage,
        "mine": int(query.mine), "turn": int(query.turn), "overdue": int(query.overdue),
        "revisit": int(query.revisit), "page": 1,
    }  # fmt: skip
    args |= changes
    if args["page"] == 1:
        args["page"] = None
    return url_for("pairings.index", **{name: value or None for name, value in args.items()})
