"""The exact index in plain NumPy: the reference every other index is held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.encoders.base import Vectors
from matching.indexes.base import Hit, check_query, check_shape


class ExactIndex:
    """A dictionary of vectors; every search looks at all of them."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._rows: dict[int, Vectors] = {}

    def add(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Insert vectors, replacing those of the same key."""
        check_shape(self.dim, keys, vectors)
        self._rows.update((int(key), row.astype(np.float32)) for key, row in zip(keys, vectors, strict=True))

    def remove(self, keys: Sequence[int]) -> int:
        """Take keys out; return how many were there."""
        return sum(self._rows.pop(int(key), None) is not None for key in keys)

    def search(self, vector: Vectors, limit: int) -> list[Hit]:
        """Return the ``limit`` nearest keys."""
        check_query(self.dim, vector)
        scored = [Hit(key, float(row @ vector)) for key, row in self._rows.items()]
        return sorted(scored, key=lambda hit: (-hit.score, hit.key))[: max(0, limit)]

    def count(self) -> int:
        """Return how many vectors are held."""
        return len(self._rows)
