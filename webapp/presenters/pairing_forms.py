"""The forms on the page of a pairing, each with what it asks for and what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for

from marketplace import Fault
from marketplace.followup import ALLOWED, MAX_EFFECTS, PARTIES, RUNNING, EffectLine, FactSpec, NextStage, PairingPage
from webapp.presenters import figures
from webapp.presenters.forms import FormField

_SPARE_LINES = 3


@dataclass(frozen=True, slots=True)
class Refused:
    """What was sent and refused: the form's ``role``, its fields as typed, the sentence, the faults."""

    role: str
    values: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    faults: Sequence[Fault] = ()

    def of(self, role: str) -> Mapping[str, str]:
        """What was typed into a form; nothing into every other."""
        return self.values if role == self.role else {}

    def error(self, role: str, name: str) -> str:
        """What is wrong with a field of a form."""
        if role != self.role:
            return ""
        return next((one.sentence for one in self.faults if one.field == name), "")


NOTHING = Refused("")


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One line of figures in a form."""

    place: int
    name: str
    unit: str
    planned: str
    real: str
    lower: bool


@dataclass(frozen=True, slots=True)
class ReasonOptions:
    """Reasons under one heading."""

    title: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ActForm:
    """One form: ``hidden`` goes along unseen; ``effects`` are the lines of figures, ``files`` the field for files.

    ``fields`` stand before both, ``after`` behind them.

    ``unfolded`` forms stand open, the others open on request.
    """

    role: str
    title: str
    action: str
    button: str
    fields: tuple[FormField, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    tone: str = ""
    intro: str = ""
    reasons: tuple[ReasonOptions, ...] = ()
    effects: tuple[EffectRow, ...] = ()
    effects_error: str = ""
    files: FormField | None = None
    after: tuple[FormField, ...] = ()
    unfolded: bool = False


def move_forms(page: PairingPage, refused: Refused) -> tuple[ActForm, ...]:
    """One form for each stage the pairing may enter."""
    return tuple(_move(page, one, refused, first=place == 0) for place, one in enumerate(page.next_stages))


def _move(page: PairingPage, one: NextStage, refused: Refused, *, first: bool) -> ActForm:
    role = f"move-{one.stage}"
    draw = _drawer(role, refused)
    fields = [draw(spec.name, spec.label, **_options_of(spec, page.routes)) for spec in one.facts]
    after = []
    if one.stage != "landed":
        after += [
            draw("next_step", "下一步", hint="可不填"),
            draw("next_on", "下一步日期", hint="可不填", example="2026-12-15"),
        ]
    after += [draw("note", "说明", kind="area", hint="可不填"), _audience(page, role, refused)]
    must = "至少一个指标的实际值" if one.effects else "可填计划达到的指标，也可以以后再填"
    return ActForm(
        role, f"推进到“{one.label}”", url_for("pairings.move", key=page.key), f"推进到“{one.label}”", tuple(fields),
        (("stamp", str(page.stamp)), ("stage", one.stage)),
        intro=must if one.effects is not None else "",
        effects=effect_rows(page.effects, role, refused) if one.effects is not None else (),
        effects_error=refused.error(role, "effects"),
        files=_files(role, refused, required=bool(one.files) and not page.files) if one.files is not None else None,
        after=tuple(after),
        unfolded=first or refused.role == role,
    )  # fmt: skip


def stop_forms(page: PairingPage, refused: Refused) -> tuple[ActForm, ...]:
    """The forms that put a pairing aside and that end it."""
    found = []
    groups = tuple(
        ReasonOptions(group.title, tuple((one.code, one.label) for one in group.reasons)) for group in page.reasons
    )
    for role, title, may in (
        ("pause", "搁置", page.acts.pause),
        ("fail", "登记未成" if page.office else "退出对接", page.acts.fail),
    ):
        if not may:
            continue
        draw = _drawer(role, refused)
        fields = [draw("reason", "原因", kind="reasons", required=True)]
        if role == "pause":
            fields.append(
                draw(
                    "until",
                    "恢复日期",
                    hint=f"到这一天提醒恢复；不填为 {page.longest_pause}",
                    example=page.longest_pause,
                )
            )
        fields += [draw("note", "说明", kind="area", hint="可不填"), _audience(page, role, refused)]
        found.append(
            ActForm(role, title, url_for(f"pairings.{role}", key=page.key), title, tuple(fields),
                    (("stamp", str(page.stamp)),), tone="danger" if role == "fail" else "plain", reasons=groups,
                    unfolded=refused.role == role)
        )  # fmt: skip
    return tuple(found)


def step_form(page: PairingPage, refused: Refused) -> ActForm | None:
    """The form of the next step."""
    if not page.acts.step:
        return None
    draw = _drawer("step", refused, {"next_step": page.next_step, "next_on": page.next_on, "acting": page.acting})
    fields = (
        draw("next_step", "下一步", required=True, example="约双方到现场看点位"),
        draw("next_on", "下一步日期", required=True, example="2026-12-15"),
        draw("acting", "办理方", kind="choice", required=True, options=tuple(PARTIES.items())),
    )
    hidden = (("stamp", str(page.stamp)),)
    return ActForm("step", "安排下一步", url_for("pairings.step", key=page.key), "保存下一步", fields, hidden,
                   tone="plain", unfolded=refused.role == "step")  # fmt: skip


def assign_form(page: PairingPage, refused: Refused) -> ActForm | None:
    """The form that gives the pairing to a matchmaker."""
    if not page.acts.assign:
        return None
    options = tuple((str(key), name) for key, name in page.matchmakers)
    draw = _drawer("assign", refused, {"matchmaker": str(page.matchmaker_key or "")})
    fields = (draw("matchmaker", "撮合员", kind="choice", required=True, options=options),)
    hidden = (("stamp", str(page.stamp)),)
    return ActForm("assign", "指派撮合员", url_for("pairings.assign", key=page.key), "指派", fields, hidden,
                   tone="plain", unfolded=refused.role == "assign")  # fmt: skip


def note_form(page: PairingPage, refused: Refused) -> ActForm | None:
    """The form that writes into the journal."""
    if not page.acts.write:
        return None
    draw = _drawer("note", refused)
    fields = (
        draw("note", "记录", kind="area", required=True, hint="通话、走访、会议的要点；不要写手机号和邮箱"),
        _audience(page, "note", refused),
    )
    return ActForm("note", "登记记录", url_for("pairings.note", key=page.key), "登记", fields, unfolded=True)


def attach_form(page: PairingPage, refused: Refused) -> ActForm | None:
    """The form that takes files."""
    if not page.acts.write:
        return None
    draw = _drawer("attach", refused)
    fields = (draw("note", "附件说明", hint="可不填"),)
    return ActForm("attach", "上传附件", url_for("pairings.attach", key=page.key), "上传", fields, tone="plain",
                   files=_files("attach", refused, required=True), unfolded=refused.role == "attach")  # fmt: skip


def effect_form(page: PairingPage, refused: Refused) -> ActForm | None:
    """The form of planned and real figures."""
    if not page.acts.write or page.stage in ("failed", "recommended"):
        return None
    return ActForm(
        "effect", "填写成效", url_for("pairings.effect", key=page.key), "保存成效", tone="plain",
        hidden=(("stamp", str(page.stamp)),), effects=effect_rows(page.effects, "effect", refused),
        effects_error=refused.error("effect", "effects"), unfolded=refused.role == "effect",
    )  # fmt: skip


def revisit_forms(page: PairingPage, refused: Refused) -> tuple[ActForm, ...]:
    """One form for each revisit that is still to be made."""
    if not page.acts.revisit:
        return ()
    found = []
    for one in page.revisits:
        if one.done_on:
            continue
        role = f"revisit-{one.key}"
        draw = _drawer(role, refused)
        fields = (
            draw("done_on", "回访日期", required=True, example=one.due_on),
            draw("running", "使用情况", kind="choice", required=True, options=tuple(RUNNING.items())),
            draw("revisit_note", "回访情况", kind="area", hint="可不填"),
        )
        found.append(
            ActForm(role, f"登记 {one.due_on} 的回访", url_for("pairings.revisit", key=page.key), "保存回访", fields,
                    (("revisit", str(one.key)),), tone="plain", unfolded=one.due or refused.role == role)
        )  # fmt: skip
    return tuple(found)


def effect_rows(lines: Sequence[EffectLine], role: str, refused: Refused) -> tuple[EffectRow, ...]:
    """The lines of figures as typed, else as stored, with a few to spare."""
    typed = refused.of(role)
    if typed:
        every = (_typed_row(typed, place) for place in range(MAX_EFFECTS))
        rows = [row for row in every if row.name or row.planned or row.real]
    else:
        rows = [
            EffectRow(place, one.name, one.unit, _plain(one.planned), _plain(one.real), one.lower)
            for place, one in enumerate(lines)
        ]
    used = {row.place for row in rows}
    free = [place for place in range(MAX_EFFECTS) if place not in used][:_SPARE_LINES]
    return (*rows, *(EffectRow(place, "", "", "", "", False) for place in free))


def _typed_row(typed: Mapping[str, str], place: int) -> EffectRow:
    name, unit, planned, real = (
        typed.get(f"effect_{part}_{place}", "").strip() for part in ("name", "unit", "planned", "real")
    )
    return EffectRow(place, name, unit, planned, real, typed.get(f"effect_lower_{place}") == "1")


def _plain(value: float | None) -> str:
    return "" if value is None else figures.plain(value).replace(",", "")


def _options_of(spec: FactSpec, routes: Sequence[str]) -> dict[str, object]:
    if spec.kind == "route":
        return {"kind": "choice", "required": True, "options": tuple((one, one) for one in routes)}
    kind = "area" if spec.kind == "text" else "text"
    return {"kind": kind, "required": spec.required, "hint": spec.hint, "example": spec.example}


def _audience(page: PairingPage, role: str, refused: Refused) -> FormField:
    first = page.audiences[0][0] if page.audiences else ""
    draw = _drawer(role, refused, {"audience": first})
    label = "记录可见范围" if role == "note" else "说明可见范围"
    return draw("audience", label, kind="choice", required=True, options=page.audiences)


def _files(role: str, refused: Refused, *, required: bool) -> FormField:
    again = "；上次选择的文件没有保存，请重新选择" if refused.role == role else ""
    return FormField(f"{role}-files", "files", "附件", kind="file", required=required, hint=f"{ALLOWED}{again}",
                     error=refused.error(role, "files"))  # fmt: skip


def _drawer(role: str, refused: Refused, stored: Mapping[str, str] | None = None) -> Callable[..., FormField]:
    """A function that draws fields of one form with what was typed, else what is stored, and their errors."""
    typed = refused.of(role)

    def draw(name: str, label: str, **options: object) -> FormField:
        value = typed.get(name, (stored or {}).get(name, ""))
        return FormField(
            f"{role}-{name}", name, label, value=value, chosen=(value,) if value else (),
            error=refused.error(role, name), **options,  # type: ignore[arg-type]
        )  # fmt: skip

    return draw
