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

BM25, ENCODER, CENTRED, RRF, OURS = "BM25", "编码器", "编码器（去均值）", "RRF", "本系统"
_RRF_K = 60
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


def our_scores(match: CrossMatch) -> Any:
    """Return our scores, pairs that were no candidates at the end."""
    table = match.ranker.table(0)
    return np.round(table.score, 6)


def _whole_texts(postings: Any, encoder: Encoder) -> Any:
    texts = [compose(posting) for posting in sorted(postings, key=lambda posting: posting.id)]
    return encoder.encode([f"{one.title}\n{one.body}" for one in texts])


def _unit(rows: Any) -> Any:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _fuse(first: Any, second: Any) -> Any:
    """Fuse two matrices by the places in each row."""
    total = np.zeros(first.shape)
    for matrix in (first, second):
        places = np.argsort(np.argsort(-matrix, axis=1, kind="stable"), axis=1, kind="stable")
        total += 1 / (_RRF_K + places + 1)
    return total
