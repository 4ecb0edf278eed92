"""One day's look at the pairings: who is to be told of what is due or late, each once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from marketplace.flagging import refresh_stale_flags
from marketplace.followup.attachments import sweep_attachments
from marketplace.followup.opening import load_pair
from marketplace.followup.telling import KIND, link_of, matchmakers_of, name_of
from marketplace.notices import notify
from marketplace.settings import MarketSettings
from marketplace.stages import PARTIES, STAGES
from marketplace.store import Database, PostingRow
from marketplace.store.benchmark_cases import objection_files
from marketplace.store.benchmark_files import case_file_names
from marketplace.store.database import transaction
from marketplace.store.pairing_events import RevisitRow, mark_told, stored_names, untold_revisits
from marketplace.store.pairings import PairingRow, load_pairings, mark_pairings_told, untold_late

LIST_OVERDUE, LIST_REVISITS = "/pairings?overdue=1&mine=1", "/pairings?revisit=1"
# A notice names so many pairings and counts the others.
NAMED = 20


def look_after_pairings(db: Database, settings: MarketSettings, today: date) -> dict[str, int]:
    """Tell matchmakers of revisits that are due and of pairings that are late; return how many of each.

    What somebody was told of is marked in the same transaction, so that a run that was cut off is simply run again
    and nothing is told twice. A pairing that moves on, or gets a new step, is told of anew when it is late again.
    """
    sweep_attachments(settings, (stored_names(db) | objection_files(db) | case_file_names(db)).keys())
    refresh_stale_flags(db)
    day = today.isoformat()
    return {"revisits": _tell_revisits(db, day), "late": _tell_late(db, day)}


def _tell_revisits(db: Database, day: str) -> int:
    due = untold_revisits(db, day)
    rows = {row.key: row for row in load_pairings(db, [one.pairing_key for one in due])}
    told = 0
    for one in due:
        row = rows.get(one.pairing_key)
        if row is not None:
            told += _tell_revisit(db, row, one, day)
    return told


def _tell_revisit(db: Database, row: PairingRow, due: RevisitRow, day: str) -> int:
    need, offer = load_pair(db, row.opportunity_key, row.capability_key)
    people, why = matchmakers_of(db, row.matchmaker_key, need, offer)
    with transaction(db):
        notify(
            db, people, kind=KIND, title=f"{name_of(need, offer)}已到回访日期", link=link_of(row.key), reason=why,
            body=f"应于 {due.due_on} 回访。请了解是否仍在使用，在对接页面登记；评选标杆以回访为据。",
        )  # fmt: skip
        mark_told(db, [due.key], day)
    return 1


def _tell_late(db: Database, day: str) -> int:
    """Write one notice a matchmaker for all pairings that have become late."""
    groups: dict[tuple[tuple[int, ...], str], list[tuple[PairingRow, PostingRow, PostingRow]]] = defaultdict(list)
    late = untold_late(db, day)
    for row in late:
        need, offer = load_pair(db, row.opportunity_key, row.capability_key)
        groups[matchmakers_of(db, row.matchmaker_key, need, offer)].append((row, need, offer))
    for (people, why), found in groups.items():
        with transaction(db):
            _tell(db, people, why, found)
            mark_pairings_told(db, [row.key for row, _, _ in found], day)
    return len(late)


def _tell(
    db: Database, people: Sequence[int], why: str, found: Sequence[tuple[PairingRow, PostingRow, PostingRow]]
) -> None:
    row, need, offer = found[0]
    lines = [f"{name_of(*pair)}：{_what(one)}" for one, *pair in found[:NAMED]]
    more = [f"另有 {len(found) - NAMED} 个从略。"] if len(found) > NAMED else []
    single = len(found) == 1
    notify(
        db, people, kind=KIND, title=f"{name_of(need, offer)}的对接已超期" if single else f"{len(found)} 个对接已超期",
        body="\n".join([*lines, *more]), link=link_of(row.key) if single else LIST_OVERDUE,
        reason=why.replace("这个", "这些"),
    )  # fmt: skip


def _what(row: PairingRow) -> str:
    if row.next_on and (not row.due_on or row.next_on <= row.due_on):
        return f"下一步“{row.next_step}”应于 {row.next_on} 前由{PARTIES.get(row.acting, '撮合员')}办理"
    return f"“{STAGES[row.stage]}”阶段应于 {row.due_on} 前结束"
