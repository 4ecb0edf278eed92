"""What is written beside the stage: the next step, notes, figures, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from marketplace.access import Viewer
from marketplace.errors import FaultyError, RefusedError
from marketplace.flagging import refresh_flags
from marketplace.followup.attachments import Upload, check_uploads, keep_attachment
from marketplace.followup.changing import audit, change, read_for_change
from marketplace.followup.facts import EffectTyped, read_day_of, read_effects, read_note
from marketplace.followup.journal import AS, AUDIENCE, AUDIENCES, write_event
from marketplace.followup.landing import landing_id, write_landing
from marketplace.followup.rights import Seen, require_matchmaker, require_party, see
from marketplace.followup.telling import name_of, tell_office, tell_sides
from marketplace.records import Fault
from marketplace.settings import MarketSettings
from marketplace.stages import LANDED, PARTIES, is_open
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.pairing_events import (
    insert_pairing_file,
    load_pairing_events,
    load_pairing_files,
)

# The same words from the same person within this many entries are a form that was sent twice.
_RECENT = 3


@dataclass(frozen=True, slots=True)
class StepForm:
    """The next step as typed: what, by when, and whose turn it is."""

    stamp: int
    next_step: str = ""
    next_on: str = ""
    acting: str = ""


def set_step(db: Database, viewer: Viewer, key: int, form: StepForm) -> None:
    """Write the next step, its day and whose turn it is; the side whose turn it becomes is told.

    Raises ForbiddenError for all but matchmakers, FaultyError, RefusedError for a closed pairing, StaleError.
    """
    seen, today = see(db, viewer, key), date.today()
    require_matchmaker(seen)
    step, faults = read_note(" ".join(form.next_step.split()), "下一步", "next_step", required=True)
    day, told = read_day_of(form.next_on, "下一步日期", "next_on", today=today, future=True)
    faults += told
    if not day and not told:
        faults.append(Fault("next_on", "下一步日期", "", f"“下一步日期”：没有填写；应为日期，如 {today}。"))
    if form.acting not in PARTIES:
        allowed = "、".join(PARTIES.values())
        sentence = f"“办理方”：发现“{form.acting[:20]}”；应为：{allowed}之一。"
        faults.append(Fault("acting", "办理方", form.acting[:20], sentence))
    if faults:
        raise FaultyError(f"没有保存下一步：有 {len(faults)} 处需要改正。", faults)
    columns = {"next_step": step, "next_on": day, "acting": form.acting, "told_on": ""}
    if seen.row.stamp == form.stamp + 1 and all(getattr(seen.row, name) == value for name, value in columns.items()):
        return
    with transaction(db):
        seen = read_for_change(db, viewer, key, form.stamp)
        require_open(seen)
        change(
            db, viewer, seen, "step", columns=columns, facts={"next_step": step, "next_on": day, "acting": form.acting}
        )
        audit(db, viewer, "pairing.step", seen, 下一步=step, 日期=day)
        tell = tell_office if form.acting == "matchmaker" else tell_sides
        tell(
            db,
            viewer,
            seen,
            f"{name_of(seen.need, seen.offer)}：下一步 {step}",
            f"{day} 前，由{PARTIES[form.acting]}办理。",
        )


def write_note(db: Database, viewer: Viewer, key: int, text: str, audience: str) -> None:
    """Write a note into the journal; the matchmaker and those who may read it are told.

    A side writes for the office and itself, or for all. The same words sent twice are written once.
    """
    seen = see(db, viewer, key)
    require_party(seen)
    note, faults = read_note(text, "记录", "note", required=True)
    if audience not in audiences_for(seen):
        allowed = "、".join(audiences_for(seen).values())
        faults.append(
            Fault("audience", "可见范围", audience[:20], f"“可见范围”：发现“{audience[:20]}”；应为：{allowed}之一。")
        )
    if faults:
        raise FaultyError(f"没有保存记录：有 {len(faults)} 处需要改正。", faults)
    with transaction(db):
        if _said(db, viewer, key, note):
            return
        write_event(db, key, "note", viewer, note=note, facts={AUDIENCE: audience, AS: seen.party})
        audit(db, viewer, "pairing.noted", seen)
        title = f"{name_of(seen.need, seen.offer)}有新的对接记录"
        tell_office(db, viewer, seen, title)
        if audience == "all":
            tell_sides(db, viewer, seen, title)


def audiences_for(seen: Seen) -> dict[str, str]:
    """Return for whom this viewer may write, by code."""
    if seen.matchmaker:
        return dict(AUDIENCES)
    return {name: AUDIENCES[name] for name in (seen.party, "all") if name in AUDIENCES}


def record_effect(db: Database, viewer: Viewer, key: int, lines: Sequence[EffectTyped], stamp: int) -> None:
    """Replace the planned and real figures; a landed pairing's landing follows.

    Raises ForbiddenError for who only reads, FaultyError, StaleError.
    """
    seen = see(db, viewer, key)
    require_party(seen)
    planned, real, faults = read_effects(lines, need_real=seen.row.stage == LANDED)
    if faults:
        raise FaultyError(f"没有保存成效：有 {len(faults)} 处需要改正。", faults)
    with transaction(db):
        fresh = see(db, viewer, key)
        if (list(fresh.row.planned_effect), list(fresh.row.real_effect)) == (planned, real):
            return
        seen = read_for_change(db, viewer, key, stamp)
        columns = {"planned_effect": planned, "real_effect": real}
        change(db, viewer, seen, "effect", columns=columns, facts={"planned": planned, "real": real})
        audit(db, viewer, "pairing.effect", seen, 指标=len({one["name"] for one in [*planned, *real]}))
        if seen.row.stage == LANDED:
            write_landing(db, see(db, viewer, key))


def attach(
    db: Database, settings: MarketSettings, viewer: Viewer, key: int, uploads: Sequence[Upload], note: str = ""
) -> int:
    """Keep files with a pairing; return how many are new. The same content is kept once.

    Raises ForbiddenError for who only reads, FaultyError naming every file that is not taken and why.
    """
    seen = see(db, viewer, key)
    require_party(seen)
    known = {one.digest for one in load_pairing_files(db, key)}
    files, faults = check_uploads(uploads, len(known))
    said, told = read_note(note)
    faults += told
    if not uploads:
        faults.append(Fault("files", "附件", "", "“附件”：没有选择文件。"))
    if faults:
        raise FaultyError(f"没有上传附件：有 {len(faults)} 处需要改正。", faults)
    for one in files:
        keep_attachment(settings, one)
    with transaction(db):
        # Asked again here: of a form that was sent twice at once, the second finds its files among those kept.
        known = {one.digest for one in load_pairing_files(db, key)}
        fresh = [one for one in files if one.digest not in known]
        if not fresh:
            return 0
        names = [one.name for one in fresh]
        event = write_event(
            db, key, "attach", viewer, note=said, facts={"files": names, AUDIENCE: "all", AS: seen.party}
        )
        for one in fresh:
            insert_pairing_file(db, key, event, one.columns())
        if seen.row.stage == LANDED:
            refresh_flags(db, [landing_id(key)])
        audit(db, viewer, "pairing.attached", seen, 附件="、".join(names)[:200])
        tell_office(db, viewer, seen, f"{name_of(seen.need, seen.offer)}有新的附件")
    return len(fresh)


def _said(db: Database, viewer: Viewer, key: int, note: str) -> bool:
    recent = load_pairing_events(db, key)[-_RECENT:]
    return any((one.action, one.note, one.account_key) == ("note", note, viewer.account_key) for one in recent)


def require_open(seen: Seen, act: str = "安排下一步") -> None:
    """Pass for a pairing that has not ended; raises RefusedError naming it."""
    if not is_open(seen.row.stage):
        raise RefusedError(f"{name_of(seen.need, seen.offer)}的对接已经结束，不能再{act}。")
