"""Moves a pairing: on, aside, back on its way, or to its end; each asks for what it needs to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from marketplace.access import Viewer
from marketplace.benchmarks.gates import add_months
from marketplace.errors import FaultyError, ForbiddenError, RefusedError, StaleError
from marketplace.followup.attachments import Attachment, Upload, check_uploads, keep_attachment
from marketplace.followup.changing import audit, change, read_for_change, repeated, sent_once, stale_sentence
from marketplace.followup.facts import (
    EFFECTS_AT,
    FILES_AT,
    EffectTyped,
    read_day_of,
    read_effects,
    read_facts,
    read_note,
)
from marketplace.followup.journal import AUDIENCE, AUDIENCES, write_event
from marketplace.followup.landing import write_landing
from marketplace.followup.limits import check_caps, due_day
from marketplace.followup.reasons import Reason
from marketplace.followup.rights import Seen, see
from marketplace.followup.telling import moved_title, name_of, tell_moved, tell_others_of_need
from marketplace.records import Fault
from marketplace.settings import MarketSettings
from marketplace.stages import (
    FAILED,
    FIRST_TURN,
    LANDED,
    LATE_STAGES,
    NEXT,
    PAUSED,
    SIDES_OF_REASON,
    SIGNED,
    STAGES,
    is_open,
)
from marketplace.store import Database
from marketplace.store.pairing_events import (
    insert_pairing_file,
    insert_revisits,
    load_pairing_events,
    load_pairing_files,
)

REVISIT_MONTHS = (6, 12)


@dataclass(frozen=True, slots=True)
class MoveForm:
    """What was typed to move a pairing on; ``stamp`` is of the page it was typed on."""

    stage: str
    stamp: int
    values: Mapping[str, str] = field(default_factory=dict)
    effects: tuple[EffectTyped, ...] = ()
    uploads: tuple[Upload, ...] = ()
    note: str = ""
    audience: str = "office"


@dataclass(frozen=True, slots=True)
class StopForm:
    """What was typed to put a pairing aside or to end it; ``until`` is the day to come back to it."""

    reason: str
    stamp: int
    note: str = ""
    audience: str = "office"
    until: str = ""


def move(
    db: Database, settings: MarketSettings, viewer: Viewer, key: int, form: MoveForm, routes: Sequence[str]
) -> None:
    """Move a pairing on to the next stage with the facts it asks for.

    Raises NotFoundError, ForbiddenError, FaultyError naming every fact that is missing or cannot be read,
    RefusedError for a stage that does not come next, StaleError when somebody moved it meanwhile.
    """
    today, stage = date.today(), form.stage
    seen = see(db, viewer, key)
    if not seen.may_move:
        raise ForbiddenError("这一步由撮合员办理；双方见面后，需求方也可以推进。")
    if repeated(db, viewer, seen.row, "move", to_stage=stage, stamp=form.stamp):
        return
    _still(db, viewer, seen, form.stamp)
    if stage not in NEXT.get(seen.row.stage, ()):
        allowed = "、".join(f"“{STAGES[one]}”" for one in NEXT.get(seen.row.stage, ())) or "没有下一阶段"
        raise RefusedError(f"“{STAGES[seen.row.stage]}”之后不能直接到“{STAGES.get(stage, stage)}”；可以到：{allowed}。")
    facts, columns, files = _checked(db, seen, form, routes, today)
    for one in files:
        keep_attachment(settings, one)
    with sent_once(db, viewer, key, "move", to_stage=stage, stamp=form.stamp):
        seen = read_for_change(db, viewer, key, form.stamp)
        columns = _begin(settings, stage, today) | columns | _charge(db, viewer, seen)
        told = facts | {AUDIENCE: form.audience}
        event = change(db, viewer, seen, "move", columns=columns, to_stage=stage, note=form.note.strip(), facts=told)
        for one in files:
            insert_pairing_file(db, key, event, one.columns())
        if stage == LANDED:
            _land(db, viewer, key, str(facts.get("user_report", "")))
        audit(db, viewer, "pairing.moved", seen, 从=STAGES[seen.row.stage], 到=STAGES[stage])
        tell_moved(db, viewer, seen, moved_title(seen, stage))
        if stage == SIGNED:
            title = f"“{seen.need.posting.title}”已与一家单位签约"
            tell_others_of_need(db, viewer, seen, title, "请确认同一机会的其他对接是否继续。")


def pause(
    db: Database, settings: MarketSettings, viewer: Viewer, key: int, form: StopForm, reasons: Mapping[str, Reason]
) -> None:
    """Put a pairing aside for a coded reason until a day; raises as ``move`` does."""
    seen = _stoppable(db, viewer, key, "pause", PAUSED, form)
    if seen is None:
        return
    if not seen.matchmaker:
        raise ForbiddenError("搁置由撮合员办理；如需暂缓，请在对接记录中写明。")
    today, limit = date.today(), settings.followup.paused_days
    note, faults = _reason_faults(form, reasons)
    until, more = read_day_of(form.until, "恢复日期", "until", today=today, future=True)
    faults += more
    last = today + timedelta(days=limit)
    if until and until > last.isoformat():
        faults.append(
            Fault("until", "恢复日期", until, f"“恢复日期”：发现“{until}”；最长搁置 {limit} 天，应不晚于 {last}。")
        )
    _refuse(faults, "没有搁置")
    with sent_once(db, viewer, key, "pause", to_stage=PAUSED, stamp=form.stamp):
        seen = read_for_change(db, viewer, key, form.stamp)
        reason = reasons[form.reason]
        columns = _begin(settings, PAUSED, today) | {"due_on": until or last.isoformat()} | _why(reason)
        facts = {"reason": reason.label, AUDIENCE: form.audience}
        change(db, viewer, seen, "pause", columns=columns, to_stage=PAUSED, note=note, facts=facts)
        audit(db, viewer, "pairing.paused", seen, 原因=reason.label)
        tell_moved(db, viewer, seen, f"{name_of(seen.need, seen.offer)}的对接已搁置", f"原因：{reason.label}。")


def _charge(db: Database, viewer: Viewer, seen: Seen) -> dict[str, int]:
    """Who moves what nobody has in charge takes it in charge: otherwise the work would be nobody's."""
    if seen.row.matchmaker_key or not seen.matchmaker:
        return {}
    write_event(db, seen.row.key, "assign", viewer, facts={"to": viewer.account_key})
    audit(db, viewer, "pairing.assigned", seen, 撮合员=viewer.name)
    return {"matchmaker_key": viewer.account_key}


def resume(db: Database, settings: MarketSettings, viewer: Viewer, key: int, stamp: int) -> None:
    """Bring a pairing back to the stage it was put aside from; raises CapError when there is no room for it."""
    seen = see(db, viewer, key)
    if not seen.matchmaker:
        raise ForbiddenError("恢复由撮合员办理；如需恢复，请在对接记录中写明。")
    events = load_pairing_events(db, key)
    left = next((one for one in reversed(events) if one.action == "pause" and not one.undone_at), None)
    stage = left.from_stage if left else ""
    if repeated(db, viewer, seen.row, "resume", to_stage=stage, stamp=stamp):
        return
    with sent_once(db, viewer, key, "resume", to_stage=stage, stamp=stamp):
        seen = read_for_change(db, viewer, key, stamp)
        if seen.row.stage != PAUSED or not stage:
            raise RefusedError(f"这个对接的阶段是“{STAGES[seen.row.stage]}”，不是搁置，无需恢复。")
        check_caps(db, settings.followup, viewer, seen.need, seen.offer)
        columns = _begin(settings, stage, date.today()) | {"reason_code": "", "reason_side": ""}
        change(db, viewer, seen, "resume", columns=columns, to_stage=stage)
        audit(db, viewer, "pairing.resumed", seen, 到=STAGES[stage])
        tell_moved(db, viewer, seen, f"{name_of(seen.need, seen.offer)}的对接已恢复到“{STAGES[stage]}”")


def fail(
    db: Database, settings: MarketSettings, viewer: Viewer, key: int, form: StopForm, reasons: Mapping[str, Reason]
) -> None:
    """End a pairing for a coded reason; a company or an agency gives one of its own side.

    From 洽谈 on, those who follow the other pairings of the need are told as well. Raises as ``move`` does.
    """
    seen = _stoppable(db, viewer, key, "fail", FAILED, form)
    if seen is None:
        return
    if not seen.may_decline:
        raise ForbiddenError("您可以查看这个对接，不能终止；终止由撮合员或双方单位办理。")
    note, faults = _reason_faults(form, reasons)
    faults += _side_faults(seen, reasons.get(form.reason))
    _refuse(faults, "没有终止")
    with sent_once(db, viewer, key, "fail", to_stage=FAILED, stamp=form.stamp):
        seen, reason = read_for_change(db, viewer, key, form.stamp), reasons[form.reason]
        columns = _begin(settings, FAILED, date.today()) | _why(reason)
        facts = {"reason": reason.label, AUDIENCE: form.audience}
        change(db, viewer, seen, "fail", columns=columns, to_stage=FAILED, note=note, facts=facts)
        audit(db, viewer, "pairing.failed", seen, 从=STAGES[seen.row.stage], 原因=reason.label)
        side = SIDES_OF_REASON[reason.side]
        body = f"在“{STAGES[seen.row.stage]}”阶段终止，提出方：{side}，原因：{reason.label}。"
        tell_moved(db, viewer, seen, f"{name_of(seen.need, seen.offer)}的对接未成", body)
        if seen.row.stage in LATE_STAGES:
            title = f"“{seen.need.posting.title}”有一个对接在“{STAGES[seen.row.stage]}”阶段终止"
            tell_others_of_need(db, viewer, seen, title, "同一机会的其他对接可以恢复或加快。")


def _checked(
    db: Database, seen: Seen, form: MoveForm, routes: Sequence[str], today: date
) -> tuple[dict[str, Any], dict[str, Any], list[Attachment]]:
    """Return the facts, the columns they fill and the files; raises FaultyError naming all that is wrong."""
    stage, row = form.stage, seen.row
    facts, faults = read_facts(stage, form.values, routes, today=today, after=row.signed_on)
    columns: dict[str, Any] = {
        name: facts[name] for name in ("amount_wan", "signed_on", "procurement_route", "accepted_on") if name in facts
    }
    files, told = check_uploads(form.uploads, len(load_pairing_files(db, row.key)))
    faults += told
    if stage in EFFECTS_AT:
        planned, real, told = read_effects(form.effects, need_real=EFFECTS_AT[stage])
        faults += told
        columns |= {"planned_effect": planned} if planned else {}
        columns |= {"real_effect": real} if real else {}
    if FILES_AT.get(stage) and not files and not told and not load_pairing_files(db, row.key):
        faults.append(Fault("files", "附件", "", "“附件”：没有上传；请上传验收材料。"))
    _, told = read_note(form.note)
    faults += told
    step, told = read_note(" ".join(form.values.get("next_step", "").split()), "下一步", "next_step")
    faults += told
    day, told = read_day_of(form.values.get("next_on", ""), "下一步日期", "next_on", today=today, future=True)
    faults += told + _audience_faults(form.audience)
    _refuse(faults, f"没有推进到“{STAGES[stage]}”")
    return facts, columns | {"next_step": step, "next_on": day}, files


def _land(db: Database, viewer: Viewer, key: int, user_report: str) -> None:
    seen = see(db, viewer, key)
    write_landing(db, seen, user_report=user_report)
    accepted = date.fromisoformat(seen.row.accepted_on)
    insert_revisits(db, key, [add_months(accepted, months).isoformat() for months in REVISIT_MONTHS])


def _begin(settings: MarketSettings, stage: str, today: date) -> dict[str, Any]:
    """What every stage begins with; a step planned for the stage before is done."""
    return {
        "acting": FIRST_TURN[stage], "stage_since": today.isoformat(), "next_step": "", "next_on": "", "told_on": "",
        "due_on": due_day(settings.followup, stage, today),
    }  # fmt: skip


def _why(reason: Reason) -> dict[str, str]:
    return {"reason_code": reason.code, "reason_side": reason.side}


def _stoppable(db: Database, viewer: Viewer, key: int, action: str, stage: str, form: StopForm) -> Seen | None:
    """Return a pairing that can be put aside or ended, None when the same form was just sent twice."""
    seen = see(db, viewer, key)
    if repeated(db, viewer, seen.row, action, to_stage=stage, stamp=form.stamp):
        return None
    _still(db, viewer, seen, form.stamp)
    if not is_open(seen.row.stage) or seen.row.stage == stage:
        raise RefusedError(f"这个对接的阶段是“{STAGES[seen.row.stage]}”，不能改为“{STAGES[stage]}”。")
    return seen


def _reason_faults(form: StopForm, reasons: Mapping[str, Reason]) -> tuple[str, list[Fault]]:
    note, faults = read_note(form.note)
    if form.reason not in reasons:
        sentence = f"“原因”：发现“{form.reason[:40]}”；应为列表中的一项。" if form.reason else "“原因”：没有选择。"
        faults.insert(0, Fault("reason", "原因", form.reason[:40], sentence))
    return note, faults + _audience_faults(form.audience)


def _side_faults(seen: Seen, reason: Reason | None) -> list[Fault]:
    """A company or an agency speaks for itself only."""
    if reason is None or seen.matchmaker or reason.side in (seen.party, "neither"):
        return []
    told = f"“原因”：发现“{reason.label}”，是{SIDES_OF_REASON[reason.side]}的原因；请选择本方或双方以外的原因。"
    return [Fault("reason", "原因", reason.label, told)]


def _still(db: Database, viewer: Viewer, seen: Seen, stamp: int) -> None:
    """Pass when the pairing is as it was shown; who was slower is told before anything else is asked."""
    if seen.row.stamp != stamp:
        raise StaleError(stale_sentence(db, viewer, seen))


def _audience_faults(audience: str) -> list[Fault]:
    if audience in AUDIENCES:
        return []
    allowed = "、".join(AUDIENCES.values())
    return [Fault("audience", "可见范围", audience[:40], f"“可见范围”：发现“{audience[:40]}”；应为：{allowed}之一。")]


def _refuse(faults: Sequence[Fault], what: str) -> None:
    if faults:
        raise FaultyError(f"{what}：有 {len(faults)} 处需要改正。", faults)
