"""A whole year: applied for, checked, scored blind, published, objected to, frozen, corrected; and who may not."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from benchmark_tools import CODES, PAPER, STORY, YEAR, Round, unchanged
from docx import Document
from people import make_person, own

from marketplace import FaultyError, ForbiddenError, NotFoundError, RefusedError, StaleError, Viewer
from marketplace.benchmarks.canonical import digest_of
from marketplace.selection.freezing import find_guard_faults, find_result_faults
from marketplace.store.benchmark_panel import reviews_of, save_parent
from marketplace.store.database import transaction
from marketplace.store.integrity import find_office_faults
from marketplace.store.pairings import insert_pairing

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "recompute_benchmark.py"


def test_a_year_goes_from_the_call_to_the_frozen_list(year_round: Round, tmp_path: Path) -> None:
    first, second, third = year_round.begin_scoring(3, 5)
    year_round.rank({first: ["70", "80", "81", "82", "90"], second: ["60"] * 5, third: ["50"] * 5})
    page = year_round.market.board.page(year_round.organiser, YEAR)
    assert [(one.rank, one.line.key, str(one.total), one.outcome) for one in page.cases] == [
        (1, first, "81.00", "入选"), (2, second, "60.00", "入选"), (3, third, "50.00", "未达分数线"),
    ]  # fmt: skip
    year_round.publish()
    notice = year_round.market.publicity.page(YEAR)
    assert (notice.starts_on, notice.ends_on, notice.open) == ("2026-11-09", "2026-11-16", True)
    assert [one["total"] for one in notice.lines] == ["81.00", "60.00"]
    number = year_round.object()
    year_round.market.publicity.answer(year_round.organiser, YEAR, number, "rejected", "经核对，数据一致。")
    year_round.at("2026-11-17")
    digest = year_round.market.results.freeze(year_round.organiser, YEAR, year_round.stamp())
    frozen = year_round.market.results.page(YEAR)
    assert frozen.sound
    assert frozen.digest == digest == digest_of(frozen.content)
    assert [(one["rank"], one["outcome"]) for one in frozen.record["result"]] == [
        (1, "selected"), (2, "selected"), (3, "below"),
    ]  # fmt: skip
    assert "欧阳" not in frozen.content
    assert "13800001111" not in frozen.content
    assert find_result_faults(year_round.db) == []
    assert find_office_faults(year_round.db) == []
    path = tmp_path / "year.json"
    path.write_bytes(year_round.market.scores.record(YEAR).stream.read())
    done = subprocess.run([sys.executable, str(SCRIPT), str(path)], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0
    assert "identical: 3 cases" in done.stdout


def test_a_frozen_year_stands_still_also_in_sql(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.freeze({key: ["80", "80", "80"]})
    for statement in (
        "update benchmark_result set content = '{}'", "delete from benchmark_result",
        "update benchmark_review set scores = '{}'", "delete from benchmark_review",
        "update benchmark_case set round = 2", "delete from benchmark_case", "update benchmark_year set state = 'open'",
        "update benchmark_notice set ends_on = '2030-01-01'", "delete from benchmark_assignment",
        "update benchmark_expert set number = 9", "delete from benchmark_case_event",
        f"insert into benchmark_review (case_key, account_key, round, year, state, scores, stamp) "
        f"values ({key}, 1, 1, {YEAR}, 'sent', '{{}}', 1)",
    ):  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError, match=r"frozen|only grows|locked"):
            year_round.db.conn.execute(statement)


def test_corrections_are_appended_in_a_chain(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.freeze({key: ["80", "80", "80"]})
    before = year_round.market.results.page(YEAR).content
    for text in ("需求单位名称更正。", "城市更正。"):
        year_round.market.results.correct(year_round.organiser, YEAR, text)
    page = year_round.market.results.page(YEAR)
    assert page.content == before
    assert page.sound
    assert [one.text for one in page.corrections] == ["需求单位名称更正。", "城市更正。"]
    assert page.corrections[1].previous == page.corrections[0].digest
    with pytest.raises(sqlite3.IntegrityError, match="only grows"):
        year_round.db.conn.execute("update benchmark_correction set text = '别的'")
    with pytest.raises(FaultyError):
        year_round.market.results.correct(year_round.organiser, YEAR, "请联系王建国 13800001111")


def test_what_was_edited_past_the_triggers_is_found(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.freeze({key: ["80", "80", "80"]})
    year_round.market.results.correct(year_round.organiser, YEAR, "名称更正。")
    conn = year_round.db.conn
    for trigger in [name for (name,) in conn.execute("select name from sqlite_master where type = 'trigger'")]:
        conn.execute(f"drop trigger {trigger}")
    conn.execute("update benchmark_correction set text = '别的'")
    assert any("更正与其校验值不符" in fault for fault in find_result_faults(year_round.db))
    conn.execute("update benchmark_correction set text = '名称更正。'")
    assert find_result_faults(year_round.db) == []
    conn.execute("update benchmark_review set scores = replace(scores, '80', '90')")
    assert any("与公布时不一致" in fault for fault in find_result_faults(year_round.db))
    conn.execute("update benchmark_result set content = replace(content, '80.00', '90.00')")
    assert not year_round.market.results.page(YEAR).sound
    faults: list[str] = []
    year_round.shop.work.say = faults.append
    assert year_round.shop.work.check() == 1
    assert any(f"{YEAR} 年度标杆结果：内容与校验值不符" in fault for fault in faults)
    conn.execute("delete from benchmark_result")
    assert any("结果不在库中" in fault for fault in find_result_faults(year_round.db))


def test_what_is_frozen_is_not_replaced_by_an_insert(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.freeze({key: ["80", "80", "80"]})
    year_round.market.results.correct(year_round.organiser, YEAR, "名称更正。")
    plain = sqlite3.connect(year_round.shop.settings.database)
    for table in ("benchmark_result", "benchmark_correction", "benchmark_year"):
        with pytest.raises(sqlite3.IntegrityError, match=r"frozen|only grows|locked"):
            plain.execute(f"insert or replace into {table} select * from {table} where year = {YEAR}")
    plain.execute("insert into benchmark_expert (year, account_key, number, organisation_key) values (1999, 7, 1, 0)")
    with pytest.raises(sqlite3.IntegrityError, match="frozen"):
        plain.execute(f"update benchmark_expert set year = {YEAR} where year = 1999")
    plain.close()


def test_experts_see_nothing_of_one_another(year_round: Round) -> None:
    key, other = year_round.begin_scoring(2)
    year_round.mark(key, 0, "91.25", send=False)
    seen = year_round.market.marking.page(year_round.experts[1], key)
    assert (dict(seen.values), seen.comment, seen.stamp) == ({}, "", 0)
    year_round.mark(key, 1, "60")
    own_page = year_round.market.marking.page(year_round.experts[0], key)
    assert set(own_page.values.values()) == {"91.25"}
    # Who is not on the case, by a typed address.
    year_round.market.panel.add(year_round.organiser, YEAR, year_round.experts[3].account_key, "评审单位（示例）")
    for viewer in (year_round.experts[3], year_round.experts[4]):
        with pytest.raises(NotFoundError):
            year_round.market.marking.page(viewer, key)
        with pytest.raises(NotFoundError):
            year_round.market.marking.save(viewer, key, {}, "", 0)
    board = year_round.market.board.page(year_round.organiser, YEAR)
    assert {one.total for one in board.cases} == {None}
    with pytest.raises(RefusedError):
        year_round.market.scores.scores(year_round.organiser, YEAR, "json")
    with pytest.raises(ForbiddenError):
        year_round.market.board.page(year_round.experts[0], YEAR)
    assert other


def test_a_sheet_that_was_handed_in_stays(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.mark(key, 0, "80")
    with unchanged(year_round.db, "benchmark_review"), pytest.raises(RefusedError, match="已经提交"):
        year_round.market.marking.save(year_round.experts[0], key, {"effect": "90"}, "", 1)


def test_two_windows_of_one_expert_do_not_overwrite_one_another(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.mark(key, 0, "80", send=False)
    with pytest.raises(StaleError):
        year_round.market.marking.save(year_round.experts[0], key, {"effect": "90"}, "", 0)


@pytest.mark.parametrize("mark", ["101", "-1", "80.005", "八十", "1e1", "", "100.01", "NaN", "80.5.5"])
def test_marks_that_are_none_are_named(year_round: Round, mark: str) -> None:
    (key,) = year_round.begin_scoring(1)
    with pytest.raises(FaultyError) as caught:
        year_round.mark(key, 0, dict.fromkeys(CODES, "80") | {"effect": mark})
    assert [one.field for one in caught.value.faults] == ["effect"]


def test_an_expert_who_stands_aside_is_shut_out_and_leaves_no_sheet(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    expert = year_round.experts[0]
    year_round.mark(key, 0, "80", send=False)
    with pytest.raises(FaultyError):
        year_round.market.marking.stand_aside(expert, key, "")
    year_round.market.marking.stand_aside(expert, key, "与能力单位有合作课题")
    for act in (
        lambda: year_round.market.marking.page(expert, key),
        lambda: year_round.market.marking.save(expert, key, {"effect": "80"}, "", 1),
    ):
        with pytest.raises(ForbiddenError, match="回避"):
            act()
    assert list(year_round.db.table("benchmark_review").rows) == []
    (task,) = year_round.market.marking.tasks(expert)
    assert (task.state, task.title, task.why) == ("recused", "", "专家声明")
    with pytest.raises(RefusedError, match="应回避"):
        year_round.market.panel.assign(year_round.organiser, key, [expert.account_key])


@pytest.mark.parametrize("ground", ["same_organisation", "membership", "same_group", "was_matchmaker", "recommending"])
def test_interests_on_record_keep_an_expert_out(year_round: Round, ground: str) -> None:
    (key,) = year_round.begin_scoring(1)
    case, expert = year_round.case(key), year_round.experts[4]
    company = year_round.db.table("posting").get(case.capability_key)["organisation_key"]
    name = year_round.db.table("organisation").get(company)["name"]
    place = name if ground == "same_organisation" else "评审单位（示例）"
    year_round.market.panel.add(year_round.organiser, YEAR, expert.account_key, place)
    with transaction(year_round.db):
        if ground == "membership":
            year_round.db.table("membership").insert(
                {"account_key": expert.account_key, "role": "company", "organisation_key": company, "districts": "[]"}
            )
        if ground == "recommending":
            # The department that recommends a case is neither of its sides.
            own = "(select key from organisation where name = ?)"
            sql = f"update benchmark_case set organisation_key = {own} where key = ?"
            year_round.db.conn.execute(sql, [place, key])
        if ground == "was_matchmaker":
            insert_pairing(
                year_round.db, case.opportunity_key, case.capability_key,
                {"stage": "failed", "origin": "hand", "matchmaker_key": expert.account_key},
            )  # fmt: skip
    if ground == "same_group":
        year_round.organisation("某集团（示例）", "enterprise")
        for one in (name, "评审单位（示例）"):
            year_round.market.panel.tie(year_round.organiser, YEAR, one, "某集团（示例）")
        with pytest.raises(RefusedError, match="循环隶属"):
            year_round.market.panel.tie(year_round.organiser, YEAR, "某集团（示例）", name)
    seats = year_round.market.panel.page(year_round.organiser, YEAR).cases[0].seats
    assert next(one.state for one in seats if one.account_key == expert.account_key) == "barred"
    with pytest.raises(RefusedError, match="应回避"):
        year_round.market.panel.assign(year_round.organiser, key, [expert.account_key])


def test_an_interest_that_comes_up_later_shuts_the_case_at_once(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    company = year_round.db.table("posting").get(year_round.case(key).capability_key)["organisation_key"]
    place = year_round.organisation("评审单位（示例）")
    with transaction(year_round.db):
        save_parent(year_round.db, place, company, "", 0)
    with pytest.raises(ForbiddenError, match="回避"):
        year_round.market.marking.page(year_round.experts[0], key)


def test_who_organises_is_no_expert_and_belongs_to_no_side(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    both = replace(year_round.experts[0], roles=frozenset({"expert", "reviewer"}))
    with pytest.raises(ForbiddenError, match="不能同时组织"):
        year_round.market.board.page(both, YEAR)
    far = make_person(year_round.db, "reviewer", districts=("随州市",))
    for viewer in (far, year_round.admin, Viewer()):
        with pytest.raises(ForbiddenError):
            year_round.market.board.page(viewer, YEAR)
    company = year_round.db.table("posting").get(year_round.case(key).capability_key)["organisation_key"]
    partial = replace(year_round.organiser, company_of=frozenset({company}))
    with pytest.raises(ForbiddenError, match="所在的单位"):
        year_round.market.checks.decide(partial, key, "pass", "", 1)


def test_sheets_far_apart_ask_for_a_second_round(year_round: Round) -> None:
    key, other = year_round.begin_scoring(2)
    for expert, figure in enumerate(("60", "75", "90")):
        year_round.mark(key, expert, figure)
        year_round.mark(other, expert, "80")
    board = year_round.market.board
    assert [one.wide for one in board.page(year_round.organiser, YEAR).cases] == [True, False]
    with pytest.raises(RefusedError, match="需第二轮评分"):
        board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    with pytest.raises(RefusedError, match="不需要第二轮"):
        board.second_round(year_round.organiser, other)
    board.second_round(year_round.organiser, key)
    assert set(year_round.market.marking.page(year_round.experts[0], key).earlier.values()) == {"60"}
    with pytest.raises(RefusedError, match="第 2 轮还有 3 位"):
        board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    for expert in range(3):
        year_round.mark(key, expert, "70")
    board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    totals = {one.line.key: str(one.total) for one in board.page(year_round.organiser, YEAR).cases}
    assert totals == {key: "70.00", other: "80.00"}
    marks = json.loads(year_round.market.scores.scores(year_round.organiser, YEAR, "json").stream.read())["marks"]
    assert {(one["case"], one["round"]) for one in marks} == {(1, 1), (1, 2), (2, 1)}


def test_the_scoring_begins_when_all_is_checked_and_seated(year_round: Round) -> None:
    year_round.organisation("评审单位（示例）")
    year_round.set_up()
    year_round.open_call()
    first, second = (year_round.apply(one) for one in year_round.landings()[:2])
    year_round.pass_checks(first)
    told = year_round.market.board.page(year_round.organiser, YEAR).hindrances
    assert len(told) == 3
    year_round.at("2026-10-21")
    with pytest.raises(RefusedError, match="1 项申报没有审查完"):
        year_round.market.board.start_scoring(year_round.organiser, YEAR, year_round.stamp())
    stamp = year_round.case(second).stamp
    year_round.market.checks.decide(year_round.organiser, second, "fail", "不属于场景创新", stamp)
    with pytest.raises(RefusedError, match="专家少于 3 位"):
        year_round.market.board.start_scoring(year_round.organiser, YEAR, year_round.stamp())
    year_round.seat(first)
    year_round.market.board.start_scoring(year_round.organiser, YEAR, year_round.stamp())


def test_applications_keep_to_days_sides_and_quotas(year_round: Round) -> None:
    landing, other = year_round.landings()[:2]
    year_round.set_up(self_quota="1")
    with pytest.raises(NotFoundError):
        year_round.apply(landing)
    year_round.open_call()
    company = year_round.company(landing)
    year_round.at("2026-08-31")
    with pytest.raises(RefusedError, match="申报期为"):
        year_round.apply(landing, company)
    year_round.at("2026-09-30")
    key = year_round.apply(landing, company)
    # Somebody else's pair, the same pair again, and a second one past the quota.
    with pytest.raises(NotFoundError):
        year_round.apply(other, company)
    assert year_round.apply(landing, company, send=False) == key
    with pytest.raises(RefusedError, match="已有别的单位申报"):
        year_round.apply(landing, year_round.agency(landing), send=False)
    with transaction(year_round.db):
        year_round.db.table("posting").update(year_round.keys(other)[1], {"organisation_key": min(company.company_of)})
    with pytest.raises(RefusedError, match="名额为 1 项"):
        year_round.apply(other, company)
    year_round.market.applications.withdraw(company, key, year_round.case(key).stamp)
    year_round.at("2026-10-01")
    with pytest.raises(RefusedError, match="不在其中"):
        year_round.apply(other, company)


def test_departments_recommend_within_their_quota(year_round: Round) -> None:
    first, second = year_round.landings()[:2]
    year_round.set_up(recommend_quota="1")
    year_round.open_call()
    clerk = year_round.agency(first)
    with transaction(year_round.db):
        year_round.db.table("posting").update(year_round.keys(second)[0], {"organisation_key": min(clerk.publisher_of)})
    key = year_round.apply(first, clerk, "recommended")
    assert year_round.case(key).way == "recommended"
    with pytest.raises(RefusedError, match="部门推荐名额为 1 项"):
        year_round.apply(second, clerk, "recommended")
    owner = own(year_round.db, year_round.keys(second)[1], "某公司（示例）", "enterprise")
    firm = make_person(year_round.db, "company", organisation=owner)
    with pytest.raises(RefusedError, match="自荐"):
        year_round.apply(second, firm, "recommended", send=False)


def test_an_application_names_what_is_missing(year_round: Round) -> None:
    landing = year_round.landings()[0]
    year_round.set_up()
    year_round.open_call()
    company = year_round.company(landing)
    key = year_round.apply(landing, company, send=False)
    with pytest.raises(FaultyError) as caught:
        year_round.market.applications.save(company, key, {"story": "x" * 1600}, 1, send=True)
    assert {one.field for one in caught.value.faults} == {*STORY}
    year_round.market.applications.save(company, key, {"story": "先写一点"}, 1)
    assert year_round.market.applications.page(company, key).values["story"] == "先写一点"
    for stranger in (year_round.company(year_round.landings()[1]), year_round.organiser):
        with pytest.raises(NotFoundError):
            year_round.market.applications.page(stranger, key)


def test_what_was_sent_back_is_mended_and_sent_again(year_round: Round) -> None:
    landing = year_round.landings()[0]
    year_round.set_up()
    year_round.open_call()
    company = year_round.company(landing)
    key = year_round.apply(landing, company)
    with pytest.raises(FaultyError):
        year_round.market.checks.decide(year_round.organiser, key, "return", "", year_round.case(key).stamp)
    year_round.market.checks.decide(year_round.organiser, key, "return", "缺成效数据", year_round.case(key).stamp)
    year_round.at("2026-10-05")
    year_round.market.applications.save(company, key, STORY, year_round.case(key).stamp, send=True)
    assert (year_round.case(key).state, year_round.case(key).number) == ("sent", 1)
    told = [one.title for one in year_round.market.notices.inbox(company).notices]
    assert any("退回补正" in title for title in told)
    with pytest.raises(StaleError):
        year_round.market.checks.decide(year_round.organiser, key, "pass", "", 1)


def test_what_was_not_sent_is_its_organisation_s_alone(year_round: Round) -> None:
    market, organiser, landing = year_round.market, year_round.organiser, year_round.landings()[0]
    year_round.set_up()
    year_round.open_call()
    company = year_round.company(landing)
    key = year_round.apply(landing, company, send=False)
    market.applications.save(company, key, {"story": "还没写完"}, year_round.case(key).stamp)

    def shut() -> None:
        with pytest.raises(NotFoundError):
            market.board.case_page(organiser, key)
        for decision in ("pass", "return", "fail"):
            with pytest.raises(NotFoundError):
                market.checks.decide(organiser, key, decision, "看过", year_round.case(key).stamp)
        with pytest.raises(NotFoundError):
            market.panel.assign(organiser, key, [])
        with pytest.raises(NotFoundError):
            market.board.second_round(organiser, key)
        assert market.board.page(organiser, YEAR).cases == ()
        assert [one.cases for one in market.board.years(organiser) if one.year == YEAR] == [0]

    shut()
    # Taken back before it was ever sent, it was never theirs to read.
    market.applications.withdraw(company, key, year_round.case(key).stamp)
    shut()


def test_what_is_written_anew_after_a_return_shows_once_it_is_sent(year_round: Round) -> None:
    market, organiser, landing = year_round.market, year_round.organiser, year_round.landings()[0]
    year_round.set_up()
    year_round.open_call()
    company = year_round.company(landing)
    key = year_round.apply(landing, company)
    market.checks.decide(organiser, key, "return", "缺成效数据", year_round.case(key).stamp)
    market.applications.save(company, key, STORY | {"story": "改到一半"}, year_round.case(key).stamp)
    assert market.applications.page(company, key).values["story"] == "改到一半"
    assert market.board.case_page(organiser, key).record["story"] == STORY["story"]
    market.applications.save(company, key, STORY | {"story": "改好了"}, year_round.case(key).stamp, send=True)
    assert market.board.case_page(organiser, key).record["story"] == "改好了"
    assert year_round.case(key).draft == {}


def test_objections_are_named_sealed_and_answered(year_round: Round) -> None:
    first, second = year_round.begin_scoring(2)
    year_round.rank({first: ["80"] * 3, second: ["70"] * 3})
    with pytest.raises(NotFoundError):
        year_round.object()
    year_round.publish()
    for changes, field in (
        ({"name": ""}, "name"), ({"contact": " "}, "contact"), ({"uploads": ()}, "files"), ({"text": ""}, "text"),
        ({"code": "2026-099"}, "case"), ({"text": "请找王建国 13800001111"}, "text"),
    ):  # fmt: skip
        with pytest.raises(FaultyError) as caught:
            year_round.object(**changes)
        assert [one.field for one in caught.value.faults] == [field]
    assert year_round.object() == 1
    (raw,) = year_round.db.table("benchmark_objection").rows
    assert "欧阳" not in json.dumps(dict(raw), ensure_ascii=False)
    (shown,) = year_round.market.publicity.page(YEAR).objections
    assert (shown.name, shown.contact, shown.text, shown.state_label) == ("", "", "", "已受理")
    (told,) = year_round.market.publicity.objections(year_round.organiser, YEAR)
    assert (told.name, told.contact, told.file_name) == ("欧阳示例", "13800001111", "证据.pdf")
    assert year_round.market.publicity.evidence(year_round.organiser, YEAR, 1)[2] == PAPER.content
    for viewer in (year_round.experts[0], year_round.admin, Viewer()):
        with pytest.raises(ForbiddenError):
            year_round.market.publicity.objections(viewer, YEAR)
    year_round.at("2026-11-17")
    with pytest.raises(RefusedError, match="1 件异议没有答复"):
        year_round.market.results.freeze(year_round.organiser, YEAR, year_round.stamp())
    with pytest.raises(RefusedError, match="异议期"):
        year_round.object()
    company = year_round.db.table("posting").get(year_round.case(first).capability_key)["organisation_key"]
    partial = replace(year_round.organiser, company_of=frozenset({company}))
    with pytest.raises(ForbiddenError, match="所在的单位"):
        year_round.market.publicity.answer(partial, YEAR, 1, "rejected", "没有问题。")
    year_round.market.publicity.answer(year_round.organiser, YEAR, 1, "upheld", "数据确有出入，取消资格。")
    with pytest.raises(RefusedError, match="已经答复"):
        year_round.market.publicity.answer(year_round.organiser, YEAR, 1, "rejected", "再答一次")
    year_round.market.results.freeze(year_round.organiser, YEAR, year_round.stamp())
    result = year_round.market.results.page(YEAR).record["result"]
    assert [(one["case"], one["outcome"]) for one in result] == [(2, "selected"), (1, "removed")]


def test_a_publication_lasts_five_working_days(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.rank({key: ["80"] * 3})
    year_round.at("2026-11-12")
    publish = year_round.market.publicity.publish
    with pytest.raises(FaultyError, match="3 个工作日"):
        publish(year_round.organiser, YEAR, "", year_round.stamp())
    publish(year_round.organiser, YEAR, "2026-11-18", year_round.stamp())
    year_round.at("2026-11-18")
    with pytest.raises(RefusedError, match="才结束"):
        year_round.market.results.freeze(year_round.organiser, YEAR, year_round.stamp())


def test_a_benchmark_may_not_be_chosen_again_the_next_year(year_round: Round) -> None:
    keys = year_round.begin_scoring(4)
    landings = [year_round.case(key).landing_id for key in keys]
    landing = next(one for one in landings if year_round.accepted(one) >= "2026")
    year_round.freeze({key: ["80"] * 3 for key in keys})
    gates = {one["name"]: one for one in year_round.flag(landing, YEAR + 1)["content"]["gates"]}
    assert (gates["not_repeated"]["result"], gates["not_repeated"]["source"]) == ("failed", "本站公布的历届结果")


def test_what_became_of_a_benchmark_is_appended(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.freeze({key: ["80"] * 3})
    note = year_round.market.results.note_aftermath
    note(year_round.organiser, YEAR, 1, "revisited", "2026-11-16", "仍在使用，扩到三个片区。")
    for case, kind, day in ((2, "revisited", "2026-11-16"), (1, "praised", "2026-11-16"), (1, "revisited", "")):
        with pytest.raises(FaultyError):
            note(year_round.organiser, YEAR, case, kind, day, "情况")
    (told,) = year_round.market.results.page(YEAR).aftermath
    assert (told.kind, told.on_day) == ("revisited", "2026-11-16")


def test_marks_stand_in_no_log(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.mark(key, 0, "87.13")
    assert "87.13" not in json.dumps(list(year_round.db.table("audit").rows), ensure_ascii=False)
    assert "benchmark.sheet_sent" in year_round.actions()


def test_a_dossier_is_public_once_its_case_is_chosen_and_frozen(year_round: Round) -> None:
    first, second = year_round.begin_scoring(2)
    book, visitor = year_round.market.dossiers, Viewer()
    with pytest.raises(NotFoundError):
        book.dossier(visitor, YEAR, 1)
    assert book.dossier(year_round.organiser, YEAR, 1).total == ""
    year_round.freeze({first: ["80"] * 3, second: ["50"] * 3})
    shown = book.dossier(visitor, YEAR, 1)
    assert (shown.total, shown.rank, shown.outcome) == ("80.00", "第 1 名", "selected")
    assert dict(shown.texts)["案例概述"] == STORY["story"]
    assert shown.effects
    assert len(shown.gates) == 5
    assert shown.digest == year_round.market.results.page(YEAR).digest
    with pytest.raises(NotFoundError):
        book.dossier(visitor, YEAR, 2)
    assert book.dossier(year_round.organiser, YEAR, 2).outcome == "below"
    file = book.docx(visitor, YEAR, 1)
    text = "\n".join(paragraph.text for paragraph in Document(file.stream).paragraphs)
    assert STORY["story"] in text
    assert "80.00" in text


def test_a_frozen_dossier_shows_what_was_frozen_and_nobody_s_number(year_round: Round) -> None:
    first, second = year_round.begin_scoring(2)
    landing = year_round.db.conn.execute(
        "select landing_id from benchmark_case where year = ? and number = 1", [YEAR]
    ).fetchone()[0]

    def note(measured: float) -> None:
        raw = json.loads(year_round.db.table("landing").get(landing)["record"])
        for effect in raw["effects"]:
            effect |= {"measured": measured, "method": "问张三 13800001111"}
        with transaction(year_round.db):
            year_round.db.table("landing").update(landing, {"record": json.dumps(raw, ensure_ascii=False)})

    note(61)
    year_round.freeze({first: ["80"] * 3, second: ["70"] * 3})
    page = year_round.market.results.page(YEAR)
    assert "13800001111" not in json.dumps(page.record, ensure_ascii=False)
    before = year_round.market.dossiers.dossier(Viewer(), YEAR, 1)
    assert before.effects
    note(99.9)
    assert year_round.market.dossiers.dossier(Viewer(), YEAR, 1).effects == before.effects


def test_years_side_by_side_add_up_what_can_be_added(year_round: Round) -> None:
    keys = year_round.begin_scoring(4)
    assert year_round.market.dossiers.history() == ()
    year_round.freeze({key: ["80"] * 3 for key in keys})
    year_round.market.results.note_aftermath(year_round.organiser, YEAR, 1, "stripped", "2026-11-16", "停用半年。")
    (summary,) = year_round.market.dossiers.history()
    cases = year_round.market.results.page(YEAR).record["cases"]
    assert (summary.cases, summary.selected, summary.sound) == (4, len(summary.winners), True)
    assert summary.effects == sum(len(one["effects"]) for one in cases)
    assert summary.contract_wan == sum(one["contract_wan"] or 0 for one in cases)
    assert sum(number for _, number in summary.domains) == summary.selected
    assert [later for *_, later in summary.winners].count("摘牌") == 1


def tie_to_company(year_round: Round, key: int) -> None:
    """Note that the experts' organisation belongs to the company of a case."""
    company = year_round.db.table("posting").get(year_round.case(key).capability_key)["organisation_key"]
    name = year_round.db.table("organisation").get(company)["name"]
    year_round.market.panel.tie(year_round.organiser, YEAR, "评审单位（示例）", name)


def seats(year_round: Round, key: int) -> dict[int, tuple[str, str]]:
    """State and ground of every seat at a case, by account."""
    rows = year_round.db.query("select account_key, state, ground from benchmark_assignment where case_key = ?", [key])
    return {raw["account_key"]: (raw["state"], raw["ground"]) for raw in rows}


def reseat(year_round: Round, key: int, people: list[Viewer]) -> None:
    """Put these experts on the panel from elsewhere and on a case, beside whom it has."""
    year_round.organisation("另一评审单位（示例）")
    for one in people:
        year_round.market.panel.add(year_round.organiser, YEAR, one.account_key, "另一评审单位（示例）")
    held = [account for account, (state, _) in seats(year_round, key).items() if state == "assigned"]
    year_round.market.panel.assign(year_round.organiser, key, [*held, *(one.account_key for one in people)])


def test_an_interest_noted_after_the_first_sheets_is_stored_and_the_round_goes_on(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.mark(key, 0, "80", send=False)
    year_round.mark(key, 1, "99")
    tie_to_company(year_round, key)
    assert set(seats(year_round, key).values()) == {("recused", "same_group")}
    assert reviews_of(year_round.db) == []
    assert "benchmark.interest_found" in year_round.actions()
    people = [make_person(year_round.db, "expert") for _ in range(3)]
    reseat(year_round, key, people)
    year_round.experts = people
    year_round.rank({key: ["70"] * 3})
    (case,) = year_round.market.board.page(year_round.organiser, YEAR).cases
    assert (str(case.total), case.seats, case.sheets) == ("70.00", 3, 3)


def test_an_interest_found_when_the_scoring_ends_takes_its_sheet_out(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    company = year_round.db.table("posting").get(year_round.case(key).capability_key)["organisation_key"]
    for expert, figure in enumerate(("70", "70", "95")):
        year_round.mark(key, expert, figure)
    barred = year_round.experts[2].account_key
    with transaction(year_round.db):
        year_round.db.table("membership").insert(
            {"account_key": barred, "role": "company", "organisation_key": company, "districts": "[]"}
        )
    with pytest.raises(RefusedError, match="只有 2 位专家"):
        year_round.market.board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    assert seats(year_round, key)[barred] == ("recused", "same_organisation")
    assert barred not in {one.account_key for one in reviews_of(year_round.db)}
    reseat(year_round, key, [year_round.experts[3]])
    year_round.mark(key, 3, "70")
    year_round.market.board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    assert str(year_round.market.board.page(year_round.organiser, YEAR).cases[0].total) == "70.00"


def test_whom_the_records_keep_out_may_still_stand_aside(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    company = year_round.db.table("posting").get(year_round.case(key).capability_key)["organisation_key"]
    place = year_round.organisation("评审单位（示例）")
    with transaction(year_round.db):
        save_parent(year_round.db, place, company, "", 0)
    year_round.market.marking.stand_aside(year_round.experts[0], key, "与能力单位同属一个集团")
    assert seats(year_round, key)[year_round.experts[0].account_key] == ("recused", "declared")
    with pytest.raises(ForbiddenError):
        year_round.market.marking.stand_aside(year_round.experts[0], key, "再声明一次")


def test_an_expert_who_drops_out_is_released_and_replaced(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    gone, stays = year_round.experts[0].account_key, year_round.experts[1].account_key
    year_round.mark(key, 0, "10", send=False)
    for place in (1, 2):
        year_round.mark(key, place, "80")
    release = year_round.market.panel.release
    with pytest.raises(FaultyError):
        release(year_round.organiser, key, gone, "")
    for viewer in (year_round.experts[1], year_round.admin, Viewer()):
        with pytest.raises(ForbiddenError):
            release(viewer, key, gone, "因病退出")
    with pytest.raises(RefusedError, match="已提交本轮评分"):
        release(year_round.organiser, key, stays, "分数不合意")
    release(year_round.organiser, key, gone, "因病退出")
    assert seats(year_round, key)[gone] == ("recused", "released")
    with pytest.raises(NotFoundError):
        release(year_round.organiser, key, gone, "因病退出")
    with pytest.raises(RefusedError, match="只有 2 位专家"):
        year_round.market.board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    reseat(year_round, key, [year_round.experts[3]])
    year_round.mark(key, 3, "80")
    year_round.market.board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    assert "benchmark.released" in year_round.actions()


@pytest.mark.parametrize("side", ["opportunity", "capability", "applicant"])
def test_no_organiser_decides_about_the_own_organisation(year_round: Round, side: str) -> None:
    (key,) = year_round.begin_scoring(1)
    case, apart = year_round.case(key), year_round.organisation("推荐部门（示例）", "government")
    if side == "applicant":
        # Who put the case in is neither of its sides.
        with transaction(year_round.db):
            year_round.db.table("benchmark_case").update(key, {"organisation_key": apart})
        mine = apart
    else:
        posting = year_round.db.table("posting").get(getattr(case, f"{side}_key"))
        mine = posting["organisation_key"]
    own_one = replace(year_round.organiser, publisher_of=frozenset({mine}))
    market, seated = year_round.market, [one.account_key for one in year_round.experts[:3]]
    for act in (
        lambda: market.panel.assign(own_one, key, seated),
        lambda: market.panel.release(own_one, key, seated[0], "因病退出"),
        lambda: market.board.second_round(own_one, key),
        lambda: market.checks.decide(own_one, key, "pass", "", 1),
    ):
        with pytest.raises(ForbiddenError, match="所在的单位"):
            act()
    year_round.rank({key: ["80"] * 3})
    year_round.publish()
    number = year_round.object()
    with pytest.raises(ForbiddenError, match="所在的单位"):
        market.publicity.answer(own_one, YEAR, number, "rejected", "没有问题。")


def test_an_expert_of_the_recommending_department_is_recused(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    with transaction(year_round.db):
        place = year_round.db.conn.execute("select key from organisation where name = '评审单位（示例）'").fetchone()[0]
        year_round.db.table("benchmark_case").update(key, {"organisation_key": place, "way": "recommended"})
    with pytest.raises(ForbiddenError, match="回避"):
        year_round.market.marking.page(year_round.experts[0], key)
    with pytest.raises(RefusedError, match="只有 0 位专家"):
        year_round.market.board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    assert set(seats(year_round, key).values()) == {("recused", "same_organisation")}


def test_a_form_of_the_first_round_does_not_count_as_the_second(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    for expert, figure in enumerate(("60", "75", "90")):
        year_round.mark(key, expert, figure)
    year_round.market.board.second_round(year_round.organiser, key)
    # A window opened before the first sheet was kept: its stamp is that of an untouched sheet.
    values = dict.fromkeys(CODES, "60")
    with unchanged(year_round.db, "benchmark_review"), pytest.raises(StaleError, match="第 2 轮"):
        year_round.market.marking.save(year_round.experts[0], key, values, "材料翔实", 0, send=True)
    year_round.mark(key, 0, "72")


def test_no_row_of_another_year_throws_out_one_that_is_frozen(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.rank({key: ["80"] * 3})
    year_round.publish()
    year_round.market.publicity.answer(year_round.organiser, YEAR, year_round.object(), "rejected", "数据一致。")
    year_round.at("2026-11-17")
    year_round.market.results.freeze(year_round.organiser, YEAR, year_round.stamp())
    year_round.market.results.correct(year_round.organiser, YEAR, "名称更正。")
    plain = sqlite3.connect(year_round.shop.settings.database)
    tables = ("benchmark_case", "benchmark_case_event", "benchmark_objection", "benchmark_expert",
              "benchmark_assignment", "benchmark_review", "benchmark_correction")  # fmt: skip
    for table in tables:
        before = plain.execute(f"select * from {table}").fetchall()
        assert before, table
        names = [raw[1] for raw in plain.execute(f"pragma table_info({table})")]
        other = ", ".join("1999" if name == "year" else name for name in names)
        with pytest.raises(sqlite3.IntegrityError, match="frozen"):
            # The row number is taken too: it is a key of its own where a table has no single one.
            plain.execute(
                f"insert or replace into {table} (rowid, {', '.join(names)}) select rowid, {other} from {table}"
            )
        assert plain.execute(f"select * from {table}").fetchall() == before
    plain.close()
    assert find_guard_faults(year_round.db) == []
    assert find_result_faults(year_round.db) == []
    assert year_round.shop.work.check() == 0
    year_round.db.conn.execute("drop trigger benchmark_review_frozen_update")
    assert "benchmark_review_frozen_update" in find_guard_faults(year_round.db)[0]
    assert year_round.shop.work.check() == 1


def test_a_year_that_cannot_be_read_or_was_replaced_whole_is_told_in_a_sentence(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    digest = year_round.freeze({key: ["80"] * 3})
    conn = year_round.db.conn
    for (trigger,) in conn.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        conn.execute(f"drop trigger {trigger}")
    content = year_round.market.results.page(YEAR).content
    whole = json.loads(content)

    def faults(record: object) -> list[str]:
        text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for statement, value in (("content", text), ("digest", digest_of(text))):
            conn.execute(f"update benchmark_result set {statement} = ?", [value])
        return find_result_faults(year_round.db)

    assert faults(whole) == []
    # A record with a hash of its own: the log knows the one that was given.
    (told,) = faults(whole | {"cases": [whole["cases"][0] | {"contract_wan": 9999}]})
    assert "审计记录" in told
    conn.execute("update audit set detail = '{}' where action = 'benchmark.frozen'")
    for change in (
        {"cases": [whole["cases"][0] | {"way": "recommended"}]},
        {"notice": {"starts_on": "2026-01-01", "ends_on": "2026-01-02"}},
        {"objections": [{"number": 1, "case": 1, "state": "rejected"}]},
    ):
        (told,) = faults(whole | change)
        assert "与公布时不一致" in told
    for broken in ({}, {"result": 3}, [], None):
        (told,) = faults(broken)
        assert "读不出来" in told
    assert faults(whole) == []
    conn.execute("update benchmark_notice set content = '{\"lines\": []}'")
    assert "公示名单" in find_result_faults(year_round.db)[0]
    conn.execute("delete from benchmark_year")
    assert "读不出来" in find_result_faults(year_round.db)[0]
    conn.execute("delete from benchmark_result")
    assert "结果不在库中" in find_result_faults(year_round.db)[0]
    assert digest
