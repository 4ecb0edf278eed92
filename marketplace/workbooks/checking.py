"""Checks every row of a sheet: the record it makes, each fault by field, and what is only pointed at."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from marketplace.organisations.naming import fold_name
from marketplace.publishing.fairness import fairness_hints
from marketplace.records import FIELDS, PUBLISHER_TYPES, Fault, PostingRecord, TermBook, check_record
from marketplace.records.faults import cut
from marketplace.records.kinds import PERSONAL
from marketplace.regions import city_of
from marketplace.workbooks.columns import ORGANISATION
from marketplace.workbooks.headers import personal_under
from marketplace.workbooks.rows import RawRow, side_label
from marketplace.workbooks.twins import Twin
from matching import Side

GOOD, BAD, TWIN, SKIPPED = "good", "bad", "twin", "skipped"
STATES = {GOOD: "可导入", BAD: "有问题", TWIN: "疑似重复", SKIPPED: "未作为条目"}
_PLACE = {Side.OPPORTUNITY: "district", Side.CAPABILITY: "district_or_city"}
# Looked at closely only where one of these stands: most rows hold none.
_MAY_RESTRICT = re.compile(
    "限|注册|註冊|品牌|型[号號]|[厂廠]家|原[厂廠]|优先|優先|必[须須]|[须須应應][为為在]|资本|資本|资金|營業|营业收入|从业"
)


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One row with everything found about it; ``record`` is None when a fault keeps it out.

    ``values`` are the raw values as they would stand in a form, ``contact`` the protected text.
    ``posting_id`` is the id it will be stored under, ``target`` the stored posting it updates (0 for none),
    ``reason`` why a skipped row is no record. ``cell_faults`` are those of ``faults`` that the cells
    themselves showed: what is read from the values alone cannot find them again.
    """

    position: int
    row_number: int
    values: Mapping[str, Any]
    state: str
    record: PostingRecord | None = None
    faults: tuple[Fault, ...] = ()
    contact: str = ""
    posting_id: str = ""
    twins: tuple[Twin, ...] = ()
    target: int = 0
    reason: str = ""
    cell_faults: tuple[Fault, ...] = ()

    @property
    def title(self) -> str:
        """The name as written, empty when there is none."""
        return str(self.values.get("title") or "")

    @property
    def blocking(self) -> tuple[Fault, ...]:
        """The faults that keep the row out."""
        return tuple(fault for fault in self.faults if fault.blocking)


class RowChecker:
    """Checks rows of one list one after the other; keeps what equal cells came to."""

    def __init__(
        self, side: Side, terms: TermBook | None, *, organisation: str = "", today: date | None = None
    ) -> None:
        self._side, self._terms = side, terms
        self._organisation, self._today = organisation, (today or date.today()).isoformat()
        self._places: dict[str, Fault | None] = {}
        self._labels = {spec.name: spec.label for spec in FIELDS[side]}

    def check(self, row: RawRow, position: int) -> CheckedRow:
        """Return one row checked by itself; its id is not yet compared with other rows."""
        values: dict[str, Any] = dict(row.values)
        if row.other:
            values["other"] = dict(row.other)
        if row.skipped:
            return CheckedRow(position, row.row_number, values, SKIPPED, reason=row.skipped)
        return self.check_values(values, position, row.row_number, contact=row.contact, faults=row.faults)

    def check_values(
        self, values: dict[str, Any], position: int, row_number: int, *, contact: str = "", faults: Iterable[Fault] = ()
    ) -> CheckedRow:
        """Return raw values checked, ``faults`` of the cells among the others."""
        own = tuple(faults)
        known = list(own)
        self._own_organisation(values, known)
        record, found = check_record(self._side, values, self._terms)
        named = {fault.field for fault in known if fault.blocking}
        known += [fault for fault in found if fault.field not in named]
        known += self._private(values)
        known += self._hints(values, record)
        blocked = any(fault.blocking for fault in known)
        kept = None if blocked else record
        state = BAD if kept is None else GOOD
        posting_id = str(kept.id) if kept else str(values.get("id") or "")
        return CheckedRow(position, row_number, values, state, kept, tuple(known), contact, posting_id, cell_faults=own)

    def _own_organisation(self, values: dict[str, Any], faults: list[Fault]) -> None:
        """An organisation's own list may leave its name out, and may not speak for another."""
        if not self._organisation:
            return
        field = ORGANISATION[self._side]
        written = str(values.get(field) or "").strip()
        if not written:
            values[field] = self._organisation
        elif fold_name(written) != fold_name(self._organisation):
            label = side_label(self._side)
            sentence = f"“{label}”：发现“{cut(written)}”；应为：本单位“{self._organisation}”，或留空。"
            faults.append(Fault(field, label, cut(written), sentence, self._organisation))

    def _private(self, values: Mapping[str, Any]) -> list[Fault]:
        """Additional columns are public too."""
        faults = []
        for name, value in (values.get("other") or {}).items():
            found = () if isinstance(value, list | dict) else personal_under(name, value)
            if found:
                kind = PERSONAL[found[0].kind]
                sentence = f"“{name}”：含有{kind}，公开内容不能有个人信息；请删去，或不导入这一列。"
                faults.append(Fault(f"other.{name}", name, cut(value), sentence, ""))
        return faults

    def _hints(self, values: Mapping[str, Any], record: PostingRecord | None) -> list[Fault]:
        hints = []
        place = values.get(_PLACE[self._side])
        if isinstance(place, str) and place.strip():
            hint = self._place(place.strip())
            if hint:
                hints.append(hint)
        if record is None:
            return hints
        deadline = getattr(record, "deadline", None)
        if deadline is not None and deadline.day and deadline.day < self._today:
            label = self._labels["deadline"]
            sentence = f"“{label}”：{deadline.day} 已过，请核对。"
            hints.append(Fault("deadline", label, deadline.day, sentence, blocking=False))
        texts = [value for value in values.values() if isinstance(value, str)]
        texts += [item for value in values.values() if isinstance(value, list) for item in value]
        if _MAY_RESTRICT.search("\n".join(map(str, texts))):
            hints += fairness_hints(self._side, values)
        return hints

    def _place(self, text: str) -> Fault | None:
        """A place that no division is called by, or that its usual full name says better."""
        if text not in self._places:
            field = _PLACE[self._side]
            label = self._labels[field]
            full = self._terms.find("divisions", text) if self._terms else text
            near = self._terms.nearest("divisions", text) if self._terms and full is None else ()
            better = full or (near[0] if near else None)
            if full and city_of(full) == city_of(text):
                # The place is known and its city is plain: other ways to write it are as good.
                self._places[text] = None
            elif better:
                sentence = f"“{label}”：发现“{cut(text)}”；是否为“{better}”？"
                self._places[text] = Fault(field, label, cut(text), sentence, better, blocking=False)
            else:
                sentence = f"“{label}”：发现“{cut(text)}”，不是认识的区划名称；写到区县为好，如“武汉市江夏区”。"
                self._places[text] = Fault(field, label, cut(text), sentence, blocking=False)
        return self._places[text]


def check_rows(
    rows: Iterable[RawRow],
    side: Side,
    terms: TermBook | None,
    *,
    organisation: str = "",
    today: date | None = None,
    tell: Callable[[int], None] = lambda done: None,
) -> list[CheckedRow]:
    """Return every row checked, with the id it will have; ids used twice are faults of the later row.

    ``organisation`` is the name of the one organisation the list belongs to, empty when rows name theirs;
    ``tell`` is called after each row with how many are done.
    """
    checker = RowChecker(side, terms, organisation=organisation, today=today)
    checked = []
    for position, row in enumerate(rows, 1):
        checked.append(checker.check(row, position))
        tell(position)
    return settle_ids(checked, side)


def settle_ids(rows: Iterable[CheckedRow], side: Side) -> list[CheckedRow]:
    """Give rows without an id a lasting one, and refuse an id that an earlier row has."""
    seen: dict[str, int] = {}
    made: dict[str, int] = {}
    settled = []
    for row in rows:
        if row.state == SKIPPED:
            settled.append(row)
            continue
        own = id_text(row.values.get("id"))
        if not own:
            own = made_id(side, row.values)
            made[own] = made.get(own, 0) + 1
            own = own if made[own] == 1 else f"{own}-{made[own]}"
        elif own in seen:
            row = _refused(row, own, seen[own], side)
        seen.setdefault(own, row.row_number)
        settled.append(replace(row, posting_id=own))
    return settled


def made_id(side: Side, values: Mapping[str, Any]) -> str:
    """Return the id of a posting without one: the same organisation and name give the same id again."""
    names = (str(values.get(ORGANISATION[side]) or ""), str(values.get("title") or ""))
    digest = hashlib.sha256("|".join(map(fold_name, names)).encode()).hexdigest()
    return f"AUTO-{digest[:10]}"


def id_text(value: Any) -> str:
    """Return an id cell as text; a whole number keeps no decimal point."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def publisher_kind(record: PostingRecord) -> str:
    """Return the kind of organisation a record names, enterprise for companies."""
    kind = str(getattr(record, "publisher_type", "") or "")
    return kind if kind in PUBLISHER_TYPES else ("enterprise" if record.side is Side.CAPABILITY else "government")


def _refused(row: CheckedRow, posting_id: str, first: int, side: Side) -> CheckedRow:
    label = FIELDS[side][0].label
    sentence = f"“{label}”：“{cut(posting_id)}”与第 {first} 行重复；应为：文件内不重复的编号，或留空。"
    return replace(row, state=BAD, record=None, faults=(*row.faults, Fault("id", label, cut(posting_id), sentence)))
