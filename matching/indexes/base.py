"""The one interface every vector index keeps, and what a search returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from matching.encoders.base import Vectors
from matching.errors import IndexFaultError


class Hit(NamedTuple):
    """A found posting; scores of one search compare, higher is better."""

    key: int
    score: float


class VectorIndex(Protocol):
    """Vectors by integer key, searched by inner product; equal scores come in key order."""

    dim: int

    def add(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Insert vectors, replacing those of the same key."""
        ...

    def remove(self, keys: Sequence[int]) -> int:
        """Take keys out; return how many were there."""
        ...

    def search(self, vector: Vectors, limit: int) -> list[Hit]:
        """Return the ``limit`` nearest keys, fewer when there are not as many."""
        ...

    def count(self) -> int:
        """Return how many vectors are held."""
        ...


def check_shape(dim: int, keys: Sequence[int], vectors: Vectors) -> None:
    """Raise IndexFaultError unless ``vectors`` has one row of ``dim`` a key."""
    if vectors.ndim != 2 or vectors.shape != (len(keys), dim):
        raise IndexFaultError(f"向量形状为 {vectors.shape}，应为 ({len(keys)}, {dim})；索引未改动。")


def check_query(dim: int, vector: Vectors) -> None:
    """Raise IndexFaultError unless ``vector`` has ``dim`` values."""
    if vector.shape != (dim,):
        raise IndexFaultError(f"查询向量形状为 {vector.shape}，应为 ({dim},)。")
