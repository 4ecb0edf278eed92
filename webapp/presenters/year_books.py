"""The year book: the list of years, and one year as a form or as it was locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from flask import url_for

from marketplace.selection import CALENDAR, CRITERIA, GATE_LABELS, NUMBERS, YearList, YearPage
from webapp.presenters import figures
from webapp.presenters.forms import FaultLike, FaultLine, FormField, FormSection, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

TITLE, SECTION = "评选年度", "year_books"
STATE_TONES = {"draft": "quiet", "open": "info", "scoring": "info", "ranked": "warn", "notice": "warn",
               "frozen": "good"}  # fmt: skip
_GROUPS = (
    ("名额与分数线", ("threshold", "quota_field", "quota_total", "recommend_quota", "self_quota")),
    ("专家", ("experts_min", "experts_max", "drop_from", "spread_limit")),
)


@dataclass(frozen=True, slots=True)
class YearRow:
    """One year in the list."""

    year: int
    url: str
    state: Label
    default: Label | None
    days: str


@dataclass(frozen=True)
class YearBooksContext(Context):
    """Every year, and the one that may be begun."""

    template: ClassVar[str] = "year_books/index.html"

    rows: tuple[YearRow, ...]
    create_url: str
    year: FormField
    faults: tuple[FaultLine, ...]


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion of a locked year."""

    label: str
    weight: str
    bands: tuple[str, ...]


@dataclass(frozen=True)
class YearBookContext(Context):
    """One year: a form while it is in preparation, afterwards what was locked."""

    template: ClassVar[str] = "year_books/detail.html"

    year: int
    state: Label
    default_note: str
    locked_note: str
    editable: bool
    stamp: int
    action: str
    open_url: str
    sections: tuple[FormSection, ...]
    faults: tuple[FaultLine, ...]
    facts: tuple[tuple[str, str], ...]
    band_names: tuple[str, ...]
    criteria: tuple[CriterionRow, ...]
    documents: tuple[str, ...]


def present_year_books(page: YearList, typed: str = "", fault: str = "") -> YearBooksContext:
    """The context of the list; ``typed`` was refused with ``fault``."""
    rows = tuple(
        YearRow(
            one.year, url_for("year_books.detail", year=one.year), Label(one.state_label, STATE_TONES[one.state]),
            Label("默认评分表", "warn") if one.by_default else None,
            f"{one.opens_on} 至 {one.closes_on}" if one.opens_on else "未定",
        )
        for one in page.lines
    )  # fmt: skip
    year = FormField("f-year", "year", "年度", value=typed or str(page.next_year), required=True, max_length=4,
                     example="2026", hint="沿用上一年度的办法，日程另填", error=fault)  # fmt: skip
    return YearBooksContext(
        Head("评选年度", "各年度场景创新标杆的评选办法。", crumbs(), SECTION), rows, url_for("year_books.create"), year,
        (FaultLine(fault, "#f-year"),) if fault else (),
    )  # fmt: skip


def present_year_book(
    page: YearPage, typed: Mapping[str, str] | None = None, faults: Sequence[FaultLike] = (), sentence: str = ""
) -> YearBookContext:
    """The context of one year; ``typed`` is what was sent and refused."""
    values, errors = page.values if typed is None else typed, errors_by_field(faults)
    lines = fault_lines(faults) or ((FaultLine(sentence, "#main"),) if sentence else ())
    sheet = page.sheet
    default = (
        "指标、权重、各档说明和基本条件是程序的默认值，不是官方标准；请按本地办法修改。" if sheet.by_default else ""
    )
    return YearBookContext(
        head=Head(f"{page.year} 年度评选办法", "基本条件、指标、名额与日程。", crumbs(f"{page.year} 年度"), SECTION),
        year=page.year,
        state=Label(page.state_label, STATE_TONES[page.state]),
        default_note=default,
        locked_note="" if page.editable else f"申报已于 {figures.moment(page.opened_at)} 开启，评选办法已锁定。",
        editable=page.editable,
        stamp=page.stamp,
        action=url_for("year_books.save", year=page.year),
        open_url=url_for("year_books.open_call", year=page.year),
        sections=_sections(values, errors) if page.editable else (),
        faults=lines,
        facts=_facts(page),
        band_names=tuple(f"{low} 分起" for low in sheet.limits),
        criteria=tuple(CriterionRow(one.label, f"{one.weight}%", one.bands) for one in sheet.criteria),
        documents=sheet.documents,
    )


def crumbs(last: str = "") -> tuple[Crumb, ...]:
    """The path to a page of the year book."""
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(TITLE, url_for("year_books.index")), Crumb(last)) if last else (home, Crumb(TITLE))


def _sections(values: Mapping[str, str], errors: Mapping[str, str]) -> tuple[FormSection, ...]:
    """The form of a sheet, section by section."""
    text = partial(_text, values, errors)
    chosen = tuple(name for name in GATE_LABELS if values.get(f"gate_{name}"))
    gates = FormField("f-gates", "gates", "基本条件", kind="choices", options=tuple(GATE_LABELS.items()), chosen=chosen,
                      error=errors.get("gates", ""))  # fmt: skip
    numbers = (FormSection(title, tuple(text(name, NUMBERS[name][0]) for name in names)) for title, names in _GROUPS)
    return (
        FormSection("基本条件", (gates, text("months", NUMBERS["months"][0]), text("last_day", "截止日"))),
        *(_criterion(values, errors, code, label) for code, label in CRITERIA.items()),
        FormSection("各档最低分与同分比较", _limits_and_ties(values, errors)),
        *numbers,
        FormSection("领域名额与申报材料", (
            text("field_quotas", "单列领域名额", kind="area",
                 hint="每行一个，如 智慧城市：5；没有列出的按每个领域名额"),
            text("documents", "申报材料", kind="area", hint="每行一项"),
        )),
        FormSection("日程", (
            *(text(name, label) for name, label in CALENDAR.items()),
            text("holidays", "节假日", kind="area", hint="每行一个日期；公示期按工作日计算，不少于 5 个工作日"),
        )),
    )  # fmt: skip


def _text(
    values: Mapping[str, str], errors: Mapping[str, str], name: str, label: str, *, kind: str = "text", hint: str = ""
) -> FormField:
    return FormField(
        f"f-{name}", name, label, value=values.get(name, ""), kind=kind, hint=hint, error=errors.get(name, ""),
        rows=3, required=kind == "text" and name in NUMBERS,
    )  # fmt: skip


def _criterion(values: Mapping[str, str], errors: Mapping[str, str], code: str, label: str) -> FormSection:
    text = partial(_text, values, errors)
    bands = (text(f"band_{code}_{place}", f"第{name}档", kind="area") for place, name in enumerate("一二三四"))
    fields = (text(f"label_{code}", "指标名称"), text(f"weight_{code}", "权重（%）"), *bands)
    return FormSection(values.get(f"label_{code}") or label, fields)


def _limits_and_ties(values: Mapping[str, str], errors: Mapping[str, str]) -> tuple[FormField, ...]:
    limits = (_text(values, errors, f"limit_{place}", f"第{name}档最低分") for place, name in enumerate("一二三"))
    ties = (
        FormField(f"f-tie_{place}", f"tie_{place}", f"同分比较第{name}项", kind="choice",
                  options=tuple(CRITERIA.items()), chosen=(values.get(f"tie_{place}", ""),),
                  error=errors.get(f"tie_{place}", ""))
        for place, name in enumerate("一二")
    )  # fmt: skip
    return (*limits, *ties)


def _facts(page: YearPage) -> tuple[tuple[str, str], ...]:
    sheet = page.sheet
    labels = {one.code: one.label for one in sheet.criteria}
    gates = "、".join(GATE_LABELS[name] for name in sheet.gates)
    ties = "、".join(labels[code] for code in sheet.tie_order)
    quotas = "；".join(f"{name} {number} 项" for name, number in sheet.field_quotas.items())
    return (
        ("基本条件", gates),
        *((label, str(sheet.numbers[name])) for name, (label, *_) in NUMBERS.items()),
        *((("单列领域名额", quotas),) if quotas else ()),
        ("同分比较", f"依次比较 {ties}；仍相同的并列"),
        ("截止日", sheet.last_day),
        *((label, _day(page, name)) for name, label in CALENDAR.items()),
        ("校验值", sheet.digest),
    )


def _day(page: YearPage, name: str) -> str:
    """A day of the calendar; the locked one beside what it was extended to."""
    day = page.sheet.calendar[name] or "未定"
    return f"{day}（延长至 {page.extended_until}）" if name == "scoring_until" and page.extended_until else day
