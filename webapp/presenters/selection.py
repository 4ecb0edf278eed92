"""The round as its organisers see it: the board, one case, the panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from flask import url_for

from marketplace.selection import BoardCase, BoardPage, BoardYear, CaseLine, CasePage
from webapp.presenters import figures
from webapp.presenters.applications import CaseRow, present_line
from webapp.presenters.documents import DocumentRow, missing_sentence, present_documents
from webapp.presenters.flags import FlagBlock, present_flag
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.year_books import STATE_TONES

TITLE, SECTION = "标杆评选", "selection"
_DECISIONS = {"pass": ("通过", ""), "return": ("退回补正", "alt"), "fail": ("不通过", "danger")}
_STEPS = {
    "open": ("start", "截止申报，开始专家评审"),
    "scoring": ("close", "结束评审，生成排序"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class YearRow:
    """One year on the list."""

    year: int
    url: str
    state: Label
    cases: str


@dataclass(frozen=True)
class SelectionContext(Context):
    """The years whose call was opened."""

    template: ClassVar[str] = "selection/index.html"

    rows: tuple[YearRow, ...]
    books_url: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One case on the board; figures are empty until the marks may be seen."""

    case: CaseRow
    domain: str
    sheets: str
    rank: str
    total: str
    spread: str
    means: tuple[str, ...]
    outcome: str
    second_url: str


@dataclass(frozen=True, slots=True)
class BoardLink:
    """A page or file of the round."""

    label: str
    url: str


@dataclass(frozen=True)
class BoardContext(Context):
    """One round."""

    template: ClassVar[str] = "selection/board.html"

    year: int
    state: Label
    stamp: int
    faults: tuple[FaultLine, ...]
    counts: str
    hindrances: tuple[str, ...]
    step_url: str
    step_label: str
    extend_url: str
    extend_fields: tuple[FormField, ...]
    publish_url: str
    ends_on: FormField
    freeze_url: str
    ranked: bool
    criteria: tuple[str, ...]
    rows: tuple[BoardRow, ...]
    links: tuple[BoardLink, ...]
    note: str


@dataclass(frozen=True)
class CaseContext(Context):
    """One case with what may be decided."""

    template: ClassVar[str] = "selection/case.html"

    case: CaseRow
    stamp: int
    texts: tuple[tuple[str, str], ...]
    documents: tuple[DocumentRow, ...]
    missing: str
    flag: FlagBlock | None
    decisions: tuple[tuple[str, str, str], ...]
    decide_url: str
    note: FormField
    history: tuple[tuple[str, str, str], ...]
    facts_url: str
    pair_url: str
    faults: tuple[FaultLine, ...]


def present_selection(years: Sequence[BoardYear]) -> SelectionContext:
    """The context of the list of years."""
    rows = tuple(
        YearRow(one.year, url_for("selection.board", year=one.year), Label(one.state_label, STATE_TONES[one.state]),
                f"{figures.count(one.cases)} 项")
        for one in years
    )  # fmt: skip
    return SelectionContext(Head(TITLE, "各年度的评选进展。", crumbs(), SECTION), rows, url_for("year_books.index"))


def present_board(page: BoardPage, faults: Sequence[FaultLike] = (), sentence: str = "") -> BoardContext:
    """The context of one round; ``sentence`` is why the last step was refused."""
    year, errors = page.year, errors_by_field(faults)
    lines = fault_lines(faults) or ((FaultLine(sentence, "#main"),) if sentence else ())
    step, label = _STEPS.get(page.state, ("", ""))
    return BoardContext(
        head=Head(f"{year} 年度{TITLE}", "申报、评审与公示的进展。", crumbs(f"{year} 年度"), SECTION),
        year=year,
        state=Label(page.state_label, STATE_TONES[page.state]),
        stamp=page.stamp,
        faults=lines,
        counts=_counts(page),
        hindrances=page.hindrances,
        step_url=url_for(f"selection.{step}", year=year) if step else "",
        step_label=label,
        extend_url=url_for("selection.extend", year=year) if page.state == "scoring" else "",
        extend_fields=_extend_fields(errors),
        publish_url=url_for("selection.publish", year=year) if page.state == "ranked" else "",
        ends_on=FormField("f-ends_on", "ends_on", "公示截止", value=page.calendar["notice_until"],
                          hint="不少于 5 个工作日", error=errors.get("ends_on", "")),
        freeze_url=url_for("selection.freeze", year=year) if page.state == "notice" else "",
        ranked=page.state not in ("open", "scoring"),
        criteria=tuple(f"{name}（{weight}%）" for _, name, weight in page.criteria),
        rows=tuple(_board_row(page, one) for one in page.cases),
        links=_links(page),
        note=_note(page),
    )  # fmt: skip


def _note(page: BoardPage) -> str:
    days = " 至 ".join(page.scoring_days)
    limits = f"分数线 {page.threshold} 分；各专家最高与最低相差超过 {page.spread_limit} 分的，需第二轮评分。"
    return f"评审期 {days}；{limits}"


def _extend_fields(errors: Mapping[str, str]) -> tuple[FormField, ...]:
    return (
        FormField("f-until", "until", "延长至", required=True, example="2026-11-20", error=errors.get("until", "")),
        FormField("f-reason", "reason", "延长原因", required=True, error=errors.get("reason", ""),
                  hint="延长会记录并通知专家，与原定日程一并公开"),
    )  # fmt: skip


def present_case(page: CasePage, faults: Sequence[FaultLike] = (), sentence: str = "", note: str = "") -> CaseContext:
    """The context of one case; ``note`` is what was typed and refused."""
    line, errors = page.line, errors_by_field(faults)
    lines = fault_lines(faults) or ((FaultLine(sentence, "#main"),) if sentence else ())
    need, offer = page.pair
    return CaseContext(
        head=Head(line.title, "审查一个申报。", crumbs(line.code or line.title), SECTION),
        case=_case_row(page.line),
        stamp=page.stamp,
        texts=tuple((label, page.record.get(name, "")) for name, (label, *_) in page.texts.items()),
        documents=present_documents(page.documents, line.key),
        missing=missing_sentence(page.documents),
        flag=present_flag(page.flag),
        decisions=tuple((decision, *_DECISIONS[decision]) for decision, _ in page.decisions),
        decide_url=url_for("selection.decide", key=line.key),
        note=FormField("f-note", "note", "审查意见", value=note, kind="area", error=errors.get("note", ""),
                       hint="退回和不通过必须写明原因；数据核实须写明核实了什么"),
        history=tuple((figures.moment(at), what, said) for at, what, said in page.history),
        facts_url=url_for("candidates.facts", landing=page.landing_id),
        pair_url=url_for("pairs.detail", o=need, c=offer),
        faults=lines,
    )  # fmt: skip


def crumbs(last: str = "") -> tuple[Crumb, ...]:
    """The path to a page of the round."""
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(TITLE, url_for("selection.index")), Crumb(last)) if last else (home, Crumb(TITLE))


def _case_row(line: CaseLine) -> CaseRow:
    """A case as its organisers reach it."""
    return replace(present_line(line), url=url_for("selection.case", key=line.key))


def _board_row(page: BoardPage, one: BoardCase) -> BoardRow:
    rank = f"{one.rank}{'（并列）' if one.tied else ''}" if one.rank else "—"
    means = one.means or {}
    return BoardRow(
        _case_row(one.line), one.line.domain, f"{one.sheets} / {one.seats}（第 {one.round} 轮）", rank,
        "" if one.total is None else str(one.total), "" if one.spread is None else str(one.spread),
        tuple(str(means[code]) if code in means else "" for code, *_ in page.criteria), one.outcome,
        url_for("selection.second_round", key=one.line.key) if one.wide else "",
    )  # fmt: skip


def _links(page: BoardPage) -> tuple[BoardLink, ...]:
    year, state = page.year, page.state
    links = [BoardLink("评审专家与分案", url_for("selection.panel", year=year))]
    if state not in ("open", "scoring"):
        links += [BoardLink(f"评分导出（{kind}）", url_for("selection.scores", year=year, kind=kind))
                  for kind in ("xlsx", "csv", "json")]  # fmt: skip
    if state in ("notice", "frozen"):
        links += [BoardLink("公示页", url_for("benchmarks.notice", year=year)),
                  BoardLink("异议", url_for("selection.objections", year=year))]  # fmt: skip
    if state == "frozen":
        links += [BoardLink("结果页", url_for("benchmarks.result", year=year)),
                  BoardLink("证书名单（Excel）", url_for("selection.certificates", year=year)),
                  BoardLink("更正与后续", url_for("selection.after", year=year))]  # fmt: skip
    return tuple(links)


def _counts(page: BoardPage) -> str:
    if page.state != "open":
        return f"参评 {sum(one.rank > 0 or page.state == 'scoring' for one in page.cases)} 项"
    return "，".join(f"{name} {number} 项" for name, number in page.counts) or "还没有申报"
