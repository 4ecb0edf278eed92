"""Finds sentences that restrict what is offered: 不含, 仅限, 暂不支持."""

from __future__ import annotations

import re

from matching.text.fold import fold

_LIMIT = re.compile(
    r"不含|不包含|不包括|不提供|不支持|暂不|暂未|仅限|仅支持|仅适用|仅面向|仅提供|仅用于|只支持|只做|只适用|需另|除外"
    r"|不承担|不参与|尚未|未通过|不涉及|不负责|不具备|未接入|不能|无法|须另|另行采购|不适用|不做"
)
_BORDERS = ",;。"


def limiting_clause(text: str) -> str | None:
    """Return the folded clause of ``text`` that restricts the offer, or None."""
    folded = fold(text)
    hit = _LIMIT.search(folded)
    if hit is None:
        return None
    start = max(folded.rfind(mark, 0, hit.start()) for mark in _BORDERS) + 1
    ends = [end for mark in _BORDERS if (end := folded.find(mark, hit.end())) >= 0]
    return folded[start : min(ends, default=len(folded))]
