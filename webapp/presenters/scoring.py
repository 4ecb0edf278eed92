"""An expert's own screen: the cases to look at and one sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.selection import SheetPage, TaskLine
from webapp.presenters.documents import DocumentRow, present_documents
from webapp.presenters.flags import FlagBlock, present_flag
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

TITLE, SECTION = "标杆评分", "scoring"
_STATES = {
    "waiting": Label("待评分", "warn"), "begun": Label("未提交", "info"), "sent": Label("已提交", "good"),
    "recused": Label("已回避", "quiet"),
}  # fmt: skip
_TEXTS = {"story": "案例概述", "innovation": "创新点", "replication": "复制推广情况", "benefit": "经济社会效益",
          "safety": "安全合规与持续运行"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One case on the expert's list; no address for one the expert stands aside from."""

    code: str
    title: str
    domain: str
    state: Label
    round: str
    why: str
    url: str


@dataclass(frozen=True)
class TasksContext(Context):
    """The expert's cases."""

    template: ClassVar[str] = "scoring/index.html"

    rows: tuple[TaskRow, ...]


@dataclass(frozen=True, slots=True)
class MarkField:
    """One criterion with its bands, the field of its mark, and the mark of the first round."""

    field: FormField
    weight: str
    bands: tuple[tuple[str, str], ...]
    earlier: str


@dataclass(frozen=True)
class SheetContext(Context):
    """One case with the expert's own sheet."""

    template: ClassVar[str] = "scoring/sheet.html"

    code: str
    title: str
    round: str
    need_organisation: str
    offer: str
    domain: str
    texts: tuple[tuple[str, str], ...]
    documents: tuple[DocumentRow, ...]
    flag: FlagBlock | None
    open: bool
    days: str
    sent: bool
    stamp: int
    round_number: int
    action: str
    recuse_url: str
    marks: tuple[MarkField, ...]
    comment: FormField
    reason: FormField
    faults: tuple[FaultLine, ...]


def present_tasks(tasks: Sequence[TaskLine]) -> TasksContext:
    """The context of the list."""
    rows = tuple(
        TaskRow(
            one.code, one.title or "（不显示）", one.domain, _STATES[one.state],
            f"第 {one.round} 轮", one.why, "" if one.state == "recused" else url_for("scoring.sheet", key=one.key),
        )
        for one in tasks
    )  # fmt: skip
    return TasksContext(Head(TITLE, "分给您评审的案例。", crumbs(), SECTION), rows)


def present_sheet(
    page: SheetPage, typed: Mapping[str, str] | None = None, faults: Sequence[FaultLike] = (), sentence: str = ""
) -> SheetContext:
    """The context of one sheet; ``typed`` is what was sent and refused (marks by criterion, comment, reason)."""
    values, errors = typed if typed is not None else page.values, errors_by_field(faults)
    lines = fault_lines(faults) or ((FaultLine(sentence, "#main"),) if sentence else ())
    comment = typed.get("comment", "") if typed is not None else page.comment
    return SheetContext(
        head=Head(f"{page.code} {page.title}", "评审一个案例。", crumbs(page.code), SECTION),
        code=page.code,
        title=page.title,
        round=f"第 {page.round} 轮",
        need_organisation=page.need_organisation,
        offer=f"{page.offer_title}（{page.offer_organisation}）",
        domain=page.domain,
        texts=tuple((label, page.record.get(name, "")) for name, label in _TEXTS.items()),
        documents=present_documents(page.documents, page.key),
        flag=present_flag(page.flag),
        open=page.open,
        days=f"{page.days[0]} 至 {page.days[1]}",
        sent=page.sent,
        stamp=page.stamp,
        round_number=page.round,
        action=url_for("scoring.save", key=page.key),
        recuse_url=url_for("scoring.recuse", key=page.key),
        marks=_marks(page, values, errors),
        comment=FormField("f-comment", "comment", "评审意见", value=comment, kind="area", required=True,
                          error=errors.get("comment", "")),
        reason=FormField("f-reason", "reason", "回避原因", value=(typed or {}).get("reason", ""), required=True,
                         error=errors.get("reason", "")),
        faults=lines,
    )  # fmt: skip


def _marks(page: SheetPage, values: Mapping[str, str], errors: Mapping[str, str]) -> tuple[MarkField, ...]:
    limits = page.sheet.limits
    return tuple(
        MarkField(
            FormField(f"f-{one.code}", f"mark_{one.code}", one.label, value=values.get(one.code, ""), required=True,
                      hint="0 到 100，最多两位小数", error=errors.get(one.code, ""), max_length=6),
            f"{one.weight}%",
            tuple((f"{low} 分起", text) for low, text in zip(limits, one.bands, strict=True)),
            page.earlier.get(one.code, ""),
        )
        for one in page.sheet.criteria
    )  # fmt: skip


def crumbs(last: str = "") -> tuple[Crumb, ...]:
    """The path to a page of the expert."""
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(TITLE, url_for("scoring.index")), Crumb(last)) if last else (home, Crumb(TITLE))
