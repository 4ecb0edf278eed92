"""Sets up the years: copied from the last one, edited, and locked with the opening of the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marketplace.access import Viewer
from marketplace.audit import record_action
from marketplace.benchmarks.sheet import CALENDAR, Sheet, default_sheet, next_sheet, sheet_of
from marketplace.benchmarks.sheet_reading import SheetReader, written
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, RefusedError
from marketplace.flagging import refresh_year_flags
from marketplace.records import Fault
from marketplace.selection import clock
from marketplace.selection.rights import Year, find_year, require_editor, require_stamp, require_state
from marketplace.selection_states import DRAFT, OPEN, YEAR_STATES
from marketplace.store.benchmark_years import insert_year, load_year, load_years, update_year
from marketplace.store.database import now, transaction

SUBJECT = "benchmark"
_FIRST, _LAST = 2000, 2100


@dataclass(frozen=True, slots=True)
class YearLine:
    """One year in the list."""

    year: int
    state: str
    state_label: str
    by_default: bool
    opens_on: str
    closes_on: str


@dataclass(frozen=True, slots=True)
class YearList:
    """Every year, newest first, and the years that may be begun next."""

    lines: tuple[YearLine, ...]
    next_year: int


@dataclass(frozen=True, slots=True)
class YearPage:
    """One year as its editors see it; ``editable`` until its call is opened, for everyone."""

    year: int
    state: str
    state_label: str
    sheet: Sheet
    values: Mapping[str, str]
    stamp: int
    editable: bool
    opened_at: str
    extended_until: str = ""


class YearBook:
    """The parameters of each year."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def list_page(self, viewer: Viewer) -> YearList:
        """Return all years; raises ForbiddenError for all but those who set years up."""
        require_editor(viewer)
        rows = load_years(self._keeper.db)
        lines = []
        for row in rows:
            sheet = sheet_of(row.sheet)
            lines.append(
                YearLine(row.year, row.state, YEAR_STATES[row.state], sheet.by_default, sheet.calendar["opens_on"],
                         sheet.calendar["closes_on"])
            )  # fmt: skip
        return YearList(tuple(lines), rows[0].year + 1 if rows else clock.today().year)

    def public(self, year: int) -> YearPage | None:
        """Return a year whose call was opened, as everyone may read it; None before."""
        row = load_year(self._keeper.db, year)
        if row is None or row.state == DRAFT:
            return None
        sheet = sheet_of(row.sheet)
        return YearPage(year, row.state, YEAR_STATES[row.state], sheet, {}, row.stamp, False, row.opened_at,
                        row.scoring_until)  # fmt: skip

    def public_years(self) -> tuple[int, ...]:
        """Return the years whose call was opened, newest first."""
        return tuple(row.year for row in load_years(self._keeper.db) if row.state != DRAFT)

    def page(self, viewer: Viewer, year: int) -> YearPage:
        """Return one year for its editors."""
        require_editor(viewer)
        found = find_year(self._keeper.db, year)
        row = found.row
        return YearPage(
            year, row.state, found.state_label, found.sheet, written(found.sheet), row.stamp, row.state == DRAFT,
            row.opened_at, row.scoring_until,
        )  # fmt: skip

    def create(self, viewer: Viewer, year: int) -> None:
        """Begin a year with the sheet of the newest year before it, or with the default one.

        Raises RefusedError for a year that is there already or no year at all.
        """
        require_editor(viewer)
        if not _FIRST <= year <= _LAST:
            raise RefusedError(f"“年度”：发现“{year}”；应为 {_FIRST} 到 {_LAST} 之间的年份。")
        db = self._keeper.db
        with transaction(db):
            if load_year(db, year) is not None:
                raise RefusedError(f"“年度”：{year} 年度已经有了，请直接编辑。")
            before = next((row for row in load_years(db) if row.year < year), None)
            sheet = next_sheet(sheet_of(before.sheet), year) if before else default_sheet(year)
            insert_year(db, year, sheet.plain(), viewer.account_key)
            record_action(db, viewer, "benchmark.year_created", SUBJECT, year, 沿用=before.year if before else "默认表")

    def save(self, viewer: Viewer, year: int, typed: Mapping[str, str], stamp: int) -> None:
        """Replace the sheet of a year in preparation.

        Raises FaultyError naming every field, RefusedError once the call was opened (for the administrator as well),
        StaleError.
        """
        require_editor(viewer)
        db = self._keeper.db
        require_unlocked(find_year(db, year))
        reader = SheetReader(year, typed)
        sheet = reader.read()
        if reader.faults:
            raise FaultyError(f"没有保存：有 {len(reader.faults)} 处需要改正。", reader.faults)
        with transaction(db):
            found = find_year(db, year)
            require_unlocked(found)
            require_stamp(found, stamp)
            if sheet.plain() == found.row.sheet:
                return
            update_year(db, found.row, sheet=sheet.plain())
            record_action(db, viewer, "benchmark.year_changed", SUBJECT, year, 校验值=sheet.digest[:16])

    def open_call(self, viewer: Viewer, year: int, stamp: int) -> None:
        """Open the call of a year and lock its sheet for good; from now on its candidates are held against it.

        Raises FaultyError while days are missing, RefusedError when the call is over already, StaleError.
        """
        require_editor(viewer)
        db = self._keeper.db
        with transaction(db):
            found = find_year(db, year)
            require_state(found, DRAFT)
            require_stamp(found, stamp)
            faults = [_missing(name) for name in CALENDAR if not found.sheet.calendar[name]]
            reader = SheetReader(year, written(found.sheet))
            reader.read()
            faults += reader.faults
            if not faults and found.sheet.calendar["closes_on"] < clock.today().isoformat():
                told = f"“申报截止”：{found.sheet.calendar['closes_on']} 已过；应为今天或以后的日期。"
                faults.append(Fault("closes_on", "申报截止", found.sheet.calendar["closes_on"], told))
            if faults:
                raise FaultyError(f"没有开启申报：有 {len(faults)} 处需要改正。", faults)
            update_year(db, found.row, state=OPEN, opened_at=now())
            refresh_year_flags(db, year)
            record_action(db, viewer, "benchmark.call_opened", SUBJECT, year, 校验值=found.sheet.digest)


def require_unlocked(found: Year) -> None:
    """Pass while a year is in preparation; raises RefusedError afterwards, whoever asks."""
    if found.row.state != DRAFT:
        raise RefusedError(f"{found.number} 年度的申报已经开启，评选办法已锁定，任何人都不能再改；没有保存。")


def _missing(name: str) -> Fault:
    return Fault(name, CALENDAR[name], "", f"“{CALENDAR[name]}”：没有填写；开启申报前日程要齐全。")
