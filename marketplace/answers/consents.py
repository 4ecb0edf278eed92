"""Giving contacts away: asked by one side, agreed to by the other, on record, and taken back at any time."""

from __future__ import annotations

from dataclasses import replace

from marketplace.access import COMPANY, MATCHMAKER, PUBLISHER, Viewer
from marketplace.answers.checks import MAX_PURPOSE, text_fault, tidy
from marketplace.answers.pages import ConsentPage, ConsentStep
from marketplace.audit import record_action
from marketplace.cards import card_of
from marketplace.contacts import ORGANISATION, POSTING, ContactBook
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, StaleError
from marketplace.followup import write_event
from marketplace.followup.journal import AUDIENCE
from marketplace.followup.rights import NO_PAIRING, Seen, see
from marketplace.followup.telling import matchmakers_of, members_of, name_of
from marketplace.notices import notify
from marketplace.publicity import masked
from marketplace.publishing.typed import MAX_CONTACT
from marketplace.records import Fault
from marketplace.settings import MarketSettings
from marketplace.stages import FAILED
from marketplace.store import Database, PostingRow
from marketplace.store.accounts import account_names
from marketplace.store.consents import (
    AGREE,
    ASK,
    DECLINE,
    PASS,
    ConsentRow,
    end_consents,
    insert_consent,
    load_consents,
    make_wish,
)
from marketplace.store.contacts import drop_contact, load_contacts
from marketplace.store.database import transaction
from marketplace.store.pairing_events import load_pairing_events

SUBJECT, KIND = "consent", "consent"
SIDES = {PUBLISHER: "需求方", COMPANY: "能力方", MATCHMAKER: "撮合员"}
ACTS = {ASK: "提出交换联系方式", PASS: "转达对方", AGREE: "同意", DECLINE: "不同意"}
WITHDRAW = "withdraw"
_ACTIONS = {ASK: "asked", PASS: "passed", AGREE: "given", DECLINE: "declined", WITHDRAW: "withdrawn"}
STALE = "联系方式的交换刚刚已有变化，这次没有改动；请核对后再办。"


class ConsentBook:
    """Who agreed to what, and the contacts themselves, sealed until both sides agreed."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings, contacts: ContactBook) -> None:
        self._keeper, self._contacts = keeper, contacts
        self._through = bool(settings.answers.contact_through_matchmaker)

    def page(self, viewer: Viewer, pairing_key: int) -> ConsentPage:
        """Return how far the exchange is; raises NotFoundError for everyone whom the pairing does not concern."""
        seen, side = self._seen(viewer, pairing_key)
        return self._page(viewer, seen, side, load_consents(self._keeper.db, pairing_key))

    def decide(self, viewer: Viewer, pairing_key: int, act: str, *, purpose: str = "", contact: str = "") -> None:
        """Ask, pass on, agree, decline or withdraw, and tell the others.

        Asking and agreeing give the own contact away: ``contact`` as typed, or the one kept with the posting.
        Raises FaultyError for what is missing, StaleError when the act is not open (any more).
        """
        seen, side = self._seen(viewer, pairing_key)
        with transaction(self._keeper.db) as db:
            steps = load_consents(db, pairing_key)
            if act not in self._open_acts(seen, side, steps):
                if _just_done(viewer, side, act, steps):
                    return
                raise StaleError(STALE)
            match act:
                case "ask" | "agree":
                    self._give(db, viewer, seen, side, act, purpose, contact)
                case "pass":
                    insert_consent(db, pairing_key, side, PASS, purpose="", account_key=viewer.account_key)
                case "decline":
                    self._end(db, viewer, pairing_key)
                    insert_consent(db, pairing_key, side, DECLINE, purpose="", account_key=viewer.account_key)
                case _:
                    self._withdraw(db, viewer, side, steps)
            self._note(db, viewer, seen, side, act, steps)

    def reveal(self, viewer: Viewer, pairing_key: int) -> ConsentPage:
        """Return the page with the other side's contact, once both agreed, and record who saw it.

        Raises NotFoundError as long as nothing was released, and for who is on neither side.
        """
        seen, side = self._seen(viewer, pairing_key)
        if side not in (PUBLISHER, COMPANY):
            raise NotFoundError("没有可以查看的联系方式。")
        with transaction(self._keeper.db) as db:
            steps = load_consents(db, pairing_key)
            if not self._released(seen, steps):
                raise NotFoundError("没有可以查看的联系方式。")
            given = next(one for one in steps if not one.withdrawn_at and one.side == _other(side))
            phone, sealed = load_contacts(db, SUBJECT, [given.key]).get(given.key, ("", ""))
            purpose = next(one.purpose for one in steps if not one.withdrawn_at and one.act == ASK)
            record_action(db, viewer, "contact.revealed", SUBJECT, given.key, 事由=purpose, 对接=pairing_key)
            note = f"{SIDES[side]}查看了{SIDES[_other(side)]}的联系方式"
            write_event(db, pairing_key, "reveal", viewer, note=note, facts={AUDIENCE: "all", "read": side})
        page = self._page(viewer, seen, side, steps)
        return replace(page, office_phone=phone, revealed=self._contacts.labelled(sealed))

    def _seen(self, viewer: Viewer, pairing_key: int) -> tuple[Seen, str]:
        seen = see(self._keeper.db, viewer, pairing_key)
        held = (
            (PUBLISHER, bool(seen.need.organisation_key) and seen.publisher),
            (COMPANY, bool(seen.offer.organisation_key) and seen.company),
            (MATCHMAKER, seen.matchmaker),
        )
        side = next((name for name, holds in held if holds), "")
        if not side:
            raise NotFoundError(NO_PAIRING)
        return seen, side

    def _page(self, viewer: Viewer, seen: Seen, side: str, steps: list[ConsentRow]) -> ConsentPage:
        db, years = self._keeper.db, self._keeper.desk().key_years
        events = [
            one for one in load_pairing_events(db, seen.row.key) if one.action == "reveal" and "read" in one.facts
        ]
        people = account_names(db, {key for one in steps for key in (one.account_key, one.withdrawn_by)})
        own = seen.need if side == PUBLISHER else seen.offer
        shown = self._shown(side, steps)
        return ConsentPage(
            seen.row.key, card_of(_clean(seen.need), years), card_of(_clean(seen.offer), years), side, self._through,
            tuple(_step(one, people, side) for one in shown), tuple(self._open_acts(seen, side, steps)),
            self._released(seen, steps), self._waits_for(shown) if seen.row.stage != FAILED else "",
            "" if side == MATCHMAKER else self._contacts.masked(self._kept(db, own)[1]),
            tuple((SIDES.get(str(one.facts["read"]), ""), one.at) for one in events),
        )  # fmt: skip

    def _open_acts(self, seen: Seen, side: str, steps: list[ConsentRow]) -> list[str]:
        """What this side can do now, in the order the page offers it."""
        live = {one.side: one for one in steps if not one.withdrawn_at}
        asked = next((one for one in live.values() if one.act == ASK), None)
        wish = [ASK] if side in (PUBLISHER, COMPANY) and seen.row.stage != FAILED else []
        if asked is None:
            return wish
        if side == MATCHMAKER:
            return [PASS, DECLINE] if self._through and MATCHMAKER not in live else []
        if side in live:
            return [WITHDRAW]
        # Of a wish that was not passed on the other side knows nothing, and may still have the same.
        passed = not self._through or MATCHMAKER in live
        return wish if not passed else [AGREE, DECLINE] if seen.row.stage != FAILED else []

    def _released(self, seen: Seen, steps: list[ConsentRow]) -> bool:
        live = {one.side for one in steps if not one.withdrawn_at}
        passed = not self._through or MATCHMAKER in live
        return {PUBLISHER, COMPANY} <= live and passed and seen.row.stage != FAILED

    def _waits_for(self, steps: list[ConsentRow]) -> str:
        """Whose turn it is, empty when nobody's."""
        live = {one.side: one for one in steps if not one.withdrawn_at}
        if not live:
            return ""
        if self._through and MATCHMAKER not in live:
            return SIDES[MATCHMAKER]
        if {PUBLISHER, COMPANY} <= set(live):
            return ""
        return next(SIDES[side] for side in (PUBLISHER, COMPANY) if side not in live)

    def _give(self, db: Database, viewer: Viewer, seen: Seen, side: str, act: str, purpose: str, contact: str) -> None:
        """Write the consent with the contact it is about, sealed."""
        words, typed = tidy(purpose), tidy(contact)
        if act == ASK and (fault := text_fault("purpose", "用途", words, MAX_PURPOSE, required=True)):
            raise FaultyError(fault.sentence, [fault])
        if len(typed) > MAX_CONTACT:
            raise _missing(f"最多 {MAX_CONTACT} 个字，现有 {len(typed)} 个字")
        own = seen.need if side == PUBLISHER else seen.offer
        phone, sealed = self._contacts.seal_cell(typed) if typed else self._kept(db, own)
        if not phone and not sealed:
            raise _missing("没有填写，清单里也没有登记；对方同意后将看到这里写的内容")
        # Who wishes what the other side already wished has agreed, once the matchmaker passes it on.
        met = any(one.act == ASK and not one.withdrawn_at for one in load_consents(db, seen.row.key))
        written = AGREE if met else act
        key = insert_consent(db, seen.row.key, side, written, purpose=words, account_key=viewer.account_key)
        self._contacts.save(db, viewer, SUBJECT, key, office_phone=phone, sealed=sealed)

    def _kept(self, db: Database, row: PostingRow) -> tuple[str, str]:
        """Office phone and seal kept with a posting, else with its organisation."""
        own = load_contacts(db, POSTING, [row.key]).get(row.key, ("", ""))
        return own if any(own) else load_contacts(db, ORGANISATION, [row.organisation_key]).get(
            row.organisation_key, ("", ""))  # fmt: skip

    def _end(self, db: Database, viewer: Viewer, pairing_key: int) -> None:
        """End what holds; a contact nobody may read any more is deleted."""
        for key in end_consents(db, pairing_key, viewer.account_key):
            drop_contact(db, SUBJECT, key)

    def _withdraw(self, db: Database, viewer: Viewer, side: str, steps: list[ConsentRow]) -> None:
        """Take back what was given: all of it, or only the own wish while it was not passed on."""
        if self._passed(_rounds(steps)[-1]):
            self._end(db, viewer, steps[-1].pairing_key)
            return
        for key in end_consents(db, steps[-1].pairing_key, viewer.account_key, side):
            drop_contact(db, SUBJECT, key)
        if any(one.act == ASK and one.side == side and not one.withdrawn_at for one in steps):
            for one in steps:
                if one.act == AGREE and not one.withdrawn_at:
                    make_wish(db, one.key)

    def _note(self, db: Database, viewer: Viewer, seen: Seen, side: str, act: str, before: list[ConsentRow]) -> None:
        """Audit entry, journal and notices of one act; the other side learns of nothing that was not passed on."""
        record_action(db, viewer, f"consent.{_ACTIONS[act]}", SUBJECT, seen.row.key)
        said = f"{SIDES[side]}{ACTS.get(act, '撤回同意，联系方式不再可见')}"
        steps = load_consents(db, seen.row.key)
        last = _rounds(steps)[-1]
        known = self._passed(last)
        # Before it is passed on, a side hears of its own wish; a matchmaker's no reaches all who still wished.
        wished = {one.side for one in before if not one.withdrawn_at}
        mine = tuple(sorted(wished)) if side == MATCHMAKER else (side,)
        write_event(
            db,
            seen.row.key,
            "reveal",
            viewer,
            note=f"联系方式交换：{said}",
            facts={AUDIENCE: "all" if known or len(mine) > 1 else mine[0]},
        )
        sides = (PUBLISHER, COMPANY) if known else mine
        told = {one for name in sides for one in members_of(db, seen.need, seen.offer, name)}
        if self._through:
            told |= set(matchmakers_of(db, seen.row.matchmaker_key, seen.need, seen.offer)[0])
        waits = self._waits_for(steps if known or side == MATCHMAKER else [one for one in last if one.side == side])
        notify(
            db, sorted(told - {viewer.account_key}), kind=KIND,
            title=f"{name_of(seen.need, seen.offer)}的联系方式交换：{said}", link=f"/pairings/{seen.row.key}/contact",
            body=f"待{waits}决定。" if waits else "", reason="您是这个对接的撮合员，或是其中一方单位的成员。",
        )  # fmt: skip

    def _passed(self, steps: list[ConsentRow]) -> bool:
        """Whether the other side may know of a round: at once, or when the matchmaker has passed it on."""
        return not self._through or any(one.act == PASS for one in steps)

    def _shown(self, side: str, steps: list[ConsentRow]) -> list[ConsentRow]:
        """The steps this side may know of."""
        if side == MATCHMAKER or not self._through:
            return steps
        return [step for one in _rounds(steps) for step in _known(one, side)]


def _rounds(steps: list[ConsentRow]) -> list[list[ConsentRow]]:
    """The steps cut into rounds, each begun by a wish."""
    rounds: list[list[ConsentRow]] = []
    for step in steps:
        if step.act == ASK or not rounds:
            rounds.append([])
        rounds[-1].append(step)
    return rounds


def _known(steps: list[ConsentRow], side: str) -> list[ConsentRow]:
    """The steps of one round through the matchmaker as one side knows them; its own wish reads as one."""
    passed = next((place for place, one in enumerate(steps) if one.act == PASS), len(steps))
    own = [one.side == side for one in steps]
    early = [replace(one, act=ASK) for one, mine in zip(steps[:passed], own, strict=False) if mine]
    if passed == len(steps):
        ended_by = {one.withdrawn_by for one in early}
        return [*early, *(one for one in steps if one.act == DECLINE and early and one.account_key in ended_by)]
    theirs = [one for one in steps[:passed] if one.side != side and not _before(one, steps[passed])]
    return [*sorted([*early, *theirs], key=lambda one: one.key), *steps[passed:]]


def _before(step: ConsentRow, passed: ConsentRow) -> bool:
    """Whether a wish was taken back before the matchmaker passed the other one on."""
    return step.act == AGREE and bool(step.withdrawn_at) and step.withdrawn_at < passed.at


def _just_done(viewer: Viewer, side: str, act: str, steps: list[ConsentRow]) -> bool:
    """Whether this person has just done the same: the second press of a double click."""
    if act == WITHDRAW:
        return bool(steps) and all(one.withdrawn_at for one in steps) and steps[-1].withdrawn_by == viewer.account_key
    last = steps[-1] if steps else None
    acts = (ASK, AGREE) if act == ASK else (act,)
    return last is not None and last.act in acts and (last.side, last.account_key) == (side, viewer.account_key)


def _other(side: str) -> str:
    return COMPANY if side == PUBLISHER else PUBLISHER


def _missing(clause: str) -> FaultyError:
    label = "本方联系方式"
    sentence = f"“{label}”：{clause}。"
    return FaultyError(sentence, [Fault("contact", label, "", sentence)])


def _clean(row: PostingRow) -> PostingRow:
    return replace(row, posting=masked(row.posting))


def _step(row: ConsentRow, people: dict[int, str], side: str) -> ConsentStep:
    """One step; who the persons of the other side are is part of what is not yet given away."""
    named = side in (MATCHMAKER, row.side)
    over = row.act == DECLINE
    return ConsentStep(
        row.side, SIDES[row.side], row.act, ACTS[row.act], people.get(row.account_key, "") if named else "",
        row.purpose, row.at, "" if over else row.withdrawn_at,
        people.get(row.withdrawn_by, "") if named and not over else "",
    )  # fmt: skip
