"""Searchable copies of the postings: by meaning, by words, and kept current by change number."""

from matching.indexes.base import Hit, VectorIndex
from matching.indexes.exact import ExactIndex
from matching.indexes.faiss_index import FaissIndex, new_vector_index
from matching.indexes.lexical import LexicalIndex
from matching.indexes.live import LiveIndex, SearchRow

__all__ = [
    "ExactIndex",
    "FaissIndex",
    "Hit",
    "LexicalIndex",
    "LiveIndex",
    "SearchRow",
    "VectorIndex",
    "new_vector_index",
]
