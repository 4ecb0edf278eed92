"""Brings the rows of a confirmed import in, a few at a time; begun again it goes on where it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from marketplace.access import REVIEWER
from marketplace.audit import record_action
from marketplace.errors import NotFoundError
from marketplace.imports.intake import known_entry, whole
from marketplace.imports.pages import (
    ADDED,
    CHANGED,
    DONE,
    DRAFTED,
    IMPORTING,
    MERGED,
    OUTCOMES,
    PASSED,
    PUBLISH,
    SETTLING,
    UNCHANGED,
)
from marketplace.imports.planning import Plan, Unit, gather_units, plan_units
from marketplace.imports.writing import RowWriter
from marketplace.jobs.context import JobContext
from marketplace.jobs.renewal import renew_matches
from marketplace.notices import accounts_with, notify
from marketplace.records import SIDE_NAMES
from marketplace.sealing import Sealer
from marketplace.store.database import now, transaction
from marketplace.store.imports import (
    ImportRow,
    RunRow,
    count_states,
    count_undecided,
    load_import_rows,
    load_known,
    load_run,
    update_row,
    update_run,
)
from marketplace.store.postings import load_vectors
from marketplace.terms import load_book
from marketplace.workbooks.checking import BAD, TWIN
from marketplace.workbooks.twins import BY_MEANING, SKIP, Entry, Meanings
from matching import PostingVectors, encode_postings

CHUNK, DRAFT_CHUNK = 20, 100
_WRITTEN = (ADDED, CHANGED, UNCHANGED, DRAFTED, MERGED, PASSED)


def import_rows(context: JobContext) -> dict[str, Any]:
    """Write the rows of the run ``import_key``; return the counts by outcome with a sentence.

    Each chunk is one transaction, so that what was said to be in is in and nothing comes in twice.
    """
    run = load_run(context.db, int(context.arguments["import_key"]))
    if run is None:
        raise NotFoundError("要导入的文件已不在。")
    if run.state == IMPORTING:
        _Importing(context, run).go()
    # A job that stopped while the matches were renewed goes on with them.
    renewed = renew_matches(context) if run.options.get("how") == PUBLISH else {}
    counts = count_states(context.db, run.key)
    return counts | {"import_key": run.key, "scored": renewed.get("scored", 0), "message": summary(counts)}


def summary(counts: dict[str, int]) -> str:
    """Return the counts by outcome as one sentence."""
    parts = [f"{label} {counts[name]} 行" for name, label in OUTCOMES.items() if counts.get(name)]
    parts += [f"有问题未导入 {counts[BAD]} 行"] if counts.get(BAD) else []
    parts += [f"疑似重复待决定 {counts[TWIN]} 行"] if counts.get(TWIN) else []
    return "，".join(parts or ["没有导入任何行"]) + "。"


class _Importing:
    """One run on its way in."""

    def __init__(self, context: JobContext, run: RunRow) -> None:
        self._context, self._db, self._run = context, context.db, run
        self._writer = RowWriter(context.db, run, context.viewer, Sealer(context.settings.keys_dir))
        self._publish = run.options.get("how") == PUBLISH
        self._terms = load_book(context.db, context.settings)
        self._mapped = frozenset(one["field"] for one in run.mapping if one.get("field"))
        self._meaning: _Meaning | None = None

    def go(self) -> None:
        """Write every row that is to come in, then close the run."""
        self._skip_refused_twins()
        rows = load_import_rows(self._db, self._run.key)
        units = gather_units(rows)
        done = sum(row.state in _WRITTEN for row in rows)
        total = done + sum(1 + len(unit.merged) for unit in units)
        size = CHUNK if self._publish else DRAFT_CHUNK
        for start in range(0, len(units), size):
            chunk = units[start : start + size]
            self._write(chunk)
            done += sum(1 + len(unit.merged) for unit in chunk)
            self._context.say(done, total, f"已处理 {done}/{total} 行：{_names(chunk)}")
        self._close()

    def _skip_refused_twins(self) -> None:
        skipped = [row for row in load_import_rows(self._db, self._run.key, states=(TWIN,)) if row.decision == SKIP]
        with transaction(self._db):
            for row in skipped:
                self._writer.pass_over(row)

    def _write(self, units: Sequence[Unit]) -> None:
        plans = plan_units(self._db, units, self._run.side, mapped=self._mapped, terms=self._terms)
        sound = [plan for plan in plans if plan.posting is not None]
        vectors, model = self._encoded(sound) if self._publish else ({}, "")
        waiting = self._alike(sound, vectors)
        with transaction(self._db):
            for plan in plans:
                place = plan.unit.row.position
                if plan.posting is None:
                    self._writer.refuse(plan)
                elif place in waiting:
                    update_row(self._db, waiting[place])
                elif self._publish:
                    self._writer.publish(plan, vectors.get(place), model)
                else:
                    self._writer.draft(plan)

    def _encoded(self, plans: Sequence[Plan]) -> tuple[dict[int, PostingVectors], str]:
        changed = [plan for plan in plans if not plan.unchanged]
        if not changed:
            return {}, ""
        encoder = self._context.workshop.encoder()
        encoded = encode_postings([plan.posting for plan in changed if plan.posting], encoder)
        return {plan.unit.row.position: own for plan, own in zip(changed, encoded, strict=True)}, encoder.fingerprint

    def _alike(self, plans: Sequence[Plan], vectors: dict[int, PostingVectors]) -> dict[int, ImportRow]:
        """Return the new rows that mean what another posting says, to be decided upon; none when that was looked at."""
        if not vectors or self._run.options.get("meaning"):
            return {}
        if self._meaning is None:
            self._meaning = _Meaning(self._context, self._run)
        return self._meaning.alike(plans, vectors)

    def _close(self) -> None:
        db, run, viewer = self._db, self._run, self._context.viewer
        with transaction(db):
            counts = count_states(db, run.key)
            undecided = count_undecided(db, run.key)
            state = SETTLING if undecided else DONE
            update_run(db, run.key, state=state, counts=counts, finished_at=now())
            said = summary(counts)
            record_action(db, viewer, "import.finished", "import", run.key, 文件=run.file_name, 结果=said)
            notify(
                db,
                [viewer.account_key],
                kind="import",
                title=f"{SIDE_NAMES[run.side]}清单“{run.file_name}”" + ("有疑似重复待决定" if undecided else "已导入"),
                body=said,
                link=f"/imports/{run.key}",
                reason="您确认了这次导入。",
            )
            if counts.get(DRAFTED):
                notify(
                    db,
                    accounts_with(db, REVIEWER),
                    kind="review",
                    title=f"导入的{SIDE_NAMES[run.side]} {counts[DRAFTED]} 条待审核",
                    body=f"来自“{run.file_name}”。",
                    link=f"/review?import={run.key}",
                    reason="您是审核员。",
                )


class _Meaning:
    """What is stored by meaning, growing as rows come in."""

    def __init__(self, context: JobContext, run: RunRow) -> None:
        encoder = context.workshop.encoder()
        stored = load_vectors(context.db, encoder.fingerprint)
        known = [one for one in load_known(context.db, run.side) if one.key in stored]
        self._entries = [known_entry(one) for one in known]
        self._meanings = Meanings([whole(stored[one.key]) for one in known], encoder.dim)

    def alike(self, plans: Sequence[Plan], vectors: dict[int, PostingVectors]) -> dict[int, ImportRow]:
        """Return the rows of new postings that mean what another says, with their twins; the others are remembered."""
        fresh = [plan for plan in plans if plan.stored is None and plan.unit.row.position in vectors]
        if not fresh:
            return {}
        mine = np.stack([whole(vectors[plan.unit.row.position]) for plan in fresh])
        first = len(self._entries)
        self._entries += map(_entry, fresh)
        self._meanings.add(mine)
        near: dict[int, list[tuple[int, float]]] = {}
        for place, other, likeness in self._meanings.near(mine):
            if other < first + place:
                near.setdefault(place, []).append((other, likeness))
        found: dict[int, ImportRow] = {}
        for place, plan in enumerate(fresh):
            row = plan.unit.row
            others = [] if row.decision or plan.unit.merged else near.get(place, [])
            twins = [self._entries[one].twin(likeness, BY_MEANING) for one, likeness in others
                     if one < first or fresh[one - first].unit.row.position not in found]  # fmt: skip
            if twins:
                best = sorted(twins, key=lambda twin: -twin.likeness)[:3]
                found[row.position] = replace(row, state=TWIN, twins=[asdict(twin) for twin in best])
        kept = [place for place, plan in enumerate(fresh) if plan.unit.row.position not in found]
        # Rows that wait are nothing to compare with.
        self._entries[first:] = [self._entries[first + place] for place in kept]
        self._meanings.cut(first)
        self._meanings.add(mine[kept])
        return found


def _entry(plan: Plan) -> Entry:
    text = str(plan.values.get("background") or plan.values.get("summary") or "")
    name = str(plan.values.get("publisher") or plan.values.get("company") or "")
    return Entry(None, plan.unit.row.row_number, plan.unit.row.title, name, text)


def _names(units: Sequence[Unit]) -> str:
    shown = [unit.row.title or f"第 {unit.row.row_number} 行" for unit in units[:3]]
    return "、".join(shown) + ("等" if len(units) > 3 else "")
