"""Fair exposure, the declared rotation, and what people say of pairs."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import make_person, own

from marketplace import FaultyError, ForbiddenError, Market, MarketSettings, NotFoundError, Sight, Viewer
from marketplace.access import ADMIN, COMPANY, MATCHMAKER, PUBLISHER
from marketplace.insight import REASONS, FeedbackForm, FunnelQuery
from marketplace.insight.exposure import gini, top_share
from marketplace.rotation import rotated
from marketplace.rules import FairnessRules
from marketplace.store.insight import Counter as Counting
from matching import Band, Side

DAY = date(2026, 6, 1)
VISITOR = Viewer()
BOSS = Viewer(account_key=1, roles=frozenset({ADMIN}))
OPEN = Sight(public=True)


@dataclass(frozen=True)
class Row:
    capability_key: int
    score: float
    band: Band = Band.GOOD


rows = st.lists(
    st.tuples(st.floats(0, 1), st.integers(1, 10**6)), max_size=40, unique_by=lambda pair: pair[1]
).map(lambda pairs: [
    Row(key, score, Band.STRONG if score >= 0.5 else Band.GOOD if score >= 0.2 else Band.NONE if score < 0.06
        else Band.POSSIBLE)
    for score, key in sorted(pairs, key=lambda pair: -pair[0])
])  # fmt: skip


@given(rows, st.integers(0, 10).map(lambda points: points / 100), st.integers(1, 2**62))
def test_rotation_moves_only_the_near_and_keeps_ranks(given_rows: list[Row], width: float, need: int) -> None:
    shown, rule = rotated(given_rows, need, width=width, day=DAY)
    assert sorted(rank for rank, _ in shown) == list(range(1, len(given_rows) + 1))
    assert all(given_rows[rank - 1] is row for rank, row in shown)
    for place, (_, row) in enumerate(shown):
        for _, later in shown[place + 1 :]:
            assert later.score <= row.score + width + 1e-6
            assert list(Band).index(later.band) >= list(Band).index(row.band)
    assert [row for _, row in shown if row.band is Band.NONE] == [row for row in given_rows if row.band is Band.NONE]
    assert rotated(given_rows, need, width=width, day=DAY) == (shown, rule)
    if width == 0:
        assert rule is None
        assert [rank for rank, _ in shown] == list(range(1, len(given_rows) + 1))
    else:
        assert rule is not None
        assert rule.seed == f"2026-06-01-{need}"


def test_over_the_days_every_near_one_comes_first() -> None:
    near = [Row(key, 0.41 - key / 1000) for key in range(8)]
    first = Counter(
        rotated(near, 7, width=0.02, day=DAY + timedelta(days=number))[0][0][1].capability_key for number in range(400)
    )
    assert set(first) == set(range(8))
    assert max(first.values()) < 400 / 8 * 2
    assert {tuple(rank for rank, _ in rotated(near, need, width=0.02, day=DAY)[0]) for need in range(9)} != {
        tuple(range(1, 9))
    }


def crowded(market: Market) -> int:
    """A need with several capabilities of nearly the same score."""
    db = market._keeper.db
    need = next(iter(db.query("select opportunity_key as k, count(*) as n from match group by 1 order by n desc")))["k"]
    keys = [row["capability_key"] for row in db.query(
        "select capability_key from match where opportunity_key = ? order by score desc", [need])]  # fmt: skip
    for place, key in enumerate(keys):
        db.conn.execute(
            "update match set score = ?, band = 'good' where opportunity_key = ? and capability_key = ?",
            [0.40 - place / 1000, need, key],
        )
    return int(need)


def test_the_page_shows_stored_ranks_in_the_order_of_the_day(stocked: MarketSettings) -> None:
    market = Market(stocked)
    need = crowded(market)
    page = market.opportunity_page(need, OPEN, top=50)
    assert page.rotation is not None
    assert page.rotation.seed == f"{date.today().isoformat()}-{need}"
    assert page.matches is not None
    ranks = [match.rank for match in page.matches]
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    assert ranks != sorted(ranks)
    for match in page.matches[:5]:
        pair = market.pair_page(need, match.counterpart.key, OPEN)
        assert pair.rank_for_opportunity is not None
        assert pair.rank_for_opportunity[0] == match.rank
        assert pair.score == match.score
    still = Market(replace(stocked, fairness=FairnessRules(rotation_points=0)))
    page = still.opportunity_page(need, OPEN, top=50)
    assert page.rotation is None
    assert [match.rank for match in page.matches or ()] == sorted(ranks)


def test_who_sees_only_the_own_pairs_sees_no_rotation(market: Market) -> None:
    need = crowded(market)
    row = market._keeper.db.query("select capability_key as k from match where opportunity_key = ?", [need])
    offer = next(iter(row))["k"]
    firm = own(market._keeper.db, offer, "某公司（示例）", "enterprise")
    viewer = make_person(market._keeper.db, COMPANY, organisation=firm)
    market = Market(market.settings)
    page = market.opportunity_page(need, Sight(viewer))
    assert page.rotation is None
    assert [match.counterpart.key for match in page.matches or ()] == [offer]


def counts(market: Market, table: str) -> list[tuple[object, ...]]:
    return list(market._keeper.db.conn.execute(f"select * from [{table}] order by 1"))


def first_offers(market: Market, number: int = 3) -> list[int]:
    return [row.key for row in market._keeper.desk().side(Side.CAPABILITY)[:number]]


def test_showings_add_up_by_day_and_place(market: Market) -> None:
    offers, today = first_offers(market), date.today().isoformat()
    market.exposure.note(VISITOR, "list", offers)
    market.exposure.note(VISITOR, "list", offers[:1])
    market.exposure.note(VISITOR, "opportunity", offers[:1])
    assert market.exposure.write()
    shown = {(row[0], row[2]): row[3] for row in counts(market, "exposure") if row[1] == today}
    assert shown == {(offers[0], "list"): 2, (offers[1], "list"): 1, (offers[2], "list"): 1,
                     (offers[0], "opportunity"): 1}  # fmt: skip


def test_the_own_people_and_the_staff_make_nothing_seen(market: Market) -> None:
    db = market._keeper.db
    offer = first_offers(market, 1)[0]
    need = market._keeper.desk().side(Side.OPPORTUNITY)[0].key
    firm, agency = own(db, offer, "某公司（示例）", "enterprise"), own(db, need, "某局（示例）")
    market = Market(market.settings)
    for viewer in (
        make_person(db, PUBLISHER, organisation=agency), make_person(db, MATCHMAKER), BOSS,
    ):  # fmt: skip
        market.exposure.note(viewer, "opportunity", [offer], opened=need)
    assert market.exposure.write()
    assert counts(market, "view_count") == []
    assert [row[3] for row in counts(market, "exposure")] == [3]
    # A company that opens a need is somebody from outside, but its own offer there is not shown to others.
    market.exposure.note(make_person(db, COMPANY, organisation=firm), "opportunity", [offer], opened=need)
    market.exposure.note(VISITOR, "opportunity", (), opened=need)
    market.exposure.note(VISITOR, "opportunity", (), opened=offer + 10**6)
    assert market.exposure.write()
    assert [(row[0], row[2]) for row in counts(market, "view_count")] == [(need, 2)]
    assert [row[3] for row in counts(market, "exposure")] == [3]
    steps = market.funnel.page(BOSS, FunnelQuery()).steps
    assert (steps[1].code, steps[1].needs) == ("viewed", 1)


def test_while_another_writes_nothing_waits_and_nothing_is_lost(market: Market) -> None:
    offers = first_offers(market)
    other = sqlite3.connect(market.settings.database, isolation_level=None)
    other.execute("begin immediate")
    market.exposure.note(VISITOR, "list", offers)
    assert not market.exposure.write()
    other.execute("commit")
    other.close()
    assert market.exposure.write()
    assert len(counts(market, "exposure")) == len(offers)


def test_a_count_that_fails_leaves_nothing_half_written(market: Market) -> None:
    counter = Counting(market.settings.database)
    with pytest.raises(sqlite3.IntegrityError):
        counter.add({(1, "2026-06-01", "list"): 1, (2, "2026-06-01", "list"): None}, {})  # type: ignore[dict-item]
    assert counts(market, "exposure") == []
    assert counter.add({(1, "2026-06-01", "list"): 1}, {})
    counter.close()


def test_one_page_is_one_write(market: Market) -> None:
    market.exposure.note(VISITOR, "list", first_offers(market, 20))
    before = market._keeper.db.conn.execute("pragma data_version").fetchone()[0]
    market.exposure.note(VISITOR, "list", first_offers(market, 20))
    assert market._keeper.db.conn.execute("pragma data_version").fetchone()[0] == before


def test_the_report_tells_who_is_never_shown(market: Market) -> None:
    every = market._keeper.desk().side(Side.CAPABILITY)
    empty = market.exposure.page(BOSS)
    assert (empty.never, empty.never_share, empty.begun, empty.gini) == (len(every), 1.0, "", None)
    assert len(empty.unseen) == len(every)
    for row in every[2:]:
        market.exposure.note(VISITOR, "list", [row.key])
    market.exposure.note(VISITOR, "opportunity", [every[2].key] * 3)
    page = market.exposure.page(BOSS)
    assert {card.key for card in page.unseen} == {row.key for row in every[:2]}
    assert page.never_share == 2 / len(every)
    assert (page.lines[0].shown, page.lines[0].never) == (len(every) - 2, 2)
    assert (page.lines[2].shown, page.lines[2].capabilities) == (3, 1)
    assert page.begun == date.today().isoformat()
    later = market.exposure.page(BOSS, 30, today=date.today() + timedelta(days=31))
    assert later.never == len(every)
    far = make_person(market._keeper.db, MATCHMAKER, districts=("黄石市",))
    assert market.exposure.page(far).capabilities == sum(row.region == "黄石市" for row in every)
    with pytest.raises(ForbiddenError):
        market.exposure.page(make_person(market._keeper.db, PUBLISHER))


def test_measures_of_evenness() -> None:
    assert gini([3, 3, 3]) == pytest.approx(0)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert gini([]) is gini([0, 0]) is None
    assert top_share([10] + [1] * 10) == 0.5
    assert top_share([0, 0]) is None


@pytest.fixture
def pair(market: Market) -> tuple[int, int]:
    row = next(iter(market._keeper.db.query("select opportunity_key as o, capability_key as c from match limit 1")))
    return row["o"], row["c"]


def test_one_word_of_each_person_changed_at_will(market: Market, pair: tuple[int, int]) -> None:
    maker, other = (make_person(market._keeper.db, MATCHMAKER) for _ in range(2))
    book = market.feedback
    book.give(maker, *pair, FeedbackForm("unfit", "other_subject", position=4, place="opportunity"))
    book.give(other, *pair, FeedbackForm("useful"))
    book.give(maker, *pair, FeedbackForm("useful", "other_subject", " 见过样机 13800001234 ", 2, "capability"))
    rows = list(market._keeper.db.table("feedback").rows)
    kept = [(row["useful"], row["position"], row["place_kind"]) for row in rows]
    assert kept == [(1, 2, "capability"), (1, 0, "pair")]
    assert rows[0]["reason_code"] == ""
    assert "13800001234" not in rows[0]["note"]
    assert book.of(maker, [pair])[pair].useful
    assert book.of(VISITOR, [pair]) == {}
    page = market.opportunity_page(pair[0], Sight(maker), top=50)
    assert [m.feedback is not None for m in page.matches or () if m.counterpart.key == pair[1]] == [True]
    assert page.may_judge
    assert not market.opportunity_page(pair[0], OPEN).may_judge
    assert book.take_back(maker, *pair)
    assert not book.take_back(maker, *pair)
    assert len(list(market._keeper.db.table("feedback").rows)) == 1
    told = market._keeper.db.query("select action from audit where action like 'feedback%'")
    actions = [row["action"] for row in told]
    assert actions == ["feedback.given"] * 3 + ["feedback.withdrawn"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (FeedbackForm(""), "verdict"),
        (FeedbackForm("maybe"), "verdict"),
        (FeedbackForm("unfit"), "reason"),
        (FeedbackForm("unfit", "no_such"), "reason"),
        (FeedbackForm("unfit", "other"), "note"),
        (FeedbackForm("unfit", "not_ripe", "长" * 301), "note"),
    ],
)
def test_what_cannot_be_used_is_named(market: Market, pair: tuple[int, int], form: FeedbackForm, field: str) -> None:
    maker = make_person(market._keeper.db, MATCHMAKER)
    with pytest.raises(FaultyError) as refusal:
        market.feedback.give(maker, *pair, form)
    assert [one.field for one in refusal.value.faults] == [field]
    assert counts(market, "feedback") == []


def test_nobody_judges_what_is_not_to_be_seen(market: Market, pair: tuple[int, int]) -> None:
    form = FeedbackForm("useful")
    stranger = make_person(market._keeper.db, COMPANY, organisation=77)
    with pytest.raises(NotFoundError):
        market.feedback.give(stranger, *pair, form)
    with pytest.raises(NotFoundError):
        market.feedback.give(stranger, pair[1], pair[0], form, public=True)
    with pytest.raises(ForbiddenError):
        market.feedback.give(VISITOR, *pair, form, public=True)
    market.feedback.give(stranger, *pair, form, public=True)
    assert len(counts(market, "feedback")) == 1


def test_every_reason_says_of_what_kind_it_is() -> None:
    assert {kind for _, kind in REASONS.values()} == {"topical", "eligible", "record"}
    assert len({label for label, _ in REASONS.values()}) == len(REASONS)
