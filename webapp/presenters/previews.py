"""A text being written as it will be read, with what still keeps it from review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import Fault
from marketplace.publishing import DraftPage
from webapp.presenters import labels
from webapp.presenters.checks import CheckPanel, NoteLine, present_check, present_notes
from webapp.presenters.drafts import TITLES, Step, head_of, posting_url_of, state_of, step_of, steps_of, title_of
from webapp.presenters.forms import FaultLine, text_of
from webapp.presenters.labels import Label
from webapp.presenters.page import Context


@dataclass(frozen=True, slots=True)
class ReadField:
    """One field as it will be read."""

    label: str
    lines: tuple[str, ...]
    numbered: bool
    edit_url: str


@dataclass(frozen=True, slots=True)
class ReadSection:
    """Fields as they will be read, under their heading."""

    title: str
    fields: tuple[ReadField, ...]


@dataclass(frozen=True)
class DraftPreviewContext(Context):
    """A text as it will be read, with everything that still keeps it from review; addresses are empty when closed."""

    template: ClassVar[str] = "drafts/preview.html"

    title: str
    organisation: str
    side_label: str
    state: Label
    steps: tuple[Step, ...]
    sections: tuple[ReadSection, ...]
    faults: tuple[FaultLine, ...]
    check: CheckPanel
    notes: tuple[NoteLine, ...]
    posting_url: str
    on_behalf: bool
    submit_url: str
    recall_url: str
    discard_url: str
    leave_url: str


def present_preview(page: DraftPage, faults: Sequence[Fault] | None = None) -> DraftPreviewContext:
    """The context of the preview; ``faults`` are those that kept it from being sent just now."""
    edit = page.may_edit
    return DraftPreviewContext(
        head=head_of(page, "preview"),
        title=title_of(page),
        organisation=page.organisation_name,
        side_label=labels.SIDES[page.side],
        state=state_of(page),
        steps=steps_of(page, "preview") if edit else (),
        sections=_read_sections(page),
        faults=tuple(_fault_line(page, fault) for fault in (page.faults if faults is None else faults)),
        check=present_check(page.side, page.quality, page.duplicates, page.hints, page.reach),
        notes=present_notes(page.notes),
        posting_url=posting_url_of(page),
        on_behalf=page.on_behalf,
        submit_url=url_for("drafts.submit", key=page.key) if edit else "",
        recall_url=url_for("drafts.recall", key=page.key) if page.may_recall else "",
        discard_url=url_for("drafts.discard", key=page.key) if edit else "",
        leave_url=url_for("my.index"),
    )


def _read_sections(page: DraftPage) -> tuple[ReadSection, ...]:
    found: dict[str, list[ReadField]] = {}
    for spec in page.fields:
        lines = tuple(line.strip() for line in text_of(page.values.get(spec.name)).splitlines() if line.strip())
        if lines:
            editable = page.may_edit and spec.name not in page.fixed
            step = step_of(spec.name, page)
            url = url_for("drafts.step", key=page.key, step=step, _anchor=f"f-{spec.name}") if editable else ""
            name = TITLES.get((page.side, spec.section), spec.section)
            found.setdefault(name, []).append(ReadField(spec.label, lines, len(lines) > 1, url))
    return tuple(ReadSection(name, tuple(fields)) for name, fields in found.items())


def _fault_line(page: DraftPage, fault: Fault) -> FaultLine:
    step = step_of(fault.field, page)
    return FaultLine(fault.sentence, url_for("drafts.step", key=page.key, step=step, _anchor=f"f-{fault.field}"))
