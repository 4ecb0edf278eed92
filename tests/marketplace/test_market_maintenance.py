"""Backup, restore and the check of the data."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity
from market_tools import Shop, contents

from marketplace import Market, MarketSettings, RefusedError
from marketplace.errors import DamagedError
from marketplace.store import Database
from marketplace.store.database import open_database
from marketplace.store.maintenance import backup_database, find_faults, restore_database


@pytest.fixture
def pair(shop: Shop) -> Shop:
    """One matched opportunity and capability, with a landing."""
    shop.take(make_opportunity())
    shop.take(make_capability())
    shop.take({"id": "LD-1", "opportunity_id": "JH-001", "capability_id": "NL-001", "accepted_on": "2026-01-05"})
    return shop


def test_backup_holds_everything_and_restores(pair: Shop, tmp_path: Path) -> None:
    saved = tmp_path / "保存 100%#1?.db"
    backup_database(pair.db, saved)
    before = contents(pair.db)
    pair.take(make_opportunity(title="改过"))
    pair.withdraw("NL-001")
    kept = restore_database(saved, pair.settings.database)
    assert kept is not None
    assert contents(open_database(pair.settings.database)) == before
    assert len(contents(open_database(kept))["change"]) == len(before["change"]) + 2
    assert find_faults(open_database(pair.settings.database)) == []
    assert list(tmp_path.glob("*.new")) == []


def test_backup_while_a_write_is_open_holds_the_committed_state(pair: Shop, tmp_path: Path) -> None:
    before = contents(pair.db)
    writer = open_database(pair.settings.database)
    writer.conn.execute("begin immediate")
    writer.conn.execute("delete from posting")
    backup_database(pair.db, tmp_path / "saved.db")
    writer.conn.execute("rollback")
    assert contents(open_database(tmp_path / "saved.db")) == before


def test_restore_onto_a_fresh_machine(pair: Shop, tmp_path: Path) -> None:
    backup_database(pair.db, tmp_path / "saved.db")
    target = tmp_path / "new" / "market.db"
    assert restore_database(tmp_path / "saved.db", target) is None
    assert contents(open_database(target)) == contents(pair.db)


def test_worker_opened_after_a_restore_shows_the_old_state(pair: Shop, tmp_path: Path) -> None:
    backup_database(pair.db, tmp_path / "saved.db")
    pair.take(make_opportunity(id="JH-002", title="粮情监测"))
    restore_database(tmp_path / "saved.db", pair.settings.database)
    market = Market(pair.settings, HashingEncoder())
    assert [card.posting.id for card in market.search("粮情监测").opportunities.cards] == ["JH-001"]
    assert market.home().opportunities == 1


def test_running_worker_follows_a_restore(pair: Shop, tmp_path: Path) -> None:
    market = Market(pair.settings, HashingEncoder())
    backup_database(pair.db, tmp_path / "saved.db")
    pair.take(make_opportunity(title="粮情监测", background="", requirements=("粮温误差不超过0.5度",)))
    pair.take(make_opportunity(id="JH-002", title="古籍修复"))
    assert market.search("粮情监测").opportunities.cards[0].posting.title == "粮情监测"
    restore_database(tmp_path / "saved.db", pair.settings.database)
    page = market.search("窨井盖").opportunities
    assert [(card.posting.id, card.posting.title) for card in page.cards] == [("JH-001", make_opportunity().title)]
    assert market.home().opportunities == 1


def test_damaged_database_is_replaced_and_kept(pair: Shop, tmp_path: Path) -> None:
    backup_database(pair.db, tmp_path / "saved.db")
    before = contents(pair.db)
    pair.db.conn.close()
    pair.settings.database.write_bytes(b"no database at all" * 500)
    with pytest.raises(DamagedError, match="restore"):
        open_database(pair.settings.database)
    kept = restore_database(tmp_path / "saved.db", pair.settings.database)
    assert contents(open_database(pair.settings.database)) == before
    assert kept is not None
    assert kept.read_bytes().startswith(b"no database")


def test_backup_never_overwrites_and_needs_a_folder(pair: Shop, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_bytes(b"precious")
    with pytest.raises(RefusedError, match="已存在"):
        backup_database(pair.db, tmp_path / "there.db")
    assert (tmp_path / "there.db").read_bytes() == b"precious"
    with pytest.raises(RefusedError, match="文件夹"):
        backup_database(pair.db, tmp_path / "missing" / "saved.db")


def no_file(path: Path) -> None:
    path.unlink(missing_ok=True)


def folder(path: Path) -> None:
    path.mkdir()


def words(path: Path) -> None:
    path.write_text("不是数据库", encoding="utf-8")


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def foreign_database(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("create table notes (text)")
        db.commit()


def foreign_posting_table(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("create table posting (text)")
        db.commit()


def torn(path: Path) -> None:
    db = open_database(path)
    db.conn.execute("create table filler (text)")
    for _ in range(200):
        db.conn.execute("insert into filler values (hex(randomblob(2000)))")
    db.conn.execute("pragma wal_checkpoint(truncate)")
    db.conn.close()
    content = bytearray(path.read_bytes())
    content[-200_000:-100_000] = b"\xff" * 100_000
    path.write_bytes(content)


@pytest.mark.parametrize(
    "make", [no_file, folder, words, nothing, foreign_database, foreign_posting_table, torn], ids=lambda f: f.__name__
)
def test_foreign_or_damaged_backup_is_refused(pair: Shop, tmp_path: Path, make: Callable[[Path], None]) -> None:
    source = tmp_path / "source.db"
    make(source)
    before = contents(pair.db)
    with pytest.raises(RefusedError, match=r"source\.db"):
        restore_database(source, pair.settings.database)
    assert contents(open_database(pair.settings.database)) == before
    assert list(tmp_path.glob("*.old")) == []


def test_sound_data_have_no_faults(stocked_shop: Shop) -> None:
    assert find_faults(stocked_shop.db) == []
    stocked_shop.withdraw("NL-2026-070")
    stocked_shop.take(make_opportunity(state="draft"), make_opportunity(id="JH-002", requirements=(), background=""))
    assert find_faults(stocked_shop.db) == []


def sql(text: str, *values: object) -> Callable[[Database], None]:
    return lambda db: db.conn.execute(text, values) and None


NEED = "(select key from posting where external_id = 'JH-001')"


def cut_vector(size: int) -> Callable[[Database], None]:
    return sql(f"update vector set value = substr(value, 1, length(value) - {size}) where posting_key = {NEED}")


def tear_record(db: Database) -> None:
    db.conn.execute("update posting set record = substr(record, 1, 40) where external_id = 'JH-001'")


def spoil_record(db: Database) -> None:
    raw = json.loads(db.conn.execute("select record from posting where external_id = 'JH-001'").fetchone()[0])
    record = json.dumps(raw | {"requirements": 5}, ensure_ascii=False)
    db.conn.execute("update posting set record = ? where external_id = 'JH-001'", [record])


def fill_vector_with_nan(db: Database) -> None:
    db.conn.execute("update vector set value = ?", [b"\x00\x7e" * (len(blob(db)) // 2)])


def blob(db: Database) -> bytes:
    return bytes(db.conn.execute("select value from vector limit 1").fetchone()[0])


FAULTS: dict[str, tuple[Callable[[Database], None], str]] = {
    "vector deleted": (sql(f"delete from vector where posting_key = {NEED}"), "JH-001"),
    "vector cut by one byte": (cut_vector(1), "JH-001"),
    "vector cut by one number": (cut_vector(2), "JH-001"),
    "vector cut by one number a part": (cut_vector(2 * 5), "JH-001"),
    "vector cut by one part": (cut_vector(2 * 64), "JH-001"),
    "vector emptied": (sql("update vector set value = x''"), "JH-001"),
    "vector not a number": (fill_vector_with_nan, "向量"),
    "vector parts wrong": (sql("update vector set parts = 0"), "JH-001"),
    "vector of nothing": (sql(f"update vector set posting_key = 5 where posting_key = {NEED}"), "vector"),
    "record torn": (tear_record, "JH-001"),
    "record spoilt": (spoil_record, "JH-001"),
    "record not the hashed one": (sql("update posting set record = replace(record, '井盖', '灯')"), "校验值"),
    "region wrong": (sql("update posting set region = '天门市' where external_id = 'JH-001'"), "JH-001"),
    "title edited": (sql("update posting set title = '别的' where external_id = 'JH-001'"), "title"),
    "organisation edited": (sql("update posting set organisation = '别的' where kind = 'capability'"), "organisation"),
    "last day edited": (sql("update posting set valid_until = '2099-12-31'"), "valid_until"),
    "budget edited": (sql("update posting set budget_wan = 1 where external_id = 'JH-001'"), "budget_wan"),
    "state unknown": (sql("update posting set state = 'live' where external_id = 'JH-001'"), "live"),
    "withdrawn with a vector": (sql("update posting set state = 'withdrawn' where external_id = 'JH-001'"), "JH-001"),
    "item deleted": (sql("delete from item where source = 'requirement' and position = 0"), "JH-001"),
    "item changed": (sql("update item set text = '别的' where source = 'requirement' and position = 0"), "JH-001"),
    "item of nothing": (sql("insert into item values (5, 'feature', 0, '甲')"), "item"),
    "domain deleted": (sql("delete from posting_domain"), "JH-001"),
    "domain of nothing": (sql("insert into posting_domain values (5, 0, '甲')"), "posting_domain"),
    "match of nothing": (sql("update match set capability_key = 5"), "match"),
    "match of a withdrawn posting": (sql("update posting set state = 'expired' where external_id = 'NL-001'"), "match"),
    "team of nothing": (sql("insert into team values (5, '[]', '[]', '[]')"), "team"),
    "landing of nothing": (sql("update landing set opportunity_key = 5"), "landing"),
    "posting never logged": (sql("delete from change where kind = 'capability'"), "NL-001"),
    "change log cut": (sql("delete from change"), "匹配进度"),
    "matched beyond the log": (sql("update meta set value = '99' where name = 'matched_through'"), "匹配进度"),
    "match torn": (sql("update match set verdicts = substr(verdicts, 1, 9)"), "match"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_found(pair: Shop, name: str) -> None:
    plant, word = FAULTS[name]
    plant(pair.db)
    faults = find_faults(pair.db)
    assert any(word in fault for fault in faults), faults
    assert all(fault and "\n" not in fault for fault in faults)
    pair.said.clear()
    assert pair.work.check() == 1
    assert pair.said[-1] == f"检查完成：{len(faults)} 处错误"


def test_stale_vectors_of_another_encoder_are_no_fault(stocked: MarketSettings) -> None:
    def break_off(line: str) -> None:
        raise KeyboardInterrupt

    other = Shop(stocked, HashingEncoder(dim=16, family="tiny", fingerprint="tiny-1"))
    other.work.say = break_off
    with pytest.raises(KeyboardInterrupt):
        other.work.match()
    assert find_faults(other.db) == []
