"""The part of a pair's page where a matchmaker corrects the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from marketplace import CorrectionView, Fault, PairPage
from matching import Band, VerdictKind
from webapp.presenters import figures, labels, verdicts
from webapp.presenters.forms import FaultLine, FormField, errors_by_field, fault_lines

MAX_REASON = 300
_HINT = "双方单位均可看到理由、您的岗位名称和日期；请写明依据，勿写个人姓名和电话"


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One standing correction; ``withdraw_url`` is empty for who may not take it back."""

    key: int
    label: labels.Label
    subject: str
    words: str
    lapsed: bool
    withdraw_url: str


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """One form: where it goes, its fields, and the corrections its page showed."""

    role: str
    title: str
    action: str
    button: str
    fields: tuple[FormField, ...]
    seen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Corrections:
    """What was corrected about a pair, and the forms for those who may."""

    lines: tuple[CorrectionLine, ...]
    forms: tuple[CorrectionForm, ...]
    faults: tuple[FaultLine, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent and refused: the form's role, its values, and what is wrong with them."""

    role: str
    values: Mapping[str, str]
    faults: Sequence[Fault]


def present_corrections(page: PairPage, *, story: bool, typed: Typed | None = None) -> Corrections:
    """The corrections of a pair's page."""
    standing = [v.correction for v in page.verdicts if v.correction]
    every = [*([page.override] if page.override else []), *standing, *page.lapsed]
    pair: dict[str, Any] = {"o": page.opportunity.key, "c": page.capability.key}
    lines = tuple(_line(one, pair, page.may_correct, story) for one in every)
    if not page.may_correct:
        return Corrections(lines, (), ())
    seen = tuple(one.key for one in every)
    forms = (
        CorrectionForm("correct-verdict", "更正一条判断", url_for("pairs.correct", **pair), "更正这一条",
                       _verdict_fields(page, story, _of("correct-verdict", typed)), seen),
        CorrectionForm("override-band", "更正这一对的档次", url_for("pairs.override", **pair), "更正档次",
                       _band_fields(page, _of("override-band", typed)), seen),
    )  # fmt: skip
    prefix = "v-" if typed and typed.role == "correct-verdict" else "b-"
    return Corrections(lines, forms, fault_lines(typed.faults, prefix) if typed else ())


def _of(role: str, typed: Typed | None) -> Typed:
    return typed if typed and typed.role == role else Typed(role, {}, ())


def _line(one: CorrectionView, pair: Mapping[str, Any], may: bool, story: bool) -> CorrectionLine:
    whole = one.requirement < 0
    label = labels.BANDS[Band(one.value)] if whole else labels.VERDICTS[VerdictKind(one.value)]
    subject = "档次" if whole else figures.item_name(one.requirement, story=story)
    url = url_for("pairs.withdraw", **pair, key=one.key) if may else ""
    return CorrectionLine(one.key, label, subject, verdicts.told(one), one.lapsed, url)


def _verdict_fields(page: PairPage, story: bool, typed: Typed) -> tuple[FormField, ...]:
    errors = errors_by_field(typed.faults)
    names = tuple(
        (str(v.requirement), f"{figures.item_name(v.requirement, story=story)} {_short(v.requirement_text)}")
        for v in page.verdicts
    )
    kinds = tuple((str(kind), label.word) for kind, label in labels.VERDICTS.items())
    return (
        _choice("v-requirement", "requirement", "描述句" if story else "需求条目", names, typed, errors),
        _choice("v-verdict", "verdict", "判断改为", kinds, typed, errors),
        _reason("v-reason", typed, errors, "例：已与单位电话核实，电池寿命有检测报告"),
    )


def _band_fields(page: PairPage, typed: Typed) -> tuple[FormField, ...]:
    errors = errors_by_field(typed.faults)
    bands = tuple((str(band), label.word) for band, label in labels.BANDS.items())
    return (
        _choice("b-band", "band", "档次改为", bands, typed, errors),
        _reason("b-reason", typed, errors, "例：现场看过同类案例，运行稳定"),
    )


def _choice(
    id: str, name: str, label: str, options: tuple[tuple[str, str], ...], typed: Typed, errors: Mapping[str, str]
) -> FormField:
    value = typed.values.get(name, "")
    return FormField(id, name, label, value, kind="choice", required=True, error=errors.get(name, ""),
                     options=options, chosen=(value,))  # fmt: skip


def _reason(id: str, typed: Typed, errors: Mapping[str, str], example: str) -> FormField:
    return FormField(
        id, "reason", "理由", typed.values.get("reason", ""), kind="area", required=True, hint=f"{_HINT}。{example}",
        error=errors.get("reason", ""), max_length=MAX_REASON, rows=2,
    )  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
