"""One text in review beside the last published one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.publishing import ReviewPage, ReviewQuery
from webapp.presenters import figures, labels
from webapp.presenters.checks import CheckPanel, NoteLine, present_check, present_notes
from webapp.presenters.diffs import DiffTable, present_diff
from webapp.presenters.drafts import STATE_TONES
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import Label
from webapp.presenters.my import draft_marks
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.review_queue import TITLE, queue_url


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


def present_review(page: ReviewPage, fault: str = "", reason: str = "") -> ReviewContext:
    """The context of one text; ``fault`` says why the last decision was refused, ``reason`` is as typed."""
    line, key = page.line, page.line.key
    said = (FaultLine(fault, "#h-decide"),) if fault else ()
    wrong = tuple(FaultLine(one.sentence, "#h-diff") for one in page.faults)
    secrecy = FormField("f-secrecy", "secrecy", "已按规定完成保密审查", kind="tick", required=True)
    why = FormField("f-reason", "reason", "退回原因", value=reason, kind="area", required=True,
                    hint="填写人会看到这段话；写清哪一项要怎么改", max_length=1000)  # fmt: skip
    crumbs = (Crumb("首页", url_for("home.index")), Crumb(TITLE, url_for("review.index")), Crumb(line.title))
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
        back_url=queue_url(ReviewQuery(import_key=line.import_key or None)),
    )
