"""The funnel: the fast way against the plain one, what each step counts, who counts what, the sheet."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from funnel_tools import Need, Pairing, plain_makers, plain_rows, plain_steps, stock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from marketplace import ForbiddenError, Market, MarketSettings, NotFoundError, Viewer
from marketplace.access import ADMIN, COMPANY, MATCHMAKER, PUBLISHER, REVIEWER
from marketplace.insight import NOBODY, FunnelPage, FunnelQuery, FunnelRow
from marketplace.stages import STAGES
from marketplace.store.database import transaction

TODAY = date(2026, 6, 1)
BOSS = Viewer(account_key=1, name="管理", roles=frozenset({ADMIN}))
ORGANISATIONS = {0: "未登记的单位", 11: "江夏区水务局（示例）", 12: "潜江市水务局（示例）"}


@pytest.fixture
def market(market_settings: MarketSettings) -> Market:
    return Market(market_settings)


def page_of(market: Market, viewer: Viewer = BOSS, **asked: str | int) -> FunnelPage:
    return market.funnel.page(viewer, FunnelQuery(**asked), today=TODAY)  # type: ignore[arg-type]


def numbers(row: FunnelRow) -> tuple[int, ...]:
    return (row.published, row.viewed, row.contacted, row.met, row.signed, row.landed, row.running, row.stale)


days = st.dates(date(2026, 1, 1), date(2026, 5, 31)).map(date.isoformat)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 5, 31)).map(lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ"))
pairings = st.builds(
    Pairing,
    stage=st.sampled_from(list(STAGES)),
    moves=st.lists(st.tuples(st.sampled_from(list(STAGES)), moments, st.booleans()), max_size=6).map(tuple),
    maker=st.sampled_from([0, 21, 22]),
    due_on=st.one_of(st.just(""), days, st.just("2026-07-01")),
    signed_on=st.one_of(st.just(""), days),
    accepted_on=st.one_of(st.just(""), days),
    use_confirmed_on=st.one_of(st.just(""), days),
    out_of_use_on=st.one_of(st.just(""), days),
)
needs = st.builds(
    Need,
    published_on=days,
    viewed_on=st.one_of(st.just(""), days),
    city=st.sampled_from(["武汉市", "黄石市", ""]),
    domain=st.sampled_from(["智慧城市", "智慧水利"]),
    organisation=st.sampled_from([0, 11, 12]),
    state=st.sampled_from(["published", "recheck", "off_shelf", "expired", "failed", "withdrawn", "draft"]),
    pairings=st.lists(pairings, max_size=4).map(tuple),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(needs, max_size=12))
def test_the_fast_way_counts_what_the_plain_one_counts(market: Market, given_needs: list[Need]) -> None:
    stock(market._keeper.db, given_needs)
    market.__dict__.pop("funnel", None)  # as a process that has read nothing yet
    page = page_of(market)
    found = [{name: getattr(step, name) for name in expected}
             for step, expected in zip(page.steps, plain_steps(given_needs, TODAY), strict=True)]  # fmt: skip
    assert found == plain_steps(given_needs, TODAY)
    groups: dict[str, Callable[[Need], str]] = {
        "organisation": lambda need: ORGANISATIONS[need.organisation],
        "domain": lambda need: need.domain,
        "city": lambda need: need.city or "未注明",
        "month": lambda need: need.published_on[:7],
    }
    cuts = {cut.name: {row.label: numbers(row) for row in cut.rows} for cut in page.cuts}
    for name, group in groups.items():
        assert cuts[name] == plain_rows(given_needs, group, TODAY), name
    makers = {int(row.value) if row.value != str(NOBODY) else 0: numbers(row) for row in page.cuts[-1].rows}
    assert makers == plain_makers(given_needs, TODAY)
    for row in (*page.cuts[0].rows, *page.cuts[2].rows, page.total):
        assert row.contact_rate == (row.contacted / row.published if row.published else None)
    assert numbers(page.total) == tuple(
        sum(line) for line in zip(*(numbers(row) for row in page.cuts[1].rows), strict=True)
    ) or not page.cuts[1].rows


CONTACT = ("contacted", "2026-02-01T02:00:00Z", False)
MET = ("meeting", "2026-02-11T02:00:00Z", False)


def test_each_step_counts_what_the_notes_say(market: Market) -> None:
    landed = Pairing("landed", (CONTACT, MET, ("signed", "2026-03-10T00:00:00Z", False),
                                ("building", "2026-03-20T00:00:00Z", False), ("landed", "2026-05-01T00:00:00Z", False)),
                     signed_on="2026-03-03", accepted_on="2026-04-30", use_confirmed_on="2026-05-30")  # fmt: skip
    undone = Pairing("recommended", (("contacted", "2026-02-01T02:00:00Z", True),))
    late = Pairing("contacted", (("contacted", "2026-02-01T23:30:00Z", False),), due_on="2026-05-31")
    stock(market._keeper.db, [
        Need(viewed_on="2026-01-15", pairings=(landed,)),
        Need(pairings=(undone,)),
        Need(pairings=(late,)),
        Need(state="withdrawn", pairings=(landed,)),
        Need(published_on="2026-05-20"),
    ])  # fmt: skip
    steps = {step.code: step for step in page_of(market).steps}
    assert [step.needs for step in steps.values()] == [4, 2, 2, 1, 1, 1, 1]
    assert [step.pairings for step in steps.values()] == [None, None, 2, 1, 1, 1, 1]
    # 1 February late in the evening in UTC is the second in Beijing.
    assert steps["contacted"].median_days == (17 + 23) / 2
    assert steps["signed"].median_days == 20
    assert steps["landed"].days_from_start == 110
    assert steps["running"].median_days == 30
    # Overdue; older than a month with an open pairing within its time is not, a fresh one neither.
    assert [step.stale for step in steps.values()] == [0, 0, 1, 0, 0, 0, 0]
    assert steps["contacted"].from_published == 0.5
    assert steps["met"].from_previous == 0.5


@pytest.mark.parametrize(
    ("confirmed", "out_of_use", "running"),
    [("2026-05-01", "", 1), ("2026-05-01", "2026-05-20", 0), ("2026-05-01", "2026-05-01", 0),
     ("2026-05-20", "2026-05-01", 1), ("", "2026-05-01", 0)],
)  # fmt: skip
def test_what_a_revisit_found_out_of_use_runs_no_longer_until_one_finds_it_running_again(
    market: Market, confirmed: str, out_of_use: str, running: int
) -> None:
    moves = (CONTACT, ("landed", "2026-04-01T00:00:00Z", False))
    landed = Pairing("landed", moves, use_confirmed_on=confirmed, out_of_use_on=out_of_use)
    stock(market._keeper.db, [Need(pairings=(landed,))])
    steps = {step.code: step for step in page_of(market).steps}
    assert (steps["landed"].needs, steps["running"].needs, steps["running"].pairings) == (1, running, running)


def test_what_was_read_before_is_read_again_only_where_it_moved(market: Market) -> None:
    db = market._keeper.db
    stock(db, [Need(pairings=(Pairing("contacted", (CONTACT,)),)) for _ in range(30)])
    assert [step.needs for step in page_of(market).steps][:4] == [30, 30, 30, 0]
    with transaction(db):
        db.table("pairing_event").insert({"key": 1000, "pairing_key": 7, "action": "move", "to_stage": "meeting",
                                          "facts": "{}", "at": "2026-03-01T00:00:00Z", "undone_at": ""})  # fmt: skip
    assert page_of(market).steps[3].needs == 1
    with transaction(db):
        db.conn.execute("update pairing_event set undone_at = '2026-03-01T00:05:00Z' where key = 1000")
        db.conn.execute("update pairing set stamp = 2 where key = 7")
    assert page_of(market).steps[3].needs == 0
    with transaction(db):
        db.conn.execute("delete from pairing_event where key in (1000, 5)")
        db.conn.execute("delete from pairing where key = 9")
    assert page_of(market).steps[2].needs == 28


def test_months_narrow_by_publication_and_tell_what_happened_in_them(market: Market) -> None:
    stock(market._keeper.db, [
        Need(published_on="2026-01-10", pairings=(Pairing("contacted", (CONTACT,)),)),
        Need(published_on="2026-02-03", city="黄石市"),
        Need(published_on="2026-03-03", domain="智慧水利"),
    ])  # fmt: skip
    february = page_of(market, since="2026-02", until="2026-02")
    assert february.total.published == 1
    assert {step.code: step.happened for step in february.steps}["contacted"] == 1
    assert february.steps[2].needs == 0
    assert page_of(market, since="2026-02").total.published == 2
    assert page_of(market, city="黄石市").total.published == 1
    assert page_of(market, domain="智慧水利", city="黄石市").total.published == 0
    assert page_of(market, organisation="没有的单位").total.published == 0
    assert [row.value for row in page_of(market).cuts[3].rows] == ["2026-03", "2026-02", "2026-01"]


def test_one_matchmaker_is_counted_by_the_own_pairings(market: Market) -> None:
    mine, other = Pairing("contacted", (CONTACT,), maker=21), Pairing("meeting", (CONTACT, MET), maker=22)
    stock(market._keeper.db, [Need(pairings=(mine, other)), Need(pairings=(Pairing(),)), Need()])
    assert numbers(page_of(market, matchmaker=21).total)[:4] == (1, 1, 1, 0)
    assert numbers(page_of(market, matchmaker=22).total)[:4] == (1, 1, 1, 1)
    assert page_of(market, matchmaker=NOBODY).total.published == 1
    names = {row.label: row.published for row in page_of(market).cuts[-1].rows}
    assert names == {"撮合员21": 1, "撮合员22": 1, "尚未指派": 1}


@pytest.mark.parametrize(
    ("viewer", "published"),
    [
        (BOSS, 4),
        (Viewer(account_key=2, roles=frozenset({MATCHMAKER})), 4),
        (Viewer(account_key=2, roles=frozenset({MATCHMAKER}), districts={MATCHMAKER: ("黄石市",)}), 1),
        (Viewer(account_key=2, roles=frozenset({REVIEWER}), districts={REVIEWER: ("武汉市",)}), 3),
        (Viewer(account_key=2, roles=frozenset({PUBLISHER}), publisher_of=frozenset({11})), 2),
        (Viewer(account_key=2, roles=frozenset({PUBLISHER, MATCHMAKER}), publisher_of=frozenset({11}),
                districts={MATCHMAKER: ("黄石市",)}), 3),
        (Viewer(account_key=2, roles=frozenset({PUBLISHER})), 0),
    ],
)  # fmt: skip
def test_everyone_counts_what_is_theirs(market: Market, viewer: Viewer, published: int) -> None:
    own_needs = [Need(organisation=11)] * 2
    stock(market._keeper.db, [*own_needs, Need(organisation=12, city="黄石市"), Need()])
    page = page_of(market, viewer)
    assert page.total.published == published
    own = not viewer.has(ADMIN, MATCHMAKER, REVIEWER)
    assert page.own_only is own
    assert ("matchmaker" in [cut.name for cut in page.cuts]) is not own
    assert market.funnel.needs(viewer, FunnelQuery(), "published", "reached", today=TODAY).total == published


def test_companies_and_visitors_count_nothing(market: Market) -> None:
    for viewer in (Viewer(), Viewer(account_key=3, roles=frozenset({COMPANY}), company_of=frozenset({11}))):
        with pytest.raises(ForbiddenError):
            page_of(market, viewer)
        with pytest.raises(ForbiddenError):
            market.funnel.needs(viewer, FunnelQuery(), "published", "reached")
        with pytest.raises(ForbiddenError):
            market.funnel.workbook(viewer, FunnelQuery())


def test_behind_each_number_stand_as_many_needs(market: Market) -> None:
    stock(market._keeper.db, [
        Need(published_on=(date(2026, 1, 1) + timedelta(days=number)).isoformat(),
             pairings=(Pairing("contacted", (CONTACT,), due_on="2026-03-01"),) * (number % 3))
        for number in range(120)
    ])  # fmt: skip
    page = page_of(market)
    for step in page.steps:
        for part, number in (("reached", step.needs), ("resting", step.resting), ("stale", step.stale)):
            found = market.funnel.needs(BOSS, FunnelQuery(), step.code, part, today=TODAY)
            assert (found.total, len(found.rows)) == (number, min(50, number)), (step.code, part)
    every = market.funnel.needs(BOSS, FunnelQuery(), "published", "stale_any", page=9, today=TODAY)
    assert (every.total, every.page) == (page.total.stale, every.pages)
    with pytest.raises(NotFoundError):
        market.funnel.needs(BOSS, FunnelQuery(), "dreamt", "reached")
    with pytest.raises(NotFoundError):
        market.funnel.needs(BOSS, FunnelQuery(), "published", "all")


def test_no_personal_data_of_a_title_stands_behind_a_number(market: Market) -> None:
    db = market._keeper.db
    stock(db, [Need()])
    record = json.loads(db.table("posting").get(1)["record"]) | {"title": "井盖监测，联系王建国主任13812345678"}
    with transaction(db):
        db.table("posting").update(1, {"record": json.dumps(record, ensure_ascii=False)})
    (row,) = market.funnel.needs(BOSS, FunnelQuery(), "published", "reached", today=TODAY).rows
    assert row.title.startswith("井盖监测")
    assert not any(word in row.title for word in ("王建国", "13812345678"))


def test_the_sheet_says_title_period_unit_total_and_how(market: Market) -> None:
    contacted = Need(organisation=11, pairings=(Pairing("contacted", (CONTACT,)),))
    stock(market._keeper.db, [contacted, Need(organisation=11), Need(organisation=12)])
    query = FunnelQuery(since="2026-01", until="2026-03", city="武汉市")
    file = market.funnel.workbook(BOSS, query, issuer="=江夏区科经局", today=TODAY)
    book = load_workbook(io.BytesIO(file.stream.read()))
    assert book.sheetnames == ["按部门", "按领域", "按地市", "按发布月份", "按撮合员", "各步情况"]
    sheet = book["按部门"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert lines[0][0].startswith("场景供需对接情况统计表")
    assert "2026年1月至2026年3月" in lines[1][0]
    assert "=江夏区科经局" in lines[2][0]
    assert "地市：武汉市" in lines[2][0]
    assert "计量单位" in lines[3][0]
    assert lines[4][1:5] == ["部门（单位）", "已发布", "有人查看", "已联系"]
    assert lines[5][:5] == [1, "江夏区水务局（示例）", 2, 1, 1]
    assert lines[5][10] == 0.5
    assert lines[7][1:3] == ["合计", 3]
    assert any(str(line[0]).startswith("注") and "对接率" in line[0] for line in lines)
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert [row["action"] for row in market._keeper.db.query("select action from audit")] == ["export.made"]


def test_an_empty_market_has_an_empty_funnel(market: Market) -> None:
    page = page_of(market)
    assert [step.needs for step in page.steps] == [0] * 7
    assert page.total.contact_rate is None
    assert [cut.rows for cut in page.cuts] == [()] * 5
    assert market.funnel.needs(BOSS, FunnelQuery(), "landed", "reached").rows == ()
    assert market.funnel.workbook(BOSS, FunnelQuery()).size > 0


def test_the_statements_do_not_grow_with_the_needs(market: Market) -> None:
    counts = []
    for number in (3, 40):
        stock(market._keeper.db, [Need(pairings=(Pairing("contacted", (CONTACT,)),) * 2) for _ in range(number)])
        said: list[str] = []
        market._keeper.db.conn.set_trace_callback(said.append)
        page_of(market)
        market._keeper.db.conn.set_trace_callback(None)
        counts.append(sum(one.lower().startswith("select") for one in said))
    assert max(counts) <= 14
