"""What a column header means: the field it names, and the unit its brackets give."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from marketplace.records import FIELDS, find_personal
from marketplace.records.personal import Personal
from matching import Side, fold

# Columns that are known and yet no field: counters, what the system manages, and its own remarks.
COUNTERS = frozenset({"序号", "序", "no", "no.", "行号", "#", "排序"})
OWN_REMARKS = frozenset({"问题", "状态", "state"})
OTHER = "other"
# What an organisation's memory says of a column that goes along unread, in place of a field.
KEPT = "+"
# Names of the exchange format and of exports that no field's label or synonym covers.
_FURTHER = {"budget_wan": "budget", "extra": OTHER, "其他信息": OTHER, "other": OTHER}
# A list without a name column still says what it is about somewhere.
_STAND_INS = {
    Side.OPPORTUNITY: ("应用场景", "场景", "需求", "榜单"),
    Side.CAPABILITY: ("场景能力", "核心产品", "产品", "应用场景", "主营业务"),
}
_BRACKETS = re.compile(r"[(\[【〔{](.*?)[)\]】〕}]")
_UNIT = re.compile(r"(?:单位|人民币|[::]|\s)*(万元|亿元|千元|元)(?:人民币)?")
_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"^[*＊★●]+|[*＊★:：]+$")
_CLOSE, _LEAST = 0.75, 3


@dataclass(frozen=True, slots=True)
class Named:
    """The field a header names; ``sure`` when it is the field's own name or a known synonym."""

    field: str
    sure: bool


def header_text(value: object) -> str:
    """Return a header cell as one line of text, empty for none."""
    return " ".join(str(value).split()) if value is not None else ""


def header_key(text: str) -> str:
    """Return the form in which headers are compared: folded, without spaces and required marks."""
    return _MARKS.sub("", _SPACE.sub("", fold(text)))


def unit_of(text: str) -> str:
    """Return the money unit a header's brackets or ending give (万元, 元, 亿元, 千元), empty for none."""
    for inside in _BRACKETS.findall(header_key(text)):
        found = _UNIT.fullmatch(inside)
        if found:
            return found.group(1)
    return ""


def bare_key(text: str) -> str:
    """Return the compared form without what stands in brackets."""
    return _MARKS.sub("", _BRACKETS.sub("", header_key(text)))


def name_field(text: str, side: Side, memory: Mapping[str, str]) -> Named | None:
    """Return the field a header certainly names: as remembered, else its label or a known synonym."""
    key = header_key(text)
    if not key:
        return None
    if key in memory:
        return Named(memory[key], True) if memory[key] in _fields(side) else None
    known = _known(side)
    field = known.get(key) or known.get(bare_key(text))
    return Named(field, True) if field else None


def guess_field(text: str, side: Side) -> Named | None:
    """Return the field a header probably names by its spelling, None when it is like none."""
    key = bare_key(text)
    if len(key) < _LEAST or len(key) > 20 or key in COUNTERS or key in OWN_REMARKS:
        return None
    known = _known(side)
    inside = [name for name in known if len(name) >= _LEAST and name in key]
    if inside:
        return Named(known[max(inside, key=len)], False)
    near = difflib.get_close_matches(key, known, n=1, cutoff=_CLOSE)
    return Named(known[near[0]], False) if near else None


def stand_in_places(texts: Mapping[int, str], side: Side) -> list[int]:
    """Return the columns that may serve as the name when none is called so, best first."""
    keys = {index: bare_key(text) for index, text in texts.items()}
    return [index for name in _STAND_INS[side] for index, key in keys.items() if key == name]


def is_protected(text: str, side: Side, taken: Named | None = None) -> bool:
    """Whether a header names the protected contact, surely or probably, or its column is ``taken`` for it."""
    named = {one.field for one in (taken, name_field(text, side, {}) or guess_field(text, side)) if one}
    return any(spec.name in named for spec in FIELDS[side] if spec.kind == "protected")


# Under such a header a bare name is a person's: 承办人, 分管领导, 跟进, 对接窗口.
_OF_PERSON = re.compile(
    r"人员?$|成员|领导|联络|联系|手机|电话|经办|承办|跟进|对接|牵头|负责|填报|审核|姓名|科长|处长|主任"
)


def personal_under(header: str, cell: object) -> tuple[Personal, ...]:
    """Return what is personal in a cell; a bare name is found where its header says so (经办人：…)."""
    text = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
    found = find_personal(text) or find_personal(f"{header}：{text}")
    if found or not _OF_PERSON.search(header) or not 2 <= len(text.strip()) <= 12:
        return found
    # Without the colon only what begins like a surname counts as a name: 环卫集团 is none.
    return find_personal(f"联系人 {text.strip()}")


def is_counter(text: str) -> bool:
    """Whether a header only counts rows."""
    return bare_key(text) in COUNTERS


def is_own_remark(text: str) -> bool:
    """Whether a column was written by this program and says nothing about the posting."""
    return bare_key(text) in OWN_REMARKS


@cache
def _fields(side: Side) -> frozenset[str]:
    return frozenset({OTHER, *(spec.name for spec in FIELDS[side])})


@cache
def _known(side: Side) -> dict[str, str]:
    """Every name a field is known by, in compared form; a label wins over another field's synonym."""
    names: dict[str, str] = {}
    for key, field in _FURTHER.items():
        if field != "budget" or side is Side.OPPORTUNITY:
            names[key] = field
    for spec in FIELDS[side]:
        for synonym in spec.synonyms:
            names.setdefault(header_key(synonym), spec.name)
            names.setdefault(bare_key(synonym), spec.name)
    for spec in FIELDS[side]:
        names[header_key(spec.label)] = names[spec.name] = spec.name
    return names
