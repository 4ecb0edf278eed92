"""Backs up, restores and checks the database file."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from marketplace.errors import RefusedError
from marketplace.regions import city_of
from marketplace.states import STATES, VISIBLE
from marketplace.store.changes import last_change, read_value
from marketplace.store.database import Database
from marketplace.store.postings import content_hash
from matching import Opportunity, Side, compose, parse_posting


def backup_database(db: Database, target: Path) -> None:
    """Copy the live database to ``target``, complete or not at all.

    Raises RefusedError when the target exists.
    """
    if target.exists():
        raise RefusedError(f"{target} 已存在；请换一个文件名，备份不会覆盖已有文件。")
    aside = target.with_name(target.name + ".new")
    aside.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(aside)) as copy:
        db.conn.backup(copy)
    os.replace(aside, target)


def restore_database(source: Path, target: Path) -> Path | None:
    """Put a backup in the database's place; return where the old one was kept.

    Raises RefusedError when ``source`` is not a sound database of ours.
    """
    if not source.is_file():
        raise RefusedError(f"备份文件 {source} 不存在。")
    try:
        with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as backup:
            sound = backup.execute("pragma integrity_check").fetchone()[0] == "ok"
            backup.execute("select count(*) from posting").fetchone()
    except sqlite3.DatabaseError as error:
        raise RefusedError(f"{source} 不是本系统的备份文件（{error}）；数据库没有改动。") from error
    if not sound:
        raise RefusedError(f"备份文件 {source} 已损坏；数据库没有改动。")
    kept = None
    if target.exists():
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        kept = target.with_name(f"{target.name}.{stamp}.old")
        with contextlib.closing(sqlite3.connect(target)) as old:
            # Bring the write-ahead log into the file before it is moved.
            old.execute("pragma wal_checkpoint(truncate)")
        os.replace(target, kept)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    aside = target.with_name(target.name + ".new")
    aside.write_bytes(source.read_bytes())
    os.replace(aside, target)
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
    if matched > newest:
        faults.append(f"匹配进度 {matched} 超过最新变更号 {newest}")
    return faults


def _posting_faults(db: Database) -> list[str]:
    faults = []
    vectors = {raw["posting_key"]: raw for raw in db.table("vector").rows}
    logged = {raw["posting_key"] for raw in db.query("select distinct posting_key from change")}
    items: dict[int, int] = {}
    for raw in db.query("select posting_key, count(*) as n from item group by posting_key"):
        items[raw["posting_key"]] = raw["n"]
    for raw in db.table("posting").rows:
        name, key = f"“{raw['external_id']}”", raw["key"]
        posting = parse_posting(json.loads(raw["record"]), Side(raw["kind"]))
        passages = len(compose(posting).passages)
        district = posting.district if isinstance(posting, Opportunity) else posting.district_or_city
        if raw["state"] not in STATES:
            faults.append(f"{name} 的状态“{raw['state']}”不存在")
        if content_hash(posting) != raw["content_hash"] or raw["region"] != city_of(district):
            faults.append(f"{name} 的记录与其字段不一致")
        if items.get(key, 0) != passages:
            faults.append(f"{name} 应有 {passages} 个条目，实有 {items.get(key, 0)} 个")
        if key not in logged:
            faults.append(f"{name} 没有变更记录")
        if (raw["state"] in VISIBLE) != (key in vectors):
            faults.append(f"{name} 的状态与向量不一致")
        elif key in vectors and not _sound(vectors[key], passages):
            faults.append(f"{name} 的向量残缺")
    return faults


def _sound(raw: dict[str, object], passages: int) -> bool:
    values = np.frombuffer(bytes(raw["value"]), "<f2")  # type: ignore[call-overload]
    parts = int(str(raw["parts"]))
    return parts == passages + 2 and len(values) % parts == 0 and bool(np.isfinite(values).all())


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
