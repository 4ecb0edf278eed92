"""Checks that pairings, their journal, files, revisits and landings agree with one another."""

from __future__ import annotations

import json

from marketplace.stages import CLOSED_STAGES, LANDED, OPEN_STAGES, PARTIES, STAGES
from marketplace.store.database import Database

# (table, column, what it points at, name): 0 points at nobody on purpose.
_POINTERS = (
    ("pairing", "opportunity_key", "posting", "清单条目"),
    ("pairing", "capability_key", "posting", "清单条目"),
    ("pairing", "matchmaker_key", "account", "账号"),
    ("pairing", "author_key", "account", "账号"),
    ("pairing_event", "pairing_key", "pairing", "对接"),
    ("pairing_event", "account_key", "account", "账号"),
    ("pairing_file", "pairing_key", "pairing", "对接"),
    ("pairing_file", "event_key", "pairing_event", "对接记录"),
    ("revisit", "pairing_key", "pairing", "对接"),
)


def find_pairing_faults(db: Database) -> list[str]:
    """Return every contradiction among the pairings, as sentences; empty when all is well."""
    faults = []
    for table, column, target, name in _POINTERS:
        sql = (
            f"select count(*) from [{table}] t left join [{target}] p on p.key = t.{column} "
            f"where t.{column} is not null and t.{column} <> 0 and p.key is null"
        )
        if count := db.conn.execute(sql).fetchone()[0]:
            faults.append(f"{table} 表有 {count} 行的 {column} 指向不存在的{name}")
    return faults + _wrong_kinds(db) + _wrong_stages(db) + _torn_journals(db) + _missing_landings(db)


def _wrong_kinds(db: Database) -> list[str]:
    sql = (
        "select p.key as key from pairing p join posting n on n.key = p.opportunity_key "
        "join posting o on o.key = p.capability_key where n.kind <> 'opportunity' or o.kind <> 'capability'"
    )
    return [f"对接 {raw['key']} 的两边不是一条场景机会和一条场景能力" for raw in db.query(sql)]


def _wrong_stages(db: Database) -> list[str]:
    faults = []
    for raw in db.query("select * from pairing order by key"):
        name, stage = f"对接 {raw['key']}", raw["stage"]
        if stage not in STAGES:
            faults.append(f"{name} 的阶段“{stage}”不存在")
            continue
        mark = f"{raw['opportunity_key']}:{raw['capability_key']}" if stage in OPEN_STAGES else str(raw["key"])
        if raw["open_mark"] != mark or bool(raw["closed_at"]) != (stage in CLOSED_STAGES):
            faults.append(f"{name} 的阶段与是否结束的标记不一致")
        if raw["acting"] and raw["acting"] not in PARTIES:
            faults.append(f"{name} 的办理方“{raw['acting']}”不存在")
        if stage == "failed" and not raw["reason_code"]:
            faults.append(f"{name} 未成，但没有原因")
        if stage in ("signed", "building") and (raw["amount_wan"] is None or not raw["signed_on"]):
            faults.append(f"{name} 已签约，但没有金额或签约日期")
        if stage == LANDED and not raw["accepted_on"]:
            faults.append(f"{name} 已落地，但没有验收日期")
    return faults


def _torn_journals(db: Database) -> list[str]:
    """The newest entry that still stands says in which stage the pairing is."""
    sql = (
        "select p.key as key from pairing p join pairing_event e on e.key = "
        "(select max(key) from pairing_event where pairing_key = p.key and to_stage <> '' and undone_at = '') "
        "where e.to_stage <> p.stage"
    )
    faults = [f"对接 {raw['key']} 的阶段与对接记录不一致" for raw in db.query(sql)]
    # An opening that was taken back leaves no entry that stands.
    sql = "select key from pairing where key not in (select pairing_key from pairing_event where action = 'open')"
    return faults + [f"对接 {raw['key']} 没有建立的记录" for raw in db.query(sql)]


def _missing_landings(db: Database) -> list[str]:
    landed = {raw["key"]: raw["accepted_on"] for raw in db.query("select * from pairing where stage = ?", [LANDED])}
    known = {}
    for raw in db.query("select id, record from landing where id like 'DJ-%'"):
        known[raw["id"].removeprefix("DJ-")] = json.loads(raw["record"]).get("accepted_on")
    faults = [f"对接 {key} 已落地，但没有落地案例" for key in landed if str(key) not in known]
    faults += [
        f"对接 {key} 的验收日期与落地案例不一致" for key, day in landed.items() if known.get(str(key), day) != day
    ]
    return faults + [f"落地案例 DJ-{key} 的对接没有落地" for key in known if int(key) not in landed]
