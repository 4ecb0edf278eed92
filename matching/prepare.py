"""Postings made ready for comparison: texts composed, encoded, segmented."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.encoders.base import Encoder, Vectors
from matching.records import Posting
from matching.text.places import own_names, without_names
from matching.text.recipe import PostingTexts, compose
from matching.text.segment import Segmenter


@dataclass(frozen=True, slots=True)
class PostingVectors:
    """Raw unit vectors of one posting: title and body of shape (dim,), items of (passages, dim)."""

    title: Vectors
    body: Vectors
    items: Vectors


@dataclass(frozen=True, slots=True)
class Prepared:
    """A posting with its texts, vectors and words; ``item_tokens`` runs beside the passages."""

    posting: Posting
    texts: PostingTexts
    vectors: PostingVectors
    tokens: tuple[str, ...]
    item_tokens: tuple[tuple[str, ...], ...]

    @property
    def id(self) -> str:
        """The posting's own id."""
        return self.posting.id


def encode_postings(postings: Sequence[Posting], encoder: Encoder) -> list[PostingVectors]:
    """Encode every text of ``postings`` once, equal texts only once; return them in order.

    Names of places and of the own organisation are no part of what is encoded.
    """
    composed = [
        [without_names(text, names) for text in _texts(compose(posting))]
        for posting, names in ((posting, own_names(posting)) for posting in postings)
    ]
    order: dict[str, int] = {}
    for texts in composed:
        for text in texts:
            order.setdefault(text, len(order))
    rows = encoder.encode(list(order))
    result = []
    for title, body, *passages in composed:
        result.append(PostingVectors(rows[order[title]], rows[order[body]], rows[[order[one] for one in passages]]))
    return result


def prepare(postings: Iterable[Posting], vectors: Iterable[PostingVectors], segmenter: Segmenter) -> list[Prepared]:
    """Join postings with their vectors and cut their texts, names left out, into words."""
    cache: dict[str, tuple[str, ...]] = {}

    def words(text: str) -> tuple[str, ...]:
        if text not in cache:
            cache[text] = tuple(segmenter.tokens(text))
        return cache[text]

    prepared = []
    for posting, own in zip(postings, vectors, strict=True):
        texts, names = compose(posting), own_names(posting)
        items = tuple(words(without_names(passage.text, names)) for passage in texts.passages)
        whole_text = without_names(f"{texts.title}\n{texts.body}", names)
        prepared.append(Prepared(posting, texts, own, words(whole_text), items))
    return prepared


def whole(vectors: PostingVectors) -> Vectors:
    """Return the posting's one vector: the mean of title and body, not normalised."""
    mean: Vectors = (vectors.title + vectors.body) / np.float32(2)
    return mean


def _texts(texts: PostingTexts) -> list[str]:
    return [texts.title, texts.body, *(passage.text for passage in texts.passages)]
