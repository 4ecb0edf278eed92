"""Organisations for the office: list, one of them, and those that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import Fault
from marketplace.organisations import (
    KINDS,
    Lookalike,
    MergeView,
    OrganisationListPage,
    OrganisationPage,
    OrganisationView,
    PostingLine,
)
from webapp.presenters import figures, labels
from webapp.presenters.cards import Fact
from webapp.presenters.forms import FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

TITLE, SECTION = "单位", "organisations"
_STATES = (("claimed", "已认领"), ("unclaimed", "未认领"), ("verified", "已核实"), ("unverified", "未核实"))
_UNGIVEN = "未填写"


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """One organisation of a list."""

    key: int
    url: str
    name: str
    kind: str
    credit_code: str
    district: str
    postings: str
    states: tuple[Label, ...]


@dataclass(frozen=True)
class OrganisationListContext(Context):
    """One page of organisations with the ways to what waits."""

    template: ClassVar[str] = "organisations/index.html"

    lines: tuple[OrganisationLine, ...]
    total_text: str
    text: str
    choices: tuple[FormField, ...]
    action: str
    new_url: str
    lookalikes_url: str
    claims_url: str
    claims_text: str
    newer_url: str
    older_url: str


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A posting of an organisation; without ``url`` it has no public page."""

    kind: str
    title: str
    url: str
    state: Label
    on_behalf: bool


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Someone who acts for an organisation; ``url`` only for who may see accounts."""

    name: str
    role: str
    url: str


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge with what undoes it."""

    name: str
    note: str
    undo_url: str


@dataclass(frozen=True)
class OrganisationContext(Context):
    """One organisation; ``other_field`` is there for who may merge."""

    template: ClassVar[str] = "organisations/detail.html"

    faults: tuple[FaultLine, ...]
    name: str
    states: tuple[Label, ...]
    facts: tuple[Fact, ...]
    edit_url: str
    verify_url: str
    enter_links: tuple[tuple[str, str], ...]
    postings: tuple[PostingRow, ...]
    members: tuple[MemberRow, ...]
    merges: tuple[MergeRow, ...]
    other_field: FormField | None
    merge_url: str


@dataclass(frozen=True, slots=True)
class LookalikeRow:
    """Two organisations side by side, each with what keeps it and merges the other."""

    why: str
    sides: tuple[tuple[OrganisationLine, str, int], ...]


@dataclass(frozen=True)
class LookalikesContext(Context):
    """Pairs that may be one organisation."""

    template: ClassVar[str] = "organisations/lookalikes.html"

    pairs: tuple[LookalikeRow, ...]
    back_url: str


def crumbs(*steps: str) -> tuple[Crumb, ...]:
    """The path to a page of organisations."""
    above = url_for("organisations.index") if steps else None
    return (Crumb("首页", url_for("home.index")), Crumb(TITLE, above), *map(Crumb, steps))


def present_organisations(page: OrganisationListPage) -> OrganisationListContext:
    """The context of the list."""
    query = page.query

    def address(number: int) -> str:
        asked = {"q": query.text or None, "kind": query.kind or None, "state": query.state or None}
        return url_for("organisations.index", **asked, page=number)  # type: ignore[arg-type]

    place = f"，第 {query.page} / {page.pages} 页" if page.pages > 1 else ""
    return OrganisationListContext(
        head=Head(TITLE, "发布需求和提供能力的单位。", crumbs(), SECTION),
        lines=tuple(map(line_of, page.organisations)),
        total_text=f"共 {figures.count(page.total)} 个单位{place}",
        text=query.text,
        choices=(
            FormField("f-kind", "kind", "类型", kind="choice", options=tuple(KINDS.items()), chosen=(query.kind,)),
            FormField("f-state", "state", "状态", kind="choice", options=_STATES, chosen=(query.state,)),
        ),
        action=url_for("organisations.index"),
        new_url=url_for("organisations.new") if page.may_edit else "",
        lookalikes_url=url_for("organisations.lookalikes") if page.may_edit else "",
        claims_url=url_for("organisations.claims") if page.may_decide else "",
        claims_text=f"认领申请（{page.claims} 份待办）" if page.claims else "认领申请",
        newer_url=address(query.page - 1) if query.page > 1 else "",
        older_url=address(query.page + 1) if query.page < page.pages else "",
    )


def present_organisation(page: OrganisationPage, other: str = "", faults: Sequence[Fault] = ()) -> OrganisationContext:
    """The context of one organisation, after a refused merge with what was typed."""
    own, may = page.organisation, page.may_edit
    field = FormField(
        "f-other", "other", "要并入的单位", other, required=True, error=errors_by_field(faults).get("other", ""),
        hint="填单位全称或统一社会信用代码；它的条目、草稿、成员都转到本单位，可以撤销",
    )  # fmt: skip
    return OrganisationContext(
        head=Head(own.name, f"单位“{own.name}”。", crumbs(own.name), SECTION),
        faults=fault_lines(faults),
        name=own.name,
        states=states_of(own),
        facts=facts_of(own),
        edit_url=url_for("organisations.edit", key=own.key) if may else "",
        verify_url=url_for("organisations.verify", key=own.key) if may and own.credit_code and not own.verified else "",
        enter_links=tuple(
            (label, url_for("drafts.new", kind=kind, organisation=own.key))
            for kind, label in (("opportunity", "代填机会"), ("capability", "代填能力"))
        ),
        postings=tuple(map(_posting_row, page.postings)),
        members=tuple(
            MemberRow(
                one.name, one.role_label, url_for("accounts.detail", key=one.account_key) if page.sees_accounts else ""
            )
            for one in page.members
        ),
        merges=tuple(_merge_row(one, may) for one in page.merges),
        other_field=field if may else None,
        merge_url=url_for("organisations.merge", key=own.key),
    )


def present_lookalikes(pairs: Sequence[Lookalike]) -> LookalikesContext:
    """The context of the pairs that may be one organisation."""

    def side(kept: OrganisationView, merged: OrganisationView) -> tuple[OrganisationLine, str, int]:
        return line_of(kept), url_for("organisations.merge", key=kept.key), merged.key

    return LookalikesContext(
        head=Head("疑似重复的单位", "名称或代码相近的单位。", crumbs("疑似重复"), SECTION),
        pairs=tuple(
            LookalikeRow(
                pair.why if pair.likeness == 1 else f"{pair.why}（{pair.likeness:.0%} 相同）",
                (side(pair.one, pair.other), side(pair.other, pair.one)),
            )
            for pair in pairs
        ),
        back_url=url_for("organisations.index"),
    )


def line_of(one: OrganisationView) -> OrganisationLine:
    """One organisation as a line."""
    return OrganisationLine(
        one.key, url_for("organisations.detail", key=one.key), one.name, one.kind_label, one.credit_code or _UNGIVEN,
        one.district or _UNGIVEN, figures.count(one.postings), states_of(one),
    )  # fmt: skip


def states_of(one: OrganisationView) -> tuple[Label, ...]:
    """Whether someone speaks for an organisation and whether it was checked."""
    claimed = Label("已认领", "good") if one.claimed else Label("未认领", "quiet")
    return claimed, Label("已核实", "good") if one.verified else Label("未核实", "warn")


def facts_of(one: OrganisationView) -> tuple[Fact, ...]:
    """What is kept of an organisation."""
    return (
        Fact("类型", one.kind_label),
        Fact("信用代码", one.credit_code or _UNGIVEN),
        Fact("所在地区", one.district or _UNGIVEN),
        Fact("规模", one.size or _UNGIVEN),
        Fact("资质", "、".join(one.qualifications) or _UNGIVEN),
    )


def _posting_row(one: PostingLine) -> PostingRow:
    return PostingRow(
        "场景机会" if one.kind == "opportunity" else "场景能力",
        one.title,
        _posting_url(one.kind, one.key) if one.open else "",
        Label(one.state_label, labels.state_tone(one.state)),
        one.on_behalf,
    )


def _merge_row(one: MergeView, may: bool) -> MergeRow:
    note = f"{figures.moment(one.at)}由{one.by or '命令行'}并入，转来条目 {one.moved} 条"
    return MergeRow(one.merged_name, note, url_for("organisations.undo", key=one.key) if may else "")


def _posting_url(kind: str, key: int) -> str:
    return url_for("opportunities.detail" if kind == "opportunity" else "capabilities.detail", key=key)
