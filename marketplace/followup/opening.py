"""Opens a pairing, from a recommended match, by hand or by a company's intent; one open pairing a pair."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.errors import NotFoundError, RefusedError
from marketplace.followup.journal import AUDIENCE, write_event
from marketplace.followup.limits import check_caps, due_day
from marketplace.followup.rights import serves_pair
from marketplace.followup.telling import tell_opened
from marketplace.publicity import masked
from marketplace.records import SIDE_NAMES
from marketplace.settings import MarketSettings
from marketplace.stages import FIRST_TURN, ORIGINS, RECOMMENDED
from marketplace.states import STATES, VISIBLE
from marketplace.store import Database, PostingRow
from marketplace.store.pairings import insert_pairing, open_pairing_of
from marketplace.store.postings import load_rows
from matching import Side

SUBJECT = "pairing"
NO_POSTING = {side: f"没有这条{name}，可能是链接有误。" for side, name in SIDE_NAMES.items()}


def open_pairing(
    db: Database, settings: MarketSettings, viewer: Viewer, opportunity_key: int, capability_key: int, *,
    origin: str, note: str = "",
) -> int:  # fmt: skip
    """Return the key of the pair's open pairing, opening one inside the caller's transaction when there is none.

    The caller has checked that the viewer may. A matchmaker of the district becomes the one in charge.
    Raises NotFoundError for a posting that does not exist, RefusedError when one is no longer public,
    CapError when as many as allowed are under way, KeyError for an unknown ``origin``.
    """
    if origin not in ORIGINS:
        raise KeyError(origin)
    known = open_pairing_of(db, opportunity_key, capability_key)
    if known is not None:
        return known.key
    need, offer = load_pair(db, opportunity_key, capability_key)
    for row in (need, offer):
        if row.state not in VISIBLE:
            state = STATES.get(row.state, row.state)
            raise RefusedError(f"“{row.posting.title}”的状态是“{state}”，不能建立对接；应为：已发布或需复核。")
    check_caps(db, settings.followup, viewer, need, offer)
    today = date.today()
    serves = serves_pair(viewer, need, offer)
    key = insert_pairing(
        db, need.key, offer.key,
        {"stage": RECOMMENDED, "origin": origin, "matchmaker_key": viewer.account_key if serves else 0,
         "acting": FIRST_TURN[RECOMMENDED], "stage_since": today.isoformat(), "author_key": viewer.account_key,
         "due_on": due_day(settings.followup, RECOMMENDED, today)},
    )  # fmt: skip
    facts = {"origin": origin, AUDIENCE: "office"}
    write_event(db, key, "open", viewer, note=note, facts=facts, to_stage=RECOMMENDED)
    record_action(
        db,
        viewer,
        "pairing.opened",
        SUBJECT,
        key,
        来源=ORIGINS[origin],
        场景机会=need.posting.id,
        场景能力=offer.posting.id,
    )
    tell_opened(db, viewer, key, need, offer, origin=origin, in_charge=serves)
    return key


def load_pair(db: Database, opportunity_key: int, capability_key: int) -> tuple[PostingRow, PostingRow]:
    """Return both postings in any state, without personal data.

    Raises NotFoundError when one does not exist or is of the other list.
    """
    stored = load_rows(db, [opportunity_key, capability_key])
    found = {row.key: replace(row, posting=masked(row.posting)) for row in stored}
    need, offer = found.get(opportunity_key), found.get(capability_key)
    if need is None or need.posting.side is not Side.OPPORTUNITY:
        raise NotFoundError(NO_POSTING[Side.OPPORTUNITY])
    if offer is None or offer.posting.side is not Side.CAPABILITY:
        raise NotFoundError(NO_POSTING[Side.CAPABILITY])
    return need, offer
