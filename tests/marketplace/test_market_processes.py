"""Several processes and threads on one database."""

from __future__ import annotations

import threading
from pathlib import Path

from factories import make_capability, make_opportunity, write_lines
from market_tools import Importer, contents

from marketplace.store.database import open_database
from marketplace.store.maintenance import find_faults
from marketplace.store.migrations import migrations


def test_first_opening_by_many_at_once(tmp_path: Path) -> None:
    gate, failures = threading.Barrier(6), []

    def open_it() -> None:
        gate.wait()
        try:
            open_database(tmp_path / "market.db")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert open_database(tmp_path / "market.db").table("_sqlite_migrations").count == len(migrations._migrations)


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    database = tmp_path / "market.db"
    needs = write_lines(tmp_path / "needs.jsonl", [make_opportunity(id=f"JH-{n:03}") for n in range(120)])
    offers = write_lines(tmp_path / "offers.jsonl", [make_capability(id=f"NL-{n:03}") for n in range(120)])
    with Importer(database, needs, 3) as first, Importer(database, offers, 3) as second:
        first.start()
        second.start()
        assert (first.finish(), second.finish()) == (0, 0)
    db = open_database(database)
    rows = contents(db)
    assert {raw["external_id"] for raw in rows["posting"]} == first.acknowledged | second.acknowledged
    assert len(first.acknowledged) == len(second.acknowledged) == 120
    assert len({raw["key"] for raw in rows["posting"]}) == 240
    assert [raw["seq"] for raw in rows["change"]] == list(range(1, 241))
    kinds = [raw["kind"] for raw in rows["change"]]
    assert all(len(set(kinds[start : start + 3])) == 1 for start in range(0, 240, 3))  # chunks are not torn apart
    assert find_faults(db) == []


def test_two_processes_import_the_same_file(tmp_path: Path) -> None:
    database, file = tmp_path / "market.db", tmp_path / "needs.jsonl"
    write_lines(file, [make_opportunity(id=f"JH-{n:03}") for n in range(60)])
    with Importer(database, file, 60) as first, Importer(database, file, 60) as second:
        first.start()
        second.start()
        assert (first.finish(), second.finish()) == (0, 0)
    db = open_database(database)
    assert db.table("posting").count == 60
    assert find_faults(db) == []
