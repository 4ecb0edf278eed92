"""The page of one pairing: where it stands, what comes next, what was written, what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.followup import UNASSIGNED, EffectLine, JournalLine, PairingPage, RevisitLine
from webapp.presenters import figures
from webapp.presenters.answering import pairing_links
from webapp.presenters.cards import Card, Fact, present_card
from webapp.presenters.forms import FaultLine
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Head
from webapp.presenters.pairing_forms import (
    NOTHING,
    ActForm,
    Refused,
    assign_form,
    attach_form,
    effect_form,
    effect_rows,
    move_forms,
    note_form,
    revisit_forms,
    step_form,
    stop_forms,
)
from webapp.presenters.pairings import SECTION, TONES, crumbs

__all__ = ["PairingContext", "Refused", "present_pairing"]
# Names of the fields that are repeated to whoever was slower than someone else.
_TYPED = {
    "contacted_on": "联系日期", "met_on": "洽谈日期", "amount_wan": "金额", "signed_on": "签约日期",
    "procurement_route": "采购方式", "started_on": "开工日期", "accepted_on": "验收日期",
    "user_report": "用户单位使用情况", "next_step": "下一步", "next_on": "下一步日期", "until": "恢复日期",
    "done_on": "回访日期", "revisit_note": "回访情况", "note": "说明",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WayStep:
    """One stage of the way; ``state`` is done, now or later."""

    label: str
    state: str


@dataclass(frozen=True, slots=True)
class EffectShown:
    """One figure in the table of effects."""

    name: str
    planned: str
    real: str
    reached: Label


@dataclass(frozen=True, slots=True)
class JournalShown:
    """One entry of the journal."""

    key: int
    title: str
    actor: str
    moment: str
    facts: tuple[Fact, ...]
    note: str
    audience: str
    undone: str


@dataclass(frozen=True, slots=True)
class FileShown:
    """An attachment."""

    name: str
    url: str
    about: str


@dataclass(frozen=True, slots=True)
class RevisitShown:
    """A revisit, made or due."""

    due_on: str
    state: Label
    about: str


@dataclass(frozen=True)
class PairingContext(Context):
    """One pairing; an address or a form is missing when this viewer cannot do it now."""

    template: ClassVar[str] = "pairings/detail.html"

    stage: Label
    late: Label | None
    way: tuple[WayStep, ...]
    opportunity: Card
    capability: Card
    pair_url: str
    links: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    next_facts: tuple[Fact, ...]
    faults: tuple[FaultLine, ...]
    refused_title: str
    kept: tuple[Fact, ...]
    undo_url: str
    undo_label: str
    undo_note: str
    resume_url: str
    stamp: str
    moves: tuple[ActForm, ...]
    stops: tuple[ActForm, ...]
    beside: tuple[ActForm, ...]
    note_form: ActForm | None
    effects: tuple[EffectShown, ...]
    effect_form: ActForm | None
    files: tuple[FileShown, ...]
    attach_form: ActForm | None
    revisits: tuple[RevisitShown, ...]
    revisit_forms: tuple[ActForm, ...]
    journal: tuple[JournalShown, ...]
    back_url: str


def present_pairing(page: PairingPage, refused: Refused = NOTHING) -> PairingContext:
    """The context of one pairing; ``refused`` is what was sent and not taken."""
    need, offer = page.opportunity.posting.title, page.capability.posting.title
    until, beside = page.acts.undo_until, (step_form(page, refused), assign_form(page, refused))
    return PairingContext(
        head=Head(f"{need} 与 {offer} - 对接", f"“{need}”与“{offer}”的对接进展。"[:120], crumbs("对接进展"), SECTION),
        stage=Label(page.stage_label, TONES.get(page.stage, "quiet")),
        late=Label(f"超期 {page.late} 天", "poor") if page.late else None,
        way=tuple(WayStep(label, state) for _, label, state in page.way),
        opportunity=present_card(page.opportunity),
        capability=present_card(page.capability),
        pair_url=url_for("pairs.detail", o=page.opportunity.key, c=page.capability.key),
        links=pairing_links(page.ways, page.key, page.opportunity.key),
        facts=_facts(page),
        next_facts=_next_facts(page),
        faults=_fault_lines(refused),
        # Without faults the sentence is the one line below it.
        refused_title=refused.sentence if refused.faults else "这次操作没有保存",
        kept=_kept(page, refused),
        undo_url=url_for("pairings.undo", key=page.key) if until else "",
        undo_label=f"撤销：{page.acts.undo_label}" if until else "",
        undo_note=f"{figures.moment(until)}前可以撤销最近一步" if until else "",
        resume_url=url_for("pairings.resume", key=page.key) if page.acts.resume else "",
        stamp=str(page.stamp),
        moves=move_forms(page, refused),
        stops=stop_forms(page, refused),
        beside=tuple(one for one in beside if one is not None),
        note_form=note_form(page, refused),
        effects=tuple(map(_effect, page.effects)),
        effect_form=effect_form(page, refused),
        files=_files(page),
        attach_form=attach_form(page, refused),
        revisits=tuple(map(_revisit, page.revisits)),
        revisit_forms=revisit_forms(page, refused),
        journal=tuple(map(_journal, page.journal)),
        back_url=url_for("pairings.index"),
    )


def _facts(page: PairingPage) -> tuple[Fact, ...]:
    reason = f"{page.reason_side}：{page.reason}" if page.reason_side else page.reason
    rows = (
        Fact("来源", page.origin),
        Fact("撮合员", page.matchmaker or UNASSIGNED),
        Fact("原因", reason),
        Fact("金额", "" if page.amount_wan is None else figures.money(page.amount_wan)),
        Fact("签约日期", page.signed_on, day=True),
        Fact("采购方式", page.procurement_route),
        Fact("验收日期", page.accepted_on, day=True),
        Fact("最近确认仍在使用", page.use_confirmed_on, day=True),
    )
    return tuple(row for row in rows if row.value)


def _next_facts(page: PairingPage) -> tuple[Fact, ...]:
    rows = (
        Fact("办理方", page.acting_label),
        Fact("下一步", page.next_step),
        Fact("下一步日期", page.next_on, day=True),
        Fact("本阶段开始", page.stage_since, day=True),
        Fact("本阶段期限", page.due_on, day=True),
    )
    return tuple(row for row in rows if row.value)


def _fault_lines(refused: Refused) -> tuple[FaultLine, ...]:
    if not refused.sentence:
        return ()
    lines = tuple(FaultLine(one.sentence, f"#{refused.role}-{one.field}") for one in refused.faults)
    return lines or (FaultLine(refused.sentence, "#main"),)


def _kept(page: PairingPage, refused: Refused) -> tuple[Fact, ...]:
    """What was typed into a form that is no longer there, so that nothing is lost."""
    offered = {f"move-{one.stage}" for one in page.next_stages}
    offered |= {f"revisit-{one.key}" for one in page.revisits if not one.done_on}
    there = {"pause": page.acts.pause, "fail": page.acts.fail, "step": page.acts.step, "note": page.acts.write}
    still = refused.role in offered or there.get(refused.role, refused.role in ("effect", "attach", "assign"))
    if not refused.sentence or still:
        return ()
    named = [(label, refused.values.get(name, "").strip()) for name, label in _TYPED.items()]
    named += [(f"成效 {row.name}", f"计划 {row.planned or '—'}，实际 {row.real or '—'} {row.unit}")
              for row in effect_rows((), refused.role, refused) if row.name]  # fmt: skip
    return tuple(Fact(label, value) for label, value in named if value)


def _effect(one: EffectLine) -> EffectShown:
    said = {None: Label("待核对", "quiet"), True: Label("达到", "good"), False: Label("未达到", "poor")}[one.reached]
    planned, real = (
        "—" if value is None else figures.figure(value, one.unit) for value in (one.planned, one.real)
    )  # fmt: skip
    return EffectShown(f"{one.name}{'（越低越好）' if one.lower else ''}", planned, real, said)


def _files(page: PairingPage) -> tuple[FileShown, ...]:
    return tuple(
        FileShown(one.name, url_for("pairings.file", key=page.key, file_key=one.key),
                  f"{_size(one.size)}，{figures.moment(one.at)}")
        for one in page.files
    )  # fmt: skip


def _size(octets: int) -> str:
    return figures.size(octets) if octets >= 100_000 else f"{max(1, round(octets / 1000))} KB"


def _revisit(one: RevisitLine) -> RevisitShown:
    if one.done_on:
        state = Label("仍在使用", "good") if one.running else Label("已停用", "poor")
        return RevisitShown(one.due_on, state, f"{one.done_on} 回访" + (f"：{one.note}" if one.note else ""))
    return RevisitShown(one.due_on, Label("应回访", "warn") if one.due else Label("未到", "quiet"), "")


def _journal(one: JournalLine) -> JournalShown:
    return JournalShown(
        one.key, one.title, one.actor, figures.moment(one.at), tuple(Fact(label, value) for label, value in one.facts),
        one.note, one.audience, f"已于 {figures.moment(one.undone_at)} 撤销" if one.undone_at else "",
    )  # fmt: skip
