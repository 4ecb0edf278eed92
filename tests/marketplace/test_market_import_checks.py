"""What becomes of the columns once they are chosen: long lists checked aside, choices refused, choices remembered."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from import_office import BUREAU, HEAD, LAKE, MANHOLE, STALL, Office
from market_tools import Shop
from openpyxl import load_workbook
from people import make_person

from marketplace import RefusedError, StaleError
from marketplace.access import PUBLISHER
from marketplace.exporting import export_like_import
from marketplace.imports import ColumnChoice, checking_job, uploading
from marketplace.imports.command import WorkbookOptions, take_workbook
from marketplace.jobs import JobBook, JobContext, JobStoppedError, run_job_now
from marketplace.jobs.running import UNEXPECTED
from marketplace.store.database import transaction
from marketplace.store.imports import load_import_rows, load_run
from marketplace.store.jobs import claim_job, jobs_of, load_job, requeue_lost
from marketplace.store.postings import load_rows
from matching import Side

ROWS = (MANHOLE, LAKE, ("JH-3", "", BUREAU, "", "", "", "", ""), ("JH-9", *MANHOLE[1:]))
GAVE_UP = "任务中断了 3 次，没有完成。"


@pytest.fixture
def office(shop: Shop, tmp_path: Path) -> Office:
    return Office(shop, tmp_path)


@pytest.fixture
def long_list(office: Office, monkeypatch: pytest.MonkeyPatch) -> int:
    """An uploaded list with more rows than are checked at once; the key of its import."""
    monkeypatch.setattr(uploading, "CHECK_AT_ONCE", 3)
    return office.desk.upload(office.publisher, office.file(*ROWS), file_name="清单.csv")


def choose(office: Office, key: int, **choice: Any) -> int:
    return office.desk.choose_columns(office.publisher, key, ColumnChoice(**choice))


def state(office: Office, key: int) -> str:
    return office.desk.run(office.publisher, key).state


def test_a_long_list_is_checked_by_a_job(office: Office, long_list: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert office.desk.columns_page(office.publisher, long_list).aside
    job = choose(office, long_list, fields={6: ""})
    row = load_job(office.db, job)
    assert row is not None
    assert (row.title, row.arguments["link"]) == ("检查场景机会清单“清单.csv”", f"/imports/{long_list}")
    view = office.desk.run(office.publisher, long_list)
    assert (view.state_label, view.job_key, office.states(long_list)) == ("正在检查", job, [])
    with pytest.raises(RefusedError, match="这次导入正在检查"):
        choose(office, long_list)
    with pytest.raises(RefusedError, match="这次导入正在检查"):
        office.desk.confirm(office.publisher, long_list, how="drafts")

    said: list[tuple[int, int, str]] = []
    monkeypatch.setattr(JobContext, "say", lambda self, *words: said.append(words))
    result = run_job_now(office.shop.work, job)
    assert [words[:2] for words in said] == [(0, 0), (1, 4), (2, 4), (3, 4), (4, 4), (4, 4)]
    assert "查找重复" in said[-1][2]
    assert result["message"] == "共 4 行：可导入 1 行，有问题 2 行，疑似重复 1 行。"
    page = office.desk.check_page(office.publisher, long_list)
    assert ([one.state for one in page.rows], page.run.state) == (["good", "bad", "bad", "twin"], "checked")
    # The column that was dropped stays so.
    assert "budget" not in load_import_rows(office.db, long_list)[0].record["values"]
    notice = next(iter(office.db.table("notice").rows))
    assert (notice["account_key"], notice["body"]) == (office.publisher.account_key, result["message"])
    assert len(jobs_of(office.db, None, 9)) == 1
    office.desk.decide_all(office.publisher, long_list, "skip")
    assert office.let_in(office.publisher, long_list, how="drafts", only_good=True)["drafted"] == 1


def test_what_is_checked_aside_is_what_is_checked_at_once(
    office: Office, long_list: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job_now(office.shop.work, choose(office, long_list))
    aside = load_import_rows(office.db, long_list)
    office.desk.drop(office.publisher, long_list)
    monkeypatch.setattr(uploading, "CHECK_AT_ONCE", 4)
    again = office.desk.upload(office.publisher, office.file(*ROWS), file_name="清单.csv")
    assert choose(office, again) == 0
    at_once = load_import_rows(office.db, again)
    assert [(row.state, row.record, row.problems, row.twins, bool(row.sealed)) for row in aside] == [
        (row.state, row.record, row.problems, row.twins, bool(row.sealed)) for row in at_once
    ]


def test_a_check_that_is_cut_off_starts_anew(office: Office, long_list: int, monkeypatch: pytest.MonkeyPatch) -> None:
    job = choose(office, long_list)
    said: list[int] = []

    def stop(self: JobContext, done: int, total: int, message: str) -> None:
        said.append(done)
        if len(said) == 3:
            raise JobStoppedError

    monkeypatch.setattr(JobContext, "say", stop)
    with pytest.raises(JobStoppedError):
        run_job_now(office.shop.work, job)
    assert (state(office, long_list), office.states(long_list)) == ("checking", [])
    assert run_job_now(office.shop.work, job)["good"] == 1
    assert said[3:] == [0, 1, 2, 3, 4, 4]
    assert state(office, long_list) == "checked"


@pytest.mark.parametrize(
    ("error", "sentence"), [(RefusedError("这份文件坏了。"), "这份文件坏了。"), (OSError("disk"), UNEXPECTED)]
)
def test_a_check_that_fails_says_why_and_may_be_tried_again(
    office: Office, long_list: int, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    job = choose(office, long_list, fields={6: ""})
    with monkeypatch.context() as patched:
        patched.setattr(checking_job, "examine", lambda *_, **__: (_ for _ in ()).throw(error))
        with pytest.raises(type(error)):
            run_job_now(office.shop.work, job)
    run = load_run(office.db, long_list)
    assert run is not None
    page = office.desk.columns_page(office.publisher, long_list)
    assert (run.state, page.failed, page.headers[6].field) == ("uploaded", sentence, None)
    JobBook(office.desk._keeper, office.shop.settings).retry(office.publisher, job)
    run_job_now(office.shop.work, job)
    page = office.desk.columns_page(office.publisher, long_list)
    assert (page.run.state, page.failed) == ("checked", "")


def test_a_check_killed_too_often_gives_the_columns_back(office: Office, long_list: int) -> None:
    job = choose(office, long_list)
    with transaction(office.db):
        claim_job(office.db, job)
        requeue_lost(office.db, "9999", attempts=1, sentence=GAVE_UP)
    assert [run.state for run in office.desk.list_page(office.publisher).runs] == ["uploaded"]
    assert office.desk.columns_page(office.publisher, long_list).failed == GAVE_UP
    # Chosen anew, the old job has nothing more to do.
    second = choose(office, long_list)
    JobBook(office.desk._keeper, office.shop.settings).retry(office.publisher, job)
    assert "不再检查" in run_job_now(office.shop.work, job)["message"]
    assert state(office, long_list) == "checking"
    run_job_now(office.shop.work, second)
    assert state(office, long_list) == "checked"


def test_of_two_who_choose_at_once_one_starts_a_job(
    office: Office, long_list: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = uploading.read_kept

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(uploading, "read_kept", read)
        choose(office, long_list)
        return read(*given)

    monkeypatch.setattr(uploading, "read_kept", meanwhile)
    with pytest.raises(StaleError):
        choose(office, long_list)
    assert len(jobs_of(office.db, None, 9)) == 1


def test_the_command_line_checks_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "CHECK_AT_ONCE", 0)
    assert take_workbook(office.shop.work, office.file(MANHOLE, LAKE), WorkbookOptions()) == 0
    assert len(load_rows(office.db, side=Side.OPPORTUNITY)) == 2
    assert jobs_of(office.db, None, 9) == []


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"fields": {1: "title", 4: "nothing"}}, "没有名为“nothing”的项"),
        ({"fields": {4: "company"}}, "场景机会清单没有名为“company”的项"),
        ({"fields": {7: ""}, "kept": frozenset({7})}, "“联系方式”一列含有个人信息或是联系方式，不能保留为补充信息"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_words(office: Office, choice: dict[str, Any], sentence: str) -> None:
    key = office.desk.upload(office.publisher, office.file(MANHOLE), file_name="清单.csv")
    with pytest.raises(RefusedError, match=sentence):
        choose(office, key, **choice)
    assert (state(office, key), office.states(key)) == ("uploaded", [])
    # The page can be shown again with what was chosen.
    office.desk.columns_page(office.publisher, key, ColumnChoice(**choice))


def test_an_unread_column_is_left_out_until_it_is_asked_for(office: Office) -> None:
    head, row = (*HEAD, "经办意见"), (*MANHOLE, "阅")
    office.publish(row, head=head)
    assert "经办意见" not in office.posting("JH-1").listing.extra
    key = office.desk.upload(office.publisher, office.file(row, head=head), file_name="清单.csv")
    choose(office, key, kept=frozenset({8}))
    assert load_import_rows(office.db, key)[0].record["values"]["other"] == {"经办意见": "阅"}
    # What an organisation asked for once is asked for the next time too, by it alone.
    again = office.desk.upload(office.publisher, office.file(row, head=head), file_name="清单.csv")
    assert office.desk.columns_page(office.publisher, again).headers[8].keep
    other = make_person(office.db, PUBLISHER, organisation=office.water)
    foreign = office.desk.upload(other, office.file(row, head=head), file_name="清单.csv")
    assert not office.desk.columns_page(other, foreign).headers[8].keep


def test_a_column_left_out_comes_back_empty(office: Office) -> None:
    key = office.publish((*STALL, "阅"), (*LAKE, "同意"), head=(*HEAD, "经办意见"))
    content = export_like_import(office.db, Side.OPPORTUNITY, key, load_rows(office.db, side=Side.OPPORTUNITY))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    header, *lines = sheet.iter_rows(values_only=True)
    assert header == (*HEAD, "经办意见")
    assert [line[8] for line in lines] == [None, None]
