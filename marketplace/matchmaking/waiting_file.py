"""待撮合清单 as a workbook: one sheet of needs with candidates, one of needs without."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from marketplace.exporting.sheets import body_cell, header_cell, saved
from marketplace.exporting.table import Cell
from marketplace.matchmaking.pages import Waiting, WaitingCandidate, WaitingPage
from marketplace.records import shown_budget
from marketplace.wording import BAND_WORDS, VERDICT_WORDS
from matching import Capability, Opportunity, VerdictKind

HEADER = (
    "序号", "编号", "索引号", "场景名称", "发布单位", "所在区域", "领域", "预算", "截止日期", "发布日期", "等待天数",
    "未成次数",
)  # fmt: skip
CANDIDATE = ("能力", "企业", "档次", "逐条判断", "先问什么")
WIDTHS = (6, 16, 22, 36, 26, 16, 14, 14, 13, 13, 9, 9)
CANDIDATE_WIDTHS = (28, 26, 12, 22, 44)
SHEETS = ("待撮合（有候选）", "无合适能力")
CANDIDATES = 3


def waiting_workbook(page: WaitingPage) -> bytes:
    """Return the list as the bytes of a workbook; both sheets are there also when one is empty."""
    book = Workbook(write_only=True)
    for title, lines in zip(SHEETS, (page.matched, page.unmatched), strict=True):
        _sheet(book, title, lines)
    return saved(book)


def _sheet(book: Workbook, title: str, lines: Sequence[Waiting]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    header = [*HEADER, *(f"候选{place}{name}" for place in range(1, CANDIDATES + 1) for name in CANDIDATE)]
    for place, width in enumerate((*WIDTHS, *CANDIDATE_WIDTHS * CANDIDATES), 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([header_cell(sheet, text) for text in header])
    for number, line in enumerate(lines, 1):
        sheet.append([body_cell(sheet, value) for value in _row(number, line)])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(lines) + 1}"


def _row(number: int, line: Waiting) -> list[Cell]:
    need = line.opportunity.posting
    if not isinstance(need, Opportunity):
        raise TypeError(need)
    cells: list[Cell] = [
        number, need.id, need.listing.index_number, need.title, need.publisher, need.district, need.domain,
        shown_budget(need), need.deadline, line.opportunity.published_on, line.days, line.tried,
    ]  # fmt: skip
    for one in line.candidates:
        cells += _candidate(one)
    return cells + [None] * (len(HEADER) + CANDIDATES * len(CANDIDATE) - len(cells))


def _candidate(one: WaitingCandidate) -> list[Cell]:
    offer = one.capability.posting
    company = offer.company if isinstance(offer, Capability) else ""
    band = BAND_WORDS[one.band] + ("（撮合员更正）" if one.override else "")
    tally = "；".join(f"{VERDICT_WORDS[VerdictKind(kind)]} {count}" for kind, count in one.tally)
    return [offer.title, company, band, tally, "\n".join(one.ask_first)]
