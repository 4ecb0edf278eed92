"""The review queue: what waits, by the file it came with, and the form that decides on many texts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for

from marketplace.publishing import Decided, ImportGroup, Pick, QueueLine, QueuePage, ReviewQuery
from matching import Side
from webapp.presenters import figures, labels
from webapp.presenters.drafts import KINDS, STATE_TONES
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import Label
from webapp.presenters.lists import Paging
from webapp.presenters.my import draft_marks
from webapp.presenters.page import Context, Crumb, Head

TITLE = "审核"
STATES = {"": "全部待审", "review": "待审", "second_review": "待复审", "approved": "待发布"}
# In an address: the texts that came with no file.
BY_HAND = "none"
# A text that waits longer stands out.
LONG_DAYS = 3


@dataclass(frozen=True, slots=True)
class GroupLink:
    """The texts of one file, or what else the queue can be narrowed to."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A text in the queue; without ``pick`` it cannot be ticked, and ``refusal`` says why."""

    key: int
    title: str
    url: str
    side_label: str
    organisation: str
    state: Label
    sent: str
    waiting: Label | None
    score: str
    checks: tuple[Label, ...]
    alike: str
    marks: tuple[str, ...]
    notes: tuple[str, ...]
    text: tuple[tuple[str, tuple[str, ...]], ...]
    pick: str
    ticked: bool
    refusal: str


@dataclass(frozen=True)
class QueueContext(Context):
    """One page of the queue with its filter; the fragment is what the secrecy check covers.

    ``covered`` is the number of ticked texts; an address is empty when nothing on the page can be decided so.
    """

    template: ClassVar[str] = "review/index.html"
    fragment: ClassVar[str] = "partials/covered.html"

    rows: tuple[QueueRow, ...]
    summary: str
    action: str
    fields: tuple[FormField, ...]
    groups: tuple[GroupLink, ...]
    group_title: str
    import_url: str
    batches_url: str
    paging: Paging | None
    faults: tuple[FaultLine, ...]
    two_step: bool
    here_url: str
    all_url: str
    all_label: str
    none_url: str
    covered: int
    approve_url: str
    return_url: str
    reason: FormField


@dataclass(frozen=True, slots=True)
class Typed:
    """What was ticked and typed: the picks, or all on the page, the reason, and why the last decision was refused."""

    picks: Sequence[Pick] = ()
    every: bool = False
    reason: str = ""
    fault: str = ""


NOTHING = Typed()


def present_queue(page: QueuePage, typed: Typed = NOTHING) -> QueueContext:
    """The context of the queue; a tick stays only on a text that is still as it was when it was ticked."""
    query, marked = page.query, {(pick.key, pick.stamp) for pick in typed.picks}
    whole = _whole(page)
    group = next((one for one in page.groups if one.key == query.import_key), None)
    # Where all came with one file its name stands above them.
    named = {} if group else {one.key: one.name for one in page.groups}
    if typed.every:
        marked = {(one.line.key, one.stamp) for one in whole}
    rows = tuple(_row(one, named, (one.line.key, one.stamp) in marked) for one in page.lines)
    passable, open_rows = any(one.passable for one in page.lines), any(row.pick for row in rows)
    reason = FormField("f-reason", "reason", "退回原因", value=typed.reason, kind="area", max_length=1000,
                       hint="批量退回时必填；勾选的各条都用这段话")  # fmt: skip
    return QueueContext(
        head=Head(TITLE, "等待审核的内容。", (Crumb("首页", url_for("home.index")), Crumb(TITLE)), "review"),
        rows=rows,
        summary=_summary(page),
        action=url_for("review.index"),
        fields=_filters(page),
        groups=_groups(page),
        group_title=_from(group) if group else "",
        import_url=url_for("imports.detail", key=group.key) if group else "",
        batches_url=url_for("batches.index"),
        paging=_paging(page),
        faults=(FaultLine(typed.fault, "#h-decide" if open_rows else "#main"),) if typed.fault else (),
        two_step=page.two_step,
        here_url=queue_url(query, page.page),
        all_url=queue_url(query, page.page, every="1") if whole else "",
        all_label=f"全选本页{'可以通过的' if passable else ''} {len(whole)} 条",
        none_url=queue_url(query, page.page) if any(row.ticked for row in rows) else "",
        covered=sum(row.ticked for row in rows),
        approve_url=_to("review.approve_many", query, page.page) if passable else "",
        return_url=_to("review.return_many", query, page.page) if open_rows else "",
        reason=reason,
    )  # fmt: skip


def _whole(page: QueuePage) -> tuple[QueueLine, ...]:
    """What ticking the whole page ticks: all that can be passed, or where nothing can, all that can be sent back."""
    passable = tuple(one for one in page.lines if one.passable)
    return passable or tuple(one for one in page.lines if not one.refusal)


def queue_url(query: ReviewQuery, page: int = 1, **more: str) -> str:
    """The address of the queue as asked for."""
    return _to("review.index", query, page, **more)


def decided_words(done: Decided) -> str:
    """What was done with the ticked texts, and what was left."""
    said = (("second_review", "初审通过 {} 条，等待另一位审核员复审"), ("approved", "审核通过 {} 条，可以编入批次"),
            ("returned", "已退回 {} 条，填写人会收到原因"))  # fmt: skip
    parts = [words.format(figures.count(done.moved[state])) for state, words in said if done.moved.get(state)]
    return "；".join(parts) + "。" + "".join(done.left_out)


def parse_side(text: str) -> Side | None:
    """The list a URL names, None for every other word."""
    return KINDS.get(text)


def parse_import(text: str, key: int) -> int | None:
    """The import a URL names: ``key`` as it was read, 0 for texts written by hand, None for all."""
    return 0 if text == BY_HAND else key or None


def _to(endpoint: str, query: ReviewQuery, page: int, **more: str) -> str:
    came = BY_HAND if query.import_key == 0 else str(query.import_key or "")
    asked: dict[str, Any] = {
        "state": query.state, "kind": str(query.side or ""), "q": query.text, "import": came,
        "page": str(page) if page > 1 else "",
    }  # fmt: skip
    kept = {name: value for name, value in {**asked, **more}.items() if value}
    return url_for(endpoint, **kept)


def _summary(page: QueuePage) -> str:
    waiting = figures.count(sum(count for state, count in page.counts.items() if state != "approved"))
    ready = figures.count(page.counts.get("approved", 0))
    place = f"，第 {page.page} / {page.pages} 页" if page.pages > 1 else ""
    return f"待审 {waiting} 条，待发布 {ready} 条；当前显示 {figures.count(page.total)} 条{place}。"


def _from(group: ImportGroup) -> str:
    return f"来自 {group.name}，{figures.count(group.count)} 条"


def _groups(page: QueuePage) -> tuple[GroupLink, ...]:
    """The files with texts that wait, then those written one by one."""
    waiting = [one for one in page.groups if one.count]
    if not waiting:
        return ()
    chosen = page.query.import_key
    links = [GroupLink(_from(one), queue_url(ReviewQuery(import_key=one.key)), one.key == chosen) for one in waiting]
    links.append(GroupLink("逐条填写的", queue_url(ReviewQuery(import_key=0)), chosen == 0))
    return (*links, GroupLink("全部", queue_url(ReviewQuery()), chosen is None))


def _row(one: QueueLine, files: Mapping[int, str], ticked: bool) -> QueueRow:
    line, pick = one.line, "" if one.refusal else f"{one.line.key}.{one.stamp}"
    return QueueRow(
        line.key, line.title, url_for("review.detail", key=line.key), labels.SIDES[line.side],
        line.organisation_name, Label(line.state_label, STATE_TONES.get(line.state, "quiet")),
        figures.moment(line.submitted_at), _waiting(line.waiting_days), f"{one.score} 分", _checks(one), _alike(one),
        draft_marks(line, files.get(line.import_key, "")) + (("本人或本单位填写",) if one.own else ()),
        tuple(fault.sentence for fault in (*one.faults, *one.hints)),
        tuple((label, tuple(filter(None, map(str.strip, words.splitlines())))) for label, words in one.text),
        pick, ticked and bool(pick), one.refusal,
    )  # fmt: skip


def _checks(one: QueueLine) -> tuple[Label, ...]:
    """How many problems keep a text from being passed, and how many things are pointed at."""
    found = (("问题", "poor", len(one.faults)), ("提示", "warn", len(one.hints)))
    return tuple(Label(f"{word} {number}", tone) for word, tone, number in found if number)


def _alike(one: QueueLine) -> str:
    counted = (("已发布", one.same_published), ("待处理", one.same_waiting))
    parts = "、".join(f"{where} {number} 条" for where, number in counted if number)
    return f"标题相同：{parts}" if parts else ""


def _waiting(days: int | None) -> Label | None:
    if days is None:
        return None
    return Label(f"已等 {days} 天" if days else "今天送审", "warn" if days >= LONG_DAYS else "quiet")


def _filters(page: QueuePage) -> tuple[FormField, ...]:
    query = page.query
    kinds = (("", "全部"), *((name, labels.SIDES[side]) for name, side in KINDS.items()))
    files = tuple((str(one.key), one.name) for one in page.groups)
    came = BY_HAND if query.import_key == 0 else str(query.import_key or "")
    return (
        FormField("f-q", "q", "标题或单位", value=query.text),
        FormField("f-state", "state", "状态", kind="choice", options=tuple(STATES.items()), chosen=(query.state,)),
        FormField("f-kind", "kind", "清单", kind="choice", options=kinds, chosen=(str(query.side or ""),)),
        FormField("f-import", "import", "来源", kind="choice", chosen=(came,),
                  options=(("", "全部"), (BY_HAND, "逐条填写的"), *files)),
    )  # fmt: skip


def _paging(page: QueuePage) -> Paging | None:
    if page.pages <= 1:
        return None
    before = queue_url(page.query, page.page - 1) if page.page > 1 else None
    return Paging(before, queue_url(page.query, page.page + 1) if page.page < page.pages else None, ())
