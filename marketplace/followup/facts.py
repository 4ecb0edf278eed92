"""What each stage asks to be known before a pairing enters it, read from what people typed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.records import Fault
from marketplace.records.days import read_day
from marketplace.records.faults import cut
from marketplace.records.kinds import PERSONAL
from marketplace.records.personal import find_personal
from marketplace.records.values import UnreadableError, half_width, read_money
from marketplace.stages import BUILDING, CONTACTED, LANDED, MEETING, SIGNED

MAX_TEXT, MAX_STEP, MAX_EFFECTS = 1000, 200, 12


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact a stage asks for; ``kind`` is day, money, route or text."""

    name: str
    label: str
    kind: str
    required: bool = True
    example: str = ""
    hint: str = ""


STAGE_FACTS: dict[str, tuple[FactSpec, ...]] = {
    CONTACTED: (FactSpec("contacted_on", "联系日期", "day", example="2026-03-05"),),
    MEETING: (FactSpec("met_on", "洽谈日期", "day", example="2026-03-12"),),
    SIGNED: (
        FactSpec("amount_wan", "金额", "money", example="120万元", hint="合同金额；无偿试用填 0"),
        FactSpec("signed_on", "签约日期", "day", example="2026-04-01"),
        FactSpec("procurement_route", "采购方式", "route"),
    ),
    BUILDING: (FactSpec("started_on", "开工日期", "day", example="2026-04-20"),),
    LANDED: (
        FactSpec("accepted_on", "验收日期", "day", example="2026-09-30"),
        FactSpec("user_report", "用户单位使用情况", "text", required=False,
                 hint="用户单位对使用效果的说明，评选标杆时作为用户证明"),
    ),
}  # fmt: skip
# Stages whose form also takes figures and files, and whether it must.
EFFECTS_AT = {SIGNED: False, LANDED: True}
FILES_AT = {SIGNED: False, LANDED: True}


@dataclass(frozen=True, slots=True)
class EffectTyped:
    """One line of figures as typed; ``lower`` says that less is better."""

    name: str = ""
    unit: str = ""
    planned: str = ""
    real: str = ""
    lower: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing was typed."""
        return not (self.name.strip() or self.planned.strip() or self.real.strip())


def read_facts(
    stage: str, typed: Mapping[str, str], routes: Sequence[str], *, today: date, after: str = ""
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the facts of a stage by name and what is wrong with them; ``after`` is a day none may lie before."""
    facts: dict[str, Any] = {}
    faults: list[Fault] = []
    for spec in STAGE_FACTS.get(stage, ()):
        text = " ".join(typed.get(spec.name, "").split()) if spec.kind != "text" else typed.get(spec.name, "").strip()
        if not text:
            if spec.required:
                faults.append(Fault(spec.name, spec.label, "", f"“{spec.label}”：没有填写；{_allowed(spec, routes)}。"))
            continue
        try:
            facts[spec.name] = _read(spec, text, routes, today=today, after=after)
        except UnreadableError as error:
            faults.append(Fault(spec.name, spec.label, cut(text), f"“{spec.label}”：{error}。", error.suggestion))
    return facts, faults


def read_effects(
    lines: Sequence[EffectTyped], *, need_real: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Fault]]:
    """Return planned and real figures and what is wrong with the lines; blank lines count for nothing."""
    planned: list[dict[str, Any]] = []
    real: list[dict[str, Any]] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for place, line in enumerate(lines[:MAX_EFFECTS], 1):
        if line.blank:
            continue
        name = " ".join(line.name.split())[:60]
        if not name or name in seen:
            told = f"指标“{name}”写了两次；每个指标一行" if name else "没有写指标名称"
            faults.append(Fault("effects", "成效", name, f"“成效”第 {place} 行：{told}。"))
            continue
        seen.add(name)
        unit = " ".join(line.unit.split())[:20]
        if kind := _personal(f"{name} {unit}"):
            told = f"指标名称或单位含有{kind}；成效会对外公开，请删去"
            faults.append(Fault("effects", "成效", kind, f"“成效”第 {place} 行：{told}。"))
            continue
        for text, label, into in ((line.planned, "计划值", planned), (line.real, "实际值", real)):
            if not text.strip():
                continue
            value = _number(text)
            if value is None:
                sentence = f"“成效”第 {place} 行{label}：发现“{cut(text)}”；应为数字，单位另填一格。"
                faults.append(Fault("effects", "成效", cut(text), sentence))
                continue
            into.append({"name": name, "value": value, "unit": unit, "lower": line.lower})
    if need_real and not real and not faults:
        faults.append(
            Fault("effects", "成效", "", "“成效”：没有填写；至少要有一个指标的实际值，如：告警时间、15、分钟。")
        )
    return planned, real, faults


def read_note(
    text: str, label: str = "说明", field: str = "note", *, required: bool = False
) -> tuple[str, list[Fault]]:
    """Return a text for the journal as it is kept, and what is wrong with it."""
    note = text.replace("\r\n", "\n").strip()
    if required and not note:
        return note, [Fault(field, label, "", f"“{label}”：没有填写。")]
    limit = MAX_STEP if field == "next_step" else MAX_TEXT
    if len(note) > limit:
        return note, [Fault(field, label, str(len(note)), f"“{label}”：写了 {len(note)} 字；最多 {limit} 字。")]
    if kind := _personal(note):
        told = f"含有{kind}；联系方式请登记在清单的“受保护的联系方式”里，不要写在这里"
        return note, [Fault(field, label, kind, f"“{label}”：{told}。")]
    return note, []


def read_day_of(
    text: str, label: str, field: str, *, today: date, future: bool | None = None
) -> tuple[str, list[Fault]]:
    """Return a day as ISO text, empty for none, and what is wrong.

    ``future`` False refuses days to come, True days that have passed.
    """
    if not text.strip():
        return "", []
    try:
        return _day(text.strip(), today=today, future=future), []
    except UnreadableError as error:
        return "", [Fault(field, label, cut(text), f"“{label}”：{error}。", error.suggestion)]


def _personal(text: str) -> str:
    """Return which kinds of personal data a text holds, empty for none."""
    return "、".join(dict.fromkeys(PERSONAL[one.kind] for one in find_personal(text)))


def _read(spec: FactSpec, text: str, routes: Sequence[str], *, today: date, after: str) -> Any:
    if spec.kind == "day":
        day = _day(text, today=today, future=False)
        if after and day < after:
            raise UnreadableError(f"发现“{day}”；应为不早于签约日期 {after} 的日期")
        return day
    if spec.kind == "money":
        return _sum(text)
    if spec.kind == "route":
        if text not in routes:
            raise UnreadableError(f"发现“{cut(text)}”；{_allowed(spec, routes)}")
        return text
    note, faults = read_note(text, spec.label, spec.name)
    if faults:
        raise UnreadableError(faults[0].sentence.partition("：")[2].rstrip("。"))
    return note


def _allowed(spec: FactSpec, routes: Sequence[str]) -> str:
    if spec.kind == "route":
        return f"应为：{'、'.join(routes)}之一"
    return {"day": f"应为日期，如 {spec.example}", "money": "应为一个金额，如 120万元，无偿的填 0"}.get(
        spec.kind, "请填写"
    )


def _day(text: str, *, today: date, future: bool | None) -> str:
    day = read_day(text, base=today).day
    if day is None:
        raise UnreadableError(f"发现“{cut(text)}”；应为一个日期，如 {today.isoformat()}")
    if future is False and day > today.isoformat():
        raise UnreadableError(f"发现“{day}”；应为今天 {today.isoformat()} 或以前的日期")
    if future is True and day < today.isoformat():
        raise UnreadableError(f"发现“{day}”；应为今天 {today.isoformat()} 或以后的日期")
    return day


def _sum(text: str) -> float:
    if _number(text) == 0:
        return 0.0
    money = read_money(text)
    if money.low_wan is None or money.low_wan != money.high_wan:
        raise UnreadableError(f"发现“{cut(text)}”；应为一个金额，如 120万元，无偿的填 0")
    return money.low_wan


def _number(text: str) -> float | None:
    plain = half_width(text).strip().replace(",", "").removesuffix("%")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e12 else None
