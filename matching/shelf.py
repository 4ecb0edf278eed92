"""One side of the cross-match as arrays: centred vectors and weighted words, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from matching.encoders.base import Vectors
from matching.prepare import Prepared, whole
from matching.records import Side
from matching.statistics import Snapshot

K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Shelf:
    """Arrays of one side; rows are of unit length and, but for ``raw``, centred on the side's mean.

    ``raw`` and ``whole`` have shape (postings, dim), ``items`` (passages, dim); the passages of
    posting i are rows ``starts[i]`` to ``starts[i + 1]``.
    """

    side: Side
    rows: tuple[Prepared, ...]
    raw: Vectors
    whole: Vectors
    items: Vectors
    starts: Any

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids in row order."""
        return tuple(row.id for row in self.rows)


def build_shelf(side: Side, rows: Sequence[Prepared], snapshot: Snapshot) -> Shelf:
    """Stack ``rows`` in their order; at least one row."""
    means = snapshot.means[side]
    together = np.stack([whole(row.vectors) for row in rows])
    starts = np.concatenate([[0], np.cumsum([len(row.texts.passages) for row in rows])])
    return Shelf(
        side,
        tuple(rows),
        centre(together, np.zeros_like(means["whole"])),
        centre(together, means["whole"]),
        centre(np.concatenate([row.vectors.items for row in rows]), means["item"]),
        starts,
    )


def centre(rows: Vectors, mean: Vectors) -> Vectors:
    """Subtract ``mean`` from every row and scale each to unit length; a zero row stays zero."""
    moved = rows - mean
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    result: Vectors = (moved / np.maximum(norms, 1e-9)).astype(np.float32)
    return result


class WordSpace:
    """Word matrices of two shelves over one vocabulary, weighted by a snapshot's rarity."""

    def __init__(self, snapshot: Snapshot, *shelves: Shelf) -> None:
        words = {word for shelf in shelves for row in shelf.rows for word in row.tokens}
        words |= {word for shelf in shelves for row in shelf.rows for item in row.item_tokens for word in item}
        self._column = {word: number for number, word in enumerate(sorted(words))}
        self._idf = np.array([snapshot.idf(word) for word in sorted(words)] or [0.0])
        self._length = snapshot.length or 1.0

    def documents(self, texts: Sequence[Sequence[str]]) -> Any:
        """Return saturated BM25 term weights, idf included: CSR of shape (texts, words)."""
        data, columns, starts = [], [], [0]
        for words in texts:
            norm = K1 * (1 - B + B * len(words) / self._length)
            for word, count in sorted(Counter(words).items()):
                column = self._column[word]
                columns.append(column)
                data.append(self._idf[column] * count * (K1 + 1) / (count + norm))
            starts.append(len(columns))
        return sparse.csr_matrix((data, columns, starts), shape=(len(texts), len(self._idf)))

    def queries(self, texts: Sequence[Sequence[str]]) -> Any:
        """Return which words each text holds as ones: CSR of shape (texts, words)."""
        columns, starts = [], [0]
        for words in texts:
            columns += sorted(self._column[word] for word in set(words))
            starts.append(len(columns))
        ones = np.ones(len(columns))
        return sparse.csr_matrix((ones, columns, starts), shape=(len(texts), len(self._idf)))

    def mass(self, texts: Sequence[Sequence[str]]) -> Any:
        """Return the summed rarity of each text's distinct words, at least a little above zero."""
        return np.maximum(self.queries(texts) @ self._idf, 1e-6)

    @property
    def idf(self) -> Any:
        """Rarity by column."""
        return self._idf
