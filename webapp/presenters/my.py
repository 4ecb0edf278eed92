"""Everything of the viewer's organisations, one posting with its actions, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.publishing import DraftLine, HistoryPage, MyPage, OwnPosting
from matching import Side
from webapp.presenters import figures, labels
from webapp.presenters.cards import Fact
from webapp.presenters.checks import NoteLine, present_notes
from webapp.presenters.diffs import DiffTable, present_diff
from webapp.presenters.drafts import STATE_TONES
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.labels import Label
from webapp.presenters.lists import Paging
from webapp.presenters.output_links import NAMES
from webapp.presenters.page import Context, Crumb, Head

_PUBLIC = {Side.OPPORTUNITY: "opportunities.detail", Side.CAPABILITY: "capabilities.detail"}
_GROUPS = (("returned", "退回修改"), ("draft", "草稿"), ("review", "待审"), ("second_review", "待复审"),
           ("approved", "已通过，等待发布"))  # fmt: skip
# So many drafts of one state stand open on the page.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class MyDraft:
    """A draft on its owner's page."""

    title: str
    url: str
    side_label: str
    organisation: str
    state: Label
    moment: str
    note: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DraftGroup:
    """Drafts of one state; a long list is folded after the first ones."""

    name: str
    title: str
    drafts: tuple[MyDraft, ...]
    folded: tuple[MyDraft, ...]


@dataclass(frozen=True, slots=True)
class MyPosting:
    """A published posting on its owner's page; ``gaps_url`` is there for a capability that can be matched."""

    anchor: str
    title: str
    url: str
    side_label: str
    organisation: str
    state: Label
    days: tuple[Fact, ...]
    freshness: str
    marks: tuple[str, ...]
    gaps_url: str


@dataclass(frozen=True)
class MyContext(Context):
    """Drafts by state and published postings, those to be looked at first.

    ``begin`` are the lists in which a new text may be begun, ``exports`` those that can be had as a workbook.
    ``nothing``: there is nothing, as the viewer belongs to no organisation; ``reviews``: but enters for others.
    """

    template: ClassVar[str] = "my/index.html"

    nothing: bool
    reviews: bool
    claim_url: str
    begin: tuple[tuple[str, str], ...]
    exports: tuple[tuple[str, str], ...]
    groups: tuple[DraftGroup, ...]
    postings: tuple[MyPosting, ...]
    total: str
    paging: Paging | None


@dataclass(frozen=True)
class OwnPostingContext(Context):
    """One posting with what can be done about it; an address is empty when it cannot be done now."""

    template: ClassVar[str] = "my/posting.html"

    title: str
    organisation: str
    side_label: str
    state: Label
    facts: tuple[Fact, ...]
    freshness: str
    faults: tuple[FaultLine, ...]
    public_url: str
    history_url: str
    revise_url: str
    revise_label: str
    recall_url: str
    recall_note: str
    confirm_url: str
    put_back_url: str
    valid_field: FormField
    take_off_url: str
    reason_field: FormField


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published text in the history."""

    number: int
    moment: str
    actor: str
    note: str
    batch: str
    compare_url: str
    current: bool


@dataclass(frozen=True)
class HistoryContext(Context):
    """Every published text, and two of them compared."""

    template: ClassVar[str] = "my/history.html"

    title: str
    versions: tuple[VersionRow, ...]
    action: str
    before: FormField
    after: FormField
    compared: str
    diff: DiffTable
    notes: tuple[NoteLine, ...]
    back_url: str


def present_my(page: MyPage, *, reviews: bool = False) -> MyContext:
    """The context of the viewer's own page; who ``reviews`` also enters texts for others."""
    sides = dict.fromkeys(side for one in page.organisations for side in one.sides)
    return MyContext(
        head=Head("我的清单", "本单位的草稿、送审和已发布内容。", _crumbs(), "my"),
        nothing=not page.organisations and not page.drafts,
        reviews=reviews,
        claim_url=url_for("organisations.claim"),
        begin=tuple((f"填写{labels.SIDES[side]}", url_for("drafts.new", kind=str(side))) for side in sides),
        exports=_exports(page),
        groups=tuple(_group(name, title, page.drafts) for name, title in _GROUPS if _any(name, page.drafts)),
        postings=tuple(map(_posting, page.postings)),
        total=_total(page),
        paging=_paging(page),
    )


def _exports(page: MyPage) -> tuple[tuple[str, str], ...]:
    whose = f"“{page.acting_name}”" if len(page.organisations) > 1 else "本单位"
    return tuple(
        (f"导出{whose}的{labels.SIDES[side]}清单（Excel）", url_for("outputs.own_list", kind=NAMES[side]))
        for side in page.exports
    )


def _total(page: MyPage) -> str:
    if not page.total:
        return ""
    due = f"，其中 {figures.count(page.due)} 条需要确认" if page.due else ""
    return f"共 {figures.count(page.total)} 条{due}"


def _any(state: str, drafts: Sequence[DraftLine]) -> bool:
    return any(one.state == state for one in drafts)


def _group(name: str, title: str, drafts: Sequence[DraftLine]) -> DraftGroup:
    found = tuple(_draft(one) for one in drafts if one.state == name)
    return DraftGroup(name, f"{title}（{figures.count(len(found))}）", found[:SHOWN], found[SHOWN:])


def _draft(line: DraftLine) -> MyDraft:
    return MyDraft(
        line.title, url_for("drafts.detail", key=line.key), labels.SIDES[line.side], line.organisation_name,
        Label(line.state_label, STATE_TONES.get(line.state, "quiet")), figures.moment(line.updated_at), line.last_note,
        draft_marks(line),
    )  # fmt: skip


def draft_marks(line: DraftLine, file: str = "") -> tuple[str, ...]:
    """What is particular about a draft, in words; ``file`` is the one it came in with, where that is known."""
    came = f"来自 {file}" if file else "来自导入"
    said = (("修订已发布内容", line.revises), (came, line.imported), ("代填", line.on_behalf))
    return tuple(words for words, holds in said if holds)


def _posting(one: OwnPosting) -> MyPosting:
    marks = (("代填，待确认", one.on_behalf), ("修订中", bool(one.draft_key)), ("可撤回发布", bool(one.recall_until)))
    matched = one.side is Side.CAPABILITY and one.public
    return MyPosting(
        f"p-{one.key}", one.title, url_for("my.posting", key=one.key), labels.SIDES[one.side], one.organisation_name,
        _state(one), _days(one), one.freshness, tuple(words for words, holds in marks if holds),
        url_for("capabilities.detail", key=one.key, _anchor="h-gaps") if matched else "",
    )  # fmt: skip


def _days(one: OwnPosting) -> tuple[Fact, ...]:
    rows = (("发布日期", one.published_on), ("最近确认", one.last_confirmed), ("有效期至", one.valid_until))
    return tuple(Fact(label, day or figures.UNSTATED, day=bool(day)) for label, day in rows)


def _state(one: OwnPosting) -> Label:
    return Label(one.state_label, labels.state_tone(one.state))


def _paging(page: MyPage) -> Paging | None:
    if page.pages <= 1:
        return None
    before = url_for("my.index", page=page.page - 1) if page.page > 1 else None
    after = url_for("my.index", page=page.page + 1) if page.page < page.pages else None
    return Paging(before, after, ())


def present_posting(one: OwnPosting, fault: str = "", valid_until: str = "", reason: str = "") -> OwnPostingContext:
    """The context of one posting; ``fault`` says why the last action was refused, the rest is as typed."""
    visible, key = one.state in ("published", "recheck"), one.key
    hidden = one.state == "off_shelf"
    valid = FormField("f-valid_until", "valid_until", "新的有效期至", value=valid_until, example="2027-06-30",
                      hint="留空则不改有效期", max_length=10)  # fmt: skip
    why = FormField("f-reason", "reason", "下架原因", value=reason, kind="area", required=True, max_length=500)
    return OwnPostingContext(
        head=Head(one.title, f"{one.title}：{one.state_label}。", _crumbs(one.title), "my"),
        title=one.title,
        organisation=one.organisation_name,
        side_label=labels.SIDES[one.side],
        state=_state(one),
        facts=_days(one),
        freshness=one.freshness,
        faults=(FaultLine(fault, "#main"),) if fault else (),
        public_url=url_for(_PUBLIC[one.side], key=key) if one.public else "",
        history_url=url_for("my.history", key=key),
        revise_url=url_for("my.revise", key=key) if one.may_revise else "",
        revise_label="继续修订" if one.draft_key else "修订",
        recall_url=url_for("my.recall", key=key) if one.recall_until else "",
        recall_note=f"{figures.moment(one.recall_until)}前可以撤回发布" if one.recall_until else "",
        confirm_url=url_for("my.confirm", key=key) if visible else "",
        put_back_url=url_for("my.put_back", key=key) if hidden else "",
        valid_field=valid,
        take_off_url=url_for("my.take_off", key=key) if visible else "",
        reason_field=why,
    )


def present_history(page: HistoryPage) -> HistoryContext:
    """The context of a posting's history."""

    def compare(number: int) -> str:
        return url_for("my.history", key=page.key, before=number - 1, after=number) if number > 1 else ""

    rows = tuple(
        VersionRow(
            one.number, figures.moment(one.at), one.actor, one.note, one.batch, compare(one.number), place == 0
        )
        for place, one in enumerate(page.versions)
    )  # fmt: skip
    options = tuple((str(one.number), f"第 {one.number} 版（{figures.moment(one.at)}）") for one in page.versions)
    before, after = (
        FormField(f"f-{name}", name, label, value=str(chosen), kind="choice", required=True, options=options,
                  chosen=(str(chosen),))
        for name, label, chosen in (("before", "旧版", page.before), ("after", "新版", page.after))
    )  # fmt: skip
    return HistoryContext(
        head=Head(f"{page.title} - 版本", "每一次发布的内容。", _crumbs(page.title), "my"),
        title=page.title,
        versions=rows,
        action=url_for("my.history", key=page.key),
        before=before,
        after=after,
        compared=f"第 {page.before} 版与第 {page.after} 版" if page.before != page.after else "",
        diff=present_diff(page.changes),
        notes=present_notes(page.notes),
        back_url=url_for("my.posting", key=page.key),
    )


def _crumbs(last: str = "") -> tuple[Crumb, ...]:
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb("我的清单", url_for("my.index")), Crumb(last)) if last else (home, Crumb("我的清单"))
