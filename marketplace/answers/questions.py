"""Questions on an opportunity: asked in private, answered for all to read, without the asker's name."""

from __future__ import annotations

import hashlib
import re

from marketplace.access import COMPANY, MATCHMAKER, PUBLISHER, Viewer, require
from marketplace.answers.checks import MAX_QUESTION, MAX_REPLY, text_fault, tidy
from marketplace.answers.pages import QuestionLine, QuestionsPage
from marketplace.answers.rights import agency_accounts, find_posting, is_listed, points_of, speaks_for
from marketplace.answers.terms import terms_of
from marketplace.audit import record_action
from marketplace.cards import card_of
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, RefusedError, StaleError
from marketplace.notices import accounts_of, notify
from marketplace.records import Fault
from marketplace.settings import MarketSettings
from marketplace.sight import Sight
from marketplace.store import Database, PostingRow
from marketplace.store.answers import intents_to
from marketplace.store.database import transaction
from marketplace.store.drafts import organisation_names
from marketplace.store.questions import (
    ANSWERED,
    ASKED,
    RETURNED,
    QuestionRow,
    close_question,
    find_same_question,
    insert_question,
    load_question,
    open_questions,
    published_questions,
    questions_by,
)
from matching import Side, fold, without_places

NO_QUESTION = "没有找到这个提问，可能是链接有误。"
SUBJECT, KIND = "question", "question"
_PUBLIC = "问答公布后任何人都能看到，请删去"
_TAIL = re.compile(r"(?:集团|股份|有限|责任)*公司$|（[^）]*）|\([^)]*\)")
_TRADE = re.compile(r"(?:科技|智能|信息|技术)+$")


class QuestionBook:
    """Questions as each may read them: nobody learns who asked, companies only of their own and of the published."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper = keeper

    def page(self, viewer: Viewer, key: int) -> QuestionsPage:
        """Return the questions on a need; raises NotFoundError for a need this viewer may not see."""
        need = self._need(viewer, key)
        db = self._keeper.db
        speaks = viewer.signed_in and speaks_for(db, viewer, need)
        closed = self._closed(viewer, need)
        waiting = open_questions(db, key) if speaks else []
        return QuestionsPage(
            card_of(need, self._keeper.desk().key_years), terms_of(db, need), published_lines(db, key),
            tuple(map(_line, questions_by(db, viewer.company_of, key))), tuple(map(_line, waiting)),
            may_ask=viewer.has(COMPANY) and not closed, may_answer=speaks,
            closed=closed if viewer.has(COMPANY) else "",
        )  # fmt: skip

    def ask(self, viewer: Viewer, key: int, text: str) -> int:
        """Ask the agency in private; return the question's key. The same words again are the same question.

        Raises FaultyError for personal data and for the company's own name, RefusedError once asking is over.
        """
        require(viewer, COMPANY)
        need = self._need(viewer, key)
        if closed := self._closed(viewer, need):
            raise RefusedError(closed)
        db, words = self._keeper.db, tidy(text)
        organisation = viewer.acting_for if viewer.acting_for in viewer.company_of else min(viewer.company_of)
        _check("question", "提问", words, MAX_QUESTION, self._names(viewer, need))
        digest = hashlib.sha256(f"{organisation}:{fold(words)}".encode()).hexdigest()[:32]
        with transaction(db):
            if known := find_same_question(db, key, digest):
                return known
            made = insert_question(db, key, organisation, viewer.account_key, words, digest)
            record_action(db, viewer, "question.asked", SUBJECT, made)
            notify(
                db, agency_accounts(db, need), kind=KIND, title=f"“{need.posting.title}”有新的提问待答复",
                link=path_of(key), reason="您负责答复这条场景机会的提问。",
            )  # fmt: skip
        return made

    def answer(self, viewer: Viewer, key: int, text: str) -> int:
        """Publish an answer with its question; return the need's key.

        Raises NotFoundError for others' questions, FaultyError for personal data, StaleError when it was closed
        in between.
        """
        return self._close(viewer, key, ANSWERED, text)

    def send_back(self, viewer: Viewer, key: int, reason: str) -> int:
        """Return a question to its asker without publishing it, saying why; return the need's key."""
        return self._close(viewer, key, RETURNED, reason)

    def need_key(self, viewer: Viewer, key: int) -> int:
        """Return the need a question is about, for the one who may answer it; raises NotFoundError."""
        return self._mine(viewer, key)[0].opportunity_key

    def _close(self, viewer: Viewer, key: int, state: str, text: str) -> int:
        row, need = self._mine(viewer, key)
        words, published = tidy(text), state == ANSWERED
        field, label = ("answer", "答复") if published else ("reason", "退回原因")
        _check(f"{field}-{key}", label, words, MAX_REPLY if published else MAX_QUESTION)
        with transaction(self._keeper.db) as db:
            fresh = load_question(db, key)
            assert fresh is not None
            if fresh.state != ASKED:
                if (fresh.state, fresh.answer) == (state, words):
                    return row.opportunity_key
                raise StaleError("这个提问刚刚已由同事答复或退回，这次没有改动。")
            close_question(db, key, state, words, viewer.account_key)
            record_action(db, viewer, "question.answered" if published else "question.returned", SUBJECT, key)
            _tell_closed(db, row, need, published)
        return row.opportunity_key

    def _mine(self, viewer: Viewer, key: int) -> tuple[QuestionRow, PostingRow]:
        require(viewer, PUBLISHER, MATCHMAKER)
        row = load_question(self._keeper.db, key)
        if row is None:
            raise NotFoundError(NO_QUESTION)
        need = find_posting(self._keeper, row.opportunity_key, Side.OPPORTUNITY)
        if not speaks_for(self._keeper.db, viewer, need):
            raise NotFoundError(NO_QUESTION)
        return row, need

    def _need(self, viewer: Viewer, key: int) -> PostingRow:
        need = find_posting(self._keeper, key, Side.OPPORTUNITY)
        own = viewer.owns(need.organisation_key)
        if not own and not (is_listed(self._keeper, key) and Sight(viewer).posting(need)):
            raise NotFoundError("没有这条场景机会，可能是链接有误。")
        return need

    def _closed(self, viewer: Viewer, need: PostingRow) -> str:
        """Why a company cannot ask, empty when it can."""
        if not is_listed(self._keeper, need.key):
            return "这条场景机会已不在公开清单中，不能再提问。"
        if viewer.owns(need.organisation_key):
            return "这是本单位发布的场景机会。"
        terms = terms_of(self._keeper.db, need)
        return f"提问已于 {terms.questions_until} 截止。" if terms.questions_closed else ""

    def _names(self, viewer: Viewer, need: PostingRow) -> tuple[str, ...]:
        """What would give the asker away: the names of the viewer's companies, whole and as people shorten them.

        A short form that the need itself uses, as 智慧水务 may be, tells nothing.
        """
        full = tuple(map(fold, organisation_names(self._keeper.db, viewer.company_of).values()))
        said = fold("\n".join((need.posting.title, *points_of(need).values())))
        short = {form for name in full for form in _short_forms(name) if form not in said}
        return tuple(name for name in (*full, *sorted(short)) if len(name) > 2)


def path_of(opportunity_key: int) -> str:
    """Return the path of the questions on a need."""
    return f"/opportunities/{opportunity_key}/questions"


def published_lines(db: Database, opportunity_key: int) -> tuple[QuestionLine, ...]:
    """Return the questions on a need that everyone may read."""
    return tuple(map(_line, published_questions(db, opportunity_key)))


def _short_forms(name: str) -> tuple[str, ...]:
    """武汉楚光智感科技有限公司 as 武汉楚光智感科技, 楚光智感科技 and 楚光智感."""
    plain = _TAIL.sub("", _TAIL.sub("", name))
    placeless = without_places(plain)
    return plain, placeless, _TRADE.sub("", plain), _TRADE.sub("", placeless)


def _line(row: QuestionRow) -> QuestionLine:
    return QuestionLine(row.key, row.text, row.state, row.answer, row.asked_at, row.answered_at)


def _check(field: str, label: str, words: str, limit: int, names: tuple[str, ...] = ()) -> None:
    fault = text_fault(field, label, words, limit, required=True, where=_PUBLIC)
    folded = fold(words)
    if fault is None and any(name in folded for name in names):
        fault = Fault(field, label, "本单位名称", f"“{label}”：写有本单位名称，公布后会暴露是谁提问；请删去。")
    if fault is not None:
        raise FaultyError(fault.sentence, [fault])


def _tell_closed(db: Database, row: QuestionRow, need: PostingRow, published: bool) -> None:
    """Tell the asker, and of a published answer also the companies that are answering the need."""
    title = need.posting.title
    asker = set(accounts_of(db, row.organisation_key, (COMPANY,))) or {row.account_key}
    done = "已答复并公布（不署提问单位）" if published else "没有公布，已退回"
    notify(
        db, sorted(asker), kind=KIND, title=f"您对“{title}”的提问{done}", link=path_of(need.key),
        reason="提问由您所在的单位提出。",
    )  # fmt: skip
    if published:
        others = {one for row in intents_to(db, need.key) for one in accounts_of(db, row.owner_key, (COMPANY,))}
        notify(
            db, sorted(others - asker), kind=KIND, title=f"“{title}”公布了新的问答", link=path_of(need.key),
            reason="您所在的单位正在答复这条场景机会。",
        )  # fmt: skip
