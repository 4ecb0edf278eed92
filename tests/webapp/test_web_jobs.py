"""The page of a job: progress that renews itself, with and without a script, and what comes after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles import HashingEncoder
from flask.testing import FlaskClient
from lxml import html
from office import by_role, office_app, office_market, page_of, send, sign_in, words

from marketplace import Market, Viewer
from marketplace.commands import Workshop
from marketplace.jobs import run_job_now, start_job
from marketplace.store.database import transaction
from marketplace.store.jobs import beat, claim_job, finish_job, write_progress
from matching import MatchingSettings


@pytest.fixture
def market(tmp_path: Path, matching_settings: MatchingSettings) -> Market:
    return office_market(tmp_path, matching_settings)


@pytest.fixture
def client(market: Market) -> FlaskClient:
    return office_app(market).test_client()


@pytest.fixture
def viewer(client: FlaskClient) -> Viewer:
    """A member of an office, signed in."""
    return sign_in(client, roles=["publisher"], organisations=["江夏区城市管理执法局（示例）"])


def start(market: Market, viewer: Viewer, kind: str = "import_rows", link: str = "/imports/5") -> int:
    db = market._keeper.db
    beat(db, None)
    with transaction(db):
        return start_job(db, kind, title="导入“清单.xlsx”", arguments={}, viewer=viewer, link=link)


def run(market: Market, key: int, done: int, total: int) -> None:
    db = market._keeper.db
    with transaction(db):
        claim_job(db, key)
        write_progress(db, key, done, total, "正在编码")


def end(market: Market, key: int, state: str, message: str) -> None:
    with transaction(market._keeper.db) as db:
        finish_job(db, key, state, message=message, result={})


def test_running_job_shows_how_far_it_is_and_renews_itself(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    key = start(market, viewer)
    run(market, key, 120, 400)
    page = page_of(client.get(f"/jobs/{key}"))
    (job,) = by_role(page, "job")
    assert job.get("data-state") == "running"
    assert words(by_role(page, "words")[0]) == "已处理 120 / 400 行，正在编码"
    (bar,) = page.iter("progress")
    assert (bar.get("value"), bar.get("max"), bar.text) == ("120", "400", "30%")
    assert "可以离开本页" in words(by_role(page, "advice")[0])
    assert job.get("hx-trigger") == "load delay:1s"
    assert job.get("hx-target") == "#job"
    assert page.get_element_by_id("job") is not None
    # Without a script the page is loaded anew.
    (refresh,) = page.xpath("//noscript/meta[@http-equiv='refresh']")
    assert refresh.get("content") == "5"


def test_renewal_asks_more_slowly_and_stops_at_the_end(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    key = start(market, viewer)
    run(market, key, 0, 0)
    address, waits = f"/jobs/{key}", []
    for _ in range(7):
        answer = client.get(address, headers={"HX-Request": "true"})
        assert "<html" not in answer.text
        (job,) = html.fragments_fromstring(answer.text)
        waits.append(job.get("hx-trigger"))
        address = job.get("hx-get")
        assert job.find(".//progress").get("value") is None
    assert waits == [f"load delay:{seconds}s" for seconds in (1, 2, 3, 4, 5, 5, 5)]
    end(market, key, "done", "导入 400 行。")
    answer = client.get(address, headers={"HX-Request": "true"})
    (job,) = html.fragments_fromstring(answer.text)
    assert (job.get("data-state"), job.get("hx-get"), job.get("hx-trigger")) == ("done", None, None)
    assert job.find(".//progress") is None


def test_finished_job_leads_to_its_result(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    key = start(market, viewer)
    run(market, key, 400, 400)
    end(market, key, "done", "导入 400 行。")
    page = page_of(client.get(f"/jobs/{key}"))
    (onward,) = by_role(page, "onward")
    assert (onward.get("href"), words(onward)) == ("/imports/5", "查看导入结果")
    assert words(by_role(page, "words")[0]) == "导入 400 行。"
    assert not page.xpath("//meta[@http-equiv='refresh']")


def test_failed_job_says_what_to_do_and_can_be_tried_again(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    key = start(market, viewer, "keep_fresh")
    run(market, key, 3, 9)
    end(market, key, "failed", "数据库正忙。")
    page = page_of(client.get(f"/jobs/{key}"))
    assert words(by_role(page, "words")[0]) == "数据库正忙。"
    assert "再试一次" in words(by_role(page, "advice")[0])
    (form,) = page.xpath("//form[contains(@action, 'retry')]")
    answer = client.post(form.action, data=dict(form.form_values()))
    assert (answer.status_code, answer.location) == (303, f"/jobs/{key}")
    run_job_now(Workshop(market.settings, lambda _: None, HashingEncoder()), key)
    assert by_role(page_of(client.get(f"/jobs/{key}")), "job")[0].get("data-state") == "done"
    assert send(client, f"/jobs/{key}/retry", {}).status_code == 422


def test_trying_again_without_token_is_refused(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    assert client.post(f"/jobs/{start(market, viewer)}/retry").status_code == 400


def test_waiting_job_names_what_is_before_it_and_a_missing_worker(
    client: FlaskClient, market: Market, viewer: Viewer
) -> None:
    keys = [start(market, viewer) for _ in range(3)]
    page = page_of(client.get(f"/jobs/{keys[2]}"))
    assert words(by_role(page, "words")[0]) == "前面还有 2 项任务。"
    with transaction(market._keeper.db) as db:
        db.conn.execute("update meta set value = '2020-01-01T00:00:00Z' where name = 'worker_beat'")
    page = page_of(client.get(f"/jobs/{keys[2]}"))
    assert "后台任务进程没有运行" in words(by_role(page, "advice")[0])


def test_job_of_another_is_not_there(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    key = start(market, viewer)
    assert client.get(f"/jobs/{key}").status_code == 200
    other = client.application.test_client()
    assert other.get(f"/jobs/{key}").status_code == 303, "visitors are led to the sign-in"
    sign_in(other, roles=["publisher"], organisations=["黄石市水务局（示例）"])
    assert other.get(f"/jobs/{key}").status_code == 404
    assert send(other, f"/jobs/{key}/retry", {}).status_code == 404
    reviewer = client.application.test_client()
    sign_in(reviewer, roles=["reviewer"])
    assert reviewer.get(f"/jobs/{key}").status_code == 200


def test_list_of_jobs_is_ones_own(client: FlaskClient, market: Market, viewer: Viewer) -> None:
    assert by_role(page_of(client.get("/jobs")), "empty")
    first, second = start(market, viewer), start(market, viewer)
    start(market, Viewer(999))
    (table,) = by_role(page_of(client.get("/jobs")), "jobs")
    assert [link.get("href") for link in table.iter("a")] == [f"/jobs/{second}", f"/jobs/{first}"]


def test_status_page_and_monitor_know_the_worker(client: FlaskClient, market: Market) -> None:
    health = json.loads(client.get("/healthz").text)
    assert (health["status"], health["worker_alive"]) == ("degraded", False)
    (problems,) = by_role(page_of(client.get("/status")), "problems")
    assert "python -m marketplace work" in words(problems)
    beat(market._keeper.db, None)
    start(market, Viewer(5))
    page = page_of(client.get("/status"))
    assert not by_role(page, "problems")
    assert "进程在运行" in words(page.find("body"))
    assert json.loads(client.get("/healthz").text)["jobs_queued"] == 1
