"""Lists the pairings one viewer may see, the most urgent first."""

from __future__ import annotations

import math
from datetime import date

from marketplace.access import MATCHMAKER, OF_DISTRICTS, Viewer
from marketplace.followup.pages import PairingLine, PairingList, PairingQuery
from marketplace.followup.viewing import days_late
from marketplace.records import mask_personal
from marketplace.stages import CLOSED_STAGES, OPEN_STAGES, PARTIES, STAGES
from marketplace.store import Database
from marketplace.store.accounts import account_names
from marketplace.store.pairing_lists import ListedPairing, Reach, Sifting, count_pairings, list_pairings

PAGE = 20
SHOWS = {"open": OPEN_STAGES, "closed": CLOSED_STAGES, "all": ()}


def reach_of(viewer: Viewer) -> Reach:
    """Return which pairings exist for a viewer, by the rules of ``rights``: districts served, own organisations.

    Who stands for a company is never neutral, and so sees nothing as the office.
    """
    office = not viewer.company_of
    served = [viewer.districts.get(role, ()) for role in OF_DISTRICTS if office and role in viewer.roles]
    places = tuple(dict.fromkeys(place for one in served for place in one))
    agencies, companies = tuple(sorted(viewer.publisher_of)), tuple(sorted(viewer.company_of))
    return Reach(any(not one for one in served), places, agencies, companies, agencies)


def list_page(db: Database, viewer: Viewer, query: PairingQuery) -> PairingList:
    """Return one page of what is asked for; a page past the end is the last one."""
    reach, sifting = reach_of(viewer), _sifting(viewer, query)
    counts = count_pairings(db, reach, sifting)
    total = counts.get(query.stage, 0) if query.stage else sum(counts.values())
    pages = max(1, math.ceil(total / PAGE))
    page = min(max(1, query.page), pages)
    chosen = _sifting(viewer, query, stage=query.stage)
    listed = list_pairings(db, reach, chosen, limit=PAGE, offset=(page - 1) * PAGE)
    office = viewer.has(*OF_DISTRICTS) and not viewer.company_of
    names = account_names(db, {one.row.matchmaker_key for one in listed}) if office else {}
    lines = tuple(line_of(one, names, date.today()) for one in listed)
    stages = tuple((code, label, counts[code]) for code, label in STAGES.items() if counts.get(code))
    return PairingList(query, lines, total, page, pages, stages, viewer.has(MATCHMAKER), viewer.has(MATCHMAKER))


def line_of(one: ListedPairing, names: dict[int, str], today: date) -> PairingLine:
    """Return a pairing as a line of a list."""
    row = one.row
    return PairingLine(
        row.key, mask_personal(one.need_title), mask_personal(one.need_organisation), mask_personal(one.offer_title),
        mask_personal(one.offer_organisation), row.stage, STAGES[row.stage], row.acting,
        PARTIES.get(row.acting, ""), names.get(row.matchmaker_key, ""), row.next_step, row.next_on, row.due_on,
        days_late(row, today),
    )  # fmt: skip


def _sifting(viewer: Viewer, query: PairingQuery, stage: str = "") -> Sifting:
    sides = (("matchmaker", viewer.has(MATCHMAKER)), ("publisher", viewer.publisher_of), ("company", viewer.company_of))
    today = date.today().isoformat()
    return Sifting(
        stages=(stage,) if stage else tuple(SHOWS.get(query.show, ())) if not query.revisit else (),
        matchmaker=viewer.account_key if query.mine else None,
        acting=tuple(side for side, holds in sides if holds) if query.turn else (),
        overdue=today if query.overdue else "",
        revisit_by=today if query.revisit else "",
        text=query.text,
    )
