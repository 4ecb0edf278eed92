"""Later changes of the tables of 年度场景创新标杆."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations

# Triggers of this module that keep what was decided; ``check`` tells when one is gone.
GUARDS = tuple(
    f"benchmark_dossier_{name}" for name in ("never_update", "never_delete", "frozen_insert", "taken_insert")
)


@migrations()
def m060_case_drafts(db: Any) -> None:
    """What an applicant is writing anew in a case that was sent back, apart from what was sent."""
    db.execute("alter table benchmark_case add column draft text not null default '{}'")


@migrations()
def m061_frozen_evidence(db: Any) -> None:
    """What spoke for each case when its year was frozen; the frozen record holds the hash of it."""
    db.table("benchmark_dossier").create(
        {"year": int, "case_number": int, "content": str}, pk=("year", "case_number"), not_null={"content"}
    )
    for verb in ("update", "delete"):
        db.execute(
            f"create trigger benchmark_dossier_never_{verb} before {verb} on benchmark_dossier "
            "begin select raise(abort, 'the table benchmark_dossier only grows'); end"
        )
    db.execute(
        "create trigger benchmark_dossier_frozen_insert before insert on benchmark_dossier "
        "when exists (select 1 from benchmark_result r where r.year = new.year) "
        "begin select raise(abort, 'the result of this year is frozen'); end"
    )
    # A row of another year could throw one out by taking its row number ("insert or replace").
    db.execute(
        "create trigger benchmark_dossier_taken_insert before insert on benchmark_dossier "
        "when exists (select 1 from benchmark_dossier one where one.rowid = new.rowid "
        "or (one.year = new.year and one.case_number = new.case_number)) "
        "begin select raise(abort, 'the table benchmark_dossier only grows'); end"
    )
