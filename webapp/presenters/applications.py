"""Applications for the benchmark as those who put them in see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.selection import Applicable, ApplicationList, ApplicationPage, CaseLine
from marketplace.selection_states import WAYS
from webapp.presenters import figures
from webapp.presenters.documents import DocumentRow, document_fields, missing_sentence, present_documents
from webapp.presenters.flags import FlagBlock, present_flag
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

TITLE, SECTION = "标杆申报", "applications"
CASE_TONES = {"begun": "quiet", "sent": "info", "sent_back": "warn", "formal": "info", "checked": "good",
              "refused": "poor", "case_withdrawn": "quiet", "removed": "poor"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of the viewer's organisations."""

    code: str
    title: str
    partner: str
    organisation: str
    way: str
    state: Label
    url: str
    year: int


@dataclass(frozen=True, slots=True)
class ApplicableRow:
    """A landed pair that may be put in; one form for each way."""

    title: str
    partner: str
    organisation: str
    organisation_key: int
    year: int
    landing: str
    ways: tuple[tuple[str, str], ...]
    flag: FlagBlock
    case_url: str
    case_state: str


@dataclass(frozen=True)
class ApplicationsContext(Context):
    """The viewer's cases and what may be put in."""

    template: ClassVar[str] = "applications/index.html"

    calls: tuple[str, ...]
    cases: tuple[CaseRow, ...]
    applicable: tuple[ApplicableRow, ...]
    begin_url: str
    faults: tuple[FaultLine, ...]


@dataclass(frozen=True)
class ApplicationContext(Context):
    """One case."""

    template: ClassVar[str] = "applications/detail.html"

    case: CaseRow
    editable: bool
    may_withdraw: bool
    stamp: int
    save_url: str
    withdraw_url: str
    fields: tuple[FormField, ...]
    texts: tuple[tuple[str, str], ...]
    faults: tuple[FaultLine, ...]
    documents: tuple[DocumentRow, ...]
    missing: str
    attach_url: str
    document_fields: tuple[FormField, ...]
    closes_on: str
    history: tuple[tuple[str, str, str], ...]
    flag: FlagBlock | None


def present_applications(page: ApplicationList, fault: str = "") -> ApplicationsContext:
    """The context of the list."""
    calls = tuple(f"{year} 年度申报期 {opens} 至 {closes}" for year, opens, closes in page.open_years)
    return ApplicationsContext(
        Head(TITLE, "本单位的标杆申报和可以申报的已落地对接。", crumbs(), SECTION), calls,
        tuple(map(present_line, page.cases)), tuple(map(_applicable, page.applicable)),
        url_for("applications.begin"), (FaultLine(fault, "#main"),) if fault else (),
    )  # fmt: skip


def present_application(
    page: ApplicationPage, typed: Mapping[str, str] | None = None, faults: Sequence[FaultLike] = (), sentence: str = ""
) -> ApplicationContext:
    """The context of one case; ``typed`` is what was sent and refused."""
    values, errors = typed if typed is not None else page.values, errors_by_field(faults)
    key = page.line.key
    fields = tuple(
        FormField(f"f-{name}", name, label, value=values.get(name, ""), kind="area", required=needed, rows=6,
                  hint=f"最多 {most} 字；会对外公开，不写姓名和联系方式", error=errors.get(name, ""))
        for name, (label, most, needed) in page.texts.items()
    )  # fmt: skip
    declared = FormField(
        "f-declared", "declared", "声明材料真实、不涉密、无知识产权争议", value=values.get("declared", ""), kind="tick",
        required=True, error=errors.get("declared", ""),
    )  # fmt: skip
    lines = fault_lines(faults) or ((FaultLine(sentence, "#main"),) if sentence else ())
    return ApplicationContext(
        head=Head(page.line.title, "标杆申报。", crumbs(page.line.title), SECTION),
        case=present_line(page.line),
        editable=page.editable,
        may_withdraw=page.may_withdraw,
        stamp=page.stamp,
        save_url=url_for("applications.save", key=key),
        withdraw_url=url_for("applications.withdraw", key=key),
        fields=(*fields, declared),
        texts=tuple((label, page.values.get(name, "")) for name, (label, *_) in page.texts.items()),
        faults=lines,
        documents=present_documents(page.documents, key, editable=page.editable),
        missing=missing_sentence(page.documents),
        attach_url=url_for("applications.attach", key=key) if page.editable else "",
        document_fields=document_fields(page.documents, faults),
        closes_on=page.closes_on,
        history=tuple((figures.moment(at), what, note) for at, what, note in page.history),
        flag=present_flag(page.flag),
    )


def present_line(line: CaseLine) -> CaseRow:
    """A case as a line of a list of its own people."""
    return CaseRow(
        line.code or "—", line.title, line.partner, line.organisation, line.way,
        Label(line.state_label, CASE_TONES[line.state]), url_for("applications.detail", key=line.key), line.year,
    )  # fmt: skip


def crumbs(last: str = "") -> tuple[Crumb, ...]:
    """The path to a page about applications."""
    home = Crumb("首页", url_for("home.index"))
    return (home, Crumb(TITLE, url_for("applications.index")), Crumb(last)) if last else (home, Crumb(TITLE))


def _applicable(one: Applicable) -> ApplicableRow:
    flag = present_flag(one.flag)
    assert flag is not None
    return ApplicableRow(
        one.title, one.partner, one.organisation, one.organisation_key, one.year, one.landing_id,
        tuple((way, WAYS[way]) for way in one.ways), flag,
        url_for("applications.detail", key=one.case_key) if one.case_key else "", one.case_state,
    )  # fmt: skip
