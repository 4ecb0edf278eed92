"""A text being written, one page a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for

from marketplace import FieldSpec
from marketplace.publishing import DraftPage, NewDraft
from matching import Side
from webapp.presenters import figures, labels
from webapp.presenters.checks import CheckPanel, present_check
from webapp.presenters.forms import (
    FaultLine,
    FormField,
    FormSection,
    draw,
    errors_by_field,
)
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

SECTIONS = {
    "basic": ("基本信息",),
    "need": ("需求",),
    "terms": ("预算与时间", "依据", "清单信息", "联系方式"),
}
STEPS = (*SECTIONS, "preview")
_NAMES = {
    Side.OPPORTUNITY: ("基本信息", "需求", "预算与时间", "预览与送审"),
    Side.CAPABILITY: ("基本信息", "能力内容", "依据", "预览与送审"),
}
TITLES = {(Side.CAPABILITY, "需求"): "能力内容"}
KINDS = {"opportunity": Side.OPPORTUNITY, "capability": Side.CAPABILITY}
STATE_TONES = {
    "draft": "quiet", "review": "info", "second_review": "info", "returned": "warn", "approved": "good",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the form for the step list: done, now or later."""

    label: str
    url: str
    state: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed item with its place in the form."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Paste:
    """The box into which a paragraph is pasted, with what was proposed from it."""

    text: str
    proposals: tuple[Proposal, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What was just sent: values, whether they were kept, and what to say about it."""

    values: Mapping[str, Any]
    conflict: str = ""
    pasted: str = ""
    proposals: tuple[str, ...] | None = None
    show_faults: bool = False


@dataclass(frozen=True)
class DraftStepContext(Context):
    """One step of a text being written; the fragment says that it was saved and renews the check."""

    template: ClassVar[str] = "drafts/step.html"
    fragment: ClassVar[str] = "partials/saved.html"

    title: str
    organisation: str
    side_label: str
    state: Label
    steps: tuple[Step, ...]
    action: str
    stamp: int
    sections: tuple[FormSection, ...]
    listed: tuple[str, ...]
    faults: tuple[FaultLine, ...]
    conflict: str
    saved: str
    paste: Paste | None
    check: CheckPanel
    first: bool
    posting_url: str
    returned: str
    leave_url: str


@dataclass(frozen=True)
class NewDraftContext(Context):
    """The choice of the organisation a new text is begun for; without a field there is none."""

    template: ClassVar[str] = "drafts/new.html"

    title: str
    action: str
    organisation: FormField | None
    side_name: str


def present_new(page: NewDraft) -> NewDraftContext:
    """The context of a text about to be begun."""
    title = f"填写{labels.SIDES[page.side]}"
    options = tuple((str(one.key), one.name) for one in page.organisations)
    field = FormField(
        "f-organisation", "organisation", "单位", value=options[0][0], kind="choice", required=True, options=options,
        chosen=(options[0][0],), hint="内容以这个单位的名义发布",
    ) if options else None  # fmt: skip
    return NewDraftContext(
        head=Head(title, f"{title}：按步骤填写，随时保存。", _crumbs(title), "my"),
        title=title,
        action=url_for("drafts.create"),
        organisation=field,
        side_name=str(page.side),
    )


def present_step(page: DraftPage, step: str, typed: Typed | None = None) -> DraftStepContext:
    """The context of one step; ``typed`` is what was just sent, shown as it was typed."""
    given = typed or Typed({})
    values = {**page.values, **given.values} if given.conflict else page.values
    specs = _specs(page, step)
    wrong = [fault for fault in page.faults if fault.field in {spec.name for spec in specs}]
    # A field nobody has filled in yet is not called wrong before the step is left.
    shown = [fault for fault in wrong if given.show_faults or values.get(fault.field) not in (None, "", [])]
    return DraftStepContext(
        head=head_of(page, step),
        title=title_of(page),
        organisation=page.organisation_name,
        side_label=labels.SIDES[page.side],
        state=state_of(page),
        steps=steps_of(page, step),
        action=url_for("drafts.save", key=page.key, step=step),
        stamp=page.stamp,
        sections=_sections(page, step, values, errors_by_field(shown)),
        listed=tuple(spec.name for spec in specs if spec.kind == "choices"),
        faults=tuple(FaultLine(fault.sentence, f"#f-{fault.field}") for fault in shown),
        conflict=given.conflict,
        saved=_saved(page),
        paste=_paste(given) if step == "need" and page.side is Side.OPPORTUNITY else None,
        check=present_check(page.side, page.quality, page.duplicates, page.hints, page.reach),
        first=step == STEPS[0],
        posting_url=posting_url_of(page),
        returned=next((note.note for note in page.notes if note.action == "returned"), "")
        if page.state == "returned" else "",
        leave_url=url_for("my.index"),
    )  # fmt: skip


def step_of(field: str, page: DraftPage) -> str:
    """The step on which a field is typed; the first for one that is typed nowhere."""
    section = next((spec.section for spec in page.fields if spec.name == field), "")
    return next((step for step, sections in SECTIONS.items() if section in sections), STEPS[0])


def _specs(page: DraftPage, step: str) -> list[FieldSpec]:
    return [spec for spec in page.fields if spec.section in SECTIONS[step] and spec.name not in page.fixed]


def _sections(
    page: DraftPage, step: str, values: Mapping[str, Any], errors: Mapping[str, str]
) -> tuple[FormSection, ...]:
    found = []
    for name in SECTIONS[step]:
        specs = [spec for spec in _specs(page, step) if spec.section == name]
        fields = tuple(draw(spec, values, errors, page.options.get(spec.name, ())) for spec in specs)
        if fields:
            found.append(FormSection(TITLES.get((page.side, name), name), fields))
    return tuple(found)


def steps_of(page: DraftPage, now: str) -> tuple[Step, ...]:
    """The steps of the form as they stand on the step ``now``."""
    place = STEPS.index(now)
    names = zip(STEPS, _NAMES[page.side], strict=True)
    marks = ("done" if at < place else "now" if at == place else "later" for at in range(len(STEPS)))
    return tuple(
        Step(label, url_for("drafts.step", key=page.key, step=step), mark)
        for (step, label), mark in zip(names, marks, strict=True)
    )


def _paste(given: Typed) -> Paste:
    if given.proposals is None:
        return Paste(given.pasted, (), "")
    said = (
        f"拟出 {len(given.proposals)} 条，请勾选要采用的。"
        if given.proposals
        else "没有找到新的需求条目；可直接在下面填写。"
    )
    proposals = tuple(Proposal(f"take-{place}", text) for place, text in enumerate(given.proposals, 1))
    return Paste(given.pasted, proposals, said)


def _saved(page: DraftPage) -> str:
    by = f"，{page.saved_by}" if page.saved_by else ""
    return f"已保存：{figures.moment(page.saved_at)}{by}"


def title_of(page: DraftPage) -> str:
    """The title so far, or words that stand for it."""
    return page.title or f"未命名的{labels.SIDES[page.side]}"


def state_of(page: DraftPage) -> Label:
    """The state of a draft with its tone."""
    return Label(page.state_label, STATE_TONES.get(page.state, "quiet"))


def posting_url_of(page: DraftPage) -> str:
    """The page of the posting that is revised, empty for a new text."""
    return url_for("my.posting", key=page.posting_key) if page.posting_key else ""


def head_of(page: DraftPage, step: str) -> Head:
    """The head of a step."""
    name = _NAMES[page.side][STEPS.index(step)]
    return Head(f"{name} - {title_of(page)}", f"{labels.SIDES[page.side]}草稿：{name}。", _crumbs(title_of(page)), "my")


def _crumbs(last: str) -> tuple[Crumb, ...]:
    return (Crumb("首页", url_for("home.index")), Crumb("我的清单", url_for("my.index")), Crumb(last))
