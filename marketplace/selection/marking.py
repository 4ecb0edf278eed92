"""An expert's own work: the cases to look at, one sheet for each, standing aside. Nobody sees another's sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from marketplace.access import EXPERT, Viewer, require
from marketplace.audit import record_action
from marketplace.benchmarks.sheet import Sheet
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, ForbiddenError, NotFoundError, RefusedError, StaleError
from marketplace.followup.facts import read_note
from marketplace.records import Fault
from marketplace.records.faults import cut
from marketplace.records.values import half_width
from marketplace.selection import clock
from marketplace.selection.cases import KIND, NO_CASE, SUBJECT, Case, cases_with_pairs, find_case
from marketplace.selection.documents import DocumentLine, documents_of
from marketplace.selection.flags import FlagView, flag_view
from marketplace.selection.interests import Interests
from marketplace.selection.panel import may_score
from marketplace.selection.recusal import DECLARED, recuse
from marketplace.selection.rights import Year, find_open_year
from marketplace.selection.telling import tell_organisers
from marketplace.selection_states import CHECKED, GROUNDS, OPEN, RECUSED, SCORING
from marketplace.store import Database
from marketplace.store.benchmark_cases import load_case
from marketplace.store.benchmark_flags import load_flags
from marketplace.store.benchmark_panel import (
    ReviewRow,
    assignments_of,
    expert_of,
    reviews_of,
    save_review,
)
from marketplace.store.database import now, transaction

SHEET_OPEN, SHEET_SENT = "open", "sent"
MAX_MARK = Decimal(100)


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One case on an expert's list; ``state`` is waiting, begun, sent or recused."""

    key: int
    year: int
    code: str
    title: str
    domain: str
    state: str
    round: int
    why: str


@dataclass(frozen=True, slots=True)
class SheetPage:
    """One case on an expert's own screen with the sheet as it stands; nothing here is from another expert.

    ``earlier`` is the expert's own sheet of the first round, empty in the first.
    """

    key: int
    year: int
    code: str
    title: str
    need_organisation: str
    offer_title: str
    offer_organisation: str
    domain: str
    record: Mapping[str, str]
    flag: FlagView | None
    sheet: Sheet
    values: Mapping[str, str]
    comment: str
    stamp: int
    round: int
    sent: bool
    open: bool
    earlier: Mapping[str, str]
    documents: tuple[DocumentLine, ...]
    days: tuple[str, str]


class MarkingBook:
    """Sheets as experts write them; every method takes the viewer first and knows only the viewer's own."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def tasks(self, viewer: Viewer) -> tuple[TaskLine, ...]:
        """Return the viewer's cases, those to be done first."""
        require(viewer, EXPERT)
        db = self._keeper.db
        seats = assignments_of(db, account_key=viewer.account_key)
        own = {(one.case_key, one.round): one for one in reviews_of(db, account_key=viewer.account_key)}
        rows = [row for row in (load_case(db, one.case_key) for one in seats) if row is not None]
        cases = {case.row.key: case for case in cases_with_pairs(db, rows) if case.row.state == CHECKED}
        panels = {year: expert_of(db, year, viewer.account_key) for year in {case.row.year for case in cases.values()}}
        interests = Interests(db, [one for one in panels.values() if one is not None], cases.values())
        found = []
        for seat in seats:
            case = cases.get(seat.case_key)
            if case is not None:
                expert = panels[case.row.year]
                ground = seat.ground if seat.state == RECUSED else interests.ground(expert, case) if expert else ""
                found.append(_task(case, ground, own.get((case.row.key, case.row.round))))
        order = ["waiting", "begun", "sent", "recused"]
        return tuple(sorted(found, key=lambda one: (-one.year, order.index(one.state), one.code)))

    def page(self, viewer: Viewer, key: int) -> SheetPage:
        """Return a case to be scored.

        Raises NotFoundError for who is not on it, ForbiddenError for who stands aside.
        """
        db = self._keeper.db
        case = self._case(db, viewer, key)
        year = find_open_year(db, case.row.year)
        own = {one.round: one for one in reviews_of(db, case_key=key, account_key=viewer.account_key)}
        row, first = own.get(case.row.round), own.get(1) if case.row.round > 1 else None
        flags = load_flags(db, year=case.row.year, landing_id=case.row.landing_id)
        return SheetPage(
            key, year.number, case.code, case.title, getattr(case.need.posting, "publisher", ""),
            case.offer.posting.title, getattr(case.offer.posting, "company", ""), case.row.domain, case.row.record,
            flag_view(flags[0], year.sheet) if flags else None, year.sheet, row.scores if row else {},
            row.comment if row else "", row.stamp if row else 0, case.row.round,
            row is not None and row.state == SHEET_SENT, year.scores_today, first.scores if first else {},
            documents_of(db, year.sheet, key), year.scoring_days,
        )  # fmt: skip

    def save(
        self, viewer: Viewer, key: int, typed: Mapping[str, str], comment: str, stamp: int, *, send: bool = False,
        shown_round: int = 1,
    ) -> None:  # fmt: skip
        """Keep the viewer's own sheet, or hand it in; a sheet that was handed in stays as it is.

        ``shown_round`` is the round the sheet was typed for: marks of the first do not count as the second.

        Raises FaultyError naming every mark that cannot be read, RefusedError outside the scoring, StaleError.
        """
        db = self._keeper.db
        case = self._case(db, viewer, key)
        year = find_open_year(db, case.row.year)
        scores, faults = read_marks(typed, year.sheet, whole=send)
        said, told = read_note(comment, "评审意见", "comment", required=send)
        faults += told
        if faults:
            raise FaultyError(f"没有{'提交' if send else '保存'}评分：有 {len(faults)} 处需要改正。", faults)
        with transaction(db):
            case = self._case(db, viewer, key)
            year = find_open_year(db, case.row.year)
            _require_scoring(year)
            if shown_round != case.row.round:
                moved = f"这个案例已进入第 {case.row.round} 轮评分，您填写的不是这一轮的评分表"
                raise StaleError(f"{moved}，没有保存；请看过现在的内容再评。")
            own = {one.round: one for one in reviews_of(db, case_key=key, account_key=viewer.account_key)}
            row = own.get(case.row.round)
            if row is not None and row.state == SHEET_SENT:
                raise RefusedError("这份评分已经提交，不能再改；如有错误请告知组织单位。")
            if (row.stamp if row else 0) != stamp:
                raise StaleError("这份评分已在另一个页面改动过；请看过现在的内容再保存。填写的内容还在。")
            columns = {"year": case.row.year, "scores": scores, "comment": said,
                       "state": SHEET_SENT if send else SHEET_OPEN, "sent_at": now() if send else ""}  # fmt: skip
            save_review(db, row, key, viewer.account_key, case.row.round, **columns)
            if send:
                panel = expert_of(db, case.row.year, viewer.account_key)
                number = panel.number if panel else 0
                # Which marks were given is in no log: the log is read by others before the scoring ends.
                record_action(db, viewer, "benchmark.sheet_sent", SUBJECT, key, 评审号=number, 轮次=case.row.round)

    def stand_aside(self, viewer: Viewer, key: int, reason: str) -> None:
        """Declare an interest: from now on the case is closed to the viewer, and a sheet begun is gone."""
        db = self._keeper.db
        with transaction(db):
            # Whom the records keep out may still say so: that closes the seat, and shows nothing.
            case = self._case(db, viewer, key, seat_only=True)
            year = find_open_year(db, case.row.year)
            if year.row.state not in (OPEN, SCORING):
                raise RefusedError("评审已经结束，不能再声明回避；请联系组织单位。")
            said, faults = read_note(reason, "回避原因", "reason", required=True)
            if faults:
                raise FaultyError(faults[0].sentence, faults)
            recuse(db, case, viewer.account_key, DECLARED, said)
            panel = expert_of(db, case.row.year, viewer.account_key)
            record_action(db, viewer, "benchmark.recused", SUBJECT, key, 评审号=panel.number if panel else 0)
            tell_organisers(
                db,
                viewer,
                case.row.year,
                f"“{case.title}”有专家声明回避",
                f"/selection/{case.row.year}/panel",
                kind=KIND,
            )

    def _case(self, db: Database, viewer: Viewer, key: int, *, seat_only: bool = False) -> Case:
        """Return a case this expert may see and score; ``seat_only`` asks no more than a seat not left yet."""
        require(viewer, EXPERT)
        row = load_case(db, key)
        seat = next((one for one in assignments_of(db, case_key=key) if one.account_key == viewer.account_key), None)
        if row is None or seat is None or row.state != CHECKED:
            raise NotFoundError(NO_CASE)
        case = find_case(db, key)
        if seat.state == RECUSED or not (seat_only or may_score(db, viewer, case)):
            raise ForbiddenError("您已回避或应当回避这个案例，不能查看，也不能评分。")
        return case


def read_marks(typed: Mapping[str, str], sheet: Sheet, *, whole: bool) -> tuple[dict[str, str], list[Fault]]:
    """Return marks as decimal text by criterion and what is wrong; ``whole`` asks for all of them."""
    marks, faults = {}, []
    for one in sheet.criteria:
        text = half_width(typed.get(one.code, "")).strip()
        if not text:
            if whole:
                faults.append(Fault(one.code, one.label, "", f"“{one.label}”：没有评分；应为 0 到 100，最多两位小数。"))
            continue
        mark = read_mark(text)
        if mark is None:
            told = f"“{one.label}”：发现“{cut(text)}”；应为 0 到 100 的分数，最多两位小数，如 86.5。"
            faults.append(Fault(one.code, one.label, cut(text), told))
        else:
            marks[one.code] = str(mark)
    return marks, faults


def read_mark(text: str) -> Decimal | None:
    """Return a mark with up to two places, None for anything else."""
    if len(text) > 6 or not text.isascii() or not text.replace(".", "", 1).isdigit():
        return None
    try:
        mark = Decimal(text)
    except InvalidOperation:
        return None
    exponent = mark.as_tuple().exponent
    return mark if isinstance(exponent, int) and exponent >= -2 and mark <= MAX_MARK else None


def _task(case: Case, ground: str, own: ReviewRow | None) -> TaskLine:
    """Return a case as a line; one the expert stands aside from is named by its number alone."""
    state, why, title = "waiting", "", case.title
    if own is not None:
        state = "sent" if own.state == SHEET_SENT else "begun"
    if ground:
        state, why, title = "recused", GROUNDS[ground], ""
    return TaskLine(case.row.key, case.row.year, case.code, title, case.row.domain, state, case.row.round, why)


def _require_scoring(year: Year) -> None:
    if year.row.state != SCORING:
        raise RefusedError(f"{year.number} 年度现在是“{year.state_label}”，不在专家评审期间；没有保存。")
    if not year.scores_today:
        first, last = year.scoring_days
        today = clock.today()
        raise RefusedError(f"{year.number} 年度的评审期为 {first} 至 {last}；今天 {today} 不在其中，没有保存。")
