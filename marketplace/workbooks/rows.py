"""Turns the rows under a header into raw values by field, one record a row, and says what it passed over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from marketplace.records import FIELDS, Fault, FieldSpec, read_contact
from marketplace.records.faults import cut
from marketplace.records.listed import read_choices, read_lines
from marketplace.records.written import read_exact_lines, unguard_formula
from marketplace.workbooks.columns import ORGANISATION, ColumnGuess, Header
from marketplace.workbooks.headers import OTHER, header_key, header_text
from marketplace.workbooks.reading import Cell, Sheet
from matching import Side

_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"})
_TOTAL = re.compile(r"[合总小共累]\s*计\s*[:：]?\s*(?:[\d.,]+\s*(?:项|条|个|家|万元|亿元|元)?)?[。]?")
_HAN = "[一二三四五六七八九十]+"
_SECTION = re.compile(rf"\s*(?:{_HAN}\s*[、.．]|[(（]{_HAN}[)）]|第(?:{_HAN}|\d+)[部类批]分?)")
_NOTES = (
    "备\\s*注",
    "注",
    "说\\s*明",
    "填[表报写]说明",
    "填\\s*[报表]\\s*人",
    "制\\s*表\\s*人?",
    "审\\s*核\\s*人?",
    "联系人",
    "填报日期",
)
_NOTE = re.compile(rf"\s*(?:(?:{'|'.join(_NOTES)})\s*(?:[:：\d]|$)|示例行|填写示例)")
_FORMULA = re.compile(r"=\s*[A-Za-z(+\-@'|{\[]|[+\-@][A-Za-z]+\|")
_BARE_SUM = re.compile(r"[¥￥]?[\d.,，\s]+(?:[-–—~～至到]+[\d.,，\s]+)?")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row of the user's file: values by field as plain JSON values, or why it is no record.

    ``contact`` is the protected text as written, never part of ``values``; ``other`` are the columns
    that go along. ``faults`` are those the cells themselves show.
    """

    row_number: int
    values: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)
    contact: str = ""
    faults: tuple[Fault, ...] = ()
    skipped: str = ""


def read_rows(sheet: Sheet, guess: ColumnGuess, *, exact_lists: bool = False) -> tuple[RawRow, ...]:
    """Return every row under the header that is not wholly empty, in order.

    With ``exact_lists`` a list's items are taken as they stand, one a line, without looking for numbers.
    """
    return tuple(_Reader(sheet, guess, exact_lists).rows())


class _Reader:
    """Walks down a sheet and remembers what blank cells under a name mean."""

    def __init__(self, sheet: Sheet, guess: ColumnGuess, exact_lists: bool) -> None:
        self._sheet, self._guess, self._exact = sheet, guess, exact_lists
        self._specs: dict[str, FieldSpec] = {spec.name: spec for spec in FIELDS[guess.side]}
        self._columns: dict[str, list[Header]] = {}
        for header in guess.headers:
            if header.field:
                self._columns.setdefault(header.field, []).append(header)
        self._keys = {header.index: header_key(header.text) for header in guess.headers}
        title = self._columns.get("title")
        self._title = title[0].index if title else -1
        self._carried = self._carrying()
        self._above: dict[str, Cell] = {}

    def rows(self) -> Iterator[RawRow]:
        """Yield the rows; one that continues the record above it is added to that one."""
        waiting: RawRow | None = None
        joined: list[RawRow] = []
        for place in range(self._guess.header_row + 1, len(self._sheet.rows)):
            cells = self._sheet.rows[place]
            if not any(header_text(cell) for cell in cells):
                continue
            number = self._sheet.first_row + place
            reason = self._reason(cells)
            row = RawRow(number, skipped=reason) if reason else self._read(number, cells)
            if not reason and waiting is not None and self._continues(place):
                waiting = self._join(waiting, row)
                joined.append(RawRow(number, skipped=f"与第 {waiting.row_number} 行同属一条，已并入"))
                continue
            if waiting is not None:
                yield waiting
                yield from joined
                joined = []
            waiting = row if not reason else None
            if reason:
                yield row
        if waiting is not None:
            yield waiting
            yield from joined

    def _carrying(self) -> tuple[str, ...]:
        """Fields whose blank cell means the same as above: the organisation, and groups left of the name."""
        grouping = [
            name for name in ("domain", "domains")
            if name in self._columns and self._columns[name][0].index < self._title
        ]  # fmt: skip
        return tuple(name for name in (ORGANISATION[self._guess.side], *grouping) if name in self._columns)

    def _reason(self, cells: tuple[Cell, ...]) -> str:
        """Return why a row is no record, empty when it is one."""
        texts = {index: text for index, cell in enumerate(cells) if (text := header_text(cell))}
        same = sum(self._says_header(index, text) for index, text in texts.items())
        if same >= 2 and same * 2 >= len(texts):
            return "重复的表头"
        first = list(texts.values())[:2]
        if any(_TOTAL.fullmatch(text) for text in first):
            return "合计行"
        distinct = set(texts.values())
        if all(_NOTE.match(text) for text in distinct):
            return "说明文字"
        if len(distinct) == 1:
            text = next(iter(distinct))
            if _NOTE.match(text):
                return "说明文字"
            if len(texts) > 1 or self._title not in texts or _SECTION.match(text):
                return "分组标题或说明文字"
        return ""

    def _says_header(self, index: int, text: str) -> bool:
        """Whether a cell repeats the header above it; long texts need not be folded to know."""
        key = self._keys.get(index, "")
        return bool(key) and len(text) <= 2 * len(key) + 4 and header_key(text) == key

    def _continues(self, place: int) -> bool:
        """Whether the name cell is one merged cell with that of the row above."""
        return any(
            top < place <= bottom and left <= self._title <= right and top > self._guess.header_row
            for top, left, bottom, right in self._sheet.merged
        )

    def _join(self, above: RawRow, row: RawRow) -> RawRow:
        values = dict(above.values)
        for name, value in row.values.items():
            kind = self._specs[name].kind
            old = values.get(name)
            if old in (None, "", []):
                values[name] = value
            elif value == old or kind not in ("lines", "cases", "long"):
                continue
            elif kind == "long":
                values[name] = f"{old}\n{value}"
            else:
                parts = old if isinstance(old, list) else list(read_lines(old))
                more = value if isinstance(value, list) else list(read_lines(value))
                values[name] = [*parts, *(item for item in more if item not in parts)]
        faults = (*above.faults, *(fault for fault in row.faults if fault not in above.faults))
        return RawRow(above.row_number, values, {**row.other, **above.other}, above.contact or row.contact, faults)

    def _read(self, number: int, cells: tuple[Cell, ...]) -> RawRow:
        faults: list[Fault] = []
        values: dict[str, Any] = {}
        other: dict[str, Any] = {}
        contact: list[str] = []
        for name, headers in self._columns.items():
            given = [(header, cell) for header in headers if header_text(cell := _cell(cells, header.index))]
            given = [one for one in given if not self._is_error(name, one[1], faults)]
            if name == OTHER:
                for _, cell in given:
                    _take_extra(cell, values, other, self._specs)
            elif name == "contact":
                contact += [header_text(cell) for _, cell in given]
            elif given:
                values[name] = self._value(name, given)
                self._point_at_formula(name, given, faults)
        for header in self._guess.headers:
            if header.keep and not header.field and header_text(cell := _cell(cells, header.index)):
                other[header.text] = _plain(cell)
        self._carry(values, faults)
        text = " ".join(dict.fromkeys(contact))
        text = self._phones(values, text, faults)
        return RawRow(number, values, other, text, tuple(faults))

    def _value(self, name: str, given: list[tuple[Header, Cell]]) -> Any:
        spec = self._specs[name]
        lead = len(self._columns[name]) > 1
        if spec.kind in ("lines", "cases"):
            return self._lines(spec, given, lead)
        if spec.kind == "long" and lead:
            parts = [_led(header, spec, str(_plain(cell)).strip()) for header, cell in given]
            return "\n".join(dict.fromkeys(parts))
        if spec.kind == "choices" and len(given) > 1:
            return list(dict.fromkeys(choice for _, cell in given for choice in read_choices(_plain(cell))))
        header, cell = given[0]
        return _with_unit(_plain(cell), header.unit) if spec.kind == "money" else _plain(cell)

    def _lines(self, spec: FieldSpec, given: list[tuple[Header, Cell]], lead: bool) -> Any:
        if self._exact:
            return [line for _, cell in given for line in str(_plain(cell)).split("\n")]
        if not lead:
            value = _plain(given[0][1])
            exact = read_exact_lines(value) if isinstance(value, str) else None
            return value if exact is None else list(exact)
        return [_led(header, spec, item) for header, cell in given for item in read_lines(_plain(cell))]

    def _is_error(self, name: str, cell: Cell, faults: list[Fault]) -> bool:
        if not isinstance(cell, str) or cell.strip().upper() not in _ERRORS:
            return False
        spec = self._specs.get(name)
        label = spec.label if spec else "其他信息"
        sentence = f"“{label}”：发现“{cell.strip()}”（公式出错）；应为：实际内容，或留空。"
        faults.append(Fault(name, label, cell.strip(), sentence))
        return True

    def _point_at_formula(self, name: str, given: list[tuple[Header, Cell]], faults: list[Fault]) -> None:
        for _, cell in given:
            if isinstance(cell, str) and _FORMULA.match(cell.strip()):
                label, found = self._specs[name].label, cut(cell)
                sentence = f"“{label}”：发现“{found}”，像是公式；已按文字保留，没有计算，请核对。"
                faults.append(Fault(name, label, found, sentence, blocking=False))

    def _carry(self, values: dict[str, Any], faults: list[Fault]) -> None:
        for name in self._carried:
            if name in values:
                self._above[name] = values[name]
            elif name in self._above and "title" in values:
                values[name] = self._above[name]
                label = self._specs[name].label
                sentence = f"“{label}”为空，按上一行填为“{cut(values[name])}”。"
                faults.append(Fault(name, label, "", sentence, blocking=False))

    def _phones(self, values: dict[str, Any], contact: str, faults: list[Fault]) -> str:
        """Give the office phone and the protected contact what belongs to each; return the contact."""
        phone = values.get("office_phone")
        if phone is not None:
            parts = read_contact(phone)
            private = " ".join(filter(None, (parts.person, parts.mobile, parts.email)))
            if private:
                values.pop("office_phone")
                contact = " ".join(filter(None, (contact, private)))
                sentence = "“办公电话”中有个人联系方式，已移到“联系方式（受保护）”，不公开。"
                faults.append(Fault("office_phone", self._specs["office_phone"].label, "", sentence, blocking=False))
                if parts.office_phone:
                    values["office_phone"] = parts.office_phone
        if contact and "office_phone" not in values:
            own = read_contact(contact).office_phone
            if own:
                values["office_phone"] = own
        return contact


def _cell(cells: tuple[Cell, ...], index: int) -> Cell:
    return cells[index] if index < len(cells) else None


def _plain(cell: Cell) -> Any:
    """Return a cell as a value JSON can hold: days as ISO text, the guard of exports before = + - @ taken off."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, str):
        return unguard_formula(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _led(header: Header, spec: FieldSpec, text: str) -> str:
    """A text with the name of its column before it, where that is not the field's own."""
    name = header.text
    return text if not name or header_key(name) in (header_key(spec.label), spec.name) else f"{name}：{text}"


def _with_unit(value: Any, unit: str) -> Any:
    """Write the header's unit behind a bare number, so that it means the same wherever it is read again."""
    if not unit or unit == "万元" or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return f"{value:.15g}{unit}"
    return f"{value.strip()}{unit}" if isinstance(value, str) and _BARE_SUM.fullmatch(value.strip()) else value


def _take_extra(cell: Cell, values: dict[str, Any], other: dict[str, Any], specs: Mapping[str, FieldSpec]) -> None:
    """Spread the object of an exchange file's ``extra``: fields of the record go to their place."""
    try:
        raw = json.loads(cell) if isinstance(cell, str) else None
    except ValueError:
        raw = None
    if not isinstance(raw, dict):
        other["其他信息"] = _plain(cell)
        return
    for name, value in raw.items():
        own = name.removesuffix("_text")
        if name == "budget" and isinstance(value, dict) and isinstance(value.get("text"), str):
            values["budget"] = value["text"]
        elif own in specs and own not in ("contact", "budget") and not isinstance(value, dict):
            values.setdefault(own, value)
        else:
            other[name] = value


def side_label(side: Side) -> str:
    """Return the label of the organisation's field on a side."""
    return next(spec.label for spec in FIELDS[side] if spec.name == ORGANISATION[side])
