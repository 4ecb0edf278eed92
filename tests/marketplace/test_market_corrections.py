"""A matchmaker's word against the machine: it wins wherever the pair shows, can be taken back, and is on record."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from market_tools import Shop
from people import make_person, own

from marketplace import (
    FaultyError,
    ForbiddenError,
    Market,
    NotFoundError,
    PairPage,
    Sight,
    StaleError,
    Viewer,
    matchkeeper,
)
from marketplace.store import MatchRow
from marketplace.store.database import transaction
from marketplace.store.integrity import find_office_faults
from marketplace.store.matches import find_match, matches_of, rank_of
from marketplace.store.versions import remove_posting
from matching import Band, Side, VerdictKind

REASON = "已与单位核实：电池寿命有检测报告"


class Bench:
    """A stocked market with a matchmaker, looking at the best pair of one opportunity."""

    def __init__(self, shop: Shop) -> None:
        self.db, self.market = shop.db, Market(shop.settings)
        self.broker = make_person(shop.db, "matchmaker")
        self.need = shop.key("JH-2026-001")
        self.rows = matches_of(shop.db, self.need, Side.OPPORTUNITY)
        self.pair = (self.need, self.rows[0].capability_key)

    def page(self, viewer: Viewer | None = None) -> PairPage:
        return self.market.pair_page(*self.pair, Sight(viewer or self.broker))

    def other(self, page: PairPage, requirement: int = 0) -> str:
        """A verdict that is not the machine's."""
        return "unclear" if page.verdicts[requirement].kind is VerdictKind.MET else "met"

    def actions(self) -> list[str]:
        return [raw["action"] for raw in self.db.query("select action from audit order by seq")]


@pytest.fixture
def bench(stocked_shop: Shop) -> Bench:
    return Bench(stocked_shop)


def test_a_corrected_verdict_stands_everywhere_with_post_and_day(bench: Bench) -> None:
    before = bench.page()
    verdict = bench.other(before)
    bench.market.corrections.correct(bench.broker, bench.pair, 0, verdict, f" {REASON} ")
    judged = bench.page().verdicts[0]
    assert judged.kind == verdict
    assert judged.correction is not None
    told = judged.correction
    assert (told.machine, told.reason, told.name) == (str(before.verdicts[0].kind), REASON, bench.broker.name)
    assert told.at.endswith("Z")
    assert [one.kind for one in bench.page().verdicts[1:]] == [one.kind for one in before.verdicts[1:]]
    need = bench.market.opportunity_page(bench.pair[0], Sight(bench.broker)).matches
    offer = bench.market.capability_page(bench.pair[1], Sight(bench.broker), top=50).matches
    assert need is not None
    assert offer is not None
    assert need[0].verdicts[0] == judged
    (mirror,) = [one for one in offer if one.counterpart.key == bench.need]
    assert mirror.verdicts[0] == judged
    assert bench.page().score == before.score
    assert bench.actions()[-1] == "verdict.corrected"


def test_the_parties_see_it_as_the_matchmaker_does(bench: Bench) -> None:
    agency = own(bench.db, bench.need, "江夏区城市管理执法局（示例）")
    officer = make_person(bench.db, "publisher", organisation=agency)
    bench.market.corrections.override(bench.broker, bench.pair, "none", REASON)
    page = bench.page(officer)
    assert page.band is Band.NONE
    assert page.override is not None
    assert not page.may_correct
    with pytest.raises(ForbiddenError):
        bench.market.corrections.override(officer, bench.pair, "strong", REASON)


def test_a_withdrawn_correction_leaves_the_machine_s_word(bench: Bench) -> None:
    before = bench.page()
    bench.market.corrections.correct(bench.broker, bench.pair, 0, bench.other(before), REASON)
    told = bench.page().verdicts[0].correction
    assert told is not None
    bench.market.corrections.withdraw(bench.broker, bench.pair, told.key)
    assert bench.page().verdicts == before.verdicts
    with pytest.raises(NotFoundError, match="可能已经撤回"):
        bench.market.corrections.withdraw(bench.broker, bench.pair, told.key)
    (row,) = bench.db.table("verdict_correction").rows
    assert (row["withdrawn_by"], row["live_mark"]) == (bench.broker.account_key, None)
    assert bench.actions()[-2:] == ["verdict.corrected", "verdict.withdrawn"]


def test_an_overridden_band_moves_the_pair_and_keeps_its_score(bench: Bench) -> None:
    stored = bench.rows[0]
    bench.market.corrections.override(bench.broker, bench.pair, "none", "现场考察后不符合")
    rows = matches_of(bench.db, bench.need, Side.OPPORTUNITY)
    moved = find_match(bench.db, *bench.pair)
    assert moved is not None
    assert (moved.band, moved.score) == (Band.NONE, stored.score)
    places = [list(Band).index(row.band) for row in rows]
    assert places == sorted(places)
    assert [rank_of(bench.db, row, Side.OPPORTUNITY)[0] for row in rows] == list(range(1, len(rows) + 1))
    page = bench.page()
    assert page.override is not None
    assert page.override.machine == str(stored.band)
    assert page.rank_for_opportunity is not None
    assert page.rank_for_opportunity[0] == rows.index(moved) + 1
    bench.market.corrections.withdraw(bench.broker, bench.pair, page.override.key)
    assert matches_of(bench.db, bench.need, Side.OPPORTUNITY) == bench.rows


def test_the_start_page_counts_bands_as_they_stand(bench: Bench) -> None:
    with transaction(bench.db):
        sql = "update match set band = 'strong', score = 0.9 where opportunity_key = ? and capability_key = ?"
        bench.db.conn.execute(sql, list(bench.pair))
    before = bench.market.home()
    assert before.strong_pairs == 1
    bench.market.corrections.override(bench.broker, bench.pair, "possible", REASON)
    after = bench.market.home()
    assert after.needs_with_good_match == before.needs_with_good_match - 1
    assert after.strong_pairs == 0
    bench.market.corrections.override(bench.broker, (bench.need, bench.rows[-1].capability_key), "strong", REASON)
    assert bench.market.home().needs_with_good_match == before.needs_with_good_match
    assert bench.market.home().strong_pairs == 1


def test_a_pair_outside_the_stored_best_is_corrected_as_well(bench: Bench) -> None:
    with transaction(bench.db):
        bench.db.table("match").delete_where("opportunity_key = ? and capability_key = ?", list(bench.pair))
    before = bench.page()
    bench.market.corrections.correct(bench.broker, bench.pair, 1, bench.other(before, 1), REASON)
    assert bench.page().verdicts[1].correction is not None


def test_a_band_given_to_an_unstored_pair_counts_on_every_list(bench: Bench, stocked_shop: Shop) -> None:
    with transaction(bench.db):
        bench.db.table("match").delete_where("opportunity_key = ?", [bench.need])
    home = bench.market.home().needs_with_good_match
    assert bench.need not in {one.opportunity.key for one in bench.market.waiting.page(bench.broker).matched}
    bench.market.corrections.override(bench.broker, bench.pair, "strong", REASON)
    assert bench.market.home().needs_with_good_match == home + 1
    (waiting,) = [one for one in bench.market.waiting.page(bench.broker).matched if one.opportunity.key == bench.need]
    assert waiting.candidates[0].capability.key == bench.pair[1]
    assert [row.capability_key for row in matches_of(bench.db, bench.need, Side.OPPORTUNITY)] == [bench.pair[1]]
    assert find_office_faults(bench.db) == []


@pytest.mark.parametrize("renew", [True, False])
def test_a_band_given_by_hand_keeps_its_pair_through_new_matches(
    bench: Bench, stocked_shop: Shop, monkeypatch: pytest.MonkeyPatch, renew: bool
) -> None:
    last = (bench.need, bench.rows[-1].capability_key)
    bench.market.corrections.override(bench.broker, last, "strong", REASON)
    monkeypatch.setattr(matchkeeper, "DEPTH", 1)
    if not renew:
        raw = bench.db.table("posting").get(last[1])
        stocked_shop.take(json.loads(raw["record"]) | {"summary": "另一种说法。"})
    else:
        stocked_shop.work.match()
    stored = find_match(bench.db, *last)
    assert stored is not None
    assert stored.band is Band.STRONG


def test_a_rewritten_requirement_is_judged_by_the_machine_again(bench: Bench) -> None:
    before = bench.page()
    bench.market.corrections.correct(bench.broker, bench.pair, 0, bench.other(before), REASON)
    with transaction(bench.db):
        sql = "update item set text = '另一条要求' where posting_key = ? and position = 0"
        bench.db.conn.execute(sql, [bench.need])
    page = bench.page()
    assert page.verdicts[0].kind is before.verdicts[0].kind
    assert page.verdicts[0].correction is None
    assert [one.requirement for one in page.lapsed] == [0]
    bench.market.corrections.correct(bench.broker, bench.pair, 0, bench.other(before), REASON)
    assert bench.page().lapsed == ()


@pytest.mark.parametrize(
    ("verdict", "reason", "says"),
    [
        ("", REASON, "“判断改为”：没有选择；应为：满足、部分满足、待确认、不符之一"),
        ("maybe", REASON, "没有选择"),
        ("met", "  ", "“理由”：没有填写"),
        ("met", "字" * 301, "发现“301 个字”；应为：1–300 个字"),
        ("met", "联系人张三 13812345678 说可以", "含有个人信息"),
    ],
)
def test_what_is_missing_is_named(bench: Bench, verdict: str, reason: str, says: str) -> None:
    with pytest.raises(FaultyError, match=says):
        bench.market.corrections.correct(bench.broker, bench.pair, 0, verdict, reason)
    assert bench.db.table("verdict_correction").count == 0


def test_no_such_requirement(bench: Bench) -> None:
    with pytest.raises(FaultyError, match="“需求条目”：没有选择"):
        bench.market.corrections.correct(bench.broker, bench.pair, 99, "met", REASON)


def test_saying_what_the_machine_says_is_no_correction(bench: Bench) -> None:
    page = bench.page()
    with pytest.raises(FaultyError, match=r"与系统判断“.+”相同，无需更正"):
        bench.market.corrections.correct(bench.broker, bench.pair, 0, str(page.verdicts[0].kind), REASON)
    with pytest.raises(FaultyError, match=r"与系统判断“.+”相同"):
        bench.market.corrections.override(bench.broker, bench.pair, str(page.band), REASON)


def test_pressing_twice_makes_one_record(bench: Bench) -> None:
    for _ in range(2):
        bench.market.corrections.override(bench.broker, bench.pair, "none", REASON)
    assert bench.db.table("rank_override").count == 1
    assert bench.actions().count("band.overridden") == 1


def test_of_two_matchmakers_one_is_told(bench: Bench) -> None:
    second = make_person(bench.db, "matchmaker")
    bench.market.corrections.override(bench.broker, bench.pair, "none", REASON)
    with pytest.raises(StaleError, match=f"“{bench.broker.name}”刚刚更正过这一项"):
        bench.market.corrections.override(second, bench.pair, "strong", REASON)
    told = bench.page().override
    assert told is not None
    # Who has seen it may replace it.
    bench.market.corrections.override(second, bench.pair, "strong", REASON, seen=[told.key])
    now = bench.page().override
    assert now is not None
    assert (now.value, now.machine, now.name) == ("strong", told.machine, second.name)
    standing = [row for row in bench.db.table("rank_override").rows if row["live_mark"]]
    assert len(standing) == 1


def test_two_at_the_same_moment(bench: Bench) -> None:
    said: list[str] = []
    people = [make_person(bench.db, "matchmaker") for _ in range(2)]
    gate = threading.Barrier(2)

    def run(viewer: Viewer, band: str) -> Callable[[], None]:
        def act() -> None:
            gate.wait()
            try:
                bench.market.corrections.override(viewer, bench.pair, band, REASON)
                said.append("done")
            except StaleError:
                said.append("told")

        return act

    threads = [threading.Thread(target=run(*one)) for one in zip(people, ("none", "strong"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done", "told"]
    assert bench.db.table("rank_override").count == 1


def test_matchmakers_of_other_districts_and_of_a_side_may_not(bench: Bench) -> None:
    company = own(bench.db, bench.pair[1], "武汉楚光智感科技有限公司（示例）", "enterprise")
    far = make_person(bench.db, "matchmaker", districts=("随州市",))
    with pytest.raises(NotFoundError):
        bench.market.corrections.override(far, bench.pair, "none", REASON)
    insider = Viewer(
        bench.broker.account_key, "某人", "x", frozenset({"matchmaker", "company"}), company_of=frozenset({company})
    )
    with pytest.raises(ForbiddenError, match="您是其中一方的成员"):
        bench.market.corrections.override(insider, bench.pair, "none", REASON)
    assert not bench.page(insider).may_correct
    with pytest.raises(NotFoundError):
        bench.market.corrections.override(bench.broker, bench.pair[::-1], "none", REASON)


def test_rescoring_does_not_lose_a_correction(bench: Bench, stocked_shop: Shop) -> None:
    bench.market.corrections.override(bench.broker, bench.pair, "none", REASON)
    stocked_shop.work._keeper().run(renew=True)
    row = find_match(bench.db, *bench.pair)
    assert isinstance(row, MatchRow)
    assert row.band is Band.NONE


def test_nothing_stands_on_a_posting_that_left_and_the_check_would_see_it(bench: Bench) -> None:
    bench.market.corrections.correct(bench.broker, bench.pair, 0, bench.other(bench.page()), REASON)
    bench.market.corrections.override(bench.broker, bench.pair, "none", REASON)
    assert find_office_faults(bench.db) == []
    with transaction(bench.db):
        remove_posting(bench.db, bench.pair[1], Side.CAPABILITY)
    assert find_office_faults(bench.db) == []
    assert [row["live_mark"] for row in bench.db.table("rank_override").rows] == [None]
    with transaction(bench.db):
        bench.db.conn.execute("update verdict_correction set live_mark = '1:2:3'")
    assert find_office_faults(bench.db) == ["verdict_correction 表有 1 行的 capability_key 指向不存在的清单条目"]
