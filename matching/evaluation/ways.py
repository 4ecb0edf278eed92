"""The ways to rank that ours is held against, each as one score matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from matching.encoders.base import Encoder
from matching.engine import CrossMatch
from matching.evaluation.judged import JudgedSet
from matching.shelf import WordSpace
from matching.text.recipe import compose

BM25, ENCODER, CENTRED, RRF, MIX, OURS = "BM25", "编码器", "编码器（去均值）", "RRF", "未训练混合", "本系统"
_RRF_K = 60
# Shares of the untrained mix: nothing of it was fitted, so that what training gains can be told.
MIX_BM25 = 0.2
Scores = Mapping[str, Any]


def baseline_scores(judged: JudgedSet, match: CrossMatch, encoder: Encoder) -> tuple[Scores, Scores]:
    """Return the baselines' score matrices for either direction, rows and columns sorted by id.

    Encoder alone is the cosine of whole texts (title and body encoded as one); centred is the
    same after each list's own mean is removed; RRF is equal-weight fusion of encoder and BM25, with
    the places taken on the list that is ranked. Both matrices have shape (needs, offers).
    """
    needs, offers = match.ranker.needs, match.ranker.offers
    words = WordSpace(match.snapshot, needs, offers)
    queries = words.queries([row.tokens for row in needs.rows])
    bm25 = (queries @ words.documents([row.tokens for row in offers.rows]).T).toarray()
    left = _whole_texts(judged.opportunities, encoder)
    right = _whole_texts(judged.capabilities, encoder)
    encoded = left @ right.T
    centred = _unit(left - left.mean(axis=0)) @ _unit(right - right.mean(axis=0)).T
    plain = {BM25: bm25, ENCODER: encoded, CENTRED: centred}
    return {**plain, RRF: _fuse(encoded, bm25)}, {**plain, RRF: _fuse(encoded.T, bm25.T).T}


def untrained_mix(match: CrossMatch) -> tuple[Any, Any]:
    """Return z(centred) + z(coverage) + 0.2 z(BM25) for either direction; shape (needs, offers) both.

    z is taken over the list that is ranked. Centred is the cosine of the centred whole postings,
    coverage the mean over requirements of the best centred cosine of a passage.
    """
    needs, offers = match.ranker.needs, match.ranker.offers
    words = WordSpace(match.snapshot, needs, offers)
    queries = words.queries([row.tokens for row in needs.rows])
    bm25 = (queries @ words.documents([row.tokens for row in offers.rows]).T).toarray()
    best = np.maximum.reduceat(needs.items @ offers.items.T, offers.starts[:-1], axis=1)
    coverage = np.add.reduceat(best, needs.starts[:-1], axis=0) / np.diff(needs.starts)[:, None]
    parts = ((needs.whole @ offers.whole.T, 1.0), (coverage, 1.0), (bm25, MIX_BM25))
    forth, back = (sum(share * _standard(matrix, axis) for matrix, share in parts) for axis in (1, 0))
    return forth, back


def our_scores(match: CrossMatch) -> Any:
    """Return our scores, pairs that were no candidates at the end."""
    table = match.ranker.table(0)
    return np.round(table.score, 6)


def _whole_texts(postings: Any, encoder: Encoder) -> Any:
    texts = [compose(posting) for posting in sorted(postings, key=lambda posting: posting.id)]
    return encoder.encode([f"{one.title}\n{one.body}" for one in texts])


def _unit(rows: Any) -> Any:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _standard(matrix: Any, axis: int) -> Any:
    """Return standard deviations above the mean along an axis; a flat list is all zeros."""
    matrix = matrix.astype(np.float64)
    spread = matrix.std(axis=axis, keepdims=True)
    return (matrix - matrix.mean(axis=axis, keepdims=True)) / np.where(spread > 0, spread, 1.0)


def _fuse(first: Any, second: Any) -> Any:
    """Fuse two matrices by the places in each row."""
    total = np.zeros(first.shape)
    for matrix in (first, second):
        places = np.argsort(np.argsort(-matrix, axis=1, kind="stable"), axis=1, kind="stable")
        total += 1 / (_RRF_K + places + 1)
    return total
