"""One side's indexes in a worker, kept current by change number before every search."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from matching.encoders.base import Vectors
from matching.indexes.base import Hit, VectorIndex
from matching.indexes.lexical import LexicalIndex

_RRF_K = 60
# By meaning every posting is somewhat near; only the nearest few count as found.
MEANING_DEPTH = 20
# Words typed by a person are meant: a hit on words weighs double.
WORD_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A posting as the indexes hold it; ``vector`` and ``words`` are None once it is gone."""

    key: int
    vector: Vectors | None
    words: Sequence[str] | None


class LiveIndex:
    """Vector and word index that follow a change log.

    ``version`` is a cheap number that moves when anything was committed elsewhere; ``changes``
    returns (newest change number, changed rows) after a given number.
    """

    def __init__(
        self,
        vectors: VectorIndex,
        version: Callable[[], int],
        changes: Callable[[int], tuple[int, Iterable[SearchRow]]],
    ) -> None:
        self._vectors, self._words = vectors, LexicalIndex()
        self._version, self._changes = version, changes
        self._lock = threading.Lock()
        self._last_version: int | None = None
        self.seen = 0

    def catch_up(self) -> int:
        """Apply every change since the last one seen; return how many postings moved."""
        version = self._version()
        if version == self._last_version:
            return 0
        with self._lock:
            newest, rows = self._changes(self.seen)
            moved = list(rows)
            self._apply(moved)
            self.seen, self._last_version = newest, version
        return len(moved)

    def _apply(self, rows: list[SearchRow]) -> None:
        gone = [row.key for row in rows if row.vector is None or row.words is None]
        put = [(row.key, row.vector, row.words) for row in rows if row.vector is not None and row.words is not None]
        self._vectors.remove(gone)
        for key, vector, _ in put:
            self._vectors.add([key], vector[None])
        if rows:
            self._words.replace([(key, words) for key, _, words in put], gone)

    def search(self, words: Sequence[str], vector: Vectors | None, limit: int = 1000) -> list[Hit]:
        """Return postings that hold the words or, given a vector, lie nearest to it.

        Fused by weighted reciprocal rank, ties by key.
        """
        self.catch_up()
        with self._lock:
            by_words = self._words.search(words, limit)
            by_meaning = self._vectors.search(vector, MEANING_DEPTH) if vector is not None else []
        scores: dict[int, float] = {}
        for weight, hits in ((WORD_WEIGHT, by_words), (1.0, by_meaning)):
            for place, hit in enumerate(hits, 1):
                scores[hit.key] = scores.get(hit.key, 0.0) + weight / (_RRF_K + place)
        fused = [Hit(key, score) for key, score in scores.items()]
        return sorted(fused, key=lambda hit: (-hit.score, hit.key))[:limit]

    def count(self) -> int:
        """Return how many postings are searchable."""
        return self._vectors.count()
