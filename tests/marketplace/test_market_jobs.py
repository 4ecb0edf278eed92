"""Jobs: started in a transaction, found again, run once, stopped and resumed, seen by whom they concern."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from factories import make_capability, make_opportunity
from market_tools import Shop

from marketplace import Market, NotFoundError, RefusedError, Viewer
from marketplace.jobs import (
    WORK,
    JobContext,
    JobStoppedError,
    Worker,
    queue_job,
    run_job_now,
    start_job,
    worker_state,
)
from marketplace.jobs.queue import JobQueue
from marketplace.jobs.running import UNEXPECTED
from marketplace.jobs.state import FRESH_AT, moments_ago
from marketplace.jobs.worker import ATTEMPTS
from marketplace.store.audit import load_entries
from marketplace.store.changes import last_change, read_value, write_value
from marketplace.store.database import transaction
from marketplace.store.jobs import beat, claim_job, jobs_of, load_job

OWNER = Viewer(
    7, "经办人", "jingban", frozenset({"publisher"}), publisher_of=frozenset({41}), request_id="r-1",
    districts={"publisher": ("武汉市",)},
)  # fmt: skip
COLLEAGUE = Viewer(8, "同事", "tongshi", frozenset({"publisher"}))
REVIEWER = Viewer(9, "审核员", "shenhe", frozenset({"reviewer"}))
work: dict[str, Callable[[JobContext], Mapping[str, Any] | None]] = {}


def do(context: JobContext) -> Mapping[str, Any] | None:
    """What the job of a test does."""
    return work["now"](context)


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(WORK, "test_work", f"{__name__}:do")
    yield
    work.clear()


def start(shop: Shop, function: Callable[[JobContext], Mapping[str, Any] | None], viewer: Viewer = OWNER) -> int:
    work["now"] = function
    with transaction(shop.db):
        return start_job(
            shop.db, "test_work", title="导入“场景清单”", arguments={"行": [1, 2]}, viewer=viewer, link="/imports/5"
        )


def age(shop: Shop, key: int, seconds: int, **columns: Any) -> None:
    """Make a job look as if its process had gone quiet so long ago."""
    with transaction(shop.db):
        shop.db.table("job").update(key, {"beat_at": moments_ago(timedelta(seconds=seconds)), **columns})


def test_job_is_given_what_was_asked_and_by_whom(shop: Shop) -> None:
    seen = []

    def function(context: JobContext) -> dict[str, Any]:
        seen.append((context.arguments, context.viewer, context.settings, context.workshop.encoder()))
        context.result["先"] = 1
        return {"message": "完成", "行": 2}

    key = start(shop, function)
    assert run_job_now(shop.work, key) == {"先": 1, "message": "完成", "行": 2}
    assert seen == [({"行": [1, 2]}, OWNER, shop.settings, shop.encoder)]
    row = load_job(shop.db, key)
    assert row is not None
    assert (row.state, row.message, row.result["行"], row.account_key, row.attempts) == ("done", "完成", 2, 7, 1)
    # A job that has ended is not run again.
    assert run_job_now(shop.work, key) == {}
    assert len(seen) == 1


def test_job_rolls_back_with_the_transaction_that_starts_it(shop: Shop) -> None:
    def start_and_break() -> None:
        with transaction(shop.db):
            start_job(shop.db, "test_work", title="不会有", arguments={}, viewer=OWNER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        start_and_break()
    assert jobs_of(shop.db, None, 9) == []
    with pytest.raises(KeyError), transaction(shop.db):
        start_job(shop.db, "no_such_work", title="没人会做", arguments={}, viewer=OWNER)


def test_worker_takes_queued_jobs_in_order_and_finds_those_never_queued(shop: Shop) -> None:
    order: list[int] = []
    keys = [start(shop, lambda context: order.append(context.job_key)) for _ in range(3)]
    queue_job(shop.settings, keys[0])
    assert Worker(shop.work).run_waiting() == 3
    assert order == keys
    # Queued twice, run once.
    queue_job(shop.settings, keys[0])
    Worker(shop.work).run_waiting()
    assert order == keys


def test_queue_file_that_cannot_be_used_loses_nothing(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    key = start(shop, lambda context: {"ok": 1})
    shop.settings.queue.mkdir()
    queue_job(shop.settings, key)
    assert "could not be queued" in caplog.text
    shop.settings.queue.rmdir()
    assert Worker(shop.work).run_waiting() == 1
    row = load_job(shop.db, key)
    assert row is not None
    assert row.state == "done"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RefusedError("第 3 行 字段“标题”：缺失；应为：名称。"), "第 3 行 字段“标题”：缺失；应为：名称。"),
        (ZeroDivisionError("secret detail"), UNEXPECTED),
    ],
)
def test_failed_job_keeps_one_sentence(
    shop: Shop, error: Exception, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    def function(context: JobContext) -> None:
        context.say(3, 9, "正在检查")
        raise error

    key = start(shop, function)
    Worker(shop.work).run_waiting()
    row = load_job(shop.db, key)
    assert row is not None
    assert (row.state, row.message, row.done, row.total) == ("failed", sentence, 3, 9)
    assert "secret" not in json.dumps(list(shop.db.table("job").rows), ensure_ascii=False)
    assert ("Traceback" in caplog.text) is (sentence == UNEXPECTED)


def test_run_now_tells_its_caller_what_went_wrong(shop: Shop) -> None:
    def function(context: JobContext) -> None:
        raise RefusedError("未能办理。")

    with pytest.raises(RefusedError, match="未能办理"):
        run_job_now(shop.work, start(shop, function))


def test_only_one_process_gets_a_job(shop: Shop) -> None:
    other = Shop(shop.settings)
    key = start(shop, lambda context: None)
    taken = []
    for one in (shop, other):
        with transaction(one.db):
            taken.append(claim_job(one.db, key))
    assert taken == [True, False]
    assert run_job_now(other.work, key) == {}


def test_job_of_a_process_that_vanished_is_resumed_and_given_up_after_three_attempts(shop: Shop) -> None:
    worker = Worker(shop.work)
    key = start(shop, lambda context: {"message": "成了"})
    for attempt in range(1, ATTEMPTS + 1):
        with transaction(shop.db):
            assert claim_job(shop.db, key)
        worker.tend()
        row = load_job(shop.db, key)
        assert row is not None
        assert (row.state, row.attempts) == ("running", attempt), "a job that beats is left alone"
        age(shop, key, 40)
        worker.tend()
    row = load_job(shop.db, key)
    assert row is not None
    assert row.state == "failed"
    assert "中断了 3 次" in row.message
    Market(shop.settings).jobs.retry(OWNER, key)
    worker.run_waiting()
    row = load_job(shop.db, key)
    assert row is not None
    assert (row.state, row.message, row.attempts) == ("done", "成了", 1)


def test_job_stops_between_steps_when_the_process_ends_and_goes_on_in_the_next(shop: Shop) -> None:
    done: list[int] = []
    worker = Worker(shop.work)

    def function(context: JobContext) -> dict[str, Any]:
        for step in range(len(done), 4):
            context.say(step, 4, "正在写入")
            done.append(step)
            if step == 1:
                worker.stop()
        return {"steps": done}

    key = start(shop, function)
    worker.run_waiting()
    row = load_job(shop.db, key)
    assert row is not None
    assert (done, row.state, row.attempts) == ([0, 1], "queued", 0)
    assert "从停下的地方继续" in row.message
    Worker(shop.work).run_waiting()
    row = load_job(shop.db, key)
    assert row is not None
    assert (done, row.state) == ([0, 1, 2, 3], "done")


def test_progress_is_written_sparingly_but_its_end_always(shop: Shop) -> None:
    seen = []

    def function(context: JobContext) -> None:
        def note() -> None:
            row = load_job(context.db, context.job_key)
            assert row is not None
            seen.append((row.done, row.message))

        context.say(1, 3, "正在读")
        note()
        context.say(2, 3, "正在写")
        note()
        with transaction(context.db):
            context.say(3, 3, "在事务里说的")
        note()
        context.say(3, 3, "写完了")
        note()

    run_job_now(shop.work, start(shop, function))
    assert seen == [(1, "正在读"), (1, "正在读"), (1, "正在读"), (3, "写完了")]


def test_stop_is_not_raised_inside_a_transaction(shop: Shop) -> None:
    def function(context: JobContext) -> None:
        context.stopping = lambda: True
        with transaction(context.db):
            context.say(1, 2, "正在写")
            write_value(context.db, "written", "yes")
        with pytest.raises(JobStoppedError):
            context.say(1, 2, "正在写")

    run_job_now(shop.work, start(shop, function))
    assert read_value(shop.db, "written") == "yes"


def test_own_jobs_are_seen_by_their_owner_and_by_reviewers(shop: Shop) -> None:
    book = Market(shop.settings).jobs
    first, second = (start(shop, lambda context: None) for _ in range(2))
    page = book.page(OWNER, second)
    assert (page.title, page.state_label, page.ahead, page.link) == ("导入“场景清单”", "等待处理", 1, "/imports/5")
    assert not page.ended
    assert book.page(REVIEWER, first).ahead == 0
    assert [one.key for one in book.recent(OWNER)] == [second, first]
    assert [one.key for one in book.recent(REVIEWER)] == [second, first]
    assert book.recent(COLLEAGUE) == book.recent(Viewer()) == ()
    for viewer in (COLLEAGUE, Viewer()):
        with pytest.raises(NotFoundError):
            book.page(viewer, first)
        with pytest.raises(NotFoundError):
            book.retry(viewer, first)
    with pytest.raises(RefusedError, match="没有失败"):
        book.retry(OWNER, first)


def test_who_lets_a_job_go_on_is_in_the_audit_log(shop: Shop) -> None:
    key = start(shop, lambda context: None)
    age(shop, key, 0, state="failed")
    book = Market(shop.settings).jobs
    book.retry(REVIEWER, key)
    with pytest.raises(RefusedError, match="没有失败"):
        book.retry(REVIEWER, key)
    (entry,) = load_entries(shop.db, {"action": "job.retried"})
    assert (entry["actor"], entry["subject"], entry["subject_key"]) == (REVIEWER.login, "job", key)
    assert entry["detail"] == {"任务": "导入“场景清单”", "发起人": "系统"}


def test_jobs_of_the_program_belong_to_nobody_who_is_not_signed_in(shop: Shop) -> None:
    Worker(shop.work).tend()
    (row,) = jobs_of(shop.db, None, 9)
    assert (row.kind, row.account_key) == ("keep_fresh", 0)
    with pytest.raises(NotFoundError):
        Market(shop.settings).jobs.page(Viewer(), row.key)
    assert Market(shop.settings).jobs.page(REVIEWER, row.key).title == "检查清单是否仍然有效"


def test_daily_check_is_started_once_a_day(shop: Shop) -> None:
    worker = Worker(shop.work)
    worker.tend()
    worker.tend()
    assert [row.kind for row in jobs_of(shop.db, None, 9)] == ["keep_fresh"]
    worker.run_waiting()
    assert worker_state(shop.db).fresh_at
    worker.tend()
    assert len(jobs_of(shop.db, None, 9)) == 1
    with transaction(shop.db):
        write_value(shop.db, FRESH_AT, moments_ago(timedelta(hours=25)))
    worker.tend()
    assert [row.state for row in jobs_of(shop.db, None, 9)] == ["queued", "done"]


def pending(shop: Shop, seconds: int) -> None:
    """Let the newest change be so old and not matched."""
    with transaction(shop.db):
        moment = moments_ago(timedelta(seconds=seconds))
        shop.db.conn.execute("update change set at = ?", [moment])
        write_value(shop.db, "matched_through", "0")
        write_value(shop.db, FRESH_AT, moments_ago(timedelta()))


def test_changes_that_rest_are_matched_by_the_worker(shop: Shop) -> None:
    shop.take(make_opportunity())
    shop.take(make_capability())
    worker = Worker(shop.work)
    pending(shop, 20)
    worker.tend()
    assert jobs_of(shop.db, None, 9) == [], "someone may still be changing things"
    pending(shop, 90)
    worker.tend()
    (row,) = jobs_of(shop.db, None, 9)
    assert row.kind == "renew_matches"
    with transaction(shop.db):
        shop.db.conn.execute("delete from match")
    worker.run_waiting()
    assert int(read_value(shop.db, "matched_through") or 0) == last_change(shop.db)
    assert shop.db.table("match").count == 1
    worker.tend()
    assert len(jobs_of(shop.db, None, 9)) == 1


def test_work_that_just_failed_is_not_started_again_at_once(shop: Shop) -> None:
    shop.take(make_opportunity())
    pending(shop, 90)
    worker = Worker(shop.work)
    worker.tend()
    (row,) = jobs_of(shop.db, None, 9)
    with transaction(shop.db):
        shop.db.table("job").update(row.key, {"state": "failed", "finished_at": moments_ago(timedelta(minutes=5))})
    worker.tend()
    assert len(jobs_of(shop.db, None, 9)) == 1
    with transaction(shop.db):
        shop.db.table("job").update(row.key, {"finished_at": moments_ago(timedelta(minutes=20))})
    worker.tend()
    assert len(jobs_of(shop.db, None, 9)) == 2


def test_old_jobs_of_the_program_go_and_those_of_people_stay(shop: Shop) -> None:
    mine, its = start(shop, lambda context: None), start(shop, lambda context: None, Viewer(name="系统"))
    for key in (mine, its):
        run_job_now(shop.work, key)
        with transaction(shop.db):
            shop.db.table("job").update(key, {"finished_at": moments_ago(timedelta(days=31))})
    Worker(shop.work).tend()
    assert {row.key for row in jobs_of(shop.db, None, 9)} & {mine, its} == {mine}


def test_status_says_whether_the_worker_lives_and_what_waits(shop: Shop) -> None:
    market = Market(shop.settings, shop.encoder)
    start(shop, lambda context: None)
    assert not worker_state(shop.db).alive
    (problem,) = market.status().problems
    assert problem.startswith("后台任务进程没有运行，有 1 项任务在等待")
    assert beat(shop.db, None)
    page = market.status()
    assert (page.problems, page.worker_alive, page.jobs_queued, page.jobs_running) == ((), True, 1, 0)
    shop.work.status()
    assert any(line.startswith("后台任务进程 在运行") for line in shop.said)
    with transaction(shop.db):
        write_value(shop.db, "worker_beat", moments_ago(timedelta(seconds=31)))
    assert not market.status().worker_alive


def test_queue_keeps_its_order_over_processes(shop: Shop) -> None:
    taken: list[int] = []
    first, second = (JobQueue(shop.settings.queue, taken.append) for _ in range(2))
    for key in (30, 10, 20):
        first.put(key)
    assert second.waiting() == {10, 20, 30}
    while second.take():
        pass
    assert taken == [30, 10, 20]
    first.close()
    second.close()
