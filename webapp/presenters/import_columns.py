"""How the columns of an uploaded sheet are understood, as a table to be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import url_for

from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.imports import COLUMNS, Step, drop_note, wizard_head, wizard_steps
from webapp.presenters.labels import SIDES, Label
from webapp.presenters.page import Context

if TYPE_CHECKING:
    from marketplace import ColumnsPage, FieldSpec, Header

# Values of the select beside the names of fields; the last is what our own exports write.
DROPPED, KEPT, OTHER = "-", "+", "other"
_SURE = Label("已识别", "good")
_GUESSED = Label("按相近写法猜测，请核对", "warn")
_KEPT, _DROPPED = Label("补充信息，随条目公开", "info"), Label("不导入", "quiet")
_PRIVATE, _NAMELESS = Label("不导入：含个人信息或联系方式", "quiet"), Label("不导入：没有表头", "quiet")
# What is said below the columns; unread ones may name people, and what goes along is public.
_NOTES = (
    "几列可以对应同一个文字项（如“技术难点”“技术指标”都归入需求条目），内容会带上列名合在一起。",
    "没有对应项的列默认不导入：里面可能写有人名等个人信息，而补充信息会随条目公开。核对过内容、确实要公开的，"
    "再改选“保留为补充信息”；含手机号、邮箱等个人信息的列和联系方式列不能保留。",
)
_ASIDE = "行数较多，下一步的检查在后台进行，可以离开页面，完成后会收到通知。"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a column may be taken for."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Choices under one heading, which is empty for those before all headings."""

    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column: its header, a few of its values, what it is taken for."""

    id: str
    name: str
    header: str
    letter: str
    samples: tuple[str, ...]
    unit: str
    state: Label
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class ColumnsContext(Context):
    """The second step; ``problem`` says why the columns cannot be taken as they are."""

    template: ClassVar[str] = "imports/columns.html"

    steps: tuple[Step, ...]
    file_name: str
    faults: tuple[FaultLine, ...]
    problem: str
    notices: tuple[str, ...]
    side_label: str
    sheet_field: FormField | None
    look_fields: tuple[FormField, ...]
    look_action: str
    first: int
    sheet: int
    side: str
    header_row: int
    lines: tuple[ColumnLine, ...]
    notes: tuple[str, ...]
    action: str
    drop_url: str
    drop_words: str


def present_columns(page: ColumnsPage, refusal: str = "") -> ColumnsContext:
    """The context of the columns; ``refusal`` is why the ones sent were not taken."""
    run = page.run
    return ColumnsContext(
        head=wizard_head(run, COLUMNS),
        steps=wizard_steps(COLUMNS, run),
        file_name=run.file_name,
        faults=(FaultLine(refusal, "#columns" if page.headers else "#f-header"),) if refusal else (),
        problem="" if refusal else page.missing or _failed(page),
        notices=page.notices,
        side_label=SIDES[page.side],
        sheet_field=_sheet_field(page),
        look_fields=_look_fields(page),
        look_action=url_for("imports.columns", key=run.key),
        first=page.header_number - page.header_row,
        sheet=page.sheet,
        side=str(page.side),
        header_row=page.header_row,
        lines=tuple(_line(header, page.fields) for header in page.headers),
        notes=(*_NOTES, _ASIDE) if page.aside else _NOTES,
        action=url_for("imports.choose", key=run.key),
        drop_url=url_for("imports.drop", key=run.key),
        drop_words=drop_note(run),
    )


def _failed(page: ColumnsPage) -> str:
    return f"上次检查没有完成：{page.failed}" if page.failed else ""


def _sheet_field(page: ColumnsPage) -> FormField | None:
    if len(page.sheets) < 2:
        return None
    options = tuple((str(one.index), f"{one.name}（{one.rows} 行）") for one in page.sheets)
    return FormField(
        "f-sheet", "sheet", "工作表", kind="choice", required=True, options=options, chosen=(str(page.sheet),)
    )


def _look_fields(page: ColumnsPage) -> tuple[FormField, ...]:
    """The header row, and the list where the columns do not tell which."""
    number = str(page.header_number) if page.header_row >= 0 else ""
    header = FormField("f-header", "header", "表头所在行", number, max_length=6, hint="按 Excel、WPS 左侧的行号")
    if len(page.sides) < 2:
        return (header,)
    sides = tuple((str(side), f"{SIDES[side]}清单") for side in sorted(page.sides, key=list(SIDES).index))
    return (
        header,
        FormField("f-side", "side", "导入到", kind="choice", required=True, options=sides, chosen=(str(page.side),),
                  hint="从表头看不出是哪一份清单，请选定"),
    )  # fmt: skip


def _line(header: Header, fields: Sequence[FieldSpec]) -> ColumnLine:
    chosen = header.field or (KEPT if header.keep else DROPPED)
    kinds = {spec.name: spec.kind for spec in fields}
    return ColumnLine(
        id=f"c-{header.index}",
        name=f"c-{header.index}",
        header=header.text or "（没有表头）",
        letter=column_letter(header.index),
        samples=header.samples,
        unit=header.unit or ("万元（表头没有写，按万元）" if kinds.get(header.field or "") == "money" else ""),
        state=_state(header),
        groups=_groups(fields, chosen, may_keep=header.may_keep),
    )


def _state(header: Header) -> Label:
    if header.field:
        return _SURE if header.sure else _GUESSED
    if header.keep:
        return _KEPT
    return _PRIVATE if header.private else _DROPPED if header.text else _NAMELESS


def _groups(fields: Sequence[FieldSpec], chosen: str, *, may_keep: bool) -> tuple[Group, ...]:
    sections = dict.fromkeys(spec.section for spec in fields)
    plain = [(DROPPED, "不导入")]
    if may_keep:
        plain.append((KEPT, "保留为补充信息（随条目公开）"))
    if chosen == OTHER:
        plain.append((OTHER, "其他信息（本系统导出的附加内容）"))
    grouped = [Group("", tuple(Choice(value, label, value == chosen) for value, label in plain))]
    for section in sections:
        own = (spec for spec in fields if spec.section == section)
        grouped.append(Group(section, tuple(Choice(one.name, _name(one), one.name == chosen) for one in own)))
    return tuple(grouped)


def _name(spec: FieldSpec) -> str:
    return f"{spec.label}（必填）" if spec.required else spec.label


def column_letter(index: int) -> str:
    """The letter of a column as spreadsheet programs write it, counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
