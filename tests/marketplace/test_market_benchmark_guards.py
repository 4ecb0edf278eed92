"""Who of a round may look at what and when: exports of marks, objections, notices, the days of the scoring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from benchmark_tools import YEAR, Round
from people import make_person

from marketplace import FaultyError, ForbiddenError, RefusedError
from marketplace.access import AUDITOR
from marketplace.store.accounts import MembershipRow, save_membership
from marketplace.store.benchmark_panel import reviews_of
from marketplace.store.database import transaction


def test_an_auditor_who_scores_exports_no_marks_before_the_result(year_round: Round) -> None:
    keys = year_round.begin_scoring(1)
    scores, expert = year_round.market.scores.scores, year_round.experts[0]
    both = replace(expert, roles=expert.roles | {AUDITOR})
    auditor = make_person(year_round.db, "auditor")
    year_round.rank({keys[0]: ["80"] * 3})
    assert scores(auditor, YEAR, "csv")
    with pytest.raises(ForbiddenError, match="结果公布前"):
        scores(both, YEAR, "csv")
    year_round.publish()
    with pytest.raises(ForbiddenError):
        scores(both, YEAR, "json")
    year_round.at("2026-11-17")
    year_round.market.results.freeze(year_round.organiser, YEAR, year_round.stamp())
    assert scores(both, YEAR, "csv")


def test_what_is_sent_twice_is_appended_once(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.freeze({key: ["80"] * 3})
    book, other = year_round.market.results, make_person(year_round.db, "reviewer")
    for viewer, text in ((year_round.organiser, "单位名称更正"), (year_round.organiser, "单位名称更正 "),
                         (other, "单位名称更正"), (year_round.organiser, "另一处更正")):  # fmt: skip
        book.correct(viewer, YEAR, text)
    for day in ("2026-11-16", "2026-11-16", "2026-11-17"):
        book.note_aftermath(year_round.organiser, YEAR, 1, "revisited", day, "仍在使用。")
    page = book.page(YEAR)
    assert [one.number for one in page.corrections] == [1, 2, 3]
    assert [one.on_day for one in page.aftermath] == ["2026-11-16", "2026-11-17"]
    assert page.sound
    done = year_round.actions()
    assert (done.count("benchmark.corrected"), done.count("benchmark.aftermath")) == (3, 2)


def test_objections_are_to_published_cases_only(year_round: Round) -> None:
    first, second = year_round.begin_scoring(2)
    year_round.rank({first: ["80"] * 3, second: ["50"] * 3})
    year_round.publish()
    assert [line["code"] for line in year_round.market.publicity.page(YEAR).lines] == ["2026-001"]
    with pytest.raises(FaultyError) as told:
        year_round.object("2026-002")
    assert "应为公示名单中的编号，如 2026-001" in told.value.faults[0].sentence
    assert year_round.object("2026-001") == 1


def test_an_application_is_told_to_those_who_may_decide_about_it(year_round: Round) -> None:
    db = year_round.db
    year_round.organisation("评审单位（示例）")
    year_round.set_up()
    year_round.open_call()
    landing = year_round.landings()[0]
    company = year_round.company(landing)
    other = make_person(db, "reviewer")
    make_person(db, "reviewer", districts=["武汉市江夏区"])
    both, member = make_person(db, "expert"), make_person(db, "reviewer")
    with transaction(db):
        save_membership(db, MembershipRow(both.account_key, "reviewer", 0, ()))
        save_membership(db, MembershipRow(member.account_key, "company", next(iter(company.company_of)), ()))
    year_round.market.panel.add(year_round.organiser, YEAR, both.account_key, "评审单位（示例）")
    year_round.apply(landing, company)
    told = {raw["account_key"] for raw in db.query("select account_key from notice where title like '%等待形式审查'")}
    assert told == {year_round.organiser.account_key, other.account_key}


def test_marks_are_taken_within_the_days_of_the_scoring(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    for day in ("2026-10-20", "2026-11-07"):
        year_round.at(day)
        assert not year_round.market.marking.page(year_round.experts[0], key).open
        for send in (True, False):
            with pytest.raises(RefusedError, match="评审期为 2026-10-21 至 2026-11-06") as told:
                year_round.mark(key, 0, "80", send=send)
            assert day in str(told.value)
    for place, day in enumerate(("2026-10-21", "2026-11-06")):
        year_round.at(day)
        year_round.mark(key, place, "80")
    assert len(reviews_of(year_round.db)) == 2


def test_a_late_second_round_and_a_late_expert_go_on_once_the_scoring_is_extended(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    extend = year_round.market.board.extend_scoring
    for place, figure in enumerate(("90", "90", "60")):
        year_round.mark(key, place, figure)
    year_round.at("2026-11-08")
    year_round.market.board.second_round(year_round.organiser, key)
    with pytest.raises(RefusedError, match="请先延长评审期"):
        year_round.market.board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    with pytest.raises(RefusedError, match="评审期为"):
        year_round.mark(key, 0, "80")
    for until, reason in (("2026-11-06", "第二轮"), ("2026-11-07", "第二轮"), ("", "第二轮"), ("2026-11-12", "")):
        with pytest.raises(FaultyError):
            extend(year_round.organiser, YEAR, until, reason, year_round.stamp())
    for viewer in (year_round.experts[0], year_round.admin):
        with pytest.raises(ForbiddenError):
            extend(viewer, YEAR, "2026-11-12", "第二轮", year_round.stamp())
    extend(year_round.organiser, YEAR, "2026-11-12", "第二轮评分", year_round.stamp())
    assert "benchmark.scoring_extended" in year_round.actions()
    year_round.market.panel.release(year_round.organiser, key, year_round.experts[2].account_key, "因病退出")
    year_round.market.panel.add(year_round.organiser, YEAR, year_round.experts[3].account_key, "评审单位（示例）")
    seated = [year_round.experts[place].account_key for place in (0, 1, 3)]
    year_round.market.panel.assign(year_round.organiser, key, seated)
    year_round.at("2026-11-12")
    for place in (0, 1, 3):
        year_round.mark(key, place, "80")
    public = year_round.market.year_book.public(YEAR)
    assert public is not None
    assert (public.sheet.calendar["scoring_until"], public.extended_until) == ("2026-11-06", "2026-11-12")
    year_round.at("2026-11-13")
    year_round.market.board.close_scoring(year_round.organiser, YEAR, year_round.stamp())


def test_the_statements_of_the_panel_do_not_grow_with_the_seats(year_round: Round) -> None:
    keys = year_round.begin_scoring(3)
    page = year_round.market.panel.page

    def statements(look: Callable[[], object]) -> int:
        said: list[str] = []
        conn = year_round.market._keeper.db.conn
        conn.set_trace_callback(said.append)
        look()
        conn.set_trace_callback(None)
        return len(said)

    def panel() -> object:
        return page(year_round.organiser, YEAR)

    few = statements(panel)
    for one in year_round.experts[3:]:
        year_round.market.panel.add(year_round.organiser, YEAR, one.account_key, "评审单位（示例）")
    for key in keys:
        year_round.market.panel.assign(year_round.organiser, key, [one.account_key for one in year_round.experts])
    assert sum(len(case.seats) for case in page(year_round.organiser, YEAR).cases) == 15
    assert statements(panel) == few
    with transaction(year_round.db):
        year_round.db.conn.execute("update benchmark_case set state = 'formal' where key <> ?", [keys[0]])
    assert statements(panel) == few
    assert few < 30
