"""Revisits after landing: whether what was built is still in use, 6 and 12 months on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from marketplace.access import Viewer
from marketplace.errors import FaultyError, NotFoundError, RefusedError, StaleError
from marketplace.followup.changing import audit, change, stale_sentence
from marketplace.followup.facts import read_day_of, read_note
from marketplace.followup.journal import AUDIENCE
from marketplace.followup.landing import write_landing
from marketplace.followup.rights import Seen, require_matchmaker, see
from marketplace.records import Fault
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.pairing_events import RevisitRow, load_revisits, write_revisit

RUNNING = {"yes": "仍在使用", "no": "已停用"}


@dataclass(frozen=True, slots=True)
class RevisitForm:
    """What a revisit found, as typed; ``running`` is yes or no."""

    revisit: int
    done_on: str = ""
    running: str = ""
    note: str = ""


def revisit(db: Database, viewer: Viewer, key: int, form: RevisitForm) -> None:
    """Note what a revisit found; whether it still runs goes to the benchmark.

    Raises ForbiddenError for all but matchmakers, NotFoundError for a revisit of another pairing, FaultyError,
    StaleError when somebody noted it meanwhile.
    """
    seen = see(db, viewer, key)
    require_matchmaker(seen)
    _of_pairing(load_revisits(db, key), form.revisit)
    day, note = _checked(seen, form)
    running = form.running == "yes"
    columns = {"done_on": day, "running": int(running), "note": note, "account_key": viewer.account_key}
    with transaction(db):
        seen = see(db, viewer, key)
        if not write_revisit(db, form.revisit, **columns):
            found = _of_pairing(load_revisits(db, key), form.revisit)
            if (found.done_on, found.running, found.account_key) == (day, running, viewer.account_key):
                return
            raise StaleError(stale_sentence(db, viewer, seen))
        used = max(day, seen.row.use_confirmed_on) if running else seen.row.use_confirmed_on
        facts = {"done_on": day, "running": running, AUDIENCE: "all"}
        change(db, viewer, seen, "revisit", columns={"use_confirmed_on": used}, note=note, facts=facts)
        audit(db, viewer, "pairing.revisited", seen, 日期=day, 结果=RUNNING[form.running])
        write_landing(db, see(db, viewer, key))


def _of_pairing(rows: Sequence[RevisitRow], key: int) -> RevisitRow:
    for row in rows:
        if row.key == key:
            return row
    if not key:
        raise RefusedError("没有选择是哪一次回访；请从页面上的表单登记。")
    raise NotFoundError("没有找到这次回访，可能是链接有误。")


def _checked(seen: Seen, form: RevisitForm) -> tuple[str, str]:
    """Return the day and the note; raises FaultyError naming all that is wrong."""
    today, accepted = date.today(), seen.row.accepted_on
    day, faults = read_day_of(form.done_on, "回访日期", "done_on", today=today, future=False)
    if not day and not faults:
        faults.append(Fault("done_on", "回访日期", "", f"“回访日期”：没有填写；应为日期，如 {today}。"))
    elif day and day < accepted:
        told = f"“回访日期”：发现“{day}”；应为验收日期 {accepted} 或以后的日期。"
        faults.append(Fault("done_on", "回访日期", day, told))
    if form.running not in RUNNING:
        allowed = "、".join(RUNNING.values())
        faults.append(Fault("running", "使用情况", form.running[:20], f"“使用情况”：没有选择；应为：{allowed}之一。"))
    note, told_of_note = read_note(form.note, "回访情况", "revisit_note")
    faults += told_of_note
    if faults:
        raise FaultyError(f"没有保存回访：有 {len(faults)} 处需要改正。", faults)
    return day, note
