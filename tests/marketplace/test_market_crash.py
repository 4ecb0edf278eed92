"""Power cuts during an import: what was acknowledged is stored whole, and the indexes follow."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from doubles import HashingEncoder
from factories import make_opportunity, write_lines
from market_tools import Importer

from marketplace import Market, MarketSettings
from marketplace.store import Database
from marketplace.store.database import open_database
from marketplace.store.maintenance import find_faults
from marketplace.store.migrations import migrations
from marketplace.store.postings import load_rows, load_vectors
from matching import Hit, Opportunity, Side, encode_postings

CRASHES, LINES, CHUNK = 20, 200, 5
ENCODER = HashingEncoder()


def word(turn: int) -> str:
    """A word that only the texts of one turn hold."""
    return f"lot{turn:02}"


def made(turn: int) -> list[Opportunity]:
    return [
        make_opportunity(
            id=f"JH-{n:03}", title=f"井盖 {word(turn)} 第{n}处", requirements=(f"{n}分钟内告警", word(turn))
        )
        for n in range(LINES)
    ]


def search(market: Market, words: str, vector: np.ndarray | None) -> list[Hit]:
    return market._finder._index(Side.OPPORTUNITY).search(market._finder.words(words), vector)


def assert_same_indexes(watcher: Market, db: Database, turn: int) -> None:
    """A worker opened before the crash, one built now, and the database agree."""
    fresh = Market(watcher.settings, ENCODER)
    rows = {row.key: row.posting for row in load_rows(db, side=Side.OPPORTUNITY)}
    query = ENCODER.encode([f"井盖 {word(turn)} 第7处"])[0]
    for market in (watcher, fresh):
        assert {hit.key for hit in search(market, "井盖", None)} == rows.keys()
        assert market._finder._index(Side.OPPORTUNITY).count() == len(rows)
        for one in {max(0, turn - 1), turn}:
            holding = {key for key, posting in rows.items() if word(one) in posting.title}
            assert {hit.key for hit in search(market, word(one), None)} == holding
    assert search(watcher, "", query) == search(fresh, "", query)
    stored = {}
    for key, own in load_vectors(db, ENCODER.fingerprint).items():
        mean = own.title + own.body
        stored[key] = float(np.float16(mean / np.linalg.norm(mean)).astype(np.float32) @ query)
    nearest = sorted(stored.values(), reverse=True)
    found = [stored[hit.key] for hit in search(watcher, "", query)]
    assert found == pytest.approx(nearest[: len(found)], abs=1e-3)


def assert_stored_whole(db: Database, turn: int, acknowledged: set[str]) -> int:
    """Every posting is whole, of this turn or of an earlier one; return how many are of this turn."""
    assert find_faults(db) == []
    wanted = {posting.id: posting for posting in made(turn)}
    vectors = load_vectors(db, ENCODER.fingerprint)
    current = set()
    for row in load_rows(db, side=Side.OPPORTUNITY):
        if row.posting == wanted[row.posting.id]:
            current.add(row.posting.id)
        else:
            assert row.posting.title.split()[1] < word(turn)
        (own,) = encode_postings([row.posting], ENCODER)
        assert np.array_equal(vectors[row.key].title, own.title.astype(np.float16).astype(np.float32))
        assert np.array_equal(vectors[row.key].items, own.items.astype(np.float16).astype(np.float32))
    assert acknowledged <= current
    assert len(current) % CHUNK == 0  # a chunk is stored whole or not at all
    return len(current)


@pytest.mark.slow
def test_twenty_power_cuts_during_an_import(market_settings: MarketSettings, tmp_path: Path) -> None:
    dice = random.Random(20261122)
    files = [write_lines(tmp_path / f"{turn}.jsonl", made(turn)) for turn in range(CRASHES)]
    db, watcher = open_database(market_settings.database), Market(market_settings, ENCODER)
    search(watcher, "井盖", None)
    stored, keys = [], set()
    with ExitStack() as running:
        following = running.enter_context(Importer(market_settings.database, files[0], CHUNK))
        for turn in range(CRASHES):
            importer = following
            if turn + 1 < CRASHES:  # gets ready meanwhile
                following = running.enter_context(Importer(market_settings.database, files[turn + 1], CHUNK))
            importer.start()
            for _ in range(dice.randrange(LINES // CHUNK)):
                importer.read()
            time.sleep(dice.random() * 0.02)  # anywhere between two acknowledgements
            importer.kill()
            stored.append(assert_stored_whole(db, turn, importer.acknowledged))
            assert_same_indexes(watcher, db, turn)
            now = {row.posting.id: row.key for row in load_rows(db, side=Side.OPPORTUNITY)}
            assert keys <= now.items()  # a key never changes hands
            keys = set(now.items())
    changes = [raw["seq"] for raw in db.table("change").rows]
    assert changes == list(range(1, len(changes) + 1))
    assert len(changes) == sum(stored)
    assert len(set(stored)) > CRASHES // 3  # the cuts came at different moments


@pytest.mark.slow
def test_import_after_a_power_cut_finishes_without_doubles(market_settings: MarketSettings, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "needs.jsonl", made(0))
    with Importer(market_settings.database, file, CHUNK) as importer:
        importer.start()
        importer.read()
        importer.kill()
        broken = set(importer.acknowledged)
    with Importer(market_settings.database, file, CHUNK) as importer:
        importer.start()
        assert importer.finish() == 0
    db = open_database(market_settings.database)
    assert len(broken & importer.acknowledged) == 0
    assert assert_stored_whole(db, 0, broken | importer.acknowledged) == LINES
    assert {raw["revision"] for raw in db.table("posting").rows} == {1}


@pytest.mark.slow
def test_power_cuts_while_the_database_is_made(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "needs.jsonl", made(0))
    dice = random.Random(7)
    for turn in range(5):
        database = tmp_path / f"{turn}.db"
        with Importer(database, file, CHUNK) as importer:
            importer.start()
            time.sleep(dice.random() * 0.03)
            importer.kill()
        db = open_database(database)
        assert migrations.pending(db) == []
        assert_stored_whole(db, 0, importer.acknowledged)
