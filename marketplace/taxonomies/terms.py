"""What a term of a controlled list is, and what makes a list contradict itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matching import fold

TAXONOMIES = {
    "scene_domain": "场景领域",
    "scene_class_22": "国家场景分类（22类）",
    "scene_scale": "场景规模类型",
    "five_scenes_jiangxia": "江夏五大场景",
    "five_scenes_wuhan": "武汉五大场景（人工智能五领域）",
    "cooperation_mode": "合作方式",
    "procurement_route": "采购方式",
    "funding_state": "资金落实状态",
    "disclosure": "公开属性",
    "qualification": "企业资质",
    "trl": "技术成熟度",
    "gbt4754_2017": "国民经济行业分类（2017）",
    "organisation_kind": "单位类型",
    "system_965": "武汉“965”产业",
    "system_3311": "江夏“3311”产业",
    "outcome_reason": "搁置与未成原因",
    "divisions": "行政区划与功能区",
}
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list; ``valid_from`` and ``valid_to`` are its first and last day, None for open.

    ``position`` is its place in the list from 1; 0 leaves the place to the store. ``verified`` says
    that the wording was seen in a source.
    """

    taxonomy: str
    code: str
    label: str
    parent: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    verified: bool = False
    note: str = ""
    position: int = 0
    synonyms: tuple[str, ...] = ()

    def valid_on(self, day: str) -> bool:
        """Whether the term holds on ``day`` (ISO), its first and last day included."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


def term_key(text: str) -> str:
    """Return the form in which codes, labels and synonyms are compared: folded, without spaces."""
    return _SPACE.sub("", fold(text))


def is_day(text: str) -> bool:
    """Whether ``text`` is a day of the calendar written as 2026-11-22."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def first_fault(terms: Sequence[Term]) -> tuple[int, str] | None:
    """Return the index and the Chinese fault (no full stop) of the first bad term of ONE list, or None.

    Checked are the code, the label, both days, the parent and that no name leads to two terms.
    """
    by_code = {term.code: term for term in terms}
    codes: set[str] = set()
    for index, term in enumerate(terms):
        fault = _own_fault(term) or _parent_fault(term, by_code)
        if not fault and term_key(term.code) in codes:
            fault = f"代码“{term.code}”重复；每个代码只能出现一次"
        if fault:
            return index, fault
        codes.add(term_key(term.code))
    return _name_clash(terms)


def _own_fault(term: Term) -> str:
    if not _CODE.fullmatch(term.code):
        return f"代码为“{term.code}”；应为字母、数字、下划线、点或短横线，且不能为空"
    if not term.label.strip():
        return f"代码“{term.code}”没有名称；名称不能为空"
    for name, day in (("生效日期", term.valid_from), ("截止日期", term.valid_to)):
        if day is not None and not is_day(day):
            return f"{name}为“{day}”；应为 2026-01-01 这样的日期或留空"
    if any(";" in synonym or not synonym.strip() for synonym in term.synonyms):
        return f"代码“{term.code}”的同义词含有分号或为空；每个同义词应单独成一项"
    if term.valid_from and term.valid_to and term.valid_to < term.valid_from:
        return f"截止日期 {term.valid_to} 早于生效日期 {term.valid_from}；应不早于生效日期"
    return ""


def _parent_fault(term: Term, by_code: dict[str, Term]) -> str:
    """Return the fault of a parent that is missing, or whose own parents come back to the term."""
    seen, code = {term.code}, term.parent
    while code is not None:
        if code not in by_code:
            return f"上级代码“{code}”不存在；应为本表中的代码或留空"
        if code in seen:
            return f"上级代码“{term.parent}”绕回了自身；上下级不能成环"
        seen.add(code)
        code = by_code[code].parent
    return ""


def _name_clash(terms: Sequence[Term]) -> tuple[int, str] | None:
    """Equal labels may stand under different parents; a synonym must lead to one term only at any time."""
    owners: dict[str, list[Term]] = {}
    for term in terms:
        owners.setdefault(term_key(term.label), []).append(term)
    for index, term in enumerate(terms):
        for synonym in dict.fromkeys(map(term_key, term.synonyms)):
            known = owners.setdefault(synonym, [])
            other = next((one for one in known if one is not term and _overlap(one, term)), None)
            if other:
                return index, f"同义词“{synonym}”也指向“{other.label}”；一个同义词只能指向一个条目"
            known.append(term)
    return None


def _overlap(one: Term, other: Term) -> bool:
    starts, ends = (one.valid_from or "", other.valid_from or ""), (one.valid_to or "9", other.valid_to or "9")
    return max(starts) <= min(ends)
