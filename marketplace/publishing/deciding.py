"""Writes a reviewer's decisions down, one text or many alike: the move, the record of it, and who is told."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.access import REVIEWER, Viewer
from marketplace.audit import record_action
from marketplace.notices import accounts_of, accounts_with, notify
from marketplace.publishing.rights import is_author, place_of
from marketplace.publishing.states import (
    APPROVED,
    DRAFT_STATES,
    FIRST_PASS,
    PASSED,
    RETURNED,
    REVIEW,
    SECOND,
    SENT_BACK,
)
from marketplace.store import Database
from marketplace.store.database import now
from marketplace.store.drafts import DraftRow, move_draft
from marketplace.store.versions import add_event

NOT_YOURS = "这份内容由您或您所属的单位填写，应由另一位审核员审核。"
NOT_TWICE = "您已做初审，复审应由另一位审核员进行。"
CHECKED = "已按规定完成保密审查"
# A notice names so many texts and counts the others.
NAMED = 30
_AUTHORS = "您填写了这些内容，或是其单位的成员。"


def refusal_of(viewer: Viewer, row: DraftRow) -> str:
    """Return why this reviewer may not decide on a text, empty when nothing is in the way."""
    if is_author(viewer, row):
        return NOT_YOURS
    return NOT_TWICE if row.state == SECOND and row.first_reviewer == viewer.account_key else ""


def write_approval(db: Database, viewer: Viewer, row: DraftRow, *, two_step: bool, together: int = 1) -> str:
    """Pass a text on inside a transaction; return its new state, empty when it was changed meanwhile.

    ``together`` is how many texts the reviewer's one secrecy check covered; more than one is put on record.
    """
    first = two_step and row.state == REVIEW
    state = SECOND if first else APPROVED
    me = viewer.account_key
    who = {"first_reviewer": me} if first else {"approved_by": me}
    if not move_draft(db, row, state, secrecy_by=me, secrecy_at=now(), **who):
        return ""
    note = CHECKED if together == 1 else f"{CHECKED}（同批 {together} 条）"
    step = FIRST_PASS if first else PASSED
    add_event(db, step, draft_key=row.key, posting_key=row.posting_key, account_key=me, note=note)
    said = {"标题": row.title} | ({"同批条数": together} if together > 1 else {})
    record_action(db, viewer, "draft.secrecy_checked", "draft", row.key, **said)
    record_action(db, viewer, "draft.approved", "draft", row.key, **said, 结果=DRAFT_STATES[state])
    return state


def write_return(db: Database, viewer: Viewer, row: DraftRow, why: str) -> bool:
    """Send a text back inside a transaction; False when it was changed meanwhile."""
    cleared = {"first_reviewer": 0, "approved_by": 0, "secrecy_by": 0, "secrecy_at": ""}
    if not move_draft(db, row, RETURNED, **cleared):
        return False
    me = viewer.account_key
    add_event(db, SENT_BACK, draft_key=row.key, posting_key=row.posting_key, account_key=me, note=why)
    record_action(db, viewer, "draft.returned", "draft", row.key, 标题=row.title, 原因=why)
    return True


def tell_passed(db: Database, viewer: Viewer, rows: Sequence[DraftRow]) -> None:
    """Tell authors and their organisations that texts wait for publication, one notice a person."""
    for account, own in _by_reader(db, viewer, rows).items():
        notify(
            db, [account], kind="review", title=f"{_named(own)}审核通过，等待发布", body=_list(own), link=_link(own),
            reason=_AUTHORS,
        )  # fmt: skip


def tell_returned(db: Database, viewer: Viewer, rows: Sequence[DraftRow], why: str) -> None:
    """Tell authors and their organisations what was sent back and why, one notice a person."""
    for account, own in _by_reader(db, viewer, rows).items():
        body = "\n".join(filter(None, [f"原因：{why}", _list(own)]))
        notify(
            db, [account], kind="review", title=f"{_named(own)}被退回修改", body=body, link=_link(own), reason=_AUTHORS
        )


def ask_second(db: Database, viewer: Viewer, rows: Sequence[DraftRow]) -> None:
    """Ask the other reviewers of each place for the second review, one notice a person."""
    reviewers: dict[tuple[str, str], tuple[int, ...]] = {}
    asked: dict[int, list[DraftRow]] = {}
    for row in rows:
        place = place_of(db, row)
        if place not in reviewers:
            reviewers[place] = accounts_with(db, REVIEWER, *place)
        for account in set(reviewers[place]) - {viewer.account_key, row.author_key}:
            asked.setdefault(account, []).append(row)
    for account, own in sorted(asked.items()):
        link = f"/review/{own[0].key}" if len(own) == 1 else f"/review?state={SECOND}"
        notify(
            db, [account], kind="review", title=f"{_named(own)}等待复审", body=_list(own), link=link,
            reason="您是该区域的审核员，初审已由另一位审核员完成。",
        )  # fmt: skip


def _by_reader(db: Database, viewer: Viewer, rows: Sequence[DraftRow]) -> dict[int, list[DraftRow]]:
    """The texts by the person who is told of them; nobody is told of what they just did."""
    members: dict[int, tuple[int, ...]] = {}
    found: dict[int, list[DraftRow]] = {}
    for row in rows:
        if row.organisation_key not in members:
            members[row.organisation_key] = accounts_of(db, row.organisation_key)
        for account in sorted({row.author_key, *members[row.organisation_key]} - {0, viewer.account_key}):
            found.setdefault(account, []).append(row)
    return found


def _named(rows: Sequence[DraftRow]) -> str:
    return f"“{rows[0].title}”" + (f"等 {len(rows)} 条" if len(rows) > 1 else "")


def _list(rows: Sequence[DraftRow]) -> str:
    """The titles, a line each; a single one stands in the notice's own title."""
    if len(rows) == 1:
        return ""
    more = [f"另有 {len(rows) - NAMED} 条从略。"] if len(rows) > NAMED else []
    return "\n".join([*(f"“{row.title}”" for row in rows[:NAMED]), *more])


def _link(rows: Sequence[DraftRow]) -> str:
    return f"/drafts/{rows[0].key}" if len(rows) == 1 else "/my"
