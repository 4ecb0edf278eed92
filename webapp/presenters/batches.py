"""Batches: the list, one batch, and the form of a new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.publishing import BatchLine, BatchList, BatchPage, NewBatch
from matching import Side
from webapp.presenters import figures, labels
from webapp.presenters.cards import Fact
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import Label
from webapp.presenters.my import draft_marks
from webapp.presenters.page import Context, Crumb, Head

_TITLE = "批次发布"
_TONES = {"publishing": "info", "published": "good", "recalled": "quiet"}


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in the list."""

    key: int
    name: str
    url: str
    side_label: str
    issuer: str
    document_number: str
    published_on: str
    count: str
    state: Label


@dataclass(frozen=True, slots=True)
class BeginLink:
    """Where a new batch of a list is made, and how many texts wait for it."""

    label: str
    url: str
    ready: str


@dataclass(frozen=True)
class BatchesContext(Context):
    """All batches."""

    template: ClassVar[str] = "batches/index.html"

    rows: tuple[BatchRow, ...]
    begin: tuple[BeginLink, ...]
    review_url: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A posting of a batch."""

    key: int
    title: str
    url: str
    organisation: str
    index_number: str
    state: Label


@dataclass(frozen=True)
class BatchContext(Context):
    """One batch with its postings and the job that publishes it; ``recall_url`` is empty once it is too late."""

    template: ClassVar[str] = "batches/detail.html"

    title: str
    state: Label
    facts: tuple[Fact, ...]
    members: tuple[MemberRow, ...]
    publishing: bool
    job_url: str
    recall_url: str
    recall_note: str
    back_url: str


@dataclass(frozen=True, slots=True)
class ReadyRow:
    """An approved text that may go into the batch."""

    key: int
    title: str
    url: str
    organisation: str
    marks: tuple[str, ...]
    chosen: bool


@dataclass(frozen=True)
class NewBatchContext(Context):
    """The form of a new batch."""

    template: ClassVar[str] = "batches/new.html"

    title: str
    action: str
    side_name: str
    fields: tuple[FormField, ...]
    rows: tuple[ReadyRow, ...]
    proposed: str
    faults: tuple[FaultLine, ...]
    back_url: str


def present_batches(page: BatchList) -> BatchesContext:
    """The context of the list of batches."""
    begin = tuple(
        BeginLink(f"编排{labels.SIDES[side]}批次", url_for("batches.new", kind=str(side)),
                  f"{figures.count(page.ready.get(side, 0))} 条待发布")
        for side in Side
    )  # fmt: skip
    return BatchesContext(
        head=Head(_TITLE, "把审核通过的内容编成批次发布。", _crumbs(), "batches"),
        rows=tuple(map(_row, page.batches)),
        begin=begin,
        review_url=url_for("review.index", state="approved"),
    )


def _row(batch: BatchLine) -> BatchRow:
    return BatchRow(
        batch.key, batch.name, url_for("batches.detail", key=batch.key), labels.SIDES[batch.side], batch.issuer,
        batch.document_number, batch.published_on, f"{figures.count(batch.count)} 条", _state(batch),
    )  # fmt: skip


def _state(batch: BatchLine) -> Label:
    return Label(batch.state_label, _TONES.get(batch.state, "quiet"))


def present_batch(page: BatchPage) -> BatchContext:
    """The context of one batch."""
    batch = page.batch
    title = f"{labels.SIDES[batch.side]}{batch.name}"
    facts = (
        Fact("发布机构", batch.issuer),
        Fact("文号", batch.document_number or figures.UNSTATED),
        Fact("公开类别", batch.disclosure or figures.UNSTATED),
        Fact("发布日期", batch.published_on or figures.UNSTATED, day=bool(batch.published_on)),
        Fact("条数", figures.count(batch.count)),
    )
    members = tuple(
        MemberRow(one.key, one.title, url_for("my.posting", key=one.key), one.organisation, one.index_number,
                  Label(one.state_label, labels.state_tone(one.state)))
        for one in page.members
    )  # fmt: skip
    until = batch.recall_until
    return BatchContext(
        head=Head(title, f"{title}的内容。", _crumbs(title), "batches"),
        title=title,
        state=_state(batch),
        facts=facts,
        members=members,
        publishing=batch.state == "publishing",
        job_url=url_for("jobs.detail", key=page.job_key) if page.job_key else "",
        recall_url=url_for("batches.recall", key=batch.key) if until else "",
        recall_note=f"{figures.moment(until)}前可以撤回整个批次；之后只能逐条下架。" if until else "",
        back_url=url_for("batches.index"),
    )


def present_new_batch(
    page: NewBatch, typed: Mapping[str, str] | None = None, chosen: Collection[int] | None = None, fault: str = ""
) -> NewBatchContext:
    """The context of the form; ``typed`` and ``chosen`` are what was sent and refused with ``fault``."""
    given = typed or {}
    title = f"编排{labels.SIDES[page.side]}批次"
    disclosure = given.get("disclosure") or page.disclosures[0]
    fields = (
        FormField("f-number", "number", "批次号", value=given.get("number", str(page.number)), required=True,
                  max_length=3, hint=f"建议 {page.number}，即“{page.name}”：这是下一个可用的号"),
        FormField("f-issuer", "issuer", "发布机构", value=given.get("issuer", ""), required=True,
                  example="江夏区科技创新和经济信息化局（示例）"),
        FormField("f-document_number", "document_number", "文号", value=given.get("document_number", ""),
                  example="夏科信〔2026〕1号"),
        FormField("f-disclosure", "disclosure", "公开类别", value=disclosure, kind="choice", required=True,
                  options=tuple((one, one) for one in page.disclosures), chosen=(disclosure,)),
    )  # fmt: skip
    rows = tuple(
        ReadyRow(one.key, one.title, url_for("review.detail", key=one.key), one.organisation_name, draft_marks(one),
                 chosen is None or one.key in chosen)
        for one in page.drafts
    )  # fmt: skip
    return NewBatchContext(
        head=Head(title, f"{title}：选内容、填批次信息、发布。", _crumbs(title), "batches"),
        title=title,
        action=url_for("batches.publish"),
        side_name=str(page.side),
        fields=fields,
        rows=rows,
        proposed=_proposed(rows),
        faults=(FaultLine(fault, "#main"),) if fault else (),
        back_url=url_for("batches.index"),
    )


def _proposed(rows: tuple[ReadyRow, ...]) -> str:
    """How many texts may go in and how many are ticked."""
    ticked = sum(row.chosen for row in rows)
    return f"共 {figures.count(len(rows))} 条，" + ("已全部勾选" if ticked == len(rows) else f"已勾选 {ticked} 条")


def _crumbs(last: str = "") -> tuple[Crumb, ...]:
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(_TITLE, url_for("batches.index")), Crumb(last)) if last else (home, Crumb(_TITLE))
