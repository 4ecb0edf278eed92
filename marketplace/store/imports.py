"""Reads and writes imports: the run, its rows, and the columns an organisation uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.keys import new_key
from marketplace.store.database import Database, now
from matching import Side

_CHUNK = 500
_TEXTS = ("state", "file_name", "digest", "sheet", "created_at", "updated_at", "finished_at")
_NUMBERS = ("account_key", "organisation_key", "job_key")
_JSON = ("columns", "mapping", "options", "counts")


@dataclass(frozen=True, slots=True)
class RunRow:
    """One uploaded file and how far its import is; the four mappings are as the import package wrote them."""

    key: int
    side: Side
    state: str
    file_name: str
    digest: str
    sheet: str
    columns: Any
    mapping: Any
    options: dict[str, Any]
    counts: dict[str, Any]
    account_key: int
    organisation_key: int
    job_key: int
    created_at: str
    updated_at: str
    finished_at: str


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of a file. ``record`` are its raw values, ``before`` what its posting said before, packed."""

    import_key: int
    position: int
    row_number: int
    state: str
    title: str
    record: dict[str, Any]
    sealed: str
    problems: list[dict[str, Any]]
    twins: list[dict[str, Any]]
    decision: str
    posting_key: int
    before: str
    revision: int


@dataclass(frozen=True, slots=True)
class Known:
    """A stored posting as an import compares itself with it."""

    key: int
    external_id: str
    title: str
    organisation: str
    organisation_key: int
    state: str
    text: str
    disclosure: str = ""


def insert_run(db: Database, side: Side, values: Mapping[str, Any]) -> int:
    """Add a run inside a transaction; return its key."""
    newest = db.conn.execute("select coalesce(max(key), 0) from import_run").fetchone()[0]
    key = max(new_key(), int(newest) + 1)
    row = {"key": key, "kind": str(side), "created_at": now(), "updated_at": now(), "job_key": 0}
    db.table("import_run").insert(row | _packed(values))
    return key


def update_run(db: Database, key: int, **values: Any) -> None:
    """Change columns of a run inside a transaction."""
    db.table("import_run").update(key, _packed(values) | {"updated_at": now()})


def move_run(db: Database, key: int, states: Sequence[str], state: str) -> bool:
    """Move a run to another state inside a transaction; False when it is in none of ``states``."""
    marks = ",".join("?" * len(states))
    sql = f"update import_run set state = ?, updated_at = ? where key = ? and state in ({marks})"
    return bool(db.conn.execute(sql, [state, now(), key, *states]).rowcount)


def load_run(db: Database, key: int) -> RunRow | None:
    """Return one run, None when there is none of that key."""
    found = list(db.table("import_run").rows_where("key = ?", [key]))
    return _run(found[0]) if found else None


def find_broken_run(db: Database, digest: str) -> RunRow | None:
    """Return the newest import of a file from the command line that was cut off, None when there is none."""
    where = "digest = ? and state = 'importing' and job_key = 0"
    found = list(db.table("import_run").rows_where(where, [digest], order_by="key desc", limit=1))
    return _run(found[0]) if found else None


def open_runs(db: Database) -> set[int]:
    """Return the imports that still need their file."""
    states = ("uploaded", "checking", "checked", "importing", "settling")
    marks = ",".join("?" * len(states))
    return {row["key"] for row in db.query(f"select key from import_run where state in ({marks})", list(states))}


def load_runs(
    db: Database, *, account_key: int | None, organisations: Sequence[int] = (), limit: int = 50
) -> list[RunRow]:
    """Return runs newest first: all, or those of an account and of some organisations."""
    where, values = "1 = 1", []
    if account_key is not None:
        marks = ",".join("?" * len(organisations))
        where, values = f"account_key = ? or organisation_key in ({marks})", [account_key, *organisations]
    rows = db.table("import_run").rows_where(where, values, order_by="key desc", limit=limit)
    return [_run(raw) for raw in rows]


def _packed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(value, ensure_ascii=False) if name in _JSON else str(value) if name == "side" else value
        for name, value in values.items()
    }


def _run(raw: dict[str, Any]) -> RunRow:
    kept: dict[str, Any] = {name: json.loads(raw[name]) if raw[name] else {} for name in _JSON}
    kept |= {name: raw[name] or "" for name in _TEXTS} | {name: int(raw[name] or 0) for name in _NUMBERS}
    return RunRow(key=raw["key"], side=Side(raw["kind"]), **kept)


def replace_rows(db: Database, import_key: int, rows: Iterable[ImportRow]) -> None:
    """Write the rows of a run in place of those it had, inside a transaction."""
    db.table("import_row").delete_where("import_key = ?", [import_key])
    db.table("import_row").insert_all((_columns(row) for row in rows), batch_size=_CHUNK)


def update_row(db: Database, row: ImportRow) -> None:
    """Write one row again inside a transaction."""
    values = _columns(row)
    db.table("import_row").update((values.pop("import_key"), values.pop("position")), values)


def unlink_rows(db: Database, import_key: int, states: Sequence[str]) -> None:
    """Let rows in some states point to no posting any more, inside a transaction: it has been taken back."""
    marks = ",".join("?" * len(states))
    sql = f"update import_row set posting_key = 0 where import_key = ? and state in ({marks})"
    db.conn.execute(sql, [import_key, *states])


def decide_rows(db: Database, import_key: int, decision: str, *, position: int | None = None) -> int:
    """Decide about the rows that resemble others, inside a transaction: one, or all undecided; return how many."""
    where, values = "import_key = ? and state = 'twin'", [decision, import_key]
    if position is None:
        where += " and decision = ''"
    else:
        where, values = f"{where} and position = ?", [*values, position]
    return int(db.conn.execute(f"update import_row set decision = ? where {where}", values).rowcount)


def load_import_rows(
    db: Database, import_key: int, *, states: Sequence[str] = (), limit: int | None = None, offset: int = 0
) -> list[ImportRow]:
    """Return rows of a run in the order of the file, those in some states or all."""
    where, values = "import_key = ?", [import_key]
    if states:
        where += f" and state in ({','.join('?' * len(states))})"
        values += list(states)  # type: ignore[arg-type]
    rows = db.table("import_row").rows_where(where, values, order_by="position", limit=limit, offset=offset or None)
    return [_row(raw) for raw in rows]


def load_import_row(db: Database, import_key: int, position: int) -> ImportRow | None:
    """Return one row of a run, None when there is none at that position."""
    found = list(db.table("import_row").rows_where("import_key = ? and position = ?", [import_key, position]))
    return _row(found[0]) if found else None


def count_states(db: Database, import_key: int) -> dict[str, int]:
    """Return how many rows of a run are in each state."""
    sql = "select state, count(*) as n from import_row where import_key = ? group by state"
    return {raw["state"]: raw["n"] for raw in db.query(sql, [import_key])}


def count_undecided(db: Database, import_key: int) -> int:
    """Return how many rows resemble others and nobody has said what becomes of them."""
    return int(db.table("import_row").count_where("import_key = ? and state = 'twin' and decision = ''", [import_key]))


def count_updates(db: Database, import_key: int) -> int:
    """Return how many good rows of a run will update a stored posting."""
    # Inside a text of the record a quotation mark is escaped, so that the pattern meets the record's own key only.
    where = "import_key = ? and state = 'good' and record not like '%\"target\": 0,%'"
    return int(db.table("import_row").count_where(where, [import_key]))


def count_decisions(db: Database, import_key: int) -> dict[str, int]:
    """Return how many rows that resemble others got each decision."""
    sql = (
        "select decision, count(*) as n from import_row "
        "where import_key = ? and state = 'twin' and decision <> '' group by decision"
    )
    return {raw["decision"]: raw["n"] for raw in db.query(sql, [import_key])}


def _columns(row: ImportRow) -> dict[str, Any]:
    lists = {name: json.dumps(getattr(row, name), ensure_ascii=False) for name in ("record", "problems", "twins")}
    plain = ("import_key", "position", "row_number", "state", "title", "sealed", "decision", "posting_key", "before",
             "revision")  # fmt: skip
    return {name: getattr(row, name) for name in plain} | lists


def _row(raw: dict[str, Any]) -> ImportRow:
    return ImportRow(
        raw["import_key"], raw["position"], raw["row_number"], raw["state"], raw["title"] or "",
        json.loads(raw["record"] or "{}"), raw["sealed"] or "", json.loads(raw["problems"] or "[]"),
        json.loads(raw["twins"] or "[]"), raw["decision"] or "", raw["posting_key"] or 0, raw["before"] or "",
        raw["revision"] or 0,
    )  # fmt: skip


def read_memory(db: Database, organisation_key: int, side: Side) -> dict[str, str]:
    """Return the field by compared header that an organisation's columns were last taken for."""
    rows = db.table("column_memory").rows_where("organisation_key = ? and kind = ?", [organisation_key, str(side)])
    return {row["header"]: row["field"] or "" for row in rows}


def save_memory(db: Database, organisation_key: int, side: Side, fields: Mapping[str, str]) -> None:
    """Remember the field by compared header, inside a transaction."""
    sql = "update column_memory set field = ? where organisation_key = ? and kind = ? and header = ?"
    for header, field in fields.items():
        if not db.conn.execute(sql, [field, organisation_key, str(side), header]).rowcount:
            row = {"organisation_key": organisation_key, "kind": str(side), "header": header, "field": field}
            db.table("column_memory").insert(row)


def load_known(db: Database, side: Side) -> list[Known]:
    """Return every stored posting of a list, in every state, as imports compare them."""
    sql = (
        "select key, external_id, title, organisation, organisation_key, state, record from posting "
        "where kind = ? order by key"
    )
    text = "background" if side is Side.OPPORTUNITY else "summary"
    found = []
    for raw in db.query(sql, [str(side)]):
        record = json.loads(raw["record"])
        said = (record.get("extra") or {}).get("disclosure")
        found.append(
            Known(raw["key"], raw["external_id"], raw["title"], raw["organisation"] or "", raw["organisation_key"] or 0,
                  raw["state"], _text_of(record, text), said if isinstance(said, str) else "")
        )  # fmt: skip
    return found


def _text_of(record: dict[str, Any], name: str) -> str:
    text = record.get(name)
    if text:
        return str(text)
    items = record.get("requirements") or record.get("features") or ()
    return str(items[0]) if items else ""


def organisation_of(db: Database, key: int) -> tuple[str, str]:
    """Return name and kind of an organisation, empty texts when there is none."""
    row = db.conn.execute("select name, kind from organisation where key = ?", [key]).fetchone()
    return (row[0], row[1]) if row else ("", "")
