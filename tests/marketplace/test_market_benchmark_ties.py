"""Which organisation belongs to which: never a ring, withdrawn when it was wrong, with the sheets given back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from benchmark_tools import YEAR, Round
from people import make_person

from marketplace import ForbiddenError, NotFoundError, RefusedError
from marketplace.store.benchmark_panel import groups_of, parents, reviews_of

PLACE = "评审单位（示例）"


def company_of(year_round: Round, key: int) -> str:
    """The name of the company of a case."""
    company = year_round.db.table("posting").get(year_round.case(key).capability_key)["organisation_key"]
    return str(year_round.db.table("organisation").get(company)["name"])


def seat_of(year_round: Round, key: int, expert: int) -> tuple[str, str] | None:
    """State and ground of an expert's seat at a case."""
    sql = "select state, ground from benchmark_assignment where case_key = ? and account_key = ?"
    found: tuple[str, str] | None = year_round.db.conn.execute(
        sql, [key, year_round.experts[expert].account_key]
    ).fetchone()
    return found


def withdraw(year_round: Round, name: str) -> None:
    """Take a tie back as the page does."""
    (line,) = [one for one in year_round.market.panel.page(year_round.organiser, YEAR).ties if one.organisation == name]
    year_round.market.panel.untie(year_round.organiser, YEAR, line.key)


def test_ties_form_no_ring_however_long(year_round: Round) -> None:
    year_round.set_up()
    year_round.open_call()
    names = [f"{word}集团（示例）" for word in "甲乙丙丁"]
    keys = [year_round.organisation(name, "enterprise") for name in names]
    tie = year_round.market.panel.tie
    for below, above in pairwise(names):
        tie(year_round.organiser, YEAR, below, above)
    for below, above in ((3, 0), (2, 0), (1, 0), (3, 1)):
        with pytest.raises(RefusedError, match="循环隶属") as told:
            tie(year_round.organiser, YEAR, names[below], names[above])
        assert f"“{names[above]}”隶属“{names[above + 1]}”" in str(told.value)
    with pytest.raises(RefusedError, match="相同"):
        tie(year_round.organiser, YEAR, names[0], names[0])
    known = parents(year_round.db)
    assert known == dict(pairwise(keys))
    assert groups_of(known.items()) == dict.fromkeys(keys, frozenset(keys))


def test_a_ring_that_is_stored_already_is_one_group_and_ends() -> None:
    ring = {1: 2, 2: 3, 3: 2, 4: 1, 8: 7}
    groups = groups_of(ring.items())
    assert {groups[key] for key in (1, 2, 3, 4)} == {frozenset({1, 2, 3, 4})}
    assert groups[7] == {7, 8}
    assert 9 not in groups


def test_a_wrong_tie_is_withdrawn_and_the_sheets_come_back(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.mark(key, 0, "80")
    year_round.mark(key, 1, "70", send=False)
    before = reviews_of(year_round.db)
    year_round.market.panel.tie(year_round.organiser, YEAR, PLACE, company_of(year_round, key))
    assert seat_of(year_round, key, 0) == ("recused", "same_group")
    assert reviews_of(year_round.db) == []
    with pytest.raises(ForbiddenError):
        year_round.market.marking.page(year_round.experts[1], key)
    withdraw(year_round, PLACE)
    assert [seat_of(year_round, key, place) for place in range(3)] == [("assigned", "")] * 3
    assert reviews_of(year_round.db) == before
    assert year_round.market.marking.page(year_round.experts[1], key).values["effect"] == "70"
    assert year_round.actions().count("benchmark.interest_gone") == 3
    assert "benchmark.tie_withdrawn" in year_round.actions()
    year_round.mark(key, 1, "80")
    year_round.mark(key, 2, "80")
    year_round.market.board.close_scoring(year_round.organiser, YEAR, year_round.stamp())
    assert str(year_round.market.board.page(year_round.organiser, YEAR).cases[0].total) == "80.00"


def test_another_tie_in_its_place_gives_back_as_well(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.mark(key, 0, "80")
    year_round.organisation("别的集团（示例）", "enterprise")
    year_round.market.panel.tie(year_round.organiser, YEAR, PLACE, company_of(year_round, key))
    year_round.market.panel.tie(year_round.organiser, YEAR, PLACE, "别的集团（示例）")
    assert seat_of(year_round, key, 0) == ("assigned", "")
    assert len(reviews_of(year_round.db)) == 1


def test_whom_something_else_keeps_out_stays_out(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.mark(key, 0, "80")
    company = year_round.db.table("posting").get(year_round.case(key).capability_key)["organisation_key"]
    year_round.market.marking.stand_aside(year_round.experts[1], key, "与能力单位有合作")
    year_round.market.panel.tie(year_round.organiser, YEAR, PLACE, company_of(year_round, key))
    year_round.db.table("membership").insert(
        {"account_key": year_round.experts[0].account_key, "role": "company", "organisation_key": company,
         "districts": "[]"}
    )  # fmt: skip
    withdraw(year_round, PLACE)
    assert seat_of(year_round, key, 0) == ("recused", "same_group")
    assert seat_of(year_round, key, 1) == ("recused", "declared")
    assert seat_of(year_round, key, 2) == ("assigned", "")
    assert reviews_of(year_round.db) == []


def test_where_all_places_are_taken_the_sheet_comes_back_with_the_seat(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.mark(key, 0, "80")
    year_round.market.panel.tie(year_round.organiser, YEAR, PLACE, company_of(year_round, key))
    year_round.organisation("另一评审单位（示例）")
    people = [make_person(year_round.db, "expert").account_key for _ in range(5)]
    for one in people:
        year_round.market.panel.add(year_round.organiser, YEAR, one, "另一评审单位（示例）")
    year_round.market.panel.assign(year_round.organiser, key, people)
    withdraw(year_round, PLACE)
    assert seat_of(year_round, key, 0) is None
    assert reviews_of(year_round.db) == []
    own = year_round.experts[0].account_key
    year_round.market.panel.assign(year_round.organiser, key, [own, *people[:4]])
    assert [one.account_key for one in reviews_of(year_round.db)] == [own]


def test_who_may_withdraw_and_what_is_gone_is_told(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    year_round.market.panel.tie(year_round.organiser, YEAR, PLACE, company_of(year_round, key))
    own = year_round.organisation(PLACE)
    for viewer in (year_round.experts[0], year_round.admin):
        with pytest.raises(ForbiddenError):
            year_round.market.panel.untie(viewer, YEAR, own)
    withdraw(year_round, PLACE)
    with pytest.raises(NotFoundError):
        year_round.market.panel.untie(year_round.organiser, YEAR, own)


def test_a_merged_organisation_counts_as_what_it_became(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    company = year_round.db.table("posting").get(year_round.case(key).capability_key)["organisation_key"]
    between, place = year_round.organisation("合并中的单位（示例）"), year_round.organisation(PLACE)
    for own, into in ((place, between), (between, company)):
        year_round.db.table("organisation").update(own, {"merged_into": into})
    (case,) = year_round.market.panel.page(year_round.organiser, YEAR).cases
    assert {(seat.state, seat.why) for seat in case.seats} == {("barred", "与任一方同一单位")}
    with pytest.raises(ForbiddenError):
        year_round.market.marking.page(year_round.experts[0], key)


def test_ties_of_a_merged_organisation_count_for_what_it_became(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    group = year_round.organisation("旧集团（示例）", "enterprise")
    became = year_round.organisation("新集团（示例）", "enterprise")
    tie, merges = year_round.market.panel.tie, year_round.market.organisations
    tie(year_round.organiser, YEAR, PLACE, "旧集团（示例）")
    merge = merges.merge(year_round.organiser, became, group)
    with pytest.raises(RefusedError, match="循环隶属"):
        tie(year_round.organiser, YEAR, "新集团（示例）", PLACE)
    year_round.market.panel.page(year_round.organiser, YEAR)
    tie(year_round.organiser, YEAR, company_of(year_round, key), "新集团（示例）")
    assert seat_of(year_round, key, 0) == ("recused", "same_group")
    # Taken apart again they are two groups; the tie noted of the old one is where it was.
    merges.undo_merge(year_round.organiser, merge)
    assert parents(year_round.db)[year_round.organisation(PLACE)] == group
    withdraw(year_round, company_of(year_round, key))
    tie(year_round.organiser, YEAR, company_of(year_round, key), "新集团（示例）")
    assert seat_of(year_round, key, 0) == ("assigned", "")


def test_of_two_ties_that_a_merge_brings_together_both_count(year_round: Round) -> None:
    (key,) = year_round.begin_scoring(1)
    names = [f"{word}（示例）" for word in ("甲集团", "乙集团", "甲院", "乙院")]
    _, _, kept, merged = (year_round.organisation(name, "enterprise") for name in names)
    tie = year_round.market.panel.tie
    for below, above in ((2, 0), (3, 1)):
        tie(year_round.organiser, YEAR, names[below], names[above])
    tie(year_round.organiser, YEAR, PLACE, names[0])
    tie(year_round.organiser, YEAR, company_of(year_round, key), names[1])
    assert seat_of(year_round, key, 0) == ("assigned", "")
    year_round.market.organisations.merge(year_round.organiser, kept, merged)
    (case,) = year_round.market.panel.page(year_round.organiser, YEAR).cases
    assert {seat.why for seat in case.seats if seat.state == "barred"} == {"与任一方同一集团或上级"}
