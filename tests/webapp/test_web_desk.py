"""The matchmaker's desk in the browser: today, board, list, workload; everything by plain links and forms."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_site import DeskSite, inside, page_at
from doubles import HashingEncoder
from lxml.html import HtmlElement
from office import by_role, page_of, send, submit, words

from marketplace import Market, MarketSettings
from marketplace.matchmaking.workload import FIRST_YEAR
from marketplace.store.database import open_database, transaction
from marketplace.store.pairings import insert_pairing

ROOT = Path(__file__).resolve().parents[2]
MAX_STATEMENTS = 12


@pytest.fixture
def site(tmp_path, matching_settings) -> DeskSite:
    made = DeskSite(tmp_path, matching_settings)
    for row, score in zip(made.rows[:3], (0.9, 0.8, 0.7), strict=True):
        made.band((made.need, row.capability_key), "strong", score)
    return made


def pairing(site: DeskSite, place: int = 0, **columns: object) -> int:
    """An open pairing of the first need, overdue by a day unless said otherwise."""
    yesterday = (date.today() - timedelta(days=1)).isoformat()
    plain = {"stage": "contacted", "origin": "match", "acting": "company", "stage_since": yesterday,
             "due_on": yesterday, "next_on": "", "next_step": "", "matchmaker_key": site.broker_key}  # fmt: skip
    with transaction(site.db):
        return insert_pairing(site.db, site.need, site.rows[place].capability_key, plain | columns)


def roles_in(page: HtmlElement, role: str) -> list[str]:
    return [words(one) for one in by_role(page, role)]


def test_suggestions_say_why_and_what_to_ask(site: DeskSite) -> None:
    page = page_at(site.broker, "/desk")
    found = by_role(page, "suggestion")
    assert len(found) == len({words(one.xpath(".//p[@class='item-org']/span")[0]) for one in found}) >= 2
    why = words(inside(found[0], "why")[0])
    assert why.startswith("推荐理由：匹配度 0.90 × 新鲜度 ")
    assert "需求价值" in why
    assert inside(found[0], "ask-first")
    assert "同一家企业最多一对" in words(page.find(".//main"))


def test_a_suggestion_becomes_a_pairing(site: DeskSite) -> None:
    suggestions = by_role(page_at(site.broker, "/desk"), "suggestion")
    before, action = len(suggestions), suggestions[0].xpath(".//form[contains(@action, '/begin')]/@action")
    answer = send(site.broker, action[0], {})
    assert answer.status_code == 303
    (row,) = site.db.table("pairing").rows
    assert answer.location == f"/pairings/{row['key']}"
    assert site.broker.get(answer.location).status_code == 200
    assert send(site.broker, action[0], {}).location == answer.location
    assert site.db.table("pairing").count == 1
    assert len(by_role(page_at(site.broker, "/desk"), "suggestion")) == before - 1


def test_a_suggestion_is_put_aside_and_brought_back(site: DeskSite) -> None:
    page = page_at(site.broker, "/desk")
    before = roles_in(page, "suggestion")
    (action,) = by_role(page, "suggestion")[0].xpath(".//form[contains(@action, '/aside')]/@action")
    answer = send(site.broker, action, {})
    assert answer.location.endswith("/desk#h-suggestions")
    assert len(by_role(page_at(site.broker, "/desk"), "suggestion")) == len(before) - 1
    (back,) = page.xpath("//form[contains(@action, 'bring-back')]/@action")
    send(site.broker, back, {})
    assert roles_in(page_at(site.broker, "/desk"), "suggestion") == before


def test_overdue_comes_before_what_is_due(site: DeskSite) -> None:
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    late, soon = pairing(site), pairing(site, 1, due_on=tomorrow, next_on=tomorrow, next_step="现场查看")
    page = page_at(site.broker, "/desk")
    shown = [int(one.get("data-key")) for one in by_role(page, "pairing")]
    assert shown == [late, soon]
    first, second = by_role(page, "pairing")
    assert "已超期 1 天" in words(first)
    assert "办理方能力方" in words(first)
    assert "现场查看" in words(second)
    assert inside(first, "ask-first")
    assert roles_in(page, "figure") == ["我的在办对接 2", "超期 1", "7 天内到期 1", "尚未指派 0"]


def test_a_note_is_written_on_the_card(site: DeskSite) -> None:
    key = pairing(site)
    card = by_role(page_at(site.broker, "/desk"), "pairing")[0]
    (action,) = card.xpath(".//form[@data-role='note']/@action")
    answer = send(site.broker, action, {"note": "电话已通，约下周三现场", "place": "index"})
    assert (answer.status_code, answer.location) == (303, f"/desk#p-{key}")
    assert "约下周三现场" in site.broker.get(f"/pairings/{key}").text
    refused = send(site.broker, action, {"note": " ", "place": "index"})
    assert refused.status_code == 422
    page = page_of(refused)
    (link,) = by_role(page, "faults")[0].xpath(".//a/@href")
    assert page.get_element_by_id(link[1:]).get("aria-invalid") == "true"


def test_a_refused_note_on_the_board_shows_the_board_again(site: DeskSite) -> None:
    pairing(site)
    site.broker.get("/desk/board")
    long = "字" * 5000
    action = page_at(site.broker, "/desk/board?who=mine").xpath("//form[@data-role='note']/@action")[0]
    refused = send(site.broker, action, {"note": long, "place": "board", "who": "mine"})
    assert refused.status_code == 422
    page = page_of(refused)
    assert by_role(page, "column")
    assert long in page.xpath("//textarea")[0].text
    done = send(site.broker, action, {"note": "要点", "place": "board", "who": "mine"})
    assert done.location.startswith("/desk/board?who=mine#p-")


def test_the_board_has_columns_and_filters_in_the_address(site: DeskSite) -> None:
    pairing(site, stage="meeting")
    pairing(site, 1, matchmaker_key=0)
    page = page_at(site.broker, "/desk/board")
    columns = {one.get("data-stage"): one for one in by_role(page, "column")}
    assert list(columns) == ["recommended", "contacted", "meeting", "signed", "building", "landed", "paused"]
    assert [len(inside(columns[stage], "pairing")) for stage in ("contacted", "meeting")] == [1, 1]
    limits = {stage: words(column.xpath("./p[@class='from']")[0]) for stage, column in columns.items()}
    assert (limits["contacted"], limits["landed"]) == ("时限 10 天", "不设时限")
    mine = page_at(site.broker, "/desk/board?who=mine&stage=meeting")
    assert [one.get("data-stage") for one in by_role(mine, "column")] == ["meeting"]
    assert mine.xpath("//select[@name='who']/option[@selected]/@value") == ["mine"]
    assert "who=mine" in mine.xpath("//a[contains(@href, '/desk/list')]/@href")[1]
    assert by_role(page_at(site.broker, "/desk/board?stage=unknown&who=x&due=never"), "column")


def test_pairings_are_assigned_together(site: DeskSite) -> None:
    keys = [pairing(site, place, matchmaker_key=0) for place in range(3)]
    second = site.person("matchmaker")
    second_key = site.db.conn.execute("select max(key) from account").fetchone()[0]
    answer = submit(
        site.broker, "/desk/list?who=free",
        {"pick": [f"{keys[0]}.1", f"{keys[2]}.1"], "account": str(second_key)}, role="assign",
    )  # fmt: skip
    assert answer.status_code == 303
    assert "who=free" in answer.location
    held = {row["key"]: row["matchmaker_key"] for row in site.db.table("pairing").rows}
    assert held == {keys[0]: second_key, keys[1]: 0, keys[2]: second_key}
    assert len(by_role(page_at(second, "/desk"), "pairing")) == 3
    ticked = page_at(site.broker, "/desk/list?who=free&tick=all").xpath("//input[@name='pick'][@checked]/@value")
    assert ticked == [f"{keys[1]}.1"]


@pytest.mark.parametrize("missing", ["pick", "account"])
def test_a_refused_assignment_keeps_what_was_chosen(site: DeskSite, missing: str) -> None:
    key = pairing(site)
    values = {"pick": [f"{key}.1"], "account": str(site.broker_key)}
    answer = submit(site.broker, "/desk/list", values | {missing: [] if missing == "pick" else ""}, role="assign")
    assert answer.status_code == 422
    page = page_of(answer)
    assert by_role(page, "faults")
    assert page.xpath("//input[@name='pick'][@checked]/@value") == ([f"{key}.1"] if missing == "account" else [])
    chosen = page.xpath("//select[@name='account']/option[@selected]/@value")
    assert chosen == ([str(site.broker_key)] if missing == "pick" else [])


def test_nobody_is_given_what_lies_outside_the_districts(site: DeskSite) -> None:
    key = pairing(site)
    site.person("matchmaker", districts=["随州市"])
    far = site.db.conn.execute("select max(key) from account").fetchone()[0]
    answer = submit(site.broker, "/desk/list", {"pick": [f"{key}.1"], "account": str(far)}, role="assign")
    assert answer.status_code == 422
    assert "不是" in words(by_role(page_of(answer), "faults")[0])
    assert site.db.table("pairing").get(key)["matchmaker_key"] == site.broker_key


def test_who_assigns_what_somebody_else_has_just_assigned_is_told(site: DeskSite) -> None:
    key = pairing(site, matchmaker_key=0)
    site.person("matchmaker")
    second = site.db.conn.execute("select max(key) from account").fetchone()[0]
    values = {"pick": [f"{key}.1"], "account": str(second)}
    assert submit(site.broker, "/desk/list", values, role="assign").status_code == 303
    late = submit(site.broker, "/desk/list", values | {"account": str(site.broker_key)}, role="assign")
    assert late.status_code == 422
    assert "指派撮合员" in words(by_role(page_of(late), "faults")[0])
    # The ticks are kept, and now stand for what the page shows.
    assert page_of(late).xpath("//input[@name='pick'][@checked]/@value") == [f"{key}.2"]
    assert site.db.table("pairing").get(key)["matchmaker_key"] == second


def test_workload_prints_its_rule(site: DeskSite) -> None:
    pairing(site)
    page = page_at(site.broker, "/desk/workload")
    rule = words(by_role(page, "rule")[0])
    assert "已联系 1 分、洽谈 2 分、已签约 5 分、建设中 2 分、已落地 10 分、回访 1 分" in rule
    (row,) = by_role(page, "load")
    assert [words(cell) for cell in row.xpath("./td")][:2] == ["1", "1"]
    # A year that is none is this year; one that was before the first is the first.
    this_year = f"{date.today().year} 年工作量与积分"
    for year, title in (("abc", this_year), ("2999", this_year), ("1", f"{FIRST_YEAR} 年工作量与积分")):
        other = page_at(site.broker, f"/desk/workload?year={year}")
        assert words(other.find(".//h1")) == title
        assert [words(one) for one in by_role(other, "rule")] == [rule]


def test_everything_on_the_desk_is_reached_without_a_mouse(site: DeskSite) -> None:
    pairing(site)
    for path in ("/desk", "/desk/board", "/desk/list", "/desk/workload"):
        page = page_at(site.broker, path)
        main = page.find(".//main")
        # Links, buttons and fields in the order of the page; nothing jumps the queue or hides behind a script.
        assert not main.xpath(".//*[@tabindex > 0]"), path
        assert not main.xpath(".//*[@draggable or @onclick]"), path
        labelled = set(main.xpath(".//label/@for"))
        for field in main.xpath(".//input[not(@type='hidden')] | .//select | .//textarea"):
            assert field.get("id") in labelled, (path, field.get("name"))
        names = [words(one) for one in main.xpath(".//button")]
        assert all(names), path


@pytest.fixture(scope="module")
def bench() -> Any:
    """The script that measures the desk."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import bench_desk
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    return bench_desk


def test_the_desk_opens_with_few_statements_whatever_it_holds(tmp_path, matching_settings, bench) -> None:
    counts = {}
    for pairings in (20, 400):
        settings = MarketSettings(tmp_path / f"{pairings}.db", matching_settings)
        made = bench.stock(open_database(settings.database), pairings, postings=40, makers=4)
        market = Market(settings, HashingEncoder())
        for who, account in (("all", made.makers[0]), ("one district", made.makers[1])):
            client = bench.client_of(market, account)
            page = page_at(client, "/desk")  # the desk is laid
            assert by_role(page, "suggestion")
            counts[pairings, who] = len(bench.statements_of(market, client, "/desk"))
    assert len(by_role(page, "pairing")) > 5
    assert set(counts.values()) == {counts[20, "all"]}
    assert counts[20, "all"] <= MAX_STATEMENTS


@pytest.mark.parametrize("case", ["刚推进一个对接", "刚落地一个对接", "当天第一次打开"])
def test_the_first_look_after_something_moved_takes_as_few_statements(
    tmp_path, matching_settings, bench, case
) -> None:
    settings = MarketSettings(tmp_path / "m.db", matching_settings)
    made = bench.stock(open_database(settings.database), 200, postings=40, makers=4)
    market = Market(settings, HashingEncoder())
    client = bench.client_of(market, made.makers[0])
    for _ in range(2):
        page_at(client, "/desk")
        bench.CASES[case](market)
        assert len(bench.statements_of(market, client, "/desk")) <= MAX_STATEMENTS


def test_a_process_that_has_read_nothing_yet_takes_as_few(tmp_path, matching_settings, bench) -> None:
    settings = MarketSettings(tmp_path / "m.db", matching_settings)
    made = bench.stock(open_database(settings.database), 200, postings=40, makers=4)
    page_at(bench.client_of(Market(settings, HashingEncoder()), made.makers[0]), "/desk")
    fresh = Market(settings, HashingEncoder())
    assert len(bench.statements_of(fresh, bench.client_of(fresh, made.makers[0]), "/desk")) <= MAX_STATEMENTS
