"""Questions on an opportunity: what was published, what the company asked, what waits for the agency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.answers import QUESTION_STATES, QuestionLine, QuestionsPage
from webapp.presenters import figures
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

_TONES = {"asked": "warn", "answered": "good", "returned": "quiet"}


@dataclass(frozen=True, slots=True)
class QuestionItem:
    """A question with its answer; nothing in it tells who asked."""

    key: int
    text: str
    answer: str
    state: Label
    asked_on: str
    answered_on: str


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """A question the agency is to answer or return."""

    key: int
    text: str
    asked_on: str
    answer: FormField
    answer_url: str
    reason: FormField
    return_url: str
    opened: bool


@dataclass(frozen=True)
class QuestionsContext(Context):
    """The questions on one opportunity as this viewer may read them."""

    template: ClassVar[str] = "questions/index.html"

    need_title: str
    need_url: str
    until: str
    faults: tuple[FaultLine, ...]
    waiting: tuple[WaitingItem, ...]
    may_answer: bool
    ask: FormField | None
    ask_url: str
    closed: str
    own: tuple[QuestionItem, ...]
    published: tuple[QuestionItem, ...]


def present_questions(
    page: QuestionsPage, typed: Mapping[str, str] | None = None, faults: Iterable[FaultLike] = ()
) -> QuestionsContext:
    """The context of the page; ``typed`` is what was sent and refused with ``faults``."""
    found, given, key = tuple(faults), typed or {}, page.opportunity.key
    errors, title = errors_by_field(found), page.opportunity.posting.title
    crumbs = (
        Crumb("首页", url_for("home.index")),
        Crumb("场景机会清单", url_for("opportunities.index")),
        Crumb(title, url_for("opportunities.detail", key=key)),
        Crumb("问答"),
    )
    ask = FormField(
        "f-question", "question", "提问", value=given.get("question", ""), kind="area", required=True, rows=4,
        error=errors.get("question", ""),
        hint="提交后仅需求单位可见；答复后与答复一并公布，不署提问单位。请勿填写本单位名称和联系方式，最多 500 字",
    )  # fmt: skip
    until = page.terms.questions_until
    return QuestionsContext(
        head=Head(f"{title} - 问答", f"对“{title}”的提问和答复。"[:120], crumbs, "opportunities"),
        need_title=title,
        need_url=url_for("opportunities.detail", key=key),
        until=f"提问截止：{until}（含当日）" if until else "没有设定提问截止日期",
        faults=fault_lines(found),
        waiting=tuple(_waiting(one, given, errors) for one in page.waiting),
        may_answer=page.may_answer,
        ask=ask if page.may_ask else None,
        ask_url=url_for("questions.ask", key=key),
        closed=page.closed,
        own=tuple(_item(one) for one in page.own if one.state != "answered"),
        published=present_published(page.published),
    )


def present_published(lines: tuple[QuestionLine, ...]) -> tuple[QuestionItem, ...]:
    """Published questions with their answers."""
    return tuple(map(_item, lines))


def _item(line: QuestionLine) -> QuestionItem:
    state = Label(QUESTION_STATES[line.state], _TONES[line.state])
    return QuestionItem(
        line.key, line.text, line.answer, state, figures.day(line.asked_at), figures.day(line.answered_at)
    )


def _waiting(line: QuestionLine, given: Mapping[str, str], errors: Mapping[str, str]) -> WaitingItem:
    answer, reason = f"answer-{line.key}", f"reason-{line.key}"
    return WaitingItem(
        line.key, line.text, figures.day(line.asked_at),
        FormField(f"f-{answer}", "answer", "答复", value=given.get(answer, ""), kind="area", required=True,
                  error=errors.get(answer, ""), hint="与提问一并公布，任何人均可查看；请勿填写个人信息"),
        url_for("questions.answer", key=line.key),
        FormField(f"f-{reason}", "reason", "退回原因", value=given.get(reason, ""), kind="area", required=True, rows=2,
                  error=errors.get(reason, ""), hint="仅提问单位可见；提问不公布"),
        url_for("questions.send_back", key=line.key), reason in errors,
    )  # fmt: skip
