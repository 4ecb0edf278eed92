"""The audit log for auditors, its export, and the check of the office records."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest
import sqlite_utils
from factories import make_opportunity
from market_tools import Shop
from people import make_person

from marketplace import AuditQuery, BadRequestError, ForbiddenError, Market, Viewer
from marketplace.access import ADMIN, AUDITOR, SECURITY
from marketplace.audit import PAGE, record_action
from marketplace.audit_export import AuditOffice
from marketplace.jobs import start_job
from marketplace.notices import notify
from marketplace.store.audit import digest_of
from marketplace.store.changes import append_change
from marketplace.store.database import open_database, transaction
from marketplace.store.integrity import find_office_faults
from marketplace.store.jobs import claim_job
from marketplace.store.migrations import migrations
from marketplace.store.versions import add_version, text_hash
from matching import Side

VERSION = {"posting_key": 77, "number": 1, "record": "{}", "content_hash": text_hash("{}")}
SEER = Viewer(3, "审计", "shenji", frozenset({AUDITOR}), address="10.0.0.9", request_id="r-9")


@pytest.fixture
def log(shop: Shop) -> AuditOffice:
    return AuditOffice(Market(shop.settings)._keeper)


def write(shop: Shop, count: int = 1, action: str = "posting.confirmed", login: str = "jingban", **detail: str) -> None:
    for number in range(count):
        with transaction(shop.db):
            record_action(shop.db, Viewer(5, login=login), action, "posting", number + 1, **detail)


def break_in(shop: Shop, sql: str) -> None:
    """Change the audit table as only someone with the file could."""
    shop.db.conn.execute("drop trigger audit_never_update")
    shop.db.conn.execute("drop trigger audit_never_delete")
    shop.db.conn.execute(sql)


def test_log_is_read_page_by_page_newest_first(shop: Shop, log: AuditOffice) -> None:
    write(shop, PAGE + 3)
    first = log.page(SEER, AuditQuery())
    rest = log.page(SEER, AuditQuery(before=first.next_before))
    numbers = [entry.number for page in (first, rest) for entry in page.entries]
    assert numbers == list(range(PAGE + 3, 0, -1))
    assert (len(first.entries), rest.next_before, first.fault) == (PAGE, None, None)
    assert first.head.startswith(f"{PAGE + 3}:")


def test_log_is_narrowed_by_action_person_and_day(shop: Shop, log: AuditOffice) -> None:
    write(shop, 2)
    write(shop, 1, "draft.returned", "shenhe")
    assert [entry.action_label for entry in log.page(SEER, AuditQuery(actor="shenhe")).entries] == ["退回"]
    assert len(log.page(SEER, AuditQuery(action="posting.confirmed")).entries) == 2
    # Days are those of Beijing: half past midnight there is the day before in the stored time.
    break_in(shop, "update audit set at = '2026-03-31T16:30:00Z'")
    assert len(log.page(SEER, AuditQuery(since="2026-04-01", until="2026-04-01")).entries) == 3
    assert log.page(SEER, AuditQuery(until="2026-03-31")).entries == ()
    assert len(log.page(SEER, AuditQuery(since="0001-01-01")).entries) == 3
    assert log.page(SEER, AuditQuery(since="2999-01-01")).entries == ()
    assert log.page(SEER, AuditQuery(until="2000-01-01")).entries == ()


@pytest.mark.parametrize("role", [ADMIN, SECURITY, "reviewer", "publisher"])
def test_log_is_for_auditors_only(shop: Shop, log: AuditOffice, role: str) -> None:
    viewer = Viewer(4, roles=frozenset({role}))
    with pytest.raises(ForbiddenError):
        log.page(viewer, AuditQuery())
    with pytest.raises(ForbiddenError):
        log.download(viewer, "csv")
    assert shop.db.table("audit").count == 0


def test_export_can_be_checked_outside_and_is_on_record(shop: Shop, log: AuditOffice) -> None:
    write(shop, 2, 原因="更新")
    rows = [json.loads(line) for line in log.download(SEER, "jsonl").decode().splitlines()]
    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert (rows[-1]["action"], rows[-1]["actor"], rows[-1]["address"]) == ("audit.exported", "shenji", "10.0.0.9")
    previous = ""
    for row in rows:
        assert (row["previous"], row["digest"]) == (previous, digest_of(row))
        previous = row["digest"]
    assert f"3:{previous}" == log.page(SEER, AuditQuery()).head


def test_export_as_table_keeps_text_text(shop: Shop, log: AuditOffice) -> None:
    write(shop, 1, login="=HYPERLINK(1)", 原因="联系 13912345678")
    content = log.download(SEER, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    header, row, last = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    named = dict(zip(header, row, strict=True))
    assert (named["操作人"], named["操作"]) == ("'=HYPERLINK(1)", "确认有效")
    assert "13912345678" not in content.decode()
    assert last[4] == "audit.exported"
    with pytest.raises(BadRequestError, match="csv"):
        log.download(SEER, "xml")


def test_change_of_an_entry_is_found(shop: Shop, log: AuditOffice) -> None:
    write(shop, 3)
    with pytest.raises(sqlite3.IntegrityError), transaction(shop.db):
        shop.db.conn.execute("update audit set actor = 'x' where seq = 2")
    break_in(shop, "update audit set actor = 'x' where seq = 2")
    fault = log.page(SEER, AuditQuery()).fault
    assert fault is not None
    assert "第 2 条" in fault
    assert find_office_faults(shop.db) == [fault]


@pytest.mark.parametrize(("seq", "found"), [(2, "缺少第 2 条"), (3, "应有 3 条，现有 2 条")])
def test_loss_of_an_entry_is_found(shop: Shop, log: AuditOffice, seq: int, found: str) -> None:
    write(shop, 3)
    break_in(shop, f"delete from audit where seq = {seq}")
    assert found in (log.page(SEER, AuditQuery()).fault or "")


def test_sound_office_has_no_faults(shop: Shop) -> None:
    person = make_person(shop.db, AUDITOR)
    write(shop, 2)
    with transaction(shop.db):
        notify(shop.db, [person.account_key], kind="job", title="完成", reason="您提交了任务。")
        key = start_job(shop.db, "keep_fresh", title="检查", arguments={}, viewer=person)
        claim_job(shop.db, key)
    assert find_office_faults(shop.db) == []


@pytest.mark.parametrize(
    ("table", "row", "found"),
    [
        (
            "membership",
            {"account_key": 77, "role": "admin", "organisation_key": 0},
            "1 行的 account_key 指向不存在的账号",
        ),
        ("contact", {"subject": "posting", "subject_key": 77}, "contact 表有 1 行的 subject_key 指向不存在的清单条目"),
        ("version", VERSION, "version 表有 1 行的 posting_key"),
        ("import_row", {"import_key": 77, "position": 1}, "import_row 表有 1 行的 import_key 指向不存在的导入记录"),
        (
            "draft",
            {"key": 1, "kind": "opportunity", "state": "draft", "record": "{}", "stamp": 1, "organisation_key": 77},
            "draft 表有 1 行的 organisation_key 指向不存在的单位",
        ),
        ("notice", {"key": 1, "account_key": 77}, "notice 表有 1 行的 account_key 指向不存在的账号"),
        (
            "job",
            {"key": 1, "title": "导入", "state": "running", "beat_at": "2020-01-01T00:00:00Z"},
            "任务“导入”标为正在处理，但没有进程在做",
        ),
    ],
)
def test_row_that_points_nowhere_is_named(shop: Shop, table: str, row: dict[str, object], found: str) -> None:
    with transaction(shop.db):
        shop.db.table(table).insert(row)
    (fault,) = find_office_faults(shop.db)
    assert found in fault


def test_history_of_what_was_taken_back_is_no_fault(shop: Shop) -> None:
    with transaction(shop.db):
        shop.db.table("version").insert(VERSION)
        append_change(shop.db, 77, Side.OPPORTUNITY, "put")
    assert len(find_office_faults(shop.db)) == 1
    with transaction(shop.db):
        append_change(shop.db, 77, Side.OPPORTUNITY, "remove")
    assert find_office_faults(shop.db) == []


@pytest.mark.parametrize(
    "edit", ["record = replace(record, '井盖', '灯杆')", "record = null", "content_hash = null", "content_hash = 'x'"]
)
def test_a_published_text_edited_past_the_program_is_named(shop: Shop, edit: str) -> None:
    shop.take(make_opportunity(title="窨井盖监测"))
    key = shop.key("JH-001")
    with transaction(shop.db):
        for title in ("窨井盖监测", "窨井盖监测（扩面）"):
            posting = make_opportunity(title=title)
            add_version(shop.db, key, posting, account_key=0, batch_key=0, note="")
    assert find_office_faults(shop.db) == []
    with transaction(shop.db):
        shop.db.conn.execute(f"update version set {edit} where number = 1")
    assert find_office_faults(shop.db) == ["“JH-001”第 1 版的文本与其校验值不符，可能被改动"]


def test_texts_published_before_the_hash_was_kept_are_taken_as_they_stand(tmp_path: Path) -> None:
    old = sqlite_utils.Database(tmp_path / "market.db")
    migrations.apply(old, stop_before="m013_version_hashes")
    old.table("version").insert({"posting_key": 77, "number": 1, "record": '{"title": "窨井盖监测"}'})
    old.table("change").insert({"seq": 1, "posting_key": 77, "kind": "opportunity", "op": "remove"})
    old.conn.close()
    db = open_database(tmp_path / "market.db")
    assert find_office_faults(db) == []
    with transaction(db):
        db.conn.execute("update version set record = '{}'")
    assert find_office_faults(db) == ["“77”第 1 版的文本与其校验值不符，可能被改动"]


def test_terms_entered_twice_and_a_merged_organisation_in_use_are_named(shop: Shop) -> None:
    term = {"taxonomy": "scene_domain", "code": "smart", "label": "智慧城市", "position": 1, "verified": 1}
    company = {"name": "甲", "folded": "甲", "kind": "soe", "qualifications": "[]", "verified": 0, "claimed": 0,
               "revision": 1}  # fmt: skip
    with transaction(shop.db):
        shop.db.table("taxonomy_term").insert_all([term | {"key": 1}, term | {"key": 2}])
        kept, merged = company | {"key": 1, "merged_into": 0}, company | {"key": 2, "merged_into": 1}
        shop.db.table("organisation").insert_all([kept, merged])
        shop.db.table("draft").insert(
            {"key": 1, "kind": "capability", "state": "draft", "record": "{}", "stamp": 1, "organisation_key": 2}
        )
    assert find_office_faults(shop.db) == [
        "draft 表有 1 行属于已被合并的单位",
        "分类表 scene_domain 的代码“smart”有 2 条",
    ]
