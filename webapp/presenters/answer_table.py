"""All answers to an opportunity in one table: requirements as rows, companies as columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.answers import STATUSES, AnswersPage, RuleForm
from webapp.presenters import figures
from webapp.presenters.answers import TONES
from webapp.presenters.forms import FaultLike, FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.page import Context, Crumb, Head

SEALED = (("", "随到随看"), ("1", "截止后统一查看"))


@dataclass(frozen=True, slots=True)
class CompanyHead:
    """One column: whose answer it is and what can be done about it."""

    key: int
    company: str
    offer: str
    offer_url: str
    pair_url: str
    sent: str
    pairing_url: str
    contact_url: str
    open_url: str
    tally: str
    note: str


@dataclass(frozen=True, slots=True)
class TableCell:
    """What one company says to one requirement; ``former`` is the requirement it answered when that was another."""

    company: str
    status: Label | None
    evidence: str
    former: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One requirement with every company's answer."""

    name: str
    text: str
    cells: tuple[TableCell, ...]


@dataclass(frozen=True)
class AnswersContext(Context):
    """The table, or why it is still closed; and the rules, with their form for who may set them."""

    template: ClassVar[str] = "answers/table.html"

    need_title: str
    need_url: str
    hidden: str
    summary: str
    companies: tuple[CompanyHead, ...]
    rows: tuple[TableRow, ...]
    withdrawn: tuple[str, ...]
    rules: tuple[str, ...]
    rule_fields: tuple[FormField, ...]
    sealed: FormField
    rules_url: str
    stamp: int
    faults: tuple[FaultLine, ...]
    questions_url: str


def present_answers(
    page: AnswersPage, typed: RuleForm | None = None, faults: Iterable[FaultLike] = ()
) -> AnswersContext:
    """The context of the table; ``typed`` are rules that were refused with ``faults``."""
    found, key, terms = tuple(faults), page.opportunity.key, page.terms
    title = page.opportunity.posting.title
    crumbs = (
        Crumb("首页", url_for("home.index")),
        Crumb("场景机会清单", url_for("opportunities.index")),
        Crumb(title, url_for("opportunities.detail", key=key)),
        Crumb("答复"),
    )
    sealed_until = f"已设为截止后统一查看。{terms.closes_on} 截止前，任何人均看不到答复及份数。"
    companies = tuple(_head(page, place) for place in range(len(page.columns)))
    fields, sealed = _rule_fields(page, typed, errors_by_field(found))
    return AnswersContext(
        head=Head(f"{title} - 答复", f"企业对“{title}”的答复。"[:120], crumbs, "opportunities"),
        need_title=title,
        need_url=url_for("opportunities.detail", key=key),
        hidden=sealed_until if terms.hidden else "",
        summary=f"共 {figures.count(len(companies))} 份答复，按送达先后排列。" if companies else "",
        companies=companies,
        rows=_rows(page),
        withdrawn=tuple(f"{name}于{figures.moment(at)}撤回了答复" for name, at in page.withdrawn),
        rules=_rules(page),
        rule_fields=fields,
        sealed=sealed,
        rules_url=url_for("answers.set_rules", key=key) if page.may_rule else "",
        stamp=typed.stamp if typed else terms.stamp,
        faults=fault_lines(found),
        questions_url=url_for("questions.index", key=key),
    )


def _head(page: AnswersPage, place: int) -> CompanyHead:
    one, key = page.columns[place], page.opportunity.key
    counts = {code: sum(cell.status == code for cell in one.cells) for code in STATUSES}
    version = f"（第 {one.number} 版）" if one.number > 1 else ""
    return CompanyHead(
        one.intent_key, one.company, one.offer.posting.title, url_for("capabilities.detail", key=one.offer.key),
        url_for("pairs.detail", o=key, c=one.offer.key), f"{figures.moment(one.sent_at)}{version}",
        url_for("pairings.detail", key=one.pairing_key) if one.pairing_key else "",
        url_for("consents.detail", key=one.pairing_key) if one.pairing_key else "",
        "" if one.pairing_key and not one.ended else url_for("answers.pair", o=key, key=one.intent_key),
        " · ".join(f"{STATUSES[code]} {n}" for code, n in counts.items() if n), one.note,
    )  # fmt: skip


def _rows(page: AnswersPage) -> tuple[TableRow, ...]:
    return tuple(
        TableRow(
            figures.item_name(number, story=page.story), text,
            tuple(
                TableCell(
                    one.company,
                    Label(STATUSES[cell.status], TONES[cell.status]) if cell.status in STATUSES else None,
                    cell.evidence, cell.former,
                )
                for one in page.columns
                for cell in [one.cells[place]]
            ),
        )
        for place, (number, text) in enumerate(page.points)
    )  # fmt: skip


def _rules(page: AnswersPage) -> tuple[str, ...]:
    terms = page.terms
    closes = f"答复截止：{terms.closes_on}（含当日）" if terms.closes_on else "没有设定答复截止日期"
    until = f"提问截止：{terms.questions_until}（含当日）" if terms.questions_until else "没有设定提问截止日期"
    return (closes, f"查看方式：{'截止后统一查看' if terms.sealed else '随到随看'}", until)


def _rule_fields(
    page: AnswersPage, typed: RuleForm | None, errors: dict[str, str]
) -> tuple[tuple[FormField, ...], FormField]:
    terms = page.terms
    closes = typed.closes_on if typed else terms.closes_on if terms.stamp else ""
    until = typed.questions_until if typed else terms.questions_until if terms.stamp else ""
    sealed = "1" if (typed.sealed if typed else terms.sealed) else ""
    empty = f"留空则以清单的截止日期 {page.deadline} 为准" if page.deadline else "留空则不设截止日期"
    fields = (
        FormField("f-closes_on", "closes_on", "答复截止日期", value=closes, error=errors.get("closes_on", ""),
                  hint=f"{empty}；选择“截止后统一查看”时必填", example="2027-06-30", max_length=40),
        FormField("f-questions_until", "questions_until", "提问截止日期", value=until,
                  error=errors.get("questions_until", ""), hint="留空则与答复截止日期相同", example="2027-06-15",
                  max_length=40),
    )  # fmt: skip
    choice = FormField(
        "f-sealed", "sealed", "查看方式", value=sealed, options=SEALED, error=errors.get("sealed", ""), required=True,
        hint="选择“截止后统一查看”后，截止前不能取消，截止日期只能推迟",
    )  # fmt: skip
    return fields, choice
