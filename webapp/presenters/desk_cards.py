"""Pairings as cards of the desk, the board and the list."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from marketplace.followup import UNASSIGNED
from marketplace.matchmaking import DeskCard
from webapp.presenters import figures, labels
from webapp.presenters.forms import FormField
from webapp.presenters.labels import Label
from webapp.presenters.pairing_links import pairing_url
from webapp.presenters.pairings import TONES


@dataclass(frozen=True, slots=True)
class PairingCard:
    """One pairing: both sides, its stage and how long, what is due, whose turn it is, the note field.

    ``due`` stands out when it is overdue; ``note`` is None for who may not write one.
    """

    key: int
    need: str
    agency: str
    offer: str
    company: str
    url: str
    pair_url: str
    stage: Label
    days: str
    due: Label | None
    next_step: str
    acting: str
    matchmaker: str
    band: Label | None
    score: str
    ask_first: tuple[str, ...]
    note_url: str
    note: FormField | None


@dataclass(frozen=True, slots=True)
class Noted:
    """A note that was sent and refused: of which pairing, its text, and why."""

    key: int
    text: str
    fault: str


def present_pairing(card: DeskCard, noted: Noted | None = None) -> PairingCard:
    """One pairing as its card; ``noted`` is a refused note, shown again on its own card."""
    mine = noted if noted and noted.key == card.key else None
    note = FormField(
        f"n-{card.key}", "note", "登记沟通情况（仅撮合人员可见）", mine.text if mine else "", kind="area",
        error=mine.fault if mine else "", rows=2,
    )  # fmt: skip
    return PairingCard(
        key=card.key, need=card.need, agency=card.agency or figures.UNSTATED, offer=card.offer,
        company=card.company or figures.UNSTATED, url=pairing_url(card.key),
        pair_url=url_for("pairs.detail", o=card.opportunity_key, c=card.capability_key),
        stage=stage_label(card), days=_days(card), due=due_label(card), next_step=_step(card),
        acting=card.acting_label or "—", matchmaker=card.matchmaker or UNASSIGNED,
        band=labels.BANDS[card.band] if card.band else None, score=figures.score(card.score) if card.score else "",
        ask_first=card.ask_first, note_url=url_for("desk.note", key=card.key), note=note if card.may_note else None,
    )  # fmt: skip


def stage_label(card: DeskCard) -> Label:
    """The stage in words."""
    return Label(card.stage_label, TONES.get(card.stage, "quiet"))


def due_label(card: DeskCard) -> Label | None:
    """What is due and when; overdue in red, today and the next days in amber."""
    if not card.act_on:
        return None
    if card.late:
        return Label(f"已超期 {card.late} 天（{card.act_on}）", "poor")
    return Label(f"{card.act_on} 前", "warn" if card.limit and card.days * 4 >= card.limit * 3 else "quiet")


def _days(card: DeskCard) -> str:
    limit = f"，时限 {card.limit} 天" if card.limit else ""
    return f"本阶段第 {card.days + 1} 天{limit}"


def _step(card: DeskCard) -> str:
    if not card.next_step:
        return "尚未安排下一步"
    return f"{card.next_step}（{card.next_on}）" if card.next_on else card.next_step
