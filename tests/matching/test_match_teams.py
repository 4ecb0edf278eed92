"""Teams: the smallest set that proves most, lead first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from factories import make_capability, make_opportunity
from hypothesis import given, settings
from hypothesis import strategies as st
from test_match_evidence import BY_WORDS

from matching import Engine
from matching.teams import MAX_MEMBERS, choose_team


def chosen(*rows: list[float], price: float = 0.2, members: int = MAX_MEMBERS) -> tuple[tuple[int, ...], ...]:
    choice = choose_team(np.array(rows, float), price, members)
    return choice.members, choice.covered


def test_one_that_covers_all_alone_is_a_team_of_one() -> None:
    assert chosen([0.9, 0.9, 0], [0.9, 0, 0.95], [0.9, 0, 0]) == ((0,), (0, 1, 2))


def test_two_that_complete_each_other_lead_covers_most() -> None:
    assert chosen([0.9, 0], [0, 0.9], [0, 0.9]) == ((1, 0), (0, 1, 2))


def test_equal_leads_come_by_position() -> None:
    assert chosen([0, 0.9], [0.9, 0])[0] == (0, 1)


def test_nothing_proved_is_no_team() -> None:
    assert chosen([0, 0], [0, 0]) == ((), ())


def test_uncovered_requirement_stays_out() -> None:
    assert chosen([0.9], [0]) == ((0,), (0,))


def test_a_member_must_be_worth_its_price() -> None:
    assert chosen([0.9, 0.95], [0.9, 0], price=0.2) == ((0,), (0, 1))
    assert chosen([0.9, 0], [0, 0.3], price=0.5)[0] == (0,)
    assert chosen([0.9, 0], [0, 0.3], price=0.2)[0] == (0, 1)


def test_even_a_dear_single_member_is_named() -> None:
    assert chosen([0.3], price=0.9) == ((0,), (0,))


def test_who_covers_all_well_needs_no_partner_who_proves_a_part_better() -> None:
    assert chosen([0.8, 0.99], [0.8, 0.99], [0.8, 0], price=0.25)[0] == (0,)
    assert chosen([0.8, 0], [0.8, 0], [0.4, 0.99], price=0.25)[0] == (0, 1)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_at_most_so_many_members(limit: int) -> None:
    members, covered = chosen(*np.eye(4).tolist(), members=limit)
    assert sorted(members) == sorted(covered)
    assert len(members) == limit


proofs = st.integers(1, 4).flatmap(
    lambda rows: st.lists(
        st.lists(st.sampled_from([0.0, 0.3, 0.6, 0.9]), min_size=rows, max_size=rows), min_size=1, max_size=5
    )
)


@settings(max_examples=60)
@given(proofs, st.sampled_from([0.1, 0.25, 0.7]), st.integers(1, 3))
def test_no_other_team_is_better(columns: list[list[float]], price: float, limit: int) -> None:
    proof = np.array(columns).T
    choice = choose_team(proof, price, limit)
    members = list(choice.members)
    assert len(members) <= limit
    if not proof.any():
        assert members == []
        return
    if (proof >= 1 - price).all(axis=0).any():
        assert len(members) == 1
        return
    assert list(choice.covered) == np.flatnonzero(proof[:, members].max(axis=1) > 0).tolist()
    best = max(
        _worth(proof, [c for c in range(len(columns)) if mask >> c & 1], price)
        for mask in range(1, 2 ** len(columns))
        if mask.bit_count() <= limit
    )
    assert _worth(proof, members, price) == pytest.approx(best)


def _worth(proof: np.ndarray, members: list[int], price: float) -> float:
    return float(proof[:, members].max(axis=1).sum() - price * len(members))


@pytest.fixture(scope="module")
def plain(engine: Engine) -> Engine:
    return replace(engine, model=replace(engine.model, evidence=BY_WORDS, member_price=0.2))


REQUIREMENTS = ("井盖移位自动告警", "管道淤积声呐测量")


def test_team_of_two_by_ids(plain: Engine) -> None:
    offers = [
        make_capability(id="B", features=("井盖移位自动告警",), summary="", cases=()),
        make_capability(id="A", features=("管道淤积声呐测量",), summary="", cases=()),
        make_capability(id="C", features=("食堂后厨监控",), summary="", cases=()),
    ]
    match = plain.match(plain.prepare([make_opportunity(requirements=REQUIREMENTS)]), plain.prepare(offers))
    team = match.team(0)
    assert (team.members, team.covered, team.uncovered) == (("A", "B"), (0, 1), ())
    assert len(match.team(0, 1).members) == 1


def test_need_nobody_serves_has_no_team(plain: Engine) -> None:
    offers = plain.prepare([make_capability(features=("食堂后厨监控",), summary="", cases=())])
    team = plain.match(plain.prepare([make_opportunity(requirements=REQUIREMENTS)]), offers).team(0)
    assert (team.members, team.covered, team.uncovered) == ((), (), (0, 1))


def test_need_without_requirements_has_no_team(plain: Engine) -> None:
    need = plain.prepare([make_opportunity(requirements=())])
    team = plain.match(need, plain.prepare([make_capability()])).team(0)
    assert (team.members, team.covered, team.uncovered) == ((), (), ())
