"""A company's own answers: written, sent, revised until the closing date, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.access import COMPANY, Viewer, require
from marketplace.answers.checks import MAX_EVIDENCE, MAX_NOTE, text_fault, tidy
from marketplace.answers.form import answer_page, my_answers
from marketplace.answers.opening import SUBJECT, arrive, company_name, tell
from marketplace.answers.pages import STATUSES, AnswerPage, MyAnswers
from marketplace.answers.rights import (
    agency_accounts,
    find_posting,
    held_companies,
    is_listed,
    matchmakers_of,
    points_of,
)
from marketplace.answers.terms import Terms, terms_of
from marketplace.audit import record_action
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, RefusedError, StaleError
from marketplace.followup import write_event
from marketplace.records import Fault
from marketplace.settings import MarketSettings
from marketplace.sight import Sight
from marketplace.store import Database, PostingRow
from marketplace.store.answers import (
    SENT,
    WITHDRAWN,
    IntentRow,
    LineRow,
    VersionRow,
    drop_version,
    insert_intent,
    intents_by,
    load_intent,
    load_version,
    save_version,
    update_intent,
)
from marketplace.store.database import now, transaction
from matching import Side

NO_ANSWER = "没有找到本单位对这条场景机会的答复。"
CHANGED = "这份答复刚刚已由同事改动，这次没有保存；请核对后再改。"


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """An answer as typed: status and evidence by requirement; ``stamp`` is the one of the page it was typed on."""

    offer_key: int
    statuses: Mapping[int, str] = field(default_factory=dict)
    evidence: Mapping[int, str] = field(default_factory=dict)
    note: str = ""
    stamp: int = 0


class AnswerBook:
    """Answers as their own company sees them; no other company's is ever read here."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings

    def page(self, viewer: Viewer, key: int, offer_key: int = 0) -> AnswerPage:
        """Return the company's answer to a need, or the empty form of one with what the match found.

        ``offer_key`` chooses the capability while nothing was sent. Raises NotFoundError for a need this viewer
        may not see.
        """
        require(viewer, COMPANY)
        need = self._need(viewer, key)
        mine = self._own(viewer, need.key)
        return answer_page(self._keeper, self._settings, viewer, need, mine, offer_key, self._closed(viewer, need))

    def mine(self, viewer: Viewer) -> MyAnswers:
        """Return every answer of the viewer's companies."""
        require(viewer, COMPANY)
        return my_answers(self._keeper, viewer)

    def save(self, viewer: Viewer, key: int, typed: TypedAnswer, *, send: bool) -> int:
        """Keep what was typed as a draft, or send it; return the answer's key.

        Pressing twice is pressing once. Raises FaultyError naming each field that cannot be taken, RefusedError
        once the need is closed, StaleError when a colleague saved in between.
        """
        require(viewer, COMPANY)
        need = self._need(viewer, key)
        if closed := self._closed(viewer, need):
            raise RefusedError(closed)
        offer = self._offer(viewer, need.key, typed.offer_key)
        lines, note = _lines(need, typed), tidy(typed.note)
        _check(lines, note, send)
        with transaction(self._keeper.db) as db:
            mine = self._own(viewer, need.key, offer.organisation_key)
            if mine is not None and mine.stamp != typed.stamp:
                if self._said(db, viewer, mine, offer.key, lines, note, send):
                    return mine.key
                raise StaleError(CHANGED)
            if mine is None:
                intent_key = insert_intent(db, need.key, offer.organisation_key, offer.key, viewer.account_key)
                mine = load_intent(db, intent_key)
            assert mine is not None
            if send:
                self._send(db, viewer, mine, need, offer, lines, note)
            else:
                self._keep(db, viewer, mine, offer, lines, note)
            return mine.key

    def withdraw(self, viewer: Viewer, key: int) -> None:
        """Take the company's answer back; those who could read it are told.

        Raises NotFoundError when there is none, RefusedError when none was sent.
        """
        require(viewer, COMPANY)
        if self._own(viewer, key) is None:
            raise NotFoundError(NO_ANSWER)
        need = find_posting(self._keeper, key, Side.OPPORTUNITY)
        with transaction(self._keeper.db) as db:
            mine = self._own(viewer, key)
            if mine is None:
                raise NotFoundError(NO_ANSWER)
            if mine.state == WITHDRAWN:
                return
            if mine.state != SENT:
                raise RefusedError("这份答复还没有发送，无需撤回。")
            update_intent(db, mine.key, state=WITHDRAWN, withdrawn_at=now(), stamp=mine.stamp + 1)
            record_action(db, viewer, "intent.withdrawn", SUBJECT, mine.key)
            if mine.told_at:
                title = f"{company_name(db, mine)}撤回了答复"
                if mine.pairing_key:
                    write_event(db, mine.pairing_key, "intent", viewer, note=title, facts={"audience": "all"})
                told = {*agency_accounts(db, need), *matchmakers_of(db, need)} - {viewer.account_key}
                tell(db, need, told, f"“{need.posting.title}”：{title}")

    def _need(self, viewer: Viewer, key: int) -> PostingRow:
        """The need, when the viewer may see it or has answered it."""
        need = find_posting(self._keeper, key, Side.OPPORTUNITY)
        seen = is_listed(self._keeper, key) and Sight(viewer).posting(need)
        if not seen and self._own(viewer, key) is None:
            raise NotFoundError("没有这条场景机会，可能是链接有误。")
        return need

    def _own(self, viewer: Viewer, key: int, company: int = 0) -> IntentRow | None:
        """The answer of the viewer's company, or of one of them; the newest when it has come to have several."""
        found = intents_by(self._keeper.db, {company} if company else held_companies(viewer), key)
        return found[-1] if found else None

    def _closed(self, viewer: Viewer, need: PostingRow) -> str:
        """Why an answer to the need cannot be written, empty when it can."""
        if not is_listed(self._keeper, need.key):
            return "这条场景机会已不在公开清单中，不能再答复或修改。"
        if need.organisation_key and need.organisation_key in viewer.company_of:
            return "这是本单位发布的场景机会，不能由本单位答复。"
        terms = self._terms(need)
        return f"答复已于 {terms.closes_on} 截止，不能再答复或修改。" if terms.closed else ""

    def _terms(self, need: PostingRow) -> Terms:
        return terms_of(self._keeper.db, need)

    def _offer(self, viewer: Viewer, need_key: int, offer_key: int) -> PostingRow:
        """The capability answered with: the company's own, published; the same as before once sent."""
        postings, row = self._keeper.desk().postings, self._keeper.desk().postings.get(offer_key)
        if row is not None and row.organisation_key in held_companies(viewer):
            mine = self._own(viewer, need_key, row.organisation_key)
            row = postings.get(mine.capability_key) if mine is not None and mine.number else row
        held = held_companies(viewer)
        if row is None or row.posting.side is not Side.CAPABILITY or row.organisation_key not in held:
            sentence = "“答复所用能力”：应为本单位已发布的一项场景能力。"
            raise FaultyError(sentence, [Fault("capability", "答复所用能力", "", sentence)])
        return row

    def _said(
        self, db: Database, viewer: Viewer, mine: IntentRow, offer_key: int, lines: tuple[LineRow, ...], note: str,
        send: bool,
    ) -> bool:  # fmt: skip
        """Whether the same person has just saved or sent exactly this: the second press of a double click."""
        said = load_version(db, mine.key, mine.number if send else 0)
        return (
            said is not None and (mine.state == SENT or not send) and said.account_key == viewer.account_key
            and (said.capability_key, said.lines, said.note) == (offer_key, lines, note)
        )  # fmt: skip

    def _keep(
        self, db: Database, viewer: Viewer, mine: IntentRow, offer: PostingRow, lines: tuple[LineRow, ...], note: str
    ) -> None:
        save_version(db, VersionRow(mine.key, 0, offer.key, note, viewer.account_key, "", lines))
        changed = {} if mine.number else {"capability_key": offer.key, "organisation_key": offer.organisation_key}
        update_intent(db, mine.key, stamp=mine.stamp + 1, **changed)
        record_action(db, viewer, "intent.saved", SUBJECT, mine.key)

    def _send(
        self, db: Database, viewer: Viewer, mine: IntentRow, need: PostingRow, offer: PostingRow,
        lines: tuple[LineRow, ...], note: str,
    ) -> None:  # fmt: skip
        terms, number = self._terms(need), mine.number + 1
        if terms.closed:
            raise RefusedError(f"答复已于 {terms.closes_on} 截止，这次没有发送。")
        save_version(db, VersionRow(mine.key, number, offer.key, note, viewer.account_key, "", lines))
        drop_version(db, mine.key, 0)
        update_intent(
            db, mine.key, state=SENT, number=number, stamp=mine.stamp + 1, capability_key=offer.key,
            organisation_key=offer.organisation_key, sent_at=now(), withdrawn_at="", told_at="",
        )  # fmt: skip
        again = mine.state == SENT
        record_action(db, viewer, "intent.revised" if again else "intent.sent", SUBJECT, mine.key, 版次=number)
        if not terms.hidden:
            fresh = load_intent(db, mine.key)
            assert fresh is not None
            done = f"修订了答复（第 {number} 版）" if again else "发来答复"
            arrive(db, self._settings, viewer, fresh, need, f"：{company_name(db, fresh)}{done}")


def _lines(need: PostingRow, typed: TypedAnswer) -> tuple[LineRow, ...]:
    """What was typed, for each requirement the need has now."""
    return tuple(
        LineRow(place, text, typed.statuses.get(place, ""), tidy(typed.evidence.get(place, "")))
        for place, text in points_of(need).items()
    )


def _check(lines: tuple[LineRow, ...], note: str, send: bool) -> None:
    """Raise FaultyError for what cannot be taken; a draft may be unfinished, but not what must not be read."""
    faults: list[Fault | None] = []
    for line in lines:
        label = f"第 {line.requirement + 1} 条"
        if line.status not in STATUSES and (send or line.status):
            allowed = "、".join(STATUSES.values())
            found = f"发现“{line.status}”；" if line.status else "没有选择；"
            sentence = f"“{label}”：{found}应为：{allowed}之一。"
            faults.append(Fault(f"status-{line.requirement}", label, line.status, sentence))
        faults.append(text_fault(f"evidence-{line.requirement}", f"{label}的依据", line.evidence, MAX_EVIDENCE))
    faults.append(text_fault("note", "总体说明", note, MAX_NOTE))
    found_faults = [one for one in faults if one is not None]
    if found_faults:
        raise FaultyError("答复没有保存，请先改正下列问题。", found_faults)
