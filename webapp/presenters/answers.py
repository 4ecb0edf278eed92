"""A company's answer to an opportunity: the form, requirement by requirement, and the list of its answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.answers import STATES, STATUSES, AnswerLine, AnswerPage, MyAnswers, TypedAnswer
from matching import VerdictKind
from webapp.presenters import figures, labels
from webapp.presenters.cards import organisation
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

TONES = {"full": "good", "partly": "warn", "cannot": "poor", "discuss": "quiet"}
_STATE_TONES = {"draft": "quiet", "sent": "good", "withdrawn": "warn"}
_SILENT = "能力清单未提及这一条。能够满足的，请写明依据，如检测报告、案例数据、型号参数；未写明不等于不能满足。"
_UNSCORED = "这一对还没有完成匹配计算，没有可以带入的原句，请自行填写。"
_CONFLICT = "已带入本单位能力清单中的原句；系统判断其与要求不一致，请核实后修改。"
_FOUND = "已带入本单位能力清单中的原句，可以修改。"
_ELSEWHERE = "本单位能力清单中的原句："


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One requirement with its two fields; the hint of the second says where the sentence in it comes from."""

    name: str
    text: str
    verdict: Label | None
    judge: str
    status: FormField
    evidence: FormField
    said: Label | None


@dataclass(frozen=True)
class AnswerContext(Context):
    """The form of an answer; with ``closed`` it is only read."""

    template: ClassVar[str] = "answers/form.html"

    title: str
    need_title: str
    need_url: str
    publisher: str
    state: Label | None
    facts: tuple[str, ...]
    faults: tuple[FaultLine, ...]
    closed: str
    choose: FormField | None
    offer_title: str
    offer_key: int
    pair_url: str
    offers_url: str
    rows: tuple[AnswerRow, ...]
    note: FormField
    stamp: int
    action_url: str
    choose_url: str
    withdraw_url: str
    contact_url: str
    questions_url: str


def present_answer(
    page: AnswerPage, typed: TypedAnswer | None = None, faults: Iterable[FaultLike] = ()
) -> AnswerContext:
    """The context of the form; ``typed`` is what was sent and refused with ``faults``."""
    found, key, need = tuple(faults), page.opportunity.key, page.opportunity.posting
    errors = errors_by_field(found)
    offer = next((one for one in page.offers if one.key == page.offer_key), None)
    rows = tuple(_row(line, page, typed, errors) for line in page.lines)
    note = FormField(
        "f-note", "note", "总体说明", value=typed.note if typed else page.note, kind="area",
        error=errors.get("note", ""), hint="供货周期、试用方式、合作设想等；不要写联系方式", rows=4,
    )  # fmt: skip
    return AnswerContext(
        head=Head(f"答复：{need.title}", f"逐条答复“{need.title}”。"[:120], _crumbs(page), "answers"),
        title="答复场景机会",
        need_title=need.title,
        need_url=url_for("opportunities.detail", key=key),
        publisher=organisation(page.opportunity),
        state=Label(STATES[page.state], _STATE_TONES[page.state]) if page.state else None,
        facts=_facts(page),
        faults=fault_lines(found),
        closed=page.closed,
        choose=_choose(page, errors) if not page.closed else None,
        offer_title=offer.title if offer else "",
        offer_key=page.offer_key,
        pair_url=url_for("pairs.detail", o=key, c=page.offer_key) if offer else "",
        offers_url=url_for("drafts.new", kind="capability") if not page.offers else "",
        rows=rows,
        note=note,
        stamp=typed.stamp if typed else page.stamp,
        action_url=url_for("answers.save", key=key),
        choose_url=url_for("answers.form", key=key),
        withdraw_url=url_for("answers.withdraw", key=key) if page.state == "sent" else "",
        contact_url=url_for("consents.detail", key=page.pairing_key) if page.pairing_key else "",
        questions_url=url_for("questions.index", key=key),
    )


def _facts(page: AnswerPage) -> tuple[str, ...]:
    terms = page.terms
    rows = [f"答复截止：{terms.closes_on}（含当日）" if terms.closes_on else "没有设定答复截止日期"]
    if terms.sealed:
        rows.append("截止后统一查看：截止前，需求单位和撮合员均看不到答复及份数")
    else:
        rows.append("随到随看：发送后，需求单位和撮合员即可看到；其他企业始终看不到")
    if page.number and page.state == "sent":
        rows.append(f"第 {page.number} 版，{figures.moment(page.sent_at)}发送")
    if page.state == "withdrawn":
        rows.append(f"{figures.moment(page.withdrawn_at)}撤回")
    if page.unsent:
        rows.append("有修改还没有发送；需求单位看到的仍是上一版" if page.state == "sent" else "有修改还没有发送")
    return tuple(rows)


def _choose(page: AnswerPage, errors: dict[str, str]) -> FormField | None:
    """The choice of the capability, while there is one."""
    if page.locked or len(page.offers) < 2:
        return None
    options = tuple(
        (str(one.key), f"{one.title}（{labels.BANDS[one.band].word}）" if one.band else one.title)
        for one in page.offers
    )
    chosen = str(page.offer_key) if page.offer_key else ""
    return FormField(
        "f-capability", "capability", "答复所用能力", value=chosen, kind="choice", required=True, options=options,
        chosen=(chosen,), error=errors.get("capability", ""), hint="更换能力后重新带入该能力的原句，已填写的内容保留",
    )  # fmt: skip


def _row(line: AnswerLine, page: AnswerPage, typed: TypedAnswer | None, errors: dict[str, str]) -> AnswerRow:
    number = line.requirement
    name = figures.item_name(number, story=page.story)
    status = typed.statuses.get(number, "") if typed else line.status
    evidence = typed.evidence.get(number, "") if typed else line.evidence
    return AnswerRow(
        name=name,
        text=line.text,
        verdict=labels.VERDICTS[line.kind] if line.kind else None,
        judge="撮合员判断" if line.by_person else "系统判断",
        status=FormField(
            f"f-status-{number}", f"status-{number}", f"{name} 能否满足", value=status, required=True,
            options=tuple(STATUSES.items()), error=errors.get(f"status-{number}", ""),
        ),
        evidence=FormField(
            f"f-evidence-{number}", f"evidence-{number}", f"{name} 的依据", value=evidence, kind="area", rows=3,
            error=errors.get(f"evidence-{number}", ""), hint=_note(line, evidence),
        ),
        said=Label(STATUSES[status], TONES[status]) if status in STATUSES else None,
    )  # fmt: skip


def _note(line: AnswerLine, written: str) -> str:
    """Where the sentence in the box comes from, or the sentence when something else was written."""
    if line.kind is None:
        return _UNSCORED
    if line.quote is None:
        return _SILENT
    if written.strip() != line.quote:
        return f"{_ELSEWHERE}“{line.quote}”"
    return _CONFLICT if line.kind is VerdictKind.CONFLICT else _FOUND


def _crumbs(page: AnswerPage) -> tuple[Crumb, ...]:
    return (
        Crumb("首页", url_for("home.index")),
        Crumb("我的答复", url_for("answers.mine")),
        Crumb(page.opportunity.posting.title, url_for("opportunities.detail", key=page.opportunity.key)),
        Crumb("答复"),
    )


@dataclass(frozen=True, slots=True)
class MyAnswerRow:
    """One answer in the company's list."""

    title: str
    url: str
    publisher: str
    offer: str
    company: str
    state: Label
    marks: tuple[str, ...]
    closes: str
    at: str
    pairing_url: str


@dataclass(frozen=True)
class MyAnswersContext(Context):
    """Every answer of the viewer's companies."""

    template: ClassVar[str] = "answers/mine.html"

    rows: tuple[MyAnswerRow, ...]
    find_url: str


def present_my_answers(page: MyAnswers) -> MyAnswersContext:
    """The context of the company's list."""
    rows = tuple(
        MyAnswerRow(
            one.title, url_for("answers.form", key=one.opportunity_key), one.publisher, one.offer_title, one.company,
            Label(STATES[one.state], _STATE_TONES[one.state]),
            tuple(word for word, holds in (("有修改未发送", one.unsent), ("已截止", one.closed)) if holds),
            one.closes_on or figures.UNSTATED, figures.moment(one.at),
            url_for("pairings.detail", key=one.pairing_key) if one.pairing_key else "",
        )
        for one in page.answers
    )  # fmt: skip
    crumbs = (Crumb("首页", url_for("home.index")), Crumb("我的答复"))
    return MyAnswersContext(
        head=Head("我的答复", "本单位对场景机会的答复。", crumbs, "answers"),
        rows=rows,
        find_url=url_for("opportunities.index"),
    )
