"""What to ask first: ready questions on what the text contradicts or leaves open."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.pages import VerdictView
from matching import VerdictKind

LIMIT = 3
_URGENCY = {VerdictKind.CONFLICT: 0, VerdictKind.UNCLEAR: 1, VerdictKind.PARTIAL: 2}


def ask_first(verdicts: Sequence[VerdictView], limit: int = LIMIT) -> tuple[str, ...]:
    """Return up to ``limit`` questions: contradictions first, then silence (figures before the
    rest), then what is met in part; in the need's own order within each.
    """
    open_points = [verdict for verdict in verdicts if verdict.kind in _URGENCY]
    open_points.sort(key=lambda v: (_URGENCY[v.kind], not _has_figure(v.requirement_text), v.requirement))
    return tuple(_question(verdict) for verdict in open_points[:limit])


def _question(verdict: VerdictView) -> str:
    wanted = verdict.requirement_text.strip("；;。.，, ")
    if verdict.kind is VerdictKind.CONFLICT:
        failed = next((check for check in verdict.numbers if not check.holds), None)
        if failed:
            return f"需求写明“{failed.required}”，材料写的是“{failed.offered}”：能否达到要求，或有其他型号、方案？"
        return f"材料写有“{verdict.limit or verdict.text}”，与“{wanted}”不一致：能否由合作方补上？"
    if verdict.kind is VerdictKind.PARTIAL:
        return f"“{wanted}”：材料只说到一部分，还差哪些，能否补充证明？"
    if _has_figure(wanted):
        return f"能否达到“{wanted}”？请提供检测报告或案例数据。"
    return f"“{wanted}”材料没有提到：是否支持，怎样实现？"


def _has_figure(text: str) -> bool:
    return any(char.isdigit() for char in text)
