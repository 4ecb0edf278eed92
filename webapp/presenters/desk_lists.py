"""The board by stage, the list with bulk assignment, and workload with points."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from flask import url_for

from marketplace.matchmaking import BoardColumn, BoardPage, DeskChoices, DeskListPage, DeskQuery, Load, WorkloadPage
from webapp.presenters import figures
from webapp.presenters.desk import DeskTab, crumbs, note_faults, tabs
from webapp.presenters.desk_cards import Noted, PairingCard, present_pairing
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.page import Context, Head
from webapp.presenters.paging import Paging, paging

_DUE = (("", "不限"), ("late", "已超期"), ("week", "7 天内到期"))


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board; ``more_url`` leads to the rest in the list, empty when all are shown."""

    stage: str
    label: str
    count: str
    limit: str
    cards: tuple[PairingCard, ...]
    more_url: str


@dataclass(frozen=True)
class BoardContext(Context):
    """Pairings by stage."""

    template: ClassVar[str] = "desk/board.html"

    tabs: tuple[DeskTab, ...]
    faults: tuple[FaultLine, ...]
    action: str
    fields: tuple[FormField, ...]
    summary: str
    columns: tuple[Column, ...]
    list_url: str
    query_string: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ListRow:
    """One pairing of the list, with its tick and what the tick sends: key and stamp."""

    card: PairingCard
    pick: str
    ticked: bool


@dataclass(frozen=True)
class DeskListContext(Context):
    """Pairings as a list; those ticked are given to one matchmaker."""

    template: ClassVar[str] = "desk/list.html"

    tabs: tuple[DeskTab, ...]
    faults: tuple[FaultLine, ...]
    action: str
    fields: tuple[FormField, ...]
    summary: str
    rows: tuple[ListRow, ...]
    all_url: str
    none_url: str
    paging: Paging | None
    assign_url: str
    assignee: FormField
    board_url: str
    query_string: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Assigned:
    """An assignment that was sent and refused: the ticked pairings, the account, what is wrong."""

    picks: Collection[int]
    account: str
    faults: tuple[FaultLine, ...]


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One matchmaker's line."""

    name: str
    url: str
    open: str
    overdue: str
    reached: tuple[str, ...]
    points: str


@dataclass(frozen=True)
class WorkloadContext(Context):
    """Workload and points of a year, with the rule."""

    template: ClassVar[str] = "desk/workload.html"

    tabs: tuple[DeskTab, ...]
    title: str
    years: tuple[tuple[str, str, bool], ...]
    stages: tuple[str, ...]
    rows: tuple[LoadRow, ...]
    rule: str


def present_board(page: BoardPage, noted: Noted | None = None) -> BoardContext:
    """The context of the board; ``noted`` is a note that was sent and refused."""
    query = page.query
    return BoardContext(
        head=Head("看板 - 撮合工作台", "按阶段排列的对接。", crumbs("看板"), "desk"),
        tabs=tabs("desk.board"),
        faults=note_faults(noted),
        action=url_for("desk.board"),
        fields=_fields(query, page.choices),
        summary=f"共 {figures.count(page.total)} 个对接",
        columns=tuple(_column(column, query, noted) for column in page.columns),
        list_url=url_for("desk.listing", **desk_args(query)),
        query_string=tuple(desk_args(query).items()),
    )


def present_desk_list(
    page: DeskListPage, *, tick_all: bool = False, assigned: Assigned | None = None
) -> DeskListContext:
    """The context of the list; ``assigned`` is an assignment that was refused."""
    query = page.query
    args = desk_args(query)
    picks = assigned.picks if assigned else {card.key for card in page.cards} if tick_all else ()
    people = tuple((str(key), name) for key, name in page.assignable)
    return DeskListContext(
        head=Head("列表 - 撮合工作台", "对接的列表，可以筛选和批量指派。", crumbs("列表"), "desk"),
        tabs=tabs("desk.listing"),
        faults=assigned.faults if assigned else (),
        action=url_for("desk.listing"),
        fields=_fields(query, page.choices),
        summary=f"共 {figures.count(page.total)} 个对接，按紧急程度排列",
        rows=tuple(
            ListRow(present_pairing(card), f"{card.key}.{card.stamp}", card.key in picks) for card in page.cards
        ),
        all_url=_url(query, tick="all"),
        none_url=_url(query) if tick_all else "",
        paging=paging(lambda number: _url(replace(query, page=number)), min(query.page, page.pages), page.pages),
        assign_url=url_for("desk.assign"),
        assignee=FormField("f-account", "account", "指派给", assigned.account if assigned else "", kind="choice",
                           required=True, options=people, chosen=(assigned.account if assigned else "",),
                           hint="联络员、技术经理人都以撮合员身份登录；对接须在其负责的区域内"),
        board_url=url_for("desk.board", **args),
        query_string=tuple((args | ({"page": str(query.page)} if query.page > 1 else {})).items()),
    )  # fmt: skip


def present_workload(page: WorkloadPage) -> WorkloadContext:
    """The context of workload and points."""
    rule = "、".join(f"{label} {points} 分" for label, points in page.rule)
    return WorkloadContext(
        head=Head("工作量与积分 - 撮合工作台", "每位撮合员的在办对接和年度积分。", crumbs("工作量与积分"), "desk"),
        tabs=tabs("desk.workload"),
        title=f"{page.year} 年工作量与积分",
        years=tuple(
            (f"{year} 年", url_for("desk.workload", year=year), year == page.year) for year in page.years
        ),
        stages=tuple(label for label, _ in page.rule),
        rows=tuple(map(_load, page.loads)),
        rule=f"积分规则：当年内每个对接首次进入一个阶段、每次完成回访，给现在的撮合员记分：{rule}。撤销的操作不计。",
    )  # fmt: skip


def desk_args(query: DeskQuery) -> dict[str, Any]:
    """The arguments that ask for this list again, from its first page; defaults are left out."""
    asked = {"who": query.who if query.who != "all" else "", "stage": query.stage, "due": query.due, "q": query.text,
             "region": query.region}  # fmt: skip
    return {name: value for name, value in asked.items() if value}


def _url(query: DeskQuery, **more: Any) -> str:
    page: dict[str, Any] = {"page": query.page} if query.page > 1 else {}
    return url_for("desk.listing", **desk_args(query), **page, **more)


def _fields(query: DeskQuery, choices: DeskChoices) -> tuple[FormField, ...]:
    return (
        FormField("f-q", "q", "标题或单位", query.text, input_type="search"),
        _choice("who", "撮合员", choices.people, query.who),
        _choice("stage", "阶段", (("", "全部"), *choices.stages), query.stage),
        _choice("due", "到期", _DUE, query.due),
        _choice("region", "城市", (("", "全部"), *choices.regions), query.region),
    )


def _choice(name: str, label: str, options: tuple[tuple[str, str], ...], value: str) -> FormField:
    return FormField(f"f-{name}", name, label, value, kind="choice", options=options, chosen=(value,))


def _column(column: BoardColumn, query: DeskQuery, noted: Noted | None) -> Column:
    more = column.total > len(column.cards)
    url = url_for("desk.listing", **(desk_args(query) | {"stage": column.stage})) if more else ""
    limit = f"时限 {column.limit} 天" if column.limit else "不设时限"
    return Column(
        column.stage, column.label, figures.count(column.total), limit,
        tuple(present_pairing(card, noted) for card in column.cards), url,
    )  # fmt: skip


def _load(load: Load) -> LoadRow:
    reached: Mapping[str, int] = dict(load.reached)
    who = str(load.account_key) if load.account_key else "free"
    return LoadRow(
        load.name, url_for("desk.listing", who=who), figures.count(load.open), figures.count(load.overdue),
        tuple(map(figures.count, reached.values())), figures.count(load.points) if load.account_key else "—",
    )  # fmt: skip
