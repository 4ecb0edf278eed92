"""What the page of an opportunity, and that of a pair, say about answers and questions to their viewer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from marketplace.answers import Answering
from webapp.presenters import figures
from webapp.presenters.questions import QuestionItem, present_published

# The page of the opportunity shows so many; all stand on their own page.
SHOWN = 3
_OWN = {
    "draft": "继续填写答复（草稿）",
    "sent": "查看本单位的答复（已发送）",
    "withdrawn": "查看本单位的答复（已撤回）",
}


@dataclass(frozen=True, slots=True)
class AnsweringPart:
    """The part about answers and questions; ``links`` are (label, address, whether it is the main one)."""

    links: tuple[tuple[str, str, bool], ...]
    notes: tuple[str, ...]
    questions: tuple[QuestionItem, ...]
    all_label: str
    all_url: str


def present_answering(key: int, answering: Answering | None) -> AnsweringPart:
    """The part of an opportunity's page."""
    given = answering or Answering()
    total = len(given.questions)
    notes = []
    if (given.may_answer or given.may_read) and given.closes_on:
        notes.append(f"答复截止：{given.closes_on}（含当日）")
    if given.may_read and given.hidden:
        notes.append("已设为截止后统一查看，截止前看不到答复及份数")
    if given.may_ask and given.questions_until:
        notes.append(f"提问截止：{given.questions_until}（含当日）")
    return AnsweringPart(
        links=_links(key, given),
        notes=tuple(notes),
        questions=present_published(given.questions[:SHOWN]),
        all_label=f"全部问答（{figures.count(total)}）" if total > SHOWN else "问答页" if total else "",
        all_url=url_for("questions.index", key=key),
    )


def _links(key: int, given: Answering) -> tuple[tuple[str, str, bool], ...]:
    form, questions = url_for("answers.form", key=key), url_for("questions.index", key=key)
    links = []
    if given.own_state:
        links.append((_OWN[given.own_state], form, given.own_state == "draft"))
    elif given.may_answer:
        links.append(("答复这条机会", form, True))
    if given.may_ask:
        links.append(("向需求单位提问", questions, False))
    if given.may_read:
        count = f"（{figures.count(given.count)} 份）" if given.count is not None else ""
        links.append((f"查看企业答复{count}", url_for("answers.table", key=key), True))
    if given.waiting:
        links.append((f"待答复的提问（{figures.count(given.waiting)}）", questions, False))
    return tuple(links)


def pair_link(way: str, need: int, offer: int) -> tuple[str, str] | None:
    """Label and address of the way from a pair to its answer, None when there is none."""
    if way == "write":
        return "用这项能力答复", url_for("answers.form", key=need, capability=offer)
    return ("查看企业答复", url_for("answers.table", key=need)) if way == "read" else None


def pairing_links(ways: tuple[str, ...], pairing: int, need: int) -> tuple[tuple[str, str], ...]:
    """Labels and addresses of where a pairing leads on to."""
    known = {
        "own": ("本单位的答复", url_for("answers.form", key=need)),
        "read": ("企业答复", url_for("answers.table", key=need)),
        "contact": ("联系方式交换", url_for("consents.detail", key=pairing)),
    }
    return tuple(known[way] for way in ways)
