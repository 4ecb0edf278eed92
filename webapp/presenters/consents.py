"""Exchanging contacts within a pairing: what was agreed, what may be done, and what both may then read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.answers import SIDES, ConsentPage
from webapp.presenters import figures
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

SAID = {
    "ask": "已提出交换联系方式，等待对方同意。",
    "pass": "已转达对方。",
    "agree": "已同意，双方现在可以查看对方的联系方式。",
    "decline": "已记录为不同意。",
    "withdraw": "已撤回同意，双方都不能再查看联系方式。",
}
_BUTTONS = {"pass": ("转达对方", "plain"), "decline": ("不同意", "danger"), "withdraw": ("撤回同意", "danger")}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step: who did what, when, for what, and whether it still holds."""

    at: str
    side: str
    act: str
    purpose: str
    state: Label


@dataclass(frozen=True, slots=True)
class ActButton:
    """An act that needs nothing but a press."""

    act: str
    label: str
    tone: str


@dataclass(frozen=True)
class ConsentContext(Context):
    """The state of the exchange, its record, and the forms open to this side."""

    template: ClassVar[str] = "consents/detail.html"

    need_title: str
    offer_title: str
    pairing_url: str
    state: Label
    explain: str
    give: str
    purpose: FormField | None
    contact: FormField
    agreement: str
    buttons: tuple[ActButton, ...]
    act_url: str
    reveal_url: str
    office_phone: str
    revealed: str
    shown: bool
    steps: tuple[StepRow, ...]
    reads: tuple[str, ...]
    faults: tuple[FaultLine, ...]


def present_consent(
    page: ConsentPage, typed: tuple[str, str] = ("", ""), faults: Iterable[FaultLike] = ()
) -> ConsentContext:
    """The context of the page; ``typed`` are purpose and contact that were refused with ``faults``."""
    found, key = tuple(faults), page.pairing_key
    errors = errors_by_field(found)
    give = next((act for act in ("ask", "agree") if act in page.may), "")
    back = url_for("pairings.detail", key=key)
    crumbs = (Crumb("首页", url_for("home.index")), Crumb("对接", back), Crumb("联系方式"))
    shown = bool(page.revealed or page.office_phone)
    other = "对方" if page.side == "matchmaker" else SIDES["company" if page.side == "publisher" else "publisher"]
    kept = f"留空则使用清单里登记的：{page.own_masked}" if page.own_masked else "写明联系人和电话"
    return ConsentContext(
        head=Head("联系方式交换", "双方同意后才能看到对方的联系方式。", crumbs, "pairings"),
        need_title=page.opportunity.posting.title,
        offer_title=page.offer.posting.title,
        pairing_url=back,
        state=_state(page),
        explain=_explain(page),
        give=give,
        purpose=FormField("f-purpose", "purpose", "用途", value=typed[0], required=True,
                          error=errors.get("purpose", ""), hint="写明交换的用途，记入同意记录",
                          example="约现场踏勘") if give == "ask" else None,
        contact=FormField("f-contact", "contact", "本方联系方式", value=typed[1], error=errors.get("contact", ""),
                          hint=f"{other}同意后才能看到；{kept}", example="张工 13800000000 027-87000000",
                          required=not page.own_masked, max_length=300),
        agreement="提出即表示同意把上面的联系方式交给对方，仅用于这个对接；可以随时撤回。" if give == "ask"
        else "同意后双方均可查看对方的联系方式，仅用于这个对接；可以随时撤回。",
        buttons=tuple(ActButton(act, *_BUTTONS[act]) for act in page.may if act in _BUTTONS),
        act_url=url_for("consents.decide", key=key),
        reveal_url=url_for("consents.reveal", key=key)
        if page.released and not shown and page.side != "matchmaker" else "",
        office_phone=page.office_phone,
        revealed=page.revealed,
        shown=shown,
        steps=tuple(_step(page, place) for place in range(len(page.steps))),
        reads=tuple(f"{figures.moment(at)}，{side}查看了对方的联系方式" for side, at in page.reads),
        faults=fault_lines(found),
    )  # fmt: skip


def _state(page: ConsentPage) -> Label:
    if page.released:
        return Label("双方已同意", "good")
    return Label(f"等待{page.waits_for}", "warn") if page.waits_for else Label("尚未提出", "quiet")


def _explain(page: ConsentPage) -> str:
    through = "一方提出后由撮合员转达，另一方同意后" if page.through_matchmaker else "一方提出、另一方同意后"
    return f"{through}，双方才能看到对方的联系方式。每一步都有记录，每次查看都写入审计。"


def _step(page: ConsentPage, place: int) -> StepRow:
    one = page.steps[place]
    who = f"{one.side_label}（{one.person}）" if one.person else one.side_label
    if one.withdrawn_at:
        by = f"，{one.withdrawn_by}" if one.withdrawn_by else ""
        state = Label(f"已终止（{figures.moment(one.withdrawn_at)}{by}）", "quiet")
    else:
        state = Label("不同意", "poor") if one.act == "decline" else Label("有效", "good")
    return StepRow(figures.moment(one.at), who, one.act_label, one.purpose, state)
