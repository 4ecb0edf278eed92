"""Objections as organisers answer them; corrections and what became of benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.selection import FrozenPage, ObjectionView
from marketplace.selection_states import AFTERMATHS
from webapp.presenters import figures
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Head
from webapp.presenters.selection import SECTION, crumbs

TONES = {"received": "warn", "upheld": "poor", "rejected": "quiet"}
_DECISIONS = (("rejected", "异议不成立"), ("upheld", "异议成立，取消资格"))


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """One objection; ``fields`` are those of the answer while it waits."""

    number: int
    code: str
    state: Label
    at: str
    name: str
    contact: str
    text: str
    file_name: str
    file_url: str
    answer: str
    answer_url: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True)
class ObjectionsContext(Context):
    """The objections of a year with who made them."""

    template: ClassVar[str] = "selection/objections.html"

    year: int
    faults: tuple[FaultLine, ...]
    rows: tuple[ObjectionRow, ...]


@dataclass(frozen=True)
class AfterContext(Context):
    """What may be appended to a frozen result."""

    template: ClassVar[str] = "selection/after.html"

    year: int
    faults: tuple[FaultLine, ...]
    corrections: tuple[str, ...]
    correct_url: str
    correction: FormField
    aftermath: tuple[str, ...]
    aftermath_url: str
    fields: tuple[FormField, ...]
    result_url: str


def present_objections(
    year: int, objections: Sequence[ObjectionView], faults: Sequence[FaultLike] = (), sentence: str = ""
) -> ObjectionsContext:
    """The context of the objections of a year."""
    lines = tuple(FaultLine(one.sentence, "#main") for one in faults)
    lines = lines or ((FaultLine(sentence, "#main"),) if sentence else ())
    rows = tuple(
        ObjectionRow(
            one.number, one.code, Label(one.state_label, TONES[one.state]), figures.moment(one.at), one.name,
            one.contact, one.text, one.file_name, url_for("selection.evidence", year=year, number=one.number),
            one.answer, url_for("selection.answer", year=year, number=one.number) if one.state == "received" else "",
            _answer_fields(one.number),
        )
        for one in objections
    )  # fmt: skip
    return ObjectionsContext(
        Head(f"{year} 年度异议", "公示期收到的异议。", crumbs(f"{year} 年度异议"), SECTION), year, lines, rows
    )  # fmt: skip


def present_after(page: FrozenPage, faults: Sequence[FaultLike] = (), sentence: str = "") -> AfterContext:
    """The context of what may be appended."""
    year, errors = page.year, errors_by_field(faults)
    lines = fault_lines(faults) or ((FaultLine(sentence, "#main"),) if sentence else ())
    won = [one for one in page.record["result"] if one["outcome"] == "selected"]
    titles = {one["case"]: one["title"] for one in won}
    told = tuple(
        f"{one.on_day}　{AFTERMATHS[one.kind]}　{titles.get(one.case_number, '')}：{one.text}" for one in page.aftermath
    )
    return AfterContext(
        head=Head(f"{year} 年度更正与后续", "公布以后附加的内容。", crumbs(f"{year} 年度更正与后续"), SECTION),
        year=year,
        faults=lines,
        corrections=tuple(f"{one.number}．{one.text}" for one in page.corrections),
        correct_url=url_for("selection.correct", year=year),
        correction=FormField("f-correction", "correction", "更正内容", kind="area", required=True,
                             hint="原结果不变，更正附在后面"),
        aftermath=told,
        aftermath_url=url_for("selection.aftermath", year=year),
        fields=(
            FormField("f-case", "case", "标杆", kind="choice", required=True, error=errors.get("case", ""),
                      options=tuple((str(one["case"]), one["title"]) for one in won)),
            FormField("f-kind", "kind", "类别", kind="choice", required=True, options=tuple(AFTERMATHS.items()),
                      error=errors.get("kind", "")),
            FormField("f-on_day", "on_day", "日期", required=True, example="2026-11-20",
                      error=errors.get("on_day", "")),
            FormField("f-text", "text", "情况", kind="area", required=True, error=errors.get("text", "")),
        ),
        result_url=url_for("benchmarks.result", year=year),
    )  # fmt: skip


def _answer_fields(number: int) -> tuple[FormField, ...]:
    return (
        FormField(f"f-decision-{number}", "decision", "处理结果", kind="choice", required=True, options=_DECISIONS),
        FormField(f"f-answer-{number}", "answer", "答复", kind="area", required=True,
                  hint="对外公开；不写异议人的姓名和单位"),
    )  # fmt: skip
