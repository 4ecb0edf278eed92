"""Backs up, restores and checks the database file."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from marketplace.errors import RefusedError
from marketplace.states import STATES, VISIBLE
from marketplace.store.changes import last_change, read_value
from marketplace.store.database import Database
from marketplace.store.matches import count_torn
from marketplace.store.postings import content_hash, derived_columns
from matching import MatchingError, Posting, Side, compose, parse_posting


def backup_database(db: Database, target: Path) -> None:
    """Copy the live database to ``target``, complete or not at all.

    Raises RefusedError when the target exists or its folder does not.
    """
    if target.exists():
        raise RefusedError(f"{target} 已存在；请换一个文件名，备份不会覆盖已有文件。")
    if not target.parent.is_dir():
        raise RefusedError(f"文件夹 {target.parent} 不存在；没有备份。")
    aside = target.with_name(target.name + ".new")
    aside.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(aside)) as copy:
        db.conn.backup(copy)
    os.replace(aside, target)


def restore_database(source: Path, target: Path) -> Path | None:
    """Put a backup in the database's place; return where the old one was kept.

    The content is replaced in one transaction, so that workers with open connections follow.
    Raises RefusedError when ``source`` is not a sound database of ours.
    """
    if not source.is_file():
        raise RefusedError(f"备份文件 {source} 不存在。")
    address = f"{source.resolve().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as backup:
        _check_backup(backup, source)
        target.parent.mkdir(parents=True, exist_ok=True)
        kept = _set_aside(target)
        with contextlib.closing(sqlite3.connect(target, timeout=30)) as live:
            backup.backup(live)
    return kept


def _check_backup(backup: sqlite3.Connection, source: Path) -> None:
    try:
        sound = backup.execute("pragma integrity_check").fetchone()[0] == "ok"
        backup.execute("select key, record, content_hash from posting limit 1").fetchone()
        backup.execute("select seq, posting_key from change limit 1").fetchone()
    except sqlite3.DatabaseError as error:
        raise RefusedError(f"{source} 不是本系统的备份文件（{error}）；数据库没有改动。") from error
    if not sound:
        raise RefusedError(f"备份文件 {source} 已损坏；数据库没有改动。")


def _set_aside(target: Path) -> Path | None:
    """Keep a copy of the database; move it away when it is too damaged to be copied."""
    if not target.exists():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    kept = target.with_name(f"{target.name}.{stamp}.old")
    try:
        with contextlib.closing(sqlite3.connect(target)) as old, contextlib.closing(sqlite3.connect(kept)) as copy:
            old.backup(copy)
    except sqlite3.DatabaseError:
        os.replace(target, kept)
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
    return kept


def find_faults(db: Database) -> list[str]:
    """Return every contradiction found, as sentences; empty when all is well."""
    faults = []
    result = db.conn.execute("pragma integrity_check").fetchone()[0]
    if result != "ok":
        faults.append(f"数据库文件损坏：{result}")
    faults += _posting_faults(db)
    faults += _orphans(db)
    newest, matched = last_change(db), int(read_value(db, "matched_through") or 0)
    faults += _match_faults(db, matched)
    if matched > newest:
        faults.append(f"匹配进度 {matched} 超过最新变更号 {newest}")
    return faults


def _posting_faults(db: Database) -> list[str]:
    faults = []
    vectors = {raw["posting_key"]: raw for raw in db.table("vector").rows}
    logged = {raw["posting_key"] for raw in db.query("select distinct posting_key from change")}
    items = _gather(db, "item", "source", "text")
    domains = _gather(db, "posting_domain", "domain")
    model, width = read_value(db, "encoder"), int(read_value(db, "dimension") or 0)
    for raw in db.table("posting").rows:
        name, key = f"“{raw['external_id']}”", raw["key"]
        posting = _readable(raw)
        if posting is None:
            faults.append(f"{name} 的记录残缺")
            continue
        passages = compose(posting).passages
        if raw["state"] not in STATES:
            faults.append(f"{name} 的状态“{raw['state']}”不存在")
        if content_hash(posting) != raw["content_hash"]:
            faults.append(f"{name} 的记录与其校验值不符，可能被改动")
        differing = [column for column, value in derived_columns(posting).items() if raw[column] != value]
        if differing:
            faults.append(f"{name} 的 {'、'.join(differing)} 列与记录不一致，可能被改动")
        if items.get(key, []) != [(passage.source, passage.text) for passage in passages]:
            faults.append(f"{name} 的 {len(passages)} 个条目与记录不一致")
        if domains.get(key, []) != [(domain,) for domain in dict.fromkeys(posting.domains)]:
            faults.append(f"{name} 的领域与记录不一致")
        if key not in logged:
            faults.append(f"{name} 没有变更记录")
        if (raw["state"] in VISIBLE) != (key in vectors):
            faults.append(f"{name} 的状态与向量不一致")
        elif key in vectors and not _sound(vectors[key], len(passages), model, width):
            faults.append(f"{name} 的向量残缺")
    return faults


def _gather(db: Database, table: str, *columns: str) -> dict[int, list[tuple[str, ...]]]:
    """Return the parts of every posting in order."""
    found: dict[int, list[tuple[str, ...]]] = {}
    for raw in db.table(table).rows_where(order_by="posting_key, position"):
        found.setdefault(raw["posting_key"], []).append(tuple(raw[column] for column in columns))
    return found


def _readable(raw: dict[str, Any]) -> Posting | None:
    try:
        return parse_posting(json.loads(raw["record"]), Side(raw["kind"]))
    except (ValueError, TypeError, AttributeError, MatchingError):
        return None


def _sound(raw: dict[str, Any], passages: int, model: str | None, width: int) -> bool:
    """Whether a vector blob holds title, body and every passage, each of the encoder's full width."""
    parts, content = raw["parts"], bytes(raw["value"])
    if parts != passages + 2 or not content or len(content) % (2 * parts):
        return False
    if raw["model"] == model and len(content) != 2 * parts * width:
        return False
    return bool(np.isfinite(np.frombuffer(content, "<f2")).all())


def _match_faults(db: Database, matched: int) -> list[str]:
    faults = []
    torn = count_torn(db)
    if torn:
        faults.append(f"match 表有 {torn} 行内容残缺")
    # Pairs of a posting that changed after the last matching are pending, not wrong.
    marks = ",".join("?" * len(VISIBLE))
    sql = (
        "select count(*) from match m join posting p on p.key in (m.opportunity_key, m.capability_key) "
        f"where p.state not in ({marks}) and (select max(seq) from change c where c.posting_key = p.key) <= ?"
    )
    stale = db.conn.execute(sql, [*VISIBLE, matched]).fetchone()[0]
    if stale:
        faults.append(f"match 表有 {stale} 行属于不再公开的条目")
    return faults


def _orphans(db: Database) -> list[str]:
    faults = []
    for table, column in (("vector", "posting_key"), ("item", "posting_key"), ("posting_domain", "posting_key"),
                          ("match", "opportunity_key"), ("match", "capability_key"), ("team", "opportunity_key"),
                          ("landing", "opportunity_key"), ("landing", "capability_key")):  # fmt: skip
        sql = f"select count(*) from [{table}] t left join posting p on p.key = t.{column} where p.key is null"
        count = db.conn.execute(sql).fetchone()[0]
        if count:
            faults.append(f"{table} 表有 {count} 行指向不存在的清单条目")
    return faults
