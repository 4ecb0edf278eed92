"""The table of documents that applicants attach to a case, kept by triggers as the rest of a frozen year."""

from __future__ import annotations

from typing import Any

from marketplace.store.migrations import migrations

TABLE = "benchmark_file"
_FROZEN = "begin select raise(abort, 'the result of this year is frozen'); end"
GUARDS = tuple(f"{TABLE}_frozen_{verb}" for verb in ("insert", "update", "delete", "move"))
GUARDS += tuple(f"{TABLE}_taken_{verb}" for verb in ("insert", "update"))


@migrations()
def m065_benchmark_files(db: Any) -> None:
    """Files of a case by the document they are; nothing of a frozen year comes, goes or is replaced."""
    db.table(TABLE).create(
        {
            "key": int, "year": int, "case_key": int, "document": str, "name": str, "size": int, "digest": str,
            "stored_as": str, "account_key": int, "at": str,
        },
        pk="key",
        not_null={"year", "case_key", "document", "name", "size", "digest", "stored_as"},
    )  # fmt: skip
    db.table(TABLE).create_index(["case_key", "document", "digest"], unique=True)
    frozen = "when exists (select 1 from benchmark_result r where r.year = {row}.year)"
    for name, verb, row in (("insert", "insert", "new"), ("update", "update", "old"), ("delete", "delete", "old"),
                            ("move", "update", "new")):  # fmt: skip
        when = frozen.format(row=row)
        db.execute(f"create trigger {TABLE}_frozen_{name} before {verb} on {TABLE} {when} {_FROZEN}")
    same = "one.key = new.key or (one.case_key = new.case_key and one.document = new.document "
    same += "and one.digest = new.digest)"
    for verb in ("insert", "update"):
        db.execute(
            f"create trigger {TABLE}_taken_{verb} before {verb} on {TABLE} when exists "
            f"(select 1 from {TABLE} one join benchmark_result r on r.year = one.year where {same}) {_FROZEN}"
        )
