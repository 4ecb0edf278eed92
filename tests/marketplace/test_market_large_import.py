"""A list of twenty thousand rows: every row judged as expected, taken in by a job that is killed on its way."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from doubles import HashingEncoder
from flask.testing import FlaskClient
from large_list import LargeList, make_large_list
from lxml import html
from market_tools import ROOT, Shop, contents, sample_lines
from people import make_person

from marketplace import Market, MarketSettings, Viewer
from marketplace.access import REVIEWER
from marketplace.desk import DeskKeeper
from marketplace.imports import ColumnChoice, ImportDesk
from marketplace.jobs import run_job_now
from marketplace.jobs.state import LOST_S, moments_ago
from marketplace.matchkeeper import MATCHED
from marketplace.store.changes import last_change, read_value
from marketplace.store.database import count_rows, transaction
from marketplace.store.imports import count_states, load_import_rows, load_run
from marketplace.store.integrity import find_office_faults
from marketplace.store.jobs import JobRow, load_job
from marketplace.store.maintenance import find_faults
from marketplace.store.postings import load_rows
from matching import MatchingSettings, Side
from webapp import WebSettings, create_app

ROWS = 20_000
PATIENCE_S = 600
LOOK_S = 0.5
PAGES = ("/opportunities", "/opportunities?page=3", "/opportunities?order=deadline")


@dataclass
class Office:
    """An installation, a reviewer, and a long list whose rows have been checked."""

    shop: Shop
    desk: ImportDesk
    reviewer: Viewer
    large: LargeList
    run_key: int

    def confirm(self) -> int:
        """Let the good rows in, leave the copies out; return the key of the job that waits to do it."""
        self.desk.decide_all(self.reviewer, self.run_key, "skip")
        return self.desk.confirm(self.reviewer, self.run_key, how="publish", only_good=True, secrecy_checked=True)


@dataclass
class Working:
    """The worker process while it runs, and what it has said about a job so far."""

    office: Office
    job_key: int
    process: subprocess.Popen[bytes]
    log: Path
    said: list[JobRow] = field(default_factory=list)

    def watch(self, until: Callable[[JobRow], bool], look: Callable[[], None] = lambda: None) -> JobRow:
        """Look at the job from here until it is as wanted; ``look`` is called each time."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            job = load_job(self.office.shop.db, self.job_key)
            assert job is not None
            self.said.append(job)
            if until(job):
                return job
            assert job.state != "failed", job.message
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            look()
            time.sleep(LOOK_S)
        raise AssertionError(f"the job did not come so far: {self.said[-1]}")


def make_office(folder: Path, local: Path, count: int) -> Office:
    """Upload a list of ``count`` rows and have them checked."""
    shop = Shop(MarketSettings(folder / "market.db", MatchingSettings(ROOT / "data", local)))
    shop.work.say = lambda _: None
    desk = ImportDesk(DeskKeeper(shop.settings), shop.settings)
    reviewer, large = make_person(shop.db, REVIEWER), make_large_list(count)
    path = large.write(folder / "清单.xlsx")
    key = desk.upload(reviewer, path, file_name=path.name)
    job = desk.choose_columns(reviewer, key, ColumnChoice())
    if job:
        run_job_now(shop.work, job)
    return Office(shop, desk, reviewer, large, key)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, background_file: Path) -> Office:
    return make_office(tmp_path_factory.mktemp("large"), background_file.parent, ROWS)


@contextmanager
def working(office: Office, job_key: int) -> Iterator[Working]:
    """Run the worker in a process of its own; at the end it is killed, as a power cut would."""
    settings = office.shop.settings
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
    script = str(ROOT / "tests" / "working_process.py")
    command = [sys.executable, script, settings.database, settings.matching.local_dir]
    log = settings.database.with_suffix(".log")
    with log.open("ab") as output:
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, stdout=output, stderr=output)
    try:
        yield Working(office, job_key, process, log)
    finally:
        process.kill()
        process.wait()


def let_time_pass(office: Office, job_key: int) -> None:
    """Make the killed worker's last beat as old as one nobody waits for any longer."""
    with transaction(office.shop.db) as db:
        db.table("job").update(job_key, {"beat_at": moments_ago(timedelta(seconds=LOST_S + 1))})


def site_of(office: Office) -> FlaskClient:
    """The pages over the database that is being filled, as another process serves them."""
    market = Market(office.shop.settings, HashingEncoder())
    return create_app(WebSettings(), market, secret=b"known to the tests only").test_client()


def total_of(client: FlaskClient, path: str) -> int:
    """The number of postings a list page says there are."""
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200
    (total,) = html.fromstring(answer.text).xpath("//*[@data-role='total']//strong")
    return int(re.sub(r"\D", "", total.text_content()))


def stored_ids(office: Office) -> list[str]:
    """The ids of all stored opportunities, each as often as it is stored."""
    rows = office.shop.db.query("select external_id from posting where kind = ?", [str(Side.OPPORTUNITY)])
    return [raw["external_id"] for raw in rows]


def assert_whole(office: Office) -> None:
    """No fault in any table, and as many postings as rows that are said to be in."""
    db = office.shop.db
    assert find_faults(db) + find_office_faults(db) == []
    ids = stored_ids(office)
    assert len(ids) == len(set(ids)) == count_states(db, office.run_key).get("added", 0)


@pytest.mark.slow
def test_every_row_of_a_long_list_is_judged(office: Office) -> None:
    db, large = office.shop.db, office.large
    assert (len(large.good), len(large.bad), len(large.copies)) == (19_550, 250, 200)
    rows = {row.row_number: row for row in load_import_rows(db, office.run_key)}
    assert len(rows) == ROWS
    bad = {number: [one["field"] for one in row.problems if one["blocking"]] for number, row in rows.items()
           if row.state == "bad"}  # fmt: skip
    assert bad == {number: [field] for number, field in large.bad.items()}
    twins = {number: row.twins[0]["row_number"] for number, row in rows.items() if row.state == "twin"}
    assert twins == large.copies
    good = [row.record["id"] for row in rows.values() if row.state == "good"]
    assert good == list(large.good)
    page = office.desk.check_page(office.reviewer, office.run_key, state="bad", page=2)
    assert (page.counts, page.undecided) == ({"good": 19_550, "bad": 250, "twin": 200}, 200)
    assert (page.page, page.pages, len(page.rows)) == (2, 5, 50)


@pytest.mark.slow
def test_killed_half_way_a_long_import_goes_on_without_loss_or_doubles(office: Office) -> None:
    db, client, totals = office.shop.db, site_of(office), []
    job_key = office.confirm()

    def look() -> None:
        before = count_rows(db, "posting")
        found = total_of(client, PAGES[len(totals) % len(PAGES)])
        assert before <= found <= count_rows(db, "posting")
        assert total_of(client, "/capabilities") == 0
        totals.append(found)

    with working(office, job_key) as first:
        stopped = first.watch(lambda job: job.done >= job.total / 2 > 0, look)
    assert (stopped.state, stopped.total) == ("running", ROWS - len(office.large.bad))
    assert len({job.done for job in first.said}) > 10
    assert [job.done for job in first.said] == sorted(job.done for job in first.said)
    assert len(set(totals)) > 5
    assert_whole(office)
    half = set(stored_ids(office))
    assert stopped.done <= len(half) + len(office.large.copies) < ROWS
    keys = {row.posting.id: row.key for row in load_rows(db, side=Side.OPPORTUNITY)}

    let_time_pass(office, job_key)
    with working(office, job_key) as second:
        job = second.watch(lambda job: job.state == "done", look)
    assert job.attempts == 2
    assert min(one.done for one in second.said) >= stopped.done, "what was in is not done again"
    assert_whole(office)
    assert sorted(stored_ids(office)) == sorted(office.large.good)
    assert keys.items() <= {row.posting.id: row.key for row in load_rows(db, side=Side.OPPORTUNITY)}.items()
    assert count_states(db, office.run_key) == {"added": 19_550, "bad": 250, "passed": 200}
    run = load_run(db, office.run_key)
    assert run is not None
    assert run.state == "done"
    assert [raw["seq"] for raw in contents(db, "change")["change"]] == list(range(1, len(office.large.good) + 1))
    assert {raw["revision"] for raw in db.query("select revision from posting")} == {1}
    assert [count_rows(db, table) for table in ("vector", "version", "contact")] == [len(office.large.good)] * 3
    assert total_of(client, "/opportunities") == len(office.large.good)


@pytest.mark.slow
def test_killed_while_the_matches_are_renewed_the_job_finishes_them(tmp_path: Path, background_file: Path) -> None:
    office = make_office(tmp_path, background_file.parent, 200)
    office.shop.take(*sample_lines("capabilities", range(1, 13)))
    job_key = office.confirm()
    with working(office, job_key) as first:
        first.watch(lambda job: "已写出依据" in job.message)
    assert_whole(office)
    assert count_rows(office.shop.db, "match") == 0
    let_time_pass(office, job_key)
    with working(office, job_key) as second:
        job = second.watch(lambda job: job.state == "done")
    db = office.shop.db
    assert job.result["added"] == len(office.large.good)
    assert job.result["scored"] == len(office.large.good) + 12
    assert int(read_value(db, MATCHED) or 0) == last_change(db)
    assert {raw["opportunity_key"] for raw in db.query("select distinct opportunity_key from match")} == {
        row.key for row in load_rows(db, side=Side.OPPORTUNITY)
    }
    assert_whole(office)
