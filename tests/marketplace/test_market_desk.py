"""The matchmaker's desk: which pairs are suggested and why, what is overdue, board, list, workload."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from desk_tools import DeskFloor, day, keys
from market_tools import Shop
from people import make_person, own

from marketplace import ForbiddenError, Market, NotFoundError, Viewer
from marketplace.errors import CapError
from marketplace.matchmaking import DeskQuery
from marketplace.rules import FollowupRules
from marketplace.stages import STAGES
from marketplace.store.database import transaction
from marketplace.store.pairing_events import insert_event
from matching import VerdictKind


@pytest.fixture
def floor(stocked_shop: Shop) -> DeskFloor:
    return DeskFloor(stocked_shop)


def fresh(floor: DeskFloor, *postings: int, confirmed: str = "", budget: float | None = 120.0) -> None:
    """Let postings have been confirmed on a day, today unless said otherwise, with this budget."""
    for key in postings:
        raw = floor.db.table("posting").get(key)
        record = json.loads(raw["record"]) | {"last_confirmed": confirmed or date.today().isoformat()}
        if raw["kind"] == "opportunity":
            record = record | {"budget_wan": budget, "deadline": None}
        floor.change(key, record=json.dumps(record, ensure_ascii=False))


def test_five_pairs_by_score_freshness_and_value_one_for_each_company(floor: DeskFloor) -> None:
    needs, offers = floor.needs[:6], floor.offers[:7]
    fresh(floor, *needs, *offers)
    floor.only(
        (needs[0], offers[0], 0.9), (needs[1], offers[0], 0.85), (needs[1], offers[1], 0.7),
        (needs[2], offers[2], 0.6), (needs[3], offers[3], 0.5), (needs[4], offers[4], 0.4), (needs[5], offers[5], 0.3),
        (needs[0], offers[6], 0.19),
    )  # fmt: skip
    assert floor.suggested() == list(zip(needs[:5], offers[:5], strict=True))
    first = floor.market.workbench.page(floor.broker).suggestions[0]
    assert [(one.label, one.value) for one in first.factors] == [("匹配度", 0.9), ("新鲜度", 1.0), ("需求价值", 0.8)]
    assert first.factors[1].fact == "较早的一方 0 天前确认或发布"
    assert first.factors[2].fact == "预算 120 万元"
    assert first.worth == pytest.approx(0.72)
    assert first.tally


def test_the_factors_change_the_order_and_not_the_score(floor: DeskFloor) -> None:
    needs, offers = floor.needs[:3], floor.offers[:3]
    fresh(floor, *needs, *offers)
    fresh(floor, needs[0], confirmed=day(-45))
    fresh(floor, needs[1], budget=2600.0)
    fresh(floor, offers[2], confirmed=day(-400))
    floor.only((needs[0], offers[0], 0.80), (needs[1], offers[1], 0.70), (needs[2], offers[2], 0.82))
    page = floor.market.workbench.page(floor.broker)
    told = {one.opportunity.key: [factor.value for factor in one.factors] for one in page.suggestions}
    assert told == {needs[0]: [0.8, 0.9, 0.8], needs[1]: [0.7, 1.0, 1.0], needs[2]: [0.82, 0.7, 0.8]}
    assert floor.suggested() == [(needs[1], offers[1]), (needs[0], offers[0]), (needs[2], offers[2])]


@pytest.mark.parametrize(("budget", "value"), [(None, 0.75), (49.9, 0.7), (50.0, 0.8), (200.0, 0.9), (1000.0, 1.0)])
def test_the_value_of_a_need_is_its_budget(floor: DeskFloor, budget: float | None, value: float) -> None:
    need, offer = floor.needs[0], floor.offers[0]
    fresh(floor, need, offer, budget=budget)
    floor.only((need, offer, 0.6))
    (one,) = floor.market.workbench.page(floor.broker).suggestions
    assert one.factors[2].value == value


@pytest.mark.parametrize(("days", "value"), [(30, 1.0), (31, 0.9), (60, 0.9), (61, 0.8), (90, 0.8), (91, 0.7)])
def test_freshness_counts_the_older_side(floor: DeskFloor, days: int, value: float) -> None:
    need, offer = floor.needs[0], floor.offers[0]
    fresh(floor, need)
    fresh(floor, offer, confirmed=day(-days))
    floor.only((need, offer, 0.6))
    (one,) = floor.market.workbench.page(floor.broker).suggestions
    assert one.factors[1].value == value


def test_nobody_is_suggested_what_was_ever_followed_up(floor: DeskFloor) -> None:
    (first, second), (one, two) = floor.needs[:2], floor.offers[:2]
    fresh(floor, first, second, one, two)
    floor.only((first, one, 0.9), (second, two, 0.8))
    key = floor.pairing(first, one)
    assert floor.suggested() == [(second, two)]
    floor.close(key, "failed", "2026-01-01T00:00:00Z")
    assert floor.suggested() == [(second, two)]


def test_what_is_put_aside_is_gone_for_the_day_and_for_oneself(floor: DeskFloor) -> None:
    (first, second), (one, two) = floor.needs[:2], floor.offers[:2]
    fresh(floor, first, second, one, two)
    floor.only((first, one, 0.9), (second, two, 0.8))
    for _ in range(2):
        floor.market.workbench.put_aside(floor.broker, (first, one))
    assert floor.db.table("suggestion_dismissal").count == 1
    assert floor.suggested() == [(second, two)]
    assert floor.suggested(make_person(floor.db, "matchmaker")) == [(first, one), (second, two)]
    with transaction(floor.db):
        floor.db.conn.execute("update suggestion_dismissal set day = ?", [day(-1)])
    assert floor.suggested()[0] == (first, one)
    floor.market.workbench.put_aside(floor.broker, (second, two))
    assert [raw["day"] for raw in floor.db.table("suggestion_dismissal").rows] == [date.today().isoformat()]
    assert floor.market.workbench.bring_back(floor.broker) == 1
    assert len(floor.suggested()) == 2
    sql = "select action from audit where action like 'suggestion.%' order by seq"
    said = [raw["action"] for raw in floor.db.query(sql)]
    assert said == ["suggestion.dismissed", "suggestion.dismissed", "suggestion.recalled"]


def test_full_opportunities_and_companies_are_left_out(floor: DeskFloor) -> None:
    settings = replace(floor.settings, followup=FollowupRules(open_per_opportunity=1, open_per_company=2))
    market = Market(settings)
    needs, offers = floor.needs[:4], floor.offers[:4]
    fresh(floor, *needs, *offers)
    company = own(floor.db, offers[0], "武汉楚光智感科技有限公司（示例）", "enterprise")
    floor.change(offers[1], organisation_key=company)
    floor.only((needs[0], offers[2], 0.9), (needs[1], offers[0], 0.8), (needs[2], offers[3], 0.7))

    def suggested() -> list[int]:
        return [one.opportunity.key for one in market.workbench.page(floor.broker).suggestions]

    assert suggested() == [needs[0], needs[1], needs[2]]
    key = floor.pairing(needs[0], offers[3])
    assert suggested() == [needs[1], needs[2]]
    for need in floor.needs[4:6]:
        floor.pairing(need, offers[1])
    # The company's two capabilities count together.
    assert suggested() == [needs[2]]
    floor.move(key, "paused")
    assert suggested() == [needs[0], needs[2]]
    with pytest.raises(CapError):
        market.workbench.begin(floor.broker, (needs[1], offers[0]))


def test_a_matchmakers_band_decides_what_is_worth_a_call(floor: DeskFloor) -> None:
    (first, second), (one, two) = floor.needs[:2], floor.offers[:2]
    fresh(floor, first, second, one, two)
    floor.only((first, one, 0.9), (second, two, 0.8))
    floor.band((first, one), "possible")
    assert floor.suggested() == [(second, two)]


def test_a_band_raised_by_a_matchmaker_is_worth_a_call(floor: DeskFloor) -> None:
    (first, second, third), (one, two, three) = floor.needs[:3], floor.offers[:3]
    fresh(floor, first, second, third, one, two, three)
    floor.only((first, one, 0.9), (second, two, 0.05), (third, three, 0.02))
    floor.band((second, two), "good")
    assert floor.suggested() == [(first, one), (second, two)]
    # A strong one comes before a good one, whatever the machine makes of them.
    floor.band((third, three), "strong")
    assert floor.suggested()[-2:] == [(third, three), (second, two)]
    floor.pairing(third, three)
    assert (third, three) not in floor.suggested()


def test_needs_past_their_deadline_are_left_out(floor: DeskFloor) -> None:
    need, offer = floor.needs[0], floor.offers[0]
    fresh(floor, need, offer)
    floor.only((need, offer, 0.9))
    raw = floor.db.table("posting").get(need)
    for deadline, expected in ((day(-1), []), (day(0), [(need, offer)])):
        record = json.loads(raw["record"]) | {"deadline": deadline}
        floor.change(need, record=json.dumps(record, ensure_ascii=False))
        assert floor.suggested() == expected


def test_only_the_districts_served_by_either_side(floor: DeskFloor) -> None:
    shop = floor.shop
    need = shop.key("JH-2026-001")
    offers = [key for key in floor.offers if not shop_district(floor, key).startswith("潜江")]
    fresh(floor, *floor.needs, *floor.offers)
    other = next(key for key in floor.needs if shop_district(floor, key).startswith("潜江"))
    floor.only((need, offers[0], 0.9), (other, offers[1], 0.8))
    near = make_person(floor.db, "matchmaker", districts=["潜江市"])
    assert floor.suggested(near) == [(other, offers[1])]
    with pytest.raises(NotFoundError):
        floor.market.workbench.begin(near, (need, offers[0]))
    with pytest.raises(NotFoundError):
        floor.market.workbench.put_aside(near, (need, offers[0]))


def shop_district(floor: DeskFloor, key: int) -> str:
    return str(floor.db.table("posting").get(key)["district"])


def test_beginning_opens_the_pairing_once(floor: DeskFloor) -> None:
    need, offer = floor.needs[0], floor.offers[0]
    found = {floor.market.workbench.begin(floor.broker, (need, offer)) for _ in range(2)}
    assert len(found) == 1
    row = floor.db.table("pairing").get(found.pop())
    assert (row["stage"], row["origin"], row["matchmaker_key"]) == ("recommended", "match", floor.broker.account_key)


def test_overdue_first_then_due_soon_own_and_free_ones(floor: DeskFloor) -> None:
    me, other = floor.broker.account_key, make_person(floor.db, "matchmaker").account_key
    needs, offer = floor.needs, floor.offers[0]
    late = floor.pairing(needs[0], offer, matchmaker_key=me, due_on=day(-3), next_on=day(5))
    later = floor.pairing(needs[1], offer, matchmaker_key=0, due_on=day(30), next_on=day(-9))
    soon = floor.pairing(needs[2], offer, matchmaker_key=me, due_on=day(7))
    today = floor.pairing(needs[3], offer, matchmaker_key=me, next_on=day(0))
    floor.pairing(needs[4], offer, matchmaker_key=me, due_on=day(8))
    floor.pairing(needs[5], offer, matchmaker_key=other, due_on=day(-30))
    floor.pairing(needs[6], offer, matchmaker_key=me)
    done = floor.pairing(needs[7], offer, matchmaker_key=me, due_on=day(-99))
    floor.close(done, "landed", "2026-01-01T00:00:00Z")
    page = floor.market.workbench.page(floor.broker)
    assert keys(page.overdue) == [later, late]
    assert keys(page.soon) == [today, soon]
    assert [card.late for card in page.overdue] == [9, 3]
    assert (page.overdue_total, page.soon_total, page.mine_total, page.free) == (2, 2, 5, 1)


def test_a_card_says_what_to_ask_first_where_the_pair_is_scored(floor: DeskFloor) -> None:
    me, need, scored, unscored = floor.broker.account_key, floor.needs[0], floor.offers[0], floor.offers[1]
    floor.only((need, scored, 0.9), kind=VerdictKind.UNCLEAR)
    late = floor.pairing(need, scored, matchmaker_key=me, due_on=day(-3))
    blind = floor.pairing(need, unscored, matchmaker_key=me, due_on=day(-2))
    cards = {card.key: card for card in floor.market.workbench.page(floor.broker).overdue}
    assert (cards[late].score, cards[blind].score) == (0.9, None)
    assert cards[late].ask_first != ()
    assert cards[blind].ask_first == ()


def test_free_ones_of_other_districts_are_not_on_the_desk(floor: DeskFloor) -> None:
    near = make_person(floor.db, "matchmaker", districts=["潜江市"])
    far = next(key for key in floor.needs if not shop_district(floor, key).startswith("潜江"))
    here = next(key for key in floor.needs if shop_district(floor, key).startswith("潜江"))
    offer = next(key for key in floor.offers if not shop_district(floor, key).startswith("潜江"))
    floor.pairing(far, offer, due_on=day(-1))
    mine = floor.pairing(here, offer, due_on=day(-1))
    page = floor.market.workbench.page(near)
    assert keys(page.overdue) == [mine]
    assert page.free == 1
    assert keys(floor.market.workbench.list_page(near, DeskQuery()).cards) == [mine]
    assert floor.market.workbench.board(near, DeskQuery()).total == 1


def test_the_board_has_a_column_for_each_stage(floor: DeskFloor) -> None:
    offer = floor.offers[0]
    for place, stage in enumerate(STAGES):
        floor.pairing(floor.needs[place], offer, stage=stage, due_on=day(place))
    page = floor.market.workbench.board(floor.broker, DeskQuery())
    assert [column.stage for column in page.columns] == [stage for stage in STAGES if stage != "failed"]
    assert [column.total for column in page.columns] == [1] * 7
    assert page.total == 7
    one = floor.market.workbench.board(floor.broker, DeskQuery(stage="signed"))
    assert [column.stage for column in one.columns] == ["signed"]


def test_a_column_shows_the_first_and_tells_how_many_there_are(floor: DeskFloor) -> None:
    made = [
        floor.pairing(need, offer, due_on=day(place))
        for place, (need, offer) in enumerate((need, offer) for need in floor.needs[:4] for offer in floor.offers[:3])
    ]
    column = floor.market.workbench.board(floor.broker, DeskQuery()).columns[0]
    assert (column.total, keys(column.cards)) == (12, made[:10])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (DeskQuery(), {0, 1, 2, 3}),
        (DeskQuery(who="mine"), {0, 1}),
        (DeskQuery(who="free"), {2, 3}),
        (DeskQuery(due="late"), {0}),
        (DeskQuery(due="week"), {0, 2}),
        (DeskQuery(stage="meeting"), {1}),
        (DeskQuery(text="不会有的词"), set()),
        (DeskQuery(text="%"), set()),
        (DeskQuery(who="mine", due="late"), {0}),
    ],
)
def test_the_list_is_filtered(floor: DeskFloor, query: DeskQuery, expected: set[int]) -> None:
    me, offer = floor.broker.account_key, floor.offers[0]
    made = [
        floor.pairing(floor.needs[0], offer, matchmaker_key=me, due_on=day(-1)),
        floor.pairing(floor.needs[1], offer, matchmaker_key=me, stage="meeting"),
        floor.pairing(floor.needs[2], offer, due_on=day(3)),
        floor.pairing(floor.needs[3], offer, due_on=day(30)),
    ]
    page = floor.market.workbench.list_page(floor.broker, query)
    assert {made.index(card.key) for card in page.cards} == expected
    assert page.total == len(expected)


def test_the_list_finds_by_title_name_and_city(floor: DeskFloor) -> None:
    key = floor.pairing(floor.needs[0], floor.offers[0])
    floor.pairing(floor.needs[1], floor.offers[1])
    need, offer = (floor.db.table("posting").get(one) for one in (floor.needs[0], floor.offers[0]))
    for text in (need["title"], offer["organisation"][:6]):
        assert key in keys(floor.market.workbench.list_page(floor.broker, DeskQuery(text=text)).cards)
    found = floor.market.workbench.list_page(floor.broker, DeskQuery(text=need["title"], region=need["region"]))
    assert keys(found.cards) == [key]


def test_a_page_past_the_end_is_the_last_one(floor: DeskFloor) -> None:
    floor.pairing(floor.needs[0], floor.offers[0])
    page = floor.market.workbench.list_page(floor.broker, DeskQuery(page=99))
    assert (len(page.cards), page.pages) == (1, 1)


def test_workload_and_points_follow_the_printed_rule(floor: DeskFloor) -> None:
    me, second = floor.broker, make_person(floor.db, "matchmaker")
    mine = floor.pairing(floor.needs[0], floor.offers[0], matchmaker_key=me.account_key, due_on=day(-1))
    floor.pairing(floor.needs[1], floor.offers[0], matchmaker_key=me.account_key)
    with transaction(floor.db):
        for stage in ("contacted", "meeting", "contacted"):
            insert_event(floor.db, mine, "move", to_stage=stage, account_key=second.account_key)
        insert_event(floor.db, mine, "move", to_stage="signed", undone_at="2026-01-01T00:00:00Z")
        insert_event(floor.db, mine, "move", to_stage="landed", at="2019-06-01T00:00:00Z")
        floor.db.table("revisit").insert(
            {"key": 1, "pairing_key": mine, "due_on": day(0), "done_on": day(0), "running": 1, "account_key": 0}
        )
    page = floor.market.workload.page(me)
    loads = {load.account_key: load for load in page.loads}
    assert page.rule == (("已联系", 1), ("洽谈", 2), ("已签约", 5), ("建设中", 2), ("已落地", 10), ("回访", 1))
    own_load = loads[me.account_key]
    assert (own_load.open, own_load.overdue, own_load.points) == (2, 1, 4)
    assert dict(own_load.reached) == {
        "contacted": 1, "meeting": 1, "signed": 0, "building": 0, "landed": 0, "revisit": 1,
    }  # fmt: skip
    assert (loads[second.account_key].open, loads[second.account_key].points) == (0, 0)
    assert [load.points for load in floor.market.workload.page(me, date.today().year - 1).loads] == [0] * len(loads)


def test_the_desk_is_for_matchmakers(floor: DeskFloor) -> None:
    reviewer = make_person(floor.db, "reviewer")
    for ask in (
        lambda: floor.market.workbench.page(reviewer),
        lambda: floor.market.workbench.board(reviewer, DeskQuery()),
        lambda: floor.market.workbench.list_page(reviewer, DeskQuery()),
        lambda: floor.market.workbench.bring_back(reviewer),
        lambda: floor.market.workload.page(reviewer),
        lambda: floor.market.workbench.begin(Viewer(), (floor.needs[0], floor.offers[0])),
    ):
        with pytest.raises(ForbiddenError):
            ask()


def test_what_is_ones_own_is_on_the_desk_only_in_the_districts_served(floor: DeskFloor) -> None:
    near = make_person(floor.db, "matchmaker", districts=["潜江市"])
    far = next(key for key in floor.needs if not shop_district(floor, key).startswith("潜江"))
    offer = next(key for key in floor.offers if not shop_district(floor, key).startswith("潜江"))
    floor.pairing(far, offer, matchmaker_key=near.account_key, due_on=day(-1))
    page = floor.market.workbench.page(near)
    assert (page.overdue, page.overdue_total, page.mine_total) == ((), 0, 0)
    assert floor.market.workbench.list_page(near, DeskQuery(who="mine")).cards == ()
    assert floor.market.workbench.board(near, DeskQuery(who="mine")).total == 0


def test_only_where_a_matchmaker_is_neutral(floor: DeskFloor) -> None:
    need, other, offer = floor.needs[0], floor.needs[1], floor.offers[0]
    fresh(floor, need, other, offer)
    floor.only((need, offer, 0.9))
    floor.pairing(need, floor.offers[1], due_on=day(-1))
    theirs = floor.pairing(other, floor.offers[1], due_on=day(-1))
    agency = own(floor.db, need, "江夏区城市管理执法局（示例）")
    member = replace(floor.broker, roles=frozenset({"matchmaker", "publisher"}), publisher_of=frozenset({agency}))
    rival = replace(floor.broker, roles=frozenset({"matchmaker", "company"}), company_of=frozenset({99}))
    for viewer, seen in ((member, [theirs]), (rival, [])):
        page = floor.market.workbench.page(viewer)
        assert (page.suggestions, keys(page.overdue), page.free) == ((), seen, len(seen))
        assert keys(floor.market.workbench.list_page(viewer, DeskQuery()).cards) == seen
        assert floor.market.workbench.board(viewer, DeskQuery()).total == len(seen)
        with pytest.raises(ForbiddenError, match="由其他撮合员"):
            floor.market.workbench.begin(viewer, (need, offer))
    assert len(floor.market.workbench.list_page(floor.broker, DeskQuery()).cards) == 2
