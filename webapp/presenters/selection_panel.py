"""The experts of a year as organisers see them: who is there, who looks at what, which organisation is whose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.selection import CaseSeats, ExpertLine, PanelPage
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.page import Context, Head
from webapp.presenters.selection import SECTION, crumbs


@dataclass(frozen=True, slots=True)
class SeatRow:
    """An expert beside a case."""

    key: int
    label: str
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class SeatsRow:
    """A case with its experts."""

    code: str
    title: str
    domain: str
    assigned: str
    url: str
    seats: tuple[SeatRow, ...]
    release_url: str
    release_fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class TieRow:
    """Which organisation belongs to which, and where to take that back."""

    text: str
    withdraw_url: str


@dataclass(frozen=True)
class PanelContext(Context):
    """The experts of a year and who looks at what."""

    template: ClassVar[str] = "selection/panel.html"

    year: int
    faults: tuple[FaultLine, ...]
    experts: tuple[ExpertLine, ...]
    cases: tuple[SeatsRow, ...]
    add_url: str
    add_fields: tuple[FormField, ...]
    tie_url: str
    tie_fields: tuple[FormField, ...]
    ties: tuple[TieRow, ...]


def present_panel(page: PanelPage, sentence: str = "") -> PanelContext:
    """The context of the panel; ``sentence`` is why something was refused."""
    accounts = tuple((str(key), name) for key, name in page.choices)
    return PanelContext(
        head=Head(f"{page.year} 年度评审专家", "专家名单、分案与回避。", crumbs(f"{page.year} 年度专家"), SECTION),
        year=page.year,
        faults=(FaultLine(sentence, "#main"),) if sentence else (),
        experts=page.experts,
        cases=tuple(map(_seats, page.cases)),
        add_url=url_for("selection.add_expert", year=page.year),
        add_fields=(
            FormField("f-expert", "expert", "专家", kind="choice", required=True, options=accounts),
            FormField("f-organisation", "organisation", "所在单位", required=True,
                      hint="单位全称或统一社会信用代码；用来判断是否应当回避"),
        ),
        tie_url=url_for("selection.tie", year=page.year),
        tie_fields=(
            FormField("f-own", "own", "单位", required=True, hint="单位全称"),
            FormField("f-parent", "parent", "上级单位或集团", required=True, hint="单位全称"),
        ),
        ties=tuple(
            TieRow(f"{one.organisation} 隶属 {one.parent}", url_for("selection.untie", year=page.year, key=one.key))
            for one in page.ties
        ),
    )  # fmt: skip


def _seats(one: CaseSeats) -> SeatsRow:
    held = tuple((str(seat.account_key), f"{seat.number} 号") for seat in one.seats if seat.state == "assigned")
    fields = (
        FormField(f"r-expert-{one.code}", "expert", "退出的专家", kind="choice", required=True, options=held),
        FormField(f"r-reason-{one.code}", "reason", "退出原因", required=True, hint="未提交的评分一并删除"),
    )
    return SeatsRow(
        one.code, one.title, one.domain, f"已安排 {one.assigned} 位（{one.least}–{one.most} 位）",
        url_for("selection.assign", key=one.key),
        tuple(SeatRow(seat.account_key, f"{seat.number} 号", seat.state, seat.why) for seat in one.seats),
        url_for("selection.release", key=one.key), fields if held else (),
    )  # fmt: skip
