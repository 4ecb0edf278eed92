"""All answers to a need side by side for agency and matchmaker, and the rules the agency sets for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from marketplace.access import COMPANY, MATCHMAKER, PUBLISHER, Viewer, require
from marketplace.answers.opening import arrive
from marketplace.answers.pages import AnswerCell, AnswerColumn, Answering, AnswersPage
from marketplace.answers.questions import published_lines
from marketplace.answers.rights import (
    find_posting,
    held_companies,
    is_listed,
    need_of,
    points_of,
    reads_answers,
    speaks_for,
)
from marketplace.answers.terms import terms_of
from marketplace.audit import record_action
from marketplace.cards import card_of
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, RefusedError, StaleError
from marketplace.followup import open_pairing, write_event
from marketplace.publicity import masked
from marketplace.records import Fault
from marketplace.records.days import read_day
from marketplace.records.values import UnreadableError
from marketplace.settings import MarketSettings
from marketplace.stages import is_open
from marketplace.store import Database, PostingRow
from marketplace.store.answers import (
    SENT,
    WITHDRAWN,
    IntentRow,
    RuleRow,
    VersionRow,
    count_sent,
    intents_by,
    intents_to,
    load_intent,
    load_rule,
    load_versions,
    save_rule,
    update_intent,
)
from marketplace.store.database import transaction
from marketplace.store.drafts import organisation_names
from marketplace.store.pairings import load_pairings
from marketplace.store.postings import load_rows
from marketplace.store.questions import open_questions
from matching import Side

NO_ANSWERS = "没有找到这个答复页面，可能是链接有误。"
_RULE = "answer_rule"


@dataclass(frozen=True, slots=True)
class RuleForm:
    """The rules as typed; ``stamp`` is the one of the page they were typed on."""

    closes_on: str = ""
    sealed: bool = False
    questions_until: str = ""
    stamp: int = 0


class AnswerDesk:
    """Answers as those who have the need, and those who bring both together, may read them."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings

    def page(self, viewer: Viewer, key: int) -> AnswersPage:
        """Return all answers that may be read today; while they are sealed, nothing, not even how many there are.

        Raises NotFoundError for everyone but the agency and the matchmaker of the district.
        """
        need = self._readable(viewer, key)
        db = self._keeper.db
        terms = terms_of(db, need)
        points = points_of(need)
        intents = [] if terms.hidden else intents_to(db, key)
        sent = [one for one in intents if one.state == SENT]
        gone = [one for one in intents if one.state == WITHDRAWN and one.told_at]
        names = organisation_names(db, {one.owner_key for one in intents})
        return AnswersPage(
            card_of(need, self._keeper.desk().key_years), not any(need_of(need).requirements), terms,
            need_of(need).deadline or "", tuple(points.items()), self._columns(db, sent, points, names),
            tuple((names.get(one.owner_key, ""), one.withdrawn_at) for one in gone), speaks_for(db, viewer, need),
        )  # fmt: skip

    def brief(self, viewer: Viewer, need: PostingRow) -> Answering:
        """Return what the page of a need says about answers and questions to this viewer."""
        db = self._keeper.db
        questions = published_lines(db, need.key)
        if not viewer.signed_in:
            return Answering(questions=questions)
        terms = terms_of(db, need)
        reads, own = reads_answers(viewer, need), bool(need.organisation_key) and viewer.owns(need.organisation_key)
        company = viewer.has(COMPANY) and not own
        mine = intents_by(db, held_companies(viewer), need.key) if company else []
        return Answering(
            may_answer=company and not terms.closed,
            own_state=mine[-1].state if mine else "",
            may_read=reads,
            count=count_sent(db, need.key) if reads and not terms.hidden else None,
            hidden=terms.hidden,
            closes_on=terms.closes_on,
            may_ask=company and not terms.questions_closed,
            waiting=len(open_questions(db, need.key)) if speaks_for(db, viewer, need) else 0,
            questions=questions,
            questions_until=terms.questions_until,
        )

    def way(self, viewer: Viewer, need: PostingRow, offer: PostingRow) -> str:
        """Return how the viewer goes on from a pair: write an answer with it, read the answers, or neither."""
        if not viewer.signed_in:
            return ""
        if viewer.has(COMPANY) and offer.organisation_key and offer.organisation_key in viewer.company_of:
            own = need.organisation_key in viewer.company_of
            return "" if own or terms_of(self._keeper.db, need).closed else "write"
        return "read" if reads_answers(viewer, need) else ""

    def set_rules(self, viewer: Viewer, key: int, form: RuleForm) -> None:
        """Set until when a need is answered and asked about, and from when answers are read.

        What companies rely on is kept: sealed answers stay sealed up to the day they were promised, which can only
        be put off. None of the refusals tells whether anybody has answered in secret.
        Raises FaultyError naming the field, StaleError when a colleague changed the rules in between.
        """
        need = self._readable(viewer, key)
        if not speaks_for(self._keeper.db, viewer, need):
            raise NotFoundError(NO_ANSWERS)
        closes_on = _day("closes_on", "答复截止日期", form.closes_on)
        until = _day("questions_until", "提问截止日期", form.questions_until)
        with transaction(self._keeper.db) as db:
            rule = load_rule(db, key)
            if rule.stamp != form.stamp:
                if (rule.closes_on, rule.sealed, rule.questions_until) == (closes_on, form.sealed, until):
                    return
                raise StaleError("答复设置刚刚已由同事改动，这次没有保存；请核对后再改。")
            self._check(db, need, rule, closes_on, form.sealed, until)
            save_rule(db, RuleRow(key, closes_on, form.sealed, until, rule.stamp), viewer.account_key)
            record_action(
                db, viewer, "intent.rules", _RULE, key, 答复截止=closes_on or "按清单截止日期",
                查看方式="截止后统一查看" if form.sealed else "随到随看", 提问截止=until,
            )  # fmt: skip

    def open_pairing(self, viewer: Viewer, key: int, intent_key: int) -> int:
        """Open the pairing of an answer that came while the caps were reached, or whose pairing ended; return its key.

        Raises NotFoundError for an answer that may not be read, CapError while the caps are reached.
        """
        need = self._readable(viewer, key)
        with transaction(self._keeper.db) as db:
            intent = load_intent(db, intent_key)
            hidden = terms_of(db, need).hidden
            if hidden or intent is None or intent.opportunity_key != key or intent.state != SENT:
                raise NotFoundError("没有找到这份答复，可能已撤回。")
            if not intent.told_at:
                arrive(db, self._settings, viewer, intent, need, "：答复已截止，可以查看")
            pairing = open_pairing(db, self._settings, viewer, key, intent.capability_key, origin="intent")
            if pairing != intent.pairing_key:
                update_intent(db, intent.key, pairing_key=pairing)
                write_event(db, pairing, "intent", viewer, note="由企业的答复建立对接", facts={"audience": "all"})
            return pairing

    def _readable(self, viewer: Viewer, key: int) -> PostingRow:
        require(viewer, PUBLISHER, MATCHMAKER)
        try:
            need = find_posting(self._keeper, key, Side.OPPORTUNITY)
        except NotFoundError as error:
            # The same words as for a need of others: a key that is taken tells nothing.
            raise NotFoundError(NO_ANSWERS) from error
        if not reads_answers(viewer, need):
            raise NotFoundError(NO_ANSWERS)
        return need

    def _columns(
        self, db: Database, sent: list[IntentRow], points: Mapping[int, str], names: Mapping[int, str]
    ) -> tuple[AnswerColumn, ...]:
        versions = load_versions(db, [(one.key, one.number) for one in sent])
        offers = {row.key: row for row in load_rows(db, {one.capability_key for one in sent})}
        years = self._keeper.desk().key_years
        pairings = load_pairings(db, [one.pairing_key for one in sent if one.pairing_key])
        ended = {row.key for row in pairings if not is_open(row.stage)}
        columns = []
        for one in sent:
            version, row = versions[one.key], offers[one.capability_key]
            offer = card_of(PostingRow(row.key, masked(row.posting), row.state, row.region, row.published_on,
                                       row.revision, row.organisation_key), years)  # fmt: skip
            columns.append(
                AnswerColumn(
                    one.key, names.get(one.owner_key, ""), offer, version.note, one.number, one.sent_at,
                    one.pairing_key, _cells(version, points), one.pairing_key in ended,
                )
            )  # fmt: skip
        return tuple(columns)

    def _check(self, db: Database, need: PostingRow, rule: RuleRow, closes_on: str, sealed: bool, until: str) -> None:
        today = date.today().isoformat()
        before = terms_of(db, need)
        if not is_listed(self._keeper, need.key):
            raise RefusedError("这条场景机会已不在公开清单中，不能再改答复设置。")
        if before.sealed and before.closed:
            raise RefusedError("答复已截止并已统一公开，不能再改答复设置。")
        if sealed and not closes_on:
            raise _fault("closes_on", "答复截止日期", "没有填写；选择“截止后统一查看”必须写明截止日期")
        if closes_on and closes_on < today and closes_on != rule.closes_on:
            raise _fault("closes_on", "答复截止日期", f"发现“{closes_on}”；应为：不早于今天 {today}")
        if until and until < today and until != rule.questions_until:
            raise _fault("questions_until", "提问截止日期", f"发现“{until}”；应为：不早于今天 {today}")
        last = closes_on or need_of(need).deadline or ""
        if until and last and until > last:
            raise _fault("questions_until", "提问截止日期", f"发现“{until}”；应为：不晚于答复截止日期 {last}")
        if before.hidden and (not sealed or closes_on < rule.closes_on):
            clause = f"已承诺 {rule.closes_on} 截止后统一查看，只能推迟，不能提前或取消"
            raise _fault("closes_on", "答复截止日期", clause)
        if sealed and not before.sealed and count_sent(db, need.key):
            raise _fault("sealed", "查看方式", "已收到并可以查看答复，不能再改为“截止后统一查看”")


def _day(name: str, label: str, text: str) -> str:
    """A day as people write it, as ISO text; empty for nothing written."""
    written = text.strip()
    if not written:
        return ""
    try:
        day = read_day(written, base=date.today()).day
    except UnreadableError:
        day = None
    if day is None:
        raise _fault(name, label, f"发现“{written[:40]}”；应为：日期，如 {date.today().replace(month=12, day=31)}")
    return day


def _fault(name: str, label: str, clause: str) -> FaultyError:
    sentence = f"“{label}”：{clause}。"
    return FaultyError(sentence, [Fault(name, label, "", sentence)])


def _cells(version: VersionRow, points: Mapping[int, str]) -> tuple[AnswerCell, ...]:
    """The answer to each requirement: by its words, else by its number with the words it had then."""
    by_text = {line.text: line for line in version.lines}
    by_place = {line.requirement: line for line in version.lines}
    cells = []
    for place, text in points.items():
        same, placed = by_text.get(text), by_place.get(place)
        if same is not None:
            cells.append(AnswerCell(same.status, same.evidence))
        elif placed is not None and placed.text not in points.values():
            cells.append(AnswerCell(placed.status, placed.evidence, placed.text))
        else:
            cells.append(AnswerCell("", ""))
    return tuple(cells)
