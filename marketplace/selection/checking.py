"""Formal check, check of the facts, and the facts themselves as those who checked them note them down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.access import MATCHMAKER, REVIEWER, Viewer, require
from marketplace.audit import record_action
from marketplace.benchmarks.canonical import canonical, digest_of
from marketplace.benchmarks.facts import NOTED
from marketplace.desk import DeskKeeper
from marketplace.errors import FaultyError, NotFoundError, RefusedError, StaleError
from marketplace.flagging import refresh_flags
from marketplace.followup.facts import read_day_of, read_note
from marketplace.followup.rights import place_of
from marketplace.records import Fault
from marketplace.selection import clock
from marketplace.selection.cases import change_case, find_sent_case, tell_applicant
from marketplace.selection.rights import find_open_year, require_neutral, require_organiser, require_state
from marketplace.selection_states import CASE_STATES, CHECKED, FORMAL, OPEN, REFUSED, RETURNED, SENT
from marketplace.store import PostingRow
from marketplace.store.database import transaction
from marketplace.store.landings import find_landing, find_landing_keys, save_landing
from marketplace.store.postings import load_rows

# What may be decided at each state: decision → (action, next state, whether a reason must be given).
DECISIONS: Mapping[str, Mapping[str, tuple[str, str, bool]]] = {
    SENT: {
        "pass": ("formal_passed", FORMAL, False),
        "return": ("case_returned", RETURNED, True),
        "fail": ("formal_failed", REFUSED, True),
    },
    FORMAL: {
        "pass": ("facts_passed", CHECKED, True),
        "return": ("case_returned", RETURNED, True),
        "fail": ("facts_failed", REFUSED, True),
    },
}
_NO_LANDING = "没有找到这个已落地的对接，可能是链接有误。"
_YES_NO = {"yes": True, "no": False}
_LABELS = {
    "report_unit": "用户单位",
    "report_text": "用户单位使用报告",
    "test_report": "检测或测试报告",
    "innovation": "创新点",
    "safety": "安全与运行维护说明",
}


@dataclass(frozen=True, slots=True)
class FactPage:
    """What is noted of a landed pair, as the values of its form; ``stamp`` differs once anything of it does."""

    landing_id: str
    title: str
    offer_title: str
    values: Mapping[str, str]
    stamp: str


class CheckDesk:
    """Decides about cases before they are scored."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def decide(self, viewer: Viewer, key: int, decision: str, note: str, stamp: int) -> None:
        """Pass, send back or refuse a case at the check it stands at, with what was found.

        Raises NotFoundError for one that was never sent, ForbiddenError for all but neutral organisers, FaultyError
        without the reason, StaleError.
        """
        db = self._keeper.db
        with transaction(db):
            case = find_sent_case(db, key)
            require_organiser(db, viewer, case.row.year)
            require_neutral(viewer, case.need, case.offer, case.row.organisation_key)
            require_state(find_open_year(db, case.row.year), OPEN)
            offered = DECISIONS.get(case.row.state, {})
            if decision not in offered:
                raise RefusedError(f"这个申报现在是“{CASE_STATES[case.row.state]}”，不能这样办理；没有改动。")
            action, state, needed = offered[decision]
            said, faults = read_note(note, "审查意见", "note", required=needed)
            if faults:
                raise FaultyError(f"没有办理：有 {len(faults)} 处需要改正。", faults)
            column = "formal" if case.row.state == SENT else "facts"
            change_case(db, viewer, case, action, note=said, stamp=stamp, state=state, **{column: said})
            tell_applicant(db, viewer, case, action, said)


class FactBook:
    """Notes what gates and points are read from: credit, declarations, reports, reuse."""

    def __init__(self, keeper: DeskKeeper) -> None:
        self._keeper = keeper

    def page(self, viewer: Viewer, landing_id: str) -> FactPage:
        """Return what is noted of a landed pair; raises NotFoundError outside the viewer's districts."""
        need, offer, landing = self._landing(viewer, landing_id)
        values = _values_of(landing)
        return FactPage(landing_id, need.posting.title, offer.posting.title, values, stamp_of(landing))

    def note(self, viewer: Viewer, landing_id: str, typed: Mapping[str, str], stamp: str) -> None:
        """Note facts of a landed pair with their source; its flags, and no other, are looked at anew.

        Raises FaultyError, NotFoundError outside the viewer's districts, ForbiddenError for members of a side,
        StaleError when somebody noted something since the form was shown.
        """
        db = self._keeper.db
        need, offer, _ = self._landing(viewer, landing_id)
        require_neutral(viewer, need, offer)
        facts, faults = read_noted(typed, clock.today())
        source, told = read_note(typed.get("source", ""), "依据", "source", required=True)
        faults += told
        if faults:
            raise FaultyError(f"没有登记：有 {len(faults)} 处需要改正。", faults)
        with transaction(db):
            landing = find_landing(db, landing_id)
            if landing is None:
                raise NotFoundError(_NO_LANDING)
            moved = {name: value for name, value in facts.items() if landing.get(name) != value}
            if not moved:
                return
            if stamp != stamp_of(landing):
                raise StaleError("这个对接的核实情况刚刚由别人改动，您的这次登记没有保存；请看过现在的内容再登记。")
            noted = {"on": clock.today().isoformat(), "by": _role(viewer), "source": source}
            sources = dict(landing.get("sources") or {}) | {NOTED[name]: noted for name in moved}
            save_landing(db, landing | moved | {"sources": sources}, need.key, offer.key)
            refresh_flags(db, [landing_id])
            record_action(
                db, viewer, "benchmark.facts_noted", "posting", need.key, 落地=landing_id,
                字段="、".join(sorted(moved)), 依据=source[:200],
            )  # fmt: skip

    def _landing(self, viewer: Viewer, landing_id: str) -> tuple[PostingRow, PostingRow, dict[str, Any]]:
        require(viewer, REVIEWER, MATCHMAKER)
        db = self._keeper.db
        pair, landing = find_landing_keys(db, [landing_id]).get(landing_id), find_landing(db, landing_id)
        rows = {row.key: row for row in load_rows(db, list(pair or ()))}
        if pair is None or landing is None or len(rows) < len(set(pair)):
            raise NotFoundError(_NO_LANDING)
        need, offer = rows[pair[0]], rows[pair[1]]
        places = (place_of(need), place_of(offer))
        if not any(viewer.serves(role, *place) for role in (REVIEWER, MATCHMAKER) for place in places):
            raise NotFoundError(_NO_LANDING)
        return need, offer, landing


def read_noted(typed: Mapping[str, str], today: date) -> tuple[dict[str, Any], list[Fault]]:
    """Return the facts of the form by name and what is wrong; what was left empty is not known."""
    facts: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, column in (("credit", "credit_clear"), ("dispute", "secret_or_ip_dispute")):
        facts[column] = _YES_NO.get(typed.get(name, ""))
    texts = {}
    for name, label in _LABELS.items():
        texts[name], told = read_note(typed.get(name, ""), label, name)
        faults += told
    day, told = read_day_of(typed.get("report_on", ""), "报告日期", "report_on", today=today, future=False)
    faults += told
    report = {"unit": texts["report_unit"], "date": day, "text": texts["report_text"]}
    facts["user_report"] = report if texts["report_text"] else None
    facts |= {name: texts[name] or None for name in ("test_report", "innovation", "safety")}
    lines, told = read_note(typed.get("replications", ""), "复制推广情况", "replications")
    faults += told
    places = [line.strip() for line in lines.splitlines() if line.strip()]
    if places and typed.get("no_replication") == "1":
        both = "“复制推广情况”：写了复制的地方，又勾选了没有复制；请只选一种。"
        faults.append(Fault("replications", "复制推广情况", lines[:40], both))
    facts["replications"] = places or ([] if typed.get("no_replication") == "1" else None)
    return facts, faults


def stamp_of(landing: Mapping[str, Any]) -> str:
    """Return what tells one state of the noted facts and their sources from another."""
    return digest_of(canonical([landing.get(name) for name in (*NOTED, "sources")]))[:16]


def _values_of(landing: Mapping[str, Any]) -> dict[str, str]:
    report = landing.get("user_report") or {}
    return {
        "credit": _as_typed(landing.get("credit_clear")),
        "dispute": _as_typed(landing.get("secret_or_ip_dispute")),
        "report_unit": report.get("unit") or "", "report_on": report.get("date") or "",
        "report_text": report.get("text") or "", "test_report": landing.get("test_report") or "",
        "replications": "\n".join(landing.get("replications") or ()),
        "no_replication": "1" if landing.get("replications") == [] else "",
        "innovation": landing.get("innovation") or "", "safety": landing.get("safety") or "",
    }  # fmt: skip


def _as_typed(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _role(viewer: Viewer) -> str:
    """Return the post, not the person: where a fact stands is shown to everyone."""
    return "审核员" if viewer.has(REVIEWER) else "撮合员"
