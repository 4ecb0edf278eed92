"""Scores, bands, order and candidates."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from factories import make_capability, make_opportunity

from matching import Band, Engine, ModelError, Prepared, load_model
from matching.ranking import PairTable
from matching.ranking.candidates import candidate_mask
from matching.ranking.model import FEATURES

WEIGHTS = Path(__file__).resolve().parents[2] / "data" / "ranking" / "weights.json"
Lists = tuple[list[Prepared], list[Prepared]]


def test_contributions_add_up_to_the_log_odds(engine: Engine, some: Lists) -> None:
    needs = [*some[0][:5], *engine.prepare([make_opportunity(id="ZZ", requirements=())])]
    match = engine.match(needs, some[1])
    for need in range(len(needs)):
        for offer in (0, 11, 39):
            pair = match.ranker.pair(need, offer)
            assert sum(pair.contributions.values()) == pytest.approx(math.log(pair.score / (1 - pair.score)))
            assert set(pair.contributions) == {"intercept", *FEATURES}
            assert pair.score == pytest.approx(match.table.score[need, offer], abs=1e-8)
            assert match.place(pair.opportunity_id, pair.capability_id) == (need, offer)


def test_pair_from_stored_features_is_the_same_pair(engine: Engine, some: Lists) -> None:
    match = engine.match(*some)
    stored = match.table.features[3, 4]
    assert match.ranker.pair(3, 4, stored).score == pytest.approx(match.ranker.pair(3, 4).score, abs=1e-8)


def test_needs_with_and_without_requirements_are_weighed_apart(engine: Engine) -> None:
    needs = engine.prepare([make_opportunity(id="a"), make_opportunity(id="b", requirements=())])
    match = engine.match(needs, engine.prepare([make_capability()]))
    assert [match.ranker.regime(row) for row in (0, 1)] == ["listed", "unlisted"]
    assert [match.has_requirements(row) for row in (0, 1)] == [True, False]
    assert match.ranker.pair(1, 0).contributions["intercept"] == engine.model.regimes["unlisted"].intercept


def test_bands_begin_at_their_threshold(engine: Engine) -> None:
    model = replace(engine.model, bands={Band.STRONG: 0.5, Band.GOOD: 0.2, Band.POSSIBLE: 0.06})
    scores = (1, 0.5, 0.499999, 0.2, 0.199999, 0.06, 0.059999, 0)
    assert "".join(str(model.band(score))[0] for score in scores) == "ssggppnn"


def test_shipped_bands_are_in_order(engine: Engine) -> None:
    strong, good, possible = (engine.model.bands[band] for band in (Band.STRONG, Band.GOOD, Band.POSSIBLE))
    assert 1 > strong > good > possible > 0


def test_ties_at_six_decimals_come_by_position() -> None:
    score = np.array([[0.3000004, 0.3000001, 0.9, 0.3000002]])
    table = PairTable(score, np.array([[True, True, True, True]]), None)
    assert table.offers_for(0) == [2, 0, 1, 3]
    assert PairTable(score, score > 0.3000001, None).offers_for(0) == [2, 0, 3]
    assert PairTable(score.T, score.T < 0.5, None).needs_for(0) == [0, 1, 3]


def test_like_offers_are_listed_by_id(engine: Engine) -> None:
    offers = engine.prepare([make_capability(id=name) for name in ("丙", "B", "a", "A", "Ａ")])
    match = engine.match(engine.prepare([make_opportunity()]), offers)
    order = [match.capability_ids[place] for place in match.table.offers_for(0)]
    assert order == ["A", "B", "a", "丙", "Ａ"]


def test_like_meaning_and_words_beat_a_stranger(engine: Engine) -> None:
    stranger = make_capability(
        id="A", title="食堂后厨监控", summary="明厨亮灶。", features=("后厨鼠患识别",), cases=(), domains=("商贸消费",)
    )
    match = engine.match(engine.prepare([make_opportunity()]), engine.prepare([stranger, make_capability()]))
    assert match.table.offers_for(0) == [1, 0]


def test_one_pair_and_unknown_ids(engine: Engine) -> None:
    match = engine.match(engine.prepare([make_opportunity()]), engine.prepare([make_capability()]))
    assert match.place("JH-001", "NL-001") == (0, 0)
    with pytest.raises(KeyError):
        match.place("JH-001", "NL-002")


def test_all_pairs_of_short_lists_are_candidates() -> None:
    assert candidate_mask([np.zeros((3, 4))], 4).all()
    assert candidate_mask([np.zeros((30, 40))], 0).all()


def test_candidates_are_the_best_of_row_or_column_in_any_signal() -> None:
    first = np.array([[5, 4, 0], [3, 9, 0], [2, 8, 1.0]])
    mask = candidate_mask([first], 1)
    assert mask.tolist() == [[True, False, False], [False, True, False], [False, True, True]]
    both = candidate_mask([first, np.fliplr(first)], 1)
    assert (both >= mask).all()
    assert both[0, 2]


def test_border_ties_are_taken_by_position_alone() -> None:
    assert candidate_mask([np.zeros((1, 4))], 2).tolist() == [[True, True, True, True]]
    mask = candidate_mask([np.zeros((4, 4))], 2)
    assert mask.tolist() == [[True] * 4, [True] * 4, [True, True, False, False], [True, True, False, False]]


def test_fewer_candidates_score_the_same(engine: Engine, some: Lists) -> None:
    ranker = engine.match(*some).ranker
    few, everything = ranker.table(5), ranker.table(0)
    assert 0 < few.considered.sum() < everything.considered.sum()
    assert np.abs((few.score - everything.score)[few.considered]).max() < 1e-8
    assert not few.score[~few.considered].any()


def spoilt(**parts: Any) -> str:
    return json.dumps(json.loads(WEIGHTS.read_text(encoding="utf-8")) | parts)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", spoilt(bands={"strong": 0.5}), spoilt(score={}), spoilt(evidence={"intercept": 0, "weights": {}})],
)
def test_incomplete_weights_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="排序权重文件"):
        load_model(path)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="读不到或不完整"):
        load_model(tmp_path / "none.json")
