"""One contract for every vector index, and the word index."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from matching import MatchingError
from matching.errors import IndexFaultError
from matching.indexes import ExactIndex, FaissIndex, LexicalIndex, VectorIndex, new_vector_index

DIM = 16
FP16 = 2e-3
E = np.eye(DIM, dtype=np.float32)


@pytest.fixture(params=[ExactIndex, FaissIndex])
def index(request: pytest.FixtureRequest) -> VectorIndex:
    made: VectorIndex = request.param(DIM)
    return made


def unit(rows: int, seed: int) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(rows, DIM)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert index.search(E[0], 5) == []
    assert (index.count(), index.dim, index.remove([1])) == (0, DIM, 0)


def test_nearest_first_and_no_padding(index: VectorIndex) -> None:
    index.add([7, 2**62], np.stack([E[0], (E[0] + E[1]) / np.sqrt(2)]).astype(np.float32))
    hits = index.search(E[0], 10)
    assert [hit.key for hit in hits] == [7, 2**62]
    assert [hit.score for hit in hits] == pytest.approx([1, 0.7071], abs=FP16)


@pytest.mark.parametrize("limit", [0, -1])
def test_no_limit_below_one_finds_anything(index: VectorIndex, limit: int) -> None:
    index.add([1, 2], E[:2])
    assert index.search(E[0], limit) == []


def test_adding_a_key_again_replaces_its_vector(index: VectorIndex) -> None:
    index.add([1, 2], E[:2])
    index.add([1], E[3:4])
    assert index.count() == 2
    assert index.search(E[3], 1)[0] == (1, pytest.approx(1))
    assert index.search(E[0], 1)[0].score == pytest.approx(0)


def test_last_vector_of_a_key_given_twice_counts(index: VectorIndex) -> None:
    index.add([1, 1], E[:2])
    assert index.count() == 1
    assert index.search(E[1], 1)[0] == (1, pytest.approx(1))


def test_removing_counts_what_was_there(index: VectorIndex) -> None:
    index.add([1, 2, 3], E[:3])
    assert index.remove([2, 9, 2]) == 1
    assert index.remove([]) == 0
    assert {hit.key for hit in index.search(E[1], 9)} == {1, 3}


def test_adding_nothing_changes_nothing(index: VectorIndex) -> None:
    index.add([], np.zeros((0, DIM), np.float32))
    assert index.count() == 0


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_equal_scores_come_by_key_also_at_the_border(index: VectorIndex, limit: int) -> None:
    index.add([5, 3, 9, 1, 7], np.repeat(E[:1], 5, axis=0))
    index.add([2], E[1:2])
    assert [hit.key for hit in index.search(E[0], limit)] == [1, 3, 5, 7, 9, 2][:limit]


@pytest.mark.parametrize("shape", [(1, DIM - 1), (2, DIM), (DIM,), (1, 1, DIM)])
def test_wrong_shape_is_our_own_error_and_changes_nothing(index: VectorIndex, shape: tuple[int, ...]) -> None:
    with pytest.raises(IndexFaultError, match="索引未改动"):
        index.add([1], np.zeros(shape, np.float32))
    assert index.count() == 0


@pytest.mark.parametrize("shape", [(DIM + 1,), (1, DIM), (0,)])
def test_wrong_query_is_our_own_error(index: VectorIndex, shape: tuple[int, ...]) -> None:
    with pytest.raises(MatchingError, match="查询向量形状"):
        index.search(np.zeros(shape, np.float32), 1)


@pytest.mark.parametrize("make", [ExactIndex, FaissIndex])
def test_a_thousand_random_operations_agree_with_a_dictionary(make: Callable[[int], VectorIndex]) -> None:
    index, truth, dice = make(DIM), {}, random.Random(7)
    rows = unit(400, 1)
    for step in range(1000):
        keys = [dice.randrange(60) for _ in range(dice.randrange(1, 5))]
        if dice.random() < 0.6:
            vectors = rows[[dice.randrange(400) for _ in keys]]
            index.add(keys, vectors)
            truth.update(zip(keys, vectors, strict=True))
        else:
            assert index.remove(keys) == sum(truth.pop(key, None) is not None for key in keys)
        assert index.count() == len(truth)
        if step % 20 == 0:
            agree(index, truth, rows[step % 400], dice.randrange(1, 70))


def agree(index: VectorIndex, truth: dict[int, np.ndarray], query: np.ndarray, limit: int) -> None:
    exact = {key: float(row @ query) for key, row in truth.items()}
    hits = index.search(query, limit)
    assert [hit.score for hit in hits] == pytest.approx(sorted(exact.values(), reverse=True)[:limit], abs=FP16)
    assert [hit.score for hit in hits] == pytest.approx([exact[hit.key] for hit in hits], abs=FP16)
    assert len({hit.key for hit in hits}) == len(hits)
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.key))


def test_workers_use_the_faiss_index() -> None:
    assert isinstance(new_vector_index(DIM), FaissIndex)


@pytest.fixture
def words() -> LexicalIndex:
    index = LexicalIndex()
    index.replace([(1, ["井盖", "告警"]), (5, ["污水", "曝气"]), (2, ["井盖"]), (3, ["井盖"])])
    return index


def test_documents_that_hold_a_word_ties_by_key(words: LexicalIndex) -> None:
    assert [hit.key for hit in words.search(["井盖"], 9)] == [2, 3, 1]
    assert [hit.key for hit in words.search(["曝气", "告警", "告警"], 9)] == [1, 5]
    assert words.count() == 4


@pytest.mark.parametrize(("query", "limit"), [([], 5), (["井盖"], 0), (["井盖"], -1), (["无人机"], 5), (["井"], 5)])
def test_nothing_to_find(words: LexicalIndex, query: list[str], limit: int) -> None:
    assert words.search(query, limit) == []


def test_replaced_and_removed_documents(words: LexicalIndex) -> None:
    words.replace([(1, ["污水"])], remove=[2, 77])
    assert [hit.key for hit in words.search(["井盖"], 9)] == [3]
    assert {hit.key for hit in words.search(["污水"], 9)} == {1, 5}
    assert words.count() == 3


@pytest.mark.parametrize("word", ["key:1", "*", '"', "a AND b", "🚁", "+", "c++", "("])
def test_signs_of_a_query_language_mean_nothing(words: LexicalIndex, word: str) -> None:
    assert words.search([word], 5) == []
