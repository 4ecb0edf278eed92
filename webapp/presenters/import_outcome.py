"""The last two steps of an import: what will happen, and what has happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import ROW_STATES, CheckPage, ResultPage, RowView
from matching import Side
from webapp.presenters import figures
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.import_check import ALL, Filter
from webapp.presenters.imports import (
    CONFIRM,
    RESULT,
    Link,
    Step,
    drop_note,
    row_state,
    run_state,
    wizard_head,
    wizard_steps,
)
from webapp.presenters.labels import SIDES, Label
from webapp.presenters.page import Context
from webapp.presenters.paging import Paging, paging

_DETAIL = {Side.OPPORTUNITY: "opportunities.detail", Side.CAPABILITY: "capabilities.detail"}
_PUBLIC_OUTCOMES = frozenset({"added", "changed", "unchanged", "merged"})
# What was written stands before what was not.
_WRITTEN = ("added", "changed", "unchanged", "merged", "drafted")
_ORDER = (*_WRITTEN, "passed", "bad", "twin", "skipped", "good")
_WAYS = (("drafts", "作为送审稿，由审核员核对后发布"), ("publish", "直接发布，立即公开并参与匹配"))


@dataclass(frozen=True, slots=True)
class Fact:
    """A count with what it means."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class ConfirmContext(Context):
    """The fourth step; ``ways`` are empty for those who only hand in for review."""

    template: ClassVar[str] = "imports/confirm.html"

    steps: tuple[Step, ...]
    file_name: str
    target: str
    faults: tuple[FaultLine, ...]
    facts: tuple[Fact, ...]
    ways: FormField | None
    secrecy: FormField | None
    only_good: bool
    action: str
    button: str
    back_url: str
    drop_url: str
    drop_words: str


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What became of one row."""

    anchor: str
    number: str
    title: str
    url: str
    state: Label
    said: tuple[str, ...]


@dataclass(frozen=True)
class ResultContext(Context):
    """The fifth step; ``undo_url`` is there when the import may be taken back, else ``obstacle`` may say why not."""

    template: ClassVar[str] = "imports/result.html"

    steps: tuple[Step, ...]
    file_name: str
    side_label: str
    state: Label
    finished: str
    notices: tuple[str, ...]
    facts: tuple[Fact, ...]
    unsettled: str
    check_url: str
    links: tuple[Link, ...]
    filters: tuple[Filter, ...]
    lines: tuple[OutcomeLine, ...]
    paging: Paging | None
    undo_url: str
    obstacle: str


def present_confirm(page: CheckPage, typed: Mapping[str, str] | None = None, refusal: str = "") -> ConfirmContext:
    """The context of the confirmation; ``typed`` and ``refusal`` are of one that was not taken."""
    run, counts, sent = page.run, page.counts, typed or {}
    bad, coming = counts.get("bad", 0), page.decided.get("keep", 0) + page.decided.get("merge", 0)
    ready = counts.get("good", 0) + coming
    how = sent.get("how", "drafts")
    return ConfirmContext(
        head=wizard_head(run, CONFIRM),
        steps=wizard_steps(CONFIRM, run),
        file_name=run.file_name,
        target=f"{SIDES[run.side]}清单，{run.organisation or '文件中写明的各单位'}",
        faults=(FaultLine(refusal, "#f-secrecy" if how == "publish" and not sent.get("secrecy") else "#main"),)
        if refusal else (),
        facts=_plan(page),
        ways=FormField("f-how", "how", "导入方式", how, options=_WAYS) if page.may_publish else None,
        secrecy=_secrecy(sent) if page.may_publish else None,
        only_good=bool(bad),
        action=url_for("imports.start", key=run.key),
        button=f"只导入合格的 {figures.count(ready)} 行" if bad else f"导入 {figures.count(ready)} 行",
        back_url=url_for("imports.check", key=run.key),
        drop_url=url_for("imports.drop", key=run.key),
        drop_words=drop_note(run),
    )  # fmt: skip


def _secrecy(sent: Mapping[str, str]) -> FormField:
    label, hint = "直接发布的内容已按规定完成保密审查", "选择直接发布时必须确认，并记入审计"
    return FormField("f-secrecy", "secrecy", label, sent.get("secrecy", ""), kind="tick", hint=hint)


def _plan(page: CheckPage) -> tuple[Fact, ...]:
    counts, decided = page.counts, page.decided
    new = counts.get("good", 0) - page.updates + decided.get("keep", 0)
    rows = (
        ("新增", new, "系统里还没有的条目", True),
        ("更新", page.updates, "编号与本单位已有条目相同；内容没有变化的不动", True),
        ("合并", decided.get("merge", 0), "疑似重复：用这一行的内容更新已有的条目，或并入本文件的另一行", False),
        ("等您决定", page.undecided, "疑似重复，决定后才能导入", False),
        ("不导入：有问题", counts.get("bad", 0), "留在文件里，改正后可再次导入", True),
        ("不导入：您选择跳过", decided.get("skip", 0), "疑似重复，以已有的条目为准", False),
        ("不导入：未作为条目", counts.get("skipped", 0), "标题、小计、说明等行", False),
    )
    return tuple(Fact(label, figures.count(number), note) for label, number, note, always in rows if number or always)


def present_result(page: ResultPage, state: str, roles: Collection[str]) -> ResultContext:
    """The context of the result, with the rows in ``state``; what ``roles`` the viewer holds says where to go on."""
    run = page.run
    facts = tuple(
        Fact(ROW_STATES[name], figures.count(page.counts[name]), "") for name in _ORDER if page.counts.get(name)
    )
    return ResultContext(
        head=wizard_head(run, RESULT),
        steps=wizard_steps(RESULT, run),
        file_name=run.file_name,
        side_label=SIDES[run.side],
        state=run_state(run),
        finished=figures.moment(run.finished_at) if run.finished_at else "",
        notices=page.notices,
        facts=facts,
        unsettled=figures.count(page.undecided) if run.state == "settling" else "",
        check_url=url_for("imports.check", key=run.key, state="twin") if run.state == "settling" else "",
        links=_links(page, roles),
        filters=_filters(page, state),
        lines=tuple(_line(row, run.side, linked=run.state in ("done", "settling")) for row in page.rows),
        paging=paging(
            lambda place: url_for("imports.result", key=run.key, state=state or ALL, page=place), page.page, page.pages
        ),
        undo_url=url_for("imports.undo", key=run.key) if page.may_undo and _wrote(page) else "",
        obstacle=page.obstacle or "",
    )


def _wrote(page: ResultPage) -> bool:
    return any(page.counts.get(name) for name in ("added", "changed", "drafted"))


def _links(page: ResultPage, roles: Collection[str]) -> tuple[Link, ...]:
    """Where to go on from here."""
    run, counts = page.run, page.counts
    links = []
    if run.state == "importing":
        links.append(Link("查看进度", url_for("jobs.detail", key=run.job_key)))
    if run.state in ("done", "settling") and any(counts.get(name) for name in _PUBLIC_OUTCOMES):
        links.append(Link("按导入时的列下载", url_for("outputs.like_import", key=run.key)))
    if counts.get("drafted") and run.state != "undone" and "reviewer" in roles:
        links.append(Link("去审核", f"{url_for('review.index')}?import={run.key}"))
    elif counts.get("drafted") and run.state != "undone" and not {"publisher", "company"}.isdisjoint(roles):
        links.append(Link("查看我的清单", url_for("my.index")))
    if counts.get("bad") and run.state == "done" and run.own:
        links.append(Link("下载批注文件（Excel）", url_for("imports.annotated", key=run.key)))
    links.append(Link("再导入一份", url_for("imports.new")))
    return tuple(links)


def _filters(page: ResultPage, state: str) -> tuple[Filter, ...]:
    def one(name: str, label: str, count: int) -> Filter:
        url = url_for("imports.result", key=page.run.key, state=name)
        return Filter(label, figures.count(count), url, name == (state or ALL))

    found = [one(name, ROW_STATES[name], page.counts[name]) for name in _ORDER if page.counts.get(name)]
    return (one(ALL, "全部", sum(page.counts.values())), *found) if len(found) > 1 else ()


def _line(row: RowView, side: Side, *, linked: bool) -> OutcomeLine:
    public = linked and row.posting_key and row.state in _PUBLIC_OUTCOMES
    said = [row.reason] if row.reason else []
    if row.state not in _WRITTEN:
        said += [fault.sentence for fault in row.faults if fault.blocking or row.state == "passed"]
    return OutcomeLine(
        f"r{row.position}",
        figures.count(row.row_number),
        row.title or "—",
        url_for(_DETAIL[side], key=row.posting_key) if public else "",
        Label(row.state_label, row_state(row.state).tone),
        tuple(said),
    )
