"""Search in a worker: loads the encoder aside, keeps both sides' indexes current."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from marketplace.desk import DeskKeeper
from marketplace.settings import MarketSettings
from marketplace.store.changes import changes_after, last_change, read_value
from marketplace.store.database import snapshot_read
from marketplace.store.postings import load_rows, load_vectors
from matching import (
    Encoder,
    LiveIndex,
    MatchingError,
    PostingVectors,
    SearchRow,
    Side,
    compose,
    load_encoder,
    new_vector_index,
    shared_segmenter,
)

ENCODER, ENCODER_NAME, DIMENSION = "encoder", "encoder_name", "dimension"


class Finder:
    """Finds postings by words at once, and by meaning as soon as the encoder is loaded."""

    def __init__(self, settings: MarketSettings, keeper: DeskKeeper, encoder: Encoder | None = None) -> None:
        self._settings, self._keeper = settings, keeper
        self._encoder = encoder
        self._loading = threading.Lock()
        self._making = threading.Lock()
        self._indexes: dict[Side, LiveIndex] = {}
        self._model = ""
        self.problem: str | None = None
        self._encode = lru_cache(maxsize=2000)(self._encode_query)

    @property
    def ready(self) -> bool:
        """Whether meaning takes part in searches."""
        return self._encoder is not None

    @property
    def encoder(self) -> Encoder | None:
        """The loaded encoder, None until it is there."""
        return self._encoder

    def warm_up(self) -> None:
        """Load the encoder and lay both indexes in a thread of its own; return at once."""
        if self._encoder is None and self._loading.acquire(blocking=False):
            threading.Thread(target=self._load, name="load-encoder", daemon=True).start()

    def _load(self) -> None:
        try:
            self._encoder = load_encoder(self._settings.matching)
            self.problem = None
            # A long list takes seconds to lay out: not in the first visitor's search.
            self.seen()
        except MatchingError as error:
            self.problem = str(error)
        finally:
            self._loading.release()

    def words(self, text: str) -> tuple[str, ...]:
        """Return the words of a query."""
        return tuple(shared_segmenter(self._settings.matching.data_dir / "lexicon").tokens(text))

    def search(self, side: Side, text: str) -> tuple[dict[int, int], bool]:
        """Return place by key, best first, and whether meaning took part."""
        index = self._index(side)
        encoder = self._encoder
        semantic = encoder is not None and encoder.fingerprint == self._model
        vector = self._encode(text) if semantic else None
        hits = index.search(self.words(text), vector)
        return {hit.key: place for place, hit in enumerate(hits)}, semantic

    def holding(self, side: Side, text: str) -> set[int]:
        """Return the postings that hold every word of a query; meaning takes no part."""
        index = self._index(side)
        index.catch_up()
        every = max(1, index.count())
        found = [{hit.key for hit in index.search((word,), None, every)} for word in dict.fromkeys(self.words(text))]
        return set.intersection(*found) if found else set()

    def seen(self) -> int:
        """Return the change number the indexes have followed to, catching up first."""
        indexes = [self._index(side) for side in Side]
        for index in indexes:
            index.catch_up()
        return min(index.seen for index in indexes)

    def _encode_query(self, text: str) -> np.ndarray:
        if self._encoder is None:
            raise RuntimeError("the encoder is not loaded")
        vector: np.ndarray = self._encoder.encode([text])[0]
        return vector

    def _index(self, side: Side) -> LiveIndex:
        db = self._keeper.db
        model = read_value(db, ENCODER) or ""
        with self._making:
            if model != self._model:
                # Vectors of another encoder cannot be compared: begin anew.
                self._indexes.clear()
                self._encode.cache_clear()
                self._model = model
            known = self._indexes.get(side)
            # A database put back from a backup is older than what was seen: begin anew.
            if known is None or known.seen > last_change(db):
                dim = int(read_value(db, DIMENSION) or 1)
                self._indexes[side] = LiveIndex(
                    new_vector_index(dim),
                    lambda: last_change(self._keeper.db),
                    lambda after: self._changes(side, after),
                )
            return self._indexes[side]

    def _changes(self, side: Side, after: int) -> tuple[int, Iterable[SearchRow]]:
        db = self._keeper.db
        with snapshot_read(db):
            newest = last_change(db)
            if after == 0:
                rows = load_rows(db, side=side)
                vectors = load_vectors(db, self._model)
                gone: list[int] = []
            else:
                moved = [change for change in changes_after(db, after) if change.side is side]
                put = [change.key for change in moved if change.op == "put"]
                rows = load_rows(db, put)
                vectors = load_vectors(db, self._model, put) if put else {}
                gone = [change.key for change in moved if change.op != "put"]
        segmenter = shared_segmenter(self._settings.matching.data_dir / "lexicon")
        found = []
        for row in rows:
            if row.key in vectors:
                texts = compose(row.posting)
                words: Sequence[str] = segmenter.tokens(f"{texts.title}\n{texts.body}\n{_names(row.posting)}")
                found.append(SearchRow(row.key, _whole(vectors[row.key]), words))
        return newest, [*found, *(SearchRow(key, None, None) for key in gone)]


def _names(posting: object) -> str:
    return str(getattr(posting, "publisher", "") or getattr(posting, "company", ""))


def _whole(vectors: PostingVectors) -> np.ndarray:
    mean = (vectors.title + vectors.body) / np.float32(2)
    result: np.ndarray = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return result
