"""What spoke for a case when its year was frozen: kept word for word, hashed, shown instead of what is there now."""

from __future__ import annotations

import json
import sqlite3

import pytest
from benchmark_tools import YEAR, Round

from marketplace import Viewer
from marketplace.selection.freezing import find_result_faults
from marketplace.store.benchmark_years import missing_guards
from marketplace.store.database import transaction


def change_everything(year_round: Round, key: int) -> None:
    """Rewrite both postings of a case, note other facts, and let its credit check fail."""
    row = year_round.case(key)
    year_round.note(row.landing_id, credit="no", report_text="改写的报告", report_unit="别的单位", source="后来查到")
    with transaction(year_round.db):
        for posting_key in (row.opportunity_key, row.capability_key):
            raw = json.loads(year_round.db.table("posting").get(posting_key)["record"])
            record = json.dumps(raw | {"title": "改写的标题", "publisher": "别的单位", "company": "别的单位"})
            year_round.db.table("posting").update(posting_key, {"record": record, "region": "随州市"})


def test_nothing_of_a_frozen_dossier_follows_what_changes_later(year_round: Round) -> None:
    first, second = year_round.begin_scoring(2)
    year_round.freeze({first: ["80"] * 3, second: ["50"] * 3})
    book, organiser = year_round.market.dossiers, year_round.organiser
    before = [book.dossier(organiser, YEAR, number) for number in (1, 2)]
    for key in (first, second):
        change_everything(year_round, key)
    assert [book.dossier(organiser, YEAR, number) for number in (1, 2)] == before
    assert book.docx(Viewer(), YEAR, 1).name.startswith(f"2026-001 {before[0].title}")
    assert len(before[0].gates) == 5
    assert find_result_faults(year_round.db) == []
    # The record is public, and what spoke against a case that was not chosen is not.
    text = year_round.market.results.page(YEAR).content
    assert not any(gate.fact in text for one in before for gate in one.gates)


def test_kept_evidence_grows_only_and_is_held_against_its_hash(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.freeze({key: ["80"] * 3})
    conn = year_round.db.conn
    for statement in (
        "update benchmark_dossier set content = '{}'", "delete from benchmark_dossier",
        f"insert into benchmark_dossier (year, case_number, content) values ({YEAR}, 9, '{{}}')",
        "insert or replace into benchmark_dossier (rowid, year, case_number, content) values (1, 1999, 1, '{}')",
        "insert or replace into benchmark_dossier select * from benchmark_dossier",
    ):  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError, match=r"frozen|only grows"):
            conn.execute(statement)
    conn.execute("drop trigger benchmark_dossier_never_update")
    assert missing_guards(year_round.db) == ["benchmark_dossier_never_update"]
    conn.execute("update benchmark_dossier set content = replace(content, 'passed', 'failed')")
    assert find_result_faults(year_round.db) == [
        f"{YEAR} 年度标杆结果：第 1 号案例的条件与证明与校验值不符，可能被改动"
    ]
    shown = year_round.market.dossiers.dossier(Viewer(), YEAR, 1)
    assert (shown.gates, dict(shown.evidence)) == ((), {"条件与证明": "与公布时的校验值不符，不予显示"})


def test_a_year_frozen_before_evidence_was_kept_does_not_show_that_of_today(
    year_round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = year_round.begin_scoring(1)
    monkeypatch.setattr("marketplace.selection.freezing.keep_evidence", lambda db, year: None)
    year_round.freeze({key: ["80"] * 3})
    shown = year_round.market.dossiers.dossier(Viewer(), YEAR, 1)
    assert (shown.gates, dict(shown.evidence)) == ((), {"条件与证明": "公布时没有随结果固定"})
    assert find_result_faults(year_round.db) == []
