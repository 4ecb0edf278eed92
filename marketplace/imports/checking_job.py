"""Checks the rows of a long file aside; begun again it starts anew, for nothing is written before the end."""

from __future__ import annotations

from typing import Any

from marketplace.contacts import ContactBook
from marketplace.desk import DeskKeeper
from marketplace.errors import MarketError, NotFoundError
from marketplace.imports.choosing import Chosen, understood
from marketplace.imports.files import read_kept
from marketplace.imports.intake import Owner, examine
from marketplace.imports.packing import pack_row
from marketplace.imports.pages import CHECKED, CHECKING, UPLOADED
from marketplace.imports.rights import owner_of
from marketplace.jobs.context import JobContext, JobStoppedError
from marketplace.jobs.running import UNEXPECTED
from marketplace.notices import notify
from marketplace.records import SIDE_NAMES
from marketplace.store import Database
from marketplace.store.database import transaction
from marketplace.store.imports import (
    ImportRow,
    RunRow,
    count_states,
    load_run,
    move_run,
    replace_rows,
    save_memory,
    update_run,
)
from marketplace.store.jobs import FAILED, load_job
from marketplace.terms import load_book
from marketplace.workbooks.checking import STATES
from matching import MatchingError

# More rows than this are not checked while a browser waits for the answer.
CHECK_AT_ONCE = 2000
_OVERTAKEN = "这次导入已改选了列或已放弃，不再检查。"
_PROBLEM = "problem"


def check_rows(context: JobContext) -> dict[str, Any]:
    """Check the rows of the run ``import_key``; return the counts by state with a sentence.

    A run whose columns were chosen anew or that was given up meanwhile is left alone. When the check fails,
    the run waits for its columns again.
    """
    db = context.db
    run = load_run(db, int(context.arguments["import_key"]))
    if run is None:
        raise NotFoundError("要检查的文件已不在。")
    if run.job_key != context.job_key or not _moved(db, run, (CHECKING, UPLOADED), CHECKING):
        return {"message": _OVERTAKEN}
    try:
        counts = _check(context, run)
    except JobStoppedError:
        raise
    except Exception as error:
        give_back(db, run, str(error) if isinstance(error, MarketError | MatchingError) else UNEXPECTED)
        raise
    return counts | {"import_key": run.key, "message": summary(counts)} if counts else {"message": _OVERTAKEN}


def summary(counts: dict[str, int]) -> str:
    """Return the counts by state as one sentence."""
    parts = [f"{label} {counts[name]} 行" for name, label in STATES.items() if counts.get(name)]
    return f"共 {sum(counts.values())} 行：{'，'.join(parts) or '没有一行有内容'}。"


def keep_checked(db: Database, run_key: int, chosen: Chosen, owner: Owner, rows: list[ImportRow]) -> dict[str, int]:
    """Write the checked rows of a run inside a transaction; return their counts by state."""
    replace_rows(db, run_key, rows)
    counts = count_states(db, run_key)
    update_run(db, run_key, counts=counts)
    if owner.key:
        save_memory(db, owner.key, chosen.guess.side, chosen.remembered())
    return counts


def failure_of(run: RunRow) -> str:
    """Return why the last check of a run came to nothing, empty when it did not."""
    return str(run.options.get(_PROBLEM, "")) if run.state == UPLOADED else ""


def given_back(db: Database, run: RunRow) -> RunRow:
    """Return a run as it stands: one whose check was killed too often to go on waits for its columns again."""
    if run.state != CHECKING:
        return run
    job = load_job(db, run.job_key)
    if job is not None and job.state != FAILED:
        return run
    give_back(db, run, job.message if job else UNEXPECTED)
    return load_run(db, run.key) or run


def give_back(db: Database, run: RunRow, sentence: str) -> None:
    """Let a run wait for its columns again and say why, unless it has gone on meanwhile."""
    with transaction(db):
        if move_run(db, run.key, (CHECKING,), UPLOADED):
            update_run(db, run.key, options=run.options | {_PROBLEM: sentence})


def _check(context: JobContext, run: RunRow) -> dict[str, int]:
    """Return the counts by state, none when the run was given up meanwhile."""
    db, viewer = context.db, context.viewer
    context.say(0, 0, "正在读取文件")
    chosen = understood(db, run, read_kept(context.settings, run))
    owner = owner_of(db, viewer, run.organisation_key)
    checked = examine(db, chosen, owner=owner, terms=load_book(db, context.settings), tell=context.say)
    contacts = ContactBook(DeskKeeper(context.settings), context.settings)
    rows = [pack_row(run.key, row, lambda text: contacts.seal_cell(text)[1]) for row in checked]
    with transaction(db):
        if not move_run(db, run.key, (CHECKING,), CHECKED):
            return {}
        counts = keep_checked(db, run.key, chosen, owner, rows)
        notify(
            db,
            [viewer.account_key],
            kind="import",
            title=f"{SIDE_NAMES[run.side]}清单“{run.file_name}”已检查",
            body=summary(counts),
            link=f"/imports/{run.key}",
            reason="您选定了这份清单的列。",
        )
    return counts


def _moved(db: Database, run: RunRow, states: tuple[str, ...], state: str) -> bool:
    with transaction(db):
        return move_run(db, run.key, states, state)
