"""The Chinese words for bands, verdicts, places and states, each with the tone it is shown in."""

from __future__ import annotations

from dataclasses import dataclass

from matching import Band, Side, VerdictKind


@dataclass(frozen=True, slots=True)
class Label:
    """A word and its tone; ``meaning`` is one sentence for the help page."""

    word: str
    tone: str
    meaning: str = ""


BANDS: dict[Band, Label] = {
    Band.STRONG: Label("高度匹配", "good", "多数需求条目在能力清单里找得到明确依据，建议优先联系。"),
    Band.GOOD: Label("较匹配", "info", "主要方向一致，部分条目有依据，其余需要进一步确认。"),
    Band.POSSIBLE: Label("可了解", "quiet", "有相近之处，但依据不多，可作为备选了解。"),
    Band.NONE: Label("不推荐", "poor", "文字相近但解决的不是同一件事，或与需求条件不符。"),
}
VERDICTS: dict[VerdictKind, Label] = {
    VerdictKind.MET: Label("满足", "good", "能力清单中有原句说明能够做到；有数字的，数字达到要求。"),
    VerdictKind.PARTIAL: Label("部分满足", "warn", "有相关原句，但只说到一部分，或范围、条件不完全一致。"),
    VerdictKind.UNCLEAR: Label("待确认", "quiet", "能力清单没有说到这一条。没有写不等于做不到，请向单位核实。"),
    VerdictKind.CONFLICT: Label("不符", "poor", "能力清单写明的数字或限制与这一条相抵触，两边原文并列给出。"),
}
GATES: dict[str, Label] = {
    "passed": Label("通过", "good"),
    "failed": Label("未通过", "poor"),
    "missing": Label("缺材料", "warn"),
}
CANDIDATES: dict[str, Label] = {
    "candidate": Label("标杆候选", "good"),
    "failed": Label("未达条件", "poor"),
    "incomplete": Label("材料不全", "warn"),
}
CLOSED = Label("已截止", "warn")
PUBLISHERS = {"government": "政府部门", "institution": "事业单位", "soe": "国有企业", "enterprise": "企业"}
SIDES: dict[Side, str] = {Side.OPPORTUNITY: "场景机会", Side.CAPABILITY: "场景能力"}
ORDERS = {
    "relevance": "按相关度",
    "newest": "按发布时间",
    "deadline": "按截止日期",
    "confirmed": "按最近确认",
}
_TONES_OF_STATES = {
    "published": "info", "recheck": "warn", "docking": "info", "signed": "good", "building": "good", "accepted": "good",
}  # fmt: skip
_PLACES = {
    "title": "标题",
    "background": "背景",
    "requirement": "需求条目",
    "summary": "简介",
    "feature": "能力要点",
    "case": "案例",
}


def place(source: str | None, index: int | None) -> str:
    """Where a quoted sentence stands: 能力要点 3, 简介, 案例 1."""
    if source is None:
        return "—"
    name = _PLACES.get(source, source)
    return name if index is None else f"{name} {index + 1}"


def publisher_type(kind: str) -> str:
    """The kind of a publishing body in words, empty when it is not stated."""
    return PUBLISHERS.get(kind, kind)


def state_tone(state: str) -> str:
    """The tone of a posting's state: what needs checking stands out, what is over is quiet."""
    return _TONES_OF_STATES.get(state, "quiet")
