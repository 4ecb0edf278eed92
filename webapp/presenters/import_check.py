"""The third step of an import: how the rows stand, and what is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from flask import url_for

from marketplace import DECISIONS, ROW_STATES
from webapp.presenters import figures
from webapp.presenters.import_rows import RowBlock, present_rows
from webapp.presenters.imports import CHECK, Step, drop_note, row_state, wizard_head, wizard_steps
from webapp.presenters.labels import Label
from webapp.presenters.page import Context
from webapp.presenters.paging import Paging, paging

if TYPE_CHECKING:
    from marketplace import CheckPage

ALL = "all"


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows of one state with the address that shows them."""

    label: str
    count: str
    url: str
    chosen: bool


@dataclass(frozen=True)
class CheckContext(Context):
    """The third step; ``next_url`` is empty while something must be decided or nothing can come in."""

    template: ClassVar[str] = "imports/check.html"

    steps: tuple[Step, ...]
    file_name: str
    total: str
    summary: tuple[tuple[str, str, Label], ...]
    notices: tuple[str, ...]
    filters: tuple[Filter, ...]
    rows: tuple[RowBlock, ...]
    paging: Paging | None
    undecided: str
    decide_url: str
    decisions: tuple[tuple[str, str], ...]
    deciding: bool
    next_url: str
    next_label: str
    waiting: str
    annotated_url: str
    columns_url: str
    drop_url: str
    drop_words: str


def present_check(page: CheckPage) -> CheckContext:
    """The context of the checked rows."""
    run, counts = page.run, page.counts
    here = partial(url_for, key=run.key, state=page.state or ALL, page=page.page if page.page > 1 else None)
    ready = counts.get("good", 0) + counts.get("twin", 0)
    return CheckContext(
        head=wizard_head(run, CHECK),
        steps=wizard_steps(CHECK, run),
        file_name=run.file_name,
        total=figures.count(sum(counts.values())),
        summary=tuple(
            (label, figures.count(counts.get(state, 0)), row_state(state))
            for state, label in ROW_STATES.items()
            if counts.get(state) or state in ("good", "bad", "twin", "skipped")
        ),
        notices=page.notices,
        filters=_filters(page),
        rows=present_rows(page, here),
        paging=paging(lambda place: here("imports.check", page=place), page.page, page.pages),
        undecided=figures.count(page.undecided) if page.undecided else "",
        decide_url=here("imports.decide"),
        decisions=tuple(DECISIONS.items()),
        deciding=any(row.state == "twin" for row in page.rows),
        next_url=url_for("imports.confirm", key=run.key) if ready and not page.undecided else "",
        next_label="下一步：确认导入",
        waiting=_waiting(page, ready),
        annotated_url=url_for("imports.annotated", key=run.key) if run.own else "",
        columns_url=url_for("imports.columns", key=run.key) if run.state == "checked" else "",
        drop_url=url_for("imports.drop", key=run.key),
        drop_words=drop_note(run),
    )


def _waiting(page: CheckPage, ready: int) -> str:
    if page.undecided:
        return f"还有 {figures.count(page.undecided)} 行疑似重复没有决定，决定后才能确认导入。"
    return "" if ready else "没有可以导入的行；请改正有问题的行，或放弃后重新上传。"


def _filters(page: CheckPage) -> tuple[Filter, ...]:
    def one(state: str, label: str, count: int) -> Filter:
        url = url_for("imports.check", key=page.run.key, state=state)
        return Filter(label, figures.count(count), url, state == (page.state or ALL))

    found = [one(state, label, page.counts[state]) for state, label in ROW_STATES.items() if page.counts.get(state)]
    return (one(ALL, "全部", sum(page.counts.values())), *found)
