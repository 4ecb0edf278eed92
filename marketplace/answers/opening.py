"""What happens when an answer may be known: a pairing is opened, agency and matchmakers are told."""

from __future__ import annotations

from datetime import date

from marketplace.access import COMPANY, Viewer
from marketplace.answers.rights import agency_accounts, matchmakers_of, need_of
from marketplace.answers.terms import as_terms
from marketplace.audit import record_action
from marketplace.errors import RefusedError
from marketplace.followup import open_pairing, write_event
from marketplace.notices import accounts_of, notify
from marketplace.settings import MarketSettings
from marketplace.stages import MISTAKEN, is_open
from marketplace.store import Database, PostingRow
from marketplace.store.answers import IntentRow, load_intent, load_rules, untold_intents, update_intent
from marketplace.store.database import now, transaction
from marketplace.store.drafts import organisation_names
from marketplace.store.pairings import PairingRow, load_pairing, open_pairing_of
from marketplace.store.postings import load_rows

SYSTEM = Viewer(name="系统", login="system")
KIND, SUBJECT = "intent", "intent"
UNOPENED = "暂未建立对接；可在答复页面查看，待条件具备时由此建立。"

ENDED = "此前的对接已经结束，没有因修订重新建立；愿意继续的，可在答复页面重新建立对接。"
ENDED_FOR_COMPANY = "此前的对接已经结束，没有因修订重新建立；是否继续由需求方决定，也可以联系撮合员。"


def table_path(opportunity_key: int) -> str:
    """Return the path of the page with all answers to a need."""
    return f"/opportunities/{opportunity_key}/answers"


def arrive(
    db: Database, settings: MarketSettings, viewer: Viewer, intent: IntentRow, need: PostingRow, title: str
) -> int:
    """Open the pairing of an answer and tell of it, inside the caller's transaction; return the pairing, 0 for none.

    A cap on open pairings keeps no answer back, nor does the company learn of it: the agency opens the pairing later.
    """
    before = open_pairing_of(db, need.key, intent.capability_key)
    if before is None and (ended := _ended(db, intent)):
        return _after_the_end(db, viewer, intent, need, title, ended)
    try:
        pairing = open_pairing(db, settings, viewer, need.key, intent.capability_key, origin="intent")
        unopened = ""
    except RefusedError:
        # Why is the company's own affair: how much it has under way is nothing for the agency's notice.
        pairing, unopened = 0, UNOPENED
    update_intent(db, intent.key, pairing_key=pairing or intent.pairing_key, told_at=now())
    if pairing:
        _write_intent(db, viewer, pairing, intent, title)
    told = set(agency_accounts(db, need))
    if not pairing or before is not None:
        told |= set(matchmakers_of(db, need))
    tell(db, need, told - {viewer.account_key}, f"“{need.posting.title}”{title}", unopened)
    return pairing


def _ended(db: Database, intent: IntentRow) -> PairingRow | None:
    """Return the pairing this answer had, when it has ended; one that was opened by mistake never began."""
    row = load_pairing(db, intent.pairing_key) if intent.pairing_key else None
    return None if row is None or is_open(row.stage) or row.reason_code == MISTAKEN else row


def _after_the_end(
    db: Database, viewer: Viewer, intent: IntentRow, need: PostingRow, title: str, ended: PairingRow
) -> int:
    """Keep what was revised and tell both sides that the pairing stays ended: going on is the agency's to decide."""
    update_intent(db, intent.key, told_at=now())
    _write_intent(db, viewer, ended.key, intent, title)
    told = {*agency_accounts(db, need), *matchmakers_of(db, need)} - {viewer.account_key}
    tell(db, need, told, f"“{need.posting.title}”{title}", ENDED)
    own = accounts_of(db, intent.owner_key, (COMPANY,))
    said, reason = f"“{need.posting.title}”：修订的答复已送达", "这条场景机会有您所在单位的答复。"
    notify(db, own, kind=KIND, title=said, body=ENDED_FOR_COMPANY, link="/my/answers", reason=reason)
    return 0


def _write_intent(db: Database, viewer: Viewer, pairing_key: int, intent: IntentRow, title: str) -> None:
    """Write into the journal of a pairing that an answer has come, for both sides."""
    facts = {"audience": "all", "intent": intent.key}
    write_event(db, pairing_key, "intent", viewer, note=title.removeprefix("："), facts=facts)


def tell(db: Database, need: PostingRow, accounts: set[int], title: str, body: str = "") -> None:
    """Tell those who read the answers of a need, inside the caller's transaction."""
    reason = f"“{need.posting.title}”属于您所在的单位，或在您负责撮合的区域。"
    notify(db, sorted(accounts), kind=KIND, title=title, body=body, link=table_path(need.key), reason=reason)


def company_name(db: Database, intent: IntentRow) -> str:
    """Return the name of the company that answers."""
    return organisation_names(db, [intent.owner_key]).get(intent.owner_key, "某单位")


def open_sealed_answers(db: Database, settings: MarketSettings, today: date | None = None) -> int:
    """Make known every answer whose closing date has passed; return how many those were.

    One transaction an answer, so that a run that was cut off is simply run again.
    """
    waiting = untold_intents(db)
    rules = load_rules(db, {one.opportunity_key for one in waiting})
    needs = {row.key: row for row in load_rows(db, {one.opportunity_key for one in waiting})}
    count = 0
    for one in waiting:
        need, rule = needs.get(one.opportunity_key), rules.get(one.opportunity_key)
        if need is None or (rule and as_terms(rule, need_of(need).deadline or "", today).hidden):
            continue
        with transaction(db):
            fresh = load_intent(db, one.key)
            # Taken back, or made known by another worker, a moment ago.
            if fresh is None or fresh.told_at or fresh.state != one.state:
                continue
            title = f"答复已截止，收到{company_name(db, fresh)}的答复"
            arrive(db, settings, SYSTEM, fresh, need, title)
            record_action(db, SYSTEM, "intent.opened", SUBJECT, one.key)
        count += 1
    return count
