"""Documents of an application: what is taken, who reads it, what is missing, what stays once the year is frozen."""

from __future__ import annotations

import os
import sqlite3
import time

import pytest
from benchmark_tools import YEAR, Round

from marketplace import FaultyError, NotFoundError, RefusedError, Viewer
from marketplace.benchmarks.sheet import default_sheet
from marketplace.followup import Upload
from marketplace.followup.attachments import MAX_FILES, missing_attachments
from marketplace.followup.daily import look_after_pairings
from marketplace.selection import OTHER, clock
from marketplace.selection.freezing import find_guard_faults
from marketplace.store.benchmark_files import case_file_names, case_files

REPORT, ACCEPTANCE = default_sheet(YEAR).documents[:2]
PAPER = Upload("使用报告.pdf", b"%PDF-1.7 report")


def begun(year_round: Round) -> tuple[Viewer, int]:
    """A company with a case it writes."""
    year_round.organisation("评审单位（示例）")
    year_round.set_up()
    year_round.open_call()
    landing = year_round.landings()[0]
    company = year_round.company(landing)
    return company, year_round.apply(landing, company, send=False)


def test_a_document_is_attached_once_listed_and_taken_off(year_round: Round) -> None:
    company, key = begun(year_round)
    attach = year_round.market.documents.attach
    assert (attach(company, key, REPORT, [PAPER]), attach(company, key, REPORT, [PAPER])) == (1, 0)
    attach(company, key, OTHER, [Upload("13800001111.png", b"\x89PNG\r\n\x1a\n.")])
    lines = year_round.market.applications.page(company, key).documents
    assert [line.document for line in lines if line.missing] == list(default_sheet(YEAR).documents[1:])
    assert [one.name for one in lines[0].files] == ["使用报告.pdf"]
    assert (lines[-1].document, lines[-1].asked) == (OTHER, False)
    assert "13800001111" not in lines[-1].files[0].name
    year_round.market.documents.remove(company, key, lines[0].files[0].key)
    assert year_round.market.applications.page(company, key).documents[0].missing
    with pytest.raises(NotFoundError):
        year_round.market.documents.remove(company, key, lines[0].files[0].key)
    done = year_round.actions()
    assert (done.count("benchmark.document_added"), done.count("benchmark.document_removed")) == (2, 1)


def test_what_is_no_document_is_named(year_round: Round) -> None:
    company, key = begun(year_round)
    attach = year_round.market.documents.attach
    with pytest.raises(FaultyError) as told:
        attach(company, key, "推荐信", [Upload("程序.pdf", b"MZ program"), Upload("空.pdf", b"")])
    assert {one.field for one in told.value.faults} == {"files", "document"}
    assert len(told.value.faults) == 3
    with pytest.raises(FaultyError, match="没有上传材料"):
        attach(company, key, REPORT, [])
    for place in range(MAX_FILES):
        attach(company, key, REPORT, [Upload("页.pdf", b"%PDF-1.7 " + str(place).encode())])
    with pytest.raises(FaultyError) as told:
        attach(company, key, REPORT, [PAPER])
    assert "上限" in told.value.faults[0].sentence
    assert len(case_files(year_round.db, key)) == MAX_FILES


def test_documents_come_and_go_only_while_the_case_is_written(year_round: Round) -> None:
    company, key = begun(year_round)
    desk, case = year_round.market.documents, year_round.case
    desk.attach(company, key, REPORT, [PAPER])
    (row,) = case_files(year_round.db, key)
    year_round.market.applications.save(company, key, dict(case(key).record) | _story(), case(key).stamp, send=True)
    for act in (lambda: desk.attach(company, key, ACCEPTANCE, [PAPER]), lambda: desk.remove(company, key, row.key)):
        with pytest.raises(RefusedError, match="不能再改"):
            act()
    year_round.market.checks.decide(year_round.organiser, key, "return", "缺验收材料", case(key).stamp)
    desk.attach(company, key, ACCEPTANCE, [PAPER])
    year_round.at("2026-10-13")
    with pytest.raises(RefusedError, match="补正期"):
        desk.remove(company, key, row.key)


def test_documents_that_change_after_a_return_show_once_it_is_sent_again(year_round: Round) -> None:
    company, key = begun(year_round)
    market, organiser, desk = year_round.market, year_round.organiser, year_round.market.documents
    desk.attach(company, key, REPORT, [PAPER])
    market.applications.save(company, key, _story(), year_round.case(key).stamp, send=True)
    market.checks.decide(organiser, key, "return", "缺验收材料", year_round.case(key).stamp)
    (sent,) = case_files(year_round.db, key)
    desk.remove(company, key, sent.key)
    desk.attach(company, key, ACCEPTANCE, [Upload("验收.pdf", b"%PDF-1.7 acceptance")])
    (added,) = [one for one in case_files(year_round.db, key) if one.key != sent.key]

    def missing() -> tuple[list[bool], list[bool]]:
        own, theirs = market.applications.page(company, key), market.board.case_page(organiser, key)
        return [one.missing for one in own.documents[:2]], [one.missing for one in theirs.documents[:2]]

    assert missing() == ([True, False], [False, True])
    assert desk.file(organiser, key, sent.key).size == len(PAPER.content)
    assert "使用报告.pdf" in dict(market.dossiers.dossier(organiser, YEAR, 1).evidence)["申报材料"]
    for viewer, file in ((organiser, added), (company, sent)):
        with pytest.raises(NotFoundError):
            desk.file(viewer, key, file.key)
    # Taken off and attached again is as it was; so is attached and taken off.
    assert desk.attach(company, key, REPORT, [PAPER]) == 1
    desk.remove(company, key, added.key)
    assert missing() == ([False, True], [False, True])
    assert [(one.key, one.pending) for one in case_files(year_round.db, key)] == [(sent.key, "")]
    desk.remove(company, key, sent.key)
    desk.attach(company, key, ACCEPTANCE, [Upload("验收.pdf", b"%PDF-1.7 acceptance")])
    market.applications.save(company, key, _story(), year_round.case(key).stamp, send=True)
    assert missing() == ([True, False], [True, False])
    assert [(one.document, one.pending) for one in case_files(year_round.db, key)] == [(ACCEPTANCE, "")]


def test_a_case_taken_back_before_it_was_sent_keeps_its_documents_to_itself(year_round: Round) -> None:
    company, key = begun(year_round)
    year_round.market.documents.attach(company, key, REPORT, [PAPER])
    (row,) = case_files(year_round.db, key)
    year_round.market.applications.withdraw(company, key, year_round.case(key).stamp)
    with pytest.raises(NotFoundError):
        year_round.market.documents.file(year_round.organiser, key, row.key)


def test_who_reads_a_document(year_round: Round) -> None:
    company, key = begun(year_round)
    desk, others = year_round.market.documents, year_round.company(year_round.landings()[1])
    desk.attach(company, key, REPORT, [PAPER])
    (row,) = case_files(year_round.db, key)
    assert desk.file(company, key, row.key).stream.read() == PAPER.content
    strangers = (others, year_round.admin, Viewer(), year_round.experts[0], year_round.organiser)
    for viewer in strangers:
        with pytest.raises(NotFoundError):
            desk.file(viewer, key, row.key)
    year_round.market.applications.save(company, key, _story(), year_round.case(key).stamp, send=True)
    assert desk.file(year_round.organiser, key, row.key).size == len(PAPER.content)
    year_round.pass_checks(key)
    year_round.seat(key)
    assert desk.file(year_round.experts[0], key, row.key).name == "使用报告.pdf"
    year_round.market.marking.stand_aside(year_round.experts[0], key, "与能力单位有合作")
    for viewer in (others, year_round.experts[0], year_round.experts[4]):
        with pytest.raises(NotFoundError):
            desk.file(viewer, key, row.key)
    assert [line.missing for line in year_round.market.board.case_page(year_round.organiser, key).documents][:2] == [
        False, True,
    ]  # fmt: skip


def test_a_kept_document_is_not_swept_and_its_loss_is_told(year_round: Round) -> None:
    company, key = begun(year_round)
    year_round.market.documents.attach(company, key, REPORT, [PAPER])
    (row,) = case_files(year_round.db, key)
    place = year_round.settings.attachments_dir / row.stored_as
    os.utime(place, (time.time() - 200_000,) * 2)
    look_after_pairings(year_round.db, year_round.settings, clock.today())
    assert place.is_file()
    year_round.market.documents.remove(company, key, row.key)
    look_after_pairings(year_round.db, year_round.settings, clock.today())
    assert not place.exists()
    year_round.market.documents.attach(company, key, REPORT, [PAPER])
    place.unlink()
    assert len(missing_attachments(year_round.settings, case_file_names(year_round.db))) == 1


def test_documents_of_a_frozen_year_stand_still_also_in_sql(year_round: Round) -> None:
    company, key = begun(year_round)
    year_round.market.documents.attach(company, key, REPORT, [PAPER])
    year_round.market.applications.save(company, key, _story(), year_round.case(key).stamp, send=True)
    year_round.pass_checks(key)
    year_round.seat(key)
    year_round.at("2026-10-21")
    year_round.market.board.start_scoring(year_round.organiser, YEAR, year_round.stamp())
    year_round.freeze({key: ["80"] * 3})
    evidence = dict(year_round.market.dossiers.dossier(Viewer(), YEAR, 1).evidence)
    assert evidence["申报材料"] == f"{REPORT}：使用报告.pdf"
    conn = year_round.db.conn
    columns = "(key, year, case_key, document, name, size, digest, stored_as)"
    for sql in (
        "delete from benchmark_file", "update benchmark_file set name = 'x'",
        f"insert into benchmark_file {columns} values (1, {YEAR}, {key}, 'x', 'x', 1, 'x', 'x')",
        f"insert or replace into benchmark_file {columns} select key, {YEAR + 1}, 1, 'x', 'x', 1, 'x', 'x' "
        "from benchmark_file",
    ):  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError, match="frozen"):
            conn.execute(sql)
    assert find_guard_faults(year_round.db) == []
    conn.execute("drop trigger benchmark_file_frozen_delete")
    assert "benchmark_file_frozen_delete" in find_guard_faults(year_round.db)[0]


def _story() -> dict[str, str]:
    texts = dict.fromkeys(("story", "innovation", "replication", "benefit", "safety"), "管网漏点一次找准。")
    return texts | {"declared": "1"}
