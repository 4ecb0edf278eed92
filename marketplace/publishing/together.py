"""Decides on many texts of one page at once: each is judged by itself, all are written in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from marketplace.access import Viewer
from marketplace.errors import RefusedError
from marketplace.publishing.checking import check_draft
from marketplace.publishing.deciding import (
    ask_second,
    refusal_of,
    tell_passed,
    tell_returned,
    write_approval,
    write_return,
)
from marketplace.publishing.rights import may_review
from marketplace.publishing.states import APPROVED, DRAFT_STATES, IN_QUEUE, SECOND, WAITING
from marketplace.records import TermBook
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.drafts import DraftRow, load_drafts

# As many as one page of the queue shows: nobody decides on what they have not had before their eyes.
MOST = 50
CHANGED = "在您打开之后有了变化，请看过最新内容再决定"
FAULTY = "内容还有问题，不能通过，请退回修改"
# So many titles, each cut so short, stand in one sentence.
_NAMED, _TITLE = 8, 20


@dataclass(frozen=True, slots=True)
class Pick:
    """A text ticked on the page, with the stamp it had there."""

    key: int
    stamp: int


@dataclass(frozen=True, slots=True)
class Decided:
    """How many texts were moved to which state, and one sentence for each reason that kept others out."""

    moved: Mapping[str, int]
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Choice:
    """What was ticked, sorted into what may be decided on and what is left, by reason."""

    asked: int
    open: list[DraftRow]
    unknown: int
    left: dict[str, list[str]] = field(default_factory=dict)

    def leave(self, row: DraftRow, reason: str) -> None:
        self.left.setdefault(reason.rstrip("。"), []).append(row.title or "未命名")

    def decided(self, moved: Mapping[str, int], verb: str) -> Decided:
        """The outcome; raises RefusedError when nothing was moved."""
        said = [f"{_named(titles)}没有处理：{reason}。" for reason, titles in self.left.items()]
        # Texts of other districts do not exist for this reviewer and are not named.
        said += [f"有 {self.unknown} 条不在您的区域、已撤回送审或已经不在，没有处理。"] if self.unknown else []
        if not moved:
            raise RefusedError(f"没有一条可以{verb}。{''.join(said)}")
        return Decided(moved, tuple(said))


def approve_together(
    db: Database, viewer: Viewer, picks: Sequence[Pick], terms: TermBook, *, covered: int, two_step: bool
) -> Decided:
    """Pass the ticked texts on, all that this reviewer may pass; ``covered`` is what the secrecy check was given for.

    Raises RefusedError when it was given for another number of texts, or when none of them can be passed.
    """
    choice = _choose(db, viewer, picks, WAITING)
    if covered != choice.asked:
        ticked = f"保密审查写明的是 {covered} 条，" if covered else ""
        raise RefusedError(f"{ticked}现在选了 {choice.asked} 条；请逐条完成保密审查，并勾选确认后再通过。")
    ready = []
    for row in choice.open:
        record, _ = check_draft(db, row, terms)
        if record is None:
            choice.leave(row, FAULTY)
        else:
            ready.append(row)
    moved: dict[str, list[DraftRow]] = {}
    with transaction(db):
        for row in ready:
            state = write_approval(db, viewer, row, two_step=two_step, together=choice.asked)
            if state:
                moved.setdefault(state, []).append(row)
            else:
                choice.leave(row, CHANGED)
        ask_second(db, viewer, moved.get(SECOND, []))
        tell_passed(db, viewer, moved.get(APPROVED, []))
    return choice.decided({state: len(rows) for state, rows in moved.items()}, "通过")


def return_together(db: Database, viewer: Viewer, picks: Sequence[Pick], why: str) -> Decided:
    """Send the ticked texts back with one reason, all that this reviewer may send back.

    Raises RefusedError when none of them can be.
    """
    choice = _choose(db, viewer, picks, IN_QUEUE)
    moved = []
    with transaction(db):
        for row in choice.open:
            if write_return(db, viewer, row, why):
                moved.append(row)
            else:
                choice.leave(row, CHANGED)
        tell_returned(db, viewer, moved, why)
    return choice.decided({"returned": len(moved)} if moved else {}, "退回")


def _choose(db: Database, viewer: Viewer, picks: Sequence[Pick], states: Sequence[str]) -> _Choice:
    """Sort what was ticked; raises RefusedError for nothing, or for more than a page shows."""
    stamps = {pick.key: pick.stamp for pick in picks}
    if not stamps:
        raise RefusedError("请至少勾选一条内容。")
    if len(stamps) > MOST:
        raise RefusedError(f"一次最多处理一页 {MOST} 条，现在选了 {len(stamps)} 条。")
    rows = [row for row in load_drafts(db, keys=stamps) if may_review(db, viewer, row)]
    choice = _Choice(len(stamps), [], len(stamps) - len(rows))
    for row in rows:
        reason = refusal_of(viewer, row)
        if row.state not in states:
            choice.leave(row, f"状态是“{DRAFT_STATES[row.state]}”，现在不能这样处理")
        elif reason:
            choice.leave(row, reason)
        elif row.stamp != stamps[row.key]:
            choice.leave(row, CHANGED)
        else:
            choice.open.append(row)
    return choice


def _named(titles: Sequence[str]) -> str:
    short = (title if len(title) <= _TITLE else title[: _TITLE - 1] + "…" for title in titles[:_NAMED])
    more = f"等 {len(titles)} 条" if len(titles) > _NAMED else ""
    return "".join(f"“{title}”" for title in short) + more
