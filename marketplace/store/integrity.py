"""Checks the records of offices: the audit chain, kept texts, and that every row points at something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from marketplace.store.audit import find_chain_fault
from marketplace.store.database import Database
from marketplace.store.jobs import RUNNING
from marketplace.store.pairing_integrity import find_pairing_faults
from marketplace.store.versions import changed_versions

_LOST = timedelta(seconds=30)
# What was published and then taken back by rule leaves its history behind.
_NOT_REMOVED = "not exists (select 1 from change c where c.posting_key = t.posting_key and c.op = 'remove')"
# (table, column, what it points at, further condition): 0 and null point at nothing on purpose.
_POINTERS = (
    ("posting", "organisation_key", "organisation", ""),
    ("posting", "batch_key", "batch", ""),
    ("draft", "posting_key", "posting", ""),
    ("draft", "organisation_key", "organisation", ""),
    ("draft", "author_key", "account", ""),
    ("draft", "import_key", "import_run", ""),
    ("version", "posting_key", "posting", _NOT_REMOVED),
    ("version", "batch_key", "batch", ""),
    ("import_run", "organisation_key", "organisation", ""),
    ("import_row", "import_key", "import_run", ""),
    # A row sent to review points at its draft, which ends when it is published.
    ("import_row", "posting_key", "posting", f"t.state <> 'drafted' and {_NOT_REMOVED}"),
    ("column_memory", "organisation_key", "organisation", ""),
    ("membership", "account_key", "account", ""),
    ("membership", "organisation_key", "organisation", ""),
    ("organisation", "merged_into", "organisation", ""),
    ("organisation_merge", "kept_key", "organisation", ""),
    ("organisation_merge", "merged_key", "organisation", ""),
    ("claim", "organisation_key", "organisation", ""),
    ("claim", "account_key", "account", ""),
    ("contact", "subject_key", "posting", "t.subject = 'posting'"),
    ("contact", "subject_key", "organisation", "t.subject = 'organisation'"),
    ("contact", "subject_key", "draft", "t.subject = 'draft'"),
    ("notice", "account_key", "account", ""),
    ("intent", "organisation_key", "organisation", ""),
    ("intent", "pairing_key", "pairing", ""),
    ("intent_version", "intent_key", "intent", ""),
    ("intent_line", "intent_key", "intent", ""),
    ("consent", "pairing_key", "pairing", ""),
    ("contact", "subject_key", "consent", "t.subject = 'consent'"),
    ("question", "organisation_key", "organisation", ""),
    ("saved_search", "account_key", "account", ""),
    ("subscription", "account_key", "account", ""),
    ("subscription", "subject_key", "saved_search", "t.subject = 'search'"),
    ("digest", "account_key", "account", ""),
    ("outbox", "account_key", "account", ""),
    ("account_mail", "account_key", "account", ""),
    ("verdict_correction", "opportunity_key", "posting", "t.live_mark is not null"),
    ("verdict_correction", "capability_key", "posting", "t.live_mark is not null"),
    ("verdict_correction", "account_key", "account", ""),
    ("rank_override", "opportunity_key", "posting", "t.live_mark is not null"),
    ("rank_override", "capability_key", "posting", "t.live_mark is not null"),
    ("rank_override", "account_key", "account", ""),
)
_NAMES = {
    "posting": "清单条目", "organisation": "单位", "account": "账号", "batch": "批次", "draft": "草稿",
    "import_run": "导入记录", "intent": "答复", "pairing": "对接", "consent": "同意记录", "saved_search": "保存的搜索",
}  # fmt: skip


def find_office_faults(db: Database) -> list[str]:
    """Return every contradiction among the office records, as sentences; empty when all is well."""
    faults = [fault] if (fault := find_chain_fault(db)) else []
    faults += _lost_pointers(db)
    faults += _merged_in_use(db)
    faults += _batch_faults(db)
    faults += _repeated_terms(db)
    faults += _silent_jobs(db)
    faults += _changed_texts(db)
    faults += find_pairing_faults(db)
    return faults


def _lost_pointers(db: Database) -> list[str]:
    faults = []
    for table, column, target, condition in _POINTERS:
        sql = (
            f"select count(*) from [{table}] t left join [{target}] p on p.key = t.{column} "
            f"where t.{column} is not null and t.{column} <> 0 and p.key is null"
        )
        count = db.conn.execute(f"{sql} and {condition}" if condition else sql).fetchone()[0]
        if count:
            faults.append(f"{table} 表有 {count} 行的 {column} 指向不存在的{_NAMES[target]}")
    return faults


def _merged_in_use(db: Database) -> list[str]:
    """What belongs to an organisation that was merged into another should have moved with it."""
    faults = []
    for table in ("posting", "draft", "membership"):
        sql = (
            f"select count(*) from [{table}] t join organisation o on o.key = t.organisation_key "
            "where o.merged_into is not null and o.merged_into <> 0"
        )
        count = db.conn.execute(sql).fetchone()[0]
        if count:
            faults.append(f"{table} 表有 {count} 行属于已被合并的单位")
    return faults


def _batch_faults(db: Database) -> list[str]:
    sql = (
        "select b.name as name, count(*) as n from posting p join batch b on b.key = p.batch_key "
        "where p.kind <> b.kind group by b.key, b.name"
    )
    faults = [f"批次“{row['name']}”有 {row['n']} 条属于另一份清单" for row in db.query(sql)]
    sql = "select kind, number, count(*) as n from batch group by kind, number having count(*) > 1"
    return faults + [f"批次号 {row['number']} 有 {row['n']} 个批次" for row in db.query(sql)]


def _repeated_terms(db: Database) -> list[str]:
    sql = "select taxonomy, code, count(*) as n from taxonomy_term group by taxonomy, code having count(*) > 1"
    return [f"分类表 {row['taxonomy']} 的代码“{row['code']}”有 {row['n']} 条" for row in db.query(sql)]


def _silent_jobs(db: Database) -> list[str]:
    silent = (datetime.now(UTC) - _LOST).strftime("%Y-%m-%dT%H:%M:%SZ")
    where = "state = ? and (beat_at is null or beat_at < ?)"
    rows = db.table("job").rows_where(where, [RUNNING, silent], order_by="key")
    return [f"任务“{row['title']}”标为正在处理，但没有进程在做；后台任务进程启动后会接着做" for row in rows]


def _changed_texts(db: Database) -> list[str]:
    """Published texts are kept for good: one that is not what its hash says was edited past the program."""
    return [f"“{name}”第 {number} 版的文本与其校验值不符，可能被改动" for name, number in changed_versions(db)]
