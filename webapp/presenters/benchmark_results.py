"""What everyone may read of a round: the rules, the publication, the frozen result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.benchmarks.tally import OUTCOMES
from marketplace.selection import FrozenPage, NoticePage, YearPage
from marketplace.selection_states import AFTERMATHS
from webapp.presenters import figures
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.year_books import STATE_TONES, CriterionRow, present_year_book

SECTION = "benchmarks"
_OBJECTIONS = {"received": "warn", "upheld": "poor", "rejected": "quiet"}


@dataclass(frozen=True)
class RulesContext(Context):
    """The locked sheet of a year."""

    template: ClassVar[str] = "benchmarks/rules.html"

    year: int
    state: Label
    default_note: str
    facts: tuple[tuple[str, str], ...]
    band_names: tuple[str, ...]
    criteria: tuple[CriterionRow, ...]
    documents: tuple[str, ...]


@dataclass(frozen=True)
class NoticeContext(Context):
    """The publication of a year with the form for objections."""

    template: ClassVar[str] = "benchmarks/notice.html"

    year: int
    days: str
    state: str
    lines: tuple[Mapping[str, object], ...]
    objections: tuple[tuple[str, str, Label, str], ...]
    action: str
    fields: tuple[FormField, ...]
    faults: tuple[FaultLine, ...]


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One case of a frozen result."""

    rank: str
    code: str
    title: str
    units: str
    domain: str
    total: str
    means: tuple[str, ...]
    spread: str
    outcome: str
    later: str
    url: str


@dataclass(frozen=True)
class ResultContext(Context):
    """A frozen result with its hash, verified as the page was made."""

    template: ClassVar[str] = "benchmarks/result.html"

    year: int
    digest: str
    verified: Label
    frozen_at: str
    record_url: str
    criteria: tuple[str, ...]
    chosen: tuple[ResultRow, ...]
    others: tuple[ResultRow, ...]
    corrections: tuple[tuple[str, str, str], ...]


def present_rules(page: YearPage) -> RulesContext:
    """The context of a year's locked sheet."""
    shown = present_year_book(page)
    head = Head(f"{page.year} 年度评选办法", "基本条件、评分标准、名额与日程。", crumbs(page.year, "评选办法"), SECTION)
    return RulesContext(
        head, page.year, Label(page.state_label, STATE_TONES[page.state]), shown.default_note, shown.facts,
        shown.band_names, shown.criteria, shown.documents,
    )  # fmt: skip


def present_notice(
    page: NoticePage, typed: Mapping[str, str] | None = None, faults: Sequence[FaultLike] = (), sentence: str = ""
) -> NoticeContext:
    """The context of a publication; ``typed`` is the objection that was sent and refused."""
    lines = fault_lines(faults) or ((FaultLine(sentence, "#main"),) if sentence else ())
    state = (
        "公示期内可以提出异议。" if page.open else "公示尚未开始。" if page.before else "公示期已结束，不再受理异议。"
    )
    return NoticeContext(
        head=Head(f"{page.year} 年度场景创新标杆公示", "公示名单与异议受理。", crumbs(page.year, "公示"), SECTION,
                  published=page.starts_on),
        year=page.year,
        days=f"公示期 {page.starts_on} 至 {page.ends_on}",
        state=state,
        lines=page.lines,
        objections=tuple(
            (f"第 {one.number} 号", one.code, Label(one.state_label, _OBJECTIONS[one.state]), one.answer or "办理中")
            for one in page.objections
        ),
        action=url_for("benchmarks.object_to", year=page.year) if page.open else "",
        fields=_objection_fields(page, typed or {}, errors_by_field(faults)) if page.open else (),
        faults=lines,
    )  # fmt: skip


def present_result(page: FrozenPage) -> ResultContext:
    """The context of a frozen result."""
    record, year = page.record, page.year
    cases = {one["number"]: one for one in record["cases"]}
    later = {one.case_number: f"{one.on_day} {AFTERMATHS[one.kind]}" for one in page.aftermath}
    criteria = record["sheet"].get("criteria", [])
    rows = [_result_row(year, one, cases[one["case"]], criteria, later) for one in record["result"]]
    chosen = [row for row, one in zip(rows, record["result"], strict=True) if one["outcome"] == "selected"]
    verified = Label("校验一致", "good") if page.sound else Label(f"校验不符{page.chain_fault}", "poor")
    return ResultContext(
        head=Head(f"{year} 年度场景创新标杆", "入选名单、得分与校验值。", crumbs(year, "结果"), SECTION,
                  published=figures.day(page.frozen_at)),
        year=year,
        digest=page.digest,
        verified=verified,
        frozen_at=figures.moment(page.frozen_at),
        record_url=url_for("benchmarks.record", year=year),
        criteria=tuple(f"{one['label']}（{one['weight']}%）" for one in criteria),
        chosen=tuple(chosen),
        others=tuple(row for row in rows if row not in chosen),
        corrections=tuple((figures.day(one.at), one.text, one.digest[:16]) for one in page.corrections),
    )  # fmt: skip


def crumbs(year: int, last: str) -> tuple[Crumb, ...]:
    """The path to a public page of a round."""
    home = Crumb("首页", url_for("home.index"))
    return home, Crumb(f"{year} 年度标杆", url_for("benchmarks.detail", year=year)), Crumb(last)


def _objection_fields(page: NoticePage, values: Mapping[str, str], errors: Mapping[str, str]) -> tuple[FormField, ...]:
    def field(
        name: str, label: str, kind: str = "text", hint: str = "", options: tuple[tuple[str, str], ...] = ()
    ) -> FormField:
        return FormField(
            f"f-{name}", name, label, value=values.get(name, ""), kind=kind, hint=hint, required=True,
            error=errors.get(name, ""), options=options, chosen=(values.get(name, ""),),
        )  # fmt: skip

    choices = tuple((str(one["code"]), f"{one['code']} {one['title']}") for one in page.lines)
    return (
        field("case", "案例编号", "choice", options=choices),
        field("name", "姓名或单位", hint="实名；只供办理使用，不对外公开"),
        field("contact", "联系方式", hint="只供办理使用，不对外公开"),
        field("text", "异议内容", "area", hint="写明事实和理由；不写他人的姓名和联系方式"),
        field("files", "证据材料", "file", hint=page.allowed),
    )


def _result_row(
    year: int, one: Mapping[str, object], case: Mapping[str, object], criteria: Sequence[Mapping[str, object]],
    later: Mapping[int, str],
) -> ResultRow:  # fmt: skip
    number, means = int(str(one["case"])), one["means"]
    assert isinstance(means, Mapping)
    selected = one["outcome"] == "selected"
    rank = f"{one['rank']}{'（并列）' if one['tied'] else ''}" if one["rank"] else "—"
    return ResultRow(
        rank, f"{year}-{number:03}", str(case["title"]), f"{case['need']}；{case['offer']}", str(case["domain"]),
        str(one["total"]), tuple(str(means[criterion["code"]]) for criterion in criteria), str(one["spread"]),
        OUTCOMES[str(one["outcome"])], later.get(number, ""),
        url_for("benchmarks.dossier", year=year, number=number) if selected else "",
    )  # fmt: skip
