"""The tables of 年度场景创新标杆: years, flags, cases, experts with their sheets, publication and the frozen result.

What is decided is kept by triggers, not by the program's good will: a sheet cannot change once its call was opened,
and nothing of a year once its result is frozen.
"""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations

# Tables of a year that stand still once its result is frozen; what happens later is appended elsewhere.
FROZEN = (
    "benchmark_year", "benchmark_case", "benchmark_case_event", "benchmark_expert", "benchmark_assignment",
    "benchmark_review", "benchmark_notice", "benchmark_objection",
)  # fmt: skip

# Where a row of a frozen year could be thrown out by one of another year that takes its key ("insert or replace").
_SAME_KEY = {
    "benchmark_case": "one.key = new.key or one.live_mark = new.live_mark",
    "benchmark_case_event": "one.key = new.key",
    "benchmark_objection": "one.key = new.key",
    "benchmark_expert": "one.rowid = new.rowid",
    "benchmark_assignment":
        "one.rowid = new.rowid or (one.case_key = new.case_key and one.account_key = new.account_key)",
    "benchmark_review":
        "one.rowid = new.rowid or "
        "(one.case_key = new.case_key and one.account_key = new.account_key and one.round = new.round)",
    "benchmark_correction": "one.rowid = new.rowid",
}  # fmt: skip
_GROWING = ("benchmark_result", "benchmark_correction", "benchmark_aftermath")


def _verbs(table: str) -> tuple[str, ...]:
    """Return what could take a key; a table that only grows is never updated anyway."""
    return ("insert",) if table in _GROWING else ("insert", "update")


# Every trigger that keeps what was decided, by name; ``check`` tells when one is gone.
GUARDS = (
    "benchmark_year_locked", "benchmark_year_kept",
    *(f"{table}_never_{verb}" for table in _GROWING for verb in ("update", "delete", "replace")),
    *(f"{table}_frozen_{verb}" for table in FROZEN for verb in ("insert", "update", "delete", "move")),
    *(f"{table}_taken_{verb}" for table in _SAME_KEY for verb in _verbs(table)),
)  # fmt: skip


@migrations()
def m030_benchmark_years(db: Any) -> None:
    """The parameters of each year, locked with the call."""
    db.table("benchmark_year").create(
        {
            "year": int, "state": str, "sheet": str, "stamp": int, "author_key": int, "created_at": str,
            "updated_at": str, "opened_at": str, "frozen_at": str,
        },
        pk="year",
        not_null={"state", "sheet", "stamp"},
    )  # fmt: skip
    db.execute(
        "create trigger benchmark_year_locked before update on benchmark_year "
        "when old.state <> 'draft' and (new.sheet <> old.sheet or new.year <> old.year or new.state = 'draft') "
        "begin select raise(abort, 'the sheet of an opened year is locked'); end"
    )
    db.execute(
        "create trigger benchmark_year_kept before delete on benchmark_year when old.state <> 'draft' "
        "begin select raise(abort, 'an opened year is kept'); end"
    )


@migrations()
def m031_benchmark_flags(db: Any) -> None:
    """What the machine says of each landed pair for each year it belongs to."""
    db.table("benchmark_flag").create(
        {
            "year": int, "landing_id": str, "opportunity_key": int, "capability_key": int, "status": str,
            "low": float, "high": float, "content": str, "facts_digest": str, "rules_digest": str, "at": str,
        },
        pk=("year", "landing_id"),
        not_null={"opportunity_key", "capability_key", "status", "content", "facts_digest", "rules_digest"},
    )  # fmt: skip
    db.table("benchmark_flag").create_index(["landing_id"])
    db.table("landing").create_index(["capability_key"])


@migrations()
def m032_benchmark_cases(db: Any) -> None:
    """Applications and recommendations with what happened to them."""
    db.table("benchmark_case").create(
        {
            "key": int, "year": int, "landing_id": str, "opportunity_key": int, "capability_key": int,
            "organisation_key": int, "way": str, "number": int, "domain": str, "state": str, "record": str,
            "formal": str, "facts": str, "round": int, "stamp": int, "author_key": int, "created_at": str,
            "updated_at": str, "sent_at": str, "live_mark": str,
        },
        pk="key",
        not_null={"year", "landing_id", "organisation_key", "way", "state", "record", "round", "stamp", "live_mark"},
    )  # fmt: skip
    # While a case stands its mark is "year:landing", afterwards its own key: a pair stands once a year.
    db.table("benchmark_case").create_index(["live_mark"], unique=True)
    db.table("benchmark_case").create_index(["year", "state"])
    db.table("benchmark_case").create_index(["organisation_key"])
    db.table("benchmark_case_event").create(
        {"key": int, "year": int, "case_key": int, "action": str, "note": str, "account_key": int, "at": str},
        pk="key",
        not_null={"year", "case_key", "action"},
    )
    db.table("benchmark_case_event").create_index(["case_key", "key"])


@migrations()
def m033_benchmark_panel(db: Any) -> None:
    """The experts of a year, who looks at what, who stands aside, and their sheets; which organisation is whose."""
    db.table("benchmark_expert").create(
        {"year": int, "account_key": int, "number": int, "organisation_key": int, "at": str},
        pk=("year", "account_key"),
        not_null={"number", "organisation_key"},
    )
    db.table("benchmark_expert").create_index(["year", "number"], unique=True)
    db.table("benchmark_assignment").create(
        {"case_key": int, "account_key": int, "year": int, "state": str, "ground": str, "note": str, "at": str},
        pk=("case_key", "account_key"),
        not_null={"year", "state"},
    )
    db.table("benchmark_assignment").create_index(["account_key", "year"])
    db.table("benchmark_review").create(
        {
            "case_key": int, "account_key": int, "round": int, "year": int, "state": str, "scores": str,
            "comment": str, "stamp": int, "updated_at": str, "sent_at": str,
        },
        pk=("case_key", "account_key", "round"),
        not_null={"year", "state", "scores", "stamp"},
    )  # fmt: skip
    db.table("organisation_parent").create(
        {"organisation_key": int, "parent_key": int, "note": str, "account_key": int, "at": str},
        pk="organisation_key",
        not_null={"parent_key"},
    )
    db.table("organisation_parent").create_index(["parent_key"])


@migrations()
def m034_benchmark_results(db: Any) -> None:
    """Publication, objections, the frozen result, corrections, and what became of benchmarks."""
    db.table("benchmark_notice").create(
        {"year": int, "starts_on": str, "ends_on": str, "content": str, "account_key": int, "at": str},
        pk="year",
        not_null={"starts_on", "ends_on", "content"},
    )
    db.table("benchmark_objection").create(
        {
            "key": int, "year": int, "number": int, "case_key": int, "sealed": str, "text": str, "file_name": str,
            "file_size": int, "stored_as": str, "state": str, "answer": str, "account_key": int, "at": str,
            "answered_at": str,
        },
        pk="key",
        not_null={"year", "number", "case_key", "sealed", "text", "state"},
    )  # fmt: skip
    db.table("benchmark_objection").create_index(["year", "number"], unique=True)
    db.table("benchmark_result").create(
        {"year": int, "content": str, "digest": str, "account_key": int, "at": str},
        pk="year",
        not_null={"content", "digest"},
    )
    db.table("benchmark_correction").create(
        {"year": int, "number": int, "text": str, "previous": str, "digest": str, "account_key": int, "at": str},
        pk=("year", "number"),
        not_null={"text", "previous", "digest"},
    )
    db.table("benchmark_aftermath").create(
        {
            "key": int, "year": int, "case_number": int, "kind": str, "on_day": str, "text": str, "account_key": int,
            "at": str,
        },
        pk="key",
        not_null={"year", "case_number", "kind", "text"},
    )  # fmt: skip
    db.table("benchmark_aftermath").create_index(["year", "case_number"])
    for table in ("benchmark_result", "benchmark_correction", "benchmark_aftermath"):
        _only_grows(db, table)
    for table in FROZEN:
        _stands_still(db, table)


@migrations()
def m046_benchmark_holes(db: Any) -> None:
    """What is frozen is not replaced by an insert either, and nothing is moved into a frozen year."""
    same_row = {
        "benchmark_result": "one.year = new.year",
        "benchmark_correction": "one.year = new.year and one.number = new.number",
        "benchmark_aftermath": "one.key = new.key",
    }
    for table, same in same_row.items():
        db.execute(
            f"create trigger {table}_never_replace before insert on {table} "
            f"when exists (select 1 from {table} one where {same}) "
            f"begin select raise(abort, 'the table {table} only grows'); end"
        )
    db.execute(
        "create trigger benchmark_year_frozen_insert before insert on benchmark_year "
        "when exists (select 1 from benchmark_result r where r.year = new.year) "
        "begin select raise(abort, 'the result of this year is frozen'); end"
    )
    for table in FROZEN:
        db.execute(
            f"create trigger {table}_frozen_move before update on {table} "
            "when exists (select 1 from benchmark_result r where r.year = new.year) "
            "begin select raise(abort, 'the result of this year is frozen'); end"
        )


@migrations()
def m047_benchmark_keys(db: Any) -> None:
    """No row of another year takes the key of one in a frozen year and so throws it out."""
    for table, same in _SAME_KEY.items():
        for verb in _verbs(table):
            db.execute(
                f"create trigger {table}_taken_{verb} before {verb} on {table} "
                f"when exists (select 1 from {table} one join benchmark_result r on r.year = one.year where {same}) "
                "begin select raise(abort, 'the result of this year is frozen'); end"
            )


def _only_grows(db: Any, table: str) -> None:
    for verb in ("update", "delete"):
        db.execute(
            f"create trigger {table}_never_{verb} before {verb} on {table} "
            f"begin select raise(abort, 'the table {table} only grows'); end"
        )


def _stands_still(db: Any, table: str) -> None:
    for verb, row in (("insert", "new"), ("update", "old"), ("delete", "old")):
        if table == "benchmark_year" and verb == "insert":
            continue
        db.execute(
            f"create trigger {table}_frozen_{verb} before {verb} on {table} "
            f"when exists (select 1 from benchmark_result r where r.year = {row}.year) "
            "begin select raise(abort, 'the result of this year is frozen'); end"
        )
