"""The review queue, and one text beside the last published one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for

from marketplace.publishing import QueuePage, ReviewPage, ReviewQuery
from matching import Side
from webapp.presenters import figures, labels
from webapp.presenters.checks import CheckPanel, NoteLine, present_check, present_notes
from webapp.presenters.diffs import DiffTable, present_diff
from webapp.presenters.drafts import KINDS, STATE_TONES
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import Label
from webapp.presenters.lists import Paging
from webapp.presenters.my import draft_marks
from webapp.presenters.page import Context, Crumb, Head

STATES = {"": "全部待审", "review": "待审", "second_review": "待复审", "approved": "待发布"}
_TITLE = "审核"
# A text that waits longer stands out.
LONG_DAYS = 3


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A text in the queue."""

    key: int
    title: str
    url: str
    side_label: str
    organisation: str
    state: Label
    sent: str
    waiting: Label | None
    score: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class QueueContext(Context):
    """One page of the queue with its filter."""

    template: ClassVar[str] = "review/index.html"

    rows: tuple[QueueRow, ...]
    summary: str
    action: str
    fields: tuple[FormField, ...]
    batches_url: str
    paging: Paging | None


@dataclass(frozen=True)
class ReviewContext(Context):
    """One text with everything the decision rests on; an address is empty when that decision is not open."""

    template: ClassVar[str] = "review/detail.html"

    title: str
    organisation: str
    side_label: str
    state: Label
    author: str
    marks: tuple[str, ...]
    sent: str
    stamp: int
    refusal: str
    two_step: bool
    faults: tuple[FaultLine, ...]
    diff: DiffTable
    revises: bool
    posting_url: str
    contact_given: bool
    check: CheckPanel
    notes: tuple[NoteLine, ...]
    approve_url: str
    secrecy: FormField
    return_url: str
    reason: FormField
    publish_url: str
    back_url: str


def present_queue(page: QueuePage) -> QueueContext:
    """The context of the queue."""
    query = page.query
    waiting = figures.count(sum(count for state, count in page.counts.items() if state != "approved"))
    ready = figures.count(page.counts.get("approved", 0))
    return QueueContext(
        head=Head(_TITLE, "等待审核的内容。", (Crumb("首页", url_for("home.index")), Crumb(_TITLE)), "review"),
        rows=tuple(
            QueueRow(
                one.line.key, one.line.title, url_for("review.detail", key=one.line.key), labels.SIDES[one.line.side],
                one.line.organisation_name, Label(one.line.state_label, STATE_TONES.get(one.line.state, "quiet")),
                figures.moment(one.line.submitted_at), _waiting(one.line.waiting_days), f"{one.score} 分",
                draft_marks(one.line) + (("本人或本单位填写",) if one.own else ()),
            )
            for one in page.lines
        ),
        summary=f"待审 {waiting} 条，待发布 {ready} 条；当前显示 {figures.count(page.total)} 条。",
        action=url_for("review.index"),
        fields=_filters(query),
        batches_url=url_for("batches.index"),
        paging=_paging(page),
    )  # fmt: skip


def _waiting(days: int | None) -> Label | None:
    if days is None:
        return None
    return Label(f"已等 {days} 天" if days else "今天送审", "warn" if days >= LONG_DAYS else "quiet")


def _filters(query: ReviewQuery) -> tuple[FormField, ...]:
    kinds = (("", "全部"), *((name, labels.SIDES[side]) for name, side in KINDS.items()))
    side, states = str(query.side or ""), tuple(STATES.items())
    return (
        FormField("f-q", "q", "标题或单位", value=query.text),
        FormField("f-state", "state", "状态", kind="choice", options=states, chosen=(query.state,)),
        FormField("f-kind", "kind", "清单", kind="choice", options=kinds, chosen=(side,)),
    )


def _paging(page: QueuePage) -> Paging | None:
    if page.pages <= 1:
        return None
    query = page.query
    asked: dict[str, Any] = {"state": query.state, "kind": str(query.side or ""), "q": query.text}
    kept = {name: value for name, value in asked.items() if value}

    def to(number: int) -> str:
        return url_for("review.index", **kept, page=number)

    before = to(page.page - 1) if page.page > 1 else None
    return Paging(before, to(page.page + 1) if page.page < page.pages else None, ())


def present_review(page: ReviewPage, fault: str = "", reason: str = "") -> ReviewContext:
    """The context of one text; ``fault`` says why the last decision was refused, ``reason`` is as typed."""
    line, key = page.line, page.line.key
    said = (FaultLine(fault, "#h-decide"),) if fault else ()
    wrong = tuple(FaultLine(one.sentence, "#h-diff") for one in page.faults)
    secrecy = FormField("f-secrecy", "secrecy", "已按规定完成保密审查", kind="tick", required=True)
    why = FormField("f-reason", "reason", "退回原因", value=reason, kind="area", required=True,
                    hint="填写人会看到这段话；写清哪一项要怎么改", max_length=1000)  # fmt: skip
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(_TITLE, url_for("review.index")), Crumb(line.title))
    return ReviewContext(
        head=Head(f"审核 - {line.title}", f"审核{labels.SIDES[line.side]}“{line.title}”。", crumbs, "review"),
        title=line.title,
        organisation=line.organisation_name,
        side_label=labels.SIDES[line.side],
        state=Label(line.state_label, STATE_TONES.get(line.state, "quiet")),
        author=line.author_name,
        marks=draft_marks(line),
        sent=figures.moment(line.submitted_at),
        stamp=page.stamp,
        refusal=page.refusal,
        two_step=page.two_step,
        faults=(*said, *wrong),
        diff=present_diff(page.changes),
        revises=bool(page.posting_key),
        posting_url=url_for("my.history", key=page.posting_key) if page.posting_key else "",
        contact_given=page.contact_given,
        check=present_check(line.side, page.quality, page.duplicates, page.hints),
        notes=present_notes(page.notes),
        approve_url=url_for("review.approve", key=key) if page.may_approve else "",
        secrecy=secrecy,
        return_url=url_for("review.send_back", key=key) if page.may_return else "",
        reason=why,
        publish_url=url_for("review.publish", key=key) if page.may_publish else "",
        back_url=url_for("review.index"),
    )


def parse_side(text: str) -> Side | None:
    """The list a URL names, None for every other word."""
    return KINDS.get(text)
