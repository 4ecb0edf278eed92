"""Records, items, vectors and the change log: whole or not at all, and back as they went in."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from doubles import HashingEncoder
from factories import make_capability, make_opportunity
from hypothesis import given, settings
from hypothesis import strategies as st
from market_tools import Shop, contents
from sqlite_utils.migrations import Migrations

from marketplace import MarketSettings
from marketplace.store import Database, database, postings, transaction
from marketplace.store.changes import changes_after, last_change, last_change_of, read_value, write_value
from marketplace.store.database import data_version, open_database, snapshot_read
from marketplace.store.migrations import migrations
from marketplace.store.postings import load_rows, load_vectors, save_posting, set_state
from matching import Posting, PostingVectors, Side, compose, encode_postings, parse_posting, to_exchange

ENCODER = HashingEncoder()
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60) | st.sampled_from(
    [
        "智慧水利，漏损≤12％；",
        "🛰️低空经济👩‍🔬",
        "數據不出域",
        "長" * 2_000,
        "'; drop table posting; --",
        "=1+1",
        "\u2028",
        "NULL",
    ]
)
TITLE = TEXT.filter(lambda text: bool(text.replace("\ufeff", "").strip()))


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_database(tmp_path / "store.db")


def vectors_of(posting: Posting) -> PostingVectors:
    return encode_postings([posting], ENCODER)[0]


def save(db: Database, posting: Posting) -> int:
    with transaction(db):
        return save_posting(db, posting, vectors_of(posting), ENCODER.fingerprint)


def applied(db: Database) -> list[str]:
    return [one.name for one in migrations.applied(db)]


def test_migrations_run_once(tmp_path: Path) -> None:
    first = open_database(tmp_path / "a" / "market.db")
    before = contents(first, "_sqlite_migrations")
    again = open_database(tmp_path / "a" / "market.db")
    # Rising numbers, each once; rooms leave gaps for one another.
    numbers = [int(name[1:4]) for name in applied(again)]
    assert all(name[0] == "m" and name[4] == "_" for name in applied(again))
    assert numbers == sorted(set(numbers))
    assert len(applied(again)) == len(migrations._migrations)
    assert contents(again, "_sqlite_migrations") == before
    assert migrations.pending(again) == []


def test_failing_migration_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "market.db"
    save(open_database(path), make_opportunity())
    broken = Migrations("marketplace")
    broken._migrations = list(migrations._migrations)

    @broken()
    def m999_broken(db: Database) -> None:
        db.table("half").create({"a": int})
        db.table("posting").delete_where()
        raise RuntimeError("power cut")

    monkeypatch.setattr(database, "migrations", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        open_database(path)
    monkeypatch.undo()
    db = open_database(path)
    assert "half" not in db.table_names()
    assert len(load_rows(db, side=Side.OPPORTUNITY)) == 1
    assert len(applied(db)) == len(migrations._migrations)


def test_writes_survive_a_power_cut(db: Database) -> None:
    assert db.conn.execute("pragma journal_mode").fetchone() == ("wal",)
    assert db.conn.execute("pragma synchronous").fetchone() == (2,)


OPPORTUNITIES = st.fixed_dictionaries(
    {"id": st.just("JH-1"), "title": TITLE},
    optional={
        "publisher": TEXT, "publisher_type": st.sampled_from(["government", "institution", "soe", "enterprise"]),
        "district": TEXT, "domain": TEXT, "background": TEXT, "requirements": st.lists(TEXT, max_size=4),
        "budget_wan": st.none() | st.floats(0, 1e9), "deadline": st.none() | st.dates().map(str),
        "year": st.none() | st.integers(1949, 2200), "batch": TEXT, "index_number": TEXT,
        "extra": st.dictionaries(TEXT, TEXT),
    },
)  # fmt: skip
CAPABILITIES = st.fixed_dictionaries(
    {"id": st.just("NL-1"), "title": TITLE},
    optional={
        "company": TEXT, "district_or_city": TEXT, "domains": st.lists(TEXT, max_size=4), "summary": TEXT,
        "features": st.lists(TEXT, max_size=4), "cases": st.lists(TEXT, max_size=3),
        "maturity": st.none() | st.integers(1, 9), "last_confirmed": st.dates().map(str),
        "extra": st.dictionaries(TEXT, TEXT),
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return open_database(tmp_path_factory.mktemp("round") / "store.db")


@settings(max_examples=120)
@given(
    raw=OPPORTUNITIES.map(lambda raw: (raw, Side.OPPORTUNITY)) | CAPABILITIES.map(lambda raw: (raw, Side.CAPABILITY))
)
def test_posting_comes_back_as_it_went_in(shared: Database, raw: tuple[dict[str, object], Side]) -> None:
    posting = parse_posting(*raw)
    key = save(shared, posting)
    (row,) = load_rows(shared, [key])
    assert row.posting == posting
    assert to_exchange(row.posting) == to_exchange(posting)
    items = shared.query("select source, text from item where posting_key = ? order by position", [key])
    assert [(i["source"], i["text"]) for i in items] == [(p.source, p.text) for p in compose(posting).passages]
    domains = shared.query("select domain from posting_domain where posting_key = ? order by position", [key])
    assert [d["domain"] for d in domains] == list(dict.fromkeys(posting.domains))
    own, found = vectors_of(posting), load_vectors(shared, ENCODER.fingerprint, [key])[key]
    for name in ("title", "body", "items"):
        wanted = getattr(own, name).astype(np.float16)
        assert getattr(found, name).dtype == np.float32
        assert np.array_equal(getattr(found, name), wanted.astype(np.float32))


def test_change_keeps_the_key_and_counts_revisions(db: Database) -> None:
    key = save(db, make_capability(domains=("甲", "乙", "甲"), features=("一", "二", "三")))
    assert save(db, make_capability(domains=("丙",), features=("四",))) == key
    (row,) = load_rows(db, [key])
    assert row.revision == 2
    assert row.posting.features == ("四",)
    assert [(d["position"], d["domain"]) for d in db.table("posting_domain").rows] == [(0, "丙")]
    assert {item["text"] for item in db.table("item").rows} >= {"四"}
    assert "一" not in {item["text"] for item in db.table("item").rows}
    assert db.table("vector").count == 1


def test_same_id_on_both_sides_is_two_postings(db: Database) -> None:
    assert save(db, make_opportunity(id="X-1")) != save(db, make_capability(id="X-1"))


@pytest.mark.parametrize("step", ["_replace_parts", "_insert_vectors", "append_change"])
@pytest.mark.parametrize("known", [False, True])
def test_failing_write_leaves_nothing(db: Database, monkeypatch: pytest.MonkeyPatch, step: str, known: bool) -> None:
    save(db, make_capability())
    if known:
        save(db, make_opportunity())
    before = contents(db)
    original = getattr(postings, step)

    def fail_after(*args: object) -> None:
        original(*args)
        raise OSError("disk full")

    monkeypatch.setattr(postings, step, fail_after)
    with pytest.raises(OSError, match="disk full"):
        save(db, make_opportunity(title="改过的标题", requirements=("甲",)))
    assert contents(db) == before


def test_whole_chunk_or_nothing(db: Database) -> None:
    posting, before = make_opportunity(), contents(db)
    with pytest.raises(sqlite3.IntegrityError), transaction(db):
        db.table("meta").insert_all(
            {"name": "twice", "value": save_posting(db, posting, vectors_of(posting), "x")} for _ in range(2)
        )
    assert contents(db) == before
    save(db, make_opportunity())  # the connection is usable again


def test_change_log_numbers_and_latest_change(db: Database) -> None:
    assert last_change(db) == 0
    first = save(db, make_opportunity())
    second = save(db, make_capability())
    save(db, make_opportunity(title="改"))
    with transaction(db):
        set_state(db, second, Side.CAPABILITY, "withdrawn", None, "")
    assert [c["seq"] for c in db.table("change").rows] == [1, 2, 3, 4]
    assert [(c.key, c.side, c.op) for c in changes_after(db, 0)] == [
        (first, Side.OPPORTUNITY, "put"), (second, Side.CAPABILITY, "remove"),
    ]  # fmt: skip
    assert [c.key for c in changes_after(db, 3)] == [second]
    assert changes_after(db, 4) == []
    assert (last_change_of(db, first), last_change_of(db, 1)) == (3, 0)


def test_unseen_states_have_no_vector_and_no_place_in_lists(db: Database) -> None:
    key = save(db, make_opportunity(state="draft"))
    assert load_rows(db, side=Side.OPPORTUNITY) == []
    assert load_rows(db, [key])[0].state == "draft"
    assert load_vectors(db, ENCODER.fingerprint) == {}
    assert [c.op for c in changes_after(db, 0)] == ["remove"]


def test_more_keys_than_one_statement_takes(db: Database) -> None:
    key = save(db, make_opportunity())
    many = [*range(1, 40_000), key]
    assert [row.key for row in load_rows(db, many)] == [key]
    assert list(load_vectors(db, ENCODER.fingerprint, many)) == [key]
    assert load_vectors(db, ENCODER.fingerprint, []) == {}


def test_key_of_another_process_in_the_same_millisecond(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.keys.time.time_ns", lambda: 1_800_000_000_000_000_000)
    monkeypatch.setattr("marketplace.keys._last", 0)
    first = save(db, make_opportunity(id="JH-1"))
    monkeypatch.setattr("marketplace.keys._last", 0)  # as if another process began to count
    assert save(db, make_opportunity(id="JH-2")) > first


def test_small_values_and_versions(db: Database, tmp_path: Path) -> None:
    other = open_database(tmp_path / "store.db")
    before = data_version(db)
    assert read_value(db, "encoder") is None
    for value in ("甲", "乙"):
        with transaction(other):
            write_value(other, "encoder", value)
    assert read_value(db, "encoder") == "乙"
    assert data_version(db) != before


def test_snapshot_read_sees_one_state(db: Database, tmp_path: Path) -> None:
    other = open_database(tmp_path / "store.db")
    with snapshot_read(db):
        assert last_change(db) == 0
        save(other, make_opportunity())
        assert last_change(db) == 0
    assert last_change(db) == 1


def test_stocked_database_holds_every_part(stocked: MarketSettings) -> None:
    shop = Shop(stocked)
    assert {name: len(rows) for name, rows in contents(shop.db, "posting", "vector", "match", "team").items()} == {
        "posting": 46, "vector": 46, "match": 22 * 24, "team": 22,
    }  # fmt: skip
