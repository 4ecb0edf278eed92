"""The word index on tantivy over our own tokens; the only module that imports it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import tantivy

from matching.indexes.base import Hit

_HEAP = 30_000_000


class LexicalIndex:
    """BM25 over ready tokens, held in memory; a commit makes changes visible."""

    def __init__(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("key", stored=True, indexed=True)
        builder.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        self._writer = self._index.writer(heap_size=_HEAP, num_threads=1)

    def replace(self, put: Iterable[tuple[int, Sequence[str]]], remove: Iterable[int] = ()) -> None:
        """Put documents in place of those of the same key, take others out, and commit."""
        for key in remove:
            self._writer.delete_documents_by_term("key", key)
        for key, words in put:
            self._writer.delete_documents_by_term("key", key)
            self._writer.add_document(tantivy.Document(key=key, words=" ".join(words)))
        self._writer.commit()
        self._index.reload()

    def search(self, words: Sequence[str], limit: int) -> list[Hit]:
        """Return the best documents that hold any of ``words``, ties by key."""
        if not words or limit < 1:
            return []
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "words", word))
            for word in dict.fromkeys(words)
        ]
        searcher = self._index.searcher()
        found = searcher.search(tantivy.Query.boolean_query(terms), limit).hits
        hits = [Hit(int(searcher.doc(address)["key"][0]), float(score)) for score, address in found]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key))

    def count(self) -> int:
        """Return how many documents are held."""
        return int(self._index.searcher().num_docs)
